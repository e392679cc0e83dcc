"""What was known on a day stays what was known on that day, through files and both databases."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alliance.contracts import Contract
from alliance.corroboration import Facts
from alliance.errors import InvalidInput
from alliance.intake import submit
from alliance.rights import AccessRequest
from alliance.signals import signal_named
from alliance.store import Store
from alliance.view import View

NOW = datetime(2020, 1, 1, tzinfo=UTC)
REQUEST = AccessRequest("harbour", "research")
MEMBERS = ("harbour", "lighthouse")
COLUMNS = ("client", "day", "known", "staff", "rd", "name")

DAYS = [date(2015, month, 15) for month in (1, 2, 4, 5, 7)]
KNOWN = [date(2015, month, 20) for month in (1, 3, 5, 7, 9)]
AS_OF = [date(2015, month, 1) for month in range(1, 11)]


class Row(NamedTuple):
    client: str
    day: date
    known: date
    staff: int | None
    rd: int | None
    name: str | None

    @property
    def sound(self) -> bool:
        return self.day <= self.known


COUNTS = st.none() | st.integers(0, 9)
ROW = st.builds(
    Row, st.sampled_from("ab"), st.sampled_from(DAYS), st.sampled_from(KNOWN), COUNTS, COUNTS,
    st.none() | st.sampled_from(["Qi", "Ming"]),
)  # fmt: skip
SUBMISSION = st.tuples(st.sampled_from(MEMBERS), st.lists(ROW, min_size=1, max_size=6))
SUBMISSIONS = st.lists(SUBMISSION, min_size=1, max_size=4)

Given = Sequence[tuple[str, Sequence[Row]]]

SIGNALS_GIVEN = {"headcount": {"staff": "employees", "rd": "rd_employees"}, "company_profile": {"name": "name"}}


class Alliance:
    """A store that each example fills anew: companies and members' ids of one example are never met by another."""

    def __init__(self, store: Store, contract: Callable[..., Contract], folder: Path) -> None:
        self.store = store
        self._folder = folder
        self._example = 0
        self._contracts = {member: self._contract(contract, member) for member in MEMBERS}

    @staticmethod
    def _contract(contract: Callable[..., Contract], member: str) -> Contract:
        return contract(
            {"signal": "headcount", "observed_on": "day", "employees": "staff", "rd_employees": "rd"},
            {"signal": "company_profile", "observed_on": "day", "name": "name"},
            id=member, member=member, knowledge={"column": "known"},
            companyId={"namespace": "shared", "column": "client"},
        )  # fmt: skip

    def fresh(self) -> "Alliance":
        self._example += 1
        return self

    def take_in(self, submissions: Given) -> None:
        file = self._folder / "rows.csv"
        for member, rows in submissions:
            frame = pl.DataFrame(rows, schema=COLUMNS, orient="row")
            prefixed = frame.with_columns(pl.lit(f"{self._example}-").add(pl.col("client")).alias("client"))
            prefixed.write_csv(file)
            submit(self.store, self._contracts[member], file, now=NOW)

    def company(self, client: str) -> str:
        return self.store.company(f"shared:{self._example}-{client}").company_id

    def facts(self, client: str, as_of: date, **more: Any) -> Facts:
        return View(self.store, REQUEST).facts([self.company(client)], as_of, **more)


@pytest.fixture
def alliance(store: Store, contract: Callable[..., Contract], tmp_path: Path, opened: Callable[..., Store]) -> Alliance:
    return Alliance(opened(store), contract, tmp_path)


