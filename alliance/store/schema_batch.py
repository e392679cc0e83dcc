"""The table of batches: ready features scored together, which rest on nothing that is read from the store."""

from sqlalchemy import Column, Date, ForeignKey, Integer, String, Table

from alliance.store.schema import metadata

batch = Table(
    "batch",
    metadata,
    Column("no", ForeignKey("entry.no"), primary_key=True, autoincrement=False, comment="its author is who asked"),
    Column("run_sha256", String(64), nullable=False, unique=True, comment="of all that the scores follow from"),
    Column("purpose", String, nullable=False),
    Column("as_of", Date, nullable=False, comment="day of the rows that name none"),
    Column("bundle_sha256", String(64), nullable=False),
    Column("input_sha256", String(64), nullable=False),
    Column("output_sha256", String(64), nullable=False, comment="of the file of scores"),
    Column("scored", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
)
