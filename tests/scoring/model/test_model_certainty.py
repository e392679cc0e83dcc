"""Certainty: intervals that hold the PD shown, the flag, the band; plain JSON there and back."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.errors import InvalidInput
from scoring.model.certainty import Advice, Band, Certainty, Support

NAN = float("nan")
SUPPORT = Support(low=(0.0, 10.0, 1.0), high=(1.0, 20.0, -1.0), always_known=(True, False, False), most=1)
MADE = Certainty(
    method="by hand", level=0.9, knots=(-3.0, -1.0), low=(0.0, 0.02, 0.1), high=(0.03, 0.12, 0.5), support=SUPPORT,
    band=Band(0.02, 0.2),
)  # fmt: skip
shares = st.floats(0, 1)


def test_the_interval_is_the_one_of_the_step():
    raw = np.array([-9.0, -3.0, -1.5, -1.0, 4.0])
    low, high = MADE.interval(raw, np.array([0.01, 0.05, 0.05, 0.2, 0.2]))
    assert low.tolist() == [0.0, 0.02, 0.02, 0.1, 0.1] and high.tolist() == [0.03, 0.12, 0.12, 0.5, 0.5]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.floats(-50, 50), shares), min_size=1, max_size=20))
def test_every_interval_holds_the_pd_shown(rows):
    raw, pd = (np.array(column) for column in zip(*rows, strict=True))
    low, high = MADE.interval(raw, pd)
    assert (low >= 0).all() and (low <= pd).all() and (pd <= high).all() and (high <= 1).all()


def test_there_and_back_through_json():
    assert Certainty.from_dict(json.loads(json.dumps(MADE.as_dict(), allow_nan=False))) == MADE


@pytest.mark.parametrize(
    ("values", "out"),
    [
        ([0.5, 15, NAN], 0),
        ([0.0, 20, NAN], 0),
        ([1.1, 15, NAN], 1),
        ([NAN, 15, NAN], 1),
        ([0.5, NAN, NAN], 0),
        ([0.5, 9.9, 0.0], 2),
        ([NAN, 99, 5], 3),
    ],
)
def test_features_out_of_place_are_counted(values, out):
    one = np.array([values])
    assert SUPPORT.out_of_place(one).tolist() == [out]
    assert SUPPORT.unlike(one).tolist() == [out > 1]


def test_unlike_companies_are_referred_whatever_their_pd():
    values = np.array([[0.5, 15, NAN], [0.5, 15, NAN], [0.5, 15, NAN], [NAN, 99, 5]])
    advice = MADE.refer(np.array([0.019, 0.02, 0.2, 0.001]), values)
    assert advice == [Advice.APPROVE, Advice.REFER, Advice.DECLINE, Advice.REFER]


costs = st.floats(0.01, 100)


@settings(deadline=None, max_examples=40)
@given(costs, costs, st.floats(0, 100), shares)
def test_what_is_suggested_costs_least(bad_loan, lost_good, review, pd):
    band = Band.by_cost(bad_loan=bad_loan, lost_good=lost_good, review=review)
    price = {Advice.APPROVE: pd * bad_loan, Advice.DECLINE: (1 - pd) * lost_good, Advice.REFER: review}
    (advice,) = band.advise(np.array([pd]))
    assert price[advice] <= min(price.values()) + 1e-9 * max(bad_loan, lost_good)


@settings(deadline=None, max_examples=40)
@given(costs, costs, st.floats(0, 50), st.floats(0, 50))
def test_a_dearer_look_never_refers_more(bad_loan, lost_good, review, more):
    cheap = Band.by_cost(bad_loan=bad_loan, lost_good=lost_good, review=review)
    dear = Band.by_cost(bad_loan=bad_loan, lost_good=lost_good, review=review + more)
    assert cheap.approve_below <= dear.approve_below + 1e-12 and dear.decline_from <= cheap.decline_from + 1e-12


@pytest.mark.parametrize("ends", [(0.3, 0.2), (-0.1, 0.5), (0.1, 1.1), (NAN, 0.5)])
def test_a_band_that_is_none_is_refused(ends):
    with pytest.raises(InvalidInput):
        Band(*ends)


@pytest.mark.parametrize("broken", [{"knots": (-1.0, -3.0)}, {"low": (0.0, 0.1)}, {"low": (0.0, 0.5, 0.1)}])
def test_steps_that_are_none_are_refused(broken):
    with pytest.raises(InvalidInput):
        Certainty(**{**vars(MADE), **broken})


def test_costs_that_leave_nothing_to_weigh_are_refused():
    with pytest.raises(InvalidInput):
        Band.by_cost(bad_loan=0, lost_good=1, review=1)
