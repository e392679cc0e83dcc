"""Who the company is.

Place is no feature on purpose: a score must not carry the gap between regions on; it is for the fairness report.
Neither is the status, which tells the outcome.
"""

from functools import partial

from alliance.signals import Pillar
from scoring.features.declaration import Feature, Unit
from scoring.features.expressions import days_since, latest, one_of

_profile = partial(Feature, pillar=Pillar.COMPANY, signal="company_profile")

# Sectors differ in how much capital and how many years a product takes before it earns.
COMPANY: tuple[Feature, ...] = (
    _profile(name="company_age", expr=latest(days_since("founded_on")), unit=Unit.DAYS,
             zh="企业成立至今的天数", en="days since the company was founded"),
    _profile(name="company_capital_heavy", unit=Unit.FLAG,
             expr=latest(one_of("sector", "semiconductors", "advanced_manufacturing", "new_energy", "new_materials",
                                "aerospace")),
             zh="属于重资本硬科技赛道", en="works in a capital-heavy hardware sector"),
    _profile(name="company_biomedicine", expr=latest(one_of("sector", "biomedicine")), unit=Unit.FLAG,
             zh="属于生物医药赛道", en="works in biomedicine"),
    _profile(name="company_digital", unit=Unit.FLAG,
             expr=latest(one_of("sector", "artificial_intelligence", "software", "internet")),
             zh="属于数字技术赛道", en="works in a digital sector"),
)  # fmt: skip
