"""Grants as ODRL documents, read and written: what cannot be honoured is refused, never passed over.

Source: W3C, ODRL Information Model 2.2 and Vocabulary (Recommendations, 2018), in JSON-LD. The alliance's own terms
(rights beside use, disclosure, companies, consent, legal basis, price) are a profile of it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from alliance.errors import InvalidInput
from alliance.rights.grant import EVERYTHING, Grant, Receiver, ReceiverKind, Right, Scope
from alliance.rights.ladder import Disclosure

ODRL = "http://www.w3.org/ns/odrl.jsonld"
OURS = "urn:alliance-credit:"
PROFILE = f"{OURS}odrl"
CONTEXT = [ODRL, {"alliance": f"{PROFILE}:"}]

ACTIONS = {
    Right.HOLD: "alliance:hold",
    Right.USE: "use",
    Right.OPERATE: "alliance:operate",
    Right.SCORES: "alliance:receiveScores",
}
_RIGHTS = {action: right for right, action in ACTIONS.items()}

_POLICY = {"@context", "@type", "uid", "profile", "permission", "assigner", "assignee"}
_PERMISSION = {
    "uid", "assigner", "assignee", "target", "action", "constraint", "alliance:legalBasis", "alliance:price",
}  # fmt: skip
_CONSTRAINT = {"leftOperand", "operator", "rightOperand"}
_UNKEPT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_UNHONOURED = ("prohibition", "obligation", "duty", "remedy", "consequence", "refinement", "inheritFrom", "conflict")


def document_of(grants: Sequence[Grant]) -> dict[str, Any]:
    """Grants as one document: an agreement if there is one, a set of permissions otherwise."""
    one = grants[0] if len(grants) == 1 else None
    return {
        "@context": CONTEXT,
        "@type": "Agreement" if one else "Set",
        "uid": f"{OURS}grant:{one.grant_id or 'new'}" if one else f"{OURS}grants",
        "profile": PROFILE,
        "permission": [_permission(grant) for grant in grants],
    }


def _permission(grant: Grant) -> dict[str, Any]:
    made: dict[str, Any] = {"uid": f"{OURS}grant:{grant.grant_id}"} if grant.grant_id else {}
    made |= {
        "assigner": f"{OURS}member:{grant.giver}",
        "assignee": _assignee(grant.receiver),
        "target": [_target(pattern) for pattern in grant.fields],
        "action": [ACTIONS[right] for right in grant.rights],
        "constraint": _constraints(grant),
    }
    if grant.legal_basis:
        made["alliance:legalBasis"] = grant.legal_basis
    if grant.price:
        made["alliance:price"] = grant.price
    return made


def _assignee(receiver: Receiver) -> str:
    return f"{OURS}members" if receiver.kind is ReceiverKind.ALL else f"{OURS}{receiver.kind}:{receiver.name}"


def _target(pattern: str) -> str:
    if pattern == EVERYTHING:
        return f"{OURS}signals"
    return f"{OURS}{'field' if '.' in pattern else 'signal'}:{pattern}"


def _constraints(grant: Grant) -> list[dict[str, Any]]:
    made: list[tuple[str, str, Any]] = [
        ("purpose", "isAnyOf", list(grant.purposes)),
        ("alliance:disclosure", "lteq", grant.disclosure.code),
    ]
    for operator, moment in (("gteq", grant.valid_from), ("lt", grant.valid_until)):
        if moment is not None:
            made.append(("dateTime", operator, {"@value": moment.isoformat(), "@type": "xsd:dateTime"}))
    if grant.jurisdiction:
        made.append(("spatial", "eq", grant.jurisdiction))
    if grant.companies is Scope.CONSENTED:
        made.append(("alliance:consent", "eq", "given"))
    elif not isinstance(grant.companies, Scope):
        made.append(("alliance:company", "isAnyOf", list(grant.companies)))
    return [dict(zip(("leftOperand", "operator", "rightOperand"), one, strict=True)) for one in made]


def grants_of(document: object) -> tuple[Grant, ...]:
    """The grants a document gives, one a permission, without ids: those are given when it is entered.

    Raises:
        InvalidInput: the document, or something in it, is not understood or cannot be honoured; ``place`` names it.
    """
    _check_texts(document)
    policy = _object(document, "document", _POLICY)
    if policy.get("@type") not in ("Agreement", "Set"):
        raise _refused("@type", "is neither Agreement nor Set", "Offers and requests give nothing.")
    if policy.get("@context") != CONTEXT:
        raise _refused("@context", "is not that of ODRL and of the alliance's terms", f"Write {CONTEXT}.")
    if policy.get("profile") != PROFILE:
        raise _refused("profile", "is not the alliance's", f"Write {PROFILE}.")
    given = policy.get("permission")
    permissions = given if isinstance(given, list) else [given]
    if not permissions or given is None:
        raise _refused("permission", "is missing", "Without one, nothing is given.")
    parties: dict[str, object] = {name: policy[name] for name in ("assigner", "assignee") if name in policy}
    return tuple(_grant(one, f"permission[{place}]", parties) for place, one in enumerate(permissions))


def _check_texts(document: object) -> None:
    """Refuse text that no store keeps, wherever it stands."""
    left = [document]
    while left:  # no recursion: a document may be nested as deep as its reader allowed
        match left.pop():
            case dict() as one:
                left += [*one, *one.values()]
            case list() as one:
                left += one
            case str() as one if _UNKEPT.search(one):
                raise _refused("document", "holds control characters, or half a character", "Leave them out.")


def _grant(given: object, place: str, parties: Mapping[str, object]) -> Grant:
    """The grant of a permission; what the grant itself refuses is told with the permission's place."""
    permission = {**parties, **_object(given, place, _PERMISSION)}
    kind, giver = _ours(permission.get("assigner"), f"{place}.assigner")
    if kind != "member":
        raise _refused(f"{place}.assigner", "is not a member", f"Write {OURS}member:ID.")
    try:
        return Grant(
            giver=giver,
            receiver=_receiver(permission.get("assignee"), f"{place}.assignee"),
            fields=tuple(_pattern(one, f"{place}.target") for one in _several(permission.get("target"))),
            rights=tuple(_right(one, f"{place}.action") for one in _several(permission.get("action"))),
            legal_basis=_text(permission.get("alliance:legalBasis", ""), f"{place}.alliance:legalBasis"),
            price=_text(permission.get("alliance:price", ""), f"{place}.alliance:price"),
            **_limits(permission.get("constraint", []), f"{place}.constraint"),
        )
    except InvalidInput as error:
        if "place" in error.where:
            raise
        raise InvalidInput(error.message, remedy=error.remedy, place=place, **error.where) from error


