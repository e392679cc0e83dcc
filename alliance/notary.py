"""Who signs: heads of a store's ledger, and receipts that prove what is in it.

A head is signed when a receipt first needs one, and kept in the store: so a receipt asked for again is the same.
"""

import re
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from alliance.errors import InvalidInput, LedgerBroken, NotFound
from alliance.ledger import Consistency, LedgerReceipt, LogKey, Opening, Recorded, Row, SignedHead, merkle
from alliance.store import Store, content, ledger
from alliance.store.erasures import erased_at
from alliance.store.submissions import find_receipt

MOST_FRESH = 10_000
"""Receipts kept of decisions just recorded; the answer to who asked for one takes its own."""

SEE = "See what else is wrong: alliance ledger verify."


class Notary:
    """Signs for a store's log.

    Args:
        store: the store.
        key: the log's key.
        now: the clock.
    """

    def __init__(self, store: Store, key: LogKey, *, now: Callable[[], datetime] | None = None) -> None:
        self.store = store
        self.public_key = key.public
        self._key = key
        self._now = now or (lambda: datetime.now(UTC))
        self._fresh: OrderedDict[str, LedgerReceipt] = OrderedDict()

    def head(self) -> SignedHead:
        """The log as it is now, signed; the same head as long as nothing is added."""
        log_id = self.public_key.log_id
        with self.store.reading() as connection:
            known = ledger.last_head(connection, log_id)
            if known is not None and known.head.size == ledger.size(connection):
                return known
        with self.store.writing() as connection:
            known, leaves = ledger.last_head(connection, log_id), ledger.size(connection)
            if known is not None and known.head.size == leaves:
                return known  # another process signed meanwhile
            return self._signed(connection, leaves, _hashes(connection, [(0, leaves)])[0])

    def _signed(self, connection: Connection, leaves: int, root: bytes) -> SignedHead:
        """The head of a log of so many leaves, signed and kept; the caller has made sure that none of it is."""
        signed = self._key.sign(leaves, root, int(self._now().timestamp() * 1000))
        ledger.keep_head(connection, signed)
        return signed

    def seal(self, connection: Connection, appended: ledger.Appended) -> dict[str, LedgerReceipt]:
        """Sign the log as it is with leaves of decisions just appended, in their transaction.

        Returns:
            Receipts by decision, good once the transaction has ended well.
        """
        if not appended.leaves:
            return {}
        size, nodes = appended.size, appended.nodes
        signed = self._signed(connection, size, merkle.root(size, nodes))
        receipts = {}
        for position, (made, leaf) in enumerate(zip(appended.of, appended.leaves, strict=True), start=appended.before):
            path = [merkle.span_hash(span, nodes) for span in merkle.inclusion_path(position, size)]
            receipts[str(made)] = LedgerReceipt(position, leaf, signed, path)
        return receipts

    def keep(self, receipts: Mapping[str, LedgerReceipt]) -> None:
        """Keep receipts of decisions just recorded, by id, for who asks for them next."""
        self._fresh.update(receipts)
        while len(self._fresh) > MOST_FRESH:
            self._fresh.popitem(last=False)

    def of_decisions(self, ids: Sequence[str]) -> dict[str, LedgerReceipt]:
        """Receipts of recorded decisions, by id; not opened.

        Raises:
            LedgerBroken: one of them is not in the log.
        """
        fresh = {one: receipt for one in ids if (receipt := self._fresh.pop(one, None)) is not None}
        return fresh | self._of_decisions([one for one in ids if one not in fresh])

    def _of_decisions(self, ids: Sequence[str]) -> dict[str, LedgerReceipt]:
        if not ids:
            return {}
        with self.store.reading() as connection:
            positions = ledger.positions_of_decisions(connection, ids)
        for lost in set(ids) - positions.keys():
            raise LedgerBroken(f"Decision {lost} is not in the ledger.", remedy=SEE)
        receipts = self._receipts(sorted(positions.values()))
        return {one: receipts[position] for one, position in positions.items()}

    def of_entry(self, no: int) -> LedgerReceipt:
        """The receipt of an entry; not opened.

        Raises:
            NotFound: no such entry.
        """
        with self.store.reading() as connection:
            position = ledger.position_of_entry(connection, no)
        if position is None:
            raise NotFound(f"There is no entry {no}.", entry=no)
        return self._receipts([position])[position]

    def opened(self, reference: str) -> LedgerReceipt:
        """The receipt of a submission or decision by its id, or of an entry by its number, with what opens it.

        What was erased in part is not opened: what the leaf commits to is gone, and the salt with it.

        Raises:
            NotFound: there is none of these.
        """
        with self.store.reading() as connection:
            position, recorded, rows = _found(connection, reference)
            salt, erased = ledger.salt_at(connection, position), erased_at(connection, position)
        receipt = self._receipts([position])[position]
        opening = None if salt is None or erased is not None else Opening(salt, recorded.author, recorded.tables, rows)
        return replace(receipt, opening=opening)

    def author(self, reference: str) -> str:
        """Who made what a reference means, as ``opened`` has it; ``NotFound`` if there is nothing."""
        with self.store.reading() as connection:
            return _found(connection, reference)[1].author

    def leaf(self, position: int) -> bytes:
        """The leaf at a position; ``NotFound`` if the log is shorter."""
        with self.store.reading() as connection:
            found = ledger.leaves_at(connection, [position])
        if position not in found:
            raise NotFound(f"The ledger has no position {position}.", position=position)
        return found[position]

    def inclusion(self, position: int, size: int | None = None) -> tuple[int, Sequence[bytes]]:
        """The size, and the proof that a leaf is in the log when it had that size (default: now).

        Raises:
            InvalidInput: the log never had that size, or no such leaf then.
        """
        with self.store.reading() as connection:
            leaves = ledger.size(connection)
            meant = _checked("size", leaves if size is None else size, leaves)
            if not 0 <= position < meant:
                raise InvalidInput(f"A ledger of {meant} leaves has no position {position}.", field="position")
            return meant, _hashes(connection, merkle.inclusion_path(position, meant))

    def consistency(self, first: int, second: int | None = None) -> Consistency:
        """The proof that the log of a size (default: now) begins with the log of an earlier one.

        Raises:
            InvalidInput: the log never had such sizes, or the first is the larger.
        """
        with self.store.reading() as connection:
            leaves = ledger.size(connection)
            meant = _checked("second", leaves if second is None else second, leaves)
            _checked("first", first, meant)
            return Consistency(first, meant, _hashes(connection, merkle.consistency_path(first, meant)))

    def _receipts(self, positions: Sequence[int]) -> dict[int, LedgerReceipt]:
        """Receipts by position, each in the first head that covers it; positions are in order."""
        if not positions:
            return {}
        heads = self._covering(positions[0], positions[-1])
        sizes = [one.head.size for one in heads]
        covering = {position: heads[bisect_right(sizes, position)] for position in positions}
        paths = {position: merkle.inclusion_path(position, head.head.size) for position, head in covering.items()}
        with self.store.reading() as connection:
            leaves = ledger.leaves_at(connection, positions)
            every = list({span: None for path in paths.values() for span in path})
            hashes = dict(zip(every, _hashes(connection, every), strict=True))
        return {
            position: LedgerReceipt(position, leaves[position], covering[position], [hashes[span] for span in path])
            for position, path in paths.items()
        }

    def _covering(self, first: int, last: int) -> list[SignedHead]:
        """Kept heads that cover positions from the first to the last; the log as it is now is signed if none does."""
        log_id = self.public_key.log_id
        with self.store.reading() as connection:
            if found := ledger.heads_after(connection, log_id, first, last):
                return found
        self.head()
        with self.store.reading() as connection:
            return ledger.heads_after(connection, log_id, first, last)


