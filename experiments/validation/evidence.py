"""Runs as they were kept, and those of them that are about one model."""

from collections.abc import Mapping
from dataclasses import dataclass, field

PANEL = ("data_panel_sha256", "data_sha256")
"""Parameters under which a run names the digest of its rows: a model's run the first, most studies the second."""

BUNDLE = "bundle_sha256"
"""Tag of a model's run, and parameter of a study of one model's scores."""

STUDIES = (
    "ladder", "peers", "backtest", "stability", "probe", "tune", "coupling", "certainty", "hazard", "fairness",
    "monitor", "corroboration",
)  # fmt: skip
"""Kinds of studies a report has room for: the names of MLflow's experiments they are kept in."""


@dataclass(frozen=True, eq=False)
class Run:
    """One run as MLflow holds it.

    Attributes:
        run_id, group, name: its id, the experiment it is of, its own name.
        day: on which it was made, ISO.
        params, metrics, tags: as kept.
        texts: content of its text files by path, such as ``model_card.md``.
        pictures: content of its figures (PNG) by name.
    """

    run_id: str
    group: str
    name: str
    day: str
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def panel(self) -> str:
        """Digest of the rows it is about; empty where it does not say."""
        return next((self.params[name] for name in PANEL if name in self.params), "")

    def is_of(self, model: "Run") -> bool:
        """Whether a study is of a model: of its bundle, where the study names one, else of its rows."""
        if BUNDLE in self.params:
            return self.params[BUNDLE] == model.tags.get(BUNDLE)
        return bool(self.panel) and self.panel == model.panel


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is on record about a model.

    Attributes:
        model: the run that made it.
        studies: by kind, the latest run of the model's own scores or rows.
        elsewhere: by kind, runs of others, the latest first: named, never quoted as the model's own.
    """

    model: Run
    studies: Mapping[str, Run]
    elsewhere: Mapping[str, tuple[Run, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, model: Run, runs: Mapping[str, list[Run]]) -> "Evidence":
        """Sort studies, by kind and the latest first, into those of the model and others."""
        own: dict[str, Run] = {}
        others: dict[str, tuple[Run, ...]] = {}
        for kind, found in runs.items():
            same = [run for run in found if run.is_of(model)]
            if same:
                own[kind] = same[0]
            elif found:
                others[kind] = tuple(found)
        return cls(model, own, others)
