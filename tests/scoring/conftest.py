"""A toy alliance: sixty companies in two members' files, and a small model trained on them once."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
import yaml
from stdnum.cn import uscc

from alliance.contracts import load_contract
from alliance.grants import give, register
from alliance.intake import submit
from alliance.rights import AccessRequest, Disclosure, Grant, Receiver, ReceiverKind, Right
from alliance.signals import SECTORS
from alliance.store import Receipt, Store
from alliance.view import View
from scoring.decide import Scorer
from scoring.features import FEATURES, feature_frame
from scoring.model import Bundle, Calibration, Outcome, ScoreScale, contract_of

TODAY = date(2026, 6, 30)
NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
COMPANIES = 60
PARAMETERS = {
    "objective": "binary", "num_leaves": 6, "max_depth": 3, "min_data_in_leaf": 10, "verbosity": -1, "num_threads": 1,
    "deterministic": True,
}  # fmt: skip


def registration_number(place: int) -> str:
    """A valid unified social credit code."""
    body = f"91310000{place:09d}"
    return body + uscc.calc_check_digit(body)


def contract_text(name: str, member: str, role: str, records: Mapping[str, Mapping[str, str]]) -> str:
    """A contract of NAME.csv: records of signals, each field from a column; the company by ``code`` and ``id``."""
    own = {
        "member": member,
        "memberRole": role,
        "registrationNumber": {"column": "code"},
        "companyId": {"namespace": member, "column": "id"},
        "companyName": {"column": "name"},
        "knowledge": {"lagDays": 0},
    }
    schema = [
        {"name": signal, "properties": [{"name": field, "physicalName": column} for field, column in fields.items()]}
        for signal, fields in records.items()
    ]
    document = {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": name, "version": "1.0.0", "name": name,
        "status": "active", "servers": [{"server": "file", "type": "local", "path": f"{name}.csv", "format": "csv"}],
        "customProperties": [{"property": key, "value": value} for key, value in own.items()], "schema": schema,
    }  # fmt: skip
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


@dataclass(frozen=True)
class File:
    """A member's file and its contract."""

    contract: Path
    data: Path

    def submit(self, store: Store) -> Receipt:
        return submit(store, load_contract(self.contract), self.data, now=NOW)


def write_file(
    folder: Path, name: str, *, member: str, role: str,
    records: Mapping[str, Mapping[str, str]], rows: Sequence[Mapping[str, Any]],
) -> File:  # fmt: skip
    made = File(folder / f"{name}.contract.yaml", folder / f"{name}.csv")
    made.contract.write_text(contract_text(name, member, role, records), encoding="utf-8")
    with made.data.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return made


