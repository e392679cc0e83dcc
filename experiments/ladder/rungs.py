"""The sets of columns a ladder compares."""

from collections.abc import Sequence
from dataclasses import dataclass

from alliance.errors import InvalidInput
from alliance.signals import PILLAR_NAMES, Pillar
from experiments.datasets.dataset import Column

STEPS: tuple[Pillar, ...] = (
    Pillar.FINANCIAL, Pillar.TECHNOLOGY, Pillar.TEAM, Pillar.BUSINESS_MODEL, Pillar.VENTURE,
)  # fmt: skip
"""From what every lender has to what only an alliance sees, in the order of the founding case; the rest comes last."""

STRATEGIC = STEPS[1:]
"""The pillars a verdict is given on."""

ALL = "all"


@dataclass(frozen=True)
class Rung:
    """A set of columns.

    Attributes:
        name: what tables call it.
        columns: the columns.
        added, left_out: the pillar it adds to the rung before, or that it lacks; at most one of them.
    """

    name: str
    columns: tuple[Column, ...]
    added: Pillar | None = None
    left_out: Pillar | None = None


def ladder_rungs(columns: Sequence[Column]) -> tuple[Rung, ...]:
    """Financials alone, then one pillar more on each rung, then all columns; a pillar without columns has no rung.

    Raises:
        InvalidInput: the columns are of fewer than two pillars.
    """
    present = _pillars(columns)
    if len(present) < 2:
        raise InvalidInput(
            "These data know no pillars, so there is no ladder to climb.",
            remedy="Use an alliance store or the Crunchbase cohort, or compare peers instead.",
        )
    rungs: list[Rung] = []
    for step in STEPS:
        if step in present:
            before = rungs[-1].columns if rungs else ()
            added = tuple(column for column in columns if column.pillar in (step, *(c.pillar for c in before)))
            rungs.append(Rung(f"+ {_name(step)}" if rungs else f"{_name(step)} only", added, added=step))
    if len(rungs[-1].columns) < len(columns):
        rungs.append(Rung(ALL, tuple(columns)))
    return tuple(rungs)


def without_pillars(columns: Sequence[Column]) -> tuple[Rung, ...]:
    """All columns but those of one pillar, for each pillar there is."""
    return tuple(
        Rung(
            f"without {_name(pillar)}",
            tuple(column for column in columns if column.pillar != pillar),
            left_out=pillar,
        )
        for pillar in _pillars(columns)
    )


def _pillars(columns: Sequence[Column]) -> list[Pillar]:
    return [pillar for pillar in Pillar if any(column.pillar == pillar for column in columns)]


def _name(pillar: Pillar) -> str:
    return PILLAR_NAMES[pillar][1]
