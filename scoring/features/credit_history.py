"""What was lent before and how it went.

Of credit events only cures and full repayments are looked at. Default, write-off and closure are what the model is to
foresee: a company they have befallen is not scored by it.
"""

from functools import partial

import polars as pl

from alliance.signals import Pillar
from scoring.features.declaration import Direction, Feature, Rows, Unit
from scoring.features.expressions import (
    AGE,
    DAYS_TO_MONTHS,
    YEAR,
    days_since,
    number_known,
    ratio,
    share_of,
    total,
    within,
)

LOWERS, RAISES = Direction.LOWERS_RISK, Direction.RAISES_RISK

FACILITY_ROWS: Rows = {"open": pl.col("matures_on").is_null() | (pl.col("matures_on") > pl.col("as_of"))}
OPEN = pl.col("open")
# A facility reports once a month; the latest calendar month anything was reported for holds each facility once.
LATEST_MONTH = pl.col("event_at").dt.month_start() == pl.col("event_at").max().dt.month_start()

_facility = partial(Feature, pillar=Pillar.OUTCOME, signal="facility")
_repayment = partial(Feature, pillar=Pillar.OUTCOME, signal="repayment_status")
_event = partial(Feature, pillar=Pillar.OUTCOME, signal="credit_event")
_derived = partial(Feature, pillar=Pillar.OUTCOME, signal=None)


def _times(kind: str) -> pl.Expr:
    """Number of events of the kind, or unknown: a 0 would only tell that events of another kind are on record."""
    events = pl.col("kind") == kind
    return pl.when(events.any()).then(events.sum())


CREDIT_HISTORY: tuple[Feature, ...] = (
    _facility(name="credit_facilities", expr=pl.len(), unit=Unit.COUNT,
              zh="历史授信笔数", en="credit facilities so far"),
    _facility(name="credit_first_age", expr=AGE.max() * DAYS_TO_MONTHS, unit=Unit.MONTHS, direction=LOWERS,
              zh="首笔授信至今的月数", en="months since the first credit facility"),
    _facility(name="credit_open_limit", expr=total("limit", OPEN), unit=Unit.CNY,
              zh="未到期授信额度", en="limit of facilities not yet matured"),
    _facility(name="credit_secured_share", expr=share_of(pl.col("secured")), unit=Unit.SHARE,
              zh="有担保授信占比", en="share of facilities that are secured"),
    _facility(name="credit_next_maturity", expr=pl.when(OPEN).then(-days_since("matures_on")).min(), unit=Unit.DAYS,
              zh="距最近一笔授信到期的天数", en="days to the next maturity"),
    _repayment(name="credit_days_past_due", expr=pl.when(LATEST_MONTH).then(pl.col("days_past_due")).max(),
               unit=Unit.DAYS, direction=RAISES, zh="最近一月的逾期天数", en="days past due in the latest month"),
    _repayment(name="credit_days_past_due_12m", expr=pl.when(within(YEAR)).then(pl.col("days_past_due")).max(),
               unit=Unit.DAYS, window="12 months", direction=RAISES,
               zh="近12个月最长逾期天数", en="most days past due in the last 12 months"),
    _repayment(name="credit_late_reports_12m", expr=number_known((pl.col("days_past_due") > 0) & within(YEAR)),
               unit=Unit.COUNT, window="12 months", direction=RAISES,
               zh="近12个月逾期的月度报告数", en="monthly reports past due in the last 12 months"),
    _repayment(name="credit_balance", expr=total("balance", LATEST_MONTH), unit=Unit.CNY,
               zh="最近一月的贷款余额", en="balance outstanding in the latest month"),
    _derived(name="credit_utilisation", expr=ratio("credit_balance", "credit_open_limit"), unit=Unit.RATIO,
             direction=RAISES, zh="贷款余额与授信额度之比", en="balance outstanding to open limit"),
    # Venture lenders keep to a quarter or a third of the last round, which is what a next round would repay.
    _derived(name="credit_limit_to_round", expr=ratio("credit_open_limit", "round_last_amount"), unit=Unit.RATIO,
             direction=RAISES, zh="授信额度与上一轮融资额之比", en="open limit to the amount of the last round"),
    _event(name="credit_cures", expr=_times("cure"), unit=Unit.COUNT, direction=RAISES,
           zh="违约后恢复正常的次数", en="past defaults that were cured"),
    _event(name="credit_repaid", expr=_times("repaid"), unit=Unit.COUNT, direction=LOWERS,
           zh="全额结清的授信笔数", en="facilities repaid in full"),
)  # fmt: skip
