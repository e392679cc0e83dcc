"""Who the company is: the frame in which every other signal is read."""

from alliance.signals.declaration import NEWEST, Pillar, Sensitivity, Signal, category, day, text

PUBLIC = Sensitivity.PUBLIC

SECTORS = (
    "artificial_intelligence", "semiconductors", "biomedicine", "advanced_manufacturing", "new_energy",
    "new_materials", "software", "internet", "aerospace", "consumer", "finance", "other",
)  # fmt: skip
"""The alliance's coarse sectors; a contract's value map brings a member's own codes here."""

LASTS = 180
"""Days. What a member saw of a company half a year before another did is older news, not another opinion."""

COMPANY_PROFILE = Signal(
    name="company_profile",
    pillar=Pillar.COMPANY,
    zh="企业概况",
    en="company profile",
    fields=(
        text("name", "企业名称", "registered or trading name", sensitivity=PUBLIC),
        text("registration_number", "统一社会信用代码", "unified social credit code", sensitivity=PUBLIC),
        day("founded_on", "成立日期", "founding date", sensitivity=PUBLIC),
        text("country", "国家", "country, ISO 3166 alpha-3", sensitivity=PUBLIC),
        text("region", "省或州", "province or state", sensitivity=PUBLIC),
        text("city", "城市", "city", sensitivity=PUBLIC),
        text("industry", "行业", "industry as the member names it", sensitivity=PUBLIC),
        category("sector", SECTORS, "赛道", "sector", sensitivity=PUBLIC, lasts=LASTS),
        text("key_technology", "关键技术领域", "key technology field", sensitivity=PUBLIC),
        text("cluster", "产业集群", "industrial cluster", sensitivity=PUBLIC),
        text("website", "网站", "web site", sensitivity=PUBLIC),
        category("status", ("operating", "closed", "acquired", "listed"), "经营状态", "status", sensitivity=PUBLIC,
                 lasts=LASTS),
        day("observed_on", "观察日期", "day of observation", sensitivity=PUBLIC, lasts=NEWEST),
    ),
    key=(),
    event="observed_on",
)  # fmt: skip
