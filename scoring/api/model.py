"""Say which model scores."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter

from alliance.callers import Caller, Scope
from alliance.promotions import last_promotion
from alliance.store import Promotion
from scoring.api import model_responses
from scoring.api.context import InContext
from scoring.api.problems import declared
from scoring.api.scopes import requires
from scoring.model import GRADES, Bundle

router = APIRouter(tags=["model"])


@router.get("/v1/model", summary="Read the model", responses=declared())
def read(context: InContext, _caller: Annotated[Caller, requires(Scope.MODEL_READ)]) -> model_responses.Model:
    """The model loaded now: what it foresees, its scale, its inputs, how it became champion, and who may follow it."""
    scorer = context.scorer
    shadow = scorer.shadow
    return described(
        scorer.bundle,
        last_promotion(scorer.store, scorer.bundle.sha256),
        None
        if shadow is None
        else model_responses.Challenger(version=shadow.bundle.version, sha256=shadow.bundle.sha256),
    )


def described(
    bundle: Bundle, became: Promotion | None = None, shadow: model_responses.Challenger | None = None
) -> model_responses.Model:
    """A model, how it last became champion, and the challenger beside it."""
    limits = (*bundle.scale.limits, None)
    return model_responses.Model(
        version=bundle.version,
        sha256=bundle.sha256,
        outcome=bundle.outcome.name,
        horizon_months=bundle.outcome.horizon_months,
        base_rate=bundle.base_rate,
        scale=asdict(bundle.scale),
        calibration=asdict(bundle.calibration),
        grades=[model_responses.Grade(grade=g, below_pd=pd) for g, pd in zip(GRADES, limits, strict=True)],
        features=[model_responses.ModelFeature.model_validate(feature.as_dict()) for feature in bundle.contract],
        training=dict(bundle.training),
        champion=None if became is None else model_responses.Championship.of(became),
        shadow=shadow,
    )
