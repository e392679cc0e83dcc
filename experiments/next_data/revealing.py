"""Signals hidden and revealed: the PD of a company by what is known of it so far."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from experiments.metrics import Floats
from experiments.panel import LABEL
from scoring.advice.next_data import made_known, signals_behind
from scoring.advice.policy import shipped_policy
from scoring.advice.spread import narrowing
from scoring.model import Bundle
from scoring.score import ID, score_arrays

OURS, RANDOM, GLOBAL = "next best", "random", "global importance"
WAYS = (OURS, RANDOM, GLOBAL)
"""Orders: by ``scoring.advice``, all costs alike; by lot; by the mean size of the contributions over all companies."""

ALWAYS_KNOWN = "company_profile"
"""Without it nobody knows which company it is."""

Order = Callable[[Floats, str, frozenset[str]], float]
"""What revealing a signal is worth: from the features as seen, the signal, and the signals given."""


@dataclass(frozen=True, eq=False)
class Revealed:
    """PDs of n companies after 0, 1, ... k signals are revealed.

    Attributes:
        bundle: the model.
        companies: their ids (n).
        labels: whether the outcome came (n).
        whole: PD with all that is known (n).
        pd: PD by way (n, k + 1).
        hidden: how many signals were hidden (n).
    """

    bundle: Bundle
    companies: pl.Series
    labels: Floats
    whole: Floats
    pd: Mapping[str, Floats]
    hidden: Floats


def hideable() -> tuple[str, ...]:
    """The signals that are hidden: those that can be obtained by asking, but for the company's profile."""
    return tuple(signal for signal in shipped_policy().signals if signal != ALWAYS_KNOWN)


def known_signals(names: Sequence[str], values: Floats) -> frozenset[str]:
    """Signals of which a feature made of them alone is known, among features (f) with NaN for unknown."""
    known = [name for name, value in zip(names, values, strict=True) if not np.isnan(value)]
    return frozenset(signal for name in known if len(behind := signals_behind(name)) == 1 for signal in behind)


def seen(names: Sequence[str], values: Floats, hidden: frozenset[str]) -> Floats:
    """The features (f) without those that a hidden signal is part of.

    Features of how well the alliance knows a company, which are of all facts, stay.
    """
    dark = np.array([not hidden.isdisjoint(signals_behind(name)) for name in names])
    shown: Floats = np.where(dark, np.nan, values)
    return shown


def importance(bundle: Bundle, rows: pl.DataFrame) -> dict[str, float]:
    """By signal, the mean size of the contributions of all features it is part of, over some rows."""
    sizes = np.abs(score_arrays(bundle, rows.select(ID, *bundle.names)).contributions).mean(axis=0)
    return {
        signal: float(
            sum(size for name, size in zip(bundle.names, sizes, strict=True) if signal in signals_behind(name))
        )
        for signal in hideable()
    }


def revealed(
    bundle: Bundle,
    rows: pl.DataFrame,
    weights: Mapping[str, float],
    *,
    share: float,
    most: int,
    seed: int = 0,
    progress: Callable[[int], None] = lambda _: None,
) -> Revealed:
    """Hide signals of each company by lot, and reveal them one at a time in each order.

    Args:
        rows: one a company, with ``company_id``, the model's features and the label.
        weights: global importance by signal.
        share: chance of each known signal to be hidden; each company hides at least one, where it has any.
        most: signals revealed.
        progress: called with the companies scored after each step.
    """
    values = np.ascontiguousarray(rows.select(bundle.names).to_numpy(), dtype=np.float64)
    draw = np.random.default_rng(seed)
    known = [known_signals(bundle.names, one) for one in values]
    hidden = [_drawn(signals, share, draw) for signals in known]
    orders: Mapping[str, Order] = {
        OURS: lambda shown, signal, given: narrowing(bundle, shown, made_known(bundle.names, shown, signal, given)),
        RANDOM: lambda _shown, _signal, _given: float(draw.random()),
        GLOBAL: lambda _shown, signal, _given: weights[signal],
    }
    pd: dict[str, Floats] = {}
    for way, order in orders.items():
        still, steps = list(hidden), []
        for step in range(most + 1):
            shown = np.array([seen(bundle.names, one, dark) for one, dark in zip(values, still, strict=True)])
            steps.append(_pd(bundle, rows, shown))
            if step < most:
                still = [
                    dark - {_next(order, one, dark, signals - dark)} if dark else dark
                    for one, dark, signals in zip(shown, still, known, strict=True)
                ]
            progress(len(rows))
        pd[way] = np.column_stack(steps)
    return Revealed(
        bundle=bundle,
        companies=rows[ID],
        labels=rows[LABEL].to_numpy().astype(np.float64),
        whole=_pd(bundle, rows, values),
        pd=pd,
        hidden=np.array([len(dark) for dark in hidden], np.float64),
    )


def _drawn(known: frozenset[str], share: float, draw: np.random.Generator) -> frozenset[str]:
    candidates = sorted(known & _hideable())
    chances = draw.random(len(candidates))
    found = frozenset(signal for signal, chance in zip(candidates, chances, strict=True) if chance < share)
    return found or frozenset(candidates[: 1 if candidates else 0])


@cache
def _hideable() -> frozenset[str]:
    return frozenset(hideable())


def _next(order: Order, shown: Floats, hidden: frozenset[str], given: frozenset[str]) -> str:
    """The hidden signal that is worth most; of equals the first by name."""
    return max(sorted(hidden), key=lambda signal: order(shown, signal, given))


def _pd(bundle: Bundle, rows: pl.DataFrame, values: Floats) -> Floats:
    """PDs by the one scoring function (n)."""
    columns = [pl.Series(name, values[:, place], nan_to_null=True) for place, name in enumerate(bundle.names)]
    return score_arrays(bundle, pl.DataFrame([rows[ID], *columns])).pd
