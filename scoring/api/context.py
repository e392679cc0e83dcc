"""What every route needs of its app."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from scoring.api.metrics import Metrics
from scoring.decide import Scorer


@dataclass(frozen=True)
class Context:
    """The one scorer and the metrics of an app."""

    scorer: Scorer
    metrics: Metrics


async def context_of(request: Request) -> Context:
    context = request.app.state.context
    assert isinstance(context, Context)
    return context


InContext = Annotated[Context, Depends(context_of)]
