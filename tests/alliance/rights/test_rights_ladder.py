"""Bands: a value lies in its band, equal values share it, larger values never lie in a lower one."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.errors import InvalidInput
from alliance.rights import Disclosure, banded
from alliance.signals import signal_named


def field(name: str) -> Any:
    signal, _, of_it = name.partition(".")
    return signal_named(signal).field(of_it)


@pytest.mark.parametrize(
    ("name", "value", "band"),
    [
        ("cash_position.cash", 0, "0 – 10,000"),
        ("cash_position.cash", 9_999, "0 – 10,000"),
        ("cash_position.cash", 10_000, "10,000 – 20,000"),
        ("cash_position.cash", 4_960_064, "2,000,000 – 5,000,000"),
        ("cash_position.cash", 5_000_000, "5,000,000 – 10,000,000"),
        ("cash_position.monthly_burn", -30_000, "-50,000 – -20,000"),
        ("cash_position.monthly_burn", -3, "-10,000 – 10,000"),
        ("headcount.employees", 0, "0 – 4"),
        ("headcount.employees", 4, "0 – 4"),
        ("headcount.employees", 5, "5 – 9"),
        ("headcount.employees", 48, "20 – 49"),
        ("market_signal.sentiment", 0.3, "0.2 – 0.5"),
        ("market_signal.sentiment", -0.3, "-0.5 – -0.2"),
        ("market_signal.sentiment", 0.0, "-0.1 – 0.1"),
        ("facility.rate", 0.07, "0% – 10%"),
        ("facility.rate", 0.3, "30% – 40%"),
        ("facility.rate", 1.0, "90% – 100%"),
        ("funding_round.announced_on", date(2024, 12, 31), "2024-Q4"),
        ("funding_round.stage", "seed", None),
        ("funding_round.lead_investor", "星辰资本", None),
        ("facility.secured", True, None),
        ("cash_position.cash", None, None),
    ],
)
def test_a_band_by_example(name: str, value: object, band: str | None) -> None:
    assert banded(field(name), value) == band


def bounds(band: str) -> tuple[float, float]:
    low, high = (float(part.replace(",", "").rstrip("%")) for part in band.split(" – "))
    return low, high


@pytest.mark.parametrize(
    ("name", "values", "scale"),
    [
        ("cash_position.cash", st.integers(0, 10**15), 1),
        ("cash_position.monthly_burn", st.integers(-(10**15), 10**15), 1),
        ("headcount.employees", st.integers(0, 10**9), 1),
        ("market_signal.sentiment", st.floats(-1e9, 1e9), 1),
        ("facility.rate", st.floats(0, 1), 100),
    ],
)
def test_a_value_lies_in_its_band_and_bands_keep_the_order(name: str, values: Any, scale: int) -> None:
    @given(values, values)
    def check(one: float, other: float) -> None:
        less, more = sorted([one, other])
        bands = [banded(field(name), value) for value in (less, more)]
        (low, high), (_, higher) = (bounds(str(band)) for band in bands)
        assert low - 1e-6 <= less * scale <= high + 1e-6
        assert high <= higher
        assert high > low, "no band names its one value"

    check()


def test_rungs_have_codes() -> None:
    assert [Disclosure.coded(rung.code) for rung in Disclosure] == list(Disclosure)
    assert Disclosure.SCORE_ONLY.code == "score_only"
    with pytest.raises(InvalidInput, match="secret"):
        Disclosure.coded("secret")
