"""Grants of a study whose data its operator loaded itself: given explicitly, since nothing may be read without."""

from alliance.grants import give, register
from alliance.rights import OPERATOR, Disclosure, Grant, Receiver, ReceiverKind, Right
from alliance.store import Store

OPERATOR_MEMBER = "alliance"
"""The member in whose name models are trained and studies are made."""


def operator_registered(store: Store) -> None:
    """Make the operator a member, unless it is."""
    if OPERATOR_MEMBER not in store.rights().members:
        register(store, OPERATOR_MEMBER, OPERATOR, author=OPERATOR_MEMBER)


def open_to_operator(store: Store, purpose: str) -> None:
    """Have every member of a store give the operator all, as it is, for one purpose; what is given stays given.

    Only for a store of the operator's own: it answers for the members it made up.
    """
    operator_registered(store)
    state = store.rights()
    receiver = Receiver(ReceiverKind.MEMBER, OPERATOR_MEMBER)
    wanted = [
        Grant(
            giver=member, receiver=receiver, fields=("*",), purposes=(purpose,), rights=(Right.USE,),
            disclosure=Disclosure.RAW,
        )
        for member in sorted(state.members)
        if member != OPERATOR_MEMBER
    ]  # fmt: skip
    given = {(one.giver, one.receiver, one.fields, one.purposes) for one in state.grants if one.revoked_at is None}
    if missing := [one for one in wanted if (one.giver, one.receiver, one.fields, one.purposes) not in given]:
        give(store, missing, author=OPERATOR_MEMBER)
