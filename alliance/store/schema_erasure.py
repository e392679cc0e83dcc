"""The tables of what was erased: that it was and why, never what; and a guard on what remains."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, Text

from alliance.store.schema import metadata

erasure = Table(
    "erasure",
    metadata,
    Column("no", ForeignKey("entry.no"), primary_key=True, autoincrement=False),
    Column("about", String, nullable=False, comment="company, person or retention"),
    Column("subject", String, nullable=False, comment="the company's id; empty for a person, who is to be forgotten"),
    Column("reason", Text, nullable=False),
    Column("basis", Text, nullable=False, comment="law or rule it rests on"),
    Column("counts", Text, nullable=False, comment="JSON: what was erased, and how many of it"),
)

erasure_touched = Table(
    "erasure_touched",
    metadata,
    Column("no", ForeignKey("erasure.no"), primary_key=True, autoincrement=False),
    Column(
        "position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False,
        comment="leaf of an entry or decision of which something was erased",
    ),
    Column("remains", String(64), nullable=False, comment="commitment to what is left, under the leaf's new salt"),
)  # fmt: skip
