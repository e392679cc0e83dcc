"""Whether what is read of a company can have changed between two watermarks."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from alliance.signals import SECTORS
from alliance.store.entries import EntryKind
from alliance.store.schema import entry, record

OF_RIGHTS = frozenset({
    EntryKind.MEMBER, EntryKind.GRANT, EntryKind.REVOCATION, EntryKind.CONSENT, EntryKind.WITHDRAWAL,
})  # fmt: skip
"""Entries that change who may read, and nothing of what is read."""

OF_DECISIONS = frozenset({EntryKind.PROMOTION, EntryKind.OVERRIDE, EntryKind.OVERRIDE_RULING})
"""Entries about models and decisions, which facts do not rest on."""

# Made once: to build a statement costs more than to run it.
_KINDS = select(entry.c.kind).distinct().where(entry.c.no > bindparam("after"), entry.c.no <= bindparam("up_to"))
_RECORDS = (
    select(record.c.subject_id)
    .where(
        record.c.subject_id.in_(bindparam("subjects", expanding=True)),
        record.c.submission_no > bindparam("after"),
        record.c.submission_no <= bindparam("up_to"),
    )
    .limit(1)
)


def changed(connection: Connection, ids: Sequence[str], after: int, up_to: int) -> bool:
    """Whether claims about a company, the climate of any sector, or how claims are taken can have changed.

    Args:
        ids: all ids that mean the company.
        after, up_to: the watermarks.
    """
    span = {"after": after, "up_to": up_to}
    kinds = {EntryKind(kind) for kind in connection.scalars(_KINDS, span)} - OF_RIGHTS - OF_DECISIONS
    if kinds - {EntryKind.SUBMISSION}:
        return True
    if not kinds:
        return False
    return connection.scalar(_RECORDS, {**span, "subjects": [*ids, *SECTORS]}) is not None
