"""The tables of what analysts made of decisions: overrides, and what a second person ruled of them."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Text

from alliance.store.schema import metadata

decision_override = Table(
    "decision_override",
    metadata,
    Column("override_id", String, primary_key=True),
    Column("no", ForeignKey("entry.no"), nullable=False, unique=True, comment="its author is the member"),
    Column("decision_id", ForeignKey("decision.decision_id"), nullable=False),
    Column("person", String, nullable=False, comment="who of the member made it: a key, a token's subject, a name"),
    Column("second", Boolean, nullable=False, comment="whether it holds only once a second person approves"),
    Column("said", Text, nullable=False, comment="JSON of Overriding"),
    Index("decision_override_decision", "decision_id"),
)

override_ruling = Table(
    "override_ruling",
    metadata,
    Column("no", ForeignKey("entry.no"), primary_key=True, autoincrement=False),
    Column("override_id", ForeignKey("decision_override.override_id"), nullable=False, unique=True),
    Column("person", String, nullable=False, comment="who of the member ruled: another than made it"),
    Column("approved", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
)
