"""Scores for people at a terminal."""

from scoring.console.render import Language, render

__all__ = ["Language", "render"]
