"""Whether ids last: what every identifier meant after each pass of linkage, read back from the store's history."""

from dataclasses import dataclass
from itertools import pairwise

import polars as pl
from sqlalchemy import select

from alliance.store import Store, schema


@dataclass(frozen=True)
class Lasting:
    """What became of ids.

    Attributes:
        passes: how often newcomers were linked.
        identifiers: registration numbers and members' own ids there are.
        merged: company ids that have come to mean another.
        changed: identifiers, counted once a pass, that meant one company after a pass and another after the next.
        lost: company ids that mean no company any more.
    """

    passes: int
    identifiers: int
    merged: int
    changed: int
    lost: int


def lasting(store: Store) -> Lasting:
    """Follow every identifier from the pass after its arrival on.

    That pass may find a newcomer to be a company known before; no later one may change what it means. (People may, by
    merges and splits; in a seed alliance none do.)
    """
    with store.reading() as connection:
        passes = connection.scalars(select(schema.linkage.c.no).order_by(schema.linkage.c.no)).all()
        known = connection.execute(select(schema.identifier.c.company_id, schema.identifier.c.submission_no))
        ids = pl.DataFrame([tuple(row) for row in known], schema=["company_id", "no"], orient="row")
    ever = ids["company_id"].unique().to_list()
    return Lasting(
        passes=len(passes),
        identifiers=ids.height,
        merged=len(store.merges().into),
        changed=sum(_changed(store, ids, one, later) for one, later in pairwise(passes)),
        lost=len(ever) - len(store.find_companies(ever)),
    )


def _changed(store: Store, ids: pl.DataFrame, one: int, later: int) -> int:
    """How many of the identifiers known at a pass mean another company at a later one."""
    known = ids.filter(pl.col("no") <= one)
    before, after = (store.merges(no).followed(known, "company_id")["company_id"] for no in (one, later))
    return int((before != after).sum())
