"""Does the evidence leak? Four probes, each with what a leak would look like, and each shown to have teeth.

- **The label planted in a late record**: a record only of companies that will have the outcome, told the day after each
  as-of day. Features of that day must not change by a bit; and told in time it must change them.
- **Taught and tested kept apart**: no row on both sides, no outcome taught that was not known when the test began.
- **Time shuffled**: features of another day of the same company. A model whose ranking loses nothing by that reads what
  does not depend on the day, such as a snapshot taken afterwards.
- **One column alone**: a column, or whether it is known at all, that ranks too well to be honest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from alliance.signals import signal_named
from alliance.signals.claims import Claims, claim_schema, ordered
from alliance.view import History
from experiments.datasets.dataset import Column, Dataset, Examination, numbers
from experiments.paired import Draws
from experiments.panel import LABEL, Panel
from experiments.peers import LIGHTGBM
from experiments.peers.compare import foretold
from experiments.splits import Split, company_folds
from scoring.features import feature_frame
from scoring.months import months_after

SUSPICIOUS = 0.85
"""AUC of one column alone above which it is named. The strongest honest one met so far is days since the last round on
Crunchbase, 0.79."""

PLANTED = "patent"
"""The signal of the planted record; any would do."""

CLEAN, LEAK, WARNING, UNDECIDED = "clean", "leak", "warning", "not decided"


@dataclass(frozen=True)
class Probe:
    """What one probe found.

    Attributes:
        name: which one.
        says: ``CLEAN``, ``LEAK``, ``WARNING`` (look at it), or ``UNDECIDED`` (these data cannot tell).
        found: the figures, in a sentence.
    """

    name: str
    says: str
    found: str


def planted_late(history: History, made: Panel) -> Probe:
    """Plant the label in a record told the day after each of the last as-of days; then told in time."""
    name = "label planted in a late record"
    days = made.frame["as_of"].unique().sort().to_list()[-2:]
    late = [_changed(history, made, day, day + timedelta(days=1)) for day in days]
    early = [_changed(history, made, day, day) for day in days]
    if not all(early):
        return Probe(name, UNDECIDED, "told in time it changes no feature, so the probe has no teeth here")
    if any(late):
        return Probe(name, LEAK, f"told a day late it changes {sum(late):,} values of features that must not see it")
    return Probe(name, CLEAN, f"told a day late it changes no feature; told in time it changes {sum(early):,} values")


def _changed(history: History, made: Panel, day: date, known_at: date) -> int:
    """How many values of a day's features change by a planted record known from some day on."""
    rows = made.frame.filter(pl.col("as_of") == day)
    fated = rows.filter(pl.col(LABEL))["company_id"].to_list()
    before = _features(history, made, day, fated)
    after = _features(_with_planted(history, fated, day, known_at), made, day, fated)
    return sum(int(before[name].ne_missing(after[name]).sum()) for name in made.names)


def _features(history: History, made: Panel, day: date, companies: Sequence[str]) -> pl.DataFrame:
    return feature_frame(history.facts(day, sorted(companies)), made.features)


def _with_planted(history: History, companies: Sequence[str], event_at: date, known_at: date) -> History:
    signal = signal_named(PLANTED)
    record = {"key": "planted", "member": "planted", "event_at": event_at, "known_at": known_at, "fact": 0,
              "submission_no": history.claims.watermark, "row": 0, signal.event: event_at}  # fmt: skip
    blank = dict.fromkeys(claim_schema(signal))
    rows = [blank | {name: told for name, told in record.items() if name in blank} | {"subject_id": company}
            for company in companies]  # fmt: skip
    frames = dict(history.claims.frames)
    planted = pl.DataFrame(rows, schema=claim_schema(signal))
    frames[PLANTED] = ordered(signal, pl.concat([frames[PLANTED].select(planted.columns), planted]))
    claims = Claims(frames, history.claims.watermark)
    return History(claims, history.access, history.companies, history.reliabilities, rulings=history.rulings)


def kept_apart(dataset: Dataset, examination: Examination) -> Probe:
    """Look for rows of a test among those taught, and for outcomes taught before they could be known."""
    name, names = "taught and tested kept apart", ["company_id", "as_of", *(column.name for column in dataset.columns)]
    shared = early = 0
    for one in examination.splits:
        shared += one.test.join(one.taught, on=names, how="semi", nulls_equal=True).height
        begins = one.test["as_of"].min()
        if dataset.horizon_months and isinstance(begins, date) and one.taught["as_of"].n_unique() > 1:
            days = one.taught["as_of"].unique().to_list()
            late = [day for day in days if months_after(day, dataset.horizon_months) > begins]
            early += one.taught.filter(pl.col("as_of").is_in(late)).height
    if shared or early:
        return Probe(
            name, LEAK, f"{shared:,} test rows are taught, {early:,} rows taught before their outcome was known"
        )
    return Probe(name, CLEAN, "no test row is taught, and no outcome before it was known")


