"""Who is erased is nowhere any more; what others gave, and what the ledger proves, stays."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from alliance import erasure, grants
from alliance.audit import audit
from alliance.contracts import Contract
from alliance.disputes import Objection, raise_dispute, rule
from alliance.erasure import Company, Person
from alliance.errors import Erased, InvalidInput, NotFound
from alliance.identity import curate
from alliance.intake import retry, submit
from alliance.ledger import LedgerReceipt, LogKey, SignedHead
from alliance.notary import Notary
from alliance.policy import read_policy
from alliance.retention import Retention
from alliance.rights import AccessRequest
from alliance.signals import SIGNALS
from alliance.store import Decision, Store
from alliance.store.aggregates import Answer, insert_answer
from alliance.store.cases import Case, case_id_for, insert_cases
from alliance.store.entries import EntryKind, append
from alliance.store.ledger_schema import ledger_salt
from alliance.store.schema import metadata, record
from alliance.view import View

NOW = datetime(2020, 1, 1, 12, tzinfo=UTC)
WHY = {"author": "clerk", "reason": "It asked for it.", "basis": "PIPL Art. 47"}

PROFILE = {"signal": "company_profile", "observed_on": "day", "name": "name"}
CASH = {"signal": "cash_position", "observed_on": "day", "cash": "cash", "monthly_burn": "burn"}
ROLE = {"signal": "person_role", "person_key": "person", "role": "role", "started_on": "day", "ended_on": "left"}

CANARIES = (
    "CANARYNAME", "canaryid", "77123456", "canary-person", "canary evidence", "canary ruling", "canary verdict",
    "88123456", "canary-level",
)  # fmt: skip
"""What is told of the company alone, wherever it is told."""


class House:
    """Two members' files about two companies and two people, and all that was said and decided of them since."""

    def __init__(
        self, store: Store, contract: Callable[..., Contract], folder: Path, code: Callable[[int], str]
    ) -> None:
        self.store, self.number, self.other = store, code(1), code(2)
        self._contract, self._folder = contract, folder
        bank = (
            f"{self.number},canaryid-1,CANARYNAME 云海,2019-03-31,77123456,1000",
            f"{self.other},c2,杭州星辰,2019-06-30,900000,30000",
            f"{self.other},c2,CANARYNAME 云海,not a day,1,1",  # of the other, yet called as it is
            ",canaryid-1,x,not a day,1,1",
            f",c2,x,not a day,{self.number} 88123456,1",
            ",c2,kept,not a day,5,1",
        )
        self.first = self.give("bank", bank)
        self.second = self.give("fund", (f"{self.number},canaryid-9,CANARYNAME 二,2019-03-31,77123456,900",
                                         f"{self.other},f2,杭州星辰,2019-06-30,910000,30000"))  # fmt: skip
        self.people = self.give_people(
            "hr",
            (f"{self.number},canary-person,founder,2010-01-01,2019-01-01",
             f"{self.other},canary-person,director,2011-01-01,",
             f"{self.other},somebody,director,2011-01-01,",
             f"{self.other},canary-person,no such role,2011-01-01,"),
        )  # fmt: skip
        self.id, self.other_id = (store.company(one).company_id for one in (self.number, self.other))

    def give(self, member: str, rows: tuple[str, ...]) -> Any:
        header = "code,client,name,day,cash,burn"
        made = self._contract(
            CASH, PROFILE, id=member, member=member,
            companyId={"namespace": member, "column": "client"}, registrationNumber={"column": "code"},
            companyName={"column": "name"},
        )  # fmt: skip
        return self._submit(made, member, header, rows)

    def give_people(self, member: str, rows: tuple[str, ...]) -> Any:
        made = self._contract(ROLE, id=member, member=member, companyId=None, registrationNumber={"column": "code"})
        return self._submit(made, member, "code,person,role,day,left", rows)

    def _submit(self, made: Contract, member: str, header: str, rows: tuple[str, ...]) -> Any:
        file = self._folder / f"{member}.csv"
        file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        self.contract = made
        return submit(self.store, made, file, now=NOW)

    def speak(self) -> None:
        """Disputes and rulings, cases and links, decisions and figures about the companies."""
        store = self.store
        for company in (self.number, self.other):
            objection = Objection(
                company=company, signal="cash_position", author="fund",
                evidence="canary evidence" if company == self.number else "kept evidence",
            )  # fmt: skip
            raised = raise_dispute(store, objection, due_days=20)
            rule(store, raised.dispute_id, excluded=company != self.number, author="arbiter", reason=(
                "canary ruling" if company == self.number else "kept ruling"))  # fmt: skip
        personal = Objection(company=self.other, signal="person_role", key="canary-person|director", evidence="Ask it.",
                             author="fund")  # fmt: skip
        raise_dispute(store, personal, due_days=20)
        case = case_id_for(self.id, self.other_id)
        with store.writing() as connection:
            no = append(connection, EntryKind.LINKAGE, "linkage").no
            insert_cases(connection, [Case(case, no, self.id, self.other_id, 0.5, [{"level": "canary-level"}])])
        curate.reject(store, case, "clerk", "canary verdict")
        store.record_decisions([self.decision("dec_1", self.id), self.decision("dec_2", self.other_id)])
        inline = ({"signal": "person_role", "fields": {"person_key": "canary-person"}},)
        contested = {"contested": [{"signal": "person_role", "key": "canary-person|founder"}], "points": 1.0}
        store.record_decisions([
            replace(self.decision("dec_3", self.other_id), inline_records=inline),
            replace(self.decision("dec_4", self.other_id), result=contested),
        ])  # fmt: skip
        with store.writing() as connection:
            told = {self.id: "2019-Q1|2020-01-01", self.other_id: "2019-Q2|2020-01-01"}
            insert_answer(connection, Answer(NOW, "m", "research", "cash_position.cash", NOW.date(), told, ()))
            told = {self.id: "canary-person|founder|2020-01-01", self.other_id: "somebody|director|2020-01-01"}
            insert_answer(connection, Answer(NOW, "m", "research", "person_role.prior_exits", NOW.date(), told, ()))

    @staticmethod
    def decision(decision_id: str, company: str) -> Decision:
        said = 88123456 if decision_id == "dec_1" else 5
        return Decision(
            decision_id=decision_id, decided_at=NOW, company_id=company, as_of=NOW.date(), member="m",
            purpose="research", grants=(), watermark=3, bundle_sha256="0" * 64,
            inline_records=({"signal": "headcount", "fields": {"employees": said}},),
            result={"points": said, "contested": []},
        )  # fmt: skip

    def text(self) -> str:
        """Every value of every table, as text."""
        with self.store.reading() as connection:
            tables = [connection.execute(select(table)).all() for table in metadata.sorted_tables]
        return "\n".join(str(value) for rows in tables for row in rows for value in row)

    def files(self) -> bytes:
        """What SQLite keeps on disk."""
        path = self.store.engine.url.database
        assert path is not None
        return b"".join(one.read_bytes() for one in sorted(Path(path).parent.glob(f"{Path(path).name}*")))


