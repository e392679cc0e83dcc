"""Who is erased is nowhere any more; what others gave stays."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from alliance import erasure
from alliance.disputes import Objection, raise_dispute, rule
from alliance.erasure import Company, Person
from alliance.errors import Erased, NotFound
from alliance.identity import curate
from alliance.intake import retry, submit
from alliance.notary import Notary
from alliance.rights import AccessRequest
from alliance.signals import SIGNALS
from alliance.store import Store
from alliance.store.schema import record
from alliance.view import View

House = Any
"""See ``conftest``: tests import nothing of each other."""


def test_a_company_is_nowhere_any_more(house: House, notary: Notary) -> None:
    assert all(canary in house.text() for canary in house.canaries)
    saved = notary.head()
    counts = erasure.held(house.store, Company(house.number))
    made = erasure.erase(house.store, Company("bank:canaryid-1"), **house.why)
    assert made is not None and made.counts == counts
    assert (made.about, made.subject, made.no) == ("company", house.id, house.store.watermark())
    assert counts == {
        "records of cash_position": 2, "records of company_profile": 2, "records of person_role": 1, "disputes": 1,
        "rulings": 1, "figures of cohorts": 2, "names": 2, "members' own ids": 2, "quarantined rows": 3,
        "decisions": 1, "cases of identity": 1, "verdicts on identity": 1,
    }  # fmt: skip
    left = house.text()
    assert [canary for canary in house.canaries if canary in left] == ["canary-person"]  # elsewhere, too
    assert house.findings(saved) == []


def test_the_database_files_forget_as_well(sqlite_url: str, housed: Callable[[Store], House]) -> None:
    house = housed(Store(sqlite_url))
    house.speak()
    assert b"CANARYNAME" in house.files()
    erasure.erase(house.store, Company(house.number), **house.why)
    erasure.erase(house.store, Person("canary-person"), **house.why)
    left = house.files()
    assert [canary for canary in house.canaries if canary.encode() in left] == []
    house.store.close()


def test_what_others_gave_stays(house: House, opened: Callable[..., Store]) -> None:
    before = _of(house, house.other_id, opened)
    erasure.erase(house.store, Company(house.number), **house.why)
    assert _of(house, house.other_id, opened) == before
    assert house.store.decision("dec_2").whole().result["points"] == 5
    left = house.store.quarantined(house.first).filter(content="").height
    assert left == 3 and house.store.quarantined(house.first).height == 4
    assert "kept evidence" in house.text() and "kept ruling" in house.text()


def _of(house: House, company: str, opened: Callable[..., Store]) -> list[Any]:
    """All facts of a company, from those who gave them to who may read everything."""
    opened(house.store, "hr", "m")
    facts = View(house.store, AccessRequest("m", "research")).facts([company], date(2020, 1, 1))
    drop = {"fact"}
    return [frame.drop(*(drop & set(frame.columns))).rows() for frame in facts.frames.values()]


def test_no_watermark_reads_what_was_erased(house: House, opened: Callable[..., Store]) -> None:
    mark = house.store.watermark()
    assert house.store.claims([house.id], watermark=mark).frames["cash_position"].height == 2
    erasure.erase(house.store, Company(house.number), **house.why)
    claims = house.store.claims([house.id], watermark=mark)
    assert all(claims.frames[signal.name].is_empty() for signal in SIGNALS)
    entry = house.store.company(house.number)
    assert (entry.names, dict(entry.identifiers)) == ((), {"registration": house.number})
    assert house.store.search("CANARYNAME") == []
    with pytest.raises(NotFound):
        house.store.company("bank:canaryid-1")


def test_rulings_kept_in_memory_forget_at_the_next_read(house: House) -> None:
    raised = raise_dispute(
        house.store,
        Objection(company=house.number, signal="company_profile", author="fund", evidence="canary evidence"),
        due_days=20,
    )
    rule(house.store, raised.dispute_id, excluded=True, author="arbiter", reason="canary ruling")
    mark = house.store.watermark()
    assert "canary evidence" in str(house.store.rulings(mark))
    erasure.erase(house.store, Company(house.number), **house.why)
    assert "canary" not in str(house.store.rulings(mark))
    assert "canary" not in str(vars(house.store._rulings_by_entry))


def test_a_person_is_nowhere_any_more_and_its_companies_stay(house: House, notary: Notary) -> None:
    made = erasure.erase(house.store, Person(" canary-person "), **house.why)
    assert made is not None and made.subject == ""
    assert made.counts == {
        "records of person_role": 2, "disputes": 1, "figures of cohorts": 1, "quarantined rows": 1, "decisions": 2,
    }  # fmt: skip
    left = house.text()
    assert "canary-person" not in left
    assert "CANARYNAME" in left and "somebody" in left
    assert house.store.decision("dec_1").erased is None
    assert house.findings(notary.head()) == []


def test_an_erasure_done_again_has_nothing_to_do(house: House) -> None:
    assert erasure.erase(house.store, Person("nobody"), **house.why) is None
    for subject in (Company(house.number), Person("canary-person")):
        assert erasure.erase(house.store, subject, **house.why) is not None
        before = house.store.watermark(), house.text()
        assert erasure.held(house.store, subject) == {}
        assert erasure.erase(house.store, subject, **house.why) is None
        assert (house.store.watermark(), house.text()) == before
    assert [one.about for one in erasure.erasures(house.store)] == ["company", "person"]
    assert house.findings() == []


def test_all_ids_of_a_company_are_erased(house: House) -> None:
    curate.merge(house.store, house.other, house.number, "clerk", "canary link", despite_numbers=True)
    erasure.erase(house.store, Company(house.number), **house.why)
    with house.store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(record)) == 0
    assert "canary link" not in house.text()
    assert house.findings() == []


def test_what_is_given_later_is_taken_in_as_of_a_new_company(house: House) -> None:
    """A company first met under a member's own id, and erased, is met again under it."""
    house.give("lab", (",own-1,Later,2019-03-31,1,1",))
    met = house.store.company("lab:own-1").company_id
    erasure.erase(house.store, Company("lab:own-1"), **house.why)
    house.give("lab", (",own-1,Later again,2019-06-30,2,1",))
    assert house.store.company("lab:own-1").company_id == met
    assert house.store.company(met).names == ("Later again",)
    assert house.store.claims([met]).frames["cash_position"]["cash"].to_list() == [2]
    assert house.findings() == []


def test_the_same_file_given_again_brings_nothing_back(house: House, tmp_path: Path) -> None:
    erasure.erase(house.store, Person("canary-person"), **house.why)
    assert submit(house.store, house.contract, tmp_path / "hr.csv") == house.people
    assert "canary-person" not in house.text()


def test_erased_quarantined_rows_stay_quarantined(house: House) -> None:
    erasure.erase(house.store, Person("canary-person"), **house.why)
    tried = retry(house.store, replace(house.contract, sha256="f" * 64), house.people.submission_id)
    assert (tried.accepted, tried.quarantined) == (0, 1)


def test_an_erased_decision_says_so(house: House) -> None:
    made = erasure.erase(house.store, Company(house.number), **house.why)
    assert made is not None
    found = house.store.decision("dec_1")
    assert (found.erased, list(found.inline_records)) == (made.no, [])
    with pytest.raises(Erased) as told:
        found.whole()
    assert told.value.where == {"decision": "dec_1", "entry": made.no}
    assert [one.decision_id for one in house.store.decisions_about([house.id])] == ["dec_1"]
