"""Contributions in words: the few features that did most to a score, each with its value."""

import math

import numpy as np
from numpy.typing import NDArray

from alliance.corroboration import Contested
from alliance.signals import signal_named
from scoring.features.declaration import Unit
from scoring.model.contract import ContractFeature
from scoring.model.scale import FloatArray
from scoring.result import ContestedFact, Reason

MAX_REASONS = 4
"""Reasons given per side. US Regulation B, official comment 9(b)(2)-1: more than four are not likely to help."""

MIN_POINTS = 0.5
"""A feature that moves the score by less than half a point is no reason: it would not change the rounded points."""

NOBODY = -1
"""Stands where a row has fewer reasons than columns."""

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


def pick(points: FloatArray) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Columns that lose most points, and columns that win most, of points won per feature (n, f).

    Each is (n, up to ``MAX_REASONS``), strongest first, ``NOBODY`` where no further feature moves ``MIN_POINTS``.
    Equal points rank in the order of the columns.
    """
    return _lowest(points), _lowest(-points)


def _lowest(points: FloatArray) -> NDArray[np.intp]:
    order = np.argsort(points, axis=1, kind="stable")[:, :MAX_REASONS]
    return np.where(np.take_along_axis(points, order, axis=1) <= -MIN_POINTS, order, NOBODY)


def reason(feature: ContractFeature, value: float, points: float) -> Reason:
    """The reason that a feature with this value (NaN for unknown) won these points (negative: lost)."""
    zh, en = worded(feature.unit, value)
    return Reason(
        feature=feature.name,
        pillar=feature.pillar,
        value=None if math.isnan(value) else value,
        points=points,
        zh=f"{feature.zh}：{zh}",
        en=f"{feature.en[:1].upper()}{feature.en[1:]}: {en}",
    )


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
