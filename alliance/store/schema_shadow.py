"""The table of what a challenger would have said. No decision and no entry: nothing is read or decided by it."""

from sqlalchemy import Column, Float, ForeignKey, String, Table

from alliance.store.schema import Moment, metadata

shadow_score = Table(
    "shadow_score",
    metadata,
    Column("decision_id", ForeignKey("decision.decision_id"), primary_key=True, comment="beside which it was made"),
    Column("bundle_sha256", String(64), primary_key=True, comment="of the challenger"),
    Column("scored_at", Moment, nullable=False),
    Column("log_odds", Float, nullable=False),
    Column("pd", Float, nullable=False),
    Column("points", Float, nullable=False),
    Column("grade", String, nullable=False),
)
