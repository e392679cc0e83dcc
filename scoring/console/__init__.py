"""Scores, and advice on them, for people at a terminal."""

from scoring.console.advice import render_help, render_next_data
from scoring.console.language import Language
from scoring.console.render import render

__all__ = ["Language", "render", "render_help", "render_next_data"]
