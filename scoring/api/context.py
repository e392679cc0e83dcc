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
from scoring.succession import Succession


@dataclass(frozen=True)
class Context:
    """The champions, the metrics, the policies and the notary of an app."""

    succession: Succession
    metrics: Metrics
    policy: Policy
    notary: Notary
    overrides: OverridesPolicy
    lending: LendingPolicy

    @property
    def scorer(self) -> Scorer:
        """The scorer of the champion of the moment; ask once for what is to be of one model."""
        return self.succession.scorer()


async def context_of(request: Request) -> Context:
    context = request.app.state.context
    assert isinstance(context, Context)
    return context


InContext = Annotated[Context, Depends(context_of)]
