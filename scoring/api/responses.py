"""What callers get. Numbers are unrounded: each float is written so that it reads back to the same bits."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, Field

from alliance import store
from alliance.ledger import LedgerReceipt
from alliance.signals import PILLAR_NAMES, Pillar
from scoring.api.ledger_responses import LedgerProof
from scoring.api.problems import Problem
from scoring.replayed import Replay as MadeAgain


def _utc(moment: datetime) -> datetime:
    """SQLite gives back moments without their zone, PostgreSQL in the session's."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_utc)]


class Company(BaseModel):
    """A company as the alliance knows it."""

    company_id: str = Field(description="The alliance's own id.", examples=["co_da503886f9bfac86"])
    names: list[str] = Field(description="What it is called, oldest first.", examples=[["星辰科技", "Star Ltd"]])
    identifiers: dict[str, str] = Field(
        description="Numbers it goes by: `registration`, and each member's own namespace.",
        examples=[{"registration": "91310000000000007M"}],
    )
    merged: list[str] = Field(
        default=[], description="Other ids that mean it; they stay valid.", examples=[["co_5f0c6e1d2b3a4987"]]
    )

    @classmethod
    def of(cls, entry: store.CompanyEntry) -> Self:
        return cls.model_validate(entry, from_attributes=True)


class Companies(BaseModel):
    """Companies a search found."""

    companies: list[Company]


class Reason(BaseModel):
    """Why a score is what it is: features that speak of the same thing, and what they did."""

    feature: str = Field(
        description="Name of the feature; empty where only pillar and direction may be told.", examples=["cash_runway"]
    )
    pillar: Pillar = Field(description="Pillar it belongs to.")
    value: float | None = Field(
        description="Its value in its unit; null when unknown, or not to be told.", examples=[4.5]
    )
    points: float = Field(description="Points its group won, or lost when negative.", examples=[-12.5])
    zh: str = Field(description="In Chinese words.", examples=["现金可支撑月数：4.5 个月"])
    en: str = Field(description="In English words.", examples=["Months of cash left: 4.5 months"])
    disclosure: str = Field(
        description="How much of the value is told: `raw`, `banded`, `aggregate` or `score_only`.", examples=["raw"]
    )
    group: str = Field(
        default="", description="The group of features it is of; empty for one that stands alone.", examples=["cash"]
    )
    also: list[str] = Field(
        default=[], description="Further features of the group it names.", examples=[["cash_balance"]]
    )


class PillarShare(BaseModel):
    """What one pillar did to a score."""

    pillar: Pillar
    zh: str = Field(description="Its Chinese name.", examples=["创投进展"])
    en: str = Field(description="Its English name.", examples=["venture progress"])
    log_odds: float = Field(description="Its part of the log-odds of default; positive raises the risk.")
    odds_multiplier: float = Field(description="exp(log_odds), by which it multiplies the odds of default.")
    points: float = Field(description="Points won, or lost when negative.")
    coverage: float = Field(description="Share of the pillar's features that are known, 0 to 1.")


class ContestedFact(BaseModel):
    """A fact on which members contradict each other; what they contest was used as unknown."""

    signal: str = Field(description="Signal of the fact.", examples=["cash_position"])
    key: str = Field(description="Which of the company's facts of it.", examples=["2026-Q1"])
    fields: list[str] = Field(description="What is contested.", examples=[["cash"]])
    zh: str = Field(
        description="In Chinese words.", examples=["现金状况（2026-Q1）：现金余额，各成员说法不一，按未知处理"]
    )
    en: str = Field(
        description="In English words.",
        examples=["Cash position (2026-Q1): cash; members contradict each other, used as unknown"],
    )


class Withheld(BaseModel):
    """Values a score rests on that its receiver may not see as they are."""

    signal: str = Field(description="Signal of the values.", examples=["cash_position"])
    fields: list[str] = Field(description="Which values.", examples=[["cash"]])
    disclosure: str = Field(
        description="How much of them may be seen: `banded`, `aggregate` or `score_only`.", examples=["score_only"]
    )
    grants: list[str] = Field(description="The grants that let the score use them.")
    zh: str = Field(description="In Chinese words.", examples=["现金状况（现金余额）：仅用于评分"])
    en: str = Field(description="In English words.", examples=["Cash position (cash and equivalents): for scores only"])


class Score(BaseModel):
    """A credit score and all it rests on. Base and pillars add up, in log-odds and in points."""

    company_id: str
    as_of: date = Field(description="The day whose knowledge was used.")
    outcome: str = Field(description="What is foreseen.", examples=["default"])
    horizon_months: int = Field(description="Within how many months of `as_of`.", examples=[12])
    pd: float = Field(description="Probability of the outcome, 0 to 1.", examples=[0.0312])
    log_odds: float = Field(description="Log-odds of the outcome.")
    base_log_odds: float = Field(description="Where the log-odds start, before anything is known of the company.")
    points: float = Field(description="Points on the score scale, unrounded; more is safer.", examples=[586.2])
    base_points: float = Field(description="Where the points start.")
    grade: str = Field(description="Grade on the master scale, AAA to C.", examples=["BB"])
    pillars: list[PillarShare] = Field(description="What each pillar did.")
    raises: list[Reason] = Field(description="What raises the risk most, worst first; at most four.")
    lowers: list[Reason] = Field(description="What lowers it most, best first; at most four.")
    coverage: float = Field(description="Share of all features that are known, 0 to 1.")
    contested: list[ContestedFact] = Field(
        description="Facts of the company or its sector that members contest, and that were therefore not used whole."
    )
    withheld: list[Withheld] = Field(
        description="Values the score rests on that the receiver may not see as they are, and the grants that say so."
    )
    model_version: str = Field(description="SHA-256 of the model bundle.")
    data_watermark: int = Field(description="Number of the last submission seen.")
    pd_low: float | None = Field(
        default=None, description="Low end of the PD's interval; null where the model tells none.", examples=[0.021]
    )
    pd_high: float | None = Field(default=None, description="High end of the PD's interval.", examples=[0.044])
    unlike: bool | None = Field(
        default=None, description="Whether the company is unlike those the model learned from; null as above."
    )
    out_of_place: int | None = Field(
        default=None,
        description="Features out of the range of those companies, or unknown though always known of them.",
    )
    advice: str | None = Field(
        default=None,
        description="`approve`, `refer` or `decline`, by PD and likeness; people decide. Null as above.",
        examples=["refer"],
    )

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """From ``scoring.result.Score.as_dict``."""
        return cls.model_validate({**plain, "pillars": [_named(share) for share in plain["pillars"]]})


