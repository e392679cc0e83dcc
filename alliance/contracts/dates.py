"""Date patterns of the contract standard, and the days they read."""

import re

import polars as pl

from alliance.errors import ContractError

EARLIEST_YEAR, LATEST_YEAR = 1900, 2100
"""Dates outside these years are taken for mistakes; no company or event the alliance deals with lies there."""

ISO_PATTERN = r"^(\d{4}-\d{1,2}-\d{1,2})(?:[T ]\d{2}:\d{2}.*)?$"
"""An ISO date, or the date of an ISO date-time."""

_LETTERS = {"y": "%Y", "M": "%m", "d": "%d", "H": "%H", "m": "%M", "s": "%S"}

_WHOLE = ({"y"}, {"y", "M"}, {"y", "M", "d"}, {"y", "M", "d", "H", "m"}, {"y", "M", "d", "H", "m", "s"})
"""Letters that together give a date."""


def strptime_pattern(pattern: str) -> str:
    """The pattern in strptime letters: ``yyyy年M月d日`` -> ``%Y年%m月%d日``; one or two digits are read alike.

    Raises:
        ContractError: a letter other than ``y M d H m s`` stands outside quotes, or those there are give no date.
    """
    parts = []
    letters = set()
    for token in re.finditer(r"'(?P<quoted>[^']*)'|(?P<run>([A-Za-z])\3*)|(?P<other>.)", pattern):
        run = token["run"]
        if run is None:
            parts.append((token["quoted"] or token["other"] or "").replace("%", "%%"))
        elif run[0] in _LETTERS:
            parts.append("%y" if run == "yy" else _LETTERS[run[0]])
            letters.add(run[0])
        else:
            raise ContractError(
                f"Date pattern {pattern!r} has the letter {run[0]!r}.", remedy="Use y, M, d, H, m and s, or quote it."
            )
    if letters not in _WHOLE:
        raise ContractError(
            f"Date pattern {pattern!r} gives no date.",
            remedy="It needs the year; a day needs its month, an hour its day and minute.",
        )
    return "".join(parts)


def half_width(text: pl.Series) -> pl.Series:
    """Texts with letters, digits and signs of full width as those of half width; most texts are of no other."""
    return text.str.normalize("NFKC") if text.str.contains(r"[^\x00-\x7F]").any() else text


def parsed_date(text: pl.Expr, patterns: tuple[str, ...]) -> pl.Expr:
    """Texts at half width as dates by the first pattern that fits; null where none does or the year is too far off."""
    if patterns:
        parsed = pl.coalesce(_by(text, pattern) for pattern in patterns)
    else:
        parsed = text.str.extract(ISO_PATTERN, 1).str.to_date("%Y-%m-%d", strict=False)
    return pl.when(parsed.dt.year().is_between(EARLIEST_YEAR, LATEST_YEAR)).then(parsed)


def _by(text: pl.Expr, pattern: str) -> pl.Expr:
    if any(letter in pattern for letter in ("%H", "%M", "%S")):
        return text.str.to_datetime(pattern, strict=False).dt.date()
    if "%d" not in pattern:  # a month or a year alone stands for its first day
        first = " 1" if "%m" in pattern else " 1 1"
        return (text + first).str.to_date(pattern + (" %d" if "%m" in pattern else " %m %d"), strict=False)
    return text.str.to_date(pattern, strict=False)
