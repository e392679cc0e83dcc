"""Models made champion under grants: rights asked again before one is, and what follows when a grant is revoked."""

from dataclasses import replace

from sqlalchemy import Connection

from alliance.errors import Refused
from alliance.rights import Access, Grant
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
    _refuse_lost(access, store.access(access.request))


def promote(store: Store, wanted: Promotion, access: Access, *, author: str) -> Promotion:
    """Append that a model becomes champion, unless it rests on rights that no longer hold.

    Args:
        wanted: the model, without number, moment and author.
        access: the rights its panel was read under.

    Raises:
        GrantsLost: a grant it relied on has ended, or allows less; nothing is appended.
    """
    with store.writing() as connection:
        # Under the writer's lock, so that no revocation can come between the question and the entry.
        _refuse_lost(access, store.access_within(connection, access.request))
        entry = append(connection, EntryKind.PROMOTION, author, store.clock())
        made = replace(wanted, no=entry.no, promoted_at=entry.made_at, author=author)
        insert_promotion(connection, made)
    return made


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


def _refuse_lost(before: Access, now: Access) -> None:
    gone = lost(before, now)
    if not gone:
        return
    named = ", ".join(gone[:MOST_NAMED]) + (f" and {len(gone) - MOST_NAMED} more" if len(gone) > MOST_NAMED else "")
    raise GrantsLost(
        f"Grants allow less by now than when the data was read: {named}. Nothing that came of it is kept.",
        remedy="Read the data again, and train on what may be read now.",
        member=before.request.member,
        purpose=before.request.purpose,
        grants=len(gone),
    )
