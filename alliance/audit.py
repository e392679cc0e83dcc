"""The whole store against its ledger: every commitment made again from the rows, the tree from the leaves.

What was recorded is found changed, lost, or added past the ledger, wherever it is: in an entry or decision, in what it
brought, in the ledger itself. A head saved elsewhere also finds a store cut short, put back to an older copy, or
written anew as a whole.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select, type_coerce
from sqlalchemy.types import NULLTYPE

from alliance.errors import StoreError
from alliance.ledger import Head, Leaf, PublicKey, Recorded, Row, SignedHead, commitment, merkle
from alliance.store import Store, content, ledger
from alliance.store.engine import as_stored
from alliance.store.erasures import last_touched
from alliance.store.ledger_schema import ledger_leaf, ledger_node, ledger_salt
from alliance.store.schema import decision, entry

_CHUNK = 4_096
"""Leaves in memory at once."""

MOST_FINDINGS = 10_000
"""Findings that are told one by one; where a store is wrong throughout, the first say enough."""

Progress = Callable[[int], None]
"""Told how many more leaves have been looked at."""


@dataclass(frozen=True)
class Finding:
    """Something that is not as the ledger says.

    Attributes:
        position: of the first leaf concerned; ``None`` where it cannot be told.
        about: what it concerns.
        what: what is wrong.
    """

    position: int | None
    about: str
    what: str

    def __str__(self) -> str:
        place = "" if self.position is None else f"position {self.position}, "
        return f"{place}{self.about}: {self.what}"


@dataclass
class Audit:
    """What an audit found.

    Attributes:
        leaves, heads: how many were looked at.
        signatures: how many heads' signatures were checked: those of the key given.
        root: of the tree as computed from the leaves, hexadecimal.
        erased: by erasure, how many leaves it was the last to touch: their commitments cannot be opened any more, and
            what remains is held against the erasure's own.
        faults: how many things are wrong.
        findings: what they are, by position, those without one last; no more than ``MOST_FINDINGS``.
    """

    leaves: int = 0
    heads: int = 0
    signatures: int = 0
    root: str = merkle.EMPTY_ROOT.hex()
    erased: dict[int, int] = field(default_factory=dict)
    faults: int = 0
    findings: list[Finding] = field(default_factory=list)


def audit(
    store: Store, *, key: PublicKey | None = None, saved: Sequence[SignedHead] = (), progress: Progress | None = None
) -> Audit:
    """Check a whole store.

    Args:
        key: the log's public key; without it no signature can be checked.
        saved: heads kept elsewhere, which the log is to go on from.
        progress: called with the number of leaves in each part done.

    Raises:
        StoreError: the store cannot be read at all.
    """
    found = Audit()
    with as_stored(store.engine) as connection:
        try:
            walk = _Walk(connection, found, [*ledger.all_heads(connection), *saved])
            for part in _leaves(connection):
                walk.hear(part)
                if progress:
                    progress(len(part))
            walk.end(key, saved)
        except (TypeError, ValueError) as error:
            raise StoreError(f"The ledger's tables cannot be read: {error}.", remedy="Restore them.") from error
    found.findings.sort(key=lambda one: (one.position is None, one.position or 0))
    return found


@dataclass(frozen=True)
class _Kept:
    """A leaf as it is kept, with its salt."""

    position: Any
    entry_no: Any
    decision_id: Any
    text: bytes
    salt: Any

    @property
    def about(self) -> str:
        return f"entry {self.entry_no}" if self.decision_id is None else f"decision {self.decision_id}"


def _leaves(connection: Connection) -> Iterator[list[_Kept]]:
    joined = ledger_leaf.outerjoin(ledger_salt, ledger_salt.c.position == ledger_leaf.c.position)
    query = (
        select(*ledger_leaf.c, type_coerce(ledger_salt.c.salt, NULLTYPE))
        .select_from(joined)
        .order_by(ledger_leaf.c.position)
    )
    after = -(2**62)
    while rows := connection.execute(query.where(ledger_leaf.c.position > after).limit(_CHUNK)).all():
        yield [_Kept(*row[:3], _text(row[3]), row[4]) for row in rows]
        after = rows[-1][0]


def _text(stored: object) -> bytes:
    return stored if isinstance(stored, bytes) else str(stored).encode(errors="surrogateescape")


class _Walk:
    """Through all leaves, from first to last."""

    def __init__(self, connection: Connection, found: Audit, heads: Iterable[SignedHead]) -> None:
        self._connection = connection
        self._found = found
        self._edge: dict[int, bytes] = {}
        self._touched = last_touched(connection)
        self._nodes = self._salts = self._entries = self._decisions = 0
        self._roots: dict[int, str | None] = {one.head.size: None for one in heads} | {0: found.root}

    def _tell(self, position: int | None, about: str, what: str) -> None:
        self._found.faults += 1
        if len(self._found.findings) < MOST_FINDINGS:
            self._found.findings.append(Finding(position, about, what))

    def hear(self, part: Sequence[_Kept]) -> None:
        """Check some leaves that follow on those before."""
        self._grow(part)
        numbers = [one.entry_no for one in part if isinstance(one.entry_no, int)]
        entries: dict[Any, Row] = {}
        if numbers:
            rows = content.entry_rows(self._connection, min(numbers) - 1, max(numbers))
            entries = {row[0]: row for row in rows}
        ids = [one.decision_id for one in part if isinstance(one.decision_id, str)]
        decisions = content.decision_rows(self._connection, [one for one in ids if _storable(one)]) if ids else {}
        for one in part:
            self._check(one, entries.get(one.entry_no) if one.decision_id is None else decisions.get(one.decision_id))

    def _grow(self, part: Sequence[_Kept]) -> None:
        """The tree, grown by some leaves, and the hashes the store keeps of it."""
        before = self._found.leaves
        hashes = [merkle.leaf_hash(one.text) for one in part]
        grown = merkle.grown(before, hashes, self._edge)
        self._nodes += len(grown)
        kept = ledger.nodes(self._connection, list(grown))
        for place, digest in grown.items():
            if kept.get(place) != digest:
                position = merkle.first_leaf(place)
                self._tell(position, f"hash at place {place}", "it is not what the leaves below it come to")
        known = {**self._edge, **grown}
        for size in range(before + 1, before + len(part) + 1):
            if size in self._roots:
                self._roots[size] = merkle.root(size, known).hex()
        self._found.leaves = before + len(part)
        self._edge = {place: known[place] for place in merkle.peaks((0, self._found.leaves))}
        self._found.root = merkle.root(self._found.leaves, known).hex()

    def _check(self, kept: _Kept, row: Row | None) -> None:
        """One leaf, and the row it is of."""
        expected = self._entries + self._decisions
        self._salts += isinstance(kept.salt, bytes)
        if kept.decision_id is None:
            self._entries += 1
            if kept.entry_no != self._entries:
                self._tell(kept.position, kept.about, f"entry {self._entries} was to follow here")
        else:
            self._decisions += 1
            if kept.entry_no is not None:
                self._tell(kept.position, kept.about, "its leaf is said to be of an entry, too")
        if kept.position != expected:
            self._tell(kept.position, kept.about, f"the leaf was to be at position {expected}")
        for what in self._faults(kept, row):
            self._tell(kept.position, kept.about, what)

    def _faults(self, kept: _Kept, row: Row | None) -> Iterator[str]:
        try:
            leaf = Leaf.decoded(kept.text)
        except ValueError:
            yield "the leaf is no leaf"
            return
        if row is None:
            yield "it is gone from the store"
            return
        if not isinstance(kept.salt, bytes):
            yield "its salt is gone, so that its commitments cannot be checked"
            return
        try:
            recorded = self._recorded(kept, row)
        except ValueError:
            yield f"it is of an unknown kind, {row[1]!r}"
            return
        if (recorded.kind, recorded.of, recorded.time) != (leaf.kind, leaf.of, leaf.time):
            yield "kind, number or time are not what its leaf says"
        if kept.position in self._touched:
            yield from self._remaining(kept.position, recorded, kept.salt)
            return
        if commitment(kept.salt, {"author": recorded.author}) != leaf.author:
            yield "its author, or the salt, is not what was committed"
        if commitment(kept.salt, {"tables": recorded.tables}) != leaf.content:
            yield f"its rows, or the salt, are not what was committed ({', '.join(sorted(recorded.tables))})"

    def _remaining(self, position: int, recorded: Recorded, salt: bytes) -> Iterator[str]:
        """What remains of something erased in part, against what its erasure says of it."""
        no, remains = self._touched[position]
        self._found.erased[no] = self._found.erased.get(no, 0) + 1
        if recorded.remains(salt) != remains:
            tables = ", ".join(sorted(recorded.tables))
            yield f"it was erased in part, and its rows, or the salt, are not what erasure {no} left ({tables})"

    def _recorded(self, kept: _Kept, row: Row) -> Recorded:
        if kept.decision_id is not None:
            return content.decision_recorded(row)
        return content.entry_recorded(self._connection, row)

    def end(self, key: PublicKey | None, saved: Sequence[SignedHead]) -> None:
        """What can be told when all leaves have been heard."""
        counted = (
            (entry, self._entries, "entries"),
            (decision, self._decisions, "decisions"),
            (ledger_node, self._nodes, "hashes"),
            (ledger_salt, self._salts, "salts"),
        )
        for table, told, what in counted:
            there = self._connection.scalar(select(func.count()).select_from(table)) or 0
            if there > told:
                self._tell(None, f"table {table.name}", f"{there - told:,} {what} more than the ledger has leaves for")
        for name, rows in content.strays(self._connection).items():
            self._tell(None, f"table {name}", f"{rows:,} rows that no entry brought")
        for sha256 in content.unsound_grant_sets(self._connection):
            self._tell(None, f"set of grants {sha256}", "it is not the set that decisions were made by")
        kept = ledger.all_heads(self._connection)
        for place, signed in (*(("kept", one) for one in kept), *(("saved", one) for one in saved)):
            self._hold_against(signed.head, place)
            if key is not None and (place == "saved" or signed.head.log_id == key.log_id):
                self._found.signatures += 1
                if not key.signed(signed):
                    self._tell(None, f"{place} head of size {signed.head.size}", "it is not signed by this log's key")
        self._found.heads = len(kept) + len(saved)

    def _hold_against(self, head: Head, place: str) -> None:
        about = f"{place} head of size {head.size}"
        if head.size > self._found.leaves:
            lost = f"the store is cut short or an older copy: it has {self._found.leaves:,} of {head.size:,} leaves"
            self._tell(self._found.leaves, about, lost)
        elif self._roots.get(head.size) != head.root:
            self._tell(None, about, f"the first {head.size:,} leaves are others than those it was signed for")


def _storable(text: str) -> bool:
    """Whether a database can be asked for the text: half a character is not in it."""
    return text.encode(errors="ignore").decode() == text
