"""Many small queries run as one: each query by itself has a price before it does anything."""

from collections.abc import Mapping

import polars as pl


def collected(plans: Mapping[str, pl.LazyFrame]) -> dict[str, pl.DataFrame]:
    """The frames of the plans, by name.

    In memory, since only that engine keeps the order of rows within a group; unoptimised, since plans this short have
    nothing to gain and optimising is most of what they cost.
    """
    frames = pl.collect_all(plans.values(), engine="in-memory", optimizations=pl.QueryOptFlags.none())
    return dict(zip(plans, frames, strict=True))
