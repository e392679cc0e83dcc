"""A feature's fingerprint: the same in every process, different with every change of meaning, whatever the wording."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from alliance.corroboration.facts import Facts
from alliance.errors import NotFound
from scoring.features import FEATURES, Direction, Unit, catalogue, contract, feature_frame, feature_named

PRINT = """
import json
from scoring.features import FEATURES, contract
print(json.dumps({feature.name: contract(feature) for feature in FEATURES}))
"""


@pytest.mark.parametrize("seed", ["0", "77"])
def test_contracts_are_the_same_in_another_process(seed: str) -> None:
    environment = {
        **os.environ,
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    told = subprocess.run([sys.executable, "-c", PRINT], env=environment, capture_output=True, check=True, text=True)
    assert json.loads(told.stdout) == {feature.name: contract(feature) for feature in FEATURES}


def test_contracts_are_hex_digests_and_unique() -> None:
    contracts = {contract(feature) for feature in FEATURES}
    assert len(contracts) == len(FEATURES)
    assert all(len(one) == 64 and int(one, 16) >= 0 for one in contracts)


def test_use_does_not_change_a_contract(random_facts: Callable[..., Facts]) -> None:
    before = [contract(feature) for feature in FEATURES]
    feature_frame(random_facts(1))
    assert [contract(feature) for feature in FEATURES] == before


def test_wording_does_not_count() -> None:
    feature = feature_named("cash_runway")
    assert contract(replace(feature, zh="换个说法", en="put differently")) == contract(feature)


@pytest.mark.parametrize("change", [
    {"name": "cash_runway_too"},
    {"signal": "funding_round"},
    {"expr": pl.col("cash").last()},
    {"unit": Unit.DAYS},
    {"direction": Direction.FREE},
], ids=lambda change: next(iter(change)))  # fmt: skip
def test_everything_else_counts(change: dict[str, Any]) -> None:
    feature = feature_named("cash_runway")
    assert contract(replace(feature, **change)) != contract(feature)


def test_one_day_more_or_less_counts() -> None:
    feature = feature_named("patents_filed_12m")
    assert contract(replace(feature, expr=(pl.col("age") < 365).sum())) != contract(
        replace(feature, expr=(pl.col("age") < 366).sum())
    )


def test_a_changed_input_changes_what_is_derived_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    derived = feature_named("rd_intensity")
    before = contract(derived)
    other = replace(feature_named("statement_revenue"), expr=pl.col("revenue").max())
    monkeypatch.setitem(catalogue.FEATURES_BY_NAME, "statement_revenue", other)
    assert contract(derived) != before


def test_a_changed_row_column_changes_its_readers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, other = feature_named("cash_runway"), feature_named("cash_balance")
    before = contract(reader), contract(other)
    changed = {**catalogue.ROWS["cash_position"], "runway_now": pl.col("cash") * 1.0}
    monkeypatch.setitem(catalogue.ROWS, "cash_position", changed)
    assert contract(reader) != before[0]
    assert contract(other) == before[1]


def test_an_unknown_input_is_named() -> None:
    with pytest.raises(NotFound, match="nowhere"):
        contract(replace(feature_named("rd_intensity"), expr=pl.col("nowhere")))
