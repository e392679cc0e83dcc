"""The lending aid on a terminal, in Chinese and English."""

from collections.abc import Iterator

from rich.table import Table

from alliance.terminal import table
from scoring.features import feature_named
from scoring.lending.inputs import Told
from scoring.lending.limits import Limit
from scoring.lending.term_sheet import TermSheet
from scoring.lending.words import ADVICE_NAMES, FIT_NAMES, RULE_NAMES, STANDING_NAMES, limit_words, span_words

_MOST_GRANTS = 2

_RETURNS = (
    ("pd_year", "一年期违约概率", "PD of a year", "{:.2%}"),
    ("pd_term", "贷款期内违约概率", "PD of the term", "{:.2%}"),
    ("loss_year", "一年期预期损失（元）", "expected loss of a year, CNY", "{:,.0f}"),
    ("loss_term", "贷款期内预期损失（元）", "expected loss of the term, CNY", "{:,.0f}"),
    ("capital", "占用资本（元）", "capital, CNY", "{:,.0f}"),
    ("raroc", "风险调整回报（不含认股权）", "return on capital, without warrants", "{:.1%}"),
    ("raroc_warrants", "风险调整回报（含认股权）", "return on capital, with warrants", "{:.1%}"),
    ("warrants", "认股权期望价值（元）", "expected worth of warrants, CNY", "{:,.0f}"),
    ("rate_wanted", "达到目标回报所需利率", "rate that earns the hurdle", "{:.2%}"),
)


def tables(sheet: TermSheet) -> Iterator[Table]:
    """The aid as tables: verdict, inputs, limits, returns, winters."""
    yield _verdict(sheet)
    yield _inputs(sheet)
    yield _limits("额度（元） limits, CNY", sheet.limits)
    yield _returns(sheet)
    yield _winters(sheet)


def _verdict(sheet: TermSheet) -> Table:
    made = table(f"授信测算 lending aid: {sheet.decision_id}", "", " ")
    zh, en = ADVICE_NAMES[sheet.advice.value]
    made.add_row("评分 score", f"PD {sheet.pd:.2%} ({sheet.horizon_months}m), {sheet.grade}")
    made.add_row("按本行区间 by the lender's band", f"{zh} {en}")
    if sheet.model_advice is not None:
        made.add_row("模型建议 the model's own", " ".join(ADVICE_NAMES[sheet.model_advice.value]))
    terms = sheet.terms
    made.add_row("贷款 loan", f"{terms.amount:,} CNY, {terms.rate:.2%}, {terms.term_months}m, LGD {sheet.lgd:.0%}")
    made.add_row("与额度相比 against the limit", " ".join(FIT_NAMES[sheet.fit]))
    if sheet.months_added is not None:
        made.add_row("可延长的月数 months it adds", span_words(sheet.months_added, 1))
    return made


def _inputs(sheet: TermSheet) -> Table:
    made = table("依据 made of", "feature", "zh / en", "standing", "value", "held by", right=("value",))
    for one in sheet.inputs:
        feature = feature_named(one.feature)
        standing = " ".join(STANDING_NAMES[one.standing])
        made.add_row(one.feature, f"{feature.zh} {feature.en}", standing, _value(one), _grants(one.grants))
    return made


def _grants(grants: tuple[str, ...]) -> str:
    more = f" and {len(grants) - _MOST_GRANTS} more" if len(grants) > _MOST_GRANTS else ""
    return ", ".join(grants[:_MOST_GRANTS]) + more


def _value(one: Told) -> str:
    return span_words(one.span, 1)


def _limits(title: str, found: tuple[Limit, ...]) -> Table:
    made = table(title, "rule", "limit", right=("limit",))
    for one in found:
        made.add_row(" ".join(RULE_NAMES[one.rule]), " ".join(dict.fromkeys(limit_words(one))))
    return made


def _returns(sheet: TermSheet) -> Table:
    ends = (sheet.returns_low, sheet.returns_high)
    more = ("at PD low", "at PD high") if all(ends) else ()
    made = table("损失与回报 loss and return", "figure", "value", *more, right=("value", *more))
    for name, zh, en, form in _RETURNS:
        values = [getattr(one, name) for one in (sheet.returns, *ends) if one is not None]
        made.add_row(f"{zh} {en}", *("" if value is None else form.format(value) for value in values))
    return made


def _winters(sheet: TermSheet) -> Table:
    numbers = ("months", "PD", "runway", "limit")
    made = table("融资寒冬 no next round for", *numbers[:2], "grade", *numbers[2:], "fit", right=numbers)
    for one in sheet.winters:
        limit = " ".join(dict.fromkeys(limit_words(one.limits[-1])))
        pd = "" if one.pd is None else f"{one.pd:.2%}"
        made.add_row(str(one.months), pd, one.grade, _value(one.runway), limit, " ".join(FIT_NAMES[one.fit]))
    return made
