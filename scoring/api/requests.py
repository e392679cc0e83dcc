"""What callers send. Unknown names are refused, so that a misspelt one is not taken for silence."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from alliance.inline import MOST_RECORDS
from alliance.policy import shipped_rules
from alliance.signals import SIGNALS, Subject
from scoring.api.limits import MOST_SCORES
from scoring.decide import ScoreRequest
from scoring.ready import ReadyRequest

_SIGNALS = [signal.name for signal in SIGNALS if signal.subject is Subject.COMPANY]
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
_INT64 = 2**63
_RFC_3339 = r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})"


def _day(value: object) -> object:
    """Only text is a day; a number would be taken for seconds since 1970."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("a day is written YYYY-MM-DD")
    return value


def _moment(value: object) -> object:
    """Only text with a zone is a moment; a number would be taken for seconds since 1970."""
    if not isinstance(value, str) or not re.fullmatch(_RFC_3339, value, re.ASCII):
        raise ValueError("a moment is written YYYY-MM-DDThh:mm:ss with Z or an offset such as +08:00")
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("the moment is before all time, or after") from None


def _about_a_company(name: str) -> str:
    if name not in _SIGNALS:
        raise ValueError(f"use one of {', '.join(_SIGNALS)}")
    return name


Text = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_PRINTABLE)]
"""A short text without control characters, which neither store keeps."""

FeatureName = Annotated[str, StringConstraints(max_length=200)]
"""A name that may be a feature's."""

SignalName = Annotated[
    str,
    AfterValidator(_about_a_company),
    Field(description="The record type.", examples=["headcount"], json_schema_extra={"enum": list(_SIGNALS)}),
]
"""A signal about companies."""

Day = Annotated[date, BeforeValidator(_day)]

Instant = Annotated[datetime, BeforeValidator(_moment), AfterValidator(_in_utc)]

Value = (
    Annotated[bool, Field(strict=True)]
    | Annotated[int, Field(strict=True, ge=-_INT64, lt=_INT64)]
    | Annotated[float, Field(strict=True, allow_inf_nan=False)]
    | Annotated[str, StringConstraints(max_length=2_000, pattern=_PRINTABLE)]
    | None
)
"""A field's value, as the signal's JSON Schema has it."""

Reason = Annotated[
    Text, StringConstraints(pattern=r"\S"), Field(description="Why; kept for ever.", examples=["Same address."])
]

DecisionId = Annotated[Text, Path(description="Id of a decision.", examples=["dec_0123456789abcdef01234567"])]
OverrideId = Annotated[Text, Path(description="Id of an override.", examples=["ovr_0123456789ab"])]
CaseId = Annotated[Text, Path(description="Id of a case.", examples=["case_0123456789ab"])]
KeyPrefix = Annotated[Text, Path(description="What a key is called.", examples=["3f9a0c51d2e7"])]
GrantId = Annotated[Text, Path(description="Id of a grant.", examples=["grant_0123456789ab"])]
ConsentId = Annotated[Text, Path(description="Id of a consent.", examples=["consent_0123456789ab"])]
DisputeId = Annotated[Text, Path(description="Id of a dispute.", examples=["dis_0123456789ab"])]
SubmissionId = Annotated[Text, Path(description="Id of a submission.", examples=["sub_0123456789abcdef"])]
CompanyReference = Annotated[
    Text,
    Path(description="Company id, registration number, or namespace:id.", examples=["91310000000000007M"]),
]


class InlineRecord(BaseModel):
    """One record of the applicant, used for this score alone; checked as a member's file is."""

    model_config = ConfigDict(extra="forbid")

    signal: SignalName
    fields: dict[Text, Value] = Field(
        description="Values by field name; `alliance signals --json-schema NAME` prints the fields of a record type.",
        examples=[{"observed_on": "2026-05-31", "employees": 48}],
    )


