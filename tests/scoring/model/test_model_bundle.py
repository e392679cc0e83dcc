import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alliance.errors import BundleError
from scoring.features import FEATURES as ALL_FEATURES
from scoring.features.declaration import Direction, Feature
from scoring.model import Bundle, contract_of, load
from scoring.model.bundle import BUNDLE_FILE, MODEL_FILE
from scoring.model.certainty import Band, Certainty, Support
from scoring.model.groups import FeatureGroup


def test_what_is_loaded_is_what_was_saved(bundle: Bundle, known: dict[str, Feature], tmp_path: Path) -> None:
    bundle.save(tmp_path)
    loaded = load(tmp_path, sha256=bundle.sha256, known=known)
    assert loaded == bundle
    assert loaded.sha256 == bundle.sha256
    assert sorted(path.name for path in tmp_path.iterdir()) == [BUNDLE_FILE, MODEL_FILE]
    loaded.save(tmp_path / "again")
    for name in (BUNDLE_FILE, MODEL_FILE):
        assert (tmp_path / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_the_document_is_canonical_and_its_hash_can_be_recomputed(bundle: Bundle, tmp_path: Path) -> None:
    bundle.save(tmp_path)
    text = (tmp_path / BUNDLE_FILE).read_text("utf-8")
    stored = json.loads(text)
    assert "中文 cash" in text
    assert stored["content"]["model_sha256"] == hashlib.sha256((tmp_path / MODEL_FILE).read_bytes()).hexdigest()
    content = json.dumps(stored["content"], ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    assert stored["sha256"] == bundle.sha256 == hashlib.sha256(content.encode()).hexdigest()


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from([BUNDLE_FILE, MODEL_FILE]))
def test_any_changed_byte_is_refused(
    bundle: Bundle, known: dict[str, Feature], tmp_path: Path, data: st.DataObject, name: str
) -> None:
    bundle.save(tmp_path)
    path = tmp_path / name
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    edit = data.draw(st.sampled_from(["flip", "insert", "delete"]))
    if edit == "flip":
        content[place] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content)
    elif edit == "insert":
        path.write_bytes(bytes(content[:place]) + data.draw(st.sampled_from([b" ", b"\n", b"0"])) + content[place:])
    else:
        path.write_bytes(content[:place] + content[place + 1 :])
    with pytest.raises(BundleError) as refused:
        load(tmp_path, known=known)
    assert refused.value.remedy


@pytest.mark.parametrize(
    "edit", [lambda b: b[:-1], lambda b: b[:0], lambda b: b + b"\n", lambda b: b"\xef\xbb\xbf" + b]
)
@pytest.mark.parametrize("name", [BUNDLE_FILE, MODEL_FILE])
def test_cut_and_padded_files_are_refused(
    bundle: Bundle, known: dict[str, Feature], tmp_path: Path, edit: Any, name: str
) -> None:
    bundle.save(tmp_path)
    (tmp_path / name).write_bytes(edit((tmp_path / name).read_bytes()))
    with pytest.raises(BundleError):
        load(tmp_path, known=known)


