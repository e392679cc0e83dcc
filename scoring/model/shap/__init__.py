"""Exact SHAP values of LightGBM models, some dozens of times as fast as LightGBM's own.

    explainer = Explainer.of(booster)
    raw, parts = explainer.contributions(matrix)    # the output and each feature's part in it
    explainer.interactions(matrix, groups)          # what groups of features do only together
    shap.plots.beeswarm(explainer(frame))           # any plot of the shap library

``text`` reads the model, ``tables`` states the identity and prepares it, ``kernel`` and ``interactions`` are compiled,
``checks`` holds the result against LightGBM's, which the ``judge`` asks.
"""

from scoring.model.shap.checks import ADDITIVITY_TOLERANCE, check_additive, check_against_lightgbm, raw_log_odds
from scoring.model.shap.explainer import Contributions, Explainer
from scoring.model.shap.judge import Judge

__all__ = [
    "ADDITIVITY_TOLERANCE",
    "Contributions",
    "Explainer",
    "Judge",
    "check_additive",
    "check_against_lightgbm",
    "raw_log_odds",
]
