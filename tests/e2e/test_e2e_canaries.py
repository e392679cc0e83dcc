"""Canaries: one in every sensitive field a member gave for scores alone; what comes of them shows none.

The alliance is small: a vendor tells of sixty companies in every signal about companies; of one of them each value that
is not public is a canary. The bank may have scores computed from it, and see none of it; the operator trains on it.
"""

import io
import itertools
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
import yaml
from fastapi.testclient import TestClient
from rich.console import Console
from sqlalchemy import select

from alliance import grants
from alliance.callers import Role, register
from alliance.config import Settings
from alliance.contracts import parse_contract
from alliance.intake import submit
from alliance.rights import AccessRequest, Disclosure, Grant, Receiver, ReceiverKind, Right
from alliance.signals import SIGNALS, Field, FieldType, Signal, Subject
from alliance.signals.declaration import Sensitivity
from alliance.store import Store
from alliance.store.ledger_schema import ledger_leaf
from alliance.view import View
from experiments.experiment import DataUsed, experiment
from experiments.keep import keep
from experiments.outcome import outcome_named
from experiments.panel import LABEL, VINTAGE, Panel
from experiments.splits import out_of_time
from scoring.api import create_app
from scoring.batch import Job, run
from scoring.console import render
from scoring.decide import Scorer
from scoring.features import FEATURES, feature_frame
from scoring.result import Score

