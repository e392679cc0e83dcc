"""The model as MLflow serves it, as code: ready features in, scores out, by the one scoring function.

MLflow runs this file to make the model and hands it the bundle among its artifacts; nothing is pickled.
"""

import json
from pathlib import Path

import mlflow
import pandas as pd
import polars as pl
from mlflow.pyfunc.model import PythonModel, PythonModelContext

import scoring.mlflow_settings  # noqa: F401  no pickle in the serving process either
from experiments.serving import AS_OF, BUNDLE, OUTPUTS
from scoring.model import Bundle, load
from scoring.score import ID, score


class CreditScore(PythonModel):
    """Scores of companies whose features are ready."""

    bundle: Bundle

    def load_context(self, context: PythonModelContext) -> None:
        """Load the bundle, after all its checks."""
        self.bundle = load(Path(context.artifacts[BUNDLE]))

    def predict(self, model_input: pd.DataFrame) -> pd.DataFrame:  # type: ignore[override]  # what it does not use
        """Scores in the order of the rows.

        Args:
            model_input: the bundle's features by name, numbers, null for unknown.

        Returns:
            The columns of ``OUTPUTS``, as a score has them; ``reasons`` is JSON with ``raises`` and ``lowers``.
        """
        features = {name: model_input[name].to_numpy(dtype=float, na_value=float("nan")) for name in self.bundle.names}
        ids = pl.Series(ID, [str(row) for row in range(len(model_input))], pl.String)
        frame = pl.DataFrame([ids, *(pl.Series(name, values, nan_to_null=True) for name, values in features.items())])
        rows = []
        for found in score(self.bundle, frame, as_of=AS_OF, watermark=0):
            plain = found.as_dict()
            reasons = json.dumps({side: plain[side] for side in ("raises", "lowers")}, ensure_ascii=False)
            rows.append([reasons if name == "reasons" else plain[name] for name in OUTPUTS])
        return pd.DataFrame(rows, columns=list(OUTPUTS), index=model_input.index)


mlflow.models.set_model(CreditScore())
