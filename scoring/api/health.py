"""For those who keep the service running."""

from typing import Annotated

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from alliance.callers import Caller, Scope
from scoring.api import responses
from scoring.api.context import InContext
from scoring.api.problems import declared
from scoring.api.scopes import requires

router = APIRouter(tags=["operation"])


@router.get("/healthz", summary="Alive", responses=declared(open_to_all=True))
async def alive() -> responses.Health:
    """The process answers; nothing else is asked."""
    return responses.Health(status="ok")


@router.get("/readyz", summary="Ready", responses=declared(open_to_all=True))
def ready(context: InContext) -> responses.Readiness:
    """The store answers and a model is loaded; otherwise 503."""
    scorer = context.scorer
    return responses.Readiness(
        status="ready", data_watermark=scorer.store.watermark(), model_version=scorer.bundle.sha256
    )


@router.get(
    "/metrics",
    summary="Metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **declared()},
)
async def metrics(context: InContext, _caller: Annotated[Caller, requires(Scope.METRICS_READ)]) -> Response:
    """Requests, latencies, scores and store errors, for Prometheus."""
    return Response(generate_latest(context.metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
