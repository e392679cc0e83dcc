"""Panels, training, measuring, tracking: how a model comes to be, and how good it is.

Importing this package tells MLflow, before it is imported anywhere in here, to load no pickled model, to report its use
to nobody and to draw no progress bars. Words set in the environment beforehand stand, except the one on pickles.
"""

import os

os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] = "false"
for _name, _value in {
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING": "false",
}.items():
    os.environ.setdefault(_name, _value)
