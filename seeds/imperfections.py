"""How far members' records fall short of the truth: every rate and delay, in one place.

Shares are of rows unless said otherwise. ``README.md`` repeats the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from alliance.contracts.contract import Role

Shares = Mapping[Role, float]


def _of(**shares: float) -> Shares:
    return MappingProxyType({Role(role): share for role, share in shares.items()})


@dataclass(frozen=True)
class Imperfections:
    """What members get wrong.

    Attributes:
        missing_code: rows without a registration number (the member's own id is there).
        uncoded: companies a member has no registration number of at all; only name and own id lead to them.
        noise: log-sd of amounts and counts.
        name_shares: how members write names, in the order of ``seeds.names.VARIANTS``; the registry writes the first.
        broken_code: registration numbers whose check character does not hold.
        bad_date: rows with a date that is none. negative: rows with a count or amount below nought.
        unknown_word: rows with a word the contract does not know. too_early: rows reported before they happened.
        duplicate: rows given twice, exactly.
        inflation: by how much the lying investor raises amounts of rounds and cash, and lowers burn.
        recurring_lift: what the liar adds to the recurring share.
        resold: share of the liar's deals that the copier repeats; nought for no copier.
        resold_after: days from the liar's report to the copier's, fewest and most.
    """

    missing_code: Shares = field(
        default_factory=lambda: _of(
            registry=0.0, bank=0.04, investor=0.15, incubator=0.25, patent_office=0.15, hr_platform=0.10,
            data_vendor=0.30, public_body=0.0,
        )
    )  # fmt: skip
    uncoded: Shares = field(
        default_factory=lambda: _of(
            registry=0.0, bank=0.0, investor=0.03, incubator=0.08, patent_office=0.05, hr_platform=0.05,
            data_vendor=0.20, public_body=0.0,
        )
    )  # fmt: skip
    noise: Shares = field(
        default_factory=lambda: _of(
            registry=0.0, bank=0.01, investor=0.08, incubator=0.06, patent_office=0.0, hr_platform=0.04,
            data_vendor=0.15, public_body=0.02,
        )
    )  # fmt: skip
    name_shares: tuple[float, ...] = (0.66, 0.12, 0.08, 0.05, 0.04, 0.03, 0.02)
    broken_code: float = 0.003
    bad_date: float = 0.001
    negative: float = 0.001
    unknown_word: float = 0.001
    too_early: float = 0.001
    duplicate: float = 0.003
    inflation: float = 1.7
    recurring_lift: float = 0.25
    resold: float = 0.9
    resold_after: tuple[int, int] = (3, 20)


FLAWLESS = Imperfections(
    missing_code=_of(), uncoded=_of(), noise=_of(), name_shares=(1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), broken_code=0.0,
    bad_date=0.0, negative=0.0, unknown_word=0.0, too_early=0.0, duplicate=0.0, inflation=1.0, recurring_lift=0.0,
    resold=0.0,
)  # fmt: skip
"""Members that make no mistake; used by tests to tell errors from truth."""
