"""The run: companies in, in chunks through the one scorer, files out."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from alliance.errors import AllianceError, Conflict, InvalidInput
from alliance.rights import AccessRequest, Right
from alliance.store import Decision
from alliance.view import View
from scoring.batch import output
from scoring.batch.companies import read_companies
from scoring.batch.parts import Parts
from scoring.batch.table import table
from scoring.decide import Scorer, ScoreRequest, decision_id

CHUNK_SIZE = 5_000
"""Rows scored and recorded at a time."""

Progress = Callable[[int, int], None]
"""Told how many rows are done, and of how many."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is to be scored.

    Attributes:
        source: file of companies (see ``companies.read_companies``).
        target: where the scores go, as Parquet; rejects and manifest stand beside it.
        as_of: the day of the rows that name none.
        member, purpose: who asks, and for what.
    """

    source: Path
    target: Path
    as_of: date
    member: str
    purpose: str


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


@dataclass(frozen=True)
class Summary:
    """What became of a run.

    Attributes:
        scored, rejected: rows of the input that were scored, and that were not.
        resumed: rows that an earlier, unfinished run had done.
        scores, rejects, manifest: the files written.
    """

    scored: int
    rejected: int
    resumed: int
    scores: Path
    rejects: Path
    manifest: Path

    @property
    def reject_rate(self) -> float:
        """Share of the rows that were rejected; 0 for an empty input."""
        return self.rejected / max(self.scored + self.rejected, 1)


def run(
    scorer: Scorer, job: Job, *, chunk_size: int = CHUNK_SIZE, threads: int = 1, progress: Progress | None = None
) -> Summary:
    """Score every row of a file, or go on with a run of the same that was killed.

    The files are the same to the byte whatever ``chunk_size`` and ``threads`` are, and however often the run was
    killed: all rows are scored from the watermark, and by the day, pinned when it was begun. Every score is recorded
    as a decision under an id that follows from the run and the row, so that nothing is recorded twice.

    Raises:
        UnreadableFile: the input cannot be read.
        InvalidInput: day, purpose or chunk size cannot be used, or the target cannot be written.
        Refused: nothing may be read for this member and purpose.
        Conflict: another run that is not finished writes to the same target.
        StoreError: the store failed; what is done is kept, and the same call goes on from there.
    """
    _check(scorer, job, chunk_size)
    rows = read_companies(job.source)
    parts = Parts(job.target.with_name(job.target.name + ".parts"))
    this, today = _begun(scorer, job, parts)
    scorer = Scorer(scorer.store, scorer.bundle, today=lambda: today)
    resumed = done = parts.done()
    while done < rows.height:
        if progress:
            progress(done, rows.height)
        chunk = rows.slice(done, chunk_size)
        parts.add(done, table(scorer.bundle, chunk, _decided(scorer, job, this, chunk, threads)))
        done += chunk.height
    if progress:
        progress(done, rows.height)
    summary = _finished(scorer, job, this, parts, resumed)
    if summary.scored + summary.rejected != rows.height:
        raise Conflict("Another run wrote to the same target meanwhile.", remedy="Run it again, alone.")
    return summary


def _check(scorer: Scorer, job: Job, chunk_size: int) -> None:
    """Refuse at once what would reject every row."""
    if chunk_size < 1:
        raise InvalidInput("A chunk has at least one row.", field="chunk_size")
    if job.as_of > scorer.today():
        raise InvalidInput(f"{job.as_of} is in the future.", remedy=f"Ask as of {scorer.today()} or earlier.")
    if job.target.is_dir():
        raise InvalidInput("The scores cannot take a folder's place.", remedy="Name a file.", file=str(job.target))
    View(scorer.store, AccessRequest(job.member, job.purpose, Right.SCORES)).decide(None)


def _begun(scorer: Scorer, job: Job, parts: Parts) -> tuple[Run, date]:
    """The run of this job, and its day: the unfinished one in the folder of parts, or a new one at the watermark."""
    this = Run(
        input_sha256=output.sha256(job.source),
        as_of=job.as_of.isoformat(),
        member=job.member,
        purpose=job.purpose,
        bundle_sha256=scorer.bundle.sha256,
        watermark=scorer.store.watermark(),
        versions={name: version(name) for name in ("lightgbm", "polars", "pyarrow")},
    )
    pinned = parts.pinned()
    if pinned is None:
        today = scorer.today()
        parts.pin({**asdict(this), "today": today.isoformat()})
        return this, today
    today = date.fromisoformat(pinned.pop("today", this.as_of))
    before = replace(this, watermark=pinned.get("watermark", 0))
    if changed := sorted(name for name, value in asdict(before).items() if pinned.get(name) != value):
        raise Conflict(
            f"Another run to the same file is not finished; it differs in {', '.join(changed)}.",
            remedy="Finish that run, delete its folder, or write the scores elsewhere.",
            folder=str(parts.folder),
        )
    return before, today


def _decided(scorer: Scorer, job: Job, this: Run, chunk: pl.DataFrame, threads: int) -> list[Decision | AllianceError]:
    """A recorded decision, or the reason there is none, for each row."""
    asked = [(row["row"], _asked(job, row)) for row in chunk.iter_rows(named=True)]
    sound = {row: request for row, request in asked if isinstance(request, ScoreRequest)}
    made = scorer.decide_many(
        list(sound.values()),
        watermark=this.watermark,
        ids=[decision_id(f"{this.fingerprint}:{row}") for row in sound],
        threads=threads,
    )
    answers = dict(zip(sound, made, strict=True))
    return [request if isinstance(request, InvalidInput) else answers[row] for row, request in asked]


def _asked(job: Job, row: dict[str, Any]) -> ScoreRequest | InvalidInput:
    if row["fault"] is not None:
        return InvalidInput(row["fault"], remedy=row["remedy"])
    return ScoreRequest(company=row["company"], as_of=row["as_of"] or job.as_of, member=job.member, purpose=job.purpose)


def _finished(scorer: Scorer, job: Job, this: Run, parts: Parts, resumed: int) -> Summary:
    """Put the parts together, say what they are of, and let go of them."""
    scored, rejected = output.write(parts.frames(), scorer.bundle, job.target)
    rejects, manifest = output.rejects_path(job.target), output.manifest_path(job.target)
    output.write_manifest(
        {
            "run": {**asdict(this), "fingerprint": this.fingerprint},
            "model": {
                "version": scorer.bundle.version,
                "outcome": scorer.bundle.outcome.name,
                "horizon_months": scorer.bundle.outcome.horizon_months,
            },
            "rows": {"read": scored + rejected, "scored": scored, "rejected": rejected},
            "files": {path.name: output.sha256(path) for path in (job.target, rejects)},
        },
        job.target,
    )
    parts.clear()
    return Summary(scored, rejected, resumed, job.target, rejects, manifest)
