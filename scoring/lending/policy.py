"""The lender's numbers, read once at an edge from a file that says where each comes from."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alliance.errors import InvalidInput
from scoring.model.certainty import Band

SHIPPED = Path(__file__).with_name("policy.toml")
"""The policy that holds unless another is named."""

MOST_MONTHS = 120
"""Months; what a policy says of longer times is a slip of the pen."""
MOST_SCENARIOS = 6
MOST_WINTER = 36
"""Months without a next round; after three years nobody waits for it any more."""


@dataclass(frozen=True, kw_only=True)
class LendingPolicy:
    """What the lender has agreed on about venture loans.

    Attributes:
        band: PDs to approve below and to decline from.
        round_low, round_high: shares of the last round a loan usually has.
        fresh_months, stale_months: ages up to which a round counts in full, and from which it does not count.
        low_months, high_months: months of runway a loan usually adds.
        runway_share: of the months the cash still lasts, the share a loan may add at most.
        lgd, lgd_subordinated: loss given default, of a senior and of a subordinated loan.
        pd_floor: the least PD a year that losses and capital are computed by.
        funding, cost: costs of money and of the work, as shares of the loan a year.
        hurdle: return on capital that is wanted.
        exit_chance, gain: chance that warrants pay, and how much, as a multiple of what they cover.
        winter_months: months without a next round, by scenario.
        sources: where the numbers of each table come from, by its name (``round``, ``round.age`` ...).
    """

    band: Band
    round_low: float
    round_high: float
    fresh_months: int
    stale_months: int
    low_months: int
    high_months: int
    runway_share: float
    lgd: float
    lgd_subordinated: float
    pd_floor: float
    funding: float
    cost: float
    hurdle: float
    exit_chance: float
    gain: float
    winter_months: tuple[int, ...]
    sources: Mapping[str, str]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "LendingPolicy":
        """The policy in the file that ``ALLIANCE_LENDING_POLICY`` names, by default the one shipped.

        Raises:
            InvalidInput: the file cannot be read, or a number in it cannot be used.
        """
        env = os.environ if environment is None else environment
        return read_policy(Path(env.get("ALLIANCE_LENDING_POLICY") or SHIPPED))


def read_policy(path: Path) -> LendingPolicy:
    """The policy in a TOML file.

    Raises:
        InvalidInput: it cannot be read, or a number in it cannot be used; says which.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unusable(path, f"cannot be read: {error}") from error
    read = _Reader(path, given)
    made = LendingPolicy(
        band=Band(read.share("band", "approve_below"), read.share("band", "decline_from")),
        round_low=read.share("round", "low"), round_high=read.share("round", "high"),
        fresh_months=read.months("round", "fresh_months"), stale_months=read.months("round", "stale_months"),
        low_months=read.months("runway", "low_months"), high_months=read.months("runway", "high_months"),
        runway_share=read.share("runway", "share"),
        lgd=read.share("loss", "lgd"), lgd_subordinated=read.share("loss", "lgd_subordinated"),
        pd_floor=read.share("loss", "pd_floor"),
        funding=read.share("return", "funding"), cost=read.share("return", "cost"),
        hurdle=read.share("return", "hurdle"),
        exit_chance=read.share("warrants", "exit_chance"), gain=read.number("warrants", "gain", 100),
        winter_months=read.scenarios(), sources=read.sources(),
    )  # fmt: skip
    if made.round_low > made.round_high or made.fresh_months >= made.stale_months or made.low_months > made.high_months:
        raise _unusable(path, "has a lower end above its upper end in [round] or [runway]")
    return made


class _Reader:
    """Numbers out of a policy file, each checked, with the table and name of what cannot be used."""

    def __init__(self, path: Path, given: Mapping[str, Any]) -> None:
        self._path, self._given = path, given

    def number(self, table: str, name: str, most: float) -> float:
        found = self._table(table).get(name)
        if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= most:
            raise _unusable(self._path, f"needs in [{table}] {name}, a number from 0 to {most:g}")
        return found

    def share(self, table: str, name: str) -> float:
        return self.number(table, name, 1)

    def months(self, table: str, name: str) -> int:
        found = self.number(table, name, MOST_MONTHS)
        if not isinstance(found, int):
            raise _unusable(self._path, f"needs in [{table}] {name}, whole months")
        return found

    def scenarios(self) -> tuple[int, ...]:
        found = self._table("winter").get("months")
        whole = isinstance(found, list) and all(type(one) is int and 1 <= one <= MOST_WINTER for one in found)
        if not isinstance(found, list) or not whole or not 1 <= len(found) <= MOST_SCENARIOS:
            raise _unusable(self._path, f"needs in [winter] months, up to {MOST_SCENARIOS} from 1 to {MOST_WINTER}")
        return tuple(found)

    def sources(self) -> dict[str, str]:
        named = {
            "band": "source", "round": "source", "round.age": "age_source", "runway": "source",
            "runway.share": "share_source", "loss": "source", "return": "source", "warrants": "source",
            "winter": "source",
        }  # fmt: skip
        found = {name: self._table(name.partition(".")[0]).get(key) for name, key in named.items()}
        missing = [name for name, source in found.items() if not isinstance(source, str) or not source.strip()]
        if missing:
            raise _unusable(self._path, f"does not say where the numbers of {', '.join(missing)} come from")
        return {name: str(source) for name, source in found.items()}

    def _table(self, name: str) -> Mapping[str, Any]:
        found = self._given.get(name)
        return found if isinstance(found, dict) else {}


def _unusable(path: Path, what: str) -> InvalidInput:
    return InvalidInput(
        f"The lending policy {what}.",
        remedy=f"Mend it, after {SHIPPED}, or leave ALLIANCE_LENDING_POLICY unset.",
        file=str(path),
    )
