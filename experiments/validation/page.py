"""The report as one HTML page: pictures within, nothing fetched, fit to print."""

import base64
import re
from collections.abc import Iterable
from html import escape
from importlib.resources import files

from experiments.listing import Listing
from experiments.study import SIMULATED
from experiments.validation.cards import Plain, Said
from experiments.validation.report import Report
from experiments.validation.section import Part, Picture, Section

STYLE = "page.css"

LONG = 20
"""Rows of a table up to which it lies open; longer ones open at a click, and in print."""


def page(report: Report) -> str:
    """The whole page."""
    body = [
        f"<h1>{escape(report.title)}</h1>",
        f'<p class="run">MLflow run <code>{escape(report.run_id)}</code></p>',
        f'<p class="warning">{escape(SIMULATED)}</p>' if report.simulated else "",
        _contents(report),
        *(_section(place, section) for place, section in enumerate(report.sections, start=1)),
        '<section id="traces"><h2>Where each figure was read</h2>'
        "<p>Each number of this report was read from MLflow, none was computed for it.</p>",
        _table(report.traces(), "traces"),
        "</section>",
    ]
    style = files("experiments.validation").joinpath(STYLE).read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(report.title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        + "\n".join(filter(None, body))
        + "\n</body>\n</html>\n"
    )


def _contents(report: Report) -> str:
    rows = [
        f'<tr><td class="number">{place}</td><td><a href="#section-{place}">{escape(one.title)}</a></td>'
        f"<td>{_status(one)}</td><td>{inline(one.summary)}</td></tr>"
        for place, one in enumerate(report.sections, start=1)
    ]
    head = "<tr><th></th><th>section</th><th>status</th><th>in a line</th></tr>"
    return f'<nav><table class="contents"><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table></nav>'


def _status(section: Section) -> str:
    return f'<span class="status {section.status.name.lower()}">{escape(str(section.status))}</span>'


def _section(place: int, section: Section) -> str:
    head = f"<h2>{place}. {escape(section.title)} {_status(section)}</h2>"
    return f'<section id="section-{place}">\n{head}\n' + "\n".join(_parts(section.parts)) + "\n</section>"


def _parts(parts: Iterable[Part]) -> Iterable[str]:
    points: list[str] = []
    for part in parts:
        if isinstance(part, Said) and part.point:
            points.append(f"<li>{inline(part.text)}</li>")
            continue
        if points:
            yield f"<ul>{''.join(points)}</ul>"
            points = []
        yield _part(part)
    if points:
        yield f"<ul>{''.join(points)}</ul>"


def _part(part: Part) -> str:
    match part:
        case Said():
            missing = ' class="missing"' if part.text.startswith("**Not examined**") else ""
            return f"<p{missing}>{inline(part.text)}</p>"
        case Plain():
            return f"<pre>{escape(part.text)}</pre>"
        case Picture():
            data, caption = base64.b64encode(part.png).decode("ascii"), escape(part.caption)
            image = f'<img src="data:image/png;base64,{data}" alt="{caption}">'
            return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"
        case Listing():
            return _table(part)


def _table(found: Listing, kind: str = "") -> str:
    aligned = [' class="number"' if head in found.right else "" for head in found.columns]
    head = "".join(f"<th{cell}>{inline(name)}</th>" for name, cell in zip(found.columns, aligned, strict=True))
    rows = "".join(
        "<tr>" + "".join(f"<td{cell}>{inline(text)}</td>" for text, cell in zip(row, aligned, strict=True)) + "</tr>"
        for row in found.rows
    )
    caption = f"<caption>{inline(found.title)}</caption>" if found.title else ""
    named = f' class="{kind}"' if kind else ""
    whole = f"<table{named}>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    if len(found.rows) <= LONG:
        return f'<div class="wide">{whole}</div>'
    summary = f"<summary>{inline(found.title or 'table')} ({len(found.rows)} rows)</summary>"
    return f'<details class="wide">{summary}{whole}</details>'


def inline(text: str) -> str:
    """Text with `code` and **strong** words as HTML; all else escaped."""
    shown = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", shown)
