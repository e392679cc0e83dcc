"""Next best data: which signal of a company, were it obtained, would make its PD less uncertain, for what it costs.

A signal is worth what knowing its features is expected to take off the error of the PD (``spread.narrowing``), by the
unit of cost of the policy. It is what the model would make of the signal if there is something to tell; what the
company's own records would say, nobody knows before.

``experiments next-data`` holds this order against two others on simulated alliances: all costs alike, the error falls
twice as fast as by lot; against one order for all companies, by global importance, little is gained or nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from scoring.advice.policy import AdvicePolicy, Obtaining, shipped_policy
from scoring.advice.spread import narrowing
from scoring.features import feature_named
from scoring.features.sources import sources
from scoring.model import Bundle
from scoring.model.scale import FloatArray


@dataclass(frozen=True, kw_only=True)
class NextDatum:
    """A signal worth obtaining.

    Attributes:
        signal: its name.
        in_part: whether something of it is known already.
        unknown: features of the model that it would make known.
        narrows: by how much less wrong the PD is expected to be with it; ``None`` to whom it may not be told.
        obtaining: what it takes.
    """

    signal: str
    in_part: bool
    unknown: int
    narrows: float | None
    obtaining: Obtaining


@cache
def signals_behind(feature: str) -> frozenset[str]:
    """Names of the signals that a feature's value is made of; none for one of all facts, whatever their signal."""
    return frozenset(name.partition(".")[0] for name in sources(feature_named(feature)))


def made_known(names: Sequence[str], values: FloatArray, signal: str, given: Collection[str]) -> NDArray[np.bool_]:
    """Which features (f) would be known with a signal: those unknown that need it, and nothing else that is not given.

    Args:
        names, values: the features (f), NaN for unknown.
        given: signals of which something is known.
    """
    others = {signal, *given}
    needed = [signal in (behind := signals_behind(name)) and behind <= others for name in names]
    known: NDArray[np.bool_] = np.isnan(values) & np.array(needed, bool)
    return known


def ranked(
    bundle: Bundle, values: FloatArray, given: Collection[str], policy: AdvicePolicy | None = None
) -> tuple[NextDatum, ...]:
    """The signals worth obtaining, most worth by cost first; equal ones in the order of the policy.

    Args:
        values: the company's features (f) in the model's order, NaN for unknown.
        given: signals of which something is known.
        policy: what obtaining takes; by default the one shipped.
    """
    found: list[tuple[float, NextDatum]] = []
    for signal, obtaining in (policy or shipped_policy()).signals.items():
        known = made_known(bundle.names, values, signal, given)
        if (worth := narrowing(bundle, values, known)) > 0:
            unknown, in_part = int(known.sum()), signal in given
            datum = NextDatum(signal=signal, in_part=in_part, unknown=unknown, narrows=worth, obtaining=obtaining)
            found.append((worth / obtaining.cost, datum))
    return tuple(datum for _, datum in sorted(found, key=lambda one: -one[0]))
