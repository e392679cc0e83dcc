"""Expected loss, capital and return of one loan: formulas of plain numbers. ``FORMULAS`` says where each comes from.

The loan is taken as drawn in full and repaid at the end, so that the exposure at default (EAD) is its amount.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

from scoring.lending.policy import LendingPolicy

CONFIDENCE = 0.999
"""Chance that losses of a year stay below expected loss and capital together (Basel Framework CRE31)."""
SHORTEST, LONGEST = 1.0, 5.0
"""Years that the effective maturity is kept within (Basel Framework CRE32)."""
NEARLY_SURE = 1 - 1e-9
"""The greatest PD that the formulas are asked for: at 1 there is nothing left to expect."""

_NORMAL = NormalDist()


@dataclass(frozen=True, kw_only=True)
class Returns:
    """What a loan is expected to cost and to bring.

    Attributes:
        pd_year, pd_term: PD of a year, not below the floor, and of the loan's whole term.
        loss_year, loss_term: expected loss of a year and of the term, yuan.
        capital: yuan held against losses beyond the expected.
        raroc, raroc_warrants: return on that capital a year, without and with warrants; ``None`` without capital.
        warrants: expected worth of the warrants over the term, yuan.
        rate_wanted: interest rate a year at which the return, without warrants, is the one wanted.
    """

    pd_year: float
    pd_term: float
    loss_year: float
    loss_term: float
    capital: float
    raroc: float | None
    raroc_warrants: float | None
    warrants: float
    rate_wanted: float


def pd_of_a_year(pd: float, horizon_months: int, floor: float) -> float:
    """PD of twelve months from one of a horizon, at an even hazard: 1 - (1 - PD)^(12 / h), not below the floor."""
    survival = math.pow(1 - min(pd, NEARLY_SURE), 12 / horizon_months)
    return min(max(1 - survival, floor), NEARLY_SURE)


def pd_of_a_term(pd_year: float, term_months: int) -> float:
    """PD of a term from that of a year, at an even hazard: 1 - (1 - PD)^(t / 12)."""
    return 1 - math.pow(1 - pd_year, term_months / 12)


def expected_loss(pd: float, lgd: float, ead: float) -> float:
    """PD x LGD x EAD."""
    return pd * lgd * ead


def capital_share(pd: float, lgd: float, years: float) -> float:
    """Capital requirement K as a share of EAD, of a corporate exposure that is not in default.

    R = 0.12 w + 0.24 (1 - w), w = (1 - e^(-50 PD)) / (1 - e^-50); b = (0.11852 - 0.05478 ln PD)^2;
    K = LGD [N((G(PD) + sqrt(R) G(0.999)) / sqrt(1 - R)) - PD] (1 + (M - 2.5) b) / (1 - 1.5 b), M from 1 to 5 years.
    Source: Basel Framework CRE31.5 (2023), without its allowance for small firms, which would need the firm's sales.
    """
    weight = (1 - math.exp(-50 * pd)) / (1 - math.exp(-50))
    correlation = 0.12 * weight + 0.24 * (1 - weight)
    slope = (0.11852 - 0.05478 * math.log(pd)) ** 2
    quantile = _NORMAL.inv_cdf(pd) + math.sqrt(correlation) * _NORMAL.inv_cdf(CONFIDENCE)
    unexpected = lgd * (_NORMAL.cdf(quantile / math.sqrt(1 - correlation)) - pd)
    maturity = min(max(years, SHORTEST), LONGEST)
    return max(unexpected * (1 + (maturity - 2.5) * slope) / (1 - 1.5 * slope), 0.0)


def returns(
    pd: float, horizon_months: int, policy: LendingPolicy, *,
    amount: int, rate: float, term_months: int, lgd: float, fee: float, coverage: float,
) -> Returns:  # fmt: skip
    """What a loan costs and brings.

    Args:
        pd: of the horizon, 0 to 1.
        amount: whole yuan, positive.
        rate: interest a year, as a share of the amount.
        lgd: loss given default, 0 to 1.
        fee: paid once, as a share of the amount.
        coverage: what the warrants may buy, as a share of the amount.
    """
    years = term_months / 12
    pd_year = pd_of_a_year(pd, horizon_months, policy.pd_floor)
    pd_term = pd_of_a_term(pd_year, term_months)
    share = capital_share(pd_year, lgd, years)
    capital = share * amount
    margin = rate + fee / years - policy.funding - policy.cost - pd_year * lgd
    warrants = coverage * amount * (1 - pd_term) * policy.exit_chance * policy.gain
    return Returns(
        pd_year=pd_year, pd_term=pd_term,
        loss_year=expected_loss(pd_year, lgd, amount), loss_term=expected_loss(pd_term, lgd, amount), capital=capital,
        raroc=margin * amount / capital if capital > 0 else None,
        raroc_warrants=(margin * amount + warrants / years) / capital if capital > 0 else None, warrants=warrants,
        rate_wanted=policy.funding + policy.cost + pd_year * lgd + policy.hurdle * share - fee / years,
    )  # fmt: skip
