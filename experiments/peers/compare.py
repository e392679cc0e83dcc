"""Peers examined on the same rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from experiments.datasets.dataset import Column, Dataset, Examination
from experiments.metrics import Floats
from experiments.paired import Draws, Measured
from experiments.peers import LIGHTGBM, PEERS, Lesson, Model, Peer
from experiments.peers.single import LAST_ROUND
from experiments.train import THREADS

FRESHLY_FINANCED = 3 * 365
"""Days since the last round: firms a venture lender would look at. The partial AUC is measured among them."""

Progress = Callable[[int], None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """What one examination says of the peers.

    Attributes:
        examination: its name; ``how``: what it does.
        rows, companies, outcomes: of what was tested.
        against: the peer the others are compared with: the alliance's own, else the first.
        measured: by peer, in the order of the tuple, with its gains over ``against``.
        skipped: by peer, why it is not there.
    """

    examination: str
    how: str
    rows: int
    companies: int
    outcomes: int
    against: str
    measured: Mapping[str, Measured]
    skipped: Mapping[str, str]


def compared(
    dataset: Dataset,
    examination: Examination,
    peers: Sequence[Peer] = PEERS,
    *,
    seed: int = 0,
    progress: Progress = lambda _: None,
) -> Comparison:
    """Teach and examine every peer that can be used.

    Args:
        progress: called with 1 after each peer.
    """
    skipped = {peer.name: reason for peer in peers if (reason := peer.missing() or peer.unfit(dataset.columns))}
    told: dict[str, Floats] = {}
    for peer in peers:
        if peer.name not in skipped:
            told[peer.name] = foretold(examination, dataset.columns, peer.fit, seed)
        progress(1)
    tested, sample = examination.tested, examination.sample
    against = LIGHTGBM.name if LIGHTGBM.name in told else next(iter(told))
    return Comparison(
        examination=examination.name,
        how=examination.how,
        rows=tested.height,
        companies=sample.count,
        outcomes=int(sample.labels.sum()),
        against=against,
        measured=Draws.of(sample, told, among=freshly_financed(tested)).against(against),
        skipped=skipped,
    )


def foretold(
    examination: Examination, columns: Sequence[Column], fit: Callable[[Lesson], Model], seed: int = 0
) -> Floats:
    """PDs of all test rows, split after split, each by a model that was told nothing of them.

    On ``THREADS`` threads, so that sums are made in one order and a run can be repeated.
    """
    with threadpool_limits(THREADS):
        return np.concatenate([fit(Lesson.of(split, columns, seed))(split.test) for split in examination.splits])


def freshly_financed(rows: pl.DataFrame) -> "np.ndarray[tuple[int], np.dtype[np.bool_]] | None":
    """Which rows are of firms financed within three years (n); ``None`` where data know no rounds."""
    if LAST_ROUND not in rows.columns:
        return None
    return (rows[LAST_ROUND] < FRESHLY_FINANCED).fill_null(False).to_numpy()
