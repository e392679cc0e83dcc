"""Which company every identifier means."""

import polars as pl
from sqlalchemy import select

from alliance.contracts.contract import REGISTRATION
from alliance.store import Store
from alliance.store.schema import identifier


def identifiers(store: Store) -> pl.DataFrame:
    """``scheme``, ``value``, ``company_id`` it was stored under, and ``company``, which that id means now."""
    columns = (identifier.c.scheme, identifier.c.value, identifier.c.company_id)
    with store.reading() as connection:
        rows = [tuple(row) for row in connection.execute(select(*columns))]
    found = pl.DataFrame(rows, schema=dict.fromkeys(("scheme", "value", "company_id"), pl.String), orient="row")
    return store.merges().followed(found.with_columns(pl.col("company_id").alias("company")), "company")


def numbers(known: pl.DataFrame) -> pl.DataFrame:
    """``company`` and its ``registration_number``, of identifiers as ``identifiers`` gives them."""
    held = known.filter(pl.col("scheme") == REGISTRATION)
    return held.group_by("company").agg(pl.col("value").min().alias("registration_number"))
