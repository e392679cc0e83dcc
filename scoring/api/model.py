"""Say which model scores."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter

from alliance.callers import Caller, Scope
from scoring.api import responses
from scoring.api.context import InContext
from scoring.api.problems import declared
from scoring.api.scopes import requires
from scoring.model import GRADES, Bundle

router = APIRouter(tags=["model"])


@router.get("/v1/model", summary="Read the model", responses=declared())
def read(context: InContext, _caller: Annotated[Caller, requires(Scope.MODEL_READ)]) -> responses.Model:
    """The model loaded now: what it foresees, its scale and its inputs."""
    return described(context.scorer.bundle)


def described(bundle: Bundle) -> responses.Model:
    limits = (*bundle.scale.limits, None)
    return responses.Model(
        version=bundle.version,
        sha256=bundle.sha256,
        outcome=bundle.outcome.name,
        horizon_months=bundle.outcome.horizon_months,
        base_rate=bundle.base_rate,
        scale=asdict(bundle.scale),
        calibration=asdict(bundle.calibration),
        grades=[responses.Grade(grade=g, below_pd=pd) for g, pd in zip(GRADES, limits, strict=True)],
        features=[responses.ModelFeature.model_validate(feature.as_dict()) for feature in bundle.contract],
        training=dict(bundle.training),
    )
