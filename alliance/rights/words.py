"""An access in words, Chinese and English: what is allowed, how far it may be seen, why, and what is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alliance.rights.access import OWN, Access, Reason, Refusal
from alliance.rights.grant import FIELDS, RIGHT_NAMES, Grant
from alliance.rights.ladder import DISCLOSURE_NAMES, Disclosure
from alliance.rights.state import RightsState

REASON_WORDS: dict[Reason, tuple[str, str]] = {
    Reason.REVOKED: ("已撤销", "is revoked"),
    Reason.EXPIRED: ("已到期", "has ended"),
    Reason.NOT_YET: ("尚未生效", "has not begun"),
    Reason.PURPOSE: ("不含此用途", "is for other purposes"),
    Reason.RIGHT: ("不含此权利", "gives another right"),
    Reason.BORDER: (
        "数据不得出境：未列明适用地或法律依据",
        "lets nothing cross the border: no legal basis for this place",
    ),
    Reason.LAPSED: ("按章程未按期供数，暂停读取", "gives nothing while the member does not give what the charter asks"),
    Reason.NO_CONSENT: ("企业未同意", "needs a consent that no company has given"),
    Reason.NOT_A_MEMBER: ("不是联盟成员", "is no member of the alliance"),
    Reason.NO_GRANT: ("没有任何授权", "has been given nothing by anybody"),
    Reason.TOO_FEW: ("企业数不足", "there are too few companies whose values are not seen anyway"),
    Reason.DOMINATED: ("单一供数方占比过高", "one giver brings most of it"),
    Reason.DIFFERENCE: ("与已答复的群体相差过少", "it differs by too few companies from what was answered before"),
}
"""Why something is not allowed, in Chinese and English."""

MOST_NAMED = 3
"""Givers, or grants, named of many alike."""


@dataclass(frozen=True)
class Sentence:
    """One sentence, in both languages."""

    zh: str
    en: str


Allowed = tuple[tuple[Disclosure, tuple[str, ...]], ...]
"""For each rung, from the highest, the signals and fields that may be seen so far."""


def explained(access: Access, state: RightsState, company: str | None = None) -> list[Sentence]:
    """What an access allows and why, and what it does not and why; of one company, or of what holds for all.

    Args:
        company: its id.
    """
    allowed = _allowed(access, company)
    refused = _refused(access.refusals, state.grants)
    asked = access.request
    right, purpose = RIGHT_NAMES[asked.right], state.rules.purposes[asked.purpose]
    head = Sentence(
        f"{asked.member}为“{purpose[0]}”请求“{right[0]}”：",
        f"{asked.member} asks to {right[1]}, for {purpose[1]}:",
    )
    own = [Sentence("本成员自己提供的数据：原值。", "What it gave itself: as it is.")] * (OWN in access.grants)
    nothing = [Sentence("其他成员的数据均不可读。", "Nothing that others gave may be read.")] * (not allowed)
    return [head, *own, *allowed, *nothing, *refused]


def _allowed(access: Access, company: str | None) -> list[Sentence]:
    """One sentence for all givers that allow the same."""
    alike: dict[Allowed, dict[str, set[str]]] = {}
    for giver in sorted({giver for giver, _ in access.clauses}):
        by_rung: dict[Disclosure, list[str]] = {}
        grants: set[str] = set()
        for signal, names in FIELDS.items():
            if (terms := access.terms(giver, signal, company)) is None:
                continue
            grants |= {grant for some in terms.grants for grant in some}
            for rung in sorted(set(terms.rungs) - {Disclosure.NONE}, reverse=True):
                of_rung = [f"{signal}.{name}" for name, one in zip(names, terms.rungs, strict=True) if one is rung]
                by_rung.setdefault(rung, []).extend([signal] if len(of_rung) == len(names) else of_rung)
        if by_rung:
            what = tuple((rung, tuple(some)) for rung, some in sorted(by_rung.items(), reverse=True))
            alike.setdefault(what, {})[giver] = grants
    return [_sentence(what, givers) for what, givers in alike.items()]


def _sentence(what: Allowed, givers: Mapping[str, set[str]]) -> Sentence:
    who, grants = _few(sorted(givers)), _few(sorted({grant for some in givers.values() for grant in some}))
    told = [(", ".join(some), DISCLOSURE_NAMES[rung]) for rung, some in what]
    zh = "；".join(f"{names}：{rung[0]}" for names, rung in told)
    en = "; ".join(f"{rung[1]}: {names}" for names, rung in told)
    return Sentence(f"{who}提供 {zh}（授权 {grants}）。", f"{who} let be seen {en} (by {grants}).")


def _refused(refusals: Sequence[Refusal], grants: Sequence[Grant]) -> list[Sentence]:
    """One sentence for all grants that do not help for the same reason."""
    givers = {one.grant_id: one.giver for one in grants}
    alike: dict[tuple[Reason, tuple[str, ...]], list[str]] = {}
    for one in refusals:
        alike.setdefault((one.reason, one.signals), []).append(one.grant_id)
    made = []
    for (reason, signals), ids in alike.items():
        zh, en = REASON_WORDS[reason]
        of_it = f" ({', '.join(signals)})" if signals else ""
        if not any(ids):
            made.append(Sentence(f"该成员{zh}。", f"The member {en}."))
            continue
        named = _few([f"{one} ({givers.get(one, '')})" for one in ids])
        made.append(Sentence(f"授权 {named}{of_it}：{zh}。", f"Grant {named}{of_it} {en}."))
    return made


def _few(names: Sequence[str]) -> str:
    more = f" +{len(names) - MOST_NAMED}" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
