"""What callers get of grants and consents."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from alliance import grants, store
from alliance import rights as said
from alliance.promotions import what_follows
from scoring.api.responses import Moment


class Grant(BaseModel):
    """What a member lets others do with what it tells the alliance."""

    grant_id: str = Field(description="Its id.", examples=["grant_0123456789ab"])
    no: int = Field(description="The entry that gave it.", examples=[41])
    giver: str = Field(description="Whose data.", examples=["spd-bank"])
    receiver: str = Field(description="`member ID`, `role ROLE` or `all`.", examples=["role bank"])
    fields: list[str] = Field(description="`*`, `signal` or `signal.field`.", examples=[["facility"]])
    companies: list[str] | str = Field(description="`all`, `consented`, or company ids.", examples=["all"])
    purposes: list[str] = Field(description="What for.", examples=[["loan_origination"]])
    rights: list[said.Right] = Field(description="What may be done.")
    disclosure: str = Field(description="How much of the values may be seen.", examples=["score_only"])
    valid_from: Moment | None = Field(description="From when on.")
    valid_until: Moment | None = Field(description="Until when, exclusive.")
    jurisdiction: str = Field(description="Where it may be used; empty for where its giver is.")
    legal_basis: str = Field(description="What lets it leave the giver's jurisdiction.")
    price: str = Field(description="Reference of the price agreed on.")
    revoked_at: Moment | None = Field(description="When it was revoked.")
    in_force: bool = Field(description="Whether it allows anything now.")

    @classmethod
    def of(cls, one: said.Grant, now: datetime) -> Self:
        own = {"receiver": str(one.receiver), "disclosure": one.disclosure.code, "in_force": grants.in_force(one, now)}
        companies = one.companies.value if isinstance(one.companies, said.Scope) else list(one.companies)
        return cls.model_validate(vars(one) | own | {"companies": companies})


class Grants(BaseModel):
    """Grants that were asked for."""

    grants: list[Grant] = Field(description="Oldest first.")
    found: int = Field(description="How many there are, given here or not.", examples=[3])


class GrantsGiven(BaseModel):
    """Grants as entered."""

    entry: int = Field(description="The entry that gave them all.", examples=[41])
    grants: list[Grant]


class GrantInFull(BaseModel):
    """A grant, and the document that says it."""

    grant: Grant
    odrl: dict[str, Any] = Field(description="It as an ODRL agreement.")


class TouchedScore(BaseModel):
    """A recorded score that relied on a grant. Whose data it used knows of it; what was asked stays the asker's."""

    decision_id: str = Field(description="Its id.", examples=["dec_0123456789abcdef01234567"])
    decided_at: Moment = Field(description="When, UTC.")
    member: str = Field(description="Who asked.", examples=["spd-bank"])
    purpose: str = Field(description="For what.", examples=["loan_origination"])
    company_id: str | None = Field(description="Who was scored; null where the caller does not see the score.")


class TouchedModel(BaseModel):
    """A model that was made champion and was trained under a grant."""

    bundle_sha256: str = Field(description="Which; `model_version` of its scores.")
    version: str = Field(description="The label people use.", examples=["default-12m-2024-12-31"])
    outcome: str = Field(description="What it foresees.", examples=["default"])
    purpose: str = Field(description="For what its data were read.", examples=["model_training"])
    promoted_at: Moment = Field(description="When it became champion, UTC.")
    promoted_by: str = Field(description="By whom; who decides what follows.", examples=["alliance"])
    zh: str = Field(description="What follows, in Chinese words.")
    en: str = Field(description="What follows, in English words.")

    @classmethod
    def of(cls, model: store.Promotion, revoked: said.Grant) -> Self:
        follows = what_follows(model, revoked)
        own = {"promoted_by": model.author, "zh": follows.zh, "en": follows.en}
        return cls.model_validate(vars(model) | own)


class Revoked(BaseModel):
    """A grant as revoked, and what had relied on it."""

    grant: Grant
    scores: list[TouchedScore] = Field(description="Scores made before from what it allowed; they stay. Oldest first.")
    models: list[TouchedModel] = Field(description="Champions trained under it, oldest first.")

    @classmethod
    def of(cls, done: grants.Revoked, now: datetime, seen: Collection[str]) -> Self:
        """From what was revoked; ``seen`` are the ids of the decisions that the caller sees."""
        scores = [
            TouchedScore.model_validate(
                vars(made) | {"company_id": made.company_id if made.decision_id in seen else None}
            )
            for made in done.touched
        ]
        models = [TouchedModel.of(model, done.grant) for model in done.models]
        return cls(grant=Grant.of(done.grant, now), scores=scores, models=models)


class Consent(BaseModel):
    """A company's word that what members tell of it may be used."""

    consent_id: str = Field(description="Its id.", examples=["consent_0123456789ab"])
    no: int = Field(description="The entry that recorded it.", examples=[42])
    company_id: str = Field(description="Whose.", examples=["co_da503886f9bfac86"])
    signals: list[str] = Field(description="To what; `*` for all.", examples=[["cash_position"]])
    purposes: list[str] = Field(description="What for; `*` for all.", examples=[["loan_origination"]])
    evidence: str = Field(description="How it was given.")
    document_sha256: str = Field(description="Digest of the document that shows it; empty for none.")
    obtained_by: str = Field(description="Who obtained it.", examples=["spd-bank"])
    valid_from: Moment | None = Field(description="From when on.")
    valid_until: Moment | None = Field(description="Until when, exclusive.")
    withdrawn_at: Moment | None = Field(description="When it was withdrawn.")
    in_force: bool = Field(description="Whether it holds now.")

    @classmethod
    def of(cls, one: said.Consent, now: datetime) -> Self:
        return cls.model_validate(vars(one) | {"in_force": one.in_force(now)})


class Consents(BaseModel):
    """Consents that were asked for."""

    consents: list[Consent] = Field(description="Oldest first.")
    found: int = Field(description="How many there are, given here or not.", examples=[3])
