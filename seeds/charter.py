"""What the members of the seed alliance let each other do: one ODRL document, as its charter would have it.

Assumed, as all of the simulator: investors show banks their confidential figures of a company in bands, and what is of
persons not at all; banks let what they know be used for scores alone; registries, offices and platforms show what they
give; all of it may teach the alliance's models.
"""

from collections.abc import Iterator
from pathlib import Path

import orjson

from alliance.contracts import Role
from alliance.grants import give
from alliance.rights import Disclosure, Grant, Member, Receiver, ReceiverKind, Right
from alliance.rights.odrl import document_of, grants_of
from alliance.signals import SIGNALS, Sensitivity
from alliance.store import Store
from experiments.own_study import OPERATOR_MEMBER, operator_registered

DOCUMENT = "charter.odrl.json"

LENDING = ("loan_origination", "portfolio_monitoring")
MONITORING = ("portfolio_monitoring",)


def _fields(*sensitivities: Sensitivity) -> tuple[str, ...]:
    return tuple(f"{one.name}.{f.name}" for one in SIGNALS for f in one.fields if f.sensitivity in sensitivities)


OPEN_FIELDS = _fields(Sensitivity.PUBLIC, Sensitivity.INTERNAL)
"""What investors show banks as it is."""

BANDED_FIELDS = _fields(Sensitivity.CONFIDENTIAL)
"""What they show in bands; personal fields they let be used for scores."""

OPERATOR_ITSELF = Receiver(ReceiverKind.MEMBER, OPERATOR_MEMBER)
BANKS = Receiver(ReceiverKind.ROLE, Role.BANK.value)
INVESTORS = Receiver(ReceiverKind.ROLE, Role.INVESTOR.value)


def grants(member: Member) -> Iterator[Grant]:
    """What one member gives."""
    yield _shown(member, OPERATOR_ITSELF, ("*",), ("model_training",))
    match member.role:
        case Role.INVESTOR:
            yield _shown(member, BANKS, OPEN_FIELDS, LENDING)
            yield _shown(member, BANKS, BANDED_FIELDS, LENDING, Disclosure.BANDED)
            yield _for_scores(member, BANKS, LENDING)
        case Role.BANK:
            yield _for_scores(member, BANKS, LENDING)
            yield _for_scores(member, INVESTORS, MONITORING)
        case _:
            yield _shown(member, BANKS, ("*",), LENDING)


def _shown(
    member: Member,
    to: Receiver,
    fields: tuple[str, ...],
    purposes: tuple[str, ...],
    disclosure: Disclosure = Disclosure.RAW,
) -> Grant:
    return Grant(giver=member.member_id, receiver=to, fields=fields, purposes=purposes, disclosure=disclosure)


def _for_scores(member: Member, to: Receiver, purposes: tuple[str, ...]) -> Grant:
    return Grant(
        giver=member.member_id, receiver=to, fields=("*",), purposes=purposes, rights=(Right.SCORES,),
        disclosure=Disclosure.SCORE_ONLY,
    )  # fmt: skip


def give_charter(store: Store, folder: Path) -> list[Grant]:
    """Write the document of all members' grants to a folder, and enter it; once.

    Returns:
        The grants in force.
    """
    operator_registered(store)
    state = store.rights()
    if not state.grants:
        of_all = [one for member in state.members.values() if member.member_id != OPERATOR_MEMBER
                  for one in grants(member)]  # fmt: skip
        document = folder / DOCUMENT
        document.write_bytes(orjson.dumps(document_of(of_all), option=orjson.OPT_INDENT_2))
        give(store, grants_of(orjson.loads(document.read_bytes())), author=OPERATOR_MEMBER)
    return list(store.rights().grants)
