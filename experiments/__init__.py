"""Panels, training, measuring, tracking: how a model comes to be, and how good it is."""

import scoring.mlflow_settings  # noqa: F401 -- before MLflow is imported anywhere in here
