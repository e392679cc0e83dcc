"""What callers send and get of API keys."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from alliance.callers import Role, Scope
from alliance.callers.keys import DEFAULT_DAYS, LONGEST_DAYS, LONGEST_LABEL, ApiKey
from scoring.api.requests import Text
from scoring.api.responses import Moment


class KeyBody(BaseModel):
    """The key wanted."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"roles": ["analyst"], "label": "the lending portal"}]}
    )

    roles: frozenset[Role] = Field(min_length=1, description="What its caller is.")
    scopes: frozenset[Scope] | None = Field(
        default=None, min_length=1, description="What its caller may do at most; all that the roles may when left out."
    )
    member: Text | None = Field(default=None, description="Whom its caller acts for; the asking caller's by default.")
    company: Text | None = Field(
        default=None, description="For the role company: its id, registration number, or `namespace:id`."
    )
    label: Annotated[str, StringConstraints(max_length=LONGEST_LABEL, pattern=r"^[^\x00-\x1f\x7f]*$")] = Field(
        default="", description="What it is for."
    )
    days: int = Field(
        default=DEFAULT_DAYS, strict=True, ge=1, le=LONGEST_DAYS, description="Days until it ends by itself."
    )


class Key(BaseModel):
    """What is known of a key; never the key."""

    prefix: str = Field(description="What it is called.", examples=["3f9a0c51d2e7"])
    member: str = Field(description="Whom its caller acts for; of a company, the company's id.", examples=["spd-bank"])
    roles: list[Role] = Field(description="What its caller is.")
    scopes: list[Scope] | None = Field(description="What its caller may do at most; null for all that the roles may.")
    company: str | None = Field(description="The company its caller speaks for.")
    label: str = Field(description="What it is for.")
    made_at: Moment = Field(description="When it was made, UTC.")
    made_by: str = Field(description="By whom.")
    expires_at: Moment = Field(description="When it ends by itself, UTC.")
    ends_at: Moment | None = Field(description="When it was or will be ended before that, UTC.")
    replaces: str | None = Field(description="The key it was made to replace.")

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        scopes = None if key.scopes is None else sorted(key.scopes)
        return cls.model_validate({**vars(key), "roles": sorted(key.roles), "scopes": scopes})


class MadeKey(BaseModel):
    """A new key."""

    text: str = Field(description="The key itself, shown this once.")
    key: Key


class Keys(BaseModel):
    """Keys that were asked for."""

    keys: list[Key] = Field(description="Oldest first.")
