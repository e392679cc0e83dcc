"""A store in which every kind of entry was made, and what it takes to tamper with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from alliance import erasure, grants
from alliance.batches import record_batch
from alliance.contracts import Contract
from alliance.disputes import Objection, raise_dispute, rule
from alliance.identity import curate
from alliance.identity.link import link_newcomers
from alliance.intake import submit
from alliance.ledger import LogKey
from alliance.notary import Notary
from alliance.promotions import promote
from alliance.rights import EVERYBODY, AccessRequest, Consent, Grant
from alliance.store import Decision, Promotion, Store
from alliance.store.batches import Batch
from alliance.store.cases import Case, case_id_for, insert_cases
from alliance.store.entries import EntryKind, append
from alliance.store.overrides import (
    Override,
    OverrideRuling,
    Overriding,
    insert_override,
    insert_override_ruling,
    override_id_for,
)
from alliance.store.promotions import Gated
from alliance.trust import learn_reliabilities

RECORD = {"signal": "cash_position", "observed_on": "day", "cash": "cash", "monthly_burn": "burn"}
PROFILE = {"signal": "company_profile", "observed_on": "day", "name": "name"}
FILES = {
    "bank": ("c1,2019-03-31,1000000,-2000,苏州云海智能科技", "c2,2019-06-30,900000,30000,杭州星辰软件", "c3,?,1,1,x",
             "c4,2019-06-30,700000,7000,苏州远山"),
    "fund": ("c1,2019-03-31,1100000,-2000,苏州云海智能科技", "c2,2019-06-30,200000,30000,星辰软件（杭州）有限公司"),
}  # fmt: skip


def decision(number: int) -> Decision:
    return Decision(
        decision_id=f"dec_{number:06}", decided_at=datetime(2020, 1, 1, 8, tzinfo=UTC), company_id=f"co_{number}",
        as_of=date(2019, 12, 31), member="harbour", purpose="loan_origination", grants=("grant:open",), watermark=3,
        bundle_sha256="0" * 64, inline_records=({"signal": "headcount", "fields": {"employees": number}},),
        result={"points": 612.5 + number, "reasons": ["研发人员占比高"]},
    )  # fmt: skip


def fill(store: Store, contract: Callable[..., Contract], folder: Path) -> Store:
    """Two members' files, links, a merge, reliabilities, a dispute, rights, an erasure, decisions, an override."""
    for member, lines in FILES.items():
        file = folder / f"{member}.csv"
        file.write_text("\n".join(["client,day,cash,burn,name", *lines]) + "\n", encoding="utf-8")
        made = contract(
            RECORD, PROFILE, id=member, member=member, companyId={"namespace": member, "column": "client"},
            companyName={"column": "name"},
        )  # fmt: skip
        submit(store, made, file, now=datetime(2020, 1, 1, tzinfo=UTC))
    link_newcomers(store)
    one, other = (store.company(reference).company_id for reference in ("bank:c1", "bank:c2"))
    with store.writing() as connection:
        no = append(connection, EntryKind.LINKAGE, "linkage").no
        insert_cases(connection, [Case(case_id_for(one, other), no, one, other, 0.5, [])])
    curate.reject(store, case_id_for(one, other), "clerk", "Two licences.")
    curate.merge(store, one, other, "clerk", "One licence after all.")
    learn_reliabilities(store, [date(2020, 1, 2)])
    objection = Objection(company="bank:c1", signal="cash_position", key="2019-Q1", evidence="See it.", author="fund")
    raised = raise_dispute(store, objection, due_days=20)
    rule(store, raised.dispute_id, excluded=True, author="arbiter", reason="So it says.")
    grants.register(store, "auditor", "operator", author="alliance")
    [given] = grants.give(
        store, [Grant(giver="bank", receiver=EVERYBODY, fields=("*",), purposes=("research",))], author="bank"
    )
    grants.revoke(store, given.grant_id, author="bank", reason="No more.")
    consented = grants.consent(store, Consent(company_id="bank:c1", evidence="A letter."), author="bank")
    grants.withdraw(store, consented.consent_id, author="bank", reason="Another letter.")
    access = store.access(AccessRequest("bank", "model_training"))
    model = Promotion(
        bundle_sha256="0" * 64, version="default-12m", outcome="default", purpose="model_training",
        grants=access.grants, reason="The best so far.", gates=(Gated("uplift", "not decided", "AUC +0.001"),),
        despite=("uplift",),
    )  # fmt: skip
    promote(store, model, access, author="auditor")
    erasure.erase(store, erasure.Company("bank:c4"), author="clerk", reason="It asked for it.", basis="Its contract.")
    batch = Batch(
        run_sha256="1" * 64, member="bank", purpose="model_training", as_of=date(2019, 12, 31), bundle_sha256="0" * 64,
        input_sha256="2" * 64, output_sha256="3" * 64, scored=9, rejected=1,
    )  # fmt: skip
    record_batch(store, batch)
    store.record_decisions([decision(number) for number in range(3)])
    overridden(store, "dec_000000")
    return store


def overridden(store: Store, decision_id: str) -> None:
    """An override of a decision, and what a second person ruled of it."""
    said = Overriding(
        model_outcome="refer", model_grade="BB", model_pd=0.03, outcome="approve", grade=None, direction="upgrade",
        notches=0, steps=1, exposure=1_000_000, reason_code="collateral", text="A deposit.",
    )  # fmt: skip
    with store.writing() as connection:
        entry = append(connection, EntryKind.OVERRIDE, "harbour")
        made = Override(
            override_id=override_id_for(entry.no, decision_id), no=entry.no, made_at=entry.made_at, member="harbour",
            person="key:1", decision_id=decision_id, second=True, said=said,
        )  # fmt: skip
        insert_override(connection, made)
    with store.writing() as connection:
        entry = append(connection, EntryKind.OVERRIDE_RULING, "harbour")
        ruled = OverrideRuling(no=entry.no, made_at=entry.made_at, person="key:2", approved=True, reason="Seen it.")
        insert_override_ruling(connection, made.override_id, ruled)


@pytest.fixture
def key(tmp_path: Path) -> LogKey:
    return LogKey.at(tmp_path / "ledger.key")


@pytest.fixture
def filled(store: Store, contract: Callable[..., Contract], tmp_path: Path) -> Store:
    """A store, once of each kind, with something of everything."""
    return fill(store, contract, tmp_path)


@pytest.fixture
def notary(filled: Store, key: LogKey) -> Notary:
    return Notary(filled, key, now=lambda: datetime(2020, 1, 2, tzinfo=UTC))


@pytest.fixture(scope="session")
def made() -> Callable[[int], Decision]:
    return decision


def _let_go(connection: Connection) -> None:
    """Drop what ties a PostgreSQL store's tables to each other; their owner may."""
    ties = (
        "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'f' AND connamespace = %s::regnamespace"
    )
    schema = connection.exec_driver_sql("SELECT current_schema()").scalar()
    for table, name in connection.exec_driver_sql(ties, (schema,)).all():
        connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')


@pytest.fixture(scope="session")
def tampering() -> Callable[[Store], object]:
    """A transaction past everything that guards a store."""

    @contextmanager
    def tampered(store: Store) -> Iterator[Connection]:
        sqlite = store.engine.dialect.name == "sqlite"
        with store.engine.connect() as connection:
            if sqlite:
                driver = connection.connection.dbapi_connection
                driver.execute("PRAGMA foreign_keys = OFF")
            else:
                _let_go(connection)
            yield connection
            connection.commit()
            if sqlite:
                driver.execute("PRAGMA foreign_keys = ON")

    return tampered
