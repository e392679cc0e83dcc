"""What callers send about disputes."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from alliance.disputes import Objection
from alliance.store.disputes import Party
from scoring.api.requests import Reason, SignalName, Text

MOST_EVIDENCE = 10_000
"""Characters of evidence: a few pages; documents are cited, not sent."""

_PLACE = 2**31
_LINES = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"

Evidence = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=MOST_EVIDENCE, pattern=_LINES)],
    StringConstraints(pattern=r"\S"),
]
Place = Annotated[int, Field(strict=True, ge=1, lt=_PLACE)]


class ClaimPlace(BaseModel):
    """Where a claim stands."""

    model_config = ConfigDict(extra="forbid")

    submission_no: Place = Field(description="The submission it came with, as the facts have it.", examples=[12])
    row: Place = Field(description="The row of the member's file, from 1.", examples=[7])


class DisputeBody(BaseModel):
    """What is disputed, and on what evidence. With neither a claim nor a member named, the whole fact is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "company": "91310000000000007M", "signal": "cash_position", "key": "2026-Q1", "field": "cash",
                    "member": "investor-002", "evidence": "Bank statement of 31 March, page 2.",
                    "on_behalf_of": "company",
                }
            ]
        },
    )  # fmt: skip

    company: Text = Field(description="Company id, registration number, or `namespace:id`.")
    signal: SignalName
    key: Annotated[str, StringConstraints(max_length=1_000, pattern=_LINES)] | None = Field(
        default=None,
        description="Which of the company's facts of it, as its facts have it; not needed where there is one.",
        examples=["2026-Q1"],
    )
    field: Text | None = Field(default=None, description="What of it is wrong; all when left out.", examples=["cash"])
    claim: ClaimPlace | None = Field(default=None, description="The one claim meant.")
    member: Text | None = Field(default=None, description="The member whose latest claim of the fact is meant.")
    evidence: Evidence = Field(description="What speaks against it; kept for ever.")
    on_behalf_of: Party = Field(default=Party.MEMBER, description="For whom the member speaks.")

    def objection(self, author: str) -> Objection:
        """The objection this is, raised by a member."""
        return Objection(
            company=self.company,
            signal=self.signal,
            key=self.key,
            field=self.field,
            claim=(self.claim.submission_no, self.claim.row) if self.claim else None,
            member=self.member,
            evidence=self.evidence,
            author=author,
            on_behalf_of=self.on_behalf_of,
        )


class RulingBody(BaseModel):
    """What a person decides of a dispute."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"excluded": True, "reason": "The statement says so."}]}
    )

    excluded: bool = Field(strict=True, description="Whether what is disputed counts no more; else it is kept.")
    reason: Reason
