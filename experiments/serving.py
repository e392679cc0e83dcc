"""What the served model takes and gives, in names that both sides of MLflow share."""

from datetime import date

BUNDLE = "bundle"
"""Name of the artifact that holds the bundle."""

OUTPUTS = ("pd", "points", "grade", "log_odds", "reasons")
"""Columns of an answer."""

AS_OF = date.min
"""Ready features have no day; a score wants one, and no number in the answer depends on it."""
