"""The app, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi_offline import FastAPIOffline

from alliance.config import Settings
from alliance.corroboration import warm_up
from alliance.ledger import LogKey
from alliance.notary import Notary
from alliance.policy import Policy
from alliance.store import Store
from scoring.api import (
    companies,
    decisions,
    disputes,
    facts,
    health,
    identity,
    ledger,
    model,
    problems,
    scores,
    submissions,
)  # fmt: skip
from scoring.api.context import Context
from scoring.api.limits import BodyLimit
from scoring.api.metrics import Metrics
from scoring.api.observation import Observation
from scoring.bundle_source import load_bundle
from scoring.decide import Scorer

_ROUTERS = (scores, decisions, submissions, facts, identity, disputes, companies, ledger, model, health)
_TAGS = [
    {"name": "scores", "description": "Ask for scores. 评分"},
    {"name": "decisions", "description": "Read recorded scores and make them again. 决策记录与重放"},
    {"name": "submissions", "description": "Give members' files. 数据报送"},
    {"name": "companies", "description": "Find companies. 企业查询"},
    {"name": "identity", "description": "Which companies are one. 企业身份识别"},
    {"name": "disputes", "description": "Object to what is claimed, and see what was ruled. 异议处理"},
    {"name": "members", "description": "How far members are to be believed. 成员可信度"},
    {"name": "ledger", "description": "Proofs of what was recorded. 存证账本"},
    {"name": "model", "description": "The model that scores. 模型"},
    {"name": "operation", "description": "Health and metrics. 运维"},
]


def create_app(scorer: Scorer, policy: Policy | None = None, ledger_key: LogKey | None = None) -> FastAPI:
    """The API over one scorer. The store is closed when the app shuts down.

    Args:
        policy: what the alliance has agreed on; by default what the environment names.
        ledger_key: what signs the ledger's heads; by default the one the environment names, made at first use.

    Raises:
        InvalidInput: the policy file or the key's file cannot be used.
    """
    ledger_key = ledger_key or LogKey.at(Settings.from_environment().ledger_key)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(warm_up)
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
    notary = Notary(scorer.store, ledger_key)
    app.state.context = Context(scorer, observation.metrics, policy or Policy.from_environment(), notary)
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
        InvalidInput: the ledger's key or the policy cannot be used.
    """
    settings = settings or Settings.from_environment()
    bundle = load_bundle(settings.bundle, settings.tracking_uri)
    key = LogKey.at(settings.ledger_key)
    return create_app(Scorer(Store(settings.database_url), bundle), ledger_key=key)
