"""Markdown that this project wrote (model cards, study cards) read back as sentences, lists and tables."""

from collections.abc import Iterator
from dataclasses import dataclass

from experiments.listing import Listing


@dataclass(frozen=True)
class Said:
    """A paragraph, or a point of a list. May hold `code` and **strong** words."""

    text: str
    point: bool = False


@dataclass(frozen=True)
class Plain:
    """Text whose columns stand in line, as on a console."""

    text: str


Block = Said | Plain | Listing

FENCE = "```"


def blocks(text: str, heading: str = "") -> list[Block]:
    """What a card says, or what it says under one heading of the second level.

    Headings of the third level become titles of the tables after them; other headings are left out.
    """
    lines = text.splitlines()
    if heading:
        lines = _under(lines, heading)
    return list(_parts(lines, heading.lower()))


def _under(lines: list[str], heading: str) -> list[str]:
    start = next((place for place, line in enumerate(lines) if line == f"## {heading}"), None)
    if start is None:
        return []
    end = next((place for place in range(start + 1, len(lines)) if lines[place].startswith("## ")), len(lines))
    return lines[start + 1 : end]


def _parts(lines: list[str], untitled: str) -> Iterator[Block]:
    title, place = "", 0
    while place < len(lines):
        line = lines[place]
        if line.startswith(FENCE):
            end = next((at for at in range(place + 1, len(lines)) if lines[at].startswith(FENCE)), len(lines))
            yield Plain("\n".join(kept.rstrip() for kept in lines[place + 1 : end]))
            place = end
        elif line.startswith("|"):
            end = next((at for at in range(place, len(lines)) if not lines[at].startswith("|")), len(lines))
            yield _table(title or untitled, lines[place:end])
            title, place = "", end - 1
        elif line.startswith("### "):
            title = line.removeprefix("### ")
        elif line.startswith("- "):
            yield Said(line.removeprefix("- "), point=True)
        elif line and not line.startswith("#"):
            yield Said(f"{title}: {line}" if title else line)
            title = ""
        place += 1


def _table(title: str, lines: list[str]) -> Listing:
    head, rule, *rows = (_cells(line) for line in lines)
    right = tuple(name for name, under in zip(head, rule, strict=True) if under.endswith(":"))
    return Listing(title, head, tuple(rows), right)


def _cells(line: str) -> tuple[str, ...]:
    parts = line.replace("\\|", "\0").strip().removeprefix("|").removesuffix("|").split("|")
    return tuple(part.strip().replace("\0", "|") for part in parts)
