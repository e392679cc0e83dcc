"""Scores over HTTP: a thin edge over ``scoring.decide``, which knows what a status code is and nothing of scoring."""

from scoring.api.app import app_of, create_app

__all__ = ["app_of", "create_app"]
