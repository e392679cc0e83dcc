"""One column of a member's file -> one field of a record: the value, and what can be wrong with it."""

from collections.abc import Iterator, Mapping
from unicodedata import normalize

import polars as pl

from alliance.contracts.checks import Check
from alliance.contracts.contract import FieldMapping, ValueMap
from alliance.contracts.dates import half_width, parsed_date
from alliance.signals import FieldType

LONGEST_TEXT = 2_000
"""Characters a text may have; longer is a document, and no signal holds documents."""

LARGEST_NUMBER = 2.0**53
"""Beyond this a whole number is not exact in floating point, and no amount or count is as large."""

TRUE_WORDS = ("true", "1", "yes", "y", "是", "有")
FALSE_WORDS = ("false", "0", "no", "n", "否", "无")

NUMERIC = frozenset({FieldType.INTEGER, FieldType.NUMBER, FieldType.SHARE, FieldType.MONEY})


def raw_column(mapping: FieldMapping) -> pl.Expr:
    """The member's word for the field, as text: constant or cell, the part to keep, mapped to the signal's words."""
    text = pl.lit(mapping.constant, pl.String) if mapping.constant is not None else pl.col(str(mapping.column))
    return text.str.extract(mapping.extract, 1) if mapping.extract else text


def mapped_words(text: pl.Expr, values: ValueMap | None) -> pl.Expr:
    """The signal's word for each of the member's; null for a word the map does not know under a strict map."""
    if values is None:
        return text
    known = list(values.words)
    found = text.replace_strict(known, list(values.words.values()), default=None, return_dtype=pl.String)
    if values.strict or values.otherwise is None:
        return found
    return pl.when(text.is_in(known) | text.is_null()).then(found).otherwise(pl.lit(values.otherwise))


def read_from(text: pl.Series, mapping: FieldMapping) -> pl.Series:
    """What a value is read from: the word itself, or, of a date or number, its characters at half width."""
    return half_width(text) if mapping.field.type in NUMERIC | {FieldType.DATE} else text


def typed_value(text: pl.Expr, mapping: FieldMapping, rates: Mapping[str, float]) -> pl.Expr:
    """The value in the field's own type and unit; null where the text, as ``read_from`` gives it, is none."""
    kind = mapping.field.type
    if kind is FieldType.DATE:
        return parsed_date(text, mapping.formats)
    if kind is FieldType.FLAG:
        lower = text.str.to_lowercase()
        return pl.when(lower.is_in(TRUE_WORDS)).then(True).when(lower.is_in(FALSE_WORDS)).then(False)
    if kind not in NUMERIC:
        return text
    number = _exact(_number(text, mapping) * _factor(mapping, rates))
    if kind is FieldType.MONEY:
        return number.round(0).cast(pl.Int64, strict=False)
    if kind is FieldType.INTEGER:
        return pl.when(number == number.round(0)).then(number).cast(pl.Int64, strict=False)
    return number


def _number(digits: pl.Expr, mapping: FieldMapping) -> pl.Expr:
    if mapping.grouping:
        digits = digits.str.replace_all(normalize("NFKC", mapping.grouping), "", literal=True)
    if mapping.units:
        return _with_unit(digits, mapping.units)
    return digits.cast(pl.Float64, strict=False)


def _with_unit(text: pl.Expr, units: tuple[tuple[str, float], ...]) -> pl.Expr:
    """A number followed by one of the units, such as 1.5亿美元; null for any other unit, or none."""
    number, unit = (text.str.extract(r"^([-+0-9.eE]+)\s*(\S+)$", part) for part in (1, 2))
    size = unit.replace_strict(dict(units), default=None, return_dtype=pl.Float64)
    return number.cast(pl.Float64, strict=False) * size


def _exact(number: pl.Expr) -> pl.Expr:
    return pl.when(number.is_finite() & (number.abs() <= LARGEST_NUMBER)).then(number)


