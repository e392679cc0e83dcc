"""Chunks of companies to recorded decisions, and to the table of them that is kept as a part."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from alliance.errors import AllianceError, InvalidInput
from alliance.store import Decision
from scoring.batch.elsewhere import Chunk
from scoring.batch.parts import Parts
from scoring.batch.runs import Job, Run
from scoring.batch.table import table
from scoring.decide import Scorer, ScoreRequest, decision_id


@dataclass(frozen=True)
class Work:
    """A run over companies under way: the scorer of its day, what is asked, what it is, and where parts are kept."""

    scorer: Scorer
    job: Job
    run: Run
    parts: Parts

    def asked(self, rows: pl.DataFrame) -> Chunk:
        """What is asked by each of some rows of the input, and under which id it is decided."""
        requests = [_asked(self.job, row) for row in rows.iter_rows(named=True)]
        return Chunk(rows, requests, [decision_id(f"{self.run.fingerprint}:{row}") for row in rows["row"]])

    def part(self, rows: pl.DataFrame, start: int, *, threads: int = 1) -> pl.DataFrame:
        """Score and record some rows, before which so many stand, and keep what became of them."""
        made = table(self.scorer.bundle, rows, _decided(self.scorer, self.run, self.asked(rows), threads))
        self.parts.add(start, made)
        return made

    def parts_made(self, chunks: Iterator[pl.DataFrame], done: int, *, threads: int) -> Iterator[pl.DataFrame]:
        """The parts of chunks, before which so many rows stand, made in this process."""
        for rows in chunks:
            yield self.part(rows, done, threads=threads)
            done += rows.height


def _asked(job: Job, row: dict[str, Any]) -> ScoreRequest | InvalidInput:
    if row["fault"] is not None:
        return InvalidInput(row["fault"], remedy=row["remedy"])
    return ScoreRequest(company=row["company"], as_of=row["as_of"] or job.as_of, member=job.member, purpose=job.purpose)


def _decided(scorer: Scorer, this: Run, chunk: Chunk, threads: int) -> list[Decision | AllianceError]:
    """A recorded decision, or the reason there is none, for each row."""
    sound = [place for place, one in enumerate(chunk.requests) if isinstance(one, ScoreRequest)]
    made = scorer.decide_many(
        [one for one in chunk.requests if isinstance(one, ScoreRequest)],
        watermark=this.watermark,
        ids=[chunk.ids[place] for place in sound],
        threads=threads,
    )
    answers = dict(zip(sound, made, strict=True))
    return [one if isinstance(one, InvalidInput) else answers[place] for place, one in enumerate(chunk.requests)]
