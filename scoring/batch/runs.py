"""What a run is: what is asked, what its results depend on, and what became of it."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from alliance.errors import Conflict, InvalidInput
from scoring.batch import output
from scoring.batch.parts import Parts
from scoring.decide import Scorer

Progress = Callable[[int, int | None], None]
"""Told how many rows are done, and of how many; ``None`` where the file does not say."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is to be scored.

    Attributes:
        source: file of companies (see ``companies.Companies``), or of ready features (see ``given.Given``).
        target: where the scores go, as Parquet; rejects and manifest stand beside it.
        as_of: the day of the rows that name none.
        member, purpose: who asks, and for what.
    """

    source: Path
    target: Path
    as_of: date
    member: str
    purpose: str

    def check(self, today: date) -> None:
        """Refuse at once what would reject every row.

        Raises:
            InvalidInput: the day has not come, or a folder is where the scores are to go.
        """
        if self.as_of > today:
            raise InvalidInput(f"{self.as_of} is in the future.", remedy=f"Ask as of {today} or earlier.")
        if self.target.is_dir():
            raise InvalidInput("The scores cannot take a folder's place.", remedy="Name a file.", file=str(self.target))


@dataclass(frozen=True, kw_only=True)
class Run:
    """All that the results depend on; plain JSON values. How the run is cut is not in it."""

    input_sha256: str
    as_of: str
    member: str
    purpose: str
    bundle_sha256: str
    watermark: int
    versions: dict[str, str]

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the run, hexadecimal."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class FeaturesRun(Run):
    """A run over ready features, which sees no entry of the store: its watermark is 0."""

    missing_as_unknown: bool


@dataclass(frozen=True)
class Summary:
    """What became of a run.

    Attributes:
        scored, rejected: rows of the input that were scored, and that were not.
        resumed: rows that an earlier, unfinished run had done.
        scores, rejects, manifest: the files written.
        passed_over: columns of the input that nothing was made of.
        unknown: features that had no column, and counted as unknown.
    """

    scored: int
    rejected: int
    resumed: int
    scores: Path
    rejects: Path
    manifest: Path
    passed_over: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def reject_rate(self) -> float:
        """Share of the rows that were rejected; 0 for an empty input."""
        return self.rejected / max(self.scored + self.rejected, 1)


AnyRun = TypeVar("AnyRun", bound=Run)


def depends_on(scorer: Scorer, job: Job) -> dict[str, Any]:
    """What the results of every run depend on, but for the watermark."""
    return {
        "input_sha256": output.sha256(job.source),
        "as_of": job.as_of.isoformat(),
        "member": job.member,
        "purpose": job.purpose,
        "bundle_sha256": scorer.bundle.sha256,
        "versions": {name: version(name) for name in ("lightgbm", "polars", "pyarrow")},
    }


def begun(this: AnyRun, today: date, parts: Parts) -> tuple[AnyRun, date]:
    """The run and its day: the unfinished one in the folder of parts, or else this one, which begins.

    Raises:
        Conflict: the unfinished one depends on something else.
        InvalidInput: the folder cannot be made.
    """
    pinned = parts.pinned()
    if pinned is None:
        parts.pin({**asdict(this), "today": today.isoformat()})
        return this, today
    day = date.fromisoformat(pinned.pop("today", this.as_of))
    before = replace(this, watermark=pinned.get("watermark", 0))
    if changed := sorted(name for name, value in asdict(before).items() if pinned.get(name) != value):
        raise Conflict(
            f"Another run to the same file is not finished; it differs in {', '.join(changed)}.",
            remedy="Finish that run, delete its folder, or write the scores elsewhere.",
            folder=str(parts.folder),
        )
    return before, day


def finished(scorer: Scorer, this: Run, written: output.Written, parts: Parts) -> None:
    """Put the files in their places, say what they are of, and let go of the parts."""
    scored, rejected = written.scored, written.rejected
    outcome = scorer.bundle.outcome
    written.place()
    output.write_manifest(
        {
            "run": {**asdict(this), "fingerprint": this.fingerprint},
            "model": {
                "version": scorer.bundle.version,
                "outcome": outcome.name,
                "horizon_months": outcome.horizon_months,
            },
            "rows": {"read": scored + rejected, "scored": scored, "rejected": rejected},
            "files": dict(written.files),
        },
        written.target,
    )
    parts.clear()


def told(frames: Iterable[pl.DataFrame], rows: int | None, progress: Progress | None) -> Iterator[pl.DataFrame]:
    """The same frames, while it is told how many rows there were."""
    done = 0
    for frame in frames:
        yield frame
        done += frame.height
        if progress:
            progress(done, rows)
