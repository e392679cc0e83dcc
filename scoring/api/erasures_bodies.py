"""What callers send and get of erasures."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from alliance.erasure import Company, Person, Subject
from alliance.errors import InvalidInput
from alliance.ledger import LedgerReceipt
from alliance.store import erasures
from scoring.api.ledger_responses import LedgerProof
from scoring.api.requests import Text
from scoring.api.responses import Moment


class ErasureBody(BaseModel):
    """Who is to be forgotten, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"company": "91310000000000007M", "reason": "It asked for it.", "basis": "Its contract, 9.2"}]
        },
    )

    company: Text | None = Field(default=None, description="The company: its id, number, or `namespace:id`.")
    person: Text | None = Field(default=None, description="Instead: the person's pseudonym (`person_role.person_key`).")
    reason: Text = Field(description="Why. Kept for ever, so it names nobody.", examples=["The person asked for it."])
    basis: Text = Field(description="The law or rule it rests on. Kept for ever.", examples=["PIPL, Art. 47"])

    def subject(self) -> Subject:
        """Who is meant; ``InvalidInput`` unless it is one."""
        if self.company is not None and self.person is None:
            return Company(self.company)
        if self.person is not None and self.company is None:
            return Person(self.person)
        raise InvalidInput("It is not told who is to be erased.", remedy="Name a company or a person.", field="company")


class Erasure(BaseModel):
    """The receipt: what was erased, never what it said."""

    entry: int | None = Field(description="Number of its entry; null where nothing was held.", examples=[1_069])
    made_at: Moment | None = Field(description="When, UTC.")
    counts: dict[str, int] = Field(description="What was erased, and how many.", examples=[{"records of headcount": 4}])
    ledger: LedgerProof | None = Field(description="The proof that it is recorded.")

    @classmethod
    def of(cls, made: erasures.Erasure, proof: LedgerReceipt) -> Self:
        return cls(entry=made.no, made_at=made.made_at, counts=dict(made.counts), ledger=LedgerProof.of(proof))