def claims_of(submissions: Given, signal: str, fields: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the rows claim of a signal, ``fields`` being its fields by column."""
    every = dict.fromkeys(signal_named(signal).schema)
    return [
        {
            **every, "subject_id": row.client, "member": member, "event_at": row.day, "known_at": row.known,
            "key": f"{row.day.year}-Q{(row.day.month + 2) // 3}" if signal == "headcount" else "",
            "submission_no": no, "row": place, "observed_on": row.day,
            **{field: getattr(row, column) for column, field in fields.items()},
        }
        for no, (member, rows) in enumerate(submissions)
        for place, row in enumerate(rows)
        if row.sound
    ]  # fmt: skip


def clients(submissions: Given) -> list[str]:
    return sorted({row.client for _, rows in submissions for row in rows if row.sound})


EXAMPLES = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@EXAMPLES
@given(submissions=SUBMISSIONS, as_of=st.sampled_from(AS_OF))
def test_facts_are_those_of_the_definition(
    alliance: Alliance, submissions: Given, as_of: date, by_definition: Callable[..., Any]
) -> None:
    alliance.fresh().take_in(submissions)
    for name, fields in SIGNALS_GIVEN.items():
        facts = by_definition(signal_named(name), claims_of(submissions, name, fields), as_of)
        for client in clients(submissions):
            found = {row["key"]: row for row in alliance.facts(client, as_of).frames[name].iter_rows(named=True)}
            expected = {key: fact for (subject, key), fact in facts.items() if subject == client}
            shown = ("members", "event_at", "known_at", *fields.values())
            assert {key: [row[one] for one in shown] for key, row in found.items()} == {
                key: [fact[one] for one in shown] for key, fact in expected.items()
            }


@EXAMPLES
@given(early=SUBMISSIONS, late=SUBMISSIONS, as_of=st.sampled_from(AS_OF))
def test_what_is_learned_later_changes_no_earlier_day(
    alliance: Alliance, early: Given, late: Given, as_of: date
) -> None:
    alliance.fresh().take_in(early)
    before = {client: alliance.facts(client, as_of) for client in clients(early)}
    seen = {client: alliance.facts(client, AS_OF[-1]) for client in clients(early)}
    mark = alliance.store.watermark()

    later = [row for _, rows in late for row in rows if row.sound and max(row.known, row.day) > as_of]
    if later:
        alliance.take_in([(member, later) for member, _ in late])
    for client, facts in before.items():
        assert_same(alliance.facts(client, as_of), facts)
        assert_same(alliance.facts(client, AS_OF[-1], watermark=mark), seen[client])


@EXAMPLES
@given(submissions=SUBMISSIONS, seed=st.randoms(use_true_random=False))
def test_where_known_days_differ_the_order_of_submissions_does_not_matter(
    alliance: Alliance, submissions: Given, seed: Any
) -> None:
    days = iter(pl.date_range(date(2015, 8, 1), date(2015, 12, 31), eager=True).to_list())
    told_apart = [(member, [row._replace(known=next(days)) for row in rows]) for member, rows in submissions]
    found = []
    for order in (told_apart, seed.sample(told_apart, len(told_apart))):
        alliance.fresh().take_in(order)
        found.append(
            [
                frame.drop("subject_id").rows()
                for client in clients(told_apart)
                for frame in alliance.facts(client, date(2015, 12, 31)).frames.values()
            ]
        )
    assert found[0] == found[1]


def assert_same(found: Facts, expected: Facts) -> None:
    assert (found.as_of, found.companies) == (expected.as_of, expected.companies)
    for name, frame in expected.frames.items():
        assert_frame_equal(found.frames[name], frame)


FIXED: Given = [
    ("harbour", [Row(c, day, known, 3, 1, "Qi") for c in "ab" for day, known in zip(DAYS, KNOWN, strict=True)]),
    ("lighthouse", [Row(c, DAYS[0], KNOWN[2], 7, None, None) for c in "bc"]),
    ("harbour", [Row("c", DAYS[4], KNOWN[4], None, 5, "Ming")]),
]


@pytest.mark.parametrize("as_of", [AS_OF[0], AS_OF[1], AS_OF[5], AS_OF[9]])
def test_one_company_many_and_history_tell_the_same(alliance: Alliance, as_of: date) -> None:
    alliance.fresh().take_in(FIXED)
    view = View(alliance.store, REQUEST)
    history = view.history()
    every = alliance.store.company_ids()
    assert history.companies == tuple(every)
    bulk = view.facts(every, as_of)
    assert_same(history.facts(as_of), bulk)
    for client in "abc":
        company = alliance.company(client)
        one = alliance.facts(client, as_of)
        assert_same(history.facts(as_of, [company]), one)
        for name, frame in bulk.frames.items():
            assert_frame_equal(frame.filter(pl.col("subject_id") == company), one.frames[name])
    pair = [alliance.company("a"), alliance.company("c")]
    assert_same(history.facts(as_of, pair), view.facts(pair, as_of))


def test_history_is_pinned_by_its_watermark(alliance: Alliance) -> None:
    alliance.fresh().take_in(FIXED[:1])
    first = View(alliance.store, REQUEST).history()
    mark = alliance.store.watermark()
    alliance.take_in(FIXED[1:])
    again = View(alliance.store, REQUEST).history(watermark=mark)
    for name, frame in first.claims.frames.items():
        assert_frame_equal(again.claims.frames[name], frame)
    assert (first.claims.watermark, again.claims.watermark) == (mark, mark)
    assert alliance.facts("b", AS_OF[-1], watermark=mark).watermark == mark
    assert alliance.facts("b", AS_OF[-1]).watermark == mark + 2


def test_a_company_without_facts_is_listed_all_the_same(alliance: Alliance) -> None:
    alliance.fresh().take_in(FIXED)
    facts = View(alliance.store, REQUEST).facts(["co_none", alliance.company("a")], date(2014, 1, 1))
    assert facts.companies == tuple(sorted(["co_none", alliance.company("a")]))
    assert all(frame.is_empty() for frame in facts.frames.values())


def test_both_databases_tell_the_same(
    sqlite_url: str, postgres_url: str, contract: Callable[..., Contract], tmp_path: Path, opened: Callable[..., Store]
) -> None:
    alliances = [Alliance(opened(Store(url)), contract, tmp_path) for url in (sqlite_url, postgres_url)]
    for alliance in alliances:
        alliance.fresh().take_in(FIXED)
    one, other = (alliance.store for alliance in alliances)
    assert one.company_ids() == other.company_ids()
    assert one.receipts() == other.receipts()
    assert one.search("i") == other.search("i")
    for name, frame in one.claims().frames.items():
        assert_frame_equal(other.claims().frames[name], frame)
    for as_of in AS_OF:
        first, second = (View(alliance.store, REQUEST).facts(one.company_ids(), as_of) for alliance in alliances)
        assert_same(first, second)
    one.close()
    other.close()


SECTORS = ("software", "semiconductors", "biomedicine")


@pytest.fixture
def with_sectors(
    store: Store, contract: Callable[..., Contract], member_file: Callable[..., Path], opened: Callable[..., Store]
) -> Store:
    """Companies s (software, later semiconductors) and n (no sector), and the climate of three sectors."""
    known = {"knowledge": {"lagDays": 0}}
    profile = {"signal": "company_profile", "observed_on": "day", "sector": "sector"}
    climate = {"signal": "market_signal", "observed_on": "day", "sector": "sector", "deals": "deals"}
    people = ["s,2015-01-01,software", "n,2015-01-01,", "s,2015-06-01,semiconductors"]
    submit(store, contract(profile, **known), member_file("client,day,sector", *people), now=NOW)
    quarters = itertools.product(SECTORS, ("2015-02-01", "2015-05-01", "2015-08-01"))
    lines = [f"{sector},{day},{place}" for place, (sector, day) in enumerate(quarters)]
    market = contract(climate, id="market", companyId=None, **known)
    submit(store, market, member_file("sector,day,deals", *lines), now=NOW)
    return opened(store)


@pytest.mark.parametrize(
    ("client", "as_of", "deals"),
    [
        ("s", date(2015, 1, 31), []),
        ("s", date(2015, 5, 31), [0, 1]),
        ("s", date(2015, 8, 31), [0, 3, 1, 4, 2, 5]),
        ("n", date(2015, 8, 31), []),
    ],
)
def test_the_climate_of_a_companys_sectors_comes_with_it(
    with_sectors: Store, client: str, as_of: date, deals: list[int]
) -> None:
    view = View(with_sectors, REQUEST)
    company = with_sectors.company(f"harbour:{client}").company_id
    facts = view.facts([company], as_of)
    climate = facts.frames["market_signal"]
    assert sorted(climate["deals"]) == sorted(deals)
    assert set(climate["subject_id"]) <= set(SECTORS)
    assert_same(view.history().facts(as_of, [company]), facts)
    assert_same(view.history().facts(as_of), view.facts(with_sectors.company_ids(), as_of))
    (over,) = view.history().over([as_of])
    by_key = {name: frame.sort("subject_id", "key") for name, frame in over.frames.items()}
    assert_same(replace(over, frames=by_key), view.history().facts(as_of))


def test_a_view_has_a_purpose_of_the_list(store: Store) -> None:
    with pytest.raises(InvalidInput) as caught:
        View(store, AccessRequest("harbour", "curiosity"))
    assert caught.value.where == {"field": "purpose"}
    assert "research" in caught.value.remedy
    assert View(store, REQUEST).access.request == REQUEST
