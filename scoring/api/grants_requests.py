"""What callers send about grants and consents."""

from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from alliance.rights import Consent, Grant, Receiver, ReceiverKind
from alliance.rights.grant import EVERYTHING
from alliance.rights.odrl import document_of
from scoring.api.disputes_requests import Evidence
from scoring.api.requests import Instant, Reason, Text

EXAMPLE = document_of([
    Grant(
        giver="spd-bank", receiver=Receiver(ReceiverKind.ROLE, "bank"), fields=("facility",),
        purposes=("loan_origination",),
    )
])  # fmt: skip

_NAMES = Field(min_length=1, max_length=100)


def canonical(document: dict[str, Any]) -> bytes:
    """A document as bytes: the same for the same terms in any order. Its texts have been checked."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


class EndBody(BaseModel):
    """That a grant or a consent ends."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "We leave the alliance."}]})

    reason: Reason


class ConsentBody(BaseModel):
    """A company's consent, as the caller's member obtained it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "company": "91310000000000007M", "evidence": "Signed form 7, kept at our Suzhou branch.",
                    "signals": ["cash_position"], "purposes": ["loan_origination"],
                }
            ]
        },
    )  # fmt: skip

    company: Text = Field(description="Company id, registration number, or `namespace:id`.")
    evidence: Evidence = Field(description="How it was given; kept for ever.")
    signals: Annotated[list[Text], _NAMES] = Field(default=[EVERYTHING], description="To what; `*` for all.")
    purposes: Annotated[list[Text], _NAMES] = Field(default=[EVERYTHING], description="What for; `*` for all.")
    document_sha256: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")] = Field(
        default="", description="SHA-256 of the document that shows it, which itself is not sent."
    )
    valid_from: Instant | None = Field(default=None, description="From when on; at once when left out.")
    valid_until: Instant | None = Field(default=None, description="Until when, exclusive; without end when left out.")

    def consent(self, company_id: str) -> Consent:
        """The consent this is, of a company."""
        given = self.model_dump(exclude={"company", "signals", "purposes"})
        return Consent(company_id=company_id, signals=tuple(self.signals), purposes=tuple(self.purposes), **given)
