"""Rights written: members, grants, consents; what cannot be entered; the decisions a revocation touches."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from alliance import grants
from alliance.contracts import Contract
from alliance.errors import AllianceError, Conflict, InvalidInput, NotFound
from alliance.intake import submit
from alliance.policy import read_policy
from alliance.rights import EVERYBODY, AccessRequest, Consent, Disclosure, Grant, Receiver, ReceiverKind, Right, Scope
from alliance.store import Decision, Store
from alliance.store.entries import EntryKind, entries

NOW = datetime(2020, 1, 1, tzinfo=UTC)
TERMS: dict[str, Any] = {"receiver": EVERYBODY, "fields": ("headcount",), "purposes": ("research",)}


@pytest.fixture
def alliance(store: Store, contract: Callable[..., Contract], member_file: Callable[..., Path]) -> Store:
    """The bank `harbour` has told of one company; `fund` is a member that has given nothing."""
    headcount = {"signal": "headcount", "observed_on": "day", "employees": "staff"}
    submit(store, contract(headcount), member_file("client,day,staff", "c1,2019-06-30,7"), now=NOW)
    grants.register(store, "fund", "investor", author="operator")
    return store


def test_who_gives_a_file_is_a_member_at_home_in_its_contracts_role(alliance: Store) -> None:
    harbour, fund = (alliance.rights().members[name] for name in ("harbour", "fund"))
    assert (harbour.role, harbour.jurisdiction, harbour.registered_at) == ("bank", "CN", NOW)
    assert (fund.role, fund.jurisdiction) == ("investor", "CN")
    assert alliance.rights().given == {"harbour": {"headcount": NOW}}
    assert alliance.watermark() == 2, "the submission brought its member along"


def test_a_member_may_move_and_stays_one_since_its_first_day(alliance: Store) -> None:
    since = alliance.rights().members["fund"].registered_at
    moved = grants.register(alliance, "fund", "investor", "SG", author="operator")
    assert alliance.rights().members["fund"] == moved
    assert (moved.jurisdiction, moved.registered_at) == ("SG", since)
    with pytest.raises(Conflict):
        grants.register(alliance, "fund", "investor", "SG", author="operator")


def test_what_is_given_is_read_back(alliance: Store) -> None:
    wanted = [
        Grant(giver="harbour", **TERMS),
        Grant(
            giver="harbour", receiver=Receiver(ReceiverKind.MEMBER, "fund"), fields=("headcount.employees",),
            purposes=("research", "model_training"), rights=(Right.USE, Right.HOLD), disclosure=Disclosure.BANDED,
            companies=("harbour:c1",), valid_from=NOW, valid_until=datetime(2030, 1, 1, tzinfo=UTC), price="p-7",
        ),
    ]  # fmt: skip
    made = grants.give(alliance, wanted, author="harbour")
    assert list(alliance.rights().grants) == sorted(made, key=lambda one: one.grant_id)
    assert {one.no for one in made} == {alliance.watermark()}
    assert made[1].companies == (alliance.company("harbour:c1").company_id,)
    assert grants.find(alliance, made[1].grant_id) == made[1]
    with alliance.reading() as connection:
        [entry] = entries(connection, [made[0].no]).values()
    assert (entry.kind, entry.author) == (EntryKind.GRANT, "harbour")


BASIS = {"jurisdiction": "SG"}


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        ({"purposes": ("gossip",)}, InvalidInput, "gossip"),
        ({"giver": "nobody"}, NotFound, "nobody"),
        ({"receiver": Receiver(ReceiverKind.MEMBER, "nobody")}, NotFound, "alliance members add"),
        ({"companies": ("harbour:c9",)}, NotFound, "harbour:c9"),
        (BASIS, InvalidInput, "legal basis"),
    ],
)
def test_what_cannot_be_given(alliance: Store, words: dict[str, Any], error: type[AllianceError], said: str) -> None:
    mark = alliance.watermark()
    with pytest.raises(error, match=said):
        grants.give(alliance, [Grant(**{"giver": "harbour", **TERMS, **words})], author="harbour")
    assert alliance.watermark() == mark


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"fields": ()}, "fields"),
        ({"fields": ("luck",)}, "fields"),
        ({"fields": ("headcount.luck",)}, "fields"),
        ({"purposes": ()}, "purposes"),
        ({"rights": ()}, "rights"),
        ({"companies": ()}, "companies"),
        ({"giver": " "}, "giver"),
        ({"valid_from": datetime(2020, 1, 1)}, "valid_from"),
        ({"valid_from": NOW, "valid_until": NOW}, "valid_until"),
        ({"jurisdiction": "China"}, "jurisdiction"),
    ],
)
def test_what_is_no_grant(words: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Grant(**{"giver": "harbour", **TERMS, **words})
    assert caught.value.where == {"field": field}
    assert caught.value.remedy


def test_the_same_is_given_once_and_anew_after_it_was_revoked(alliance: Store) -> None:
    one = Grant(giver="harbour", **TERMS)
    [made] = grants.give(alliance, [one, one], author="harbour")
    with pytest.raises(Conflict, match=made.grant_id):
        grants.give(alliance, [replace(one, fields=("headcount", "headcount"))], author="harbour")
    grants.revoke(alliance, made.grant_id, author="harbour", reason="Not now.")
    [again] = grants.give(alliance, [one], author="harbour")
    assert again.grant_id != made.grant_id
    assert [found.revoked_at is None for found in alliance.rights().grants] == [False, True]


def decided(name: str, under: tuple[str, ...]) -> Decision:
    return Decision(name, NOW, "co_1", date(2020, 1, 1), "fund", "research", under, 1, "0" * 64, (), {})


def test_a_revocation_names_the_decisions_that_relied_on_the_grant(alliance: Store) -> None:
    [one] = grants.give(alliance, [Grant(giver="harbour", **TERMS)], author="harbour")
    alliance.record_decisions([decided("dec_1", (one.grant_id, "grant_2")), decided("dec_2", ("grant_2",))])
    alliance.record_decisions([decided("dec_3", (one.grant_id, "grant_2")), decided("dec_4", ())])
    done = grants.revoke(alliance, one.grant_id, author="harbour", reason="We part.")
    assert [made.decision_id for made in done.touched] == ["dec_1", "dec_3"]
    assert done.grant.revoked_at is not None
    assert [made.decision_id for made in alliance.decisions_under("grant_2")] == ["dec_1", "dec_2", "dec_3"]
    assert alliance.decision("dec_1").grants == [one.grant_id, "grant_2"]
    assert alliance.decision("dec_4").grants == []
    with pytest.raises(Conflict):
        grants.revoke(alliance, one.grant_id, author="harbour", reason="Again.")
    with pytest.raises(NotFound, match="grants list"):
        grants.revoke(alliance, "grant_9", author="harbour", reason="What?")
    with pytest.raises(InvalidInput) as caught:
        grants.revoke(alliance, one.grant_id, author="harbour", reason=" ")
    assert caught.value.where == {"field": "reason"}


def test_a_consent_is_a_record_with_its_evidence(alliance: Store) -> None:
    said = Consent(company_id="harbour:c1", evidence="Form 7.", document_sha256="a" * 64, purposes=("research",))
    made = grants.consent(alliance, said, author="harbour")
    [kept] = alliance.rights().consents
    assert kept == made
    assert (kept.company_id, kept.signals) == (alliance.company("harbour:c1").company_id, ("*",))
    ended = grants.withdraw(alliance, made.consent_id, author="harbour", reason="Asked for.")
    assert alliance.rights().consents[0].withdrawn_at == ended.withdrawn_at is not None
    with pytest.raises(Conflict):
        grants.withdraw(alliance, made.consent_id, author="harbour", reason="Again.")
    with pytest.raises(NotFound):
        grants.withdraw(alliance, "consent_9", author="harbour", reason="What?")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ({"company_id": "harbour:c9"}, NotFound),
        ({"purposes": ("gossip",)}, InvalidInput),
        ({"document_sha256": "abc"}, InvalidInput),
    ],
)
def test_what_is_no_consent(alliance: Store, words: dict[str, Any], error: type[AllianceError]) -> None:
    with pytest.raises(error):
        grants.consent(alliance, Consent(**{"company_id": "harbour:c1", "evidence": "x", **words}), author="harbour")
    with pytest.raises(InvalidInput):
        Consent(company_id="co_1", evidence=" ")
    with pytest.raises(InvalidInput):
        Consent(company_id="co_1", evidence="x", signals=("luck",))


def test_one_scalar_is_asked_for_until_something_is_entered(
    alliance: Store, contract: Callable[..., Contract], member_file: Callable[..., Path]
) -> None:
    request = AccessRequest("fund", "research")
    [one] = grants.give(alliance, [Grant(giver="harbour", companies=Scope.ALL, **TERMS)], author="harbour")
    first = alliance.access(request)
    assert alliance.access(request) is first, "decided once"
    assert first.grants == (one.grant_id,)
    other = {"signal": "headcount", "observed_on": "day", "employees": "staff"}
    submit(alliance, contract(other, version="2"), member_file("client,day,staff", "c1,2019-09-30,8"), now=NOW)
    assert alliance.access(request) == first


SHIPPED = '[disputes]\ndue_days = 5\nsource = "x"\n'
RULES = (
    '[rights]\nhome = "CN"\nk = 7\nprobes = 3\nconsent_required = ["headcount"]\n'
    '[rights.purposes]\nresearch = ["研究", "research"]\n'
)
DUTY = '[[charter]]\nrole = "bank"\ngives = ["facility"]\nevery_days = 30\ngets = ["headcount"]\nsource = "a test"\n'


def test_a_policy_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(SHIPPED + RULES + DUTY, encoding="utf-8")
    rules = read_policy(file).rights
    assert (rules.k, rules.home, dict(rules.purposes)) == (7, "CN", {"research": ("研究", "research")})
    assert rules.consent_required == {"headcount"}
    assert [(duty.role, duty.gives, duty.every_days, duty.gets) for duty in rules.charter] == [
        ("bank", ("facility",), 30, ("headcount",)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("k = 7", "k = 2", "rights"),
        ("k = 7", "k = true", "rights"),
        ('home = "CN"', "", "rights"),
        ('["headcount"]\n[', '["luck"]\n[', "rights"),
        ('["研究", "research"]', '["research"]', "rights"),
        ('role = "bank"', 'role = "king"', "charter"),
        ("every_days = 30", "every_days = 0", "charter"),
        ('gets = ["headcount"]', 'gets = ["luck"]', "charter"),
        ('gets = ["headcount"]', "gets = [[]]", "charter"),
        ("[[charter]]", "[charter]", "charter"),
        ('source = "a test"', 'source = " "', "charter"),
    ],
)
def test_a_policy_that_cannot_be_used(tmp_path: Path, old: str, new: str, said: str) -> None:
    file, text = tmp_path / "policy.toml", SHIPPED + RULES + DUTY
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InvalidInput, match=said):
        read_policy(file)
