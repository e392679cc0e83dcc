"""The driver's side of a run whose work is done on an engine: pieces out, scores back in the order of the input.

For companies the driver alone knows the store: it decides rights, exports the claims of a chunk's companies, and
records each decision when its score is back. If rights change meanwhile, what was made by the old ones is not used.
"""

import shutil
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from alliance.errors import AllianceError, InvalidInput
from alliance.export import Export
from alliance.rights import AccessRequest
from alliance.store import Decision
from alliance.store.erasures import last_erasure
from alliance.view import View
from scoring.batch.given import Given
from scoring.batch.parts import Parts
from scoring.batch.worker import Asked, FeaturesFile, Model, Rows, company_scores, feature_scores
from scoring.decide import Scorer, ScoreRequest
from scoring.engines import Engine
from scoring.engines.frames import from_bytes
from scoring.model import Bundle
from scoring.probing import Probing

COMPANIES_ELSEWHERE = 2_000
"""Companies of a piece: some seconds of work."""

FEATURES_ELSEWHERE = 20_000
"""Rows of features of a piece: scores of some ten megabytes, of which the driver holds those of two waves."""


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """Where the work is done.

    Attributes:
        engine: by what.
        folder: for the model and exported claims, seen alike by all workers; deleted in the end.
        keep: whether the exported claims stay.
    """

    engine: Engine
    folder: Path
    keep: bool = False


@dataclass(frozen=True)
class Chunk:
    """Consecutive rows of the input, and what is asked by each; the ids of the decisions are by row, too."""

    rows: pl.DataFrame
    requests: Sequence[ScoreRequest | InvalidInput]
    ids: Sequence[str]


def features_made(where: Elsewhere, given: Given, parts: Parts, chunk_size: int) -> Iterator[pl.DataFrame]:
    """Scores and faults of all rows of a file of features, in order, each piece kept as a part.

    Raises:
        InvalidInput: the file is not Parquet, of which alone some rows can be read without those before them.
    """
    if given.rows is None:
        raise InvalidInput(
            "Only a Parquet file can be read in pieces.", remedy="Write it as Parquet, or use --engine local.",
            file=given.path.name,
        )  # fmt: skip
    done = parts.done()
    yield from parts.frames()
    file = FeaturesFile(str(given.path.absolute()), given.as_of, given.today, given.missing_as_unknown)
    pieces = [Rows(start, chunk_size) for start in range(done, given.rows, chunk_size)]
    with _model(given.bundle, where.folder) as model:
        made = where.engine.mapped(partial(feature_scores, model, file), pieces)
        for piece, scores in zip(pieces, made, strict=True):
            frame = from_bytes(scores)
            parts.add(piece.start, frame)
            yield frame


def decided(
    where: Elsewhere, scorer: Scorer, chunks: Iterator[Chunk], asked: AccessRequest, *, watermark: int, known_by: date
) -> Iterator[tuple[Chunk, list[Decision | AllianceError]]]:
    """Chunks with a recorded decision, or the reason there is none, for each row; ends early where rights change.

    Args:
        asked: who asks, for what; of each row.
        watermark: last submission to see.
        known_by: the last day as of which anything is asked.

    Raises:
        Refused: nothing may be read for this member and purpose.
    """
    store = scorer.store
    rights, erased = store.last_of_rights(), _last_erasure(scorer)
    view = View(store, asked)
    out, given = deque[_Out](), deque[Asked]()
    with Export(where.folder, keep=where.keep) as export, _model(scorer.bundle, where.folder / "model") as model:
        placed = _placed(scorer, chunks, watermark, out)
        histories = view.histories(placed, watermark=watermark, known_by=known_by)

        def pieces() -> Iterator[Asked]:
            for history in histories:
                given.append(Asked(export.add(history), out[-1].days()))
                yield given[-1]

        for scores in where.engine.mapped(partial(company_scores, model), pieces()):
            one = out.popleft()
            export.drop(given.popleft().bucket)
            results = _results(scorer, one, orjson.loads(scores), view)
            until = view.access.until
            if _last_erasure(scorer) != erased or (until is not None and store.clock() >= until):
                return
            made = [result for result in results if isinstance(result, Decision)]
            if not scorer.recorder.record(made, rights=rights):
                return
            yield one.chunk, results


@dataclass(frozen=True)
class _Out:
    """A chunk that was given out: by place, why a row cannot be scored, or its company's id."""

    chunk: Chunk
    errors: Mapping[int, AllianceError]
    companies: Mapping[int, str]

    def days(self) -> tuple[tuple[date, tuple[str, ...]], ...]:
        """The companies by the day as of which they are asked for."""
        by_day: dict[date, set[str]] = {}
        for place, company in self.companies.items():
            request = self.chunk.requests[place]
            assert isinstance(request, ScoreRequest)
            by_day.setdefault(request.as_of, set()).add(company)
        return tuple((day, tuple(sorted(companies))) for day, companies in sorted(by_day.items()))


def _placed(scorer: Scorer, chunks: Iterator[Chunk], watermark: int, out: deque[_Out]) -> Iterator[Sequence[str]]:
    """The companies of each chunk, which is put at the end of ``out``."""
    for chunk in chunks:
        sound = {place: one for place, one in enumerate(chunk.requests) if isinstance(one, ScoreRequest)}
        errors: dict[int, AllianceError] = {
            place: one for place, one in enumerate(chunk.requests) if isinstance(one, InvalidInput)
        }
        places = list(sound)
        unmet, met = scorer.placed(list(sound.values()), watermark)
        errors |= {places[number]: error for number, error in unmet.items()}
        companies = {places[number]: company for number, company in met.items()}
        out.append(_Out(chunk, errors, companies))
        yield sorted(set(companies.values()))


def _results(
    scorer: Scorer, one: _Out, scores: Mapping[str, Mapping[str, dict[str, Any]]], view: View
) -> list[Decision | AllianceError]:
    """What each row of a chunk comes to; nothing is recorded yet."""
    found: dict[int, Decision | AllianceError] = {**one.errors}
    for place, company in one.companies.items():
        request = one.chunk.requests[place]
        assert isinstance(request, ScoreRequest)
        score = scores[request.as_of.isoformat()][company]
        found[place] = scorer.decision(one.chunk.ids[place], request, view.access, score)
    found |= Probing(scorer.store).refused({place: found[place] for place in one.companies})
    return [found[place] for place in range(len(one.chunk.requests))]


def _last_erasure(scorer: Scorer) -> int:
    with scorer.store.reading() as connection:
        return last_erasure(connection)


@contextmanager
def _model(bundle: Bundle, folder: Path) -> Iterator[Model]:
    """A bundle where workers can read it, deleted in the end."""
    try:
        bundle.save(folder)
    except OSError as error:
        raise InvalidInput(
            f"The model cannot be put there: {error.strerror}.", remedy="Name a folder that can be written.",
            folder=str(folder),
        ) from error  # fmt: skip
    try:
        yield Model(str(folder.absolute()), bundle.sha256)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
