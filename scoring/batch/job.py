"""A run over companies: rows in, in chunks through the one scorer, files out, every score a recorded decision."""

from collections.abc import Iterator
from itertools import chain, islice

import polars as pl

from alliance.errors import Conflict, InvalidInput
from alliance.rights import AccessRequest, Right
from alliance.view import View
from scoring.batch import output
from scoring.batch.companies import Companies
from scoring.batch.decided import Work
from scoring.batch.elsewhere import Elsewhere, decided
from scoring.batch.parts import Parts
from scoring.batch.processes import parts_made
from scoring.batch.runs import Job, Progress, Run, Summary, begun, depends_on, finished, told
from scoring.batch.table import schema, table
from scoring.decide import Scorer

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
    companies = Companies(job.source)
    companies.check()
    parts = Parts(job.target.with_name(job.target.name + ".parts"))
    this = Run(**depends_on(scorer, job), watermark=scorer.store.watermark())
    this, today = begun(this, scorer.today(), parts)
    work = Work(Scorer(scorer.store, scorer.bundle, today=lambda: today), job, this, parts)
    resumed = parts.done()
    if progress:
        progress(resumed, companies.about)
    if elsewhere:
        made = _made_elsewhere(elsewhere, work, companies, resumed, chunk_size)
    else:
        made = _made(work, companies.chunks(resumed, chunk_size), resumed, threads)
    rows = told(chain(parts.frames(), made), companies.about, progress)
    written = output.write(rows, schema(scorer.bundle), job.target)
    if written.scored + written.rejected != companies.rows:
        raise Conflict("Another run wrote to the same target meanwhile.", remedy="Run it again, alone.")
    finished(scorer, this, written, parts)
    rejects, manifest = output.rejects_path(job.target), output.manifest_path(job.target)
    return Summary(written.scored, written.rejected, resumed, job.target, rejects, manifest)


def _made(work: Work, chunks: Iterator[pl.DataFrame], done: int, threads: int) -> Iterator[pl.DataFrame]:
    """The parts that are still to be made: by processes where there are several chunks and cores, else by this one."""
    first = list(islice(chunks, 2))
    if len(first) > 1 and threads > 1:
        return parts_made(work, chain(first, chunks), done, processes=threads)
    return work.parts_made(chain(first, chunks), done, threads=threads)


def _made_elsewhere(
    where: Elsewhere, work: Work, companies: Companies, done: int, chunk_size: int
) -> Iterator[pl.DataFrame]:
    """As ``_made``, by an engine; again from where it ends, where rights have changed under way."""
    request = AccessRequest(work.job.member, work.job.purpose, Right.SCORES)
    known_by = min(companies.last_day(work.job.as_of), work.scorer.today())
    while companies.rows is None or done < companies.rows:
        chunks = map(work.asked, companies.chunks(done, chunk_size))
        for chunk, results in decided(
            where, work.scorer, chunks, request, watermark=work.run.watermark, known_by=known_by
        ):
            made = table(work.scorer.bundle, chunk.rows, results)
            work.parts.add(done, made)
            done += made.height
            yield made
