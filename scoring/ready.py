"""A score from ready features: of callers who keep their own, and from nothing the alliance knows of the company.

No fact is read, so nothing is asked of grants and nothing is withheld. The features given are kept with the decision,
which is recorded, replayed and erased like any other.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from alliance.errors import InvalidInput
from alliance.store import Decision
from scoring.model import Bundle
from scoring.model.scale import FloatArray
from scoring.result import Score
from scoring.score import score_values

MOST_NAMED = 5
"""Features a refusal names; the others it counts."""


@dataclass(frozen=True, kw_only=True)
class ReadyRequest:
    """What is asked.

    Attributes:
        company: company id, registration number, or ``namespace:id``; a registration number need not be known.
        as_of: the day the features are of.
        member, purpose: who asks, and for what.
        outcome: the outcome wanted; ``None`` for the model's own.
        features: every feature of the model by name, ``None`` for unknown.
    """

    company: str
    as_of: date
    member: str
    purpose: str
    outcome: str | None = None
    features: Mapping[str, float | None]


def values_of(bundle: Bundle, features: Mapping[str, float | None]) -> FloatArray:
    """Feature values (1, f) in the bundle's order, NaN for unknown.

    Raises:
        InvalidInput: a feature of the model is not there, or another one is, or a value is not finite.
    """
    if features.keys() != bundle.places.keys():
        raise _unlike(bundle, features)
    row = [features[name] for name in bundle.names]
    if any(value is not None and not math.isfinite(value) for value in row):
        strange = next(name for name, value in features.items() if value is not None and not math.isfinite(value))
        raise InvalidInput(
            f"{strange} is not a finite number.", remedy="Give null where a value is not known.", field=_field(strange)
        )
    return np.array([row], dtype=np.float64)


def _unlike(bundle: Bundle, features: Mapping[str, float | None]) -> InvalidInput:
    """The error of features that are not the model's."""
    surplus = sorted(features.keys() - bundle.places.keys())
    if surplus:
        return InvalidInput(
            f"The model does not know {_listed(surplus)}.",
            remedy="Give the features of the model: GET /v1/model lists them.",
            field=_field(surplus[0]),
        )
    missing = [name for name in bundle.names if name not in features]
    return InvalidInput(
        f"{_listed(missing)} {'is' if len(missing) == 1 else 'are'} not given.",
        remedy="Give every feature of the model, null where it is not known: GET /v1/model lists them.",
        field=_field(missing[0]),
    )


def _field(name: str) -> str:
    return f"features.{name}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def score_ready(
    bundle: Bundle, company_id: str, features: Mapping[str, float | None], *, as_of: date, watermark: int
) -> Score:
    """The explained score of a company by its ready features; errors as of ``values_of``.

    Args:
        watermark: number of the last entry when they were given.
    """
    made = score_values(bundle, [company_id], values_of(bundle, features))
    return made.scores(as_of=as_of, watermark=watermark)[0]


def score_given(bundle: Bundle, made: Decision) -> Score:
    """The score of a decision on ready features, computed again."""
    assert made.features is not None
    return score_ready(bundle, made.company_id, made.features, as_of=made.as_of, watermark=made.watermark)
