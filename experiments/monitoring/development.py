"""What a model was like when it was examined: the yardstick it is held against for as long as it is used.

It is made of the model's test rows: the latest whose outcomes were known, scored as companies are scored in use. The
taught rows would not do, since trees score what they have learned from more boldly than anything else.

It is kept as JSON with the training run, and its SHA-256 among the training facts of the bundle, so that whoever can
write artifacts cannot move the yardstick. Kept, and not made again at need: what a member has revoked or had erased
since is gone from the store on both sides, and its loss would then not show as the shift that it is for the model.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
import polars as pl

from alliance.errors import InvalidInput
from experiments.metrics import Sample, measure
from experiments.monitoring.bins import Bins
from experiments.monitoring.expected import expected_auc
from experiments.panel import LABEL
from scoring.model import Bundle
from scoring.score import ScoreTable, score_arrays

FILE = "development.json"
"""The artifact of a training run."""

DIGEST = "development_sha256"
"""The training fact of a bundle that names it."""


@dataclass(frozen=True, kw_only=True)
class Development:
    """Bins and figures of a model's test rows.

    Attributes:
        first, last: first and last of their days, ISO.
        rows, companies: how many.
        score: bins of the log-odds of default.
        features: bins of each feature's values.
        pillars: bins of each pillar's part of the log-odds.
        coverage: by pillar, mean share of its features that were known.
        weights: by feature, its share of all absolute contributions; they add up to 1.
        foretold, observed: mean PD, and share with the outcome.
        auc, expected_auc: area as realised, and as the PDs let expect; ``None`` where one outcome was missing.
    """

    first: str
    last: str
    rows: int
    companies: int
    score: Bins
    features: Mapping[str, Bins] = field(hash=False)
    pillars: Mapping[str, Bins] = field(hash=False)
    coverage: Mapping[str, float] = field(hash=False)
    weights: Mapping[str, float] = field(hash=False)
    foretold: float
    observed: float
    auc: float | None
    expected_auc: float | None

    def text(self) -> str:
        """Canonical JSON."""
        return json.dumps(asdict(self), sort_keys=True, allow_nan=False, separators=(",", ":"))

    @property
    def sha256(self) -> str:
        """Digest of ``text``, hexadecimal."""
        return hashlib.sha256(self.text().encode()).hexdigest()

    @classmethod
    def read(cls, text: str) -> Self:
        """What ``text`` gave.

        Raises:
            InvalidInput: it is something else.
        """
        try:
            plain: dict[str, Any] = json.loads(text)
            binned = {name: {key: Bins.from_dict(one) for key, one in plain[name].items()}
                      for name in ("features", "pillars")}  # fmt: skip
            return cls(**{**plain, **binned, "score": Bins.from_dict(plain["score"])})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidInput(f"{FILE} does not read as one: {error}", remedy="Train the model again.") from error


def development(bundle: Bundle, rows: pl.DataFrame) -> Development:
    """The yardstick of a model.

    Args:
        rows: rows of a panel the model was not taught by (n > 0), with ``company_id``, ``as_of``, the bundle's features
            and ``label``.
    """
    scored = score_arrays(bundle, rows.select("company_id", *bundle.names))
    labels = rows[LABEL].to_numpy().astype(np.float64)
    both = 0 < labels.sum() < len(labels)
    sizes = np.abs(scored.contributions).mean(axis=0)
    days = rows["as_of"]
    place = np.unique(days.to_numpy(), return_inverse=True)[1].astype(np.int64)
    return Development(
        first=str(days.min()),
        last=str(days.max()),
        rows=rows.height,
        companies=rows["company_id"].n_unique(),
        score=Bins.of(scored.log_odds, place),
        features={name: Bins.of(column, place) for name, column in zip(bundle.names, scored.values.T, strict=True)},
        pillars={name: Bins.of(column, place) for name, column in pillar_parts(scored).items()},
        coverage=pillar_coverage(scored),
        weights=dict(zip(bundle.names, (sizes / (sizes.sum() or 1.0)).tolist(), strict=True)),
        foretold=float(scored.pd.mean()),
        observed=float(labels.mean()),
        auc=measure(Sample.of(labels), scored.pd, replicates=1)["auc"].value if both else None,
        expected_auc=expected_auc(scored.pd),
    )


def pillar_parts(scored: ScoreTable) -> dict[str, "np.ndarray[tuple[int], np.dtype[np.float64]]"]:
    """By pillar, its part of each row's log-odds (n)."""
    table = scored.pillars
    return {pillar.value: part for pillar, part in zip(table.pillars, table.log_odds.T, strict=True)}


def pillar_coverage(scored: ScoreTable) -> dict[str, float]:
    """By pillar, mean share of its features that are known."""
    table = scored.pillars
    means = table.coverage.mean(axis=0).tolist()
    return {pillar.value: mean for pillar, mean in zip(table.pillars, means, strict=True)}