def _limits(constraints: object, place: str) -> dict[str, Any]:
    """The words of a grant that its constraints set."""
    words: dict[str, Any] = {}
    for number, one in enumerate(_several(constraints)):
        name, value = _constraint(one, f"{place}[{number}]")
        if name in words:
            raise _refused(f"{place}[{number}]", f"limits {name} once more", "Limit it once.")
        words[name] = value
    if "purposes" not in words:
        raise _refused(place, "names no purpose", "Nothing is given for every purpose.")
    return words


def _constraint(given: object, place: str) -> tuple[str, Any]:
    """The word of a grant that a constraint sets, and its value."""
    one = _object(given, place, _CONSTRAINT)
    value, where = one.get("rightOperand"), f"{place}.rightOperand"
    found: tuple[str, Any]
    match one.get("leftOperand"), one.get("operator"):
        case "purpose", "isAnyOf" | "eq":
            found = "purposes", tuple(_text(word, where) for word in _several(value))
        case "dateTime", ("gteq" | "lt") as operator:
            found = "valid_from" if operator == "gteq" else "valid_until", _moment(value, where)
        case "spatial", "eq" if value:
            found = "jurisdiction", _text(value, where)
        case "alliance:disclosure", "lteq":
            found = "disclosure", Disclosure.coded(_text(value, where))
        case "alliance:company", "isAnyOf":
            found = "companies", tuple(_text(word, where) for word in _several(value))
        case "alliance:consent", "eq" if value == "given":
            found = "companies", Scope.CONSENTED
        case _:
            raise _refused(place, "is a limit that cannot be honoured", "Limit by what the alliance's profile knows.")
    return found


def _object(given: object, place: str, known: set[str]) -> dict[str, Any]:
    """An object none of whose terms is passed over."""
    if not isinstance(given, dict):
        raise _refused(place, "is no object", "Write it as ODRL in JSON-LD has it.")
    for term in given:
        if term in _UNHONOURED:
            raise _refused(f"{place}.{term}", "cannot be honoured", "Give only permissions, without duties.")
        if term not in known:
            raise _refused(f"{place}.{term}", "is not known", f"Use {', '.join(sorted(known))}.")
    return given


def _ours(given: object, place: str) -> tuple[str, str]:
    """Kind and name of a thing of the alliance."""
    kind, _, name = _text(given, place).removeprefix(OURS).partition(":")
    if not _text(given, place).startswith(OURS):
        raise _refused(place, "is no name of the alliance's", f"Begin it with {OURS}.")
    return kind, name


def _receiver(given: object, place: str) -> Receiver:
    match _ours(given, place):
        case "members", "":
            return Receiver(ReceiverKind.ALL)
        case ("member" | "role") as kind, name if name:
            return Receiver(ReceiverKind(kind), name)
    raise _refused(place, "is no receiver", f"Write {OURS}member:ID, {OURS}role:ROLE or {OURS}members.")


def _pattern(given: object, place: str) -> str:
    match _ours(given, place):
        case "signals", "":
            return EVERYTHING
        case "signal", name if "." not in name:
            return name
        case "field", name if "." in name:
            return name
    raise _refused(place, "is no target", f"Write {OURS}signals, {OURS}signal:NAME or {OURS}field:SIGNAL.FIELD.")


def _right(given: object, place: str) -> Right:
    action = _text(given, place)
    if action not in _RIGHTS:
        raise _refused(place, f"{action!r} is no action of the profile", f"Use {', '.join(_RIGHTS)}.")
    return _RIGHTS[action]


def _several(given: object) -> list[object]:
    return given if isinstance(given, list) else [given]


def _text(given: object, place: str) -> str:
    if not isinstance(given, str):
        raise _refused(place, "is missing, or no text", "Write it as a text.")
    return given


def _moment(given: object, place: str) -> datetime:
    match given:
        case {"@value": str(text), "@type": "xsd:dateTime", **more} if not more:
            pass
        case str(text):
            pass
        case _:
            raise _refused(place, "is no moment", "Write it as 2026-01-31T00:00:00Z.")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise _refused(place, f"{text!r} is no moment", "Write it as 2026-01-31T00:00:00Z.") from None


def _refused(place: str, what: str, remedy: str) -> InvalidInput:
    return InvalidInput(f"{place} {what}.", remedy=remedy, place=place)
