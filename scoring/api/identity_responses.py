"""What callers get of who is who."""

from collections.abc import Mapping
from datetime import date
from typing import Self

from pydantic import BaseModel, Field

from alliance import store
from alliance.identity import curate, explain
from alliance.store import cases
from scoring.api.responses import Company, Moment

_ID = "co_da503886f9bfac86"
_OTHER = "co_5f0c6e1d2b3a4987"
_CASE = "case_0123456789ab"


class Evidence(BaseModel):
    """One comparison of two companies."""

    comparison: str = Field(description="What is compared.", examples=["name"])
    level: str = Field(description="How it came out.", examples=["equal after normalising"])
    bits: float | None = Field(
        description="By how many doublings it speaks for one company, or against it when negative; null where it is no"
        " matter of likeness.",
        examples=[12.3],
    )


class Case(BaseModel):
    """Two companies that may be one, for a person to decide."""

    case_id: str = Field(description="Its id.", examples=[_CASE])
    no: int = Field(description="The entry that raised it.", examples=[41])
    company_id: str = Field(description="The first id, which would come to mean the second.", examples=[_OTHER])
    candidate_id: str = Field(description="The second id.", examples=[_ID])
    probability: float | None = Field(
        description="Chance that they are one, by likeness; null where a number speaks for it.", examples=[0.83]
    )
    evidence: list[Evidence] = Field(description="What speaks for and against it.")
    same: bool | None = Field(description="What was decided; null while it is open.", examples=[True])
    reason: str = Field(description="Why; empty while it is open.", examples=["Same address and founder."])

    @classmethod
    def of(cls, case: cases.Case) -> Self:
        return cls.model_validate(case, from_attributes=True)


class OpenCase(BaseModel):
    """A case with its two companies as they are called."""

    case: Case
    company: Company
    candidate: Company

    @classmethod
    def of(cls, case: cases.Case, called: Mapping[str, store.CompanyEntry]) -> Self:
        return cls(
            case=Case.of(case),
            company=Company.of(called[case.company_id]),
            candidate=Company.of(called[case.candidate_id]),
        )


class OpenCases(BaseModel):
    """Cases that wait for a person."""

    cases: list[OpenCase] = Field(description="The likeliest first; those a number speaks for before all.")
    open: int = Field(description="How many there are, given here or not.", examples=[17])


class Touched(BaseModel):
    """A recorded score that would be made from other records today; it stays as it is, and replays as it was made."""

    decision_id: str = Field(description="Its id.", examples=["dec_0123456789abcdef01234567"])
    decided_at: Moment = Field(description="When, UTC.")
    company_id: str = Field(description="Who was scored.", examples=[_ID])
    as_of: date = Field(description="The day whose knowledge was used.")
    member: str = Field(description="Who asked.", examples=["spd-bank"])
    purpose: str = Field(description="For what.", examples=["loan_origination"])


class Change(BaseModel):
    """An id that from an entry on means another company than before."""

    no: int = Field(description="The entry.", examples=[42])
    company_id: str = Field(description="The id.", examples=[_OTHER])
    company: str = Field(description="The company it means from here on; itself after a split.", examples=[_ID])
    touched: list[Touched] = Field(description="Scores made before of either company, oldest first.")

    @classmethod
    def of(cls, change: curate.Change) -> Self:
        return cls.model_validate(change, from_attributes=True)


class Verdict(BaseModel):
    """What was decided of a case."""

    case_id: str = Field(description="The case.", examples=[_CASE])
    same: bool = Field(description="Whether the two are one company.", examples=[True])
    change: Change | None = Field(description="What follows; null where they are two.")


class Met(BaseModel):
    """An id and how it came to be known."""

    company_id: str = Field(description="The id.", examples=[_ID])
    identifiers: list[str] = Field(
        description="What it goes by; the first is what it was founded under.",
        examples=[["registration:91310000000000007M", "spd-bank:c1"]],
    )
    names: list[str] = Field(description="What it is called, oldest first.", examples=[["星辰科技"]])
    no: int = Field(description="The entry that brought it.", examples=[3])
    submission_id: str = Field(description="The submission that brought it.", examples=["sub_0123456789abcdef"])
    member: str = Field(description="Who gave that.", examples=["spd-bank"])
    received_at: Moment = Field(description="When that was received, UTC.")


class Word(BaseModel):
    """What was said of an id."""

    no: int = Field(description="The entry.", examples=[42])
    made_at: Moment = Field(description="When, UTC.")
    author: str = Field(description="By whom.", examples=["spd-bank"])
    company_id: str = Field(description="The id.", examples=[_OTHER])
    into_id: str | None = Field(description="The company it means since; null where itself again.", examples=[_ID])
    reason: str = Field(description="Why.", examples=["Same address and founder."])
    evidence: list[Evidence] = Field(description="What spoke for it.")


class Explanation(BaseModel):
    """Why a company is who it is."""

    company_id: str = Field(description="The company.", examples=[_ID])
    watermark: int = Field(description="The last entry seen.", examples=[57])
    ids: list[Met] = Field(description="All ids that mean it, its own first.")
    words: list[Word] = Field(description="All that was said of these ids and of those that left them, oldest first.")
    cases: list[Case] = Field(description="The cases about these ids, oldest first.")

    @classmethod
    def of(cls, found: explain.Explanation) -> Self:
        return cls.model_validate(found, from_attributes=True)