COMPANIES, DAYS = 60, [date(2024 + place // 4, 3 * (place % 4) + 3, 28) for place in range(8)]
SUSPECT = "c7"
TOLD = [signal for signal in SIGNALS if signal.subject is Subject.COMPANY and signal.name != "company_profile"]
NUMBERS = (FieldType.INTEGER, FieldType.MONEY, FieldType.NUMBER, FieldType.SHARE)


def value(field: Field, draw: Random, canary: Iterator[int] | None) -> Any:
    """A value that fits; a canary, if one is wanted and the field may hold one."""
    if field.type is FieldType.DATE:
        return "2023-11-17"
    if field.type is FieldType.FLAG:
        return "true"
    if field.values:
        return field.values[0]
    number = next(canary) if canary and field.sensitivity is not Sensitivity.PUBLIC else draw.randrange(1, 999)
    if field.type is FieldType.TEXT:
        return f"CANARY{number}"
    low, high = field.minimum if field.minimum is not None else 0, field.maximum
    if high is not None or field.type is FieldType.SHARE:
        top = 1 if high is None else high
        return round(low + (top - low) * (number % 1_000_003) / 1_000_003, 9 if top == 1 else 0)
    return number


def rows_of(signal: Signal) -> tuple[list[dict[str, Any]], set[str]]:
    """A signal's row of each company, and the canaries among them."""
    draw, planted = Random(signal.name), set[str]()
    numbers = itertools.count(7_310_000_117 + 100_003 * TOLD.index(signal), 1_009)
    made = []
    for place in range(COMPANIES):
        canary = numbers if f"c{place}" == SUSPECT else None
        row = {field.name: value(field, draw, canary) for field in signal.fields}
        if canary:
            secret = [one for one in signal.fields if one.sensitivity is not Sensitivity.PUBLIC]
            texts = {str(row[one.name]) for one in secret if one.type in (*NUMBERS, FieldType.TEXT) and not one.values}
            planted = {text for text in texts if len(text.replace("0.", "")) > 6}
        made.append({"id": f"c{place}", **row})
    return made, planted


def contract_of(signal: Signal) -> str:
    own = {
        "member": "vendor", "memberRole": "data_vendor", "companyId": {"namespace": "vendor", "column": "id"},
        "knowledge": {"lagDays": 0},
    }  # fmt: skip
    properties = [{"name": field.name, "physicalName": field.name} for field in signal.fields]
    return yaml.safe_dump({
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": f"vendor-{signal.name}", "version": "1.0.0",
        "servers": [{"server": "file", "type": "local", "path": "*.csv", "format": "csv"}],
        "customProperties": [{"property": name, "value": word} for name, word in own.items()],
        "schema": [{"name": signal.name, "properties": properties}],
    })  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("canaries")


@pytest.fixture(scope="module")
def told(home: Path) -> Iterator[tuple[Store, set[str]]]:
    """The store, and every canary in it."""
    store, planted = Store(f"sqlite:///{home / 'alliance.db'}"), set[str]()
    for signal in TOLD:
        rows, canaries = rows_of(signal)
        file = home / f"{signal.name}.csv"
        pl.DataFrame(rows).write_csv(file)
        receipt = submit(store, parse_contract(contract_of(signal)), file)
        if not receipt.quarantined:
            planted |= canaries
        file.unlink()
    grants.register(store, "bank", "bank", author="operator")
    grants.register(store, "alliance", "operator", author="operator")
    for receiver, purpose, rights, rung in (
        ("bank", "loan_origination", Right.SCORES, Disclosure.SCORE_ONLY),
        ("alliance", "model_training", Right.USE, Disclosure.RAW),
    ):
        terms = {"fields": ("*",), "purposes": (purpose,), "rights": (rights,), "disclosure": rung}
        to = Receiver(ReceiverKind.MEMBER, receiver)
        grants.give(store, [Grant(giver="vendor", receiver=to, **terms)], author="vendor")
    yield store, planted
    store.close()


@pytest.fixture(scope="module")
def scorer(home: Path, told: tuple[Store, set[str]]) -> Scorer:
    """A model of made-up outcomes, taught what the vendor told and kept in MLflow as champion."""
    store, _ = told
    history = View(store, AccessRequest("alliance", "model_training")).history()
    draw = Random(3)
    features = feature_frame(history.facts(datetime.now(UTC).date()), FEATURES)
    # What is taught leans on something, or no calibration would stand.
    leaning = features[max((one.name for one in FEATURES), key=lambda name: features[name].n_unique())]
    chances = (leaning > leaning.median()).fill_null(False).replace_strict({True: 0.7, False: 0.1}).to_list()
    frame = pl.concat([
        features.with_columns(
            pl.lit(day).alias("as_of"), pl.lit(2020, pl.Int32).alias(VINTAGE),
            pl.Series(LABEL, [draw.random() < chance for chance in chances]),
        )
        for day in DAYS
    ])  # fmt: skip
    made = Panel(
        frame=frame, features=FEATURES, outcome=outcome_named("default"), horizon_months=3, access=history.access,
        data_cut=date(2026, 6, 30), watermark=history.claims.watermark,
    )  # fmt: skip
    found = experiment(made, out_of_time(made, 2), version="canaries")
    used = DataUsed.of(made, store.contract_versions(made.watermark), simulated=True, about="Canaries.")
    keep(Settings.from_environment({"ALLIANCE_HOME": str(home)}), store, found, used, register=True)
    return Scorer(store, found.bundle)


def seen(canaries: set[str], text: str) -> set[str]:
    return {one for one in canaries if one in text}


def test_the_canaries_live(told: tuple[Store, set[str]]) -> None:
    """The operator sees them all, so they are where they should be."""
    store, planted = told
    assert len(planted) >= 25
    claims = View(store, AccessRequest("alliance", "model_training")).history().claims
    raw = "\n".join(frame.write_csv() for frame in claims.frames.values())
    whole = {one for one in planted if one.startswith(("CANARY", "731"))}
    assert len(whole) >= 20 and seen(whole, raw) == whole


def test_none_comes_to_the_bank_nor_into_logs_metrics_and_errors(
    home: Path, told: tuple[Store, set[str]], scorer: Scorer, caplog: pytest.LogCaptureFixture
) -> None:
    store, planted = told
    caplog.set_level(logging.DEBUG)
    company = store.company(f"vendor:{SUSPECT}").company_id
    key = register.create(store, member="bank", roles=frozenset(Role) - {Role.COMPANY, Role.OPERATOR, Role.AUDITOR},
                          by="a test")  # fmt: skip
    client = TestClient(create_app(scorer), headers={"Authorization": f"Bearer {key.text}"})
    made = client.post("/v1/scores", json={"company": company})
    assert made.status_code == 201 and made.json()["score"]["withheld"], made.text
    assert made.json()["score"]["coverage"] > 0.3, "it was computed from what is not shown"
    answers = [
        made,
        client.post("/v1/scores/batch", json={"requests": [{"company": company}, {"company": "nobody"}]}),
        client.get(f"/v1/decisions/{made.json()['decision_id']}"),
        client.post(f"/v1/decisions/{made.json()['decision_id']}/replay"),
        client.get(f"/v1/companies/{company}/facts"),
        client.get(f"/v1/companies/{company}"),
        client.get("/v1/rights", params={"company": company}),
        client.get("/v1/grants"),
        client.get("/v1/model"),
        client.get(f"/v1/ledger/receipts/{made.json()['decision_id']}"),
        *(client.get("/v1/aggregates", params={"field": f"{signal.name}.{field.name}"})
          for signal in TOLD for field in signal.fields[:3]),
        *(client.post("/v1/disputes", json={"company": company, "signal": signal.name, "evidence": "It is wrong."})
          for signal in TOLD[:4]),
        client.get("/v1/disputes"),
    ]  # fmt: skip
    for answer in answers:
        assert not seen(planted, answer.text), answer.request.url
    console = Console(file=io.StringIO(), width=160)
    console.print(render(Score.from_dict(made.json()["score"]), company_name=company))
    source, target = home / "companies.csv", home / "scores.parquet"
    source.write_text(f"company\n{company}\nnobody\n")
    job = Job(source=source, target=target, as_of=scorer.today(), member="bank", purpose="loan_origination")
    summary = run(scorer, job)
    scores = pl.read_parquet(summary.scores).to_dicts()
    written = str(scores) + summary.rejects.read_text() + summary.manifest.read_text()
    operators = register.create(store, member="alliance", roles=frozenset({Role.OPERATOR}), by="a test")
    metrics = client.get("/metrics", headers={"Authorization": f"Bearer {operators.text}"})
    assert metrics.status_code == 200 and "alliance" in metrics.text
    for where, text in {
        "console": console.file.getvalue(), "batch": written, "logs": caplog.text, "metrics": metrics.text,
    }.items():  # fmt: skip
        assert not seen(planted, text), where


def test_none_is_in_the_ledger(told: tuple[Store, set[str]], scorer: Scorer) -> None:
    store, planted = told
    with store.reading() as connection:
        leaves = "\n".join(connection.scalars(select(ledger_leaf.c.leaf)))
    assert "promotion" in leaves and not seen(planted, leaves)


@pytest.mark.usefixtures("scorer")
def test_none_is_in_mlflow(home: Path, told: tuple[Store, set[str]]) -> None:
    """Neither in the run's files nor in its database, which more people see than may read the data."""
    _, planted = told
    files = [path for path in (home / "mlruns").rglob("*") if path.is_file()]
    files += [path for path in home.glob("*mlflow*") if path.is_file()] + list((home / "bundle").iterdir())
    assert {"input_example.json", "model.txt"} & {path.name for path in files}
    for path in files:
        if path.suffix != ".png":
            assert not seen(planted, path.read_bytes().decode("utf-8", "replace")), path.name
