"""``experiments validate`` from end to end."""

from dataclasses import dataclass
from pathlib import Path

from alliance.config import Settings
from experiments.validation.kept import evidence_of, keep_report
from experiments.validation.markdown import markdown
from experiments.validation.page import page
from experiments.validation.report import Report, report


@dataclass(frozen=True)
class Written:
    """The report, and where it lies.

    Attributes:
        report: what was written.
        html, text: the page, and the same in Markdown.
    """

    report: Report
    html: Path
    text: Path


def validate(settings: Settings, folder: Path, run_id: str = "") -> Written:
    """Write a model's validation report to a folder and into its MLflow run.

    Args:
        run_id: of the run that made the model; by default the champion's.

    Raises:
        NotFound: no such run, or no champion.
    """
    found = report(evidence_of(settings, run_id))
    files = {"report.html": page(found), "report.md": markdown(found)}
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"validation-{found.run_id[:8]}"
    html, text = folder / f"{stem}.html", folder / f"{stem}.md"
    html.write_text(files["report.html"], encoding="utf-8")
    text.write_text(files["report.md"], encoding="utf-8")
    keep_report(settings, found.run_id, files)
    return Written(found, html, text)
