"""From a store to readings: what a model's companies, inputs, outcomes and members were like, quarter by quarter.

Every reading uses what was known on its own day: the companies at risk then, their features then, and of an earlier
cohort the outcomes on record by then. So a reading of the past is what would have been read at the time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import polars as pl

from alliance.errors import InvalidInput
from alliance.view import History
from experiments.hazard.lag import recording_lag
from experiments.monitoring.bins import Bins, Shift
from experiments.monitoring.cohort import Cohort, befallen, cohort_of, recorded_share
from experiments.monitoring.development import Development, pillar_coverage, pillar_parts
from experiments.monitoring.expected import expected_auc, expected_brier
from experiments.monitoring.members import NOTHING_TOLD, Members, Told
from experiments.monitoring.rates import Rate, of_quarter
from experiments.outcome import outcome_named
from experiments.panel import Progress, events_of, last_known, quarter_ends
from scoring.features import feature_frame, feature_named
from scoring.model import Bundle
from scoring.model.certainty import Advice
from scoring.months import months_after
from scoring.score import ScoreTable, score_arrays


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One quarter.

    Attributes:
        day: its last day.
        companies: at risk on it.
        score: shift of the score; ``features``, ``pillars``: of each feature and of each pillar's part.
        coverage: by pillar, mean share of its features that are known; ``unknown``: by feature, share that is not.
        foretold: mean PD; ``expected_auc``, ``expected_brier``: how good the PDs let expect the model to be.
        cohort: the newest cohort whose outcomes have come to be known, if no earlier reading had it.
        told: what members told.
        rates: of referrals and the like.
    """

    day: date
    companies: int
    score: Shift
    features: Mapping[str, Shift] = field(hash=False)
    pillars: Mapping[str, Shift] = field(hash=False)
    coverage: Mapping[str, float] = field(hash=False)
    unknown: Mapping[str, float] = field(hash=False)
    foretold: float
    expected_auc: float | None
    expected_brier: float
    cohort: Cohort | None = None
    told: Told = NOTHING_TOLD
    rates: tuple[Rate, ...] = ()


def reading_of(day: date, scored: ScoreTable, made: Development) -> Reading:
    """What scores of one day say by themselves, without outcomes or members."""
    return Reading(
        day=day,
        companies=len(scored.pd),
        score=_shift(made.score, scored.log_odds, made),
        features={
            name: _shift(made.features[name], values, made)
            for name, values in zip(scored.bundle.names, scored.values.T, strict=True)
        },
        pillars={name: _shift(made.pillars[name], part, made) for name, part in pillar_parts(scored).items()},
        coverage=pillar_coverage(scored),
        unknown=dict(zip(scored.bundle.names, np.isnan(scored.values).mean(axis=0).tolist(), strict=True)),
        foretold=float(scored.pd.mean()),
        expected_auc=expected_auc(scored.pd),
        expected_brier=expected_brier(scored.pd),
    )


def _shift(bins: Bins, values: "np.ndarray[tuple[int], np.dtype[np.float64]]", made: Development) -> Shift:
    return Shift.between(np.array(bins.counts), bins.count(values), made.companies, bins.moved)


