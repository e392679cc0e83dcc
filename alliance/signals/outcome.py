"""What was lent and how it went: history for features, and what the model learns to foresee."""

from collections.abc import Mapping
from dataclasses import replace

from alliance.signals.declaration import (
    Field,
    FieldType,
    Grain,
    KeyPart,
    Pillar,
    Sensitivity,
    Signal,
    category,
    count,
    day,
    flag,
    money,
    share,
)  # fmt: skip

CONFIDENTIAL = Sensitivity.CONFIDENTIAL

FACILITY = Signal(
    name="facility",
    pillar=Pillar.OUTCOME,
    zh="授信",
    en="credit facility",
    fields=(
        Field(name="facility_no", type=FieldType.TEXT, zh="授信编号", en="facility number", sensitivity=CONFIDENTIAL),
        day("opened_on", "放款日", "date opened", sensitivity=CONFIDENTIAL),
        day("matures_on", "到期日", "maturity", sensitivity=CONFIDENTIAL),
        money("limit", "授信额度", "limit"),
        share("rate", "年利率", "interest rate a year"),
        category("product", ("term_loan", "credit_line", "venture_debt", "other"), "产品", "product"),
        flag("secured", "是否有担保", "is secured"),
    ),
    key=(KeyPart("facility_no"),),
    event="opened_on",
)

REPAYMENT_STATUS = Signal(
    name="repayment_status",
    pillar=Pillar.OUTCOME,
    zh="还款状态",
    en="repayment status",
    fields=(
        Field(name="facility_no", type=FieldType.TEXT, zh="授信编号", en="facility number", sensitivity=CONFIDENTIAL),
        day("observed_on", "观察日期", "day of observation", sensitivity=CONFIDENTIAL),
        # Nobody becomes a punctual payer by having it contested how late he was.
        replace(count("days_past_due", "逾期天数", "days past due", "days"), kept_contested=True),
        money("balance", "余额", "balance outstanding"),
    ),
    key=(KeyPart("facility_no"), KeyPart("observed_on", Grain.MONTH)),
    event="observed_on",
)

CREDIT_EVENT = Signal(
    name="credit_event",
    pillar=Pillar.OUTCOME,
    zh="信用事件",
    en="credit event",
    fields=(
        category(
            "kind", ("default", "write_off", "cure", "repaid", "closure", "acquisition", "listing"),
            "事件类型", "kind of event", sensitivity=CONFIDENTIAL,
        ),
        day("happened_on", "发生日期", "date of the event", sensitivity=CONFIDENTIAL),
        Field(name="facility_no", type=FieldType.TEXT, zh="授信编号", en="facility number", sensitivity=CONFIDENTIAL),
        money("amount", "涉及金额", "amount concerned"),
    ),
    key=(KeyPart("kind"), KeyPart("happened_on", Grain.QUARTER)),
    event="happened_on",
)  # fmt: skip

KINDS_OF: Mapping[str, tuple[str, ...]] = {"default": ("default", "write_off"), "closure": ("closure",)}
"""By the outcome a model foresees: the kinds of ``credit_event`` that are it."""

OUTCOME = (FACILITY, REPAYMENT_STATUS, CREDIT_EVENT)