@pytest.fixture
def house(store: Store, contract: Callable[..., Contract], tmp_path: Path, code: Callable[[int], str]) -> House:
    made = House(store, contract, tmp_path, code)
    made.speak()
    return made


@pytest.fixture
def notary(house: House, tmp_path: Path) -> Notary:
    return Notary(house.store, LogKey.at(tmp_path / "ledger.key"))


def findings(store: Store, *saved: SignedHead) -> list[str]:
    return [str(one) for one in audit(store, saved=saved).findings]


def test_a_company_is_nowhere_any_more(house: House, notary: Notary) -> None:
    assert all(canary in house.text() for canary in CANARIES)
    saved = notary.head()
    counts = erasure.held(house.store, Company(house.number))
    made = erasure.erase(house.store, Company("bank:canaryid-1"), **WHY)
    assert made is not None and made.counts == counts
    assert (made.about, made.subject, made.no) == ("company", house.id, house.store.watermark())
    assert counts == {
        "records of cash_position": 2, "records of company_profile": 2, "records of person_role": 1, "disputes": 1,
        "rulings": 1, "figures of cohorts": 2, "names": 2, "members' own ids": 2, "quarantined rows": 3,
        "decisions": 1, "cases of identity": 1, "verdicts on identity": 1,
    }  # fmt: skip
    left = house.text()
    assert [canary for canary in CANARIES if canary in left] == ["canary-person"]  # elsewhere, too
    assert findings(house.store, saved) == []


