"""Figures over a cohort that give none of its companies away. Pure.

Source: the rules of statistical disclosure control for tables: a smallest cell, no dominating giver, no answer that
differs from another by less than a cell (Willenborg and de Waal, Elements of Statistical Disclosure Control, 2001).
Answers are compared in pairs; what three or more together give away is not looked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, quantiles

from alliance.rights.access import Reason
from alliance.rights.ladder import banded
from alliance.signals import Field, FieldType

DOMINANT = 0.8
"""Share of a figure that one giver may bring at most: else the figure is as good as its own.

The alliance's own choice, between the 70 and 90 per cent that dominance rules of statistical offices use.
"""

MEASURED = frozenset({FieldType.INTEGER, FieldType.MONEY, FieldType.NUMBER, FieldType.SHARE})


@dataclass(frozen=True)
class Contribution:
    """A company's part in a figure.

    Attributes:
        company_id, value: whose value, and what.
        fact: which fact it is of, and since when its claims are known: another one is another contribution.
        givers: members whose claims it rests on.
        hidden: whether the asking member may not see it as it is.
    """

    company_id: str
    value: float
    fact: str
    givers: frozenset[str]
    hidden: bool


@dataclass(frozen=True)
class Figures:
    """What is told of a cohort.

    Attributes:
        companies: how many contribute.
        mean: of their values.
        quartiles: the band each of the three lies in; a quartile of few is somebody's value.
    """

    companies: int
    mean: float
    quartiles: tuple[str, ...]


def figures(field: Field, cohort: Sequence[Contribution]) -> Figures:
    """Figures of a cohort that ``objection`` has nothing against.

    Args:
        field: one whose type is among ``MEASURED``.
    """
    values = sorted(one.value for one in cohort)
    whole = field.type in {FieldType.INTEGER, FieldType.MONEY}
    bands = (banded(field, round(cut) if whole else cut) for cut in quantiles(values, n=4, method="inclusive"))
    return Figures(len(values), fmean(values), tuple(str(band) for band in bands))


def objection(cohort: Sequence[Contribution], answered: Iterable[Mapping[str, str]], k: int) -> Reason | None:
    """Why figures of a cohort cannot be told; ``None`` if they can.

    Whoever may see all values but a few could work those few out, and so could members who put two answers together.

    Args:
        cohort: the contributions.
        answered: for each answer ever given about the field, whoever asked, company and fact of each contribution.
        k: companies a figure is of at least.
    """
    hidden = sum(one.hidden for one in cohort)
    if len(cohort) < k or 0 < hidden < k:
        return Reason.TOO_FEW
    brought: dict[str, float] = {}
    for one in cohort:
        for giver in one.givers:
            brought[giver] = brought.get(giver, 0.0) + 1 / len(one.givers)
    if len(brought) < 2 or max(brought.values()) > DOMINANT * len(cohort):
        return Reason.DOMINATED
    asked = contributions(cohort)
    if any(0 < difference(asked, before) < k for before in answered):
        return Reason.DIFFERENCE
    return None


def contributions(cohort: Sequence[Contribution]) -> dict[str, str]:
    """Company and fact of each contribution."""
    return {one.company_id: one.fact for one in cohort}


def difference(one: Mapping[str, str], other: Mapping[str, str]) -> int:
    """How many companies contribute to one answer alone, or not the same to both."""
    return sum(one.get(company) != other.get(company) for company in {*one, *other})
