"""How the company means to earn."""

from alliance.signals.declaration import (
    Field,
    FieldType,
    Grain,
    KeyPart,
    Pillar,
    Signal,
    category,
    count,
    day,
    money,
    share,
)  # fmt: skip

REVENUE_MODEL = Signal(
    name="revenue_model",
    pillar=Pillar.BUSINESS_MODEL,
    zh="收入模式",
    en="revenue model",
    fields=(
        day("observed_on", "观察日期", "day of observation"),
        category("model", ("subscription", "licence", "hardware", "service", "platform", "project"),
                 "收入模式", "how revenue is earned"),
        share("recurring_share", "经常性收入占比", "share of recurring revenue"),
        share("gross_margin", "毛利率", "gross margin", minimum=-10.0),
        share("top_customer_share", "最大客户占比", "share of the largest customer"),
    ),
    key=(KeyPart("observed_on", Grain.QUARTER),),
    event="observed_on",
)  # fmt: skip

CUSTOMER_CONTRACT = Signal(
    name="customer_contract",
    pillar=Pillar.BUSINESS_MODEL,
    zh="客户合同",
    en="customer contract",
    fields=(
        Field(name="contract_no", type=FieldType.TEXT, zh="合同编号", en="contract number"),
        day("signed_on", "签订日", "date signed"),
        money("value", "合同金额", "contract value"),
        count("months", "合同期限", "term", "months"),
        category(
            "customer", ("leading_firm", "public_body", "sme", "foreign", "other"), "客户类型", "kind of customer"
        ),
    ),
    key=(KeyPart("contract_no"),),
    event="signed_on",
)

BUSINESS_MODEL = (REVENUE_MODEL, CUSTOMER_CONTRACT)