def test_the_database_files_forget_as_well(
    sqlite_url: str, contract: Callable[..., Contract], tmp_path: Path, code: Callable[[int], str]
) -> None:
    house = House(Store(sqlite_url), contract, tmp_path, code)
    house.speak()
    assert b"CANARYNAME" in house.files()
    erasure.erase(house.store, Company(house.number), **WHY)
    erasure.erase(house.store, Person("canary-person"), **WHY)
    left = house.files()
    assert [canary for canary in CANARIES if canary.encode() in left] == []
    house.store.close()


def test_what_others_gave_stays(house: House, opened: Callable[..., Store]) -> None:
    before = _of(house, house.other_id, opened)
    erasure.erase(house.store, Company(house.number), **WHY)
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
    erasure.erase(house.store, Company(house.number), **WHY)
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
    erasure.erase(house.store, Company(house.number), **WHY)
    assert "canary" not in str(house.store.rulings(mark))
    assert "canary" not in str(vars(house.store._rulings_by_entry))


def test_a_person_is_nowhere_any_more_and_its_companies_stay(house: House, notary: Notary) -> None:
    made = erasure.erase(house.store, Person(" canary-person "), **WHY)
    assert made is not None and made.subject == ""
    assert made.counts == {
        "records of person_role": 2, "disputes": 1, "figures of cohorts": 1, "quarantined rows": 1, "decisions": 2,
    }  # fmt: skip
    left = house.text()
    assert "canary-person" not in left
    assert "CANARYNAME" in left and "somebody" in left
    assert house.store.decision("dec_1").erased is None
    assert findings(house.store, notary.head()) == []


def test_an_erasure_done_again_has_nothing_to_do(house: House) -> None:
    assert erasure.erase(house.store, Person("nobody"), **WHY) is None
    for subject in (Company(house.number), Person("canary-person")):
        assert erasure.erase(house.store, subject, **WHY) is not None
        before = house.store.watermark(), house.text()
        assert erasure.held(house.store, subject) == {}
        assert erasure.erase(house.store, subject, **WHY) is None
        assert (house.store.watermark(), house.text()) == before
    assert [one.about for one in erasure.erasures(house.store)] == ["company", "person"]
    assert findings(house.store) == []


def test_all_ids_of_a_company_are_erased(house: House) -> None:
    curate.merge(house.store, house.other, house.number, "clerk", "canary link", despite_numbers=True)
    erasure.erase(house.store, Company(house.number), **WHY)
    with house.store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(record)) == 0
    assert "canary link" not in house.text()
    assert findings(house.store) == []


def test_what_is_given_later_is_taken_in_as_of_a_new_company(house: House) -> None:
    """A company first met under a member's own id, and erased, is met again under it."""
    house.give("lab", (",own-1,Later,2019-03-31,1,1",))
    met = house.store.company("lab:own-1").company_id
    erasure.erase(house.store, Company("lab:own-1"), **WHY)
    house.give("lab", (",own-1,Later again,2019-06-30,2,1",))
    assert house.store.company("lab:own-1").company_id == met
    assert house.store.company(met).names == ("Later again",)
    assert house.store.claims([met]).frames["cash_position"]["cash"].to_list() == [2]
    assert findings(house.store) == []


def test_the_same_file_given_again_brings_nothing_back(house: House, tmp_path: Path) -> None:
    erasure.erase(house.store, Person("canary-person"), **WHY)
    assert submit(house.store, house.contract, tmp_path / "hr.csv") == house.people
    assert "canary-person" not in house.text()


def test_erased_quarantined_rows_stay_quarantined(house: House) -> None:
    erasure.erase(house.store, Person("canary-person"), **WHY)
    tried = retry(house.store, replace(house.contract, sha256="f" * 64), house.people.submission_id)
    assert (tried.accepted, tried.quarantined) == (0, 1)


def test_an_erased_decision_says_so(house: House) -> None:
    made = erasure.erase(house.store, Company(house.number), **WHY)
    assert made is not None
    found = house.store.decision("dec_1")
    assert (found.erased, list(found.inline_records)) == (made.no, [])
    with pytest.raises(Erased) as told:
        found.whole()
    assert told.value.where == {"decision": "dec_1", "entry": made.no}
    assert [one.decision_id for one in house.store.decisions_about([house.id])] == ["dec_1"]


Receipts = dict[str, LedgerReceipt]


