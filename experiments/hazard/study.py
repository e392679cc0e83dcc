"""Hazards tested out of time: PDs of every horizon against what came, each on the days whose horizon is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from alliance.errors import InvalidInput
from alliance.view import History
from experiments.hazard.lag import RecordingLag, recording_lag
from experiments.hazard.model import HazardModel, learn_hazard
from experiments.hazard.periods import HORIZONS, PERIOD_MONTHS, befallen, person_periods, with_first_event
from experiments.metrics import Estimate, Sample, calibration, measure
from experiments.outcome import Outcome
from experiments.panel import LABEL, Panel, Progress, events_of, last_known, panel, quarter_ends
from scoring.months import months_after

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class HorizonFound:
    """How one horizon's PDs did.

    Attributes:
        months: the horizon.
        rows, outcomes: test rows whose horizon is over, and how many of them had the outcome.
        foretold, observed: mean PD, and share with the outcome.
        metrics: as of ``metrics.METRICS``, with intervals over companies.
        plain_brier: Brier score of the same PD for everyone: the share of the taught rows that had the outcome by then.
        slope, intercept: of the calibration; 1 and 0 are perfect.
    """

    months: int
    rows: int
    outcomes: int
    foretold: float
    observed: float
    metrics: dict[str, Estimate]
    plain_brier: float
    slope: float
    intercept: float


@dataclass(frozen=True, kw_only=True, eq=False)
class HazardStudy:
    """A hazard model and what the test rows say of it.

    Attributes:
        model: the model.
        tested: the test rows, with ``first_event``.
        pd: their PDs (n, h), by horizon of ``HORIZONS``.
        horizons: what each horizon's rows say; horizons none of whose days is over are left out.
        lag: of recording, as known on the first test day, by which the taught periods are cut.
        taught_until, known_until: last day of which outcomes count, in teaching and in the test.
        periods, outcomes: taught rows of the table, and how many of them had the outcome.
        panel: all rows.
    """

    model: HazardModel
    tested: pl.DataFrame
    pd: Floats
    horizons: tuple[HorizonFound, ...]
    lag: RecordingLag
    taught_until: date
    known_until: date
    periods: int
    outcomes: int
    panel: Panel


def hazard_study(
    history: History, outcome: Outcome, first: date, last: date, test_from: date, *,
    progress: Progress | None = None,
) -> HazardStudy:  # fmt: skip
    """Teach on what was known on the first test day, test on what is known at the end.

    Args:
        first, last: first and last as-of day; the last one's first period must be over.
        test_from: the first test day. Earlier days teach, each as far as it could be followed by then.

    Raises:
        InvalidInput: no day to teach on, or none to test.
    """
    days = quarter_ends(first, last)
    if not any(day < test_from for day in days) or not any(day >= test_from for day in days):
        raise InvalidInput(
            f"No quarter's end to teach on before {test_from}, or none to test from then on.",
            remedy="Set --from earlier, or --test-from between --from and --to.",
            field="dates",
        )
    cut = last_known(history)
    made = panel(history, days, outcome, PERIOD_MONTHS, progress=progress)
    claims = history.claims.frames["credit_event"]
    lag_then, lag_now = (recording_lag(claims, outcome.kinds, day) for day in (test_from, cut))
    taught_until = test_from - timedelta(days=lag_then.settled())
    known_until = cut - timedelta(days=lag_now.settled())
    taught = made.frame.filter(pl.col("as_of") < test_from)
    tested = made.frame.filter(pl.col("as_of") >= test_from)
    taught = with_first_event(taught, events_of(history.facts(test_from), outcome))
    tested = with_first_event(tested, events_of(history.facts(cut), outcome))
    periods = person_periods(taught, taught_until)
    model = learn_hazard(periods, made.features)
    pd = model.pd(tested, HORIZONS)
    plain = cumulative(periods)
    found = [
        _horizon(tested, pd[:, place], months, known_until, plain) for place, months in enumerate(HORIZONS)
    ]  # fmt: skip
    return HazardStudy(
        model=model,
        tested=tested,
        pd=pd,
        horizons=tuple(one for one in found if one),
        lag=lag_now,
        taught_until=taught_until,
        known_until=known_until,
        periods=periods.height,
        outcomes=int(periods[LABEL].sum()),
        panel=made,
    )


def cumulative(periods: pl.DataFrame) -> Floats:
    """Share with the outcome by the end of each period (k), by Kaplan and Meier's product over the table."""
    shares = periods.group_by("period").agg(pl.col(LABEL).mean()).sort("period")[LABEL].to_numpy()
    return np.asarray(1 - np.cumprod(1 - shares))


def over(rows: pl.DataFrame, months: int, until: date) -> NDArray[np.bool_]:
    """Which rows' horizon of so many months had ended by a day (n)."""
    days: Sequence[date] = rows["as_of"].unique().to_list()
    ended = [day for day in days if months_after(day, months) <= until]
    return rows["as_of"].is_in(pl.Series(ended, dtype=pl.Date).implode()).to_numpy()


def _horizon(tested: pl.DataFrame, pd: Floats, months: int, until: date, plain: Floats) -> HorizonFound | None:
    ended = over(tested, months, until)
    rows = tested.filter(pl.Series(ended))
    labels = befallen(rows, months).to_numpy()
    if rows.is_empty() or labels.all() or not labels.any():
        return None
    told, sample = pd[ended], Sample.of(labels, rows["company_id"])
    level = calibration(sample, told)
    constant = plain[min(months // PERIOD_MONTHS, len(plain)) - 1]
    return HorizonFound(
        months=months,
        rows=len(labels),
        outcomes=int(labels.sum()),
        foretold=float(told.mean()),
        observed=float(labels.mean()),
        metrics=measure(sample, told),
        plain_brier=float(np.mean((constant - labels) ** 2)),
        slope=level["slope"],
        intercept=level["intercept"],
    )
