"""What companies look like to linkage: all that speaks for or against two of them being one, a row for each."""

from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, func, select

from alliance.signals import Signal, signal_named
from alliance.store.companies import select_companies, select_names
from alliance.store.merges import Merges, spoken_of
from alliance.store.schema import linkage, record

PROFILE_SCHEMA: dict[str, pl.DataType] = {
    "company_id": pl.String(),
    "names": pl.List(pl.String()),
    "registration_number": pl.String(),
    "country": pl.String(),
    "region": pl.String(),
    "city": pl.String(),
    "founded_on": pl.Date(),
    "website": pl.String(),
    "people": pl.List(pl.String()),
}

_CLAIMED = ("country", "region", "city", "founded_on", "website")
"""Fields of the company's profile that linkage looks at."""

_FETCH_ROWS = 50_000


@dataclass(frozen=True)
class Profiles:
    """Companies as known by a watermark, in frames of ``PROFILE_SCHEMA``.

    Attributes:
        watermark: the last entry seen.
        newcomers: those never compared so far, in the order they have their turn: by the entry that brought them, those
            with a registration number first, then by id.
        known: all others, each with what is known under any of its ids, by id.
    """

    watermark: int
    newcomers: pl.DataFrame
    known: pl.DataFrame


def read_profiles(connection: Connection, watermark: int, merges: Merges) -> Profiles | None:
    """Profiles by a watermark; ``None`` where there is nothing to compare.

    That is so where nobody is new, or where every id has a registration number: two numbers are never one company.
    Those who are new then stay so, at no risk: ids with numbers of their own can only be joined by one without that
    comes later, and it is the later id that comes to mean the earlier.

    Args:
        merges: those in force by the watermark. An id of which people have spoken is no newcomer: their word stands.
    """
    ids = select_companies(connection, watermark)
    spoken = pl.Series("company_id", sorted(spoken_of(connection, watermark)), pl.String)
    new = ids.filter(
        pl.col("submission_no") > _covered(connection, watermark), ~pl.col("company_id").is_in(spoken.implode())
    )
    if new.is_empty() or not ids["registration_number"].has_nulls():
        return None
    every = _profiles(connection, watermark, merges, ids)
    turns = new.sort("submission_no", pl.col("registration_number").is_null(), "company_id").select("company_id")
    return Profiles(
        watermark,
        newcomers=turns.join(every, on="company_id", how="left", maintain_order="left"),
        known=every.join(turns, on="company_id", how="anti", maintain_order="left"),
    )


def _covered(connection: Connection, watermark: int) -> int:
    """The last entry whose companies have been compared with all."""
    return connection.scalar(select(func.max(linkage.c.covered)).where(linkage.c.no <= watermark)) or 0


def _profiles(connection: Connection, watermark: int, merges: Merges, ids: pl.DataFrame) -> pl.DataFrame:
    """A profile of every company, by id."""

    def followed(frame: pl.DataFrame) -> pl.DataFrame:
        return merges.followed(frame, "company_id")

    claims = followed(_payloads(connection, signal_named("company_profile"), ("observed_on", *_CLAIMED), watermark))
    roles = followed(_payloads(connection, signal_named("person_role"), ("person_key",), watermark))
    parts = [
        _listed(followed(select_names(connection, watermark)), "name", "names"),
        *(_commonest(claims, field) for field in _CLAIMED),
        _listed(roles, "person_key", "people"),
    ]
    made = followed(ids).group_by("company_id").agg(pl.col("registration_number").min())
    for part in parts:
        made = made.join(part, on="company_id", how="left")
    lists = [pl.col(name).fill_null(pl.lit([], PROFILE_SCHEMA[name])) for name in ("names", "people")]
    return made.with_columns(lists).select(*PROFILE_SCHEMA).sort("company_id")


def _payloads(connection: Connection, signal: Signal, fields: tuple[str, ...], watermark: int) -> pl.DataFrame:
    """Some fields of all records of a signal by a watermark, beside their ``company_id``."""
    wanted = pl.Struct({field: signal.schema[field] for field in fields})
    query = select(record.c.subject_id, record.c.payload).where(
        record.c.signal == signal.name, record.c.submission_no <= watermark
    )
    raw = {"company_id": pl.String(), "payload": pl.String()}
    result = connection.execution_options(stream_results=True).execute(query)
    parts = [
        pl.DataFrame([tuple(row) for row in rows], schema=raw, orient="row")
        for rows in result.partitions(_FETCH_ROWS)
    ]  # fmt: skip
    frame = pl.concat([pl.DataFrame(schema=raw), *parts])
    return frame.with_columns(pl.col("payload").str.json_decode(wanted)).unnest("payload")


def _listed(frame: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    """All different values of a column, sorted, as a list for each company."""
    return frame.drop_nulls(column).group_by("company_id").agg(pl.col(column).unique().sort().alias(name))


def _commonest(claims: pl.DataFrame, field: str) -> pl.DataFrame:
    """The value most claims state, the newest of those stated as often: one slip in a file does not hide a company."""
    counted = claims.drop_nulls(field).group_by("company_id", field).agg(pl.len(), pl.col("observed_on").max())
    best = counted.sort("len", "observed_on", field, descending=True, nulls_last=True)
    return best.group_by("company_id", maintain_order=True).agg(pl.col(field).first())
