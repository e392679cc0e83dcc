"""What callers get of disputes."""

from datetime import date
from typing import Self

from pydantic import BaseModel, Field

from alliance import disputes
from alliance.store import disputes as kept
from scoring.api.identity_responses import Touched
from scoring.api.responses import Moment


class Ruling(BaseModel):
    """What was decided of a dispute."""

    no: int = Field(description="The entry.", examples=[44])
    made_at: Moment = Field(description="When, UTC. What is excluded leaves the facts as of this day and later.")
    author: str = Field(description="By whom.", examples=["arbiter"])
    excluded: bool = Field(description="Whether what is disputed counts no more; else it is kept.")
    reason: str = Field(description="Why.", examples=["The statement says so."])


class Dispute(BaseModel):
    """A word against a claim, or against all claims of a fact that were made before it."""

    dispute_id: str = Field(description="Its id.", examples=["dis_0123456789ab"])
    no: int = Field(description="The entry.", examples=[43])
    raised_at: Moment = Field(description="When, UTC.")
    raised_by: str = Field(description="By which member.", examples=["spd-bank"])
    on_behalf_of: kept.Party = Field(description="For whom it speaks.")
    company_id: str = Field(description="Whom it is about.", examples=["co_da503886f9bfac86"])
    signal: str = Field(description="The record type.", examples=["cash_position"])
    key: str = Field(description="Which of the company's facts of it.", examples=["2026-Q1"])
    field: str | None = Field(description="What of it is said to be wrong; null for all.", examples=["cash"])
    submission_no: int | None = Field(description="Submission of the one claim; null for the whole fact.")
    row: int | None = Field(description="Row of the one claim; null for the whole fact.")
    member: str | None = Field(description="Whose claim it is; null for the whole fact.", examples=["investor-002"])
    evidence: str = Field(description="What speaks against it.", examples=["Bank statement of 31 March, page 2."])
    due_on: date = Field(description="The last day, UTC, it is to be decided on.")
    overdue: bool = Field(description="Whether it should have been decided by now.")
    ruling: Ruling | None = Field(description="What was decided; null while it is open.")

    @classmethod
    def of(cls, dispute: kept.Dispute, today: date) -> Self:
        return cls.model_validate(vars(dispute) | {"overdue": dispute.overdue(today)}, from_attributes=True)


class Disputes(BaseModel):
    """Disputes that were asked for."""

    disputes: list[Dispute] = Field(description="Oldest first.")
    found: int = Field(description="How many there are, given here or not.", examples=[3])


class Outcome(BaseModel):
    """A dispute as it stands, and the scores its ruling touches."""

    dispute: Dispute
    touched: list[Touched] = Field(
        description="Scores made before the ruling from what it excluded, oldest first; none while it is open, or if"
        " it was kept."
    )

    @classmethod
    def of(cls, outcome: disputes.Outcome, today: date) -> Self:
        touched = [Touched.model_validate(one, from_attributes=True) for one in outcome.touched]
        return cls(dispute=Dispute.of(outcome.dispute, today), touched=touched)
