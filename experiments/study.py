"""A study: tables, figures and plain words that together are one run; no model comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from matplotlib.figure import Figure

from alliance.config import Settings
from alliance.terminal import out
from experiments.datasets.dataset import Dataset
from experiments.listing import Listing
from experiments.metrics import Estimate
from experiments.tracking import log_study

SIMULATED = (
    "The data are simulated: the figures show that the method works, and say nothing of any real company or lender."
)


@dataclass(frozen=True, kw_only=True)
class Study:
    """What was found.

    Attributes:
        kind: the command that made it; also MLflow's experiment.
        data: name of the set of data, and ``about`` it.
        question: what was asked, in a sentence.
        says: what the tables say, in plain sentences.
        params, metrics: kept with the run; an estimate as three numbers.
        listings, figures: the findings.
        simulated: whether the companies are made up.
    """

    kind: str
    data: str
    about: str
    question: str
    says: tuple[str, ...]
    listings: tuple[Listing, ...]
    params: Mapping[str, object] = field(default_factory=dict)
    metrics: Mapping[str, Estimate | float] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)
    simulated: bool = False

    def card(self) -> str:
        """The study in Markdown."""
        parts = [
            f"# {self.kind}: {self.data}",
            self.question,
            *([f"**{SIMULATED}**"] if self.simulated else []),
            *(f"- {line}" for line in self.says),
            *(listing.markdown() for listing in self.listings),
            f"### Data\n\n{self.about}",
        ]
        return "\n\n".join(parts) + "\n"


def publish(settings: Settings, study: Study) -> str:
    """Print a study and keep it in MLflow; returns the run's id."""
    for listing in study.listings:
        out.print(listing.rich())
        out.print()
    for line in study.says:
        out.print(line, highlight=False)
    if study.simulated:
        out.print(SIMULATED, highlight=False)
    run_id = log_study(
        settings,
        experiment=study.kind,
        name=f"{study.kind} {study.data}",
        params={"dataset": study.data, "simulated": study.simulated, **study.params},
        metrics=study.metrics,
        figures=study.figures,
        card=study.card(),
    )
    out.print(f"run {run_id} at {settings.tracking_uri}", highlight=False)
    return run_id


def rows_of(dataset: Dataset) -> dict[str, object]:
    """What a run should say of the data it was made on."""
    return {
        "data_rows": dataset.frame.height,
        "data_companies": dataset.frame["company_id"].n_unique(),
        "data_outcomes": int(dataset.frame["label"].sum()),
        "data_columns": len(dataset.columns),
        "data_sha256": dataset.sha256,
    }
