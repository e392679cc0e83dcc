"""What machines and meters say: carbon for the work done, and whether the machines run."""

from functools import partial

import polars as pl

from alliance.signals import Pillar
from scoring.features.declaration import Direction, Feature, Rows, Unit
from scoring.features.expressions import AGE, QUARTER, YEAR, basis_points, growth, latest, mean_share, ratio, within

LOWERS, RAISES = Direction.LOWERS_RISK, Direction.RAISES_RISK

TELEMETRY_ROWS: Rows = {"utilisation_points": basis_points("utilisation"), "uptime_points": basis_points("uptime")}
LAST_QUARTER = within(QUARTER)
QUARTER_BEFORE = within(2 * QUARTER, but_not=QUARTER)

_emission = partial(Feature, pillar=Pillar.ENVIRONMENT, signal="emission")
_telemetry = partial(Feature, pillar=Pillar.ENVIRONMENT, signal="equipment_telemetry")
_derived = partial(Feature, pillar=Pillar.ENVIRONMENT, signal=None)

ENVIRONMENT: tuple[Feature, ...] = (
    _emission(name="emission_co2", expr=latest("co2"), unit=Unit.COUNT,
              zh="最近一年二氧化碳排放吨数", en="tonnes of carbon dioxide emitted in the latest year"),
    _derived(name="emission_intensity", expr=ratio(pl.col("emission_co2") * 1_000_000, "statement_revenue"),
             unit=Unit.RATIO,
             zh="每百万元营业收入的碳排放吨数", en="tonnes of carbon dioxide a million yuan of revenue"),
    # The meter tells of output before the books do.
    _emission(name="emission_energy_growth", expr=growth("energy"), unit=Unit.SHARE, window="1 year",
              direction=LOWERS, zh="用电量同比增长率", en="growth of electricity used on the year before"),
    _telemetry(name="telemetry_utilisation", expr=mean_share("utilisation_points", LAST_QUARTER), unit=Unit.SHARE,
               window="3 months", direction=LOWERS,
               zh="近3个月平均设备利用率", en="mean equipment utilisation of the last 3 months"),
    _telemetry(name="telemetry_utilisation_change", unit=Unit.SHARE, window="6 months", direction=LOWERS,
               expr=mean_share("utilisation_points", LAST_QUARTER) - mean_share("utilisation_points", QUARTER_BEFORE),
               zh="近3个月设备利用率较前3个月的变动", en="utilisation of the last 3 months less that of the 3 before"),
    _telemetry(name="telemetry_utilisation_low", expr=pl.when(within(YEAR)).then(pl.col("utilisation")).min(),
               unit=Unit.SHARE, window="12 months", direction=LOWERS,
               zh="近12个月最低设备利用率", en="lowest equipment utilisation of the last 12 months"),
    _telemetry(name="telemetry_uptime", expr=mean_share("uptime_points", LAST_QUARTER), unit=Unit.SHARE,
               window="3 months", direction=LOWERS,
               zh="近3个月平均设备在线率", en="mean equipment uptime of the last 3 months"),
    _telemetry(name="telemetry_age", expr=AGE.min(), unit=Unit.DAYS, direction=RAISES,
               zh="距最近一次设备数据的天数", en="days since machines last reported"),
)  # fmt: skip