class Monitored:
    """A model on a store, from the first day it was examined on.

    Args:
        until: last day looked at; by default the last day anything became known.
        rates: of overrides and the like, whichever quarters they are of.

    Raises:
        InvalidInput: no quarter has ended since the model was examined.
    """

    def __init__(
        self, history: History, bundle: Bundle, made: Development, until: date | None = None, *,
        rates: Sequence[Rate] = (),
    ) -> None:  # fmt: skip
        self.history, self.bundle, self.made, self._rates = history, bundle, made, tuple(rates)
        self.outcome = outcome_named(bundle.outcome.name)
        self.known_by = until or last_known(history)
        first, last = date.fromisoformat(made.first), date.fromisoformat(made.last)
        self.days = quarter_ends(first, self.known_by)
        self.since = [day for day in self.days if day > last]
        if not self.since or self.days[0] > last:
            raise InvalidInput(
                f"No quarter has ended between {last}, up to which the model was examined, and {self.known_by}.",
                remedy="Submit newer files, or monitor a model that was trained earlier.",
                field="bundle",
            )
        self._features = tuple(feature_named(name) for name in bundle.names)
        self._scored: dict[date, ScoreTable] = {}
        self._events: dict[date, pl.DataFrame] = {}

    def readings(self, progress: Progress = lambda _: None) -> tuple[Reading, ...]:
        """One reading a quarter since the model was examined.

        Args:
            progress: called with 1 after each of ``days``.
        """
        for day in self.days:
            self._look(day)
            progress(1)
        examined: set[date] = set()
        found = []
        for day in self.since:
            cohort = self._newest(day, examined)
            found.append(self._reading(day, cohort))
        return tuple(found)

    def scored(self, day: date) -> ScoreTable:
        """Scores of the companies at risk on a day that was looked at."""
        return self._scored[day]

    def _look(self, day: date) -> None:
        facts = self.history.facts(day)
        at_risk = self.outcome.at_risk(facts)
        rows = feature_frame(facts, self._features).filter(pl.col("company_id").is_in(at_risk.implode()))
        if rows.is_empty():
            raise InvalidInput(f"No company was at risk on {day}.", remedy="Monitor on a store that has borrowers.")
        self._scored[day] = score_arrays(self.bundle, rows)
        self._events[day] = events_of(facts, self.outcome)

    def _reading(self, day: date, cohort: Cohort | None) -> Reading:
        plain = reading_of(day, self._scored[day], self.made)
        told = self._members.told(_quarter(day)[0], day, pl.Series(self._scored[day].company_ids))
        return replace(plain, cohort=cohort, told=told, rates=(*self._advised(day), *of_quarter(self._rates, day)))

    def _advised(self, day: date) -> tuple[Rate, ...]:
        """Rates of what the bundle's certainty says of the companies, beside those of the days it was examined on."""
        then = [advised(self._scored[one]) for one in self.days if one not in self.since]
        now, size = advised(self._scored[day]), len(self._scored[day].pd)
        rows = sum(len(self._scored[one].pd) for one in self.days if one not in self.since)
        return tuple(Rate(name, day, count, size, sum(one[name] for one in then) / rows) for name, count in now.items())

    @cached_property
    def _members(self) -> Members:
        then = [day for day in self.days if day not in self.since]
        at_risk = {day: pl.Series(self._scored[day].company_ids) for day in then}
        return Members(self.history.claims, [_quarter(day) for day in then], at_risk)

    def _newest(self, day: date, examined: set[date]) -> Cohort | None:
        """The newest cohort whose outcomes are on record by a day, unless it was examined before."""
        lag = recording_lag(self.history.claims.frames["credit_event"], self.outcome.kinds, day)
        horizon = self.bundle.outcome.horizon_months
        settled = day - timedelta(days=lag.settled())
        over = [one for one in self.days if months_after(one, horizon) <= settled]
        if not over or over[-1] in examined:
            return None
        begun = over[-1]
        examined.add(begun)
        scored = self._scored[begun]
        until = months_after(begun, horizon)
        labels = befallen(pl.Series(scored.company_ids), self._events[day], begun, until)
        return cohort_of(begun, scored.pd, scored.grades, labels, known_on=day,
                         recorded=recorded_share(lag, begun, horizon, day))  # fmt: skip


def advised(scored: ScoreTable) -> dict[str, int]:
    """Companies referred, declined and unlike those learned from; none is told by a bundle without certainty."""
    known = scored.certainty
    if known is None:
        return {}
    counts = {f"{word.value}, as advised": known.advice.count(word) for word in (Advice.REFER, Advice.DECLINE)}
    return {**counts, "unlike those learned from": int(known.unlike.sum())}


def _quarter(end: date) -> tuple[date, date]:
    """First and last day of the quarter that ends on a day."""
    return date(end.year, end.month - 2, 1), end


def cohorts(readings: Sequence[Reading]) -> list[Cohort]:
    """The cohorts of all readings, in order."""
    return [reading.cohort for reading in readings if reading.cohort]
