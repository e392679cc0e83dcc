"""Which company a row is of: by number first, then by the member's own id; whatever the order of the rows."""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from alliance.contracts import Contract
from alliance.errors import NotFound
from alliance.identity import company_id_for, resolve
from alliance.intake import submit
from alliance.store import Store
from alliance.store.entries import EntryKind, append
from alliance.store.schema import company, identifier

Pair = tuple[str | None, str | None]

PAIRS = st.tuples(st.sampled_from([None, "R1", "R2", "R3"]), st.sampled_from([None, "a", "b", "c"])).filter(any)
SUBMISSIONS = st.lists(st.lists(PAIRS, unique=True, max_size=8), min_size=1, max_size=4)


class Undo(Exception):
    """Leaves the store as it was."""


def resolved(
    store: Store, submissions: Sequence[Sequence[Pair]]
) -> tuple[list[dict[Pair, str]], dict[Pair, str], set[str]]:
    """Company of each pair by submission, then all identifiers and companies known; nothing of it is kept."""
    found: list[dict[Pair, str]] = []
    with suppress(Undo), store.writing() as connection:
        for pairs in submissions:
            no = append(connection, EntryKind.SUBMISSION, "harbour").no
            frame = pl.DataFrame(pairs, schema={"_registration": pl.String, "_local": pl.String}, orient="row")
            rows = resolve(connection, no, frame, "harbour").select("_registration", "_local", "company_id").rows()
            found.append({(number, local): company_id for number, local, company_id in rows})
        identifiers = connection.execute(select(identifier.c.scheme, identifier.c.value, identifier.c.company_id))
        known = {(scheme, value): company_id for scheme, value, company_id in identifiers}
        companies = set(connection.scalars(select(company.c.company_id)))
        raise Undo
    return found, known, companies


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(submissions=SUBMISSIONS, seed=st.integers(0, 2**32))
def test_companies_do_not_hang_on_the_order_of_rows(store: Store, submissions: list[list[Pair]], seed: int) -> None:
    chance = random.Random(seed)
    shuffled = [chance.sample(pairs, len(pairs)) for pairs in submissions]
    assert resolved(store, shuffled) == resolved(store, submissions)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(submissions=SUBMISSIONS)
def test_a_number_is_one_company_for_ever(store: Store, submissions: list[list[Pair]]) -> None:
    found, known, companies = resolved(store, submissions)
    by_number: dict[str, set[str]] = {}
    for part in found:
        for (number, _), company_id in part.items():
            if number:
                by_number.setdefault(number, set()).add(company_id)
    assert all(len(companies_of_it) == 1 for companies_of_it in by_number.values())
    assert len(set().union(*by_number.values())) == len(by_number), "two numbers are never one company"
    assert {c for part in found for c in part.values()} <= companies == set(known.values())
    assert [set(part) for part in found] == [set(pairs) for pairs in submissions], "every reference is resolved"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(submissions=SUBMISSIONS)
def test_the_same_files_again_change_nothing(store: Store, submissions: list[list[Pair]]) -> None:
    _, known, companies = resolved(store, submissions)
    again, known_again, companies_again = resolved(store, [*submissions, submissions[-1], submissions[-1]])
    assert (known_again, companies_again) == (known, companies)
    assert again[-1] == again[-2]


EXAMPLES: list[tuple[list[list[Pair]], dict[Pair, str]]] = [
    # a number decides, whatever the member's id
    ([[("R1", "a"), ("R1", "b")]], {("R1", "a"): "R1", ("R1", "b"): "R1"}),
    # an id without number: of the company the same file ties it to
    ([[(None, "a"), ("R1", "a")]], {(None, "a"): "R1", ("R1", "a"): "R1"}),
    ([[("R2", "a"), (None, "a"), ("R1", "a")]], {("R1", "a"): "R1", ("R2", "a"): "R2", (None, "a"): "R1"}),
    # or an earlier submission
    ([[("R1", "a")], [(None, "a")]], {(None, "a"): "R1"}),
    ([[("R2", "a"), ("R1", "a")], [(None, "a")]], {(None, "a"): "R1"}),
    ([[("R1", "a")], [("R2", "a"), (None, "a")]], {("R2", "a"): "R2", (None, "a"): "R2"}),
    # or else a company of its own
    ([[(None, "a"), (None, "b")]], {(None, "a"): "a", (None, "b"): "b"}),
    # whose number may be learned later
    ([[(None, "a")], [("R1", "a")]], {("R1", "a"): "a"}),
    ([[(None, "a")], [("R1", "a")], [("R1", None)]], {("R1", None): "a"}),
    ([[(None, "a")], [("R1", "a")], [("R2", "a")]], {("R2", "a"): "R2"}),
    ([[(None, "a")], [("R1", "a")], [("R2", "a")], [(None, "a")]], {(None, "a"): "a"}),
    # but not of a company that goes by another number already
    ([[(None, "a")], [("R1", None)], [("R1", "a")]], {("R1", "a"): "R1"}),
]  # fmt: skip
"""Submissions, and the company of each reference of the last: named by the number or id it was founded under."""


