"""What the company knows how to make: rights, research, products, data."""

from alliance.signals.declaration import (
    Field,
    FieldType,
    Grain,
    KeyPart,
    Pillar,
    Sensitivity,
    Signal,
    Tolerance,
    category,
    count,
    day,
    money,
    text,
)  # fmt: skip

PUBLIC = Sensitivity.PUBLIC

PATENT = Signal(
    name="patent",
    pillar=Pillar.TECHNOLOGY,
    zh="专利",
    en="patent",
    fields=(
        text("application_no", "申请号", "application number", sensitivity=PUBLIC),
        category("kind", ("invention", "utility_model", "design"), "专利类型", "kind of right", sensitivity=PUBLIC),
        day("filed_on", "申请日", "filing date", sensitivity=PUBLIC),
        day("granted_on", "授权日", "grant date", sensitivity=PUBLIC),
        category("status", ("pending", "granted", "lapsed", "refused"), "法律状态", "legal status", sensitivity=PUBLIC,
                 lasts=180),
        text("ipc", "国际专利分类", "IPC class", sensitivity=PUBLIC),
        count("citations", "被引次数", "citations received", "citations", lasts=180),
    ),
    key=(KeyPart("application_no"),),
    event="filed_on",
)  # fmt: skip

RD_ACTIVITY = Signal(
    name="rd_activity",
    pillar=Pillar.TECHNOLOGY,
    zh="研发活动",
    en="research and development",
    fields=(
        day("period_end", "期末", "end of the year reported"),
        money("rd_expense", "研发费用", "research and development expense"),
        count("rd_staff", "研发人员", "research staff", "people"),
        count("projects", "在研项目数", "projects under way", "projects"),
        money("technology_contracts", "技术合同成交额", "value of technology contracts"),
    ),
    key=(KeyPart("period_end", Grain.YEAR),),
    event="period_end",
)

SOFTWARE_COPYRIGHT = Signal(
    name="software_copyright",
    pillar=Pillar.TECHNOLOGY,
    zh="软件著作权",
    en="software copyright",
    fields=(
        text("registration_no", "登记号", "registration number", sensitivity=PUBLIC),
        day("registered_on", "登记日", "registration date", sensitivity=PUBLIC),
    ),
    key=(KeyPart("registration_no"),),
    event="registered_on",
)

CERTIFICATION = Signal(
    name="certification",
    pillar=Pillar.TECHNOLOGY,
    zh="资质认证",
    en="certification",
    fields=(
        category(
            "scheme", ("high_tech_enterprise", "specialised_sme", "little_giant", "iso_9001", "iso_27001", "other"),
            "认证种类", "scheme", sensitivity=PUBLIC,
        ),
        text("certificate_no", "证书号", "certificate number", sensitivity=PUBLIC),
        day("issued_on", "发证日", "date of issue", sensitivity=PUBLIC),
        day("expires_on", "到期日", "expiry date", sensitivity=PUBLIC),
    ),
    key=(KeyPart("scheme"), KeyPart("certificate_no")),
    event="issued_on",
)  # fmt: skip

PRODUCT_MILESTONE = Signal(
    name="product_milestone",
    pillar=Pillar.TECHNOLOGY,
    zh="产品里程碑",
    en="product milestone",
    fields=(
        category(
            "milestone", ("prototype", "pilot", "launch", "mass_production", "first_revenue", "other"),
            "里程碑", "milestone reached",
        ),
        day("reached_on", "达成日", "date reached"),
        Field(name="trl", type=FieldType.INTEGER, zh="技术就绪度", en="technology readiness level", unit="level",
              minimum=1, maximum=9, tolerance=Tolerance(absolute=1.0)),
    ),
    key=(KeyPart("milestone"), KeyPart("reached_on", Grain.QUARTER)),
    event="reached_on",
)  # fmt: skip

DATA_ASSET = Signal(
    name="data_asset",
    pillar=Pillar.TECHNOLOGY,
    zh="数据资产",
    en="data asset",
    fields=(
        text("asset_no", "资产编号", "asset number"),
        day("registered_on", "登记日", "registration date"),
        money("cost", "入账成本", "measurable cost"),
        category("treatment", ("recognised", "disclosed"), "会计处理", "accounting treatment"),
        category("right", ("hold", "process", "operate"), "权利", "right held"),
    ),
    key=(KeyPart("asset_no"),),
    event="registered_on",
)

TECHNOLOGY = (PATENT, RD_ACTIVITY, SOFTWARE_COPYRIGHT, CERTIFICATION, PRODUCT_MILESTONE, DATA_ASSET)
