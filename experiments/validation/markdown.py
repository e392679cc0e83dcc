"""The report in Markdown: one file, pictures within."""

import base64
from itertools import pairwise

from experiments.listing import Listing
from experiments.study import SIMULATED
from experiments.validation.cards import FENCE, Plain, Said
from experiments.validation.report import Report
from experiments.validation.section import Part, Picture


def markdown(report: Report) -> str:
    """The whole report."""
    parts = [
        f"# {report.title}",
        f"MLflow run `{report.run_id}`.",
        *([f"**{SIMULATED}**"] if report.simulated else []),
        report.contents().markdown(),
    ]
    for place, section in enumerate(report.sections, start=1):
        parts += [f"## {place}. {section.title} ({section.status})", *map(_part, section.parts)]
    parts += ["## Where each figure was read", report.traces().markdown()]
    return _joined(parts)


def _part(part: Part) -> str:
    match part:
        case Said():
            return f"- {part.text}" if part.point else part.text
        case Plain():
            return f"{FENCE}\n{part.text}\n{FENCE}"
        case Picture():
            return f"![{part.caption}](data:image/png;base64,{base64.b64encode(part.png).decode('ascii')})"
        case Listing():
            return part.markdown()


def _joined(parts: list[str]) -> str:
    """Paragraphs parted by an empty line, points of a list by none."""
    text = parts[0]
    for before, after in pairwise(parts):
        text += "\n" if before.startswith("- ") and after.startswith("- ") else "\n\n"
        text += after
    return text + "\n"
