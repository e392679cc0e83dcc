"""How MLflow behaves here.

Importing this, before MLflow, tells it to load no pickled model, to report its use to nobody and to draw no progress
bars. Words set in the environment beforehand stand, except the one on pickles.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] = "false"
for _name, _value in {
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING": "false",
}.items():
    os.environ.setdefault(_name, _value)

_ADDRESS = "MLFLOW_TRACKING_URI"


@contextmanager
def mlflow_at(tracking_uri: str) -> Iterator[None]:
    """MLflow's runs and registry at an address, and afterwards where they were.

    MLflow keeps its address in the process and in the environment; left there, it would outlive the block.
    """
    import mlflow  # noqa: PLC0415

    before = os.environ.get(_ADDRESS)
    mlflow.set_tracking_uri(tracking_uri)
    try:
        yield
    finally:
        mlflow.set_tracking_uri(before or "")
        if before is None:
            os.environ.pop(_ADDRESS, None)
