"""What a model's reasons are held against: for each feature, the value a company of neither side has."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DIGITS = 2
"""Digits a reference is told to: no company's own value is in the bundle."""


def reference_of(names: Sequence[str], taught: Floats) -> Mapping[str, float]:
    """The median of each feature's known values (f) among the rows taught (n, f); none for one never known."""
    found = {}
    for name, column in zip(names, taught.T, strict=True):
        known = column[~np.isnan(column)]
        if len(known):
            found[name] = float(f"{np.median(known):.{DIGITS}g}")
    return found
