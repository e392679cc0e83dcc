"""Explained scores, against what a pandas user would write on the same model."""

from pathlib import Path

import numpy as np
import pandas as pd
import shap

from bench.alliance import AS_OF, Measured
from bench.measure import Comparison, compare
from experiments.own_study import OPERATOR_MEMBER
from scoring.batch import Job, run
from scoring.decide import ScoreRequest

REASONS = 4
COMPANIES = 20
_PEER = "pandas + LightGBM + shap.TreeExplainer on ready features, nothing recorded"


def one_score(measured: Measured, runs: int = 7) -> Comparison:
    """One run scores companies one by one: ours from id through rights, facts and features to a durable record."""
    explain = _explainer(measured)
    asked = measured.borrowers[:COMPANIES]
    ready = {row["company_id"][0]: row.drop("company_id").to_pandas() for row in measured.features.iter_slices(1)}
    rows = [ready[company] for company in asked]

    def ours(_: int) -> None:
        for company in asked:
            measured.scorer.decide(
                ScoreRequest(company=company, as_of=AS_OF, member=OPERATOR_MEMBER, purpose="loan_origination")
            )

    def peer(_: int) -> None:
        for row in rows:
            explain(row)

    return compare("one score", ours, peer, unit=f"{COMPANIES} companies, one by one", peer_name=_PEER, runs=runs)


def batch(measured: Measured, folder: Path, runs: int = 7) -> Comparison:
    """One run scores every company, explains it and writes Parquet; ours also reads facts and records each decision."""
    explain = _explainer(measured)
    source, ready = folder / "portfolio.csv", folder / "ready.parquet"
    measured.features.select(company="company_id").write_csv(source)
    measured.features.write_parquet(ready)

    def ours(number: int) -> None:
        job = Job(
            source=source, target=folder / f"ours-{number}.parquet", as_of=AS_OF, member=OPERATOR_MEMBER,
            purpose="portfolio_monitoring",
        )  # fmt: skip
        run(measured.scorer, job)

    def peer(number: int) -> None:
        table = pd.read_parquet(ready)
        scored = explain(table.drop(columns="company_id"))
        scored.insert(0, "company_id", table["company_id"])
        scored.to_parquet(folder / f"peer-{number}.parquet")

    return compare("batch", ours, peer, unit=f"{measured.features.height:,} companies", peer_name=_PEER, runs=runs)


class _explainer:  # noqa: N801 -- used as a function
    """PD and the worst features of rows, as a pandas user would write it."""

    def __init__(self, measured: Measured) -> None:
        self._bundle = measured.scorer.bundle
        self._explainer = shap.TreeExplainer(self._bundle.booster)

    def __call__(self, rows: pd.DataFrame) -> pd.DataFrame:
        raw = self._bundle.booster.predict(rows, raw_score=True)
        values = self._explainer.shap_values(rows)
        worst = np.argsort(-values, axis=1)[:, :REASONS]
        names = np.array(self._bundle.names)
        pd_ = 1 / (1 + np.exp(-self._bundle.calibration.apply(np.asarray(raw))))
        scored = pd.DataFrame({"pd": pd_})
        for place in range(REASONS):
            scored[f"reason_{place + 1}"] = names[worst[:, place]]
        return scored