@pytest.mark.parametrize("name", [BUNDLE_FILE, MODEL_FILE])
def test_missing_files_are_refused(bundle: Bundle, known: dict[str, Feature], tmp_path: Path, name: str) -> None:
    bundle.save(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(BundleError, match=name):
        load(tmp_path, known=known)


def test_another_intact_bundle_is_not_taken_for_this_one(
    bundle: Bundle, known: dict[str, Feature], tmp_path: Path
) -> None:
    other = replace(bundle, version="other")
    assert other.sha256 != bundle.sha256
    other.save(tmp_path)
    with pytest.raises(BundleError, match=bundle.sha256):
        load(tmp_path, sha256=bundle.sha256, known=known)


def test_unknown_and_changed_features_are_named(bundle: Bundle, known: dict[str, Feature], tmp_path: Path) -> None:
    bundle.save(tmp_path)
    changed = {**known, "churn": replace(known["churn"], expr=pl.len() + 1)}
    del changed["cash"]
    with pytest.raises(BundleError, match=r"not have \(cash\) or defines differently \(churn\)"):
        load(tmp_path, known=changed)


def test_the_features_of_this_code_are_the_default(bundle: Bundle, tmp_path: Path) -> None:
    bundle.save(tmp_path)
    with pytest.raises(BundleError, match="does not have"):
        load(tmp_path)


def test_every_declared_feature_fits_a_contract() -> None:
    contract = contract_of(ALL_FEATURES)
    assert [feature.name for feature in contract] == [feature.name for feature in ALL_FEATURES]
    assert [type(feature).from_dict(feature.as_dict()) for feature in contract] == list(contract)


def test_a_contract_in_another_order_is_refused(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="order"):
        replace(bundle, contract=bundle.contract[::-1])


def test_directions_the_model_does_not_hold_are_refused(bundle: Bundle) -> None:
    first = replace(bundle.contract[0], direction=Direction.RAISES_RISK)
    with pytest.raises(BundleError, match="cash"):
        replace(bundle, contract=(first, *bundle.contract[1:]))


def test_a_model_that_only_claims_its_directions_is_refused(bundle: Bundle) -> None:
    held = "monotone_constraints=-1 0 1 1 0 0 0"
    assert held in bundle.model
    reverse = {"cash": Direction.RAISES_RISK, "churn": Direction.LOWERS_RISK}
    liar = replace(
        bundle,
        model=bundle.model.replace(held, "monotone_constraints=1 0 -1 1 0 0 0"),
        contract=tuple(replace(f, direction=reverse.get(f.name, f.direction)) for f in bundle.contract),
    )
    with pytest.raises(BundleError, match="against the declared direction of cash"):
        liar.check_directions()
    bundle.check_directions()


@pytest.mark.parametrize("rate", [0.0, 1.0, float("nan")])
def test_impossible_base_rates_are_refused(bundle: Bundle, rate: float) -> None:
    with pytest.raises(BundleError):
        replace(bundle, base_rate=rate)


@pytest.mark.parametrize("facts", [{"auc": float("nan")}, {"at": object()}])
def test_training_facts_must_be_json(bundle: Bundle, tmp_path: Path, facts: dict[str, Any]) -> None:
    with pytest.raises(BundleError, match="JSON"):
        replace(bundle, training=facts).save(tmp_path)
    assert not list(tmp_path.iterdir())


def _trained(parameters: dict[str, Any], label: Any, **data: Any) -> str:
    generator = np.random.default_rng(0)
    values = np.column_stack([generator.integers(0, 6, 600), generator.normal(size=600)]).astype(float)
    names = ["kind", "size"]
    settings_ = {"verbosity": -1, "num_threads": 1, "num_leaves": 4, "min_data_in_leaf": 5, **parameters}
    return lgb.train(
        settings_, lgb.Dataset(values, label(values), feature_name=names, **data), 5
    ).model_to_string()  # fmt: skip


def _odd(values: Any) -> Any:
    return values[:, 0] % 2 == 0


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (lambda: _trained({"objective": "binary", "min_data_per_group": 5}, _odd, categorical_feature=[0]), "categor"),
        (lambda: _trained({"objective": "binary", "linear_tree": True}, _odd), "linear"),
        (lambda: _trained({"objective": "regression"}, _odd), "log-odds"),
        (lambda: _trained({"objective": "binary", "sigmoid": 2.0}, _odd), "log-odds"),
        (lambda: _trained({"objective": "multiclass", "num_class": 3}, lambda v: v[:, 0] % 3), "log-odds"),
        (lambda: _trained({"objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, _odd),
         "log-odds"),
        (lambda: "nonsense", "log-odds"),
    ],
)  # fmt: skip
def test_models_that_cannot_be_explained_are_refused(bundle: Bundle, model: Any, why: str) -> None:
    two = tuple(replace(bundle.contract[1], name=name) for name in ("kind", "size"))
    with pytest.raises(BundleError, match=why):
        replace(bundle, model=model(), contract=two)


def test_the_same_model_without_categories_is_accepted(bundle: Bundle) -> None:
    two = tuple(replace(bundle.contract[1], name=name) for name in ("kind", "size"))
    replace(bundle, model=_trained({"objective": "binary"}, _odd), contract=two).check_explanations()


def test_certainty_reference_and_groups_are_kept(bundle: Bundle, known: dict[str, Feature], tmp_path: Path) -> None:
    whole = replace(
        bundle, certainty=certainty(len(bundle.names)), reference={"cash": 2e6, "late": 30.0},
        groups=(FeatureGroup(name="payment", zh="付款", en="payment", features=("cash", "late")),),
    )  # fmt: skip
    assert whole.sha256 != bundle.sha256
    whole.save(tmp_path)
    assert load(tmp_path, known=known) == whole


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"certainty": 3}, "other features"),
        ({"reference": {"nobody": 1.0}}, "nobody"),
        ({"reference": {"cash": np.nan}}, "cash"),
        ({"groups": [("cash",)]}, "not sound"),
        ({"groups": [("cash", "nobody")]}, "not sound"),
        ({"groups": [("cash", "staff")]}, "not sound"),
        ({"groups": [("cash", "late"), ("late", "cash")]}, "not sound"),
    ],
)
def test_what_does_not_fit_the_features_is_refused(bundle: Bundle, changed: dict[str, Any], word: str) -> None:
    given_ = dict(changed)
    if "certainty" in given_:
        given_["certainty"] = certainty(given_["certainty"])
    if "groups" in given_:
        made = [FeatureGroup(name="g", zh="组", en="group", features=names) for names in given_["groups"]]
        given_["groups"] = tuple(made)
    with pytest.raises(BundleError, match=word):
        replace(bundle, **given_)


def certainty(features: int) -> Certainty:
    support = Support((0.0,) * features, (1.0,) * features, (False,) * features, most=2)
    return Certainty("bins", 0.9, (-1.0,), (0.01, 0.1), (0.05, 0.3), support, Band(0.02, 0.75))
