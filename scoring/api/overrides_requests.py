"""What callers send about overrides."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from scoring.api.requests import Reason, Text
from scoring.model.certainty import Advice
from scoring.model.scale import GRADES
from scoring.overrides import Wish
from scoring.overrides.policy import MOST_EXPOSURE

MOST_WORDS = 4_000
"""Characters of an explanation: a page."""

_LINES = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"

Words = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=MOST_WORDS, pattern=_LINES)],
    StringConstraints(pattern=r"\S"),
]


class OverrideBody(BaseModel):
    """What an analyst puts beside a decision's result: another outcome, another grade, or both."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "outcome": "approve", "reason_code": "round_committed", "exposure": 3_000_000,
                    "text": "Signed term sheet of the lead investor, seen on 12 June.",
                }
            ]
        },
    )  # fmt: skip

    outcome: Advice | None = Field(default=None, description="The analyst's outcome; the model's when left out.")
    grade: Annotated[str, Field(json_schema_extra={"enum": list(GRADES)})] | None = Field(
        default=None, description="The analyst's grade on the master scale; the model's when left out.", examples=["BB"]
    )
    reason_code: Text = Field(description="A code of the policy's closed list.", examples=["round_committed"])
    text: Words = Field(description="Why, in words; kept until the company is erased.")
    exposure: Annotated[int, Field(strict=True, ge=0, le=MOST_EXPOSURE)] | None = Field(
        default=None,
        description="Whole yuan it is about. An upgrade without it needs a second person.",
        examples=[3_000_000],
    )

    def wish(self, person: str) -> Wish:
        """The wish this is, by a person."""
        return Wish(**self.model_dump(), person=person)


class OverrideRulingBody(BaseModel):
    """What a second person rules of an override."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"approved": True, "reason": "Seen the term sheet."}]}
    )

    approved: bool = Field(strict=True, description="Whether the override holds from now on; else it never does.")
    reason: Reason
