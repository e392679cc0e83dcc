"""How the venture financing is going, as it happens: the main source of repayment in venture lending."""

from alliance.signals.company import SECTORS
from alliance.signals.declaration import (
    Grain,
    KeyPart,
    Pillar,
    Sensitivity,
    Signal,
    Subject,
    category,
    count,
    day,
    money,
    number,
    text,
)  # fmt: skip

STAGES = (
    "angel", "seed", "pre_a", "series_a", "series_b", "series_c", "series_d", "series_e", "series_f", "venture",
    "strategic", "convertible", "private_equity", "crowdfunding", "debt", "grant", "post_ipo", "secondary", "other",
)  # fmt: skip

FUNDING_ROUND = Signal(
    name="funding_round",
    pillar=Pillar.VENTURE,
    zh="融资轮次",
    en="funding round",
    fields=(
        category("stage", STAGES, "轮次", "stage"),
        day("announced_on", "融资日期", "date of the round"),
        money("amount", "融资金额", "amount raised"),
        money("post_money", "投后估值", "post-money valuation"),
        count("investors", "投资方数量", "investors in the round", "investors"),
        text("lead_investor", "领投方", "lead investor"),
    ),
    key=(KeyPart("stage"), KeyPart("announced_on", Grain.MONTH)),
    event="announced_on",
)

FINANCING_EVENT = Signal(
    name="financing_event",
    pillar=Pillar.VENTURE,
    zh="融资进程",
    en="financing event",
    fields=(
        category(
            "kind", ("term_sheet", "due_diligence", "lead_change", "bridge", "down_round", "withdrawn"),
            "进程类型", "kind of event", sensitivity=Sensitivity.CONFIDENTIAL,
        ),
        day("happened_on", "发生日期", "date of the event"),
    ),
    key=(KeyPart("kind"), KeyPart("happened_on", Grain.MONTH)),
    event="happened_on",
)  # fmt: skip

CASH_POSITION = Signal(
    name="cash_position",
    pillar=Pillar.VENTURE,
    zh="现金状况",
    en="cash position",
    fields=(
        day("observed_on", "观察日期", "day of observation"),
        money("cash", "现金余额", "cash and equivalents"),
        money("monthly_burn", "月净消耗", "net cash burnt a month", negative=True),
    ),
    key=(KeyPart("observed_on", Grain.QUARTER),),
    event="observed_on",
)

MARKET_SIGNAL = Signal(
    name="market_signal",
    pillar=Pillar.VENTURE,
    zh="赛道市场信号",
    en="market signal of a sector",
    fields=(
        category("sector", SECTORS, "赛道", "sector", sensitivity=Sensitivity.PUBLIC),
        day("observed_on", "观察日期", "day of observation", sensitivity=Sensitivity.PUBLIC),
        count("deals", "季度交易数", "deals in the quarter", "deals"),
        money("capital", "季度投资额", "capital invested in the quarter"),
        number("sentiment", "市场情绪", "sentiment", "1", minimum=-1, maximum=1),
    ),
    key=(KeyPart("observed_on", Grain.QUARTER),),
    event="observed_on",
    subject=Subject.SECTOR,
)

VENTURE = (FUNDING_ROUND, FINANCING_EVENT, CASH_POSITION, MARKET_SIGNAL)