class ScoreBody(BaseModel):
    """A request for one score."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"company": "91310000000000007M", "as_of": "2026-06-30", "purpose": "loan_origination"},
                {
                    "company": "91310000000000007M",
                    "records": [
                        {"signal": "headcount", "fields": {"observed_on": "2026-05-31", "employees": 48}},
                    ],
                },
            ]
        },
    )

    company: Text = Field(
        description="Company id, registration number (unified social credit code), or `namespace:id`, a member's own."
    )
    as_of: Day | None = Field(
        default=None,
        description="The day whose knowledge is used; not in the future. Today, UTC, when left out.",
    )
    purpose: Text = Field(
        default="loan_origination",
        description=f"What the score is for: one of {', '.join(shipped_rules().purposes)}.",
        examples=["loan_origination"],
    )
    outcome: Text | None = Field(default=None, description="The outcome to foresee; the model's own when left out.")
    records: list[InlineRecord] = Field(
        default=[],
        max_length=MOST_RECORDS,
        description="Records of the applicant for this score alone; nothing of them joins the alliance's data. With"
        " them a company the alliance does not know can be scored by its registration number.",
    )

    def asked(self, member: str, today: date) -> ScoreRequest:
        """The request this is, by a member on a day."""
        records: list[dict[str, Any]] = [record.model_dump() for record in self.records]
        return ScoreRequest(
            company=self.company,
            as_of=self.as_of or today,
            member=member,
            purpose=self.purpose,
            outcome=self.outcome,
            records=records,
        )


class ReadyBody(BaseModel):
    """A request for one score by features the caller keeps itself."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "company": "91310000000000007M",
                    "as_of": "2026-06-30",
                    "features": {"cash_runway": 4.5, "round_count": 2, "patents_in_force": None},
                }
            ]
        },
    )

    company: Text = Field(
        description="Company id, registration number (unified social credit code), or `namespace:id`, a member's own."
        " The alliance need not know a registration number."
    )
    as_of: Day | None = Field(
        default=None, description="The day the features are of; not in the future. Today, UTC, when left out."
    )
    purpose: Text = Field(
        default="loan_origination",
        description=f"What the score is for: one of {', '.join(shipped_rules().purposes)}.",
        examples=["loan_origination"],
    )
    outcome: Text | None = Field(default=None, description="The outcome to foresee; the model's own when left out.")
    features: dict[FeatureName, Annotated[float, Field(strict=True, allow_inf_nan=False)] | None] = Field(
        description="Every feature of the model by name, in its unit, null where it is not known;"
        " `GET /v1/model` lists them.",
    )

    def asked(self, member: str, today: date) -> ReadyRequest:
        """The request this is, by a member on a day."""
        return ReadyRequest(
            company=self.company, as_of=self.as_of or today, member=member, purpose=self.purpose, outcome=self.outcome,
            features=self.features,
        )  # fmt: skip


class ScoresBody(BaseModel):
    """Requests for many scores."""

    model_config = ConfigDict(extra="forbid")

    requests: list[ScoreBody] = Field(
        min_length=1, max_length=MOST_SCORES, description=f"Up to {MOST_SCORES:,} requests."
    )


class VerdictBody(BaseModel):
    """What a person decides of a case."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"same": True, "reason": "Same address and founder."}]}
    )

    same: bool = Field(strict=True, description="Whether the two are one company.")
    reason: Reason


class MergeBody(BaseModel):
    """That a company is another one."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"company": "spd-bank:c1", "into": "91310000000000007M", "reason": "The bank sent us the licence."}
            ]
        },
    )

    company: Text = Field(description="Company id, registration number, or `namespace:id`.")
    into: Text = Field(description="The company it is, named likewise.")
    reason: Reason
    despite_numbers: bool = Field(
        default=False, strict=True, description="Whether the two may have different registration numbers."
    )


class SplitBody(BaseModel):
    """That an id is a company of its own again."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"company_id": "co_5f0c6e1d2b3a4987", "reason": "Two firms of one founder."}]},
    )

    company_id: Text = Field(description="The id, or a number or member's own id that was met under it.")
    reason: Reason