@pytest.fixture
def receipts(house: House, notary: Notary) -> Receipts:
    """Receipts given before the erasure, of what it will touch."""
    return {one: notary.opened(one) for one in (house.first.submission_id, "dec_1", "dec_2")}


def test_receipts_still_prove_and_no_longer_open(house: House, notary: Notary, receipts: Receipts) -> None:
    made = erasure.erase(house.store, Company(house.number), **WHY)
    assert made is not None
    for reference, before in receipts.items():
        after = notary.opened(reference)
        assert after.faults(notary.public_key) == []
        assert (after.position, after.leaf) == (before.position, before.leaf)
        assert (after.opening is None) == (reference != "dec_2")
    own = notary.opened(str(made.no))
    assert own.faults(notary.public_key) == []
    assert own.opening is not None and own.opening.rows["erasure"][0][1:4] == ("company", house.id, WHY["reason"])


def test_the_salts_are_destroyed(house: House, receipts: Receipts) -> None:
    erasure.erase(house.store, Company(house.number), **WHY)
    with house.store.reading() as connection:
        salts = {bytes(salt) for salt in connection.scalars(select(ledger_salt.c.salt))}
    kept = {reference: one.opening.salt in salts for reference, one in receipts.items() if one.opening}
    assert kept == {house.first.submission_id: False, "dec_1": False, "dec_2": True}


TAMPERED = (
    "UPDATE record SET payload = payload || ' ' WHERE submission_no = 1",
    "DELETE FROM record WHERE submission_no = 1",
    "UPDATE quarantine SET content = '{}' WHERE submission_no = 1 AND row = 5",
    "UPDATE decision SET member = 'x' WHERE decision_id = 'dec_1'",
    "UPDATE decision SET result = '{}' WHERE decision_id = 'dec_1'",
    "UPDATE dispute SET evidence = 'x' WHERE evidence = ''",
    "UPDATE entry SET author = 'x' WHERE no = 1",
    "UPDATE erasure SET reason = 'x'",
    "UPDATE erasure_touched SET remains = '0'",
    "DELETE FROM erasure_touched",
    "DELETE FROM ledger_salt WHERE position = 0",
)


def test_whoever_tampers_with_what_remains_is_found(house: House, tmp_path: Path) -> None:
    """On SQLite, where a store is a file to be copied; its rows read alike on PostgreSQL."""
    path = house.store.engine.url.database
    if house.store.engine.dialect.name != "sqlite":
        path = None
    erasure.erase(house.store, Company(house.number), **WHY)
    erasure.erase(house.store, Person("canary-person"), **WHY)
    assert findings(house.store) == []
    for place, statement in enumerate(TAMPERED if path else ()):
        copied = shutil.copy(path, tmp_path / f"tampered-{place}.db")
        with closing(sqlite3.connect(copied)) as database, database:
            assert database.execute(statement).rowcount
        tampered = Store(f"sqlite:///{copied}")
        assert findings(tampered), statement
        tampered.close()


def test_a_salt_that_is_gone_without_an_erasure_is_found(house: House) -> None:
    with house.store.engine.begin() as connection:
        connection.execute(delete(ledger_salt).where(ledger_salt.c.position == 0))
    assert any("salt is gone" in one for one in findings(house.store))


def test_the_audit_says_what_was_erased_by_which_entry(house: House) -> None:
    erasure.erase(house.store, Company(house.number), **WHY)
    erasure.erase(house.store, Person("canary-person"), **WHY)
    first, second = (one.no for one in erasure.erasures(house.store))
    found = audit(house.store).erased
    assert set(found) == {first, second}
    with house.store.reading() as connection:
        touched = connection.scalar(select(func.count(metadata.tables["erasure_touched"].c.position.distinct())))
    assert sum(found.values()) == touched


@pytest.mark.parametrize("blank", ["author", "reason", "basis"])
def test_an_erasure_says_who_and_why(house: House, blank: str) -> None:
    with pytest.raises(InvalidInput):
        erasure.erase(house.store, Company(house.number), **WHY | {blank: " "})
    with pytest.raises(InvalidInput):
        erasure.erase(house.store, Person(" "), **WHY)
    with pytest.raises(NotFound):
        erasure.erase(house.store, Company("nobody"), **WHY)


