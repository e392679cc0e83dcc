"""Advice on a score: what would help the company to a better grade, and which data to obtain next."""

from scoring.advice.advise import Help, NextData, next_data, what_would_help
from scoring.advice.spread import warm_up

__all__ = ["Help", "NextData", "next_data", "warm_up", "what_would_help"]
