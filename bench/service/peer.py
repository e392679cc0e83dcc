"""The peer: a FastAPI app around the model, as a pandas user would write it. It records nothing.

BENCH_MODEL=model.txt python -m uvicorn bench.service.peer:app
"""

import os
from typing import Any, Optional

import lightgbm as lgb
import numpy as np
import pandas as pd
import shap
from fastapi import FastAPI
from pydantic import BaseModel, create_model

REASONS = 5

_BOOSTER = lgb.Booster(model_file=os.environ["BENCH_MODEL"])
_EXPLAINER = shap.TreeExplainer(_BOOSTER)
_NAMES = _BOOSTER.feature_name()
_FIELDS: dict[str, Any] = dict.fromkeys(_NAMES, (Optional[float], None))  # noqa: UP045 -- a union of names is no value

Row: Any = create_model("Row", **_FIELDS)


class Reason(BaseModel):
    """A feature, and what it did to the log-odds."""

    feature: str
    contribution: float


class Scored(BaseModel):
    """A probability of default, and the features that raised it most."""

    pd: float
    reasons: list[Reason]


app = FastAPI()


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/score")
def score(row: Row) -> Scored:
    frame = pd.DataFrame([row.model_dump()], columns=_NAMES).astype(float)
    found = float(_BOOSTER.predict(frame)[0])
    values = _EXPLAINER.shap_values(frame)[0]
    worst = np.argsort(-values)[:REASONS]
    return Scored(
        pd=found, reasons=[Reason(feature=_NAMES[place], contribution=float(values[place])) for place in worst]
    )
