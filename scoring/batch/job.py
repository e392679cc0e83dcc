"""A run over companies: rows in, in chunks through the one scorer, files out, every score a recorded decision."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl

from alliance.errors import AllianceError, Conflict, InvalidInput
from alliance.rights import AccessRequest, Right
from alliance.store import Decision
from alliance.view import View
from scoring.batch import output
from scoring.batch.companies import read_companies
from scoring.batch.elsewhere import Chunk, Elsewhere, decided
from scoring.batch.parts import Parts
from scoring.batch.runs import Job, Progress, Run, Summary, begun, depends_on, finished
from scoring.batch.table import schema, table
from scoring.decide import Scorer, ScoreRequest, decision_id

CHUNK_SIZE = 5_000
"""Rows scored and recorded at a time."""


def run(
    scorer: Scorer,
    job: Job,
    *,
    chunk_size: int = CHUNK_SIZE,
    threads: int = 1,
    elsewhere: Elsewhere | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Score every row of a file, or go on with a run of the same that was killed.

    The files are the same to the byte whatever ``chunk_size`` and ``threads`` are, and however often the run was
    killed: all rows are scored from the watermark, and by the day, pinned when it was begun. Every score is recorded
    as a decision under an id that follows from the run and the row, so that nothing is recorded twice.

    Args:
        elsewhere: the engine that scores; by default threads of this process do.

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
    tell = progress or (lambda *_: None)
    tell(done, rows.height)
    while done < rows.height:  # again from where it ends, where rights have changed under way
        chunks = _chunks(job, this, rows.slice(done), chunk_size)
        for chunk, results in _decided(
            scorer, job, this, chunks, threads=threads, elsewhere=elsewhere, last_day=_last_day(job, rows)
        ):
            parts.add(done, table(scorer.bundle, chunk.rows, results))
            done += chunk.rows.height
            tell(done, rows.height)
    written = output.write(parts.frames(), schema(scorer.bundle), job.target)
    if written.scored + written.rejected != rows.height:
        raise Conflict("Another run wrote to the same target meanwhile.", remedy="Run it again, alone.")
    finished(scorer, this, written, parts)
    rejects, manifest = output.rejects_path(job.target), output.manifest_path(job.target)
    return Summary(written.scored, written.rejected, resumed, job.target, rejects, manifest)


def _chunks(job: Job, this: Run, rows: pl.DataFrame, size: int) -> Iterator[Chunk]:
    for some in rows.iter_slices(size):
        requests = [_asked(job, row) for row in some.iter_rows(named=True)]
        yield Chunk(some, requests, [decision_id(f"{this.fingerprint}:{row}") for row in some["row"]])


def _decided(
    scorer: Scorer, job: Job, this: Run, chunks: Iterator[Chunk], *,
    threads: int, elsewhere: Elsewhere | None, last_day: date,
) -> Iterator[tuple[Chunk, list[Decision | AllianceError]]]:  # fmt: skip
    """Chunks with a recorded decision, or the reason there is none, for each row."""
    if elsewhere is None:
        return ((chunk, _decided_here(scorer, this, chunk, threads)) for chunk in chunks)
    asked = AccessRequest(job.member, job.purpose, Right.SCORES)
    return decided(elsewhere, scorer, chunks, asked, watermark=this.watermark, known_by=last_day)


def _decided_here(scorer: Scorer, this: Run, chunk: Chunk, threads: int) -> list[Decision | AllianceError]:
    sound = [place for place, one in enumerate(chunk.requests) if isinstance(one, ScoreRequest)]
    made = scorer.decide_many(
        [one for one in chunk.requests if isinstance(one, ScoreRequest)],
        watermark=this.watermark,
        ids=[chunk.ids[place] for place in sound],
        threads=threads,
    )
    answers = dict(zip(sound, made, strict=True))
    return [one if isinstance(one, InvalidInput) else answers[place] for place, one in enumerate(chunk.requests)]


def _last_day(job: Job, rows: pl.DataFrame) -> date:
    """The last day as of which any row asks."""
    days = rows["as_of"].max()
    return max(job.as_of, days) if isinstance(days, date) else job.as_of


def _asked(job: Job, row: dict[str, Any]) -> ScoreRequest | InvalidInput:
    if row["fault"] is not None:
        return InvalidInput(row["fault"], remedy=row["remedy"])
    return ScoreRequest(company=row["company"], as_of=row["as_of"] or job.as_of, member=job.member, purpose=job.purpose)
