"""Chinese and English for what the aid tells."""

from scoring.lending.inputs import Span, Standing
from scoring.lending.limits import Fit, Limit

STANDING_NAMES = {
    Standing.GIVEN: ("已知", "known"), Standing.BANDED: ("仅知区间", "known as a band"),
    Standing.WITHHELD: ("未披露", "withheld"), Standing.UNKNOWN: ("未知", "unknown"),
}  # fmt: skip

RULE_NAMES = {
    "round_low": ("上一轮融资的常见下端", "usual share of the last round, lower end"),
    "round_high": ("上一轮融资的上限", "usual share of the last round, upper end"),
    "runway": ("现金跑道", "months of runway"),
    "limit": ("综合额度", "all together"),
}

FIT_NAMES = {
    Fit.WITHIN: ("在额度内", "within the limit"), Fit.ABOVE: ("超出额度", "above the limit"),
    Fit.OPEN: ("无法判断", "cannot be told"),
}  # fmt: skip

ADVICE_NAMES = {"approve": ("批准", "approve"), "refer": ("人工复核", "refer"), "decline": ("拒绝", "decline")}


def span_words(span: Span | None, digits: int = 0) -> str:
    """A number, or from what to what it is."""
    if span is None:
        return ""
    return f"{span.low:,.{digits}f}" if span.exact else f"{span.low:,.{digits}f} – {span.high:,.{digits}f}"


def limit_words(limit: Limit) -> tuple[str, str]:
    """What a limit is, in Chinese and English: its span, or why there is none."""
    if not limit.binds:
        return "不构成限制", "does not bind"
    if limit.span is None:
        return STANDING_NAMES[limit.standing]
    return (span_words(limit.span),) * 2
