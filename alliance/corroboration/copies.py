"""Which members only repeat what another says: the same values to the last digit, and always later.

Two honest members agree nearly; they do not agree exactly where values are estimates. How often two members give
exactly the same number is told field by field by all other pairs of members; against that background, a pair that is
always equal is weighed as evidence. Copies are not independent: they are one voice.

Source: after Dong, Berti-Equille and Srivastava (2009), with exact equality of measures in place of shared errors, so
that no truth needs to be known first.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from alliance.corroboration.arrays import MEASURE, Rules, arrays_of, rules_of, starts_of
from alliance.corroboration.trust_kernel import cells_of, pairs_of
from alliance.signals import Signal

FEWEST = 10
"""Values two members must share before one can be found to copy."""
EVIDENCE = 9.2
"""Log-odds for copying that must be reached: ten thousand to one, since there are many pairs to be wrong about."""
ALWAYS = 0.95
"""Share of the shared values the copy must come later with, and how often a copy is exact."""
BACKGROUND = (1.0, 4.0)
"""Equal and unequal pairs taken for granted in each field before any is seen."""


def copied(known: Mapping[Signal, pl.DataFrame]) -> dict[str, str]:
    """The original of each member that copies, from the claims of some signals.

    A copy of a copy is a copy of the original.
    """
    pairs = pl.concat([_EMPTY, *(_pairs(signal, frame) for signal, frame in known.items())])
    if pairs.is_empty():
        return {}
    by_field = pairs.group_by("one", "two", "signal", "field").agg(
        pl.len().alias("shared"), pl.col("equal").sum(), (pl.col("later") > 0).sum().alias("two_later"),
        (pl.col("later") < 0).sum().alias("one_later"),
    )  # fmt: skip
    found = _weighed(by_field).filter(
        pl.col("shared") >= FEWEST, pl.col("evidence") >= EVIDENCE,
        pl.max_horizontal("one_later", "two_later") >= ALWAYS * pl.col("shared"),
    )  # fmt: skip
    two_copies = pl.col("two_later") > pl.col("one_later")
    copies = found.select(
        pl.when(two_copies).then("two").otherwise("one").alias("member"),
        pl.when(two_copies).then("one").otherwise("two").alias("original"),
        "evidence",
    ).sort(["member", "evidence", "original"], descending=[False, True, False])
    return _followed(dict(copies.unique("member", keep="first").select("member", "original").iter_rows()))


_EMPTY = pl.DataFrame(
    schema={
        "one": pl.String, "two": pl.String, "signal": pl.String, "field": pl.Int64, "equal": pl.Boolean,
        "later": pl.Int64,
    }
)  # fmt: skip


def _pairs(signal: Signal, frame: pl.DataFrame) -> pl.DataFrame:
    """Every two members' values of one measure of one fact."""
    claims, members, names = arrays_of(signal, frame, starts_of(frame), {})
    starts, field_of, behind = cells_of(claims, members, _measures(rules_of(signal)))
    values = claims.values[behind, np.repeat(field_of, np.diff(starts))]
    one, two, field, equal, later = pairs_of(values, claims.member[behind], claims.known[behind], starts, field_of)
    name = pl.Series(names)
    return pl.DataFrame({"one": name[one], "two": name[two], "field": field, "equal": equal, "later": later}).select(
        "one", "two", pl.lit(signal.name).alias("signal"), "field", "equal", "later"
    )


def _measures(rules: Rules) -> Rules:
    """The rules with all but the measures set aside: that dates and words are equal is no wonder."""
    return rules._replace(settled=rules.settled | (rules.kinds != MEASURE))


def _weighed(by_field: pl.DataFrame) -> pl.DataFrame:
    """Each pair of members with the evidence that one copies the other, in log-odds, over all fields."""
    field = ["signal", "field"]
    equal, shared = (pl.col(name).sum().over(field) - pl.col(name) for name in ("equal", "shared"))  # of other pairs
    chance = (equal + BACKGROUND[0]) / (shared + sum(BACKGROUND))
    evidence = pl.col("equal") * (ALWAYS / chance).log()
    evidence += (pl.col("shared") - pl.col("equal")) * ((1.0 - ALWAYS) / (1.0 - chance)).log()
    weighed = by_field.sort("one", "two", *field).with_columns(evidence.alias("evidence"))
    return weighed.group_by("one", "two", maintain_order=True).agg(
        pl.col("shared", "equal", "one_later", "two_later", "evidence").sum()
    )


def _followed(original: Mapping[str, str]) -> dict[str, str]:
    """Copies of copies lead back to the original; in a ring, to the member whose name comes first."""
    found = {}
    for member in original:
        seen = [member]
        while seen[-1] in original and original[seen[-1]] not in seen:
            seen.append(original[seen[-1]])
        ring = seen[-1] in original
        root = min(seen[seen.index(original[seen[-1]]) :]) if ring else seen[-1]
        if root != member:
            found[member] = root
    return found
