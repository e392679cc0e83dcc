"""Experts' scorecards as peers: the points rank, nothing is learnt but the level of the PD."""

from collections.abc import Sequence
from functools import partial

import polars as pl

from experiments.datasets.dataset import Column
from experiments.expert.scorecard import CARDS, Scorecard, load_scorecard
from experiments.metrics import Floats
from experiments.peers.peer import Lesson, Model, Peer
from experiments.peers.single import levelled

LEAST_ANSWERED = 0.5
"""Share of the indicators that data must be able to answer; with fewer it is another scorecard."""


def _fit(card: Scorecard, lesson: Lesson) -> Model:
    def ranking(rows: pl.DataFrame) -> Floats:
        known = [name for name in lesson.names if rows.schema[name] != pl.String]
        return -card.points(rows.select(known))

    return levelled(ranking, lesson)


def _unfit(card: Scorecard, columns: Sequence[Column]) -> str:
    answered = card.answered([column.name for column in columns])
    if answered >= LEAST_ANSWERED * len(card.indicators):
        return ""
    return f"these data answer {answered} of its {len(card.indicators)} indicators"


def expert(card: Scorecard) -> Peer:
    """A scorecard as a peer."""
    return Peer(
        name=card.name,
        how=f"{len(card.indicators)} indicators, nothing learnt but the level ({card.status})",
        fit=partial(_fit, card),
        unfit=partial(_unfit, card),
    )


EXPERTS: tuple[Peer, ...] = tuple(expert(load_scorecard(file)) for file in CARDS)
