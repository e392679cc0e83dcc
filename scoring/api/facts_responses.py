"""What callers get of facts, and of members' reliability."""

from datetime import date
from operator import attrgetter
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field

from alliance.corroboration import FactEvidence, Standing
from alliance.signals import signal_named
from scoring.api.responses import Company

Value = bool | int | float | date | str
Share = Annotated[float, Field(ge=0, le=1)]
Rung = Annotated[Literal["none", "score_only", "aggregate", "banded", "raw"], BeforeValidator(attrgetter("code"))]


class Said(BaseModel):
    """What one claim says of a field."""

    member: str = Field(description="Who says it; `a member` where that may not be seen.", examples=["investor-002"])
    value: Value | None = Field(description="What: the value, its band, or null where withheld.", examples=[4_960_064])
    event_at: date | None = Field(description="Of when it is true; null where withheld.")
    known_at: date | None = Field(description="Since when it is known; null where withheld.")
    submission_no: int | None = Field(description="The submission it came with; null where withheld.", examples=[12])
    row: int | None = Field(description="The row of the member's file, from 1; null where withheld.", examples=[7])
    weight: Share | None = Field(
        description="Its share of all the weight that spoke; 0 where it does not count, null where withheld."
    )
    standing: Standing = Field(description="How it stands to the field's value.")
    dispute: str = Field(
        description="Id of the dispute that is open about it or excluded it; empty for none.",
        examples=["dis_0123456789ab"],
    )
    rung: Rung = Field(description="How much of the value may be seen.", examples=["raw"])
    grants: list[str] = Field(description="The grants that allow that much.", examples=[["grant_0123456789ab"]])


class FactField(BaseModel):
    """A field of a fact."""

    field: str = Field(description="Its name.", examples=["cash"])
    zh: str = Field(description="In Chinese words.", examples=["现金及等价物"])
    en: str = Field(description="In English words.", examples=["cash and equivalents"])
    unit: str = Field(description="Unit of the value; empty for none.", examples=["CNY"])
    value: Value | None = Field(
        description="What the alliance holds true, or its band; null where it is contested or withheld."
    )
    agreement: Share | None = Field(description="Share of the weight that agrees; null where nobody checks it.")
    contested: bool | None = Field(
        description="Whether members contradict each other without a majority; null where the value is withheld."
    )
    said: list[Said] = Field(description="Every claim that fills it, the weightiest first.")
    rung: Rung = Field(description="How much of the value may be seen: as much as of each claim that counts.")
    grants: list[str] = Field(description="The grants that allow that much, and no more.")


class Fact(BaseModel):
    """A fact with who says what of it."""

    signal: str = Field(description="Its signal.", examples=["cash_position"])
    key: str = Field(
        description="Which fact of the signal; empty where there is one, or where it is withheld.", examples=["2024-Q2"]
    )
    zh: str = Field(description="The signal in Chinese words.", examples=["现金状况"])
    en: str = Field(description="The signal in English words.", examples=["cash position"])
    event_at: date | None = Field(description="Of when it is true; null where withheld.")
    known_at: date | None = Field(description="The day the last of its claims was known; null where withheld.")
    members: int = Field(description="Independent members that claim it.", examples=[2])
    agreement: Share | None = Field(description="Mean agreement over the fields that two members fill, null if none.")
    fields: list[FactField]

    @classmethod
    def of(cls, fact: FactEvidence) -> Self:
        signal = signal_named(fact.signal)
        worded = [
            vars(one) | {name: getattr(signal.field(one.field), name) for name in ("zh", "en", "unit")}
            for one in fact.fields
        ]
        return cls.model_validate(
            vars(fact) | {"zh": signal.zh, "en": signal.en, "fields": worded}, from_attributes=True
        )


class Facts(BaseModel):
    """What the alliance holds true of a company as of a day."""

    company: Company
    as_of: date
    data_watermark: int = Field(description="Number of the last entry seen.")
    facts: list[Fact] = Field(description="By signal, then by day; those of the company's sector are among them.")


class MemberReliability(BaseModel):
    """How far a member is to be believed on a signal."""

    member: str = Field(examples=["investor-002"])
    signal: str = Field(examples=["funding_round"])
    reliability: Share = Field(description="Chance that a value it claims holds.", examples=[0.97])
    low: Share = Field(description="Lower end of the interval that holds it in nine of ten cases.")
    high: Share = Field(description="Upper end.")
    checked: int = Field(description="Values that another independent member claims, too.", examples=[310])
    spread: float = Field(description="Typical distance from the truth, in tolerances.", examples=[0.3])
    copies: str | None = Field(description="The member whose claims it repeats; null where none.", examples=[None])


class Reliabilities(BaseModel):
    """The members' table, as it had been learned by a day."""

    learned_as_of: date | None = Field(description="The day it was learned as of; null where nothing was by then.")
    members: list[MemberReliability] = Field(description="By reliability, the lowest first.")
