"""Facts to scores as their receiver may see them: the one way, where the store is and where it is not."""

import polars as pl

from alliance.corroboration import Facts
from scoring.disclosed import disclosed
from scoring.features import feature_frame, feature_named
from scoring.model import Bundle
from scoring.result import Score
from scoring.score import score


def features_of(bundle: Bundle, facts: Facts) -> pl.DataFrame:
    """The features a model asks for, of the companies of some facts."""
    return feature_frame(facts, [feature_named(name) for name in bundle.names])


def told(bundle: Bundle, facts: Facts, threads: int = 1) -> dict[str, Score]:
    """Scores of the companies of some facts, by company id, told as far as the requester may see."""
    features, contested = features_of(bundle, facts), facts.contested()
    made = score(bundle, features, as_of=facts.as_of, watermark=facts.watermark, contested=contested, threads=threads)
    return {one.company_id: disclosed(one, facts.rungs.get(one.company_id, {})) for one in made}
