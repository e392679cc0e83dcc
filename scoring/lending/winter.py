"""A funding winter: no next round for some months, scored again by the one scoring function.

What a winter changes is recomputed from the facts: rounds age, talks between rounds grow old, and the cash is what the
burn leaves of it. All else stays as it is: no report is taken for old, and no market for worse.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from alliance.corroboration import Facts
from alliance.corroboration.facts import fact_schema
from alliance.errors import Refused
from alliance.rights import Held
from alliance.signals import Pillar, signal_named
from scoring.features import Feature, feature_frame, feature_named
from scoring.features.expressions import DAYS_TO_MONTHS
from scoring.features.sources import sources
from scoring.lending.inputs import BURN, INPUTS, ROUND_AGE, RUNWAY, Span, Standing, Told
from scoring.lending.policy import LendingPolicy
from scoring.model import Bundle
from scoring.months import months_after
from scoring.score import score

CHANGED = ("funding_round", "financing_event", "cash_position")
"""Signals whose facts a winter makes older."""

UNCHANGED = "cash_age"
"""How old the last report on cash is; in a winter reports go on."""


class FixedScenarios(Refused):
    """Where a value that a winter works on is withheld, its length is the policy's: many would close in on it."""

    code = "lending.scenarios"


@dataclass(frozen=True)
class Wintered:
    """A company after a winter.

    Attributes:
        months: its length.
        pd, grade: the score then; the PD is ``None`` where a value it works on may not be seen.
        values: of each of ``INPUTS`` then.
    """

    months: int
    pd: float | None
    grade: str
    values: Mapping[str, float | None]


def scenarios(asked: tuple[int, ...] | None, held: Mapping[str, Held], policy: LendingPolicy) -> tuple[int, ...]:
    """The lengths to look at: those asked for, or the policy's.

    Raises:
        FixedScenarios: others than the policy's are asked for, and a value that a winter works on is withheld.
    """
    if asked is None or set(asked) <= set(policy.winter_months):
        return asked or policy.winter_months
    if hides(held):
        raise FixedScenarios(
            "Cash or rounds of the company are withheld, so only the policy's winters can be looked at.",
            remedy=f"Ask for {', '.join(map(str, policy.winter_months))} months, or leave them out.",
            field="winter_months",
        )
    return asked


def hides(held: Mapping[str, Held]) -> bool:
    """Whether something is held back that a winter works on."""
    return any(name.partition(".")[0] in CHANGED for name in held)


def winter(bundle: Bundle, facts: Facts, months: int, *, hidden: bool) -> Wintered:
    """A company's score after a winter.

    Args:
        facts: of one company, as of the day the winter begins.
        hidden: whether the PD may not be told, but its grade alone.
    """
    features = [feature_named(name) for name in bundle.names]
    changed = wintered(facts, months, features)
    [scored] = score(bundle, changed, as_of=facts.as_of, watermark=facts.watermark)
    values = wintered(facts, months, [feature_named(name) for name in INPUTS])
    return Wintered(months, None if hidden else scored.pd, scored.grade, values.row(0, named=True))


def wintered(facts: Facts, months: int, features: list[Feature]) -> pl.DataFrame:
    """Features of the one company of some facts after a winter: ``company_id``, then the features as given."""
    day = months_after(facts.as_of, months)
    later = replace(facts, as_of=day, frames={**facts.frames, "cash_position": _cash(facts, day)})
    now, then = feature_frame(facts, features), feature_frame(later, features)
    return now.with_columns(then[feature.name] for feature in features if changes(feature))


def changes(feature: Feature) -> bool:
    """Whether a winter changes a feature: one of venture progress that is made of rounds, talks or cash."""
    if feature.pillar is not Pillar.VENTURE or feature.name == UNCHANGED:
        return False
    return any(name.partition(".")[0] in CHANGED for name in sources(feature))


def _cash(facts: Facts, day: date) -> pl.DataFrame:
    """The facts on cash, with one more of a later day: what the burn leaves of the latest. No burn leaves all of it."""
    frame = facts.frames["cash_position"]
    complete = pl.col("cash").is_not_null() & pl.col("monthly_burn").is_not_null()
    known = frame.filter(complete).sort("event_at", "key")
    if known.is_empty():
        return frame
    last = known.row(-1, named=True)
    burnt = max(last["monthly_burn"], 0) * (day - last["event_at"]).days * DAYS_TO_MONTHS
    row = {
        **last, "key": f"{day}", "event_at": day, "known_at": day, "observed_on": day,
        "cash": max(round(last["cash"] - burnt), 0),
    }  # fmt: skip
    return pl.concat([frame, pl.DataFrame([row], schema=fact_schema(signal_named("cash_position")))])


def inputs_after(inputs: Mapping[str, Told], made: Wintered) -> dict[str, Told]:
    """The inputs of limits after a winter, told as far as before: what is given is computed anew, a band is moved."""
    burn = inputs[BURN].span
    moves = {ROUND_AGE: made.months / DAYS_TO_MONTHS}
    if burn is None or burn.high > 0:
        moves[RUNWAY] = -made.months
    return {name: _after(one, made.values[name], moves.get(name, 0.0)) for name, one in inputs.items()}


def _after(one: Told, value: float | None, by: float) -> Told:
    if one.span is None:
        return one
    if one.standing is Standing.GIVEN:
        return one if value is None else replace(one, span=Span(value, value))
    return replace(one, span=one.span.moved(by) if by else one.span)
