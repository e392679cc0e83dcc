"""Ready features as they were given, read as numbers; rows that hold anything else are named with what is wrong."""

import polars as pl

from alliance.errors import InvalidInput
from scoring.model import Bundle

FAULT: dict[str, pl.DataType] = {
    "code": pl.String(),
    "field": pl.String(),
    "reason": pl.String(),
    "remedy": pl.String(),
}
"""Columns of a row that cannot be scored; null in one that can."""

_REMEDY = "Give a finite number, or nothing where the value is not known."


def require_features(bundle: Bundle, columns: dict[str, pl.DataType]) -> None:
    """Refuse rows with these columns, unless every feature of the model is among them and can be read as numbers.

    Raises:
        InvalidInput: which columns are missing, or of a type that holds no numbers.
    """
    missing = [name for name in bundle.names if name not in columns]
    if missing:
        raise InvalidInput(
            f"The model asks for features that are no columns: {', '.join(missing)}.",
            remedy="Add the columns, empty where nothing is known, or allow missing features to count as unknown.",
        )
    strange = [f"{name} ({columns[name]})" for name in bundle.names if not _readable(columns[name])]
    if strange:
        raise InvalidInput(f"These columns hold no numbers: {', '.join(strange)}.", remedy=_REMEDY)


def _readable(kind: pl.DataType) -> bool:
    return kind.is_numeric() or kind in (pl.String, pl.Boolean, pl.Null)


def checked(bundle: Bundle, rows: pl.DataFrame) -> pl.DataFrame:
    """The features as Float64, null where unknown (so is NaN), then ``FAULT``; the other columns as they are, first.

    A row's first feature, in the model's order, that is no finite number is its fault.

    Raises:
        InvalidInput: see ``require_features``.
    """
    require_features(bundle, dict(rows.schema))
    numbers = {name: _number(name, rows.schema[name]) for name in bundle.names}
    wrong = {name: _wrong(name, rows.schema[name], number) for name, number in numbers.items()}
    found = rows.select(**wrong)
    if not any(found.select(pl.all().any()).row(0)):
        faults = [pl.lit(None, kind).alias(name) for name, kind in FAULT.items()]
    else:
        field = pl.coalesce(pl.when(found[name]).then(pl.lit(name)) for name in found.columns)
        value = pl.coalesce(pl.when(found[name]).then(pl.col(name).cast(pl.String)) for name in found.columns)
        faulty = field.is_not_null()
        faults = [
            pl.when(faulty).then(pl.lit(InvalidInput.code)).alias("code"),
            field.alias("field"),
            pl.when(faulty).then(pl.format("{} is {}: no finite number.", field, value)).alias("reason"),
            pl.when(faulty).then(pl.lit(_REMEDY)).alias("remedy"),
        ]
    other = [name for name in rows.columns if name not in numbers]
    known = [number.fill_nan(None).alias(name) for name, number in numbers.items()]
    return rows.select(*other, *known, *faults)


def _number(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    return column.str.strip_chars().cast(pl.Float64, strict=False) if kind == pl.String else column.cast(pl.Float64)


def _wrong(name: str, kind: pl.DataType, number: pl.Expr) -> pl.Expr:
    """Whether a row has a value that cannot be used; never null."""
    infinite = number.is_infinite().fill_null(value=False)
    if kind == pl.String:
        text = pl.col(name).str.strip_chars()
        return infinite | (number.is_null() & (text != "").fill_null(value=False))
    return infinite if kind.is_float() else pl.lit(value=False)
