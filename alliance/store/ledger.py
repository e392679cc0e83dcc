"""The ledger in the store: leaves, nodes, salts and heads, appended in the transaction of what they record."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from secrets import token_bytes
from types import MappingProxyType

from sqlalchemy import Connection, Row, func, select, update

from alliance.ledger import SALT_BYTES, Head, Recorded, SignedHead, merkle
from alliance.store.bulk import insert_rows
from alliance.store.content import DECISION, Written, decision_recorded, decision_rows, entry_recorded, entry_rows
from alliance.store.driver import fetched
from alliance.store.ledger_schema import ledger_head, ledger_leaf, ledger_node, ledger_salt

_PARAMETERS = 10_000
"""Places one statement may name; databases have a limit."""


# Made once: to build a statement costs more than to run it.
_END = select(
    select(func.max(ledger_leaf.c.position)).scalar_subquery(),
    select(func.max(ledger_leaf.c.entry_no)).scalar_subquery(),
)


def size(connection: Connection) -> int:
    """Leaves of the log."""
    return _end(connection)[0]


def _end(connection: Connection) -> tuple[int, int]:
    """Leaves of the log, and number of the last entry that has one."""
    ((position, entered),) = fetched(connection, _END)
    return 0 if position is None else position + 1, entered or 0


def enter_entries(connection: Connection, written: Written = MappingProxyType({})) -> None:
    """Append a leaf for every entry that has none yet: those of this transaction, when all they bring is stored.

    Args:
        written: where there is one entry only, what of it need not be read back.
    """
    before, entered = _end(connection)
    rows = entry_rows(connection, entered)
    assert len(rows) == 1 or not written, "rows were written by one entry"
    _append(connection, before, [entry_recorded(connection, row, written) for row in rows])


@dataclass(frozen=True, eq=False)
class Appended:
    """Leaves that were appended to a log.

    Attributes:
        before: leaves of the log before; the first of these has this position.
        of: the decisions or entries they are of, in their order.
        leaves: the leaves.
        nodes: by place, the hashes of the subtrees that were complete before or have become so: all that the root of
            the log as it is now, and the proofs of these leaves in it, are made of.
    """

    before: int
    of: Sequence[str | int] = ()
    leaves: Sequence[bytes] = ()
    nodes: merkle.Nodes = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Leaves of the log now."""
        return self.before + len(self.leaves)


def enter_decisions(connection: Connection, ids: Sequence[str]) -> Appended:
    """Append a leaf for each of some decisions, just stored, in their order."""
    rows = decision_rows(connection, ids)
    return _append(connection, size(connection), [decision_recorded(rows[one]) for one in ids])


def _append(connection: Connection, before: int, recorded: Sequence[Recorded]) -> Appended:
    """Append leaves to a log of so many."""
    if not recorded:
        return Appended(before)
    salts = [token_bytes(SALT_BYTES) for _ in recorded]
    leaves = [one.leaf(salt).encoded() for one, salt in zip(recorded, salts, strict=True)]
    edge = nodes(connection, merkle.peaks((0, before)))
    grown = merkle.grown(before, [merkle.leaf_hash(leaf) for leaf in leaves], edge)
    rows = [
        (position, *((None, one.of) if one.kind == DECISION else (one.of, None)), leaf.decode())
        for position, (one, leaf) in enumerate(zip(recorded, leaves, strict=True), start=before)
    ]
    insert_rows(connection, ledger_leaf.name, ledger_leaf.c.keys(), rows)
    insert_rows(connection, ledger_salt.name, ledger_salt.c.keys(), enumerate(salts, start=before))
    insert_rows(connection, ledger_node.name, ledger_node.c.keys(), grown.items())
    return Appended(before, [one.of for one in recorded], leaves, {**edge, **grown})


