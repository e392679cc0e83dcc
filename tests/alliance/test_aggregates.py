"""Figures of cohorts by way of the store: of what may be aggregated, told once, and never a company's own value."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from alliance import grants
from alliance.aggregates import Question, aggregate
from alliance.contracts import Contract
from alliance.errors import InvalidInput, NotFound, Refused
from alliance.intake import submit
from alliance.rights import EVERYBODY, AccessRequest, Disclosure, Grant, Reason
from alliance.store import Store

NOW, AS_OF = datetime(2020, 1, 1, tzinfo=UTC), date(2019, 12, 31)
BANK = AccessRequest("bank", "research")


@pytest.fixture
def tell(store: Store, contract: Callable[..., Contract], member_file: Callable[..., Path]) -> Callable[..., None]:
    """Submits what a member tells of the cash of companies by number: a million each."""

    def told(member: str, *companies: int, sector: str = "software", day: str = "2019-06-30") -> None:
        made = contract(
            {"signal": "cash_position", "observed_on": "day", "cash": "cash"},
            {"signal": "company_profile", "observed_on": "day", "sector": "sector"},
            id=f"{member}-{len(store.receipts())}", member=member, memberRole="incubator", knowledge={"lagDays": 0},
            companyId={"namespace": "shared", "column": "client"},
        )  # fmt: skip
        rows = [f"c{one},{day},{one * 1_000_000},{sector}" for one in companies]
        submit(store, made, member_file("client,day,cash,sector", *rows), now=NOW)

    return told


@pytest.fixture
def alliance(store: Store, tell: Callable[..., None]) -> Store:
    """Two parks tell of seven software firms, one of five in biomedicine; all lets itself be aggregated."""
    tell("north", 1, 2, 3, 4)
    tell("south", 4, 5, 6, 7)
    tell("north", 11, 12, 13, 14, 15, sector="biomedicine")
    grants.register(store, "bank", "data_vendor", author="operator")
    terms = {"receiver": EVERYBODY, "fields": ("*",), "purposes": ("research",), "disclosure": Disclosure.AGGREGATE}
    grants.give(store, [Grant(giver=name, **terms) for name in ("north", "south")], author="operator")
    return store


def ask(field: str = "cash_position.cash", **cohort: str) -> Question:
    return Question(field=field, cohort=cohort, as_of=AS_OF)


def refused(store: Store, question: Question, request: AccessRequest = BANK) -> str:
    with pytest.raises(Refused) as caught:
        aggregate(store, request, question)
    return str(caught.value.where["reasons"])


def test_figures_of_a_sector(alliance: Store) -> None:
    found = aggregate(alliance, BANK, ask(sector="software"))
    assert (found.companies, found.mean) == (7, 4_000_000)
    assert found.quartiles == ("2,000,000 – 5,000,000", "2,000,000 – 5,000,000", "5,000,000 – 10,000,000")
    assert aggregate(alliance, BANK, ask(sector="software")) == found, "the same again tells nothing new"


def test_one_company_more_is_one_too_few(alliance: Store, tell: Callable[..., None]) -> None:
    aggregate(alliance, BANK, ask(sector="software"))
    tell("south", 8)
    assert refused(alliance, ask(sector="software")) == Reason.DIFFERENCE
    colluding = AccessRequest("south", "research")
    assert refused(alliance, ask(sector="software"), colluding) in {Reason.DIFFERENCE, Reason.TOO_FEW}
    [first, *_] = alliance.refusals()
    assert (first.member, first.companies, first.reasons) == ("bank", 8, (Reason.DIFFERENCE,))


def test_a_value_that_changes_is_not_found_by_asking_again(alliance: Store, tell: Callable[..., None]) -> None:
    aggregate(alliance, BANK, ask(sector="software"))
    tell("south", 7, day="2019-09-30")
    assert refused(alliance, ask(sector="software")) == Reason.DIFFERENCE


def test_one_giver_tells_nothing(alliance: Store) -> None:
    assert refused(alliance, ask(sector="biomedicine")) == Reason.DOMINATED


def test_a_cohort_of_few_is_refused(alliance: Store) -> None:
    assert refused(alliance, ask(sector="finance")) == Reason.TOO_FEW


def test_who_knows_all_but_a_few_is_not_told_the_rest(alliance: Store) -> None:
    knowing = AccessRequest("north", "research")
    assert refused(alliance, ask(sector="software"), knowing) == Reason.TOO_FEW, "three are not its own"


def test_what_is_for_scores_only_enters_no_figure(alliance: Store) -> None:
    for grant in alliance.rights().grants:
        grants.revoke(alliance, grant.grant_id, author="x", reason="Too much.")
    terms = {"receiver": EVERYBODY, "fields": ("*",), "purposes": ("research",), "disclosure": Disclosure.SCORE_ONLY}
    grants.give(alliance, [Grant(giver=name, **terms) for name in ("north", "south")], author="operator")
    assert refused(alliance, ask(sector="software")) == Reason.TOO_FEW


def test_what_cannot_be_asked(alliance: Store) -> None:
    for question, said in (
        (ask("cash_position.luck"), "cash_position.cash"),
        (ask("cash_position.observed_on"), "cash_position.monthly_burn"),
        (ask("market_signal.deals"), "market_signal"),
        (ask("financing_event.kind"), "amounts"),
        (ask(luck="good"), "sector"),
    ):
        with pytest.raises(InvalidInput) as caught:
            aggregate(alliance, BANK, question)
        assert said in f"{caught.value.remedy} {caught.value}"
    with pytest.raises(NotFound):
        aggregate(alliance, BANK, ask("luck.cash"))
    with pytest.raises(Refused, match="not_a_member"):
        aggregate(alliance, AccessRequest("stranger", "research"), ask())
