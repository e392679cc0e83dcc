"""References by which reasons hold, and the certainty that is trained along."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.experiment import experiment
from experiments.grounds import DIGITS, reasons_hold, reference_of
from experiments.splits import out_of_time
from experiments.train import matrix
from scoring.score import score_arrays


@pytest.fixture(scope="module")
def found(panel):
    return experiment(panel, out_of_time(panel, 4), version="test")


def test_reasons_hold_and_oftener_than_by_medians(panel, found):
    bundle, rows = found.bundle, found.split.test.select("company_id", *panel.names)
    medians = {name: float(np.nanmedian(rows[name].cast(float).fill_null(np.nan))) for name in panel.names}
    assert found.reasons_hold > 0.97
    assert reasons_hold(score_arrays(replace(bundle, reference=medians), rows)) < found.reasons_hold


def test_without_reasons_none_fails(found, panel):
    none = score_arrays(found.bundle, found.split.test.select("company_id", *panel.names).head(0))
    assert reasons_hold(none) == 1.0


def test_references_are_the_same_again_and_coarse(found, panel):
    taught = matrix(found.split.taught, panel.names)
    again = reference_of(replace(found.bundle, reference={}), taught)
    assert again == found.bundle.reference
    assert all(float(f"{value:.{DIGITS}g}") == value for value in again.values())
    assert {*again} <= {*panel.names}


def test_a_feature_never_known_has_no_reference(found, panel):
    taught = matrix(found.split.taught, panel.names)
    taught[:, 1] = np.nan
    assert panel.names[1] not in reference_of(found.bundle, taught)


def true_chances(rows):
    """The chances by which the panel's labels were drawn, given what is known of a row."""
    late, runway = rows["round_last_age"].to_numpy() / 500, rows["cash_runway"].cast(float).to_numpy()[:, None] / 12
    runways = np.where(np.isnan(runway), np.linspace(0, 4, 201), runway)  # unknown: anything from 0 to 48 months
    return (1 / (1 + np.exp(1.6 - late[:, None] + runways))).mean(axis=1)


def test_the_certainty_trained_along_is_of_rows_before_the_test(found):
    certainty = found.scored.certainty
    assert (certainty.low <= found.scored.pd).all() and (found.scored.pd <= certainty.high).all()
    bins = np.array_split(np.argsort(found.scored.pd, kind="stable"), 10)
    truth = true_chances(found.split.test)
    inside = [certainty.low[own].mean() <= truth[own].mean() <= certainty.high[own].mean() for own in bins]
    assert np.mean(inside) >= 0.7, "an interval is for the mean PD of rows scored alike"
    assert certainty.unlike.mean() < 0.1
