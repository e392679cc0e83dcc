"""How often something is done with scores: companies referred to people, results overridden by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from scipy.stats import beta


@dataclass(frozen=True)
class Rate:
    """One rate of one quarter.

    Attributes:
        name: what is counted, such as ``referred`` or ``overridden``.
        day: last day of the quarter.
        count, of: how many, among how many.
        then: the rate while the model was examined; ``None`` where there was none, so that nothing is judged.
    """

    name: str
    day: date
    count: int
    of: int
    then: float | None = None

    @property
    def share(self) -> float:
        """The rate; 0 of nothing."""
        return self.count / self.of if self.of else 0.0

    def surely_off(self, times: float, chance: float) -> bool:
        """Whether the rate is surely above ``times`` what it was, or below as small a part of it (Jeffreys)."""
        if not self.of or not self.then:
            return False
        low = beta.ppf(chance / 2, self.count + 0.5, self.of - self.count + 0.5)
        high = beta.isf(chance / 2, self.count + 0.5, self.of - self.count + 0.5)
        return bool(low > times * self.then or high < self.then / times)


def of_quarter(rates: Sequence[Rate], day: date) -> tuple[Rate, ...]:
    """Those of the quarter that ends on a day."""
    return tuple(rate for rate in rates if rate.day == day)
