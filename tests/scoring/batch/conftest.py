"""A model that tells everything a score can hold, and ready features for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from scoring.batch import Job
from scoring.model import Bundle
from scoring.model.certainty import Band, Certainty, Support
from scoring.model.groups import groups_of
from scoring.model.trees import sample

AS_OF = date(2026, 6, 30)


@pytest.fixture(scope="session")
def full(toy: Any) -> Bundle:
    """The toy model with references, groups and certainty."""
    bundle: Bundle = toy.bundle
    values = sample(bundle.model, 200)
    low, high = (np.nanquantile(values, share, axis=0) for share in (0.1, 0.9))
    always = tuple(place % 7 == 0 for place in range(len(bundle.names)))
    support = Support(tuple(low.tolist()), tuple(high.tolist()), always, most=len(bundle.names) // 4)
    certainty = Certainty("steps", 0.9, (-2.0, -1.0), (0.0, 0.1, 0.2), (0.2, 0.4, 0.9), support, Band(0.15, 0.3))
    reference = {name: float(value) for name, value in zip(bundle.names[::2], low[::2], strict=True)}
    return replace(bundle, certainty=certainty, reference=reference, groups=groups_of(bundle.contract))


@pytest.fixture(scope="session")
def ready(full: Bundle) -> Callable[..., pl.DataFrame]:
    """So many rows of made-up features, one in five unknown."""

    def made(rows: int) -> pl.DataFrame:
        frame = pl.DataFrame(sample(full.model, rows), schema=list(full.names)).with_columns(pl.all().fill_nan(None))
        return frame.select(pl.format("co_{}", pl.int_range(rows)).alias("company"), pl.all())

    return made


@pytest.fixture
def features(tmp_path: Path, ready: Callable[..., pl.DataFrame]) -> Path:
    """A Parquet file of 45 rows in groups of 10, of which rows 3 and 30 hold no finite number."""
    frame = ready(45)
    column = frame.columns[5]
    broken = pl.when(pl.int_range(pl.len()).is_in([2, 29])).then(float("inf")).otherwise(pl.col(column))
    path = tmp_path / "features.parquet"
    frame.with_columns(broken.alias(column)).write_parquet(path, row_group_size=10)
    return path


@pytest.fixture
def features_job(tmp_path: Path, features: Path) -> Callable[..., Job]:
    """The job that writes to a folder of this name."""

    def job(name: str, source: Path = features) -> Job:
        target = tmp_path / name / "scores.parquet"
        return Job(source=source, target=target, as_of=AS_OF, member="spd", purpose="research")

    return job
