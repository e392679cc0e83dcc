"""The ledger's tables: the log that ``alliance.ledger`` computes, kept beside what it records."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, Text

from alliance.store.schema import metadata

_Count = BigInteger().with_variant(Integer, "sqlite")

ledger_leaf = Table(
    "ledger_leaf",
    metadata,
    Column("position", _Count, primary_key=True, autoincrement=False, comment="0, 1, 2 ... in commit order"),
    Column("entry_no", Integer, nullable=True, unique=True, comment="the entry it is of, or null"),
    Column("decision_id", String, nullable=True, unique=True, comment="the decision it is of, or null"),
    Column("leaf", Text, nullable=False, comment="JSON; its UTF-8 bytes are what is hashed"),
)

ledger_node = Table(
    "ledger_node",
    metadata,
    Column("place", _Count, primary_key=True, autoincrement=False, comment="of a complete subtree: ledger/merkle.py"),
    Column("hash", LargeBinary, nullable=False),
)

ledger_salt = Table(
    "ledger_salt",
    metadata,
    Column("position", _Count, primary_key=True, autoincrement=False, comment="of the leaf whose commitments it opens"),
    Column("salt", LargeBinary, nullable=False),
)

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("log_id", String(64), primary_key=True, comment="SHA-256 of the public key it is signed with"),
    Column("size", _Count, primary_key=True, autoincrement=False, comment="leaves"),
    Column("root", String(64), nullable=False),
    Column("timestamp", _Count, nullable=False, comment="milliseconds since 1970 UTC"),
    Column("signature", String(128), nullable=False),
)
