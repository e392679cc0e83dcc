"""The tables of rights and of what came of them: members, grants, consents; refusals, figures answered, promotions."""

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from alliance.store.schema import Moment, metadata

member = Table(
    "member",
    metadata,
    Column("no", ForeignKey("entry.no"), primary_key=True, autoincrement=False, comment="the last one counts"),
    Column("member_id", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("jurisdiction", String(2), nullable=False),
)

given_signal = Table(
    "given_signal",
    metadata,
    Column("no", ForeignKey("entry.no"), primary_key=True, autoincrement=False),
    Column("signal", String, primary_key=True),
)

grant = Table(
    "grant",
    metadata,
    Column("grant_id", String, primary_key=True),
    Column("no", ForeignKey("entry.no"), nullable=False, comment="its author is who gave it"),
    Column("giver", String, nullable=False),
    Column("receiver_kind", String, nullable=False, comment="member, role or all"),
    Column("receiver_name", String, nullable=False, comment="empty for all"),
    Column("fields", Text, nullable=False, comment="JSON list of patterns"),
    Column("companies", Text, nullable=False, comment="JSON: all, consented, or a list of ids"),
    Column("purposes", Text, nullable=False, comment="JSON list"),
    Column("rights", Text, nullable=False, comment="JSON list"),
    Column("disclosure", String, nullable=False, comment="code of the rung"),
    Column("valid_from", Moment, nullable=True, comment="inclusive"),
    Column("valid_until", Moment, nullable=True, comment="exclusive"),
    Column("jurisdiction", String, nullable=False, comment="where it may be used; empty for the giver's own"),
    Column("legal_basis", Text, nullable=False),
    Column("price", Text, nullable=False, comment="reference; empty for none"),
    Index("grant_no", "no"),
)

revocation = Table(
    "revocation",
    metadata,
    Column("no", ForeignKey("entry.no"), primary_key=True, autoincrement=False),
    Column("grant_id", ForeignKey("grant.grant_id"), nullable=False, unique=True),
    Column("reason", Text, nullable=False),
)

consent = Table(
    "consent",
    metadata,
    Column("consent_id", String, primary_key=True),
    Column("no", ForeignKey("entry.no"), nullable=False, unique=True),
    Column("company_id", String, nullable=False),
    Column("signals", Text, nullable=False, comment="JSON list"),
    Column("purposes", Text, nullable=False, comment="JSON list"),
    Column("evidence", Text, nullable=False),
    Column("document_sha256", String, nullable=False, comment="empty for no document"),
    Column("valid_from", Moment, nullable=True, comment="inclusive"),
    Column("valid_until", Moment, nullable=True, comment="exclusive"),
)

consent_withdrawal = Table(
    "consent_withdrawal",
    metadata,
    Column("no", ForeignKey("entry.no"), primary_key=True, autoincrement=False),
    Column("consent_id", ForeignKey("consent.consent_id"), nullable=False, unique=True),
    Column("reason", Text, nullable=False),
)

refusal = Table(
    "refusal",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("refused_at", Moment, nullable=False),
    Column("member", String, nullable=False, comment="who asked"),
    Column("purpose", String, nullable=False),
    Column("right", String, nullable=False),
    Column("companies", Integer, nullable=True, comment="how many were asked about; null for all"),
    Column("reasons", Text, nullable=False, comment="JSON list of codes"),
    Column("grants", Text, nullable=False, comment="JSON list of the grants that did not help"),
)

aggregate_answer = Table(
    "aggregate_answer",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("answered_at", Moment, nullable=False),
    Column("member", String, nullable=False, comment="who asked"),
    Column("purpose", String, nullable=False),
    Column("field", String, nullable=False, comment="signal.field"),
    Column("as_of", Date, nullable=False),
    Column("contributions", Text, nullable=False, comment="JSON: company id to the fact of it that was counted"),
    Column("grants_sha256", ForeignKey("grant_set.sha256"), nullable=False, comment="the grants relied on"),
    Index("aggregate_field", "field"),
)

promotion = Table(
    "promotion",
    metadata,
    Column("no", ForeignKey("entry.no"), primary_key=True, autoincrement=False, comment="its author is who promoted"),
    Column("bundle_sha256", String(64), nullable=False),
    Column("version", String, nullable=False, comment="the bundle's label"),
    Column("outcome", String, nullable=False),
    Column("purpose", String, nullable=False, comment="for which its panel was read"),
    Column("grants_sha256", ForeignKey("grant_set.sha256"), nullable=False, comment="the grants its panel rests on"),
    Column("reason", Text, nullable=False),
    Column("rollback", Boolean, nullable=False, comment="whether it is champion again, in place of the one after it"),
    Column("gates", Text, nullable=False, comment="JSON list of gate, says, found"),
    Column("despite", Text, nullable=False, comment="JSON list of the gates it did not pass and was excepted from"),
    Index("promotion_grants", "grants_sha256"),
)
