"""Reasons in words: features of one group with their values; and facts that are contested."""

import math
from collections.abc import Sequence
from typing import Protocol

from alliance.corroboration import Contested
from alliance.signals import signal_named
from scoring.features.declaration import Unit
from scoring.model.contract import ContractFeature
from scoring.model.groups import FeatureGroup
from scoring.result import ContestedFact, Reason

_UNKNOWN = ("未知", "unknown")
_YES_NO = {True: ("是", "yes"), False: ("否", "no")}
_NAMED_UNITS = {
    Unit.DAYS: ("天", "day", "days"),
    Unit.MONTHS: ("个月", "month", "months"),
    Unit.YEARS: ("年", "year", "years"),
    Unit.PEOPLE: ("人", "person", "people"),
}
_CNY_ZH = ((1e8, "亿元"), (1e4, "万元"))
_CNY_EN = ((1e9, "bn"), (1e6, "m"), (1e3, "k"))


def reason(
    named: Sequence[ContractFeature], values: Sequence[float], points: float, group: FeatureGroup | None = None
) -> Reason:
    """The reason that features of one group with these values (NaN for unknown) won these points (negative: lost).

    Args:
        named: the leading feature first.
        group: of what else the points are; ``None`` for a feature that stands alone.
    """
    words = [(feature, *worded(feature.unit, value)) for feature, value in zip(named, values, strict=True)]
    zh, en = told([(one.zh, zh) for one, zh, _ in words], [(one.en, en) for one, _, en in words], group)
    lead = named[0]
    return Reason(
        feature=lead.name,
        group="" if group is None else group.name,
        also=tuple(feature.name for feature in named[1:]),
        pillar=lead.pillar,
        value=None if math.isnan(values[0]) else values[0],
        points=points,
        zh=zh,
        en=en,
    )


class Named(Protocol):
    """What has words in both languages."""

    @property
    def zh(self) -> str: ...

    @property
    def en(self) -> str: ...


def told(zh: Sequence[tuple[str, str]], en: Sequence[tuple[str, str]], group: Named | None) -> tuple[str, str]:
    """Features and their values in words, behind the words of their group, in Chinese and English."""
    features_zh = "；".join(f"{name}：{value}" for name, value in zh)
    features_en = "; ".join(f"{name}: {value}" for name, value in en)
    if group is None:
        return features_zh, _capital(features_en)
    return f"{group.zh}（{features_zh}）", f"{_capital(group.en)} ({features_en})"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_NOT_USED = ("按未知处理", "used as unknown")
_USED = ("采用可信度较高的说法", "the weightier word is used")


def contested_fact(contested: Contested) -> ContestedFact:
    """A contested fact in words."""
    signal = signal_named(contested.signal)
    fields = [signal.field(name) for name in contested.fields]
    key = contested.key.replace("|", " ")
    treated = [(kept, [field for field in fields if field.kept_contested is kept]) for kept in (False, True)]
    zh = "；".join(
        f"{'、'.join(field.zh for field in some)}，各成员说法不一，{(_USED if kept else _NOT_USED)[0]}"
        for kept, some in treated if some
    )  # fmt: skip
    en = "; ".join(
        f"{', '.join(field.en for field in some)}: members contradict each other, {(_USED if kept else _NOT_USED)[1]}"
        for kept, some in treated if some
    )  # fmt: skip
    return ContestedFact(
        signal=signal.name,
        key=contested.key,
        fields=contested.fields,
        zh=f"{signal.zh}{f'（{key}）' if key else ''}：{zh}",
        en=f"{signal.en[:1].upper()}{signal.en[1:]}{f' ({key})' if key else ''}, {en}",
    )


def worded(unit: Unit, value: float) -> tuple[str, str]:
    """A value with its unit, in Chinese and English; NaN is unknown."""
    if math.isnan(value):
        return _UNKNOWN
    match unit:
        case Unit.CNY:
            return _money_zh(value), _money_en(value)
        case Unit.FLAG:
            return _YES_NO[value != 0]
        case Unit.SHARE:
            return (text := f"{_short(100 * value, 1)}%"), text
        case Unit.DAYS | Unit.MONTHS | Unit.YEARS | Unit.PEOPLE:
            return unit_words(unit, _short(value, 1))
        case Unit.COUNT | Unit.LEVEL | Unit.RATIO:
            return (text := _short(value, 2)), text


def unit_words(unit: Unit, number: str) -> tuple[str, str]:
    """A number or a band as written, with its unit, in Chinese and English."""
    match unit:
        case Unit.CNY:
            return f"{number} 元", f"CNY {number}"
        case Unit.SHARE:
            return f"{number}%", f"{number}%"
        case Unit.DAYS | Unit.MONTHS | Unit.YEARS | Unit.PEOPLE:
            zh, one, many = _NAMED_UNITS[unit]
            return f"{number} {zh}", f"{number} {one if number == '1' else many}"
    return number, number


def _short(value: float, decimals: int) -> str:
    """A number with at most that many decimals, grouped in thousands, without trailing zeros or a negative zero."""
    text = f"{value:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if decimals else text
    return "0" if text == "-0" else text


def _money_zh(value: float) -> str:
    for size, unit in _CNY_ZH:
        if abs(value) >= size:
            return f"{_short(value / size, 2 if size > 1e4 else 0)} {unit}"
    return f"{_short(value, 0)} 元"


def _money_en(value: float) -> str:
    for size, unit in _CNY_EN:
        if abs(value) >= size:
            return f"CNY {_short(value / size, 1)}{unit}"
    return f"CNY {_short(value, 0)}"
