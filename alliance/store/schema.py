"""The tables. Append-only: rows are inserted and read, never updated or deleted, but by an erasure.

``alliance.erasure`` alone, through ``alliance.store.erasures``, deletes and empties rows: to forget a company or a
person, or what was kept for as long as the policy allows. That it did is an entry of its own.

Whatever changes what is read is an ``entry``: one sequence for submissions, links, merges, reliabilities, rulings,
rights and erasures.
Its last number is the watermark, so that a reader who kept a watermark reads the same for ever, less what was erased.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Moment(TypeDecorator[datetime]):
    """A moment, read back in UTC; SQLite keeps no time zone of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


metadata = MetaData()

contract = Table(
    "contract",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("contract_id", String, nullable=False),
    Column("version", String, nullable=False),
    Column("member", String, nullable=False),
    Column("role", String, nullable=False),
    Column("source", Text, nullable=False, comment="the YAML as given"),
)

entry = Table(
    "entry",
    metadata,
    Column("no", Integer, primary_key=True, autoincrement=False, comment="1, 2, 3 ... in commit order: the watermark"),
    Column("kind", String, nullable=False, comment="submission, linkage, ruling ...: one of EntryKind"),
    Column("made_at", Moment, nullable=False),
    Column("author", String, nullable=False, comment="member or person it was made by"),
)

