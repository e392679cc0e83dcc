"""Who is champion follows from the ledger alone: promotions stand one on the other, roll-backs take the last away."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance import grants
from alliance.audit import audit
from alliance.errors import Conflict, InvalidInput
from alliance.promotions import GrantsLost, champions, last_promotion, line_of, promote, roll_back
from alliance.rights import EVERYBODY, AccessRequest, Grant
from alliance.store import Promotion, Store
from alliance.store.promotions import Gated

REQUEST = AccessRequest("alliance", "model_training")


@pytest.fixture
def lent(store: Store) -> tuple[Store, str]:
    """A store in which a bank lets the operator train models, and the grant's id."""
    grants.register(store, "alliance", "operator", author="alliance")
    grants.register(store, "bank", "bank", author="alliance")
    given = Grant(giver="bank", receiver=EVERYBODY, fields=("*",), purposes=("model_training",))
    return store, grants.give(store, [given], author="bank")[0].grant_id


def model(store: Store, name: str, **more: object) -> Promotion:
    return replace(
        Promotion(bundle_sha256=name * 64, version=name, outcome="default", purpose="model_training",
                  grants=store.access(REQUEST).grants, reason="Why not."), **more,
    )  # fmt: skip


def test_forward_and_back_and_what_was_said(lent: tuple[Store, str]) -> None:
    store, _ = lent
    first = promote(store, model(store, "a"), REQUEST, author="kim")
    gates = (Gated("uplift", "pass", "AUC +0.02"), Gated("fairness", "not decided", "too few"))
    second = promote(store, model(store, "b", gates=gates, despite=("fairness",)), REQUEST, author="lee")
    assert champions(store) == [first, second]
    assert (second.gates, second.despite, second.author) == (gates, ("fairness",), "lee")
    back = roll_back(store, REQUEST, author="kim", reason="It frightens the analysts.")
    assert [one.bundle_sha256 for one in champions(store)] == ["a" * 64]
    assert (back.rollback, back.gates, back.author) == (True, (), "kim")
    assert last_promotion(store, "a" * 64) == back and last_promotion(store, "c" * 64) is None
    assert audit(store).findings == []
    with pytest.raises(Conflict, match="no champion to go back to"):
        roll_back(store, REQUEST, author="kim", reason="Further.")
    again = promote(store, model(store, "b"), REQUEST, author="kim")
    assert again.no == store.watermark() and not again.rollback


def test_the_champion_again_is_nothing_new(lent: tuple[Store, str]) -> None:
    store, _ = lent
    made = promote(store, model(store, "a"), REQUEST, author="kim")
    before = store.watermark()
    assert promote(store, model(store, "a", reason="Another."), store.access(REQUEST), author="lee") == made
    assert store.watermark() == before
    own = Grant(giver="bank", receiver=EVERYBODY, fields=("headcount",), purposes=("model_training",))
    grants.give(store, [own], author="bank")
    assert promote(store, model(store, "a"), REQUEST, author="lee").no == store.watermark() > before + 1


def test_nobody_comes_back_without_rights(lent: tuple[Store, str]) -> None:
    store, grant = lent
    promote(store, model(store, "a"), REQUEST, author="kim")
    promote(store, model(store, "b", grants=()), REQUEST, author="kim")
    grants.revoke(store, grant, author="bank", reason="We part.")
    before = store.watermark()
    with pytest.raises(GrantsLost, match=grant):
        roll_back(store, REQUEST, author="kim", reason="Back.")
    with pytest.raises(GrantsLost, match=grant):
        promote(store, model(store, "a", grants=(grant,)), REQUEST, author="kim")
    assert store.watermark() == before and champions(store)[-1].version == "b"


@pytest.mark.parametrize("blank", ["author", "reason"])
def test_who_and_why_are_always_said(lent: tuple[Store, str], blank: str) -> None:
    store, _ = lent
    said = {"author": "kim", "reason": "Why not."} | {blank: " "}
    with pytest.raises(InvalidInput, match=blank):
        promote(store, model(store, "a", reason=said["reason"]), REQUEST, author=said["author"])
    with pytest.raises(InvalidInput, match=blank):
        roll_back(store, REQUEST, **said)


@given(st.lists(st.sampled_from("abc>"), max_size=30))
def test_a_line_is_a_stack(steps: list[str]) -> None:
    """Held against a list that grows and shrinks; a roll-back is only made where there is something to go back to."""
    expected, told = [], []
    for place, step in enumerate(steps):
        back = step == ">"
        if back and len(expected) < 2:
            continue
        if back:
            expected.pop()
        else:
            expected.append(step)
        told.append(Promotion(bundle_sha256=expected[-1], version="", outcome="", purpose="", grants=(), reason="",
                              rollback=back, no=place))  # fmt: skip
    assert [one.bundle_sha256 for one in line_of(told)] == expected
