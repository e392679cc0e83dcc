"""Reliability is learned from agreement alone: against a known truth, against another's code, and without hindsight."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from alliance.corroboration import Reliabilities, corroborate
from alliance.corroboration.learning import learn
from alliance.corroboration.reliability import LEAST_WEIGHT, PRIOR, RELIABILITY_SCHEMA, newcomer, voice
from alliance.signals.claims import Claims
from alliance.store import Store
from alliance.trust import days_to_learn, first_known, learn_reliabilities

STATUS = ("operating", "closed", "acquired", "listed")
DAY, AS_OF = date(2020, 3, 31), date(2020, 12, 31)


def statuses(right: dict[str, float], companies: int, seed: int, share: float = 0.8) -> list[dict[str, Any]]:
    """What members say of the status of companies, each right so often; the truth is in no claim's words."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(len(STATUS), size=companies)
    said = []
    for member, reliability in right.items():
        for company in np.flatnonzero(generator.random(companies) < share):
            wrong = (truth[company] + generator.integers(1, len(STATUS))) % len(STATUS)
            told = truth[company] if generator.random() < reliability else wrong
            said.append({"signal": "company_profile", "subject_id": f"co_{company:04}", "member": member,
                         "status": STATUS[told], "observed_on": DAY})  # fmt: skip
    return said


def amounts(spread: dict[str, float], companies: int, seed: int, lie: float = 1.0) -> list[dict[str, Any]]:
    """What members say of the cash of companies, each off by so much (log-sd); ``liar`` by a factor, too."""
    generator = np.random.default_rng(seed)
    truth = generator.lognormal(17, 1, companies)
    return [
        {"signal": "cash_position", "subject_id": f"co_{company:04}", "member": member, "key": "2020-Q1",
         "observed_on": DAY, "known_at": DAY + timedelta(days=int(generator.integers(0, 30))),
         "cash": round(truth[company] * np.exp(off * generator.standard_normal()) * (lie if member == "liar" else 1))}
        for member, off in spread.items()
        for company in range(companies)
    ]  # fmt: skip


def learned(claims: Claims, as_of: date = AS_OF) -> dict[str, dict[str, Any]]:
    return {row["member"]: row for row in learn(claims, as_of).iter_rows(named=True)}


RIGHT = {"a": 0.97, "b": 0.9, "c": 0.8, "d": 0.65, "e": 0.4}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_share_of_right_words_is_found_without_the_truth(claims: Callable[..., Claims], seed: int) -> None:
    found = learned(claims(*statuses(RIGHT, 1500, seed)))
    for member, reliability in RIGHT.items():
        assert found[member]["reliability"] == pytest.approx(reliability, abs=0.04)
        assert found[member]["low"] < found[member]["reliability"] < found[member]["high"]
    assert sorted(found, key=lambda member: -found[member]["reliability"]) == list(RIGHT)


@pytest.mark.filterwarnings("ignore:The (inplace|copy) keyword")
def test_it_is_what_crowd_kit_finds(claims: Callable[..., Claims]) -> None:
    import pandas as pd
    from crowdkit.aggregation import OneCoinDawidSkene

    said = statuses(RIGHT, 1500, seed=4)
    table = pd.DataFrame(said)[["subject_id", "member", "status"]].set_axis(["task", "worker", "label"], axis=1)
    shared = table[table.groupby("task")["worker"].transform("size") > 1]  # what one member says checks nobody
    peer = OneCoinDawidSkene(n_iter=100, tol=1e-8).fit(shared)
    assert peer.skills_ is not None and peer.labels_ is not None
    made = claims(*said)
    found = learned(made)
    for member, skill in peer.skills_.items():
        assert found[str(member)]["reliability"] == pytest.approx(skill, abs=0.01), "the prior moves it a little"
    voices = {member: voice(member, row["reliability"], row["spread"]) for member, row in found.items()}
    facts = corroborate(made, [], AS_OF, {"company_profile": voices}).frames["company_profile"]
    settled = facts.filter(pl.col("members") > 1).drop_nulls("status")
    same = [peer.labels_[company] == status for company, status in settled.select("subject_id", "status").iter_rows()]
    assert len(same) > 1000 and np.mean(same) > 0.99


def test_a_liar_is_ranked_last_and_the_exact_weigh_more(claims: Callable[..., Claims]) -> None:
    spread = {"exact": 0.01, "fair": 0.06, "rough": 0.15, "liar": 0.02}
    found = learned(claims(*amounts(spread, 300, seed=5, lie=1.7)))
    assert min(found, key=lambda member: found[member]["reliability"]) == "liar"
    assert found["liar"]["reliability"] < 0.3
    assert found["exact"]["spread"] < found["fair"]["spread"] < found["rough"]["spread"]


def echoed(said: list[dict[str, Any]], original: str, by: str, days: int = 10) -> list[dict[str, Any]]:
    return [{**one, "member": by, "known_at": one["known_at"] + timedelta(days=days)}
            for one in said if one["member"] == original]  # fmt: skip


def test_a_copy_is_found_and_lifts_nobody(claims: Callable[..., Claims]) -> None:
    spread = {"one": 0.05, "two": 0.08, "liar": 0.02}
    said = amounts(spread, 200, seed=6, lie=1.7)
    alone = learned(claims(*said))
    found = learned(claims(*said, *echoed(said, "liar", "echo")))
    assert {member: row["copies"] for member, row in found.items()} == {**dict.fromkeys(spread), "echo": "liar"}
    assert found["liar"]["reliability"] == pytest.approx(alone["liar"]["reliability"])
    assert found["echo"]["reliability"] == found["liar"]["reliability"]