submission = Table(
    "submission",
    metadata,
    Column("no", ForeignKey("entry.no"), primary_key=True, autoincrement=False),
    Column("submission_id", String, nullable=False, unique=True),
    Column("contract_sha256", ForeignKey("contract.sha256"), nullable=False),
    Column("member", String, nullable=False),
    Column("file_name", String, nullable=False),
    Column("sha256", String(64), nullable=False, comment="of the file's bytes"),
    Column("received_at", Moment, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("quarantined", Integer, nullable=False),
    Column("records", Integer, nullable=False),
    Column("retry_of", String, nullable=True, comment="submission whose quarantined rows were tried again"),
)

record = Table(
    "record",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("submission_no", Integer, nullable=False),
    Column("row", Integer, nullable=False, comment="row of the member's file, from 1"),
    Column("subject_id", String, nullable=False, comment="company id, or sector for sector signals"),
    Column("signal", String, nullable=False),
    Column("key", String, nullable=False),
    Column("member", String, nullable=False),
    Column("event_at", Date, nullable=False),
    Column("known_at", Date, nullable=False),
    Column("payload", Text, nullable=False, comment="JSON of the signal's fields"),
    Index("record_subject", "subject_id"),
    Index("record_submission", "submission_no"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("submission_no", Integer, primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("content", Text, nullable=False, comment="JSON of the row as read; empty where it could not be read"),
    Column("faults", Text, nullable=False, comment="JSON list of field, rule, remedy, value"),
)

company = Table(
    "company",
    metadata,
    Column("company_id", String, primary_key=True),
    Column("submission_no", Integer, nullable=False, index=True),
)

identifier = Table(
    "identifier",
    metadata,
    Column("scheme", String, primary_key=True, comment="`registration`, or a namespace of a contract"),
    Column("value", String, primary_key=True),
    Column("company_id", ForeignKey("company.company_id"), nullable=False),
    Column("submission_no", Integer, nullable=False, index=True),
    Index("identifier_company", "company_id"),
)

company_name = Table(
    "company_name",
    metadata,
    Column("company_id", ForeignKey("company.company_id"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("submission_no", Integer, nullable=False, index=True),
)

linkage = Table(
    "linkage",
    metadata,
    Column("no", ForeignKey("entry.no"), primary_key=True, autoincrement=False),
    Column("covered", Integer, nullable=False, comment="companies met up to this entry have been compared with all"),
)

merge = Table(
    "merge",
    metadata,
    Column("no", ForeignKey("entry.no"), primary_key=True, autoincrement=False),
    Column("company_id", String, primary_key=True, comment="the id that from here on means another company"),
    Column("into_id", String, nullable=True, comment="that company; null when the id stands for itself again"),
    Column("reason", Text, nullable=False),
    Column("evidence", Text, nullable=False, comment="JSON list of comparison, level, bits"),
    Index("merge_company", "company_id"),
)

identity_case = Table(
    "identity_case",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("no", ForeignKey("entry.no"), nullable=False, index=True),
    Column("company_id", String, nullable=False),
    Column("candidate_id", String, nullable=False),
    Column("probability", Float, nullable=True, comment="null where a number, not a likeness, speaks for it"),
    Column("evidence", Text, nullable=False, comment="JSON list of comparison, level, bits"),
)

identity_verdict = Table(
    "identity_verdict",
    metadata,
    Column("no", ForeignKey("entry.no"), primary_key=True, autoincrement=False),
    Column("case_id", ForeignKey("identity_case.case_id"), nullable=False, unique=True),
    Column("same", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
)

dispute = Table(
    "dispute",
    metadata,
    Column("dispute_id", String, primary_key=True),
    Column("no", ForeignKey("entry.no"), nullable=False, unique=True, comment="its author is who raised it"),
    Column("company_id", String, nullable=False, comment="the id the claim was made under; of a fact, its company"),
    Column("signal", String, nullable=False),
    Column("key", String, nullable=False),
    Column("field", String, nullable=True, comment="what of it is said to be wrong; null for all"),
    Column("submission_no", Integer, nullable=True, comment="with row the one claim; null for the whole fact"),
    Column("row", Integer, nullable=True),
    Column("member", String, nullable=True, comment="whose claim it is; null for the whole fact"),
    Column("on_behalf_of", String, nullable=False, comment="company or member"),
    Column("evidence", Text, nullable=False),
    Column("due_on", Date, nullable=False, comment="last day it is to be decided on"),
    Index("dispute_company", "company_id"),
)

disputed_claim = Table(
    "disputed_claim",
    metadata,
    Column("no", ForeignKey("dispute.no"), primary_key=True, autoincrement=False),
    Column("submission_no", Integer, primary_key=True, autoincrement=False),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("subject_id", String, nullable=False, comment="the id the claim was made under"),
    Column("member", String, nullable=False, comment="whose claim it is"),
    Column("event_at", Date, nullable=False),
    Column("known_at", Date, nullable=False),
)

ruling = Table(
    "ruling",
    metadata,
    Column("no", ForeignKey("entry.no"), primary_key=True, autoincrement=False),
    Column("dispute_id", ForeignKey("dispute.dispute_id"), nullable=False, unique=True),
    Column("excluded", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
)

reliability = Table(
    "reliability",
    metadata,
    Column("no", ForeignKey("entry.no"), primary_key=True, autoincrement=False),
    Column("as_of", Date, primary_key=True, comment="learned from claims known by the end of this day"),
    Column("member", String, primary_key=True),
    Column("signal", String, primary_key=True),
    Column("reliability", Float, nullable=False, comment="chance that a value it claims holds"),
    Column("low", Float, nullable=False),
    Column("high", Float, nullable=False),
    Column("checked", Integer, nullable=False, comment="values that another independent member claims, too"),
    Column("spread", Float, nullable=False, comment="typical distance from the truth, in tolerances"),
    Column("copies", String, nullable=True, comment="member whose claims it repeats"),
)

decision = Table(
    "decision",
    metadata,
    Column("decision_id", String, primary_key=True),
    Column("decided_at", Moment, nullable=False),
    Column("company_id", String, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("member", String, nullable=False, comment="who asked"),
    Column("purpose", String, nullable=False),
    Column("grants_sha256", ForeignKey("grant_set.sha256"), nullable=False, comment="the grants relied on"),
    Column("watermark", Integer, nullable=False, comment="last submission seen"),
    Column("bundle_sha256", String(64), nullable=False),
    Column("inline_records", Text, nullable=False, comment="JSON list of records given with the request"),
    Column("result", Text, nullable=False, comment="JSON of the score"),
    Column("features", Text, nullable=True, comment="JSON of the features given; null where it rests on facts"),
    Index("decision_company", "company_id"),
    Index("decision_grants", "grants_sha256"),
)

grant_set = Table(
    "grant_set",
    metadata,
    Column("sha256", String(64), primary_key=True, comment="of grants: thousands of decisions rely on the same"),
    Column("grants", Text, nullable=False, comment="JSON list of grant ids"),
)

grant_in_set = Table(
    "grant_in_set",
    metadata,
    Column("grant_id", String, primary_key=True),
    Column("sha256", ForeignKey("grant_set.sha256"), primary_key=True),
)

SCHEMA_VERSION = 6

schema_version = Table(
    "schema_version",
    metadata,
    Column("version", Integer, primary_key=True),
    UniqueConstraint("version"),
)
