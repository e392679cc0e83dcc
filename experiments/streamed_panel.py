"""The panel of a store to a file, bucket by bucket of companies, on any engine: for what memory does not hold.

The claims that may be read are exported first; then each bucket's rows are those ``panel`` has for its companies, since
a company's row depends on its own claims and its sectors' alone. The file is the same to the byte on every engine.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from alliance.errors import InvalidInput
from alliance.export import COMPANIES_PER_BUCKET, Bucket, Export, buckets_of
from alliance.promotions import require_unchanged
from alliance.rights import Access, AccessRequest
from alliance.spool import Spool
from alliance.store import Store
from alliance.view import History, View
from experiments.distributed.panel_file import about_panel
from experiments.outcome import outcome_named
from experiments.own_study import OPERATOR_MEMBER
from experiments.panel import LABEL, complete
from experiments.panel_bucket import Asked, rows_of
from experiments.training import Plan, days_until
from scoring.batch.output import cut
from scoring.engines import Engine
from scoring.engines.frames import from_bytes

ROW_GROUP = 50_000
"""Rows of one row group; a part of the format, not of how the work was cut."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many companies of it are done, and of how many."""


@dataclass(frozen=True, kw_only=True)
class WrittenPanel:
    """A panel that was written.

    Attributes:
        path: the Parquet file: the frame of a ``Panel``.
        asked: what it is of.
        watermark, access: what its facts could see.
        companies: companies of the store, at risk or not.
        by_day: ``as_of`` (Date), ``rows`` and ``labels`` (Int64: with the outcome), by day.
        sha256: digest of the file, hexadecimal.
    """

    path: Path
    asked: Asked
    watermark: int
    access: Access
    companies: int
    by_day: pl.DataFrame
    sha256: str


def write_panel(
    store: Store, plan: Plan, target: Path, engine: Engine, *,
    work: Path, keep: bool = False, size: int = COMPANIES_PER_BUCKET, progress: Progress = lambda *_: None,
) -> WrittenPanel:  # fmt: skip
    """Write the panel of a plan.

    Args:
        target: the Parquet file.
        work: folder for the export, which every worker sees under this path; deleted in the end unless ``keep``.
        size: companies of a bucket; the panel does not depend on it.

    Raises:
        Refused: no member grants the operator the training of models.
        InvalidInput: nothing is known, the plan leaves no day, or a file cannot be written.
        Conflict: the folder for the export holds something.
        GrantsLost: meanwhile a grant it was read under has ended or allows less; nothing is written.
    """
    outcome_named(plan.outcome)
    with Export(work, keep=keep) as export, Spool() as spool:
        view = View(store, AccessRequest(OPERATOR_MEMBER, "model_training"))
        watermark = store.watermark()
        companies = store.company_ids(watermark)
        histories = view.histories(buckets_of(companies, size), watermark=watermark)
        buckets = list(_exported(export, histories, len(companies), progress))
        asked = _asked(export.last_known, plan)
        done = 0
        for made in engine.mapped(partial(rows_of, asked), buckets):
            _set_aside(spool, from_bytes(made))
            done = min(done + size, len(companies))
            progress("panel", done, len(companies))
        require_unchanged(store, view.access)
        about = about_panel(
            asked.outcome, asked.horizon_months, asked.data_cut, watermark=watermark, access=view.access,
            contracts=store.contract_versions(watermark),
        )  # fmt: skip
        by_day = _written(spool, asked, target, about)
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return WrittenPanel(
        path=target, asked=asked, watermark=watermark, access=view.access, companies=len(companies), by_day=by_day,
        sha256=digest,
    )  # fmt: skip


def _exported(export: Export, histories: Iterable[History], companies: int, progress: Progress) -> Iterator[Bucket]:
    done = 0
    for history in histories:
        yield export.add(history)
        done += len(history.companies)
        progress("export", done, companies)


def _asked(last_known: date | None, plan: Plan) -> Asked:
    if last_known is None:
        raise InvalidInput("There are no records to learn from.", remedy="Submit members' files first.")
    days = complete(days_until(last_known, plan), plan.horizon, last_known)
    return Asked(days=tuple(days), outcome=plan.outcome, horizon_months=plan.horizon, data_cut=last_known)


def _set_aside(spool: Spool, frame: pl.DataFrame) -> None:
    """Keep a bucket's rows by day: buckets come by company, the file is by day."""
    for (day,), rows in frame.partition_by("as_of", as_dict=True, maintain_order=True).items():
        spool.add(str(day), rows)


def _written(spool: Spool, asked: Asked, target: Path, about: Mapping[bytes, bytes]) -> pl.DataFrame:
    """Write the rows by day, then company; how many there are of each day."""
    told: list[tuple[date, int, int]] = []

    def counted() -> Iterator[pl.DataFrame]:
        for day in asked.days:
            rows = labels = 0
            for frame in spool.frames(str(day)):
                rows, labels = rows + frame.height, labels + int(frame[LABEL].sum())
                yield frame
            told.append((day, rows, labels))

    _write(counted(), target, about)
    return pl.DataFrame(told, {"as_of": pl.Date, "rows": pl.Int64, "labels": pl.Int64}, orient="row")


def _write(frames: Iterator[pl.DataFrame], target: Path, about: Mapping[bytes, bytes]) -> None:
    first = next(frames, None)
    if first is None:
        raise InvalidInput("No company is at risk on any of the days.", remedy="Look at the outcome and the days.")
    unfinished = target.with_name(target.name + ".tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        schema = first.to_arrow().schema.with_metadata(dict(about))
        with pq.ParquetWriter(unfinished, schema, compression="zstd") as writer:
            for group in cut(chain([first], frames), ROW_GROUP, first.clear()):
                writer.write_table(group.rechunk().to_arrow().combine_chunks(), row_group_size=ROW_GROUP)
    except OSError as error:
        raise InvalidInput(
            f"The panel cannot be written there: {error.strerror}.", remedy="Write it elsewhere.", file=str(target)
        ) from error
    unfinished.replace(target)
