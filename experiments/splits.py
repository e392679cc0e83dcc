"""Which rows of a panel teach, which stop the teaching, which examine.

A label is known only a horizon after its day. Between two parts that follow each other there is therefore a gap of one
horizon: when the first day of the later part comes, every label of the earlier part is known. It also keeps one event
from being told on both sides.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from alliance.errors import InvalidInput
from experiments.panel import LABEL
from scoring.months import months_after

STOP_SHARE = 0.25
"""Share of the training days (or companies) that early stopping and calibration are given."""

TEST_SHARE = 1 / 3
"""Share of the companies that are the test's own when companies are kept apart."""


@dataclass(frozen=True, eq=False)
class Split:
    """Rows of a panel in parts, all with the panel's columns.

    Attributes:
        fit: what trees first learn from.
        stop: later or other rows, by which the number of trees is chosen and the level calibrated.
        taught: what the trees that are kept learn from: ``fit``, ``stop`` and the days between, since when the test
            begins all their labels are known.
        test: what nothing was chosen by.
    """

    fit: pl.DataFrame
    stop: pl.DataFrame
    taught: pl.DataFrame
    test: pl.DataFrame


class Dated(Protocol):
    """A table whose rows each look from a day, such as a ``Panel``.

    Attributes:
        frame: rows with ``company_id``, ``as_of``, ``label`` and features.
        horizon_months: how long after its day a row's label is known.
    """

    @property
    def frame(self) -> pl.DataFrame: ...

    @property
    def horizon_months(self) -> int: ...


def out_of_time(panel: Dated, test_days: int, *, companies_apart: bool = False) -> Split:
    """The last days as test, days a horizon before them as training; the last of those, again after a gap, as ``stop``.

    Args:
        test_days: how many of the panel's days the test has.
        companies_apart: test a share of the companies only, and keep those out of ``fit`` and ``stop``.

    Raises:
        InvalidInput: the panel's days do not reach for three parts and two gaps, or a part lacks either outcome.
    """
    days = sorted(panel.frame["as_of"].unique().to_list())
    tested = days[-test_days:] if 0 < test_days < len(days) else []
    before = _by(days, tested[0], panel.horizon_months) if tested else []
    stopping = before[-max(1, round(len(before) * STOP_SHARE)) :]
    fitting = _by(before, stopping[0], panel.horizon_months) if stopping else []
    if not fitting:
        raise InvalidInput(
            f"{len(days)} days do not reach for training, early stopping and {test_days} days of test, each a horizon"
            f" of {panel.horizon_months} months apart.",
            remedy="Let the panel begin earlier, test fewer days, or shorten the horizon.",
            field="dates",
        )
    own = of_test(panel.frame["company_id"]) if companies_apart else None
    teaching, examining = (
        (panel.frame, panel.frame) if own is None else (panel.frame.filter(~own), panel.frame.filter(own))
    )
    return sound(
        Split(
            fit=teaching.filter(pl.col("as_of").is_in(fitting)),
            stop=teaching.filter(pl.col("as_of").is_in(stopping)),
            taught=teaching.filter(pl.col("as_of").is_in(before)),
            test=examining.filter(pl.col("as_of").is_in(tested)),
        )
    )


def of_test(companies: pl.Series) -> pl.Series:
    """Of each row, whether its company is the test's own when companies are kept apart."""
    return company_share(companies, "test") < TEST_SHARE


def _by(days: Sequence[date], first_later: date, horizon_months: int) -> list[date]:
    """Those of the days whose labels are known when the later part begins."""
    return [day for day in days if months_after(day, horizon_months) <= first_later]


def by_company(frame: pl.DataFrame, test: NDArray[np.bool_]) -> Split:
    """Given rows as test, ``STOP_SHARE`` of the other companies as ``stop``; for rows of one day.

    Args:
        frame: rows of a panel (n).
        test: which of them examine (n); their companies teach nothing.

    Raises:
        InvalidInput: a part lacks either outcome.
    """
    examined = frame.filter(pl.Series(test))
    teaching = frame.join(examined.select("company_id").unique(), on="company_id", how="anti", maintain_order="left")
    stopping = company_share(teaching["company_id"], "stop") < STOP_SHARE
    return sound(Split(fit=teaching.filter(~stopping), stop=teaching.filter(stopping), taught=teaching, test=examined))


def company_folds(companies: pl.Series, folds: int) -> NDArray[np.int64]:
    """Fold (0 to ``folds`` - 1) of each row by its company alone: all rows of a company have one fold, in any panel."""
    drawn: NDArray[np.int64] = np.floor(company_share(companies, "fold").to_numpy() * folds).astype(np.int64)
    return drawn


def sound(split: Split) -> Split:
    """The split itself, when each part has rows of both outcomes; ``InvalidInput`` otherwise."""
    for name, rows in vars(split).items():
        told_both(rows, name)
    return split


def told_both(rows: pl.DataFrame, name: str) -> None:
    """Refuse rows of one outcome alone.

    Raises:
        InvalidInput: so they are.
    """
    if rows[LABEL].n_unique() < 2:
        raise InvalidInput(
            f"The {name} rows ({rows.height}) do not hold both outcomes.",
            remedy="Take more companies or days, or a longer horizon.",
            part=name,
        )


def company_share(companies: pl.Series, salt: str) -> pl.Series:
    """A number in [0, 1) for each row, by its company and the salt alone: the same on every machine, for ever."""
    ids = companies.unique()
    numbers = [_fraction(f"{salt}:{company}") for company in ids]
    return companies.replace_strict(ids, pl.Series(numbers, dtype=pl.Float64), return_dtype=pl.Float64)


def _fraction(text: str) -> float:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6]) / 2**48
