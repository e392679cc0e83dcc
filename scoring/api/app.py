"""The app, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi_offline import FastAPIOffline

from alliance.config import Settings
from alliance.corroboration import warm_up
from alliance.policy import Policy
from alliance.store import Store
from scoring.api import companies, decisions, disputes, facts, health, identity, model, problems, scores, submissions
from scoring.api.context import Context
from scoring.api.limits import BodyLimit
from scoring.api.metrics import Metrics
from scoring.api.observation import Observation
from scoring.bundle_source import load_bundle
from scoring.decide import Scorer

_ROUTERS = (scores, decisions, submissions, facts, identity, disputes, companies, model, health)
_TAGS = [
    {"name": "scores", "description": "Ask for scores. 评分"},
    {"name": "decisions", "description": "Read recorded scores and make them again. 决策记录与重放"},
    {"name": "submissions", "description": "Give members' files. 数据报送"},
    {"name": "companies", "description": "Find companies. 企业查询"},
    {"name": "identity", "description": "Which companies are one. 企业身份识别"},
    {"name": "disputes", "description": "Object to what is claimed, and see what was ruled. 异议处理"},
    {"name": "members", "description": "How far members are to be believed. 成员可信度"},
    {"name": "model", "description": "The model that scores. 模型"},
    {"name": "operation", "description": "Health and metrics. 运维"},
]


def create_app(scorer: Scorer, policy: Policy | None = None) -> FastAPI:
    """The API over one scorer. The store is closed when the app shuts down.

    Args:
        policy: what the alliance has agreed on; by default what the environment names.

    Raises:
        InvalidInput: the policy file cannot be used.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(warm_up)
        await run_in_threadpool(scorer.bundle.explainer.warm_up)
        yield
        scorer.store.close()

    # The pages at /docs need no server but this one: banks' networks reach no other.
    app = FastAPIOffline(
        title="Alliance Credit",
        version="1",
        summary="Explained credit scores of sci-tech start-ups, from the data of an alliance. 科创企业信用评分",
        description="Every score is recorded as a decision and can be replayed. Errors are RFC 9457 problems.",
        openapi_tags=_TAGS,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    observation = Observation(Metrics())
    app.state.context = Context(scorer, observation.metrics, policy or Policy.from_environment())
    for module in _ROUTERS:
        app.include_router(module.router)
    problems.install(app, observation)
    app.add_middleware(BodyLimit)
    app.add_middleware(observation.middleware)  # the outermost: it sees what the limit refuses
    return app


def app_of(settings: Settings | None = None) -> FastAPI:
    """The API on the store and bundle of the settings, by default the environment's; for an ASGI server's factory.

    Raises:
        StoreError: the store cannot be opened.
        BundleError: the bundle cannot be loaded.
    """
    settings = settings or Settings.from_environment()
    bundle = load_bundle(settings.bundle, settings.tracking_uri)
    return create_app(Scorer(Store(settings.database_url), bundle))