def _checked(name: str, asked: int, leaves: int) -> int:
    if not 0 <= asked <= leaves:
        raise InvalidInput(f"The ledger has {leaves} leaves there, not {asked}.", remedy="Ask for less.", field=name)
    return asked


def _hashes(connection: Connection, spans: Sequence[merkle.Span]) -> list[bytes]:
    try:
        return ledger.span_hashes(connection, spans)
    except KeyError as error:
        raise LedgerBroken(f"The ledger lost the hash at place {error}.", remedy=SEE) from None


def _found(connection: Connection, reference: str) -> tuple[int, Recorded, Mapping[str, Sequence[Row]]]:
    """Position of what a reference means, what was recorded, and the rows it says itself."""
    submission = find_receipt(connection, reference)
    no = submission.no if submission else int(reference) if re.fullmatch("[0-9]{1,9}", reference) else 0
    position = ledger.position_of_entry(connection, no)
    if position is not None:
        for row in content.entry_rows(connection, no - 1, no):
            return position, content.entry_recorded(connection, row), content.said_by(connection, row)
    position = ledger.positions_of_decisions(connection, [reference]).get(reference)
    if position is not None:
        for row in content.decision_rows(connection, [reference]).values():
            return position, content.decision_recorded(row), {content.DECISION: [row]}
    raise not_in_ledger(reference)


def not_in_ledger(reference: str) -> NotFound:
    """The error of a reference that means nothing recorded."""
    return NotFound(
        f"There is no submission, decision or entry {reference!r} in the ledger.",
        remedy="Use the id of a submission or decision, or the number of an entry.",
    )
