"""What every route needs of its app."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from alliance.notary import Notary
from alliance.policy import Policy
from scoring.api.metrics import Metrics
from scoring.decide import Scorer
from scoring.lending import LendingPolicy
from scoring.overrides import OverridesPolicy


@dataclass(frozen=True)
class Context:
    """The one scorer, the metrics, the policies and the notary of an app."""

    scorer: Scorer
    metrics: Metrics
    policy: Policy
    notary: Notary
    overrides: OverridesPolicy
    lending: LendingPolicy


async def context_of(request: Request) -> Context:
    context = request.app.state.context
    assert isinstance(context, Context)
    return context


InContext = Annotated[Context, Depends(context_of)]
