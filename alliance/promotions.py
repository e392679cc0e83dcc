"""Models made champion under grants: rights asked again before one is, and what follows when a grant is revoked.

Who is champion follows from the promotions alone: each one stands on the one before it, and a roll-back takes the last
one away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from alliance.errors import Conflict, InvalidInput, Refused
from alliance.rights import Access, AccessRequest, Grant
from alliance.rights.access import lost
from alliance.rights.words import MOST_NAMED, Sentence
from alliance.store import Promotion, Store
from alliance.store.entries import EntryKind, append
from alliance.store.promotions import insert_promotion, select_promotions


class GrantsLost(Refused):
    """What was read may be read no longer, or not all of it."""

    code = "rights.lost"


def require_unchanged(store: Store, access: Access) -> None:
    """Make sure that all that was read under an access may still be read, so that what came of it may be kept.

    Rights that were added meanwhile do not matter.

    Raises:
        GrantsLost: a grant it relied on has ended, or allows less; names it.
    """
    _refuse(lost(access, store.access(access.request)), access.request)


def promote(store: Store, wanted: Promotion, rights: Access | AccessRequest, *, author: str) -> Promotion:
    """Append that a model becomes champion, unless it rests on rights that no longer hold.

    Args:
        wanted: the model, without number, moment and author.
        rights: those its panel was read under; where it was read long ago, the request it was read by: then each of the
            grants that ``wanted`` names must still allow something.

    Returns:
        The promotion; that of the present champion, if this is the same bundle under the same grants: nothing is new
        then, and nothing is appended.

    Raises:
        GrantsLost: a grant it relied on has ended, or allows less; nothing is appended.
        InvalidInput: no author or no reason is given.
    """
    _refuse_blank(author=author, reason=wanted.reason)
    with store.writing() as connection:
        # Under the writer's lock, so that no revocation can come between the question and the entry.
        _refuse_lost(store, connection, wanted.grants, rights)
        line = line_of(select_promotions(connection))
        if line and (line[-1].bundle_sha256, line[-1].grants) == (wanted.bundle_sha256, wanted.grants):
            return line[-1]
        return _appended(connection, store, wanted, author)


def roll_back(store: Store, request: AccessRequest, *, author: str, reason: str) -> Promotion:
    """Append that the champion before the present one is champion again, unless its rights no longer hold.

    Args:
        request: by which models' panels are read.

    Raises:
        Conflict: there is no champion before the present one.
        GrantsLost: a grant it was trained under has ended; nothing is appended.
        InvalidInput: no author or no reason is given.
    """
    _refuse_blank(author=author, reason=reason)
    with store.writing() as connection:
        line = line_of(select_promotions(connection))
        if len(line) < 2:
            raise Conflict(
                "There is no champion to go back to.", remedy="Promote another model: experiments promote VERSION."
            )
        before = line[-2]
        _refuse_lost(store, connection, before.grants, request)
        again = replace(before, reason=reason, rollback=True, gates=(), despite=())
        return _appended(connection, store, again, author)


def champions(store: Store) -> list[Promotion]:
    """The champions that stand one on the other, oldest first, the present one last (see ``line_of``)."""
    with store.reading() as connection:
        return line_of(select_promotions(connection))


def last_promotion(store: Store, bundle_sha256: str) -> Promotion | None:
    """When a model last became champion, or champion again; ``None`` if the store has not seen it become one."""
    with store.reading() as connection:
        made = [one for one in select_promotions(connection) if one.bundle_sha256 == bundle_sha256]
    return made[-1] if made else None


def line_of(promotions: Iterable[Promotion]) -> list[Promotion]:
    """What is left of promotions, oldest first, when each roll-back takes away the one before it."""
    line: list[Promotion] = []
    for one in promotions:
        if one.rollback:
            line.pop()
        else:
            line.append(one)
    return line


def trained_under(connection: Connection, grant_id: str) -> tuple[Promotion, ...]:
    """Promotions of models that were trained under a grant, oldest first."""
    return tuple(select_promotions(connection, grant_id))


def what_follows(model: Promotion, revoked: Grant) -> Sentence:
    """What is to be done about a model when a grant it was trained under is revoked, and who must decide it."""
    named = f"{model.version} ({model.bundle_sha256[:12]})"
    return Sentence(
        f"模型 {named} 的训练使用了授权 {revoked.grant_id}（{revoked.giver}）下的数据：须剔除该数据后重新训练；"
        f"在此之前，其评分仍依据已不再授权的数据；是否停用由联盟运营方（{model.author}）决定。",
        f"The model {named} was trained under grant {revoked.grant_id} of {revoked.giver}: train it again without it;"
        f" until then its scores rest on data no longer granted; whether it goes on scoring is for the alliance's"
        f" operator ({model.author}) to decide.",
    )


def _appended(connection: Connection, store: Store, wanted: Promotion, author: str) -> Promotion:
    entry = append(connection, EntryKind.PROMOTION, author, store.clock())
    made = replace(wanted, no=entry.no, promoted_at=entry.made_at, author=author)
    insert_promotion(connection, made)
    return made


def _refuse_lost(store: Store, connection: Connection, grants: Sequence[str], rights: Access | AccessRequest) -> None:
    if isinstance(rights, Access):
        _refuse(lost(rights, store.access_within(connection, rights.request)), rights.request)
    else:
        now = store.access_within(connection, rights).grants
        _refuse(sorted({*grants} - {*now}), rights)


def _refuse(gone: Sequence[str], request: AccessRequest) -> None:
    if not gone:
        return
    named = ", ".join(gone[:MOST_NAMED]) + (f" and {len(gone) - MOST_NAMED} more" if len(gone) > MOST_NAMED else "")
    raise GrantsLost(
        f"Grants allow less by now than when the data was read: {named}. Nothing that came of it is kept.",
        remedy="Read the data again, and train on what may be read now.",
        member=request.member,
        purpose=request.purpose,
        grants=len(gone),
    )


def _refuse_blank(**given: str) -> None:
    for name, words in given.items():
        if not words.strip():
            raise InvalidInput(f"No {name} is given.", remedy=f"Name the {name}.", field=name)
