"""What a reader is shown of facts: of each value as much as its rung allows. Pure: no store, no clock."""

from collections.abc import Sequence
from dataclasses import replace

from alliance.corroboration import FactEvidence, FieldEvidence, Said, Standing
from alliance.rights import Access, Disclosure, banded
from alliance.rights.grant import FIELDS
from alliance.rights.held import Held, lowest
from alliance.signals import Field, signal_named

SOME_MEMBER = "a member"
"""Who says what may not be seen as it is: a name would tell whose company the company is."""

_VOICES = frozenset({Standing.AGREES, Standing.DIFFERS})


def disclosed(told: Sequence[FactEvidence], access: Access) -> list[FactEvidence]:
    """Facts as an access lets them be seen.

    A value has the lowest rung of the claims with a voice. Where that is below raw, neither its agreement nor how any
    claim stands to it is told: by claiming one value after another, a member could else close in on it.
    """
    return [_fact(one, access) for one in told]


def _fact(fact: FactEvidence, access: Access) -> FactEvidence:
    signal = signal_named(fact.signal)
    fields = tuple(_field(fact, field, access) for field in fact.fields)
    withheld = {field.field for field in fields if field.rung < Disclosure.RAW}
    if not withheld:
        return replace(fact, fields=fields)
    key = {part.field for part in signal.key}
    told = all(any(one.rung is Disclosure.RAW for one in field.said) for field in fields if field.field in key)
    days = (None, None) if signal.event in withheld else (fact.event_at, fact.known_at)
    shares = [field.agreement for field in fields if field.agreement is not None and field.field not in signal.settled]
    return replace(
        fact,
        key=fact.key if told else "",
        event_at=days[0],
        known_at=days[1],
        agreement=sum(shares) / len(shares) if shares else None,
        fields=fields,
    )


def _field(fact: FactEvidence, field: FieldEvidence, access: Access) -> FieldEvidence:
    declared = signal_named(fact.signal).field(field.field)
    held = [_held(fact, field.field, one, access) for one in field.said]
    said = tuple(_said(fact, declared, one, how, access) for one, how in zip(field.said, held, strict=True))
    heard = [how for one, how in zip(field.said, held, strict=True) if one.standing in _VOICES] or held
    of_value = lowest(heard)
    if of_value.rung is Disclosure.RAW:
        return replace(field, said=said, grants=of_value.grants)
    unplaced = tuple(replace(one, standing=Standing.WITHHELD) if one.standing in _VOICES else one for one in said)
    return replace(
        field,
        value=_shown(declared, field.value, of_value.rung),
        agreement=None,
        contested=None,
        said=unplaced,
        rung=of_value.rung,
        grants=of_value.grants,
    )


def _held(fact: FactEvidence, field: str, said: Said, access: Access) -> Held:
    """How much of what a claim says may be seen."""
    terms = access.terms(said.member, fact.signal, fact.subject_id)
    assert terms is not None, "claims that may not be read are not told"
    place = FIELDS[fact.signal].index(field)
    return Held(terms.rungs[place], terms.grants[place])


def _said(fact: FactEvidence, declared: Field, said: Said, held: Held, access: Access) -> Said:
    if held.rung is Disclosure.RAW:
        event = _held(fact, signal_named(fact.signal).event, said, access)
        seen = said if event.rung is Disclosure.RAW else replace(said, event_at=None)
        return replace(seen, grants=held.grants)
    return Said(
        member=SOME_MEMBER,
        value=_shown(declared, said.value, held.rung),
        event_at=None,
        known_at=None,
        submission_no=None,
        row=None,
        weight=None,
        standing=said.standing,
        dispute=said.dispute,
        rung=held.rung,
        grants=held.grants,
    )


def _shown(declared: Field, value: object, rung: Disclosure) -> str | None:
    """What is seen of a value below raw."""
    return banded(declared, value) if rung is Disclosure.BANDED else None
