"""A table of findings, once, for the console and for the card of a run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rich.table import Table

from alliance.terminal import table
from experiments.metrics import Estimate


@dataclass(frozen=True)
class Listing:
    """Rows of text under a title.

    Attributes:
        title: what the rows are.
        columns: heads.
        rows: as many cells as heads each; a row of empty cells parts groups.
        right: heads of columns of numbers.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[str, ...] = ()

    def rich(self) -> Table:
        """For the console."""
        made = table(self.title, *self.columns, right=self.right)
        for column in made.columns:
            column.no_wrap = column.header in self.right
        for row in self.rows:
            made.add_row(*row)
        return made

    def markdown(self) -> str:
        """For a card."""
        rule = tuple("---:" if head in self.right else "---" for head in self.columns)
        lines = (self.columns, rule, *(row for row in self.rows if any(row)))
        return f"### {self.title}\n\n" + "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def kept(shown: Table) -> Listing:
    """A table of the console as a listing."""
    heads = tuple(str(column.header) for column in shown.columns)
    rows = tuple(zip(*(map(str, column.cells) for column in shown.columns), strict=True))
    right = tuple(head for head, column in zip(heads, shown.columns, strict=True) if column.justify == "right")
    return Listing(str(shown.title or ""), heads, rows, right)


def value(estimate: Estimate | None, digits: int = 4) -> str:
    """A value; empty for none."""
    return "" if estimate is None else f"{estimate.value:.{digits}f}"


def interval(estimate: Estimate | None, digits: int = 3) -> str:
    """The interval of a value; empty for none."""
    return "" if estimate is None else f"{estimate.low:.{digits}f} to {estimate.high:.{digits}f}"


def gain(estimate: Estimate | None, digits: int = 3) -> str:
    """A difference with its interval and signs; empty for none."""
    if estimate is None:
        return ""
    return f"{estimate.value:+.{digits}f} ({estimate.low:+.{digits}f} to {estimate.high:+.{digits}f})"


def left_out(skipped: Mapping[str, str]) -> Listing:
    """Who is not in a table, and why."""
    return listing("left out", "by|because", skipped.items())


def listing(title: str, columns: str, rows: Iterable[Iterable[str]], right: str = "") -> Listing:
    """A listing whose heads are parted by bars."""
    heads = tuple(columns.split("|"))
    return Listing(title, heads, tuple(map(tuple, rows)), tuple(right.split("|")) if right else ())