def _named(share: Mapping[str, Any]) -> dict[str, Any]:
    zh, en = PILLAR_NAMES[Pillar(share["pillar"])]
    return {**share, "zh": zh, "en": en}


class Decision(BaseModel):
    """A recorded score: who asked for what, from which data, by which model, with which result."""

    decision_id: str = Field(description="Its id, by which it can be read and replayed.")
    decided_at: Moment = Field(description="When, UTC.")
    member: str = Field(description="Who asked.", examples=["spd-bank"])
    purpose: str = Field(description="For what.", examples=["loan_origination"])
    grants: list[str] = Field(description="The grants relied on.", examples=[["grant_0123456789ab"]])
    revoked: list[str] = Field(description="Those of them that have been revoked since; the score stays as it was.")
    company: Company = Field(description="Who was scored; without names when only the request knew it.")
    score: Score
    inline_records: list[dict[str, Any]] = Field(description="Records given with the request, used for it alone.")
    features: dict[str, float | None] | None = Field(
        default=None,
        description="The features given with the request, if the score rests on these alone.",
    )
    ledger: LedgerProof = Field(description="The proof that it is recorded.")

    @classmethod
    def of(
        cls, made: store.Decision, entry: store.CompanyEntry, proof: LedgerReceipt, revoked: Collection[str]
    ) -> Self:
        return cls(
            decision_id=made.decision_id,
            decided_at=made.decided_at,
            member=made.member,
            purpose=made.purpose,
            grants=list(made.grants),
            revoked=[grant for grant in made.grants if grant in revoked],
            company=Company.of(entry),
            score=Score.of(made.result),
            inline_records=list(made.inline_records),
            features=None if made.features is None else dict(made.features),
            ledger=LedgerProof.of(proof),
        )


class ScoresItem(BaseModel):
    """The answer to one of many requests: a decision, or the problem that stood in its way."""

    decision: Decision | None = None
    problem: Problem | None = None


class Scores(BaseModel):
    """Answers in the order of the requests."""

    results: list[ScoresItem]
    scored: int = Field(description="How many are decisions.")
    refused: int = Field(description="How many are problems.")


class Change(BaseModel):
    """A part of a score that a replay found different."""

    then: Any = Field(description="As recorded.")
    now: Any = Field(description="As computed again.")


class Replay(BaseModel):
    """A decision made again, from what was known then, with the model loaded now."""

    decision_id: str
    same: bool = Field(description="Whether the score is the same to the last bit.")
    changed: dict[str, Change] = Field(description="What differs, by name of the score's part.")
    score: Score = Field(description="The score as computed again.")

    @classmethod
    def of(cls, made: MadeAgain) -> Self:
        return cls(
            decision_id=made.decision.decision_id,
            same=made.same,
            changed={name: Change(then=then, now=now) for name, (then, now) in made.changed.items()},
            score=Score.of(made.score.as_dict()),
        )


class Receipt(BaseModel):
    """What became of a submission; the same for the same bytes under the same contract."""

    submission_id: str
    no: int = Field(description="Place in the order of submissions; the watermark after it.")
    contract_id: str
    contract_version: str
    contract_sha256: str
    member: str = Field(description="Who gave it.")
    file_name: str
    sha256: str = Field(description="Digest of the file's bytes.")
    received_at: Moment = Field(description="When it was stored, UTC.")
    rows: int = Field(description="Rows read: accepted and quarantined.")
    accepted: int
    quarantined: int
    records: int = Field(description="Records the accepted rows became.")
    retry_of: str | None = Field(description="The submission whose quarantined rows were tried again, if it is one.")
    ledger: LedgerProof = Field(description="The proof that it is recorded.")

    @classmethod
    def of(cls, receipt: store.Receipt, proof: LedgerReceipt) -> Self:
        return cls.model_validate(vars(receipt) | {"ledger": LedgerProof.of(proof)})


class Fault(BaseModel):
    """Why a row was not accepted."""

    field: str = Field(description="The member's column.", examples=["员工人数"])
    rule: str = Field(description="The rule it broke.", examples=["integer"])
    remedy: str = Field(description="What to do.")
    value: str = Field(description="What stood there.")


class QuarantinedRow(BaseModel):
    """A row that was not accepted."""

    row: int = Field(description="Number of the data row in the file, from 1.")
    faults: list[Fault]


class Submission(BaseModel):
    """A receipt with the rows that were not accepted, page by page."""

    receipt: Receipt
    quarantine: list[QuarantinedRow] = Field(description="Quarantined rows of this page, by row.")
    limit: int
    offset: int


class Health(BaseModel):
    """The service's own state."""

    status: str = Field(examples=["ok"])


class Readiness(BaseModel):
    """What the service stands on."""

    status: str = Field(examples=["ready"])
    data_watermark: int = Field(description="Number of the last submission in the store.")
    model_version: str = Field(description="SHA-256 of the bundle loaded.")
