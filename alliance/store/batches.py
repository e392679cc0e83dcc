"""Batches: files of ready features that were scored, one entry each."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, select

from alliance.store.schema import entry
from alliance.store.schema_batch import batch


@dataclass(frozen=True, kw_only=True)
class Batch:
    """That a file of ready features was scored.

    Attributes:
        run_sha256: digest of all that the scores follow from: the same work done again has the same.
        member, purpose: who asked, and for what.
        as_of: the day of the rows that name none.
        bundle_sha256: the model used.
        input_sha256, output_sha256: digests of the file given and of the file of scores.
        scored, rejected: how many rows were scored, and how many could not be.
        no, recorded_at: the entry and its moment (UTC); empty until it is made.
    """

    run_sha256: str
    member: str
    purpose: str
    as_of: date
    bundle_sha256: str
    input_sha256: str
    output_sha256: str
    scored: int
    rejected: int
    no: int = 0
    recorded_at: datetime | None = None


def insert_batch(connection: Connection, made: Batch) -> None:
    """Append a batch; its entry has been made, and it bears its number."""
    connection.execute(insert(batch), {column.name: getattr(made, column.name) for column in batch.c})


def select_batches(connection: Connection, run_sha256: str | None = None) -> list[Batch]:
    """Every batch, or the one of a run, oldest first."""
    query = select(batch, entry.c.author.label("member"), entry.c.made_at.label("recorded_at"))
    query = query.join(entry, entry.c.no == batch.c.no).order_by(batch.c.no)
    if run_sha256 is not None:
        query = query.where(batch.c.run_sha256 == run_sha256)
    return [Batch(**row._mapping) for row in connection.execute(query)]