def commit_remains(connection: Connection, entries: Sequence[int], decisions: Sequence[str]) -> dict[int, str]:
    """Give the leaves of entries and decisions, just erased in part, new salts in place of those they were made with.

    Returns:
        By position the commitment, under the new salt, to what remains.
    """
    placed = positions_of_decisions(connection, decisions)
    rows = decision_rows(connection, decisions)
    remaining = {placed[one]: decision_recorded(rows[one]) for one in decisions}
    for no in entries:
        position = position_of_entry(connection, no)
        assert position is not None, "every entry has its leaf"
        for row in entry_rows(connection, no - 1, no):
            remaining[position] = entry_recorded(connection, row)
    salts = {position: token_bytes(SALT_BYTES) for position in sorted(remaining)}
    for position, salt in salts.items():
        connection.execute(update(ledger_salt).where(ledger_salt.c.position == position).values(salt=salt))
    return {position: remaining[position].remains(salt) for position, salt in salts.items()}


def nodes(connection: Connection, places: Sequence[int]) -> dict[int, bytes]:
    """Hashes of complete subtrees by place; those that are not there are left out."""
    found: dict[int, bytes] = {}
    for start in range(0, len(places), _PARAMETERS):
        part = ", ".join(map(str, places[start : start + _PARAMETERS]))
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(f"SELECT place, hash FROM ledger_node WHERE place IN ({part})")
            found.update(cursor.fetchall())
    return found


def span_hashes(connection: Connection, spans: Sequence[merkle.Span]) -> list[bytes]:
    """Hashes of spans of the log.

    Raises:
        KeyError: the store lost one of the nodes they are made of.
    """
    known = nodes(connection, merkle.places(spans))
    return [merkle.span_hash(span, known) for span in spans]


def root(connection: Connection, leaves: int) -> bytes:
    """Root of the log when it had so many leaves."""
    return span_hashes(connection, [(0, leaves)])[0]


def leaves_at(connection: Connection, positions: Sequence[int]) -> dict[int, bytes]:
    """The leaves at some positions; those that are not there are left out."""
    query = select(ledger_leaf.c.position, ledger_leaf.c.leaf).where(ledger_leaf.c.position.in_(positions))
    return {row.position: row.leaf.encode() for row in connection.execute(query)}


def position_of_entry(connection: Connection, no: int) -> int | None:
    """Position of an entry's leaf, if there is one."""
    return connection.scalar(select(ledger_leaf.c.position).where(ledger_leaf.c.entry_no == no))


def positions_of_decisions(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    """Position of the leaf of each decision that has one."""
    query = select(ledger_leaf.c.decision_id, ledger_leaf.c.position).where(ledger_leaf.c.decision_id.in_(ids))
    return {row.decision_id: row.position for row in connection.execute(query)}


def salt_at(connection: Connection, position: int) -> bytes | None:
    """The salt of a leaf; ``None`` if there is none, or none any more."""
    return connection.scalar(select(ledger_salt.c.salt).where(ledger_salt.c.position == position))


def keep_head(connection: Connection, signed: SignedHead) -> None:
    """Keep a head; the caller has made sure that none of its size is kept."""
    row = signed.as_dict()
    insert_rows(connection, ledger_head.name, tuple(row), [tuple(row.values())])


def last_head(connection: Connection, log_id: str) -> SignedHead | None:
    """The latest head kept that a key signed."""
    query = select(ledger_head).where(ledger_head.c.log_id == log_id).order_by(ledger_head.c.size.desc()).limit(1)
    return next(_heads(connection.execute(query)), None)


def heads_after(connection: Connection, log_id: str, first: int, last: int) -> list[SignedHead]:
    """Heads kept that a key signed, from the first that covers one position to the first that covers another."""
    mine = ledger_head.c.log_id == log_id
    end = select(func.min(ledger_head.c.size)).where(mine, ledger_head.c.size > last).scalar_subquery()
    query = select(ledger_head).where(mine, ledger_head.c.size > first, ledger_head.c.size <= end)
    return list(_heads(connection.execute(query.order_by(ledger_head.c.size))))


def all_heads(connection: Connection) -> list[SignedHead]:
    """Every head kept, by size."""
    return list(_heads(connection.execute(select(ledger_head).order_by(ledger_head.c.size, ledger_head.c.log_id))))


def _heads(rows: Iterable[Row[tuple[object, ...]]]) -> Iterator[SignedHead]:
    for row in rows:
        plain = dict(row._mapping)
        signature = plain.pop("signature")
        yield SignedHead(Head(**plain), signature)
