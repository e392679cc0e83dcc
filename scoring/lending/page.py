"""Every number of the aid, with its formula and its source: for readers of an answer, and for ``docs/lending.md``."""

from collections.abc import Iterator
from dataclasses import dataclass

from scoring.lending.policy import LendingPolicy
from scoring.lending.term_sheet import NO_ADVICE

OWN = "the alliance's own choice"
_BASEL = "Basel Framework CRE31.5 (2023), without its allowance for small firms, which would need the firm's sales"


@dataclass(frozen=True)
class Formula:
    """A number of the aid.

    Attributes:
        name: its field in an answer.
        zh, en: what it is.
        unit: of what.
        formula: how it is computed, in the names of this page and of the policy.
        source: where the formula comes from.
    """

    name: str
    zh: str
    en: str
    unit: str
    formula: str
    source: str


FORMULAS: tuple[Formula, ...] = (
    Formula("advice", "按本行区间的建议", "what the lender's band suggests", "",
            "approve if PD < approve_below; decline if PD ≥ decline_from; refer in between, and where the company is"
            " unlike those the model has learned from", "Chow (1970), a reject option between two limits"),
    Formula("round_low", "按上一轮融资的常见额度下端", "limit by the last round, lower end", "CNY",
            "low × amount of the last round × freshness(its age)", "policy [round]"),
    Formula("round_high", "按上一轮融资的额度上限", "limit by the last round", "CNY",
            "high × amount of the last round × freshness(its age)", "policy [round]"),
    Formula("freshness", "上一轮融资的时效", "how far the last round counts", "share",
            "(stale_months − age) / (stale_months − fresh_months), kept within 0 and 1", OWN),
    Formula("runway", "按现金跑道的额度上限", "limit by the runway", "CNY",
            "monthly burn × min(high_months, share × months the cash still lasts); does not bind without burn",
            "policy [runway]"),
    Formula("limit", "综合额度上限", "limit", "CNY",
            "the least of round_high and runway; where one is withheld or unknown, anything below the other", OWN),
    Formula("months_added", "可延长的月数", "months of runway it adds", "months",
            "amount / monthly burn; usual are low_months to high_months", "policy [runway]"),
    Formula("pd_year", "一年期违约概率", "PD of a year", "share",
            "max(1 − (1 − PD)^(12 / horizon), pd_floor)", "even hazard; floor: policy [loss]"),
    Formula("pd_term", "贷款期内违约概率", "PD of the loan's term", "share",
            "1 − (1 − pd_year)^(term / 12)", "even hazard"),
    Formula("loss_year", "一年期预期损失", "expected loss of a year", "CNY",
            "pd_year × LGD × EAD; EAD is the amount", "Basel Framework CRE35 (PD × LGD × EAD)"),
    Formula("loss_term", "贷款期内预期损失", "expected loss of the term", "CNY",
            "pd_term × LGD × EAD", "as above"),
    Formula("capital", "占用资本", "capital", "CNY",
            "EAD × K; K = LGD [N((G(pd_year) + √R G(0.999)) / √(1 − R)) − pd_year] (1 + (M − 2.5) b) / (1 − 1.5 b);"
            " R = 0.12 w + 0.24 (1 − w), w = (1 − e^(−50 pd_year)) / (1 − e^(−50));"
            " b = (0.11852 − 0.05478 ln pd_year)²; M = term in years, 1 to 5", _BASEL),
    Formula("raroc", "风险调整资本回报率（不含认股权）", "risk-adjusted return on capital, without warrants",
            "share a year",
            "(EAD (rate + fee / years − funding − cost) − loss_year) / capital",
            "the usual definition of RAROC; policy [return]"),
    Formula("warrants", "认股权期望价值", "expected worth of warrants", "CNY",
            "coverage × EAD × (1 − pd_term) × exit_chance × gain", "policy [warrants]"),
    Formula("raroc_warrants", "风险调整资本回报率（含认股权）", "the same with warrants", "share a year",
            "(EAD (rate + fee / years − funding − cost) − loss_year + warrants / years) / capital", "as above"),
    Formula("rate_wanted", "达到目标回报所需利率", "interest rate that earns the hurdle", "share a year",
            "funding + cost + pd_year × LGD + hurdle × K − fee / years", "raroc = hurdle, solved for the rate"),
    Formula("winters", "融资寒冬情景", "a funding winter", "",
            "features after N months without a round: rounds and talks N months older, cash less burn × months since"
            " it was reported; the same scoring function, and the limits above, on them", OWN),
)  # fmt: skip
"""In the order of an answer."""

_HEAD = """# The lending aid: every number, its formula, its source

Made from the code by `scoring lending-formulas --write docs/lending.md`; a test checks that it is current.

> {zh}
>
> {en}

The aid starts from one recorded decision and the facts it rests on, as known then. A number a reader may not see as it
is goes in as its band, and then the result is from-to, or does not go in at all; which grant holds it back is said.
Whether an amount is within a limit is answered from what is told, never from what is withheld. Where cash or rounds are
withheld, only the policy's winters can be looked at, and of each the grade is told, not the PD.

The loan is taken as drawn in full and repaid at the end. Interest lost in a default is not taken off the return; the
firm-size allowance of the capital formula is not taken either. Both are simplifications, the second a prudent one.
"""


def page(policy: LendingPolicy) -> str:
    """The page, as Markdown."""
    zh, en = NO_ADVICE
    return "\n".join(
        [_HEAD.format(zh=zh, en=en), "## Numbers\n", *_formulas(), "", "## Policy\n", *_policy(policy), ""]
    )


def _formulas() -> Iterator[str]:
    yield from _row(("name", "what", "unit", "formula", "source"))
    yield from _row(("---",) * 5)
    for one in FORMULAS:
        yield from _row((f"`{one.name}`", f"{one.zh} {one.en}", one.unit, one.formula, one.source))


def _policy(policy: LendingPolicy) -> Iterator[str]:
    numbers = {
        "band": f"approve_below {policy.band.approve_below:g}, decline_from {policy.band.decline_from:g}",
        "round": f"low {policy.round_low:g}, high {policy.round_high:g}",
        "round.age": f"fresh_months {policy.fresh_months}, stale_months {policy.stale_months}",
        "runway": f"low_months {policy.low_months}, high_months {policy.high_months}",
        "runway.share": f"share {policy.runway_share:g}",
        "loss": f"lgd {policy.lgd:g}, lgd_subordinated {policy.lgd_subordinated:g}, pd_floor {policy.pd_floor:g}",
        "return": f"funding {policy.funding:g}, cost {policy.cost:g}, hurdle {policy.hurdle:g}",
        "warrants": f"exit_chance {policy.exit_chance:g}, gain {policy.gain:g}",
        "winter": f"months {', '.join(map(str, policy.winter_months))}",
    }
    yield from _row(("table", "numbers", "source"))
    yield from _row(("---",) * 3)
    for name, told in numbers.items():
        yield from _row((f"`{name}`", told, policy.sources[name]))


def _row(cells: tuple[str, ...]) -> Iterator[str]:
    yield f"| {' | '.join(cells)} |"
