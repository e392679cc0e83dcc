"""The app, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi_offline import FastAPIOffline

from alliance.config import Settings
from alliance.corroboration import warm_up
from alliance.ledger import LogKey
from alliance.notary import Notary
from alliance.policy import Policy
from alliance.recorder import Recorder
from scoring.advice import warm_up as warm_up_advice
from scoring.api import (
    advice,
    companies,
    consents,
    decisions,
    disputes,
    erasures,
    facts,
    grants,
    health,
    identity,
    keys,
    ledger,
    lending,
    model,
    overrides,
    problems,
    rights,
    scores,
    submissions,
)  # fmt: skip
from scoring.api.authentication import Authentication
from scoring.api.context import Context
from scoring.api.limits import BodyLimit
from scoring.api.metrics import Metrics
from scoring.api.observation import Failures, Observation
from scoring.api.oidc import Issuers
from scoring.api.scopes import endpoints
from scoring.bundle_source import link_of
from scoring.decide import Scorer
from scoring.from_settings import scorer_of
from scoring.lending import LendingPolicy
from scoring.overrides import OverridesPolicy
from scoring.succession import Succession

ROUTERS = (
    scores, decisions, advice, overrides, lending, submissions, facts, identity, disputes, erasures, companies, grants,
    consents, rights, ledger, model, keys, health,
)  # fmt: skip
_TAGS = [
    {"name": "scores", "description": "Ask for scores. 评分"},
    {"name": "decisions", "description": "Read recorded scores and make them again. 决策记录与重放"},
    {"name": "overrides", "description": "An analyst's result beside the model's, and who approved it. 人工调整"},
    {
        "name": "lending",
        "description": "Limits, loss and return of a venture loan; no advice. 授信测算",
    },
    {"name": "submissions", "description": "Give members' files. 数据报送"},
    {"name": "companies", "description": "Find companies. 企业查询"},
    {"name": "identity", "description": "Which companies are one. 企业身份识别"},
    {"name": "disputes", "description": "Object to what is claimed, and see what was ruled. 异议处理"},
    {"name": "erasures", "description": "Forget a company or a person. 删除权"},
    {"name": "members", "description": "How far members are to be believed. 成员可信度"},
    {"name": "grants", "description": "Who may use what, for which purpose. 授权与同意"},
    {"name": "ledger", "description": "Proofs of what was recorded. 存证账本"},
    {"name": "model", "description": "The model that scores. 模型"},
    {"name": "keys", "description": "By which callers are known. 访问密钥"},
    {"name": "operation", "description": "Health and metrics. 运维"},
]


def create_app(
    scorer: Scorer, policy: Policy | None = None, issuers: Issuers | None = None, ledger_key: LogKey | None = None,
    link: Path | None = None,
) -> FastAPI:  # fmt: skip
    """The API over a scorer, and those that succeed it. The store is closed when the app shuts down.

    Args:
        policy: what the alliance has agreed on; by default what the environment names.
        issuers: whose tokens are good, besides the store's own keys; by default what the environment names.
        ledger_key: what signs the ledger's heads; by default the one the environment names, made at first use.
        link: the link the champion's bundle was loaded by; when it is laid anew, the app goes on with that bundle.

    Raises:
        InvalidInput: the file of a policy, of the issuers or of the ledger's key cannot be used.
        TypeError: an endpoint declares no scope.
    """
    policy = policy or Policy.from_environment()
    issuers = issuers if issuers is not None else Issuers.from_environment()
    ledger_key = ledger_key or LogKey.at(Settings.from_environment().ledger_key)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(warm_up)
        await run_in_threadpool(scorer.bundle.explainer.warm_up)
        await run_in_threadpool(warm_up_advice, scorer.bundle)
        yield
        if scorer.shadow is not None:
            await run_in_threadpool(scorer.shadow.close)
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
    scorer.recorder = Recorder(scorer.store, notary)
    succession = Succession(scorer, link, failed=observation.not_loaded)
    if scorer.shadow is not None:
        scorer.shadow.told = observation.shadowed
    app.state.context = Context(
        succession, observation.metrics, policy, notary, OverridesPolicy.from_environment(),
        LendingPolicy.from_environment(),
    )  # fmt: skip
    for module in ROUTERS:
        app.include_router(module.router)
    list(endpoints(app.routes))  # raises if one declares no scope
    problems.install(app, observation)
    app.add_middleware(BodyLimit)
    app.add_middleware(Authentication, store=scorer.store, limits=policy.limits, issuers=issuers)
    app.add_middleware(Failures, answer=problems.unforeseen)
    app.add_middleware(observation.middleware)  # the outermost: it sees what the others refuse
    return app


def app_of(settings: Settings | None = None) -> FastAPI:
    """The API on the store and bundle of the settings, by default the environment's; for an ASGI server's factory.

    Raises:
        StoreError: the store cannot be opened.
        BundleError: the bundle cannot be loaded.
        InvalidInput: the ledger's key or the policy cannot be used.
    """
    settings = settings or Settings.from_environment()
    key = LogKey.at(settings.ledger_key)
    return create_app(scorer_of(settings), ledger_key=key, link=link_of(settings.bundle))
