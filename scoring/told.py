"""Facts to scores as their receiver may see them: the one way, where the store is and where it is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from alliance.corroboration import Contested, Facts
from alliance.rights import Held
from scoring.disclosed import disclosed
from scoring.features import feature_frame
from scoring.model import Bundle
from scoring.model.scale import FloatArray
from scoring.result import Score
from scoring.score import ID, matrix, score_values


@dataclass(frozen=True, eq=False)
class Known:
    """What one company's score rests on.

    Attributes:
        values: its features (f), in the model's order, NaN for unknown.
        contested: the facts that are not used, or not whole.
        held: by ``signal.field`` what may not be seen as it is.
    """

    values: FloatArray
    contested: Sequence[Contested]
    held: Mapping[str, Held]


def features_of(bundle: Bundle, facts: Facts) -> pl.DataFrame:
    """The features a model asks for, of the companies of some facts."""
    return feature_frame(facts, bundle.features)


def known_of(bundle: Bundle, facts: Facts) -> dict[str, Known]:
    """What a model's scores from some facts rest on, by company id."""
    features = features_of(bundle, facts)
    values, contested = matrix(bundle, features), facts.contested()
    return {
        company: Known(row, tuple(contested.get(company, ())), facts.rungs.get(company, {}))
        for company, row in zip(features[ID].to_list(), values, strict=True)
    }


def scores_of(
    bundle: Bundle, known: Mapping[str, Known], *, as_of: date, watermark: int, threads: int = 1
) -> dict[str, Score]:
    """Scores of companies by what is known of them, told as far as the requester may see; by company id.

    Args:
        as_of, watermark, threads: as of ``scoring.score.score``.
    """
    if not known:
        return {}
    values = np.stack([one.values for one in known.values()])
    contested = {company: one.contested for company, one in known.items()}
    table = score_values(bundle, list(known), values, threads=threads)
    made = table.scores(as_of=as_of, watermark=watermark, contested=contested)
    return {one.company_id: disclosed(one, known[one.company_id].held) for one in made}


def told(bundle: Bundle, facts: Facts, threads: int = 1) -> dict[str, Score]:
    """Scores of the companies of some facts, by company id."""
    known = known_of(bundle, facts)
    return scores_of(bundle, known, as_of=facts.as_of, watermark=facts.watermark, threads=threads)
