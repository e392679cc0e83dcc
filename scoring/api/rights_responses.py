"""What callers get of rights, and of figures told by them."""

from datetime import date

from pydantic import BaseModel, Field

from alliance.rights import Right


class Sentence(BaseModel):
    """One sentence, in both languages."""

    zh: str = Field(description="In Chinese.", examples=["本成员自己提供的数据：原值。"])
    en: str = Field(description="In English.", examples=["What it gave itself: as it is."])


class Rights(BaseModel):
    """What a member may read, and what it may not, in words."""

    member: str = Field(description="Who asks.", examples=["spd-bank"])
    purpose: str = Field(description="For what.", examples=["loan_origination"])
    right: Right = Field(description="By which right.")
    company_id: str | None = Field(description="Of which company; null for what holds of all alike.")
    grants: list[str] = Field(description="Grants that allow something; `own` for what the member gave itself.")
    sentences: list[Sentence] = Field(description="What is allowed and why, then what is not and why.")


class Aggregate(BaseModel):
    """Figures over a cohort of companies."""

    field: str = Field(description="Which number.", examples=["cash_position.cash"])
    zh: str = Field(description="Its Chinese name.", examples=["现金余额"])
    en: str = Field(description="Its English name.", examples=["cash and equivalents"])
    cohort: dict[str, str] = Field(description="What the companies have in common.", examples=[{"sector": "software"}])
    as_of: date = Field(description="The day whose knowledge was used.")
    companies: int = Field(description="How many contribute.", examples=[37])
    mean: float = Field(description="Mean of their values.")
    quartiles: list[str] = Field(description="Bands of lower quartile, median and upper quartile.")
