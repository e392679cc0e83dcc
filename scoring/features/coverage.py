"""How much of what the model could use is known of a company."""

from collections.abc import Sequence

import polars as pl

from alliance.signals import Pillar
from scoring.features.catalogue import FEATURES
from scoring.features.declaration import Feature


def coverage(row: pl.DataFrame, features: Sequence[Feature] = FEATURES) -> dict[Pillar, float]:
    """Share of each pillar's features that are known of one company, 0 to 1, in the order of ``Pillar``.

    Args:
        row: the one row of the company's feature frame.
        features: those counted; pillars without any are left out.

    Raises:
        ValueError: not exactly one row.
    """
    if row.height != 1:
        raise ValueError(f"coverage is of one company, not of {row.height}")
    values = row.row(0, named=True)
    known = {pillar: [values[f.name] is not None for f in features if f.pillar is pillar] for pillar in Pillar}
    return {pillar: sum(flags) / len(flags) for pillar, flags in known.items() if flags}
