"""Files of ready features that were scored: recorded once. No fact is read for them, so nothing is asked of grants."""

from dataclasses import replace

from alliance.errors import Conflict
from alliance.store import Store
from alliance.store.batches import Batch, insert_batch, select_batches
from alliance.store.entries import EntryKind, append


def record_batch(store: Store, made: Batch) -> Batch:
    """Append that a file was scored.

    Returns:
        The batch with its entry; the one that was recorded before, if this is the same work done again.

    Raises:
        InvalidInput: the purpose is not known.
        Conflict: the same work is recorded with other scores.
    """
    store.policy.rights.check_purpose(made.purpose)
    with store.writing() as connection:
        for before in select_batches(connection, made.run_sha256):
            if replace(made, no=before.no, recorded_at=before.recorded_at) != before:
                raise Conflict(
                    "This run is recorded with other scores than these.",
                    remedy="Find out which: the software is not the one that made them, or a file was changed.",
                    entry=before.no,
                )
            return before
        entry = append(connection, EntryKind.BATCH, made.member, store.clock())
        recorded = replace(made, no=entry.no, recorded_at=entry.made_at)
        insert_batch(connection, recorded)
    return recorded


def batches(store: Store) -> list[Batch]:
    """Every batch, oldest first."""
    with store.reading() as connection:
        return select_batches(connection)
