"""What callers send and get of the lending aid. Yuan, shares and PDs are unrounded."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from scoring.features import feature_named
from scoring.lending import Terms, TermSheet
from scoring.lending.inputs import Span, Standing, Told
from scoring.lending.limits import Fit, Limit
from scoring.lending.policy import MOST_SCENARIOS, MOST_WINTER
from scoring.lending.term_sheet import LONGEST_TERM, MOST_AMOUNT, NO_ADVICE, Winter
from scoring.lending.words import RULE_NAMES, STANDING_NAMES
from scoring.model.certainty import Advice

Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]


class TermsBody(BaseModel):
    """A loan that is thought of: drawn in full, repaid at the end."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"amount": 5_000_000, "rate": 0.09, "term_months": 24, "warrant_coverage": 0.1}]
        },
    )

    amount: Annotated[int, Field(strict=True, gt=0, le=MOST_AMOUNT)] = Field(description="Whole yuan.")
    rate: Share = Field(description="Interest a year, as a share.", examples=[0.09])
    term_months: Annotated[int, Field(strict=True, gt=0, le=LONGEST_TERM)] = Field(description="Months.")
    lgd: Share | None = Field(default=None, description="Loss given default; the policy's when left out.")
    subordinated: bool = Field(default=False, strict=True, description="Whether other debts are paid before it.")
    fee: Share = Field(default=0.0, description="Paid once, as a share of the amount.")
    warrant_coverage: Share = Field(default=0.0, description="What warrants may buy, as a share of the amount.")
    winter_months: (
        Annotated[list[Annotated[int, Field(strict=True, ge=1, le=MOST_WINTER)]], Field(max_length=MOST_SCENARIOS)]
        | None
    ) = Field(default=None, description="Months without a next round to look at; the policy's when left out.")

    def terms(self) -> Terms:
        """The terms these are."""
        winters = tuple(self.winter_months) if self.winter_months else None
        return Terms(**self.model_dump() | {"winter_months": winters})


class Input(BaseModel):
    """A number that limits are made of, as far as the reader may know it."""

    feature: str = Field(description="Its feature.", examples=["round_last_amount"])
    zh: str = Field(description="In Chinese.", examples=["上一轮融资金额"])
    en: str = Field(description="In English.", examples=["amount of the last funding round"])
    standing: Standing = Field(description="Given, given as its band, withheld, or known to nobody.")
    standing_zh: str = Field(description="The same in Chinese.", examples=["未披露"])
    low: float | None = Field(description="At least this; null where withheld or unknown.")
    high: float | None = Field(description="At most this; the same as `low` where it is given.")
    grants: list[str] = Field(description="The grants that hold it back.")

    @classmethod
    def of(cls, told: Told) -> Self:
        feature = feature_named(told.feature)
        return cls(
            feature=told.feature, zh=feature.zh, en=feature.en, standing=told.standing,
            standing_zh=STANDING_NAMES[told.standing][0], grants=list(told.grants), **_ends(told.span),
        )  # fmt: skip


class LimitBy(BaseModel):
    """What a rule allows, in yuan."""

    rule: str = Field(description="`round_low`, `round_high`, `runway`, or `limit` for all together.")
    zh: str = Field(description="In Chinese.", examples=["综合额度"])
    en: str = Field(description="In English.", examples=["all together"])
    standing: Standing = Field(description="As of the least known of its inputs.")
    binds: bool = Field(description="Whether it limits anything; a company that burns no cash is not limited by it.")
    low: float | None = Field(description="At least this; null where it is not known or does not bind.")
    high: float | None = Field(description="At most this.")

    @classmethod
    def of(cls, limit: Limit) -> Self:
        zh, en = RULE_NAMES[limit.rule]
        return cls(rule=limit.rule, zh=zh, en=en, standing=limit.standing, binds=limit.binds, **_ends(limit.span))


class Returns(BaseModel):
    """Loss, capital and return; docs/lending.md has the formulas and their sources."""

    pd_year: float = Field(description="PD of a year, not below the policy's floor.")
    pd_term: float = Field(description="PD of the loan's term.")
    loss_year: float = Field(description="PD x LGD x EAD of a year, yuan.")
    loss_term: float = Field(description="The same of the term, yuan.")
    capital: float = Field(description="Capital by the Basel formula for corporates, yuan.")
    raroc: float | None = Field(description="Return on it a year, without warrants; null without capital.")
    raroc_warrants: float | None = Field(description="The same with warrants.")
    warrants: float = Field(description="Expected worth of the warrants over the term, yuan.")
    rate_wanted: float = Field(description="Interest rate a year that earns the policy's hurdle, without warrants.")


class AfterWinter(BaseModel):
    """The company after some months without a next round."""

    months: int = Field(description="How many.")
    pd: float | None = Field(description="PD then; null where cash or rounds are withheld.")
    grade: str = Field(description="Grade then.")
    runway: Input = Field(description="Months the cash still lasts then.")
    limits: list[LimitBy] = Field(description="Limits then.")
    fit: Fit = Field(description="How the amount stands to the limit then.")

    @classmethod
    def of(cls, made: Winter) -> Self:
        return cls(
            months=made.months, pd=made.pd, grade=made.grade, runway=Input.of(made.runway),
            limits=[LimitBy.of(one) for one in made.limits], fit=made.fit,
        )  # fmt: skip


class Sheet(BaseModel):
    """What a lender wants to know before a term sheet is written. It is no advice: people decide whether to lend."""

    notice_zh: str = Field(description="That it is no advice, in Chinese.", examples=[NO_ADVICE[0]])
    notice_en: str = Field(description="That it is no advice, in English.", examples=[NO_ADVICE[1]])
    decision_id: str = Field(description="The decision it starts from.")
    company_id: str = Field(description="Whom it is about.")
    pd: float = Field(description="The decision's PD.")
    horizon_months: int = Field(description="Of how many months.")
    grade: str = Field(description="The decision's grade.")
    advice: Advice = Field(description="What the lender's band suggests.")
    model_advice: Advice | None = Field(description="What the decision itself suggests, if it does.")
    lgd: float = Field(description="Loss given default used.")
    inputs: list[Input] = Field(description="What the limits are made of.")
    limits: list[LimitBy] = Field(description="By rule, then all together.")
    fit: Fit = Field(description="How the amount stands to the limit, as far as it is told.")
    months_added_low: float | None = Field(description="Months of burn the amount pays for, at least.")
    months_added_high: float | None = Field(description="And at most; null where that is not told.")
    returns: Returns
    returns_low: Returns | None = Field(description="The same at the low end of the PD's interval; null without one.")
    returns_high: Returns | None = Field(description="The same at the high end.")
    winters: list[AfterWinter] = Field(description="By length.")
    same_model: bool = Field(description="Whether the model that scored the winters is the decision's.")

    @classmethod
    def of(cls, made: TermSheet) -> Self:
        parts = {name: getattr(made, name) for name in cls.model_fields if hasattr(made, name)}
        lists = {
            "inputs": [Input.of(one) for one in made.inputs],
            "limits": [LimitBy.of(one) for one in made.limits],
            "winters": [AfterWinter.of(one) for one in made.winters],
        }
        added = {f"months_added_{end}": value for end, value in _ends(made.months_added).items()}
        words = dict(zip(("notice_zh", "notice_en"), NO_ADVICE, strict=True))
        return cls.model_validate({**parts, **lists, **added, **words}, from_attributes=True)


def _ends(span: Span | None) -> dict[str, float | None]:
    return {"low": None, "high": None} if span is None else {"low": span.low, "high": span.high}
