"""What the API answers about the model."""

from typing import Any, Self

from pydantic import BaseModel, Field

from alliance import store
from alliance.signals import Pillar
from scoring.api.responses import Moment


class Grade(BaseModel):
    """A grade of the master scale."""

    grade: str
    below_pd: float | None = Field(description="Its PDs are below this; null for the last, which has no limit.")


class ModelFeature(BaseModel):
    """One input of the model."""

    name: str
    pillar: Pillar
    zh: str
    en: str
    unit: str
    window: str = Field(description="The span of time looked at; empty for all that is known.")
    direction: str = Field(description="How risk must move as it rises: raises_risk, lowers_risk or free.")


class Gate(BaseModel):
    """What was asked of a model before it became champion, and what came of it."""

    gate: str = Field(description="Its name.", examples=["uplift"])
    says: str = Field(description="`pass`, `fail` or `not decided`.", examples=["pass"])
    found: str = Field(description="The figures, in a sentence.")


class Championship(BaseModel):
    """How a model became champion."""

    since: Moment = Field(description="When, UTC.")
    author: str = Field(description="By whom.")
    reason: str = Field(description="Why.")
    rollback: bool = Field(description="Whether it had been champion before, and its successor was taken back.")
    gates: list[Gate] = Field(description="What the gates said; none for the first champion, and after a roll-back.")
    despite: list[str] = Field(description="Gates it did not pass and was excepted from, for the reason given.")
    entry: int = Field(description="Number of the ledger's entry.")

    @classmethod
    def of(cls, made: store.Promotion) -> Self:
        gates = [Gate.model_validate(one, from_attributes=True) for one in made.gates]
        assert made.promoted_at is not None
        return cls(
            since=made.promoted_at, author=made.author, reason=made.reason, rollback=made.rollback, gates=gates,
            despite=list(made.despite), entry=made.no,
        )  # fmt: skip


class Challenger(BaseModel):
    """A model that scores beside the champion, unseen."""

    version: str = Field(description="The label people use.")
    sha256: str = Field(description="The bundle's identity.")


class Model(BaseModel):
    """The model that scores now."""

    version: str = Field(description="The label people use.")
    sha256: str = Field(description="The bundle's identity; `model_version` of its scores.")
    outcome: str
    horizon_months: int
    base_rate: float = Field(description="Share of the training sample with the outcome.")
    scale: dict[str, float] = Field(description="Points at base odds, points that double the odds, best grade's PD.")
    calibration: dict[str, float] = Field(description="Raw log-odds to log-odds: slope and intercept.")
    grades: list[Grade] = Field(description="The master scale, best first.")
    features: list[ModelFeature] = Field(description="The inputs, in the model's order.")
    training: dict[str, Any] = Field(description="Facts of the training.")
    champion: Championship | None = Field(
        description="How it became champion; null for a model the service was handed past the registry."
    )
    shadow: Challenger | None = Field(description="The challenger that scores beside it; null for none.")
