"""Scores for a file of companies: resumable, the same bytes however it is cut, every score a recorded decision."""

from scoring.batch.job import Job, Summary, run

__all__ = ["Job", "Summary", "run"]
