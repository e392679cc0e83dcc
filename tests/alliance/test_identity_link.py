"""A pass of linkage: who becomes whom, by which rules, and that no id ever changes by itself."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from alliance.contracts import Contract
from alliance.identity import curate, linkage
from alliance.identity.link import Linkage, link_newcomers
from alliance.intake import submit
from alliance.rights import AccessRequest
from alliance.store import Store
from alliance.store.cases import open_cases
from alliance.store.merges import merge_history
from alliance.view import View

NOW = datetime(2020, 1, 1, tzinfo=UTC)
AS_OF = date(2020, 1, 1)
EVIDENCE = [{"comparison": "name", "level": "the same name", "bits": 20.0}]


class Alliance:
    """Members that report the headcount of companies by own id, name and, at times, registration number."""

    def __init__(self, store: Store, contract: Callable[..., Contract], folder: Path) -> None:
        self.store, self._contract, self._folder, self._files = store, contract, folder, count()

    def give(self, member: str, *rows: str) -> None:
        """Rows of ``id,name,number,staff``."""
        file = self._folder / f"{next(self._files)}.csv"
        file.write_text("\n".join(["id,name,code,staff,day", *(f"{row},2019-06-30" for row in rows)]) + "\n", "utf-8")
        made = self._contract(
            {"signal": "headcount", "observed_on": "day", "employees": "staff"}, id=f"{member}-{file.stem}",
            member=member, companyId={"namespace": member, "column": "id"}, companyName={"column": "name"},
            registrationNumber={"column": "code"}, knowledge={"lagDays": 0},
        )  # fmt: skip
        receipt = submit(self.store, made, file, now=NOW)
        assert receipt.quarantined == 0

    def company(self, reference: str) -> str:
        return self.store.company(reference).company_id

    def staff(self, reference: str, **more: Any) -> pl.DataFrame:
        facts = View(self.store, AccessRequest("m", "research")).facts([self.company(reference)], AS_OF, **more)
        return facts.frames["headcount"].drop("subject_id")


@pytest.fixture
def alliance(store: Store, contract: Callable[..., Contract], tmp_path: Path, opened: Callable[..., Store]) -> Alliance:
    return Alliance(opened(store, "registry"), contract, tmp_path)


@pytest.fixture
def likeness(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Says how alike companies are, by their names; all others are not alike at all."""

    def said(*pairs: tuple[str, str, float]) -> None:
        alike = {frozenset(pair[:2]): pair[2] for pair in pairs}

        def scored(newcomers: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
            named = [(company, names, new) for frame, new in ((newcomers, True), (known, False))
                     for company, names in frame.select("company_id", "names").iter_rows()]  # fmt: skip
            rows = [
                (one, other, max(found), json.dumps(EVIDENCE))
                for one, names, new in named
                for other, others, _ in named
                if new
                and one != other
                and (found := [alike[frozenset((a, b))] for a in names for b in others if frozenset((a, b)) in alike])
            ]
            return pl.DataFrame(rows, schema=linkage.PAIR_SCHEMA, orient="row")

        monkeypatch.setattr(linkage, "score_pairs", scored)
        monkeypatch.setattr(linkage, "thresholds", lambda: linkage.Thresholds(0.9, 0.2))

    said()
    return said


@pytest.fixture
def star(alliance: Alliance, likeness: Callable[..., None], code: Callable[[int], str]) -> Alliance:
    """A registered company, known before, and a likeness of its name to one that a bank will bring."""
    likeness(("星辰", "Star", 0.97), ("星辰", "Stern", 0.5))
    alliance.give("registry", f"r1,星辰,{code(1)},40", f"r2,月亮,{code(2)},8")
    alliance.give("fund", "f9,Moon,,9")
    link_newcomers(alliance.store)
    return alliance


def test_a_newcomer_surely_known_means_the_company_known_before(star: Alliance, code: Callable[[int], str]) -> None:
    before = star.company(code(1))
    star.give("bank", "b1,Star,,42")
    met = star.company("bank:b1")
    assert met != before
    made = link_newcomers(star.store, now=NOW)
    assert (made.newcomers, made.linked, made.cases) == (1, 1, 0)
    assert star.company(code(1)) == before, "who was known stays who it was"
    for reference in ("bank:b1", met, before):
        assert star.company(reference) == before
        assert star.staff(reference)["members"].to_list() == [2]
        assert star.staff(reference)["employees"].to_list() == [41]
    entry = star.store.company("bank:b1")
    assert (entry.merged, set(entry.names)) == ((met,), {"星辰", "Star"})
    with star.store.reading() as connection:
        [word] = merge_history(connection, [met], star.store.watermark())
    assert (word.no, word.into_id, word.evidence) == (made.no, before, EVIDENCE)


def test_what_was_read_before_a_link_reads_the_same_for_ever(star: Alliance) -> None:
    star.give("bank", "b1,Star,,42")
    mark, seen = star.store.watermark(), star.staff("registry:r1")
    link_newcomers(star.store)
    assert_frame_equal(star.staff("registry:r1", watermark=mark), seen)
    assert star.staff("registry:r1")["members"].to_list() == [2]


def test_a_doubt_is_for_people_and_raised_once(star: Alliance) -> None:
    star.give("bank", "b1,Stern,,42")
    made = link_newcomers(star.store)
    assert (made.linked, made.cases) == (0, 1)
    [case] = curate.review(star.store)
    assert (case.company_id, case.candidate_id) == (star.company("bank:b1"), star.company("registry:r1"))
    assert (case.probability, case.evidence) == (0.5, EVIDENCE)
    assert link_newcomers(star.store) == Linkage(), "nobody is new any more"
    star.give("hr", "h1,Sonne,,3")
    assert link_newcomers(star.store).cases == 0
    with star.store.reading() as connection:
        assert len(open_cases(connection)) == 1


def test_two_that_are_both_likely_are_for_people(star: Alliance, likeness: Callable[..., None]) -> None:
    likeness(("星辰", "Star", 0.97), ("月亮", "Star", 0.95))
    star.give("bank", "b1,Star,,42")
    made = link_newcomers(star.store)
    assert (made.linked, made.cases) == (0, 2)
    assert [case.probability for case in curate.review(star.store)] == [0.97, 0.95]


def test_two_known_before_are_never_joined_by_a_pass(
    star: Alliance, likeness: Callable[..., None], code: Callable[[int], str]
) -> None:
    moon, star_id = star.company("fund:f9"), star.company(code(1))
    likeness(("月亮", "Moon", 0.99), ("星辰", "Moon", 0.99))
    star.give("bank", f"b7,Venus,{code(7)},1")
    made = link_newcomers(star.store)
    assert (made.newcomers, made.linked, made.cases) == (1, 0, 0)
    assert (star.company("fund:f9"), star.company(code(1))) == (moon, star_id)


def test_newcomers_are_linked_to_each_other_the_numbered_one_first(
    alliance: Alliance, likeness: Callable[..., None], code: Callable[[int], str]
) -> None:
    likeness(("A", "B", 0.95), ("B", "C", 0.95), ("A", "C", 0.95))
    alliance.give("bank", "b1,A,,10", f"b2,B,{code(4)},10", "b3,C,,10")
    assert link_newcomers(alliance.store).linked == 2
    numbered = alliance.company(code(4))
    assert {alliance.company(f"bank:b{place}") for place in (1, 2, 3)} == {numbered}


def test_a_company_with_another_number_is_never_it(
    star: Alliance, likeness: Callable[..., None], code: Callable[[int], str]
) -> None:
    likeness(("星辰", "Star", 0.99), ("Star", "Astra", 0.99))
    star.give("bank", f"b1,Star,{code(5)},42")
    star.give("hr", "h1,Astra,,42")
    link_newcomers(star.store)
    assert star.company("bank:b1") != star.company(code(1))
    assert star.company("hr:h1") == star.company(code(5))


def test_a_word_of_people_stands(star: Alliance, likeness: Callable[..., None]) -> None:
    star.give("bank", "b1,Stern,,42")
    link_newcomers(star.store)
    [case] = curate.review(star.store)
    curate.reject(star.store, case.case_id, "analyst", "Two firms.")
    likeness(("星辰", "Stern", 0.99), ("Stern", "Stella", 0.95), ("星辰", "Stella", 0.95))
    star.give("hr", "h1,Stella,,42")
    made = link_newcomers(star.store)
    assert made.linked == 0, "they were ruled apart, so it can be either"
    assert star.company("bank:b1") != star.company("registry:r1")


def submissions(code: Callable[[int], str]) -> Sequence[tuple[str, Sequence[str]]]:
    """Ten files by five members of companies that have a number only here and there."""
    members = ("registry", "bank", "fund", "hr", "vendor")
    return [
        (
            members[step % 5],
            [f"{members[step % 5][0]}{n},{'星' * (n % 4 + 1)} {'Ltd' * (step % 2)},"
             f"{code(n % 4 + 1) if (step + n) % 3 == 0 else ''},{10 + n}" for n in range(step, step + 4)],
        )
        for step in range(10)
    ]  # fmt: skip


def test_no_id_ever_changes_by_itself(alliance: Alliance, code: Callable[[int], str]) -> None:
    """Ten submissions, each linked by real likeness: an id leads for ever to the company it was linked to at once."""
    known: dict[str, str] = {}
    for member, rows in submissions(code):
        alliance.give(member, *rows)
        link_newcomers(alliance.store)
        for reference, company in known.items():
            assert alliance.company(reference) == company
        known |= {company: company for company in alliance.store.company_ids()}
        own = [f"{member}:{row.split(',')[0]}" for row in rows]
        known |= {reference: alliance.company(reference) for reference in own}
    assert len(alliance.store.company_ids()) < len({*known.values()} | {*known}), "some were linked"


def test_two_passes_at_once_make_one_word(star: Alliance, monkeypatch: pytest.MonkeyPatch) -> None:
    star.give("bank", "b1,Star,,42")
    scored = linkage.score_pairs
    passes: list[Linkage] = []

    def overtaken(newcomers: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
        monkeypatch.setattr(linkage, "score_pairs", scored)
        passes.append(link_newcomers(star.store))
        return scored(newcomers, known)

    monkeypatch.setattr(linkage, "score_pairs", overtaken)
    assert link_newcomers(star.store) == Linkage(), "the other pass left nothing to do"
    assert [made.linked for made in passes] == [1]


def test_where_all_have_numbers_there_is_nothing_to_compare(alliance: Alliance, code: Callable[[int], str]) -> None:
    start = alliance.store.watermark()
    assert link_newcomers(alliance.store) == Linkage()
    alliance.give("registry", f"r1,星辰,{code(1)},40")
    assert link_newcomers(alliance.store) == Linkage()
    assert alliance.store.watermark() == start + 1