def test_a_copy_of_a_copy_is_a_copy_of_the_original(claims: Callable[..., Claims]) -> None:
    said = amounts({"one": 0.05, "two": 0.08, "three": 0.02}, 60, seed=7)
    first = echoed(said, "three", "echo")
    found = learned(claims(*said, *first, *echoed(first, "echo", "far")))
    assert (found["echo"]["copies"], found["far"]["copies"]) == ("three", "three")


def test_members_that_agree_because_they_are_exact_are_no_copies(claims: Callable[..., Claims]) -> None:
    """Where all tell a public figure to the last digit, equality says nothing."""
    said = amounts(dict.fromkeys(("registry", "bank", "patents", "vendor"), 0.0), 60, seed=8)
    assert {row["copies"] for row in learned(claims(*said)).values()} == {None}


def test_what_nobody_else_tells_of_teaches_nothing(claims: Callable[..., Claims]) -> None:
    found = learned(claims(*amounts({"only": 0.05}, 50, seed=9)))
    assert (found["only"]["reliability"], found["only"]["checked"]) == (PRIOR, 0)
    assert learn(claims(), AS_OF).schema == RELIABILITY_SCHEMA


def test_there_is_no_hindsight(claims: Callable[..., Claims]) -> None:
    early = amounts({"one": 0.05, "two": 0.08, "three": 0.05}, 40, seed=10)
    late = [{**one, "member": "liar" if one["member"] == "one" else one["member"], "key": "2020-Q3", "cash": 1,
             "observed_on": date(2020, 9, 30), "known_at": date(2020, 10, 1)} for one in early]  # fmt: skip
    before = learn(claims(*early), date(2020, 9, 30))
    assert_frame_equal(learn(claims(*early, *late), date(2020, 9, 30)), before, check_exact=True)
    assert not learn(claims(*early, *late), AS_OF).equals(learn(claims(*early), AS_OF))


def test_the_order_of_claims_is_no_matter(claims: Callable[..., Claims]) -> None:
    said = statuses(RIGHT, 60, seed=11)
    one = learn(claims(*said), AS_OF)
    other = learn(claims(*reversed(said)), AS_OF)
    assert_frame_equal(one, other, check_exact=True)


def test_a_voice_is_worth_something_and_nobodys_is_all() -> None:
    assert voice("a", 0.2, 0.3).weight == voice("a", 0.5, 0.3).weight == LEAST_WEIGHT * 1000
    assert voice("a", 1.0, 0.3).weight == voice("a", 0.99, 0.3).weight < 5000
    assert newcomer("a") == voice("a", PRIOR, 0.3)


# Kept in the store


@pytest.fixture
def filled(
    store: Store, claims: Callable[..., Claims], monkeypatch: pytest.MonkeyPatch
) -> tuple[Store, Callable[[list[dict[str, Any]]], None]]:
    """A store whose claims are those last told."""
    told: list[dict[str, Any]] = []

    def claimed(*_: Any, **__: Any) -> Claims:
        return claims(*told)

    monkeypatch.setattr(store, "claims", claimed)
    return store, lambda said: told.__setitem__(slice(None), said)


def test_what_is_learned_is_kept_by_day_and_by_entry(filled: Any) -> None:
    store, tell = filled
    tell(amounts({"one": 0.05, "two": 0.08, "liar": 0.02}, 40, seed=12, lie=1.7))
    assert store.reliabilities().voices(AS_OF) == {}
    first = learn_reliabilities(store, [date(2020, 6, 30), AS_OF])
    mark = store.watermark()
    assert (first.no, list(first.days)) == (mark, [date(2020, 6, 30), AS_OF])
    kept = store.reliabilities()
    assert_frame_equal(kept.as_of(AS_OF).drop("no"), first.latest.drop("no"), check_row_order=False)
    assert kept.voices(date(2020, 6, 29)) == {}, "not known before the first day learned"
    assert kept.voices(date(2021, 3, 1)) == kept.voices(AS_OF), "the last word stands until the next"

    tell(amounts({"one": 0.05, "two": 0.08, "liar": 0.02}, 40, seed=12))
    again = learn_reliabilities(store, [AS_OF])
    assert again.no == mark + 1
    assert_frame_equal(store.reliabilities(mark).frame, kept.frame)
    assert store.reliabilities().voices(AS_OF) != kept.voices(AS_OF), "the later word on a day counts"
    assert store.reliabilities().voices(date(2020, 6, 30)) == kept.voices(date(2020, 6, 30))


def test_the_days_to_learn_are_the_quarters_ends_and_today(filled: Any) -> None:
    store, tell = filled
    assert (first_known(store), days_to_learn(store)) == (None, [])
    assert learn_reliabilities(store, []).no == 0
    tell(amounts({"one": 0.05, "two": 0.08}, 3, seed=13))
    days = days_to_learn(store, until=date(2020, 11, 15))
    assert days == [date(2020, 6, 30), date(2020, 9, 30), date(2020, 11, 15)]
    learn_reliabilities(store, days)
    assert days_to_learn(store, until=date(2021, 1, 2)) == [date(2020, 12, 31), date(2021, 1, 2)]


def test_reliabilities_of_any_order_are_the_same() -> None:
    rows = [
        {"no": no, "as_of": day, "member": member, "signal": "headcount", "reliability": 0.5 + no / 10, "low": 0.1,
         "high": 0.9, "checked": 9, "spread": 0.2, "copies": None}
        for no in (1, 2) for day in (DAY, AS_OF) for member in ("a", "b")
    ]  # fmt: skip
    one, other = (Reliabilities(pl.DataFrame(some, RELIABILITY_SCHEMA)) for some in (rows, rows[::-1]))
    assert_frame_equal(one.frame, other.frame, check_row_order=False)
    assert one.voices(AS_OF) == other.voices(AS_OF)
    assert one.as_of(AS_OF)["no"].to_list() == [2, 2]
