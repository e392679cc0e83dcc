"""What machines and meters say."""

from alliance.signals.declaration import (
    Field,
    FieldType,
    Grain,
    KeyPart,
    Pillar,
    Sensitivity,
    Signal,
    count,
    day,
    number,
    share,
)  # fmt: skip

EMISSION = Signal(
    name="emission",
    pillar=Pillar.ENVIRONMENT,
    zh="碳排放",
    en="emissions of a year",
    fields=(
        day("period_end", "期末", "end of the year reported"),
        number("co2", "二氧化碳排放", "carbon dioxide emitted", "t", minimum=0),
        number("energy", "用电量", "electricity used", "kWh", minimum=0),
    ),
    key=(KeyPart("period_end", Grain.YEAR),),
    event="period_end",
)

EQUIPMENT_TELEMETRY = Signal(
    name="equipment_telemetry",
    pillar=Pillar.ENVIRONMENT,
    zh="设备运行数据",
    en="equipment telemetry",
    fields=(
        Field(name="site", type=FieldType.TEXT, zh="站点", en="site", sensitivity=Sensitivity.CONFIDENTIAL),
        day("observed_on", "观察日期", "day of observation"),
        share("utilisation", "设备利用率", "utilisation"),
        share("uptime", "设备在线率", "uptime"),
        count("devices", "在线设备数", "devices online", "devices"),
    ),
    key=(KeyPart("site"), KeyPart("observed_on", Grain.MONTH)),
    event="observed_on",
)

ENVIRONMENT = (EMISSION, EQUIPMENT_TELEMETRY)
