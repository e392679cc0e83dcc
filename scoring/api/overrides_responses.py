"""What callers get of overrides."""

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, Field

from alliance.store import overrides as kept
from scoring.api import responses
from scoring.api.responses import Moment
from scoring.overrides import OverridesPolicy


class OverrideRuling(BaseModel):
    """What a second person ruled."""

    no: int = Field(description="The entry.", examples=[46])
    made_at: Moment = Field(description="When, UTC.")
    person: str = Field(description="Who of the member ruled.", examples=["key:5d0c51d23f9a"])
    approved: bool = Field(description="Whether the override holds.")
    reason: str = Field(description="Why; empty once erased.", examples=["Seen the term sheet."])


class Overridden(BaseModel):
    """What an override says, and what the model says."""

    model_outcome: str = Field(description="The model's outcome: approve, refer or decline.", examples=["refer"])
    model_grade: str = Field(description="The model's grade.", examples=["B"])
    model_pd: float = Field(description="The model's PD.", examples=[0.061])
    outcome: str | None = Field(description="The analyst's outcome; null where the model's stands.")
    grade: str | None = Field(description="The analyst's grade; null where the model's stands.")
    direction: str = Field(description="upgrade or downgrade.", examples=["upgrade"])
    notches: int = Field(description="Grades between the two.")
    steps: int = Field(description="Outcomes between the two.")
    exposure: int | None = Field(description="Whole yuan it is about; null where it was not told.")
    reason_code: str = Field(description="Of the closed list.", examples=["round_committed"])
    zh: str = Field(description="The reason in Chinese.", examples=["新一轮融资已有书面承诺"])
    en: str = Field(description="The reason in English.", examples=["the next round is committed in writing"])
    text: str = Field(description="Why, in the analyst's words.")


class Override(BaseModel):
    """An analyst's result beside the model's."""

    override_id: str = Field(description="Its id.", examples=["ovr_0123456789ab"])
    no: int = Field(description="The entry.", examples=[45])
    made_at: Moment = Field(description="When, UTC.")
    member: str = Field(description="For which member.", examples=["spd-bank"])
    person: str = Field(description="Who of the member made it.", examples=["key:3f9a0c51d2e7"])
    decision_id: str = Field(description="The decision it stands beside.")
    second: bool = Field(description="Whether it holds only once a second person approves.")
    state: kept.State = Field(description="Whether it holds, waits for a second person, or was rejected.")
    said: Overridden | None = Field(description="What it says; null once that was erased.")
    ruling: OverrideRuling | None = Field(description="What a second person ruled; null until then, or if none must.")

    @classmethod
    def of(cls, made: kept.Override, policy: OverridesPolicy) -> Self:
        said = None
        if made.said is not None:
            listed = policy.reasons.get(made.said.reason_code)
            words = (listed.zh, listed.en) if listed else (made.said.reason_code,) * 2
            said = Overridden(**vars(made.said), zh=words[0], en=words[1])
        return cls.model_validate(vars(made) | {"state": made.state, "said": said}, from_attributes=True)


class Overrides(BaseModel):
    """Overrides that were asked for."""

    overrides: list[Override] = Field(description="Oldest first.")
    found: int = Field(description="How many there are, given here or not.", examples=[3])


class DecisionRead(responses.Decision):
    """A recorded score, and what analysts put beside it; the score itself is as the model made it."""

    overrides: list[Override] = Field(
        description="Oldest first; the last one in force is what the lender went by, none if the model's result stands."
    )

    @classmethod
    def with_overrides(
        cls, told: responses.Decision, made: Sequence[kept.Override], policy: OverridesPolicy
    ) -> "DecisionRead":
        parts = {name: getattr(told, name) for name in responses.Decision.model_fields}
        return cls(**parts, overrides=[Override.of(one, policy) for one in made])
