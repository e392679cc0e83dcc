"""Which companies are compared at all: those that share a name, a rare part of one, a person or a web site."""

from collections.abc import Callable
from typing import NamedTuple

import polars as pl

from alliance.identity.names import met, romanised_word, worded

CROWD = 200
"""Companies that may share a word, a person or a web site before it says too little to compare them for it."""

MARKS = 2
"""How many of its rarest words, or pairs of characters, may bring a name together with others."""

_PLACE_WORDS = r"(?:省|市|自治区|特别行政区|province|city)$"


class Candidates(NamedTuple):
    """What is to be compared.

    Attributes:
        rows: a row for each name of each company: ``row`` (number), ``company_id``, what ``names.normalised`` tells of
            the name (null where it has none), ``country``, ``region`` and ``city`` in plain letters, ``founded_on``,
            ``people``, ``host`` (of the web site).
        pairs: ``left`` (a newcomer's row) and ``right``; each two newcomers once.
    """

    rows: pl.DataFrame
    pairs: pl.DataFrame


def candidates(newcomers: pl.DataFrame, known: pl.DataFrame) -> Candidates:
    """Rows and pairs to compare, from companies in frames of ``PROFILE_SCHEMA``, none in both.

    Two companies with different registration numbers are no pair.
    """
    every = pl.concat([newcomers.with_columns(new=True), known.with_columns(new=False)]).sort("company_id")
    rows = _rows(every)
    return Candidates(rows, _pairs(rows, _blocks(rows)))


def _rows(every: pl.DataFrame) -> pl.DataFrame:
    """One row for each way a company is called; the marks that stay are rare, the pinyin is met in both scripts."""
    named = every.select("company_id", pl.col("names").alias("name")).explode("name").drop_nulls()
    named = named.join(worded(named["name"]), on="name").sort("company_id", "key", "name")
    named = named.unique(["company_id", "key"], keep="first", maintain_order=True)
    named = named.with_columns(met(named)).drop("words")
    named = _kept(named, "marks", _companies(named, "marks").filter(pl.col("companies") <= CROWD)["marks"])
    host = pl.col("website").str.to_lowercase().str.extract(r"^(?:[a-z]+://)?(?:www\.)?([^/?#:\s]+)")
    rows = every.drop("names").join(named, on="company_id", how="left", maintain_order="left")
    rows = rows.with_columns(host.alias("host"), *(_each(rows[name], _place) for name in ("region", "city")))
    lists = [pl.col(name).fill_null([]) for name in ("pieces", "marks", "romanised", "people")]
    return rows.with_columns(*lists).drop("website").with_row_index("row")


def _kept(named: pl.DataFrame, column: str, wanted: pl.Series) -> pl.DataFrame:
    """The frame with only the wanted words left in a column of lists."""
    return named.with_columns(pl.col(column).list.set_intersection(wanted.implode().first()).list.sort())


def _companies(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """How many companies have each word of a column of lists."""
    words = rows.select("company_id", column).explode(column).drop_nulls(column)
    return words.group_by(column).agg(pl.col("company_id").n_unique().alias("companies"))


def _each(column: pl.Series, made: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Something made of every distinct value of a column, in their places."""
    distinct = column.drop_nulls().unique()
    return column.replace_strict(distinct, made(distinct), default=None, return_dtype=pl.String)


def _place(names: pl.Series) -> pl.Series:
    bare = names.str.to_lowercase().str.replace(_PLACE_WORDS, "")
    return bare.to_frame("place").select(romanised_word(pl.col("place"))).to_series()


def _blocks(rows: pl.DataFrame) -> pl.DataFrame:
    """What brings rows together: ``row``, ``block``, ``asks``; a row that asks meets all others of its block."""
    marks = rows.select("row", "marks").explode("marks").drop_nulls()
    marks = marks.join(_companies(rows, "marks"), on="marks").sort("row", "companies", "marks")
    rank = pl.int_range(pl.len()).over("row")
    parts = {
        "key": rows.select("row", pl.col("key").alias("block"), asks=True),
        "mark": marks.select("row", pl.col("marks").alias("block"), asks=rank < MARKS),
        "pinyin": rows.select("row", pl.col("romanised").alias("block"), asks=True).explode("block"),
        "host": rows.select("row", pl.col("host").alias("block"), asks=True),
        "person": rows.select("row", pl.col("people").alias("block"), asks=True).explode("block"),
    }
    blocks = pl.concat(
        frame.drop_nulls().with_columns(pl.format(f"{kind}:{{}}", "block").alias("block"))
        for kind, frame in parts.items()
    )
    companies = blocks.join(rows.select("row", "company_id"), on="row").group_by("block")
    shared = companies.agg(pl.col("company_id").n_unique().alias("companies"))
    return blocks.join(shared.filter(pl.col("companies").is_between(2, CROWD)), on="block").drop("companies")


def _pairs(rows: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    who = rows.select("row", "company_id", "registration_number", "new")
    sides = blocks.join(who, on="row")
    pairs = sides.filter("new", "asks").join(sides, on="block", suffix="_right")
    two_numbers = pl.col("registration_number") != pl.col("registration_number_right")
    pairs = pairs.filter(pl.col("company_id") != pl.col("company_id_right"), ~two_numbers.fill_null(False))
    turned = pl.col("new_right") & (pl.col("row") > pl.col("row_right"))  # each two newcomers once, from the first
    left, right = (pl.when(turned).then(one).otherwise(other) for one, other in _BOTH_WAYS)
    both = left.cast(pl.UInt64) * _ROWS + right  # one number is told apart and sorted in half the time of two
    pairs = pairs.select(both.alias("both")).unique().sort("both")
    return pairs.select((pl.col("both") // _ROWS).alias("left"), (pl.col("both") % _ROWS).alias("right")).cast(
        pl.UInt32
    )


_ROWS = 1 << 32
"""More than there are rows."""

_BOTH_WAYS = (("row_right", "row"), ("row", "row_right"))
