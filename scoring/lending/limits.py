"""How much a venture lender would usually lend: by the last round, by the runway, and by both together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scoring.features.expressions import DAYS_TO_MONTHS
from scoring.lending.inputs import BURN, ROUND, ROUND_AGE, RUNWAY, Span, Standing, Told
from scoring.lending.policy import LendingPolicy


class Fit(StrEnum):
    """How an amount stands to a limit as far as that is known."""

    WITHIN = "within"
    ABOVE = "above"
    OPEN = "open"


@dataclass(frozen=True)
class Limit:
    """What a rule allows.

    Attributes:
        rule: its name: ``round_low``, ``round_high``, ``runway`` or ``limit`` for all together.
        standing: as of the least known of its inputs.
        span: yuan; ``None`` where it is withheld or unknown, or the rule does not bind.
        binds: whether the rule limits anything: a company that burns no cash is not limited by its runway.
    """

    rule: str
    standing: Standing
    span: Span | None
    binds: bool = True

    def fit(self, amount: int) -> Fit:
        """How an amount stands to it."""
        if self.span is None or self.span.low < amount <= self.span.high:
            return Fit.OPEN
        return Fit.WITHIN if amount <= self.span.low else Fit.ABOVE


def limits(inputs: Mapping[str, Told], policy: LendingPolicy) -> tuple[Limit, ...]:
    """The limits of each rule, then of all together, from the inputs as they are told."""
    low, high = (by_round(inputs, policy, name) for name in ("round_low", "round_high"))
    runway = by_runway(inputs, policy)
    return (low, high, runway, together((high, runway)))


def by_round(inputs: Mapping[str, Told], policy: LendingPolicy, rule: str) -> Limit:
    """A share of the last round, less as it ages: share x amount x freshness(age)."""
    amount, age = inputs[ROUND], inputs[ROUND_AGE]
    standing = worst((amount, age))
    if amount.span is None or age.span is None:
        return Limit(rule, standing, None)
    share = policy.round_low if rule == "round_low" else policy.round_high
    youngest, oldest = (days * DAYS_TO_MONTHS for days in (age.span.low, age.span.high))
    low = share * max(amount.span.low, 0.0) * freshness(oldest, policy)
    return Limit(rule, standing, Span(low, share * amount.span.high * freshness(youngest, policy)))


def freshness(age_months: float, policy: LendingPolicy) -> float:
    """How far a round of an age counts: 1 up to ``fresh_months``, 0 from ``stale_months`` on, evenly in between."""
    left = (policy.stale_months - age_months) / (policy.stale_months - policy.fresh_months)
    return min(max(left, 0.0), 1.0)


def by_runway(inputs: Mapping[str, Told], policy: LendingPolicy) -> Limit:
    """The burn of the months a loan may add: burn x min(high_months, share x runway)."""
    burn, runway = inputs[BURN], inputs[RUNWAY]
    standing = worst((burn, runway))
    if burn.span is not None and burn.span.high <= 0:
        return Limit("runway", burn.standing, None, binds=False)
    if burn.span is None or runway.span is None:
        return Limit("runway", standing, None)
    low, high = (min(policy.high_months, policy.runway_share * max(end, 0.0)) for end in _ends(runway.span))
    return Limit("runway", standing, Span(max(burn.span.low, 0.0) * low, burn.span.high * high))


def months_added(inputs: Mapping[str, Told], amount: int) -> Span | None:
    """Months of the burn that an amount pays for; ``None`` where there is no burn, or it is not told."""
    burn = inputs[BURN].span
    if burn is None or burn.low <= 0:
        return None
    return Span(amount / burn.high, amount / burn.low)


def together(rules: Sequence[Limit]) -> Limit:
    """The least of what several rules allow; where one is not known, anything below what the others allow."""
    binding = [one for one in rules if one.binds]
    known = [one.span for one in binding if one.span is not None]
    standing = _worst(one.standing for one in binding)
    if not known:
        return Limit("limit", standing, None)
    low = 0.0 if len(known) < len(binding) else min(span.low for span in known)
    return Limit("limit", standing, Span(low, min(span.high for span in known)))


def worst(inputs: Sequence[Told]) -> Standing:
    """The standing of what is made of several inputs."""
    return _worst(one.standing for one in inputs)


_ORDER = (Standing.WITHHELD, Standing.UNKNOWN, Standing.BANDED, Standing.GIVEN)


def _worst(standings: Iterable[Standing]) -> Standing:
    return min(standings, key=_ORDER.index, default=Standing.UNKNOWN)


def _ends(span: Span) -> tuple[float, float]:
    return span.low, span.high
