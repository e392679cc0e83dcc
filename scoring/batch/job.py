"""A run over companies: rows in, in chunks through the one scorer, files out, every score a recorded decision."""

from typing import Any

import polars as pl

from alliance.errors import AllianceError, Conflict, InvalidInput
from alliance.rights import AccessRequest, Right
from alliance.store import Decision
from alliance.view import View
from scoring.batch import output
from scoring.batch.companies import read_companies
from scoring.batch.parts import Parts
from scoring.batch.runs import Job, Progress, Run, Summary, begun, depends_on, finished
from scoring.batch.table import schema, table
from scoring.decide import Scorer, ScoreRequest, decision_id

CHUNK_SIZE = 5_000
"""Rows scored and recorded at a time."""


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
    job.check(scorer.today())
    if chunk_size < 1:
        raise InvalidInput("A chunk has at least one row.", field="chunk_size")
    View(scorer.store, AccessRequest(job.member, job.purpose, Right.SCORES)).decide(None)
    rows = read_companies(job.source)
    parts = Parts(job.target.with_name(job.target.name + ".parts"))
    this = Run(**depends_on(scorer, job), watermark=scorer.store.watermark())
    this, today = begun(this, scorer.today(), parts)
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
    written = output.write(parts.frames(), schema(scorer.bundle), job.target)
    if written.scored + written.rejected != rows.height:
        raise Conflict("Another run wrote to the same target meanwhile.", remedy="Run it again, alone.")
    finished(scorer, this, written, parts)
    rejects, manifest = output.rejects_path(job.target), output.manifest_path(job.target)
    return Summary(written.scored, written.rejected, resumed, job.target, rejects, manifest)


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
