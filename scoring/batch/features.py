"""A run over ready features: rows in, in chunks through the one scorer, files out, and one entry that says so.

Nothing is read from the store, so no row is a decision: the run as a whole is recorded, with the digests of what went
in and what came out. As long as it is not, there is no file of scores.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date

import polars as pl

from alliance.batches import record_batch
from alliance.errors import Conflict, InvalidInput
from alliance.store.batches import Batch
from scoring.batch import output
from scoring.batch.elsewhere import Elsewhere, features_made
from scoring.batch.given import Given
from scoring.batch.parts import Parts
from scoring.batch.ready import schema, scored_chunk
from scoring.batch.runs import FeaturesRun, Job, Progress, Summary, begun, depends_on, finished, told
from scoring.decide import Scorer
from scoring.model import Bundle

FEATURES_AT_ONCE, MOST_ROWS, LEAST_ROWS = 1_200_000, 10_000, 500
"""Numbers that are worked on at a time by all threads together, some 200 MB in all; and limits of a thread's rows."""

FEATURES_GROUP = 20_000
"""Rows of one row group of the scores; a part of the format, as ``output.ROW_GROUP`` is."""


def rows_at_once(features: int, threads: int) -> int:
    """Rows that a thread scores at a time, so that memory does not grow with features and threads."""
    return min(MOST_ROWS, max(LEAST_ROWS, FEATURES_AT_ONCE // (features * threads)))


def run_features(
    scorer: Scorer,
    job: Job,
    *,
    chunk_size: int | None = None,
    threads: int = 1,
    missing_as_unknown: bool = False,
    elsewhere: Elsewhere | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Score every row of a file of ready features, or go on with a run of the same that was killed.

    The files are the same to the byte whatever ``chunk_size`` and ``threads`` are, and however often the run was
    killed. The same work done again is recorded once.

    Args:
        chunk_size: rows that a thread scores at a time; ``rows_at_once`` by default.
        missing_as_unknown: whether a feature that has no column counts as unknown; else the file is refused.
        elsewhere: the engine that does the work; by default threads of this process do.

    Raises:
        UnreadableFile: the input cannot be read.
        InvalidInput: day, purpose, chunk size or the file's columns cannot be used, or the target cannot be written.
        Conflict: another run that is not finished writes to the same target.
        StoreError: the run could not be recorded, so there are no scores; the same call goes on from there.
    """
    today = scorer.today()
    job.check(today)
    chunk_size = rows_at_once(len(scorer.bundle.names), threads) if chunk_size is None else chunk_size
    if chunk_size < 1:
        raise InvalidInput("A chunk has at least one row.", field="chunk_size")
    scorer.store.policy.rights.check_purpose(job.purpose)
    parts = Parts(job.target.with_name(job.target.name + ".parts"))
    given = _given(scorer, job, missing_as_unknown, today)
    given.check()
    this = FeaturesRun(**depends_on(scorer, job), watermark=0, missing_as_unknown=missing_as_unknown)
    this, today = begun(this, today, parts)
    given = _given(scorer, job, missing_as_unknown, today)
    resumed = parts.done()
    made = features_made(elsewhere, given, parts, chunk_size) if elsewhere else _made(given, parts, chunk_size, threads)
    rows = told(made, given.rows, progress)
    written = output.write(rows, schema(scorer.bundle), job.target, row_group=FEATURES_GROUP)
    if given.rows not in (None, written.scored + written.rejected):
        raise Conflict("Another run wrote to the same target meanwhile.", remedy="Run it again, alone.")
    record_batch(scorer.store, _batch(job, this, written))
    finished(scorer, this, written, parts)
    rejects, manifest = output.rejects_path(job.target), output.manifest_path(job.target)
    unknown, passed_over = given.missing, given.passed_over
    return Summary(written.scored, written.rejected, resumed, job.target, rejects, manifest, passed_over, unknown)


def _given(scorer: Scorer, job: Job, missing_as_unknown: bool, today: date) -> Given:
    return Given(
        path=job.source, bundle=scorer.bundle, as_of=job.as_of, today=today, missing_as_unknown=missing_as_unknown
    )


def _batch(job: Job, this: FeaturesRun, written: output.Written) -> Batch:
    return Batch(
        run_sha256=this.fingerprint,
        member=job.member,
        purpose=job.purpose,
        as_of=job.as_of,
        bundle_sha256=this.bundle_sha256,
        input_sha256=this.input_sha256,
        output_sha256=written.files[job.target.name],
        scored=written.scored,
        rejected=written.rejected,
    )


def _made(given: Given, parts: Parts, chunk_size: int, threads: int) -> Iterator[pl.DataFrame]:
    """Scores and faults of all rows, in order: those of parts first, then what is scored, each kept as a part."""
    done = parts.done()
    yield from parts.frames()
    waiting: deque[Future[pl.DataFrame]] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        for chunk in _chunks(given, done, chunk_size):
            waiting.append(pool.submit(_part, given.bundle, chunk, parts, done))
            done += chunk.height
            if len(waiting) > threads:  # one more than can be worked on, so that no thread waits for the reader
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _chunks(given: Given, done: int, chunk_size: int) -> Iterator[pl.DataFrame]:
    frames = given.frames(done)
    first = next(frames, None)
    if first is not None:
        whole = (frame for some in ([first], frames) for frame in some)
        yield from (chunk for chunk in output.cut(whole, chunk_size, first.clear()) if not chunk.is_empty())


def _part(bundle: Bundle, chunk: pl.DataFrame, parts: Parts, start: int) -> pl.DataFrame:
    made = scored_chunk(bundle, chunk)
    parts.add(start, made)
    return made
