"""One experiment: train on a panel's split, score its test rows by the one scoring function, measure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from experiments.grounds import reasons_hold
from experiments.metrics import Estimate, Sample, calibration, measure, reliability
from experiments.panel import LABEL, Panel
from experiments.splits import Split
from experiments.train import HERE, RECIPE, Engine, Recipe, Trained, train
from scoring.model import Bundle
from scoring.score import ScoreTable, score_arrays


@dataclass(frozen=True, kw_only=True)
class DataUsed:
    """The data behind a model, so that it can be found again.

    Attributes:
        watermark: number of the last submission seen.
        contracts: ``id@version`` of the contracts under which the submissions were taken in.
        purpose, grants: for what they were read, and ids of the grants that allowed it.
        data_cut: day by whose knowledge labels are told, ISO.
        panel_sha256: digest of the panel.
        simulated: whether the companies are made up.
        about: what the data are, in a sentence.
    """

    watermark: int
    contracts: tuple[str, ...]
    purpose: str
    grants: tuple[str, ...]
    data_cut: str
    panel_sha256: str
    simulated: bool
    about: str

    @classmethod
    def of(cls, panel: Panel, contracts: list[str], *, simulated: bool, about: str) -> "DataUsed":
        return cls(
            watermark=panel.watermark,
            contracts=tuple(contracts),
            purpose=panel.access.request.purpose,
            grants=panel.access.grants,
            data_cut=panel.data_cut.isoformat(),
            panel_sha256=panel.sha256,
            simulated=simulated,
            about=about,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Experiment:
    """A trained model and what the test rows say of it.

    Attributes:
        panel, split: what it was taught and examined on.
        trained: the bundle, and how it came to be.
        scored: the test rows' scores and contributions.
        sample: the test rows' labels and companies.
    """

    panel: Panel
    split: Split
    trained: Trained
    scored: ScoreTable
    sample: Sample

    @property
    def bundle(self) -> Bundle:
        return self.trained.bundle

    @cached_property
    def metrics(self) -> Mapping[str, Estimate]:
        """The measures of ``metrics.METRICS`` on the test rows, with intervals over companies."""
        return measure(self.sample, self.scored.pd)

    @cached_property
    def calibration(self) -> Mapping[str, float]:
        """``slope`` and ``intercept`` of the test rows; 1 and 0 are perfect."""
        return calibration(self.sample, self.scored.pd)

    @cached_property
    def reasons_hold(self) -> float:
        """Share of the test rows' reasons that hold, before those that do not are dropped."""
        return reasons_hold(self.scored)

    @cached_property
    def reliability(self) -> pl.DataFrame:
        """Foretold against observed on the test rows, in ten bins."""
        return reliability(self.sample, self.scored.pd)


def experiment(
    panel: Panel, split: Split, *, version: str, recipe: Recipe = RECIPE, engine: Engine = HERE
) -> Experiment:
    """Train on a split and examine on its test rows, which must not be empty."""
    return examined(panel, split, train(panel, split, version=version, recipe=recipe, engine=engine), split.test)


def examined(panel: Panel, split: Split, trained: Trained, rows: pl.DataFrame) -> Experiment:
    """What some rows of a panel say of a model."""
    return Experiment(
        panel=panel,
        split=split,
        trained=trained,
        scored=score_arrays(trained.bundle, rows.select("company_id", *trained.bundle.names)),
        sample=Sample.of(rows[LABEL].to_numpy(), rows["company_id"]),
    )
