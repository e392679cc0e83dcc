"""Gaps between all groups of an attribute in one number each, by fairlearn, where it is installed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from experiments.fairness.estimates import Rows

LIBRARY = "fairlearn"


@dataclass(frozen=True)
class Summary:
    """One attribute.

    Attributes:
        attribute: by which companies are grouped.
        approval_ratio: least approval rate over the greatest (demographic parity ratio).
        error_gap: the greater of the largest gaps of the two error rates (equalized odds difference).
    """

    attribute: str
    approval_ratio: float
    error_gap: float


def missing() -> str:
    """Why there is no summary; empty if there is one."""
    return "" if find_spec(LIBRARY) else f"{LIBRARY} is not installed (the extra `evidence`)"


def summaries(
    rows: Rows, groups: Mapping[str, Sequence[str | None]], judged: Mapping[str, Sequence[str]]
) -> tuple[Summary, ...]:
    """One summary an attribute, without intervals, over the groups that are large enough.

    Args:
        groups: by attribute, each row's group (n).
        judged: by attribute, the groups large enough; with fewer than two there is no gap.
    """
    from fairlearn.metrics import demographic_parity_ratio, equalized_odds_difference  # noqa: PLC0415

    made = []
    for attribute, values in groups.items():
        among = np.array([value in {*judged.get(attribute, ())} for value in values])
        if len({*judged.get(attribute, ())}) < 2:
            continue
        told = [value for value, counts in zip(values, among, strict=True) if counts]
        labels, approved = rows.labels[among], rows.approved[among]
        made.append(
            Summary(
                attribute,
                float(demographic_parity_ratio(labels, approved, sensitive_features=told)),
                float(equalized_odds_difference(labels, ~approved, sensitive_features=told)),
            )
        )
    return tuple(made)