def _factor(mapping: FieldMapping, rates: Mapping[str, float]) -> pl.Expr:
    if mapping.currency is None:
        return pl.lit(mapping.scale)
    return _rate(mapping, rates) * mapping.scale


def _rate(mapping: FieldMapping, rates: Mapping[str, float]) -> pl.Expr:
    """Yuan per unit of the amount's currency; null where the contract has no rate for it."""
    if mapping.currency is None or mapping.currency.column is None:
        code = mapping.currency.code if mapping.currency else None
        return pl.lit(rates.get(code or "CNY", 1.0 if code == "CNY" else None), pl.Float64)
    known = {"CNY": 1.0, **rates}
    return pl.col(mapping.currency.column).replace_strict(
        list(known), list(known.values()), default=None, return_dtype=pl.Float64
    )


def checks(mapping: FieldMapping, rates: Mapping[str, float], *, required: bool) -> Iterator[Check]:
    """Everything that can be wrong with one field, over the columns ``cell:``, ``text:`` and ``value:`` of its name.

    Args:
        required: whether an empty cell is a fault.
    """
    name, column = mapping.field.name, mapping.column or mapping.field.name
    cell, text, value = (pl.col(f"{kind}:{name}") for kind in ("cell", "text", "value"))

    def check(rule: str, remedy: str, bad: pl.Expr) -> Check:
        return Check(column, rule, remedy, bad, f"cell:{name}")

    unknown_word = pl.lit(False)
    if mapping.values is not None and mapping.values.strict:
        unknown_word = cell.is_not_null() & ~cell.is_in(list(mapping.values.words))
        yield check("word", "Add the word to the contract's value map, or correct it.", unknown_word)
    if required:
        yield check("required", f"Fill it; {mapping.field.en} is needed.", text.is_null() & ~unknown_word)
    unrated = pl.lit(False)
    if mapping.currency is not None:
        unrated = text.is_not_null() & _rate(mapping, rates).is_null()
        yield check("currency", "Add the currency to the contract's rates, or correct it.", unrated)
    unread = text.is_not_null() & value.is_null() & ~unrated
    yield check(mapping.field.type.value, _TYPE_REMEDIES[mapping.field.type], unread)
    if mapping.pattern:
        yield check("pattern", f"It must match {mapping.pattern}.", ~text.str.contains(mapping.pattern))
    for rule, remedy, bad in _limits(mapping, value):
        yield check(rule, remedy, bad)


def _limits(mapping: FieldMapping, value: pl.Expr) -> Iterator[tuple[str, str, pl.Expr]]:
    """Rule, remedy and where it is broken, for a value that reads as the field's type."""
    field = mapping.field
    lows = [bound for bound in (field.minimum, mapping.minimum) if bound is not None]
    highs = [bound for bound in (field.maximum, mapping.maximum) if bound is not None]
    if lows:
        yield "minimum", f"It cannot be below {max(lows):g}.", value < max(lows)
    if highs:
        yield "maximum", f"It cannot be above {min(highs):g}.", value > min(highs)
    if field.values:
        remedy = f"Use one of {', '.join(field.values)}, or map the word in the contract."
        yield "category", remedy, ~value.is_in(list(field.values))
    elif field.type is FieldType.TEXT:
        yield "length", f"Keep it under {LONGEST_TEXT} characters.", value.str.len_chars() > LONGEST_TEXT


_TYPE_REMEDIES = {
    FieldType.TEXT: "Write a text.",
    FieldType.CATEGORY: "Write a word of the list.",
    FieldType.INTEGER: "Write a whole number.",
    FieldType.NUMBER: "Write a number; name the thousands separator in the contract if there is one.",
    FieldType.SHARE: "Write a number; per cent needs scale 0.01 in the contract.",
    FieldType.MONEY: "Write a number; name the thousands separator in the contract if there is one.",
    FieldType.DATE: "Write a real date between 1900 and 2100; name its pattern in the contract if it is not ISO.",
    FieldType.FLAG: "Write true or false.",
}
