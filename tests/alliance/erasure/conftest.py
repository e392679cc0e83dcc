"""Two members' files about two companies and two people, what was said of them since, and who reads all of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from alliance.audit import audit
from alliance.contracts import Contract
from alliance.disputes import Objection, raise_dispute, rule
from alliance.identity import curate
from alliance.intake import submit
from alliance.ledger import LogKey, SignedHead
from alliance.notary import Notary
from alliance.store import Decision, Store
from alliance.store.aggregates import Answer, insert_answer
from alliance.store.cases import Case, case_id_for, insert_cases
from alliance.store.entries import EntryKind, append
from alliance.store.schema import metadata

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

    now, why, canaries = NOW, WHY, CANARIES

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

    def findings(self, *saved: SignedHead) -> list[str]:
        """What an audit finds."""
        return [str(one) for one in audit(self.store, saved=saved).findings]

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
def house(silent: House) -> House:
    """The files, and what was said since."""
    silent.speak()
    return silent


@pytest.fixture
def notary(house: House, tmp_path: Path) -> Notary:
    return Notary(house.store, LogKey.at(tmp_path / "ledger.key"))


@pytest.fixture
def housed(contract: Callable[..., Contract], tmp_path: Path, code: Callable[[int], str]) -> Callable[[Store], House]:
    """Hands the files in to a store; nobody has said anything of them yet."""
    return lambda store: House(store, contract, tmp_path, code)


@pytest.fixture
def silent(store: Store, housed: Callable[[Store], House]) -> House:
    """The files alone, in a store of each kind."""
    return housed(store)
