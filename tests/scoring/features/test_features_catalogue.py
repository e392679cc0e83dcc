"""The list of features: complete, unique, worded, well typed."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from alliance.corroboration.facts import FACT_COLUMNS
from alliance.errors import NotFound
from alliance.signals import SIGNALS, Pillar, signal_named
from scoring.features import FEATURES, FEATURES_BY_NAME, Direction, Feature, Unit, feature_named
from scoring.features.catalogue import ROWS, inputs
from scoring.features.declaration import ALL_FACTS

NAMES = [feature.name for feature in FEATURES]
LOOKED_FROM = {"as_of", "age"}

each = pytest.mark.parametrize("feature", FEATURES, ids=NAMES)


def test_there_are_enough_over_all_pillars_and_venture_has_most() -> None:
    of = Counter(feature.pillar for feature in FEATURES)
    assert len(FEATURES) >= 75
    assert set(of) == set(Pillar)
    assert of.most_common(1)[0][0] is Pillar.VENTURE


def test_names_and_wordings_are_unique() -> None:
    for values in (NAMES, [f.zh for f in FEATURES], [f.en for f in FEATURES]):
        assert [value for value, times in Counter(values).items() if times > 1] == []


def test_every_signal_has_a_feature() -> None:
    read = {feature.signal for feature in FEATURES if feature.signal}
    assert read == {ALL_FACTS, *(signal.name for signal in SIGNALS)}


def test_no_company_gains_by_being_known_less_well() -> None:
    worse = {"evidence_confirmed_share": -1, "evidence_agreement": -1}
    of_all = [feature for feature in FEATURES if feature.signal == ALL_FACTS]
    assert {feature.pillar for feature in of_all} == set(Pillar)
    assert all(feature.direction.constraint == worse.get(feature.name, 1) for feature in of_all)


def columns(name: str) -> set[str]:
    """What a feature of the signal, or of all facts, may read, but for row columns."""
    own = {"pillar"} if name == ALL_FACTS else set(signal_named(name).schema)
    return own | set(FACT_COLUMNS) | LOOKED_FROM


@each
def test_a_feature_is_named_and_worded(feature: Feature) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+|[a-z]+", feature.name)
    assert re.search(r"[\u4e00-\u9fff]", feature.zh)
    assert re.fullmatch(r"[a-z][ -~]+[a-z)]", feature.en), feature.en
    assert isinstance(feature.unit, Unit)
    assert isinstance(feature.direction, Direction)


@each
def test_a_window_in_the_name_is_the_window_declared(feature: Feature) -> None:
    if span := re.search(r"_(\d+)m$", feature.name):
        assert feature.window == f"{span[1]} months"
        assert f"{span[1]}个月" in feature.zh
        assert f"{span[1]} months" in feature.en


@each
def test_a_feature_belongs_to_its_signals_pillar_and_reads_its_columns(feature: Feature) -> None:
    if feature.signal is None:
        assert set(inputs(feature)) <= set(NAMES[: NAMES.index(feature.name)])
        return
    assert feature.signal == ALL_FACTS or feature.pillar is signal_named(feature.signal).pillar
    assert set(feature.expr.meta.root_names()) <= columns(feature.signal) | set(ROWS.get(feature.signal, {}))


def test_row_columns_hide_no_column_of_the_facts_and_are_all_read() -> None:
    for signal, rows in ROWS.items():
        read = {name for f in FEATURES if f.signal == signal for name in f.expr.meta.root_names()}
        assert set(rows) & columns(signal) == set()
        assert set(rows) <= read


def test_outcomes_to_be_foreseen_are_not_read() -> None:
    written = " ".join(f.expr.meta.serialize(format="json") or "" for f in FEATURES if f.signal == "credit_event")
    assert "cure" in written
    assert not re.search("default|write_off|closure|acquisition|listing", written)


def test_the_companys_status_and_place_are_not_read() -> None:
    read = {name for f in FEATURES if f.signal == "company_profile" for name in f.expr.meta.root_names()}
    assert read.isdisjoint({"status", "country", "region", "city"})


def divisions(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("op") == "TrueDivide":
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from divisions(part)


@each
def test_no_column_is_divided_by_a_constant(feature: Feature) -> None:
    rows = [] if feature.signal is None else ROWS.get(feature.signal, {}).values()
    for expr in (feature.expr, *rows):
        for division in divisions(json.loads(expr.meta.serialize(format="json") or "")):
            assert "Literal" not in division["right"]


def test_a_direction_is_a_monotone_constraint() -> None:
    assert feature_named("cash_runway").direction.constraint == -1
    assert feature_named("credit_days_past_due").direction.constraint == 1
    assert feature_named("company_age").direction.constraint == 0


def test_a_feature_is_found_by_name() -> None:
    assert all(feature_named(name) is feature for name, feature in FEATURES_BY_NAME.items())
    with pytest.raises(NotFound, match="luck"):
        feature_named("luck")
