"""What the served model takes and gives, in names that both sides of MLflow share."""

from datetime import date

BUNDLE = "bundle"
"""Name of the artifact that holds the bundle."""

NUMBERS = ("pd", "pd_low", "pd_high", "points", "log_odds")
FLAGS = ("unlike",)
TEXTS = ("grade", "advice", "reasons")
OUTPUTS = ("pd", "pd_low", "pd_high", "points", "grade", "log_odds", "unlike", "advice", "reasons")
"""Columns of an answer, those that are numbers, Boolean and text among them."""

AS_OF = date.min
"""Ready features have no day; a score wants one, and no number in the answer depends on it."""
