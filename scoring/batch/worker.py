"""What a worker does of a run: pieces of a file, or exported companies, to scores. It knows no store and no engine."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import orjson
import polars as pl

from alliance.export import Bucket, read_bucket
from scoring.batch.given import Given
from scoring.batch.ready import scored_chunk
from scoring.engines.frames import to_bytes
from scoring.model import Bundle, load
from scoring.told import told


@dataclass(frozen=True)
class Model:
    """Where a bundle lies, and which it must be."""

    folder: str
    sha256: str


@dataclass(frozen=True)
class FeaturesFile:
    """A file of ready features, as ``Given`` has it."""

    path: str
    as_of: date
    today: date
    missing_as_unknown: bool


@dataclass(frozen=True)
class Rows:
    """Some rows of a file: the first of them, from 0, and how many."""

    start: int
    count: int


@dataclass(frozen=True)
class Asked:
    """Companies of a bucket to be scored, by the day as of which."""

    bucket: Bucket
    days: tuple[tuple[date, tuple[str, ...]], ...]


def feature_scores(model: Model, file: FeaturesFile, rows: Rows) -> bytes:
    """Scores and faults of some rows, in their order, as bytes of a frame."""
    given = Given(
        path=Path(file.path), bundle=_bundle(model), as_of=file.as_of, today=file.today,
        missing_as_unknown=file.missing_as_unknown,
    )  # fmt: skip
    return to_bytes(pl.concat(scored_chunk(given.bundle, frame) for frame in _some(given, rows)))


def company_scores(model: Model, asked: Asked) -> bytes:
    """Scores (``Score.as_dict``) by day, then company, as JSON; told as far as the rights of the export let them be."""
    history, bundle = read_bucket(asked.bucket), _bundle(model)
    made = {day: told(bundle, history.facts(day, companies)) for day, companies in asked.days}
    return orjson.dumps(
        {
            day.isoformat(): {company: score.as_dict() for company, score in scores.items()}
            for day, scores in made.items()
        }
    )


@lru_cache(maxsize=2)
def _bundle(model: Model) -> Bundle:
    return load(Path(model.folder), sha256=model.sha256)


def _some(given: Given, rows: Rows) -> Iterator[pl.DataFrame]:
    left = rows.count
    for frame in given.frames(rows.start):
        yield frame.head(left)
        left -= frame.height
        if left <= 0:
            return
