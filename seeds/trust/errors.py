"""How far from the truth: the alliance's consensus, plain rules, and single members, on the same cells."""

from dataclasses import dataclass

import polars as pl

from seeds.trust.cells import apart

FEWEST = 30
"""Cells a member must fill for its error to say anything."""


@dataclass(frozen=True)
class Error:
    """How far the values of a rule lie from the truth.

    Errors are relative to the truth; of proportions, which are relative already, the difference. They are of the cells
    that both the rule and the consensus give a value for.

    Attributes:
        rule: whose values.
        given: share of all cells the rule gives a value for.
        mean, median: of the errors.
        wrong: share of values further from the truth than the field's tolerance.
        consensus, consensus_wrong: mean error of the consensus on the same cells, and its share of wrong values.
    """

    rule: str
    given: float
    mean: float
    median: float
    wrong: float
    consensus: float
    consensus_wrong: float


def errors(cells: pl.DataFrame) -> list[Error]:
    """Errors of the consensus, of the plain rules, and of the member that comes nearest the truth.

    Args:
        cells: as ``seeds.trust.cells`` gives them.
    """
    rules = {
        "consensus": _one_each(cells).select("cell", pl.col("consensus").alias("value")),
        "plain median": cells.group_by("cell").agg(pl.col("value").median()),
        "plain majority": majority(cells),
        "latest claim": latest(cells),
    }
    best = members(cells).row(0, named=True)["member"]
    rules[f"best member: {best}"] = cells.filter(pl.col("member") == best).select("cell", "value")
    return [_error(rule, values.drop_nulls(), cells) for rule, values in rules.items()]


def latest(cells: pl.DataFrame) -> pl.DataFrame:
    """``cell`` and ``value``: the claim known last."""
    return cells.sort("known_at", "member").group_by("cell").agg(pl.col("value").last())


def majority(cells: pl.DataFrame) -> pl.DataFrame:
    """``cell`` and ``value``: what most members agree with, each counting alike; among equals, the claim known last."""
    others = cells.select("cell", pl.col("value").alias("theirs"))
    agree = cells.join(others, on="cell").filter(~apart(pl.col("value"), pl.col("theirs")))
    votes = agree.group_by("cell", "member", "known_at", "value").len("votes")
    return votes.sort("votes", "known_at", "member").group_by("cell").agg(pl.col("value").last())


def members(cells: pl.DataFrame) -> pl.DataFrame:
    """``member``, ``mean`` error and that of the ``consensus`` on the same cells; who fills ``FEWEST``, best first."""
    both = cells.drop_nulls("consensus")
    means = both.group_by("member").agg(
        pl.len(), _away("value").mean().alias("mean"), _away("consensus").mean().alias("consensus")
    )
    return means.filter(pl.col("len") >= FEWEST).sort("mean", "member").select("member", "mean", "consensus")


def _error(rule: str, values: pl.DataFrame, cells: pl.DataFrame) -> Error:
    every = _one_each(cells)
    same = every.drop("value").join(values, on="cell").drop_nulls("consensus")
    measured = same.select(
        mean=_away("value").mean(),
        median=_away("value").median(),
        wrong=apart(pl.col("value"), pl.col("truth")).mean(),
        consensus=_away("consensus").mean(),
        consensus_wrong=apart(pl.col("consensus"), pl.col("truth")).mean(),
    )
    return Error(rule, values.height / every.height, **measured.row(0, named=True))


def _one_each(cells: pl.DataFrame) -> pl.DataFrame:
    """One row a cell."""
    return cells.unique("cell", keep="first", maintain_order=True)


def _away(column: str) -> pl.Expr:
    difference = (pl.col(column) - pl.col("truth")).abs()
    return pl.when("share").then(difference).otherwise(difference / pl.col("truth").abs())
