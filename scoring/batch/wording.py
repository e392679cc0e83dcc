"""The words of many reasons at once: the texts of ``scoring.model.reasons.reason``, without an object per reason.

What differs between two values of a feature often does not differ in words (12.31 and 12.34 months are both 12.3). So
values are put into classes that are worded alike, one of each class is worded by ``reasons.worded`` itself, and the
texts are put together column by column.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.features.declaration import Unit
from scoring.model import Bundle
from scoring.model.reasons import told, worded
from scoring.model.scale import FloatArray
from scoring.model.selection import NOBODY, Selection

_SHOWN = {Unit.SHARE: 1, Unit.DAYS: 1, Unit.MONTHS: 1, Unit.YEARS: 1, Unit.PEOPLE: 1}
_SHOWN_ELSE = 2
"""Decimals a value is worded with."""

_SIZES = ((1e8, 1e8, 1e2), (1e4, 1e4, 1e0)), ((1e9, 1e9, 1e1), (1e6, 1e6, 1e1), (1e3, 1e3, 1e1))
"""Money in Chinese and in English: from which amount on, in which unit, and what it is multiplied by to be whole."""

_SURE, _LARGEST = 0.5 - 1e-6, 1e9
"""A number is rounded with its words if it is not nearer than this to a half, nor larger; else it is its own class."""

_ROUNDED, _EXACT, _UNKNOWN = 0, 1, 2
_CLASS = ["feature", "kind", "zh", "en"]


def texts(bundle: Bundle, given: Selection, values: FloatArray) -> tuple[pl.Series, pl.Series]:
    """What each reason (m) says, in Chinese and English.

    Args:
        given: the reasons.
        values: values of the features they name (m, most named), NaN for unknown; whatever where ``NOBODY`` is named.
    """
    phrases, place = _phrases(bundle, given.named, values)
    groups = bundle.together.groups
    frames = [told([("", "")], [("", "")], group) for group in groups]
    alone = np.array([group is None for group in groups], dtype=np.bool_)[given.group]
    zh = _joined(given, [one for one, _ in frames], phrases["zh"], place, ("：", "；", np.zeros_like(alone)))
    en = _joined(given, [one for _, one in frames], phrases["en"], place, (": ", "; ", alone))
    return zh, en


def _joined(
    given: Selection,
    frames: list[str],
    phrases: pl.Series,
    place: NDArray[np.int64],
    language: tuple[str, str, NDArray[np.bool_]],
) -> pl.Series:
    """The phrases of each reason within the words of its group.

    Args:
        frames: by group, the words around an empty phrase.
        phrases: every phrase there is.
        place: the phrases of each reason (m, most named), ``NOBODY`` for none.
        language: what stands between a name and its value, what between two phrases, and which reasons begin with
            their first phrase and so with a capital (m).
    """
    colon, comma, capital = language
    before, after = zip(*(frame.split(colon) for frame in frames), strict=True)
    leading = pl.concat([phrases, phrases.str.head(1).str.to_uppercase() + phrases.str.slice(1)])
    further = pl.concat([pl.Series([""]), comma + phrases])
    texts = [pl.Series(list(before)).gather(given.group), leading.gather(place[:, 0] + len(phrases) * capital)]
    texts += [further.gather(column + 1) for column in place[:, 1:].T if (column != NOBODY).any()]
    texts.append(pl.Series(list(after)).gather(given.group))
    return pl.select(pl.concat_str(texts)).to_series()


def _phrases(bundle: Bundle, named: NDArray[np.intp], values: FloatArray) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """Every phrase that is needed, and the place of the phrase of each named feature (m, most named)."""
    known = named != NOBODY
    classes = _classes(bundle, named[known], values[known])
    unlike = classes.unique(_CLASS, keep="first", maintain_order=True)
    features = [bundle.contract[feature] for feature in unlike["feature"]]
    words = [worded(feature.unit, value) for feature, value in zip(features, unlike["value"], strict=True)]
    phrases = pl.DataFrame(
        {
            "zh": [f"{feature.zh}：{zh}" for feature, (zh, _) in zip(features, words, strict=True)],
            "en": [f"{feature.en}: {en}" for feature, (_, en) in zip(features, words, strict=True)],
        },
        schema={"zh": pl.String, "en": pl.String},
    )
    found = classes.join(unlike.select(_CLASS).with_row_index("phrase"), on=_CLASS, how="left", maintain_order="left")
    place = np.full(named.shape, NOBODY, dtype=np.int64)
    place[known] = found["phrase"].to_numpy()
    return phrases, place


def _classes(bundle: Bundle, feature: NDArray[np.intp], value: FloatArray) -> pl.DataFrame:
    """Features and values (k) with their class: two of one class are worded alike."""
    kind, zh, en = np.zeros(len(value), np.uint8), np.zeros(len(value), np.int64), np.zeros(len(value), np.int64)
    units = np.array([list(Unit).index(feature.unit) for feature in bundle.contract])[feature]
    for place, unit in enumerate(Unit):
        own = (units == place) & ~np.isnan(value)
        zh[own], en[own], sure = _rounded(unit, value[own])
        kind[own] = np.where(sure, _ROUNDED, _EXACT)
    exact, unknown = kind == _EXACT, np.isnan(value)
    zh[exact] = en[exact] = value[exact].view(np.int64)
    kind[unknown] = _UNKNOWN
    return pl.DataFrame({"feature": feature, "kind": kind, "zh": zh, "en": en, "value": value})


def _rounded(unit: Unit, value: FloatArray) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Known values as they read in Chinese and in English, and whether that is sure."""
    if unit is Unit.FLAG:
        flag = (value != 0).astype(np.int64)
        return flag, flag, np.ones(len(value), np.bool_)
    if unit is Unit.CNY:
        (zh, sure), (en, sure_too) = (_whole(value, sizes) for sizes in _SIZES)
        return zh, en, sure & sure_too
    shown = 10.0 ** _SHOWN.get(unit, _SHOWN_ELSE)
    both, sure = _whole(100 * value if unit is Unit.SHARE else value, ((0.0, 1.0, shown),))
    return both, both, sure


def _whole(
    value: FloatArray, sizes: tuple[tuple[float, float, float], ...]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Values in the unit of their size as whole numbers that name the unit too, and whether rounding is sure."""
    least, unit, times = (
        np.array([*column, last]) for column, last in zip(zip(*sizes, strict=True), (0.0, 1.0, 1.0), strict=True)
    )
    which = np.argmax(np.abs(value)[:, None] >= least, axis=1)
    shown = value / unit[which] * times[which]
    whole = np.rint(shown)
    sure = (np.abs(shown - whole) < _SURE) & (np.abs(shown) <= _LARGEST)
    return np.where(sure, whole, 0).astype(np.int64) * len(least) + which, sure
