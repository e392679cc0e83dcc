"""Overrides: what an analyst puts beside a model's result, why, and who else agreed."""

from scoring.overrides.policy import OverridesPolicy, ReasonCode
from scoring.overrides.record import Wish, find, listed, no_override, of_decision, override, rule

__all__ = ["OverridesPolicy", "ReasonCode", "Wish", "find", "listed", "no_override", "of_decision", "override", "rule"]
