"""Scores for a file: of companies, each a recorded decision, or of ready features, one record for all.

Resumable, in bounded memory, and the same bytes however a run is cut.
"""

from scoring.batch.features import run_features
from scoring.batch.job import run
from scoring.batch.runs import Job, Summary

__all__ = ["Job", "Summary", "run", "run_features"]
