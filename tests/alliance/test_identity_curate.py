"""People's words on who is who: merges, splits and verdicts are appended, followed by reads, and told with the scores
they touch."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from alliance.contracts import Contract
from alliance.errors import Conflict, InvalidInput, NotFound
from alliance.identity import curate
from alliance.identity.explain import explain
from alliance.intake import submit
from alliance.rights import AccessRequest
from alliance.store import Decision, Store
from alliance.store.cases import Case, case_id_for, insert_cases
from alliance.store.entries import EntryKind, append
from alliance.view import View

NOW = datetime(2020, 1, 1, tzinfo=UTC)
AS_OF = date(2020, 1, 1)
LIKE = [{"comparison": "name", "level": "names much alike", "bits": 4.5}]


@pytest.fixture
def alliance(
    store: Store, contract: Callable[..., Contract], tmp_path: Path, code: Callable[[int], str],
    opened: Callable[..., Store],
) -> Store:  # fmt: skip
    """Four companies: a1 and a2 of bank a without numbers, b1 and b2 of fund b with one each."""
    rows = {"a": ("a1,Alpha,,10", "a2,Beta,,20"), "b": (f"b1,Gamma,{code(1)},10", f"b2,Delta,{code(2)},40")}
    for member, lines in rows.items():
        file = tmp_path / f"{member}.csv"
        file.write_text("\n".join(["id,name,code,staff,day", *(f"{line},2019-06-30" for line in lines)]) + "\n")
        made = contract(
            {"signal": "headcount", "observed_on": "day", "employees": "staff"}, id=member, member=member,
            companyId={"namespace": member, "column": "id"}, companyName={"column": "name"},
            registrationNumber={"column": "code"}, knowledge={"lagDays": 0},
        )  # fmt: skip
        submit(store, made, file, now=NOW)
    return opened(store, "a", "b")


def facts(store: Store, reference: str, **more: Any) -> Any:
    company = store.company(reference).company_id
    return View(store, AccessRequest("m", "research")).facts([company], AS_OF, **more).frames["headcount"]


def scored(store: Store, reference: str, name: str) -> None:
    """A decision on what a reference means now."""
    company = store.company(reference).company_id
    made = Decision(f"dec_{name}", NOW, company, AS_OF, "bank", "research", (), store.watermark(), "0" * 64, (), {})
    store.record_decisions([made])


def touched(change: curate.Change) -> list[str]:
    return [made.decision_id for made in change.touched]


@pytest.fixture
def case(alliance: Store) -> str:
    """A doubt whether a1 is b1."""
    pair = (alliance.company("a:a1").company_id, alliance.company("b:b1").company_id)
    with alliance.writing() as connection:
        no = append(connection, EntryKind.LINKAGE, "linkage").no
        insert_cases(connection, [Case(case_id_for(*pair), no, *pair, 0.4, LIKE)])
    return case_id_for(*pair)


def test_a_merge_moves_no_record_and_a_split_undoes_it(alliance: Store) -> None:
    one, other = (alliance.company(reference).company_id for reference in ("a:a1", "b:b1"))
    before, mark = [facts(alliance, reference) for reference in ("a:a1", "b:b1")], alliance.watermark()
    claims = alliance.claims().frames["headcount"]

    merged = curate.merge(alliance, "a:a1", "b:b1", "analyst", "One address.")
    assert (merged.company_id, merged.company, merged.no) == (one, other, mark + 1)
    assert alliance.company("a:a1").company_id == alliance.company(one).company_id == other
    assert facts(alliance, one)["members"].to_list() == [2]
    assert other in alliance.company_ids() and one not in alliance.company_ids()

    parted = curate.split(alliance, "a:a1", "analyst", "Two firms at one address.")
    assert (parted.company_id, parted.company) == (one, one)
    for reference, frame in zip(("a:a1", "b:b1"), before, strict=True):
        assert_frame_equal(facts(alliance, reference), frame)
    assert_frame_equal(alliance.claims().frames["headcount"], claims)
    assert facts(alliance, other, watermark=merged.no)["members"].to_list() == [2], "it was one company then"
    assert alliance.merges(mark).into == {}


def test_a_merge_takes_along_all_that_mean_the_company(alliance: Store) -> None:
    curate.merge(alliance, "a:a1", "a:a2", "analyst", "Renamed.")
    curate.merge(alliance, "a:a2", "b:b1", "analyst", "Bought.")
    last = alliance.company("b:b1")
    assert {alliance.company(f"a:{own}").company_id for own in ("a1", "a2")} == {last.company_id}
    assert len(last.merged) == 2
    curate.split(alliance, "a:a2", "analyst", "Sold.")
    assert alliance.company("a:a1").company_id == alliance.company("a:a2").company_id != last.company_id


@pytest.mark.parametrize(
    ("words", "error", "remedy"),
    [
        (("merge", "a:a1", "a:a1"), Conflict, "split"),
        (("merge", "b:b1", "b:b2"), Conflict, "despite"),
        (("merge", "a:a1", "b:nobody"), NotFound, "name"),
        (("split", "a:a1"), InvalidInput, "No other id"),
        (("split", "nobody"), NotFound, "name"),
    ],
)
def test_what_cannot_be_said(alliance: Store, words: tuple[str, ...], error: type, remedy: str) -> None:
    mark = alliance.watermark()
    with pytest.raises(error) as caught:
        getattr(curate, words[0])(alliance, *words[1:], "analyst", "Why not.")
    assert remedy in str(caught.value.remedy)
    assert alliance.watermark() == mark


def test_there_are_no_circles(alliance: Store) -> None:
    curate.merge(alliance, "a:a1", "a:a2", "analyst", "One.")
    for one, other in (("a:a2", "a:a1"), ("a:a1", "a:a2")):
        with pytest.raises(Conflict, match="one company already"):
            curate.merge(alliance, one, other, "analyst", "Again.")


@pytest.mark.parametrize(("author", "reason"), [("", "Why."), ("analyst", " ")])
def test_a_word_has_an_author_and_a_reason(alliance: Store, author: str, reason: str) -> None:
    with pytest.raises(InvalidInput):
        curate.merge(alliance, "a:a1", "a:a2", author, reason)


def test_two_numbers_are_one_company_only_on_demand(alliance: Store) -> None:
    curate.merge(alliance, "b:b1", "b:b2", "analyst", "Registered anew.", despite_numbers=True)
    assert alliance.company("b:b1").company_id == alliance.company("b:b2").company_id


def test_every_score_a_wrong_merge_touched_is_named(alliance: Store) -> None:
    scored(alliance, "b:b1", "alone")
    merged = curate.merge(alliance, "a:a1", "b:b1", "analyst", "One.")
    assert touched(merged) == ["dec_alone"], "it would be made from more records today"
    scored(alliance, "b:b1", "together")
    scored(alliance, "a:a2", "another")
    assert touched(curate.split(alliance, "a:a1", "analyst", "Two.")) == ["dec_together"]
    assert [made.decision_id for made in alliance.decisions_about([alliance.company("b:b1").company_id])] == [
        "dec_alone", "dec_together",
    ]  # fmt: skip


def test_a_case_is_decided_once(alliance: Store, case: str) -> None:
    scored(alliance, "b:b1", "before")
    assert [one.case_id for one in curate.review(alliance)] == [case]
    change = curate.accept(alliance, case, "analyst", "One founder.")
    assert alliance.company("a:a1").company_id == alliance.company("b:b1").company_id == change.company
    assert touched(change) == ["dec_before"]
    assert curate.review(alliance) == []
    for decide in (curate.accept, curate.reject):
        with pytest.raises(Conflict, match="has been decided: one company"):
            decide(alliance, case, "analyst", "Once more.")
    with pytest.raises(NotFound):
        curate.reject(alliance, "case_none", "analyst", "Why.")


def test_a_case_rejected_changes_nothing(alliance: Store, case: str) -> None:
    decided = curate.reject(alliance, case, "analyst", "Two founders.")
    assert (decided.same, decided.reason) == (False, "Two founders.")
    assert alliance.company("a:a1").company_id != alliance.company("b:b1").company_id
    assert curate.review(alliance) == []


def test_a_case_settled_by_a_merge_is_no_longer_asked(alliance: Store, case: str) -> None:
    curate.merge(alliance, "a:a1", "b:b1", "analyst", "One.")
    assert curate.review(alliance) == []
    with pytest.raises(Conflict, match="one company already"):
        curate.accept(alliance, case, "analyst", "Yes.")


def test_a_case_against_a_number_parts_the_id_from_its_company(alliance: Store, case: str) -> None:
    """a1 was taken for b2; that it is b1 means that it was not."""
    curate.merge(alliance, "a:a1", "b:b2", "linkage", "Alike.")
    scored(alliance, "b:b2", "wrong")
    change = curate.accept(alliance, case, "analyst", "The licence says so.")
    assert alliance.company("a:a1").company_id == alliance.company("b:b1").company_id
    assert alliance.company("b:b2").merged == ()
    assert touched(change) == ["dec_wrong"]


def test_a_company_is_explained_as_it_stood(alliance: Store, case: str) -> None:
    start = alliance.watermark()
    curate.accept(alliance, case, "analyst", "One founder.")
    curate.split(alliance, "a:a1", "auditor", "Two after all.")
    one, other = (alliance.company(reference).company_id for reference in ("a:a1", "b:b1"))

    now = explain(alliance, "b:b1")
    assert [met.company_id for met in now.ids] == [other]
    assert [(word.author, word.into_id, word.reason) for word in now.words] == [
        ("analyst", other, "One founder."), ("auditor", None, "Two after all."),
    ]  # fmt: skip
    assert now.words[0].evidence == LIKE
    [decided] = now.cases
    assert (decided.case_id, decided.same, decided.reason) == (case, True, "One founder.")

    then = explain(alliance, "a:a1", watermark=start + 1)
    assert (then.company_id, [met.company_id for met in then.ids]) == (other, [other, one])
    assert then.ids[1].identifiers == ("a:a1",) and then.ids[1].names == ("Alpha",) and then.ids[1].member == "a"
    assert explain(alliance, "a:a1", watermark=start).words == ()
    assert explain(alliance, "a:a1", at=datetime.now(UTC) + timedelta(days=1)).watermark == start + 2
    with pytest.raises(NotFound):
        explain(alliance, "a:a1", at=NOW - timedelta(days=1))