@pytest.fixture
def roles(store: Store, contract: Callable[..., Contract], tmp_path: Path, code: Callable[[int], str]) -> House:
    """Offices that ended five years ago, a day less, one that lasts, and one of a member elsewhere."""
    made = House(store, contract, tmp_path, code)
    grants.register(store, "elsewhere", "hr_platform", "SG", author="secretary")
    made.give_people("elsewhere", (f"{made.number},abroad,founder,2008-01-01,2009-01-01",))
    made.give_people(
        "bureau",
        (f"{made.number},gone,founder,2008-01-01,2014-12-31",
         f"{made.number},going,founder,2008-01-01,2015-01-01",
         f"{made.number},there,founder,2008-01-01,"),
    )  # fmt: skip
    return made


def people(store: Store) -> set[str]:
    return set(store.claims().frames["person_role"]["person_key"])


def test_what_was_kept_for_long_enough_is_erased_the_day_after(roles: House) -> None:
    """An office that ended on 2014-12-31 is kept to 2019-12-31."""
    store, everybody = roles.store, people(roles.store)
    assert erasure.due(store, date(2019, 12, 31)) == {}
    assert erasure.expire(store, author="clerk", today=date(2019, 12, 31)) is None
    assert erasure.due(store, date(2020, 1, 1)) == {"records of person_role": 1}
    made = erasure.expire(store, author="clerk", today=date(2020, 1, 1))
    assert made is not None and made.counts == {"records of person_role": 1}
    assert "Art. 16" in made.basis
    assert people(store) == everybody - {"gone"}
    erasure.expire(store, author="clerk", today=date(2020, 1, 2))
    assert people(store) == everybody - {"gone", "going"}
    erasure.expire(store, author="clerk", today=date(2100, 1, 1))
    assert people(store) == {"abroad", "canary-person", "somebody", "there"}
    assert findings(store) == []


def test_a_word_that_an_office_ended_takes_what_was_said_before_with_it(roles: House) -> None:
    """Else the office would stand again, as if it had not ended."""
    roles.give_people("bureau", (f"{roles.number},there,founder,2008-01-01,2012-01-01",))
    erasure.expire(roles.store, author="clerk", today=date(2020, 1, 1))
    assert "there" not in people(roles.store)


def test_a_rule_may_count_from_the_event(house: House) -> None:
    rule_ = Retention("CN", ("cash_position",), 1, "event_at", "a test", "a test")
    house.store.policy = replace(house.store.policy, retention=(rule_,))
    made = erasure.expire(house.store, author="clerk", today=date(2020, 4, 1))
    assert made is not None
    assert made.counts == {"records of cash_position": 2, "disputes": 1, "rulings": 1}
    assert house.store.claims().frames["cash_position"]["event_at"].unique().to_list() == [date(2019, 6, 30)]
    assert findings(house.store) == []


@pytest.mark.parametrize(
    ("since", "last"),
    [
        (date(2015, 3, 1), date(2020, 3, 1)),
        (date(2016, 2, 29), date(2021, 2, 28)),
        (date(2015, 12, 31), date(2020, 12, 31)),
    ],
)
def test_years_end_with_the_same_day(since: date, last: date) -> None:
    assert Retention("CN", ("person_role",), 5, "ended_on", "x", "x").last_day(since) == last


RULE = """
[[retention]]
jurisdiction = "CN"
signals = ["person_role"]
years = 5
from = "ended_on"
source = "x"
status = "y"
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [("5", "0"), ("5", "true"), ('"ended_on"', '"role"'), ('"person_role"', '"nothing"'), ('"CN"', '"China"'),
     ('"x"', '" "'), ("status", "state")],
)  # fmt: skip
def test_a_rule_that_cannot_be_used_is_named(tmp_path: Path, old: str, new: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('[disputes]\ndue_days = 5\nsource = "x"\n' + RULE, encoding="utf-8")
    assert read_policy(file).retention == (Retention("CN", ("person_role",), 5, "ended_on", "x", "y"),)
    broken = RULE.replace(old, new, 1)
    file.write_text('[disputes]\ndue_days = 5\nsource = "x"\n' + broken, encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"\[\[retention\]\] 1"):
        read_policy(file)
    file.write_text('[disputes]\ndue_days = 5\nsource = "x"\n' + RULE + RULE, encoding="utf-8")
    with pytest.raises(InvalidInput, match="two"):
        read_policy(file)
