"""What the company knows how to make, whether it still grows, and whether it nears the market."""

from functools import partial

import polars as pl

from alliance.signals import Pillar
from scoring.features.declaration import Direction, Feature, Rows, Unit
from scoring.features.expressions import (
    AGE,
    YEAR,
    days_since,
    distinct,
    growth,
    latest,
    number_known,
    number_of,
    one_of,
    ratio,
    share_of,
    total,
    within,
)

LOWERS, RAISES = Direction.LOWERS_RISK, Direction.RAISES_RISK

# A patent without a grant date is not granted (yet), which is known, not unknown.
GRANTED_36M = days_since("granted_on").is_between(0, 3 * YEAR - 1).fill_null(False)
IN_FORCE = pl.col("status") == "granted"
CERTIFICATION_ROWS: Rows = {"valid": pl.col("expires_on").is_null() | (pl.col("expires_on") >= pl.col("as_of"))}
VALID = pl.col("valid")

_patent = partial(Feature, pillar=Pillar.TECHNOLOGY, signal="patent")
_research = partial(Feature, pillar=Pillar.TECHNOLOGY, signal="rd_activity")
_copyright = partial(Feature, pillar=Pillar.TECHNOLOGY, signal="software_copyright")
_certification = partial(Feature, pillar=Pillar.TECHNOLOGY, signal="certification")
_product = partial(Feature, pillar=Pillar.TECHNOLOGY, signal="product_milestone")
_data_asset = partial(Feature, pillar=Pillar.TECHNOLOGY, signal="data_asset")
_derived = partial(Feature, pillar=Pillar.TECHNOLOGY, signal=None)

# Counts of filings are left free: the number of patents lowers risk only beside adequate equity, while their worth
# (granted, in force, cited) lowers it throughout.
PATENTS: tuple[Feature, ...] = (
    _patent(name="patents_filed_12m", expr=number_of(within(YEAR)), unit=Unit.COUNT, window="12 months",
            zh="近12个月申请的专利数", en="patents filed in the last 12 months"),
    _patent(name="patents_filed_36m", expr=number_of(within(3 * YEAR)), unit=Unit.COUNT, window="36 months",
            zh="近36个月申请的专利数", en="patents filed in the last 36 months"),
    _patent(name="patents_momentum", unit=Unit.COUNT, window="24 months",
            expr=number_of(within(YEAR)) - number_of(within(2 * YEAR, but_not=YEAR)),
            zh="近12个月专利申请数较前12个月的增量", en="patents filed in the last 12 months less the 12 before"),
    _patent(name="patents_granted_36m", expr=number_of(GRANTED_36M), unit=Unit.COUNT, window="36 months",
            direction=LOWERS, zh="近36个月获授权的专利数", en="patents granted in the last 36 months"),
    _patent(name="patents_in_force", expr=number_known(IN_FORCE), unit=Unit.COUNT, direction=LOWERS,
            zh="有效授权专利数", en="granted patents in force"),
    # Inventions are examined in substance, utility models and designs are not.
    _patent(name="patents_invention_share", expr=share_of(pl.col("kind") == "invention"), unit=Unit.SHARE,
            direction=LOWERS, zh="发明专利占比", en="share of invention patents"),
    # Rights that are let go are an early sign that money is short.
    _patent(name="patents_lost_share", expr=share_of(one_of("status", "lapsed", "refused")), unit=Unit.SHARE,
            direction=RAISES, zh="失效或被驳回的专利占比", en="share of patents lapsed or refused"),
    _patent(name="patents_citations", expr=total("citations"), unit=Unit.COUNT, direction=LOWERS,
            zh="专利被引用总次数", en="citations of the company's patents"),
    _patent(name="patents_fields", expr=distinct("ipc"), unit=Unit.COUNT,
            zh="专利覆盖的技术分类数", en="technical classes the patents cover"),
    _patent(name="patents_last_filing_age", expr=AGE.min(), unit=Unit.DAYS,
            zh="距最近一次专利申请的天数", en="days since the last patent filing"),
)  # fmt: skip