def time_shuffled(dataset: Dataset, examination: Examination, seed: int = 0) -> Probe:
    """Give each row the features of another of its company's days, in teaching and in testing alike."""
    name = "time shuffled"
    if dataset.frame["as_of"].n_unique() == 1 or dataset.frame["company_id"].n_unique() > dataset.frame.height / 2:
        return Probe(name, UNDECIDED, "a company has one day here, so there is no time to shuffle")
    swapped = _other_days(dataset, seed)
    splits = tuple(Split(*(_swapped(rows, swapped) for rows in vars(one).values())) for one in examination.splits)
    shuffled = replace(examination, splits=splits)
    told = {
        "in time": foretold(examination, dataset.columns, LIGHTGBM.fit, seed),
        "shuffled": foretold(shuffled, dataset.columns, LIGHTGBM.fit, seed),
    }
    draws = Draws.of(examination.sample, told)
    lost = draws.one("in time", "shuffled").gains["auc"]
    figures = f"AUC lost by it {lost.value:+.4f} ({lost.low:+.4f} to {lost.high:+.4f})"
    if lost.low > 0:
        return Probe(name, CLEAN, figures)
    return Probe(name, WARNING, f"{figures}: what foretells does not depend on the day; look for a later snapshot")


def _other_days(dataset: Dataset, seed: int) -> pl.DataFrame:
    """``company_id``, ``as_of`` and the columns, dealt out anew among the days of each company."""
    names = [column.name for column in dataset.columns]
    keys = dataset.frame.select("company_id", "as_of").sort("company_id", "as_of")
    dealt = dataset.frame.select("company_id", *names).with_columns(
        pl.Series("drawn", np.random.default_rng(seed).random(dataset.frame.height))
    )
    return keys.hstack(dealt.sort("company_id", "drawn").select(names))


def _swapped(rows: pl.DataFrame, swapped: pl.DataFrame) -> pl.DataFrame:
    names = [name for name in swapped.columns if name not in ("company_id", "as_of")]
    joined = rows.drop(names).join(swapped, on=["company_id", "as_of"], how="left", maintain_order="left")
    return joined.select(rows.columns)


def one_column_alone(dataset: Dataset, suspicious: float = SUSPICIOUS) -> Probe:
    """Rank all rows by each column, and by whether it is known."""
    found = sorted(((alone, column.name, how) for column in dataset.columns
                    for how, alone in _alone(dataset, column)), reverse=True)  # fmt: skip
    strongest = f"the strongest is {found[0][1]} ({found[0][2]}), AUC {found[0][0]:.4f} alone"
    named = [f"{name} ({how}) {alone:.4f}" for alone, name, how in found if alone >= suspicious]
    if named:
        more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
        return Probe("one column alone", WARNING, f"suspiciously strong alone: {', '.join(named[:MOST_NAMED])}{more}")
    return Probe("one column alone", CLEAN, strongest)


MOST_NAMED = 5
FOLDS = 5


def _alone(dataset: Dataset, column: Column) -> list[tuple[str, float]]:
    labels, values = dataset.frame[LABEL].to_numpy(), dataset.frame[column.name]
    ways = [("whether it is known", values.is_null().cast(pl.Float64))]
    if numbers(dataset.frame, [column]):
        middle = values.median()
        ways.append(("its value", values.fill_null(middle if isinstance(middle, float) else 0.0)))
    else:
        ways.append(("its value", _share_of_outcomes(dataset.frame, column.name)))
    areas = [(how, float(roc_auc_score(labels, ranking.to_numpy()))) for how, ranking in ways]
    return [(how, max(area, 1 - area)) for how, area in areas]


def _share_of_outcomes(frame: pl.DataFrame, name: str) -> pl.Series:
    """By row, the outcomes' share of its category among the companies of other folds.

    A row's own label must not be in it, and neither must the lack of it: a share of all others but one is a little
    less just where that one has the outcome, which gives every label away.
    """
    fold = pl.Series("fold", company_folds(frame["company_id"], FOLDS))
    rows = frame.select(name, LABEL).with_columns(fold, pl.col(LABEL).cast(pl.Int64))
    bad = pl.col(LABEL).sum().over(name) - pl.col(LABEL).sum().over(name, "fold")
    others = pl.len().over(name) - pl.len().over(name, "fold")
    share = pl.when(others > 0).then(bad / others).fill_null(pl.col(LABEL).mean())
    return rows.select(share.alias(name))[name]