def staff_rows(random: Random) -> list[dict[str, Any]]:
    rows = []
    for place in range(COMPANIES):
        founded = date(2015, 1, 1) + timedelta(days=random.randrange(2500))
        for quarter in range(4):
            staff = random.randint(3, 300)
            rows.append({
                "code": registration_number(place), "id": f"c{place}", "name": f"星辰科技{place}号",
                "founded": founded, "sector": SECTORS[place % len(SECTORS)],
                "day": TODAY - timedelta(days=91 * quarter + random.randrange(60)),
                "staff": staff, "research": random.randrange(staff), "left": random.randrange(staff // 3 + 1),
                "cash": random.randrange(10**6, 10**8), "burn": random.randrange(10**5, 5 * 10**6),
            })  # fmt: skip
    return rows


def round_rows(random: Random) -> list[dict[str, Any]]:
    return [
        {
            "code": registration_number(place), "id": f"r{place}", "name": f"Star {place} Ltd",
            "stage": stage, "day": TODAY - timedelta(days=1800 - 400 * turn - random.randrange(300)),
            "amount": random.randrange(10**6, 10**9), "investors": random.randint(1, 9),
        }
        for place in range(COMPANIES - 5)
        for turn, stage in enumerate(["seed", "series_a", "series_b"][: random.randint(1, 3)])
    ]  # fmt: skip


STAFF = {
    "company_profile": {
        "name": "name", "registration_number": "code", "founded_on": "founded", "sector": "sector", "observed_on": "day"
    },
    "headcount": {"observed_on": "day", "employees": "staff", "rd_employees": "research", "leavers": "left"},
    "cash_position": {"observed_on": "day", "cash": "cash", "monthly_burn": "burn"},
}  # fmt: skip
ROUNDS = {
    "funding_round": {"stage": "stage", "announced_on": "day", "amount": "amount", "investors": "investors"},
}


def train(store: Store) -> Bundle:
    """A model of random outcomes that lean on cash, over the companies as of eight days."""
    view = View(store, AccessRequest("anonymous", "model_training"))
    frames = [feature_frame(view.facts(store.company_ids(), TODAY - timedelta(days=45 * back))) for back in range(8)]
    values = np.vstack([frame.drop("company_id").to_numpy() for frame in frames])
    generator = np.random.default_rng(7)
    runway = np.vstack([frame["cash_runway"].to_numpy()[:, None] for frame in frames]).ravel()
    chance = np.where(np.nan_to_num(runway, nan=99.0) < np.nanmedian(runway), 0.5, 0.15)
    labels = (generator.random(len(values)) < chance).astype(int)
    parameters = {**PARAMETERS, "monotone_constraints": [feature.direction.constraint for feature in FEATURES]}
    names = [feature.name for feature in FEATURES]
    booster = lgb.train(parameters, lgb.Dataset(values, labels, feature_name=names), 25)
    return Bundle(
        model=booster.model_to_string(), calibration=Calibration(0.9, -0.1), scale=ScoreScale(),
        contract=contract_of(FEATURES), outcome=Outcome("default", 12), base_rate=float(labels.mean()),
        training={"data": "toy"}, version="toy-1",
    )  # fmt: skip


@dataclass(frozen=True)
class Toy:
    """The toy alliance.

    Attributes:
        files: the members' files.
        numbers: registration numbers of the companies.
        bundle: a model for it.
        store: a store that holds it, open to all; for tests that add no files.
        opened: opens a store to all.
    """

    files: tuple[File, ...]
    numbers: tuple[str, ...]
    bundle: Bundle
    store: Store
    opened: Callable[..., Store]

    def fill(self, store: Store) -> Store:
        """Submit the files to a store of the test's own, and open it."""
        for file in self.files:
            file.submit(store)
        return self.opened(store)

    def scorer(self, store: Store | None = None) -> Scorer:
        """A scorer whose day is ``TODAY``, on the shared store or another."""
        return Scorer(store or self.store, self.bundle, today=lambda: TODAY)


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory, opened: Callable[..., Store]) -> Toy:
    folder = tmp_path_factory.mktemp("toy")
    random = Random(20260630)
    files = (
        write_file(folder, "staff", member="hr", role="hr_platform", records=STAFF, rows=staff_rows(random)),
        write_file(folder, "rounds", member="fund", role="investor", records=ROUNDS, rows=round_rows(random)),
    )
    store = Store(f"sqlite:///{folder / 'toy.db'}")
    for file in files:
        file.submit(store)
    opened(store)
    return Toy(files, tuple(map(registration_number, range(COMPANIES))), train(store), store, opened)


@pytest.fixture
def plant(tmp_path: Path, toy: Toy) -> Callable[[Store, str], None]:
    """Submit a bad word about the fifth company, true and known on a day."""

    def planted(store: Store, day: str) -> None:
        row = {
            "code": toy.numbers[4], "id": "c4", "name": "星辰科技4号", "founded": "2015-01-01", "sector": "other",
            "day": day, "staff": 1, "research": 0, "left": 300, "cash": 1, "burn": 9_000_000,
        }  # fmt: skip
        write_file(tmp_path, f"later-{day}", member="hr", role="hr_platform", records=STAFF, rows=[row]).submit(store)

    return planted


@pytest.fixture(scope="session")
def write() -> Callable[..., File]:
    """Writes a member's file with its contract."""
    return write_file


@pytest.fixture
def closed(store: Store, toy: Toy) -> Store:
    """The toy alliance in a store of the test's own, in which nobody has given anything; `bank` is a member."""
    for file in toy.files:
        file.submit(store)
    register(store, "bank", "data_vendor", author="operator")  # a role of which the charter asks nothing
    return store


@pytest.fixture
def lend(closed: Store) -> Callable[..., str]:
    """Gives all that a member tells to `bank`, for scores alone unless said otherwise; the grant's id."""

    def lent(giver: str, disclosure: Disclosure = Disclosure.SCORE_ONLY, **more: Any) -> str:
        terms = {"fields": ("*",), "purposes": ("research", "loan_origination"), "rights": (Right.USE,), **more}
        to_bank = Receiver(ReceiverKind.MEMBER, "bank")
        [made] = give(closed, [Grant(giver=giver, receiver=to_bank, disclosure=disclosure, **terms)], author=giver)
        return made.grant_id

    return lent