RESEARCH: tuple[Feature, ...] = (
    _research(name="rd_expense", expr=latest("rd_expense"), unit=Unit.CNY,
              zh="最近一年研发费用", en="research expense of the latest year"),
    _research(name="rd_expense_growth", expr=growth("rd_expense"), unit=Unit.SHARE, window="1 year",
              zh="研发费用同比增长率", en="growth of research expense on the year before"),
    _research(name="rd_staff", expr=latest("rd_staff"), unit=Unit.PEOPLE,
              zh="研发人员数", en="research staff"),
    _research(name="rd_technology_contracts", expr=latest("technology_contracts"), unit=Unit.CNY, direction=LOWERS,
              zh="最近一年技术合同成交额", en="technology contracts concluded in the latest year"),
    _derived(name="rd_intensity", expr=ratio("rd_expense", "statement_revenue"), unit=Unit.RATIO,
             zh="研发费用与营业收入之比", en="research expense to revenue"),
)  # fmt: skip

STANDING: tuple[Feature, ...] = (
    _copyright(name="copyrights", expr=pl.len(), unit=Unit.COUNT,
               zh="软件著作权数", en="software copyrights"),
    _copyright(name="copyrights_24m", expr=number_of(within(2 * YEAR)), unit=Unit.COUNT, window="24 months",
               zh="近24个月登记的软件著作权数", en="software copyrights registered in the last 24 months"),
    _certification(name="certified_high_tech", expr=(one_of("scheme", "high_tech_enterprise") & VALID).any(),
                   unit=Unit.FLAG, direction=LOWERS,
                   zh="持有有效的高新技术企业证书", en="holds a valid high-tech enterprise certificate"),
    _certification(name="certified_specialised", unit=Unit.FLAG, direction=LOWERS,
                   expr=(one_of("scheme", "specialised_sme", "little_giant") & VALID).any(),
                   zh="持有有效的专精特新或小巨人认定", en="is a recognised specialised SME or little giant"),
    _certification(name="certified_little_giant", expr=(one_of("scheme", "little_giant") & VALID).any(),
                   unit=Unit.FLAG, direction=LOWERS, zh="持有有效的小巨人认定", en="is a recognised little giant"),
    _certification(name="certificates_valid", expr=number_of(VALID), unit=Unit.COUNT, direction=LOWERS,
                   zh="有效资质证书数", en="valid certificates"),
    _data_asset(name="data_assets", expr=pl.len(), unit=Unit.COUNT,
                zh="登记的数据资产数", en="registered data assets"),
    _data_asset(name="data_assets_recognised", expr=total("cost", pl.col("treatment") == "recognised"),
                unit=Unit.CNY, zh="已入账数据资产的成本", en="cost of data assets recognised in the accounts"),
)  # fmt: skip

PRODUCT: tuple[Feature, ...] = (
    _product(name="product_readiness", expr=pl.col("trl").max(), unit=Unit.LEVEL, direction=LOWERS,
             zh="达到过的最高技术就绪度", en="highest technology readiness level reached"),
    _product(name="product_launched", expr=one_of("milestone", "launch", "mass_production", "first_revenue").any(),
             unit=Unit.FLAG, direction=LOWERS, zh="产品已上市", en="a product is on the market"),
    _product(name="product_milestones_24m", expr=number_of(within(2 * YEAR)), unit=Unit.COUNT, window="24 months",
             direction=LOWERS, zh="近24个月达成的产品里程碑数", en="product milestones reached in the last 24 months"),
    _product(name="product_last_milestone_age", expr=AGE.min(), unit=Unit.DAYS, direction=RAISES,
             zh="距最近一个产品里程碑的天数", en="days since the last product milestone"),
)  # fmt: skip

TECHNOLOGY: tuple[Feature, ...] = (*PATENTS, *RESEARCH, *STANDING, *PRODUCT)
