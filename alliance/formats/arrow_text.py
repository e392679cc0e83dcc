"""Typed Arrow columns -> columns of text, written as a person would write them."""

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import polars as pl
import pyarrow as pa

from .batch import Fault
from .numbers import float_text

_MOMENT = "%Y-%m-%dT%H:%M:%S%.f"
_WHOLE_COLUMN = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_boolean,
    pa.types.is_integer,
    pa.types.is_float32,
    pa.types.is_float64,
    pa.types.is_decimal128,
    pa.types.is_temporal,
    pa.types.is_null,
)


def column_text(name: str, column: Any) -> tuple[pl.Series, list[tuple[int, Fault]]]:
    """Return an Arrow column as text of the same length, and the places of values that no text stands for.

    Dates and times are ISO 8601, decimals plain, floats the shortest text without exponent, booleans true and false.
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not any(known(column.type) for known in _WHOLE_COLUMN):
        return _one_by_one(name, column)
    series = pl.Series(name, pl.from_arrow(column))
    text = _series_text(series)
    wrong = series.is_not_null() & text.is_null()
    return text, [(place, _fault(name, series[place])) for place in wrong.arg_true()] if wrong.any() else []


def _series_text(series: pl.Series) -> pl.Series:
    kind = series.dtype
    if isinstance(kind, pl.Datetime):
        return series.dt.strftime(_MOMENT + ("%:z" if kind.time_zone else ""))
    if kind == pl.Time:
        return series.dt.strftime("%H:%M:%S%.f")
    if kind == pl.Duration:
        return series.dt.to_string("iso")
    if kind.is_float():
        return _float_series_text(series)
    return series.cast(pl.String, strict=False)


def _float_series_text(series: pl.Series) -> pl.Series:
    text = series.set(~series.is_finite().fill_null(True), None).cast(pl.String)
    if not text.str.contains("e", literal=True).any():
        return text
    plain = [float_text(float(value)) if value and "e" in value else value for value in text]
    return pl.Series(series.name, plain, dtype=pl.String)


def _fault(name: str, value: object) -> Fault:
    remedy = "Give a finite number, text in UTF-8, or nothing."
    return Fault("parquet.value", remedy, field=name, value=str(value))


def _one_by_one(name: str, column: Any) -> tuple[pl.Series, list[tuple[int, Fault]]]:
    texts: list[str | None] = []
    faults: list[tuple[int, Fault]] = []
    for place, value in enumerate(_values(column)):
        try:
            texts.append(None if value is None else _text(value))
        except ValueError:
            texts.append(None)
            faults.append((place, _fault(name, value)))
    return pl.Series(name, texts, dtype=pl.String), faults


def _values(column: Any) -> Iterator[object]:
    return (value.as_py() for value in column)


def _text(value: object) -> str:
    """Return one value as text; raises ValueError if there is none for it."""
    match value:
        case bool():
            return str(value).lower()
        case bytes():
            return value.decode()
        case float() | Decimal():
            return _finite(value)
        case dt.date() | dt.time():
            return value.isoformat()
        case list():
            return _list_text(value)
        case _:
            return str(value)


def _list_text(value: list[object]) -> str:
    if any(isinstance(item, list | tuple | dict) for item in value):
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_text)
    return ";".join(_text(item) for item in value if item is not None)


def _finite(value: float | Decimal) -> str:
    if not Decimal(value).is_finite():
        raise ValueError(value)
    return float_text(value) if isinstance(value, float) else format(value, "f")