def test_whose_a_reference_is(store: Store) -> None:
    for submissions, last in EXAMPLES:
        found, _, _ = resolved(store, submissions)
        ids = {n: company_id_for("registration" if n.startswith("R") else "harbour", n) for n in last.values()}
        assert found[-1] == {pair: ids[name] for pair, name in last.items()}, submissions


HEADCOUNT = {"signal": "headcount", "observed_on": "day", "employees": "staff"}
BY_NUMBER = {"registrationNumber": {"column": "code"}, "companyName": {"column": "name"}}


@pytest.fixture
def harbour(contract: Callable[..., Contract]) -> Contract:
    return contract(HEADCOUNT, **BY_NUMBER)


@pytest.fixture
def lighthouse(contract: Callable[..., Contract]) -> Contract:
    own = {"namespace": "lighthouse", "column": "client"}
    return contract(HEADCOUNT, id="lighthouse-clients", member="lighthouse", companyId=own, **BY_NUMBER)


def test_members_meet_by_number_and_keep_their_own_ids(  # noqa: PLR0917
    store: Store, harbour: Contract, lighthouse: Contract, member_file: Callable[..., Path], code: Callable[[int], str],
    now: datetime,
) -> None:  # fmt: skip
    header = "code,client,name,day,staff"
    submit(store, harbour, member_file(header, ",7,Harbour Seven,2015-01-01,3"), now=now)
    submit(store, lighthouse, member_file(header, ",7,Lighthouse Seven,2015-01-01,3"), now=now)
    assert len(store.company_ids()) == 2, "the same id of two members is not the same company"
    founded = store.company("harbour:7").company_id

    submit(store, harbour, member_file(header, f"{code(1)},7,,2015-01-01,4"), now=now)
    submit(store, lighthouse, member_file(header, f"{code(1).lower()},L1,Seven Ltd,2015-01-01,5"), now=now)
    entry = store.company(code(1))
    assert entry.company_id == founded
    assert entry.identifiers == {"harbour": "7", "lighthouse": "L1", "registration": code(1)}
    assert entry.names == ("Harbour Seven", "Seven Ltd")
    assert store.company("lighthouse:7").company_id != founded
    claims = store.claims([founded]).frames["headcount"]
    assert claims.select("member", "employees").rows() == [("harbour", 3), ("harbour", 4), ("lighthouse", 5)]


def test_an_id_may_hold_a_colon(store: Store, harbour: Contract, member_file: Callable[..., Path]) -> None:
    submit(store, harbour, member_file("code,client,name,day,staff", ",c:28,A,2015-01-01,3"))
    entry = store.company("harbour:c:28")
    assert entry.identifiers == {"harbour": "c:28"}
    assert store.company(entry.company_id) == entry


def test_companies_are_found_as_far_as_they_were_known(
    store: Store, harbour: Contract, member_file: Callable[..., Path], code: Callable[[int], str]
) -> None:
    header = "code,client,name,day,staff"
    submit(store, harbour, member_file(header, ",7,A,2015-01-01,3"))
    submit(store, harbour, member_file(header, f"{code(1)},7,A,2015-01-01,3", ",8,B,2015-01-01,3"))
    seven, eight = (store.company(f"harbour:{client}").company_id for client in "78")
    asked = ["harbour:7", "harbour:8", code(1), code(1).lower(), seven, eight, "harbour:9"]
    assert store.find_companies(asked, watermark=0) == {}
    assert store.find_companies(asked, watermark=1) == {"harbour:7": seven, seven: seven}
    assert store.find_companies(asked) == dict(zip(asked[:-1], [seven, eight, seven, seven, seven, eight], strict=True))


def test_what_no_company_goes_by_is_not_found(
    store: Store, harbour: Contract, member_file: Callable[..., Path]
) -> None:
    submit(store, harbour, member_file("code,client,name,day,staff", ",7,A,2015-01-01,3"))
    for reference in ["co_0", "harbour:9", "nobody:7", "7", "", ":", "harbour:", "%", "\0", "7\ud83d"]:
        with pytest.raises(NotFound) as caught:
            store.company(reference)
        assert caught.value.where == {"company": reference}


def test_shuffled_files_are_of_the_same_companies(
    tmp_path: Path, harbour: Contract, code: Callable[[int], str], now: datetime
) -> None:
    numbers = ["", code(1), code(2)]
    lines = [f"{numbers[n % 3]},k{n % 7},Name {n},2015-01-01,{n}" for n in range(42)]
    found = []
    for attempt in range(3):
        file = tmp_path / "rows.csv"
        file.write_text("\n".join(["code,client,name,day,staff", *lines]))
        store = Store(f"sqlite:///{tmp_path / f'{attempt}.db'}")
        submit(store, harbour, file, now=now)
        claims = store.claims().frames["headcount"]
        found.append((dict(claims.select("employees", "subject_id").rows()), store.companies(store.company_ids())))
        store.close()
        random.Random(attempt).shuffle(lines)
    assert found[0] == found[1] == found[2]
    assert len(found[0][0]) == 42
