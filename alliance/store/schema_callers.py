"""The tables of who asks. What they hold changes nothing of what is read, so none of it is an entry."""

from sqlalchemy import Column, ForeignKey, String, Table, Text

from alliance.store.schema import Moment, metadata

api_key = Table(
    "api_key",
    metadata,
    Column("prefix", String(12), primary_key=True, comment="what the key is called"),
    Column("secret_sha256", String(64), nullable=False),
    Column("member", String, nullable=False, comment="whom its caller acts for; of a company, the company's id"),
    Column("roles", String, nullable=False, comment="names, by spaces"),
    Column("scopes", Text, nullable=True, comment="names, by spaces; null for all that the roles may"),
    Column("company", String, nullable=True, comment="the company its caller speaks for"),
    Column("label", String, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("made_by", String, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("replaces", ForeignKey("api_key.prefix"), nullable=True),
)

api_key_end = Table(
    "api_key_end",
    metadata,
    Column("prefix", ForeignKey("api_key.prefix"), primary_key=True),
    Column("ends_at", Moment, primary_key=True, comment="it holds before this; the earliest counts"),
    Column("made_at", Moment, nullable=False),
    Column("made_by", String, nullable=False),
    Column("reason", Text, nullable=False),
)

effect = Table(
    "effect",
    metadata,
    Column("member", String, primary_key=True, comment="for whom the request was made"),
    Column("idempotency_key", String, primary_key=True, comment="as the client gave it"),
    Column("request_sha256", String(64), nullable=False, comment="of the operation and what was sent"),
    Column("made", String, nullable=False, comment="id of what the request brought about"),
    Column("made_at", Moment, nullable=False),
)
