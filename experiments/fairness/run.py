"""From a store and a model, or a flat table, to verdicts on groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from alliance.errors import InvalidInput, NotFound
from alliance.store import Store
from alliance.terminal import progress
from alliance.view import History
from experiments.datasets.catalogue import STORE, Where, dataset
from experiments.fairness.attributes import FLAT, flat_groups, groups_on
from experiments.fairness.estimates import Floats, Rows
from experiments.fairness.judge import Fairness, judge
from experiments.fairness.policy import Policy
from experiments.fairness.report import fairness_study
from experiments.hazard.lag import recording_lag
from experiments.outcome import outcome_named
from experiments.panel import LABEL, last_known, panel, quarter_ends
from experiments.peers import LIGHTGBM
from experiments.peers.compare import foretold
from experiments.study import Study
from experiments.training import training_history
from scoring.bundle_source import load_bundle
from scoring.features import feature_named
from scoring.model import Bundle
from scoring.months import months_after
from scoring.score import score_arrays

ABOUT = "Companies at risk at quarter ends the model was not taught by, and what is known to have become of them."


@dataclass(frozen=True, eq=False)
class Examined:
    """Rows to judge, and their groups.

    Attributes:
        pd, labels, companies: PD, outcome and company of each row (n).
        groups: by attribute, each row's group (n), ``None`` for unknown.
    """

    pd: Floats
    labels: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
    companies: Sequence[str]
    groups: Mapping[str, Sequence[str | None]]

    def rows(self, cut: float) -> Rows:
        """The rows under a cut."""
        numbered = np.unique(np.asarray(self.companies, dtype=np.str_), return_inverse=True)[1]
        return Rows(self.pd, self.labels, self.pd < cut, numbered)


def examined_store(history: History, bundle: Bundle, policy: Policy) -> Examined:
    """A model's companies on every quarter's end it was examined on, and since, whose outcomes are on record.

    Groups are by what was known on the row's day.

    Raises:
        InvalidInput: the bundle does not say when it was examined, or no such day's outcomes are on record.
    """
    first = bundle.training.get("test", {}).get("first")
    outcome, horizon, cut = outcome_named(bundle.outcome.name), bundle.outcome.horizon_months, last_known(history)
    lag = recording_lag(history.claims.frames["credit_event"], outcome.kinds, cut)
    last = months_after(cut - timedelta(days=lag.settled()), -horizon)
    days = quarter_ends(date.fromisoformat(first), last) if first else []
    if not days:
        raise InvalidInput(
            "There is no day after the model's teaching whose outcomes are on record.",
            remedy="Take a model trained earlier, or wait for its outcomes.",
            field="bundle",
        )
    with progress("days", len(days)) as bar:
        made = panel(
            history, days, outcome, horizon, features=[feature_named(name) for name in bundle.names], data_cut=cut,
            progress=lambda n: bar.advance(bar.task_ids[0], n),
        )  # fmt: skip
    scored = score_arrays(bundle, made.frame.select("company_id", *bundle.names))
    return examined_rows(history, made.frame, scored.pd, policy)


def examined_rows(history: History, rows: pl.DataFrame, pd: Floats, policy: Policy) -> Examined:
    """Labelled rows of a panel, as a gate has them, with the groups known on their days.

    Args:
        history: what the panel was made of.
        rows: ``company_id``, ``as_of`` and ``label`` (n).
        pd: their PDs (n).
    """
    days, parts = rows["as_of"].unique().sort().to_list(), []
    for day in days:
        companies = rows.filter(pl.col("as_of") == day)["company_id"]
        known = groups_on(history.facts(day, companies.to_list()), companies, policy.attributes, policy.sizes)
        parts.append(known.with_columns(pl.lit(day, pl.Date).alias("as_of")))
    groups = rows.select("company_id", "as_of").join(
        pl.concat(parts), on=["company_id", "as_of"], how="left", maintain_order="left"
    )
    return Examined(
        pd=pd,
        labels=rows[LABEL].to_numpy(),
        companies=rows["company_id"].to_list(),
        groups={name: groups[name].to_list() for name in policy.attributes},
    )


def examined_table(where: Where, name: str, seed: int = 0) -> Examined:
    """A flat table's rows, foretold by the alliance's own way of learning, each by a model that was not taught by it.

    Raises:
        NotFound: the data set tells no groups.
    """
    given = next((one for one in FLAT if one.dataset == name), None)
    if given is None:
        known = ", ".join((STORE, *(one.dataset for one in FLAT)))
        raise NotFound(f"{name!r} tells no groups.", remedy=f"Use one of: {known}.", field="dataset")
    found = dataset(name, where)
    examination = found.examination("")
    tested = examination.tested
    return Examined(
        pd=foretold(examination, found.columns, LIGHTGBM.fit, seed),
        labels=tested[LABEL].to_numpy(),
        companies=tested["company_id"].to_list(),
        groups=flat_groups(given, tested, where.folder()),
    )


def judged(policy: Policy, given: Examined, cut: float | None, cut_from: str) -> Fairness:
    """Verdicts on rows; without a cut the policy's share of them is approved."""
    if cut is None:
        cut = float(np.quantile(given.pd, policy.approve_share))
        cut_from = f"which approves {policy.approve_share:.0%} of the rows, by the policy"
    return judge(policy, given.rows(cut), given.groups, cut=cut, cut_from=cut_from)


def run_fairness(
    where: Where, name: str, policy: Policy, *, bundle: str, cut: float | None = None, seed: int = 0
) -> Study:  # fmt: skip
    """Judge and report.

    Args:
        name: of the set of data: a store, of which the bundle is judged, or a flat table.
        bundle: folder or MLflow URI of the model.
        cut: PD below which companies are approved; by default that of the bundle's band, else the policy's share.
    """
    cut_from = "as asked for"
    if name == STORE:
        model = load_bundle(bundle, where.settings.tracking_uri)
        store = Store(where.database)
        try:
            history, _ = training_history(store)
            given = examined_store(history, model, policy)
        finally:
            store.close()
        if cut is None and model.certainty is not None:
            cut, cut_from = model.certainty.band.approve_below, "below which the bundle's band approves"
        about, simulated = ABOUT, where.plan.simulated
        params: dict[str, object] = {"bundle_sha256": model.sha256}
    else:
        given = examined_table(where, name, seed)
        source = next(one.source for one in FLAT if one.dataset == name)
        about, simulated, params = f"{dataset(name, where).about} Groups: {source}.", False, {"seed": seed}
    found = judged(policy, given, cut, cut_from)
    return fairness_study(
        found, given.rows(found.cut), given.groups, data=name, about=about, simulated=simulated, params=params
    )
