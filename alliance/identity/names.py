"""Company names as linkage compares them: free of spelling, and able to meet across scripts.

A Chinese company name is place, brand, trade and legal form, in that order by law. Members move place or brand into
brackets, drop the form or write traditional characters; the ``key`` of a Chinese name is therefore its characters,
sorted. The key of a Latin name is its words, sorted: letters say too little once their order is gone.
"""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations, product

import polars as pl
from opencc import OpenCC  # type: ignore[import-untyped]
from pypinyin import Style, lazy_pinyin, pinyin
from pypinyin.constants import PHRASES_DICT

SCHEMA: dict[str, pl.DataType] = {
    "name": pl.String(),
    "chinese": pl.Boolean(),
    "key": pl.String(),
    "text": pl.String(),
    "pieces": pl.List(pl.String()),
    "marks": pl.List(pl.String()),
    "romanised": pl.List(pl.String()),
}

CHINESE_FORMS = (
    "股份有限公司", "有限责任公司", "有限公司", "股份公司", "集团公司", "公司", "有限合伙", "普通合伙", "集团",
)  # fmt: skip
"""Legal forms, longest first; they are dropped wherever they stand, for a brand in brackets may follow them."""

LATIN_FORMS = (
    "incorporated", "inc", "limited", "ltd", "company", "co", "corporation", "corp", "llc", "llp", "lp", "plc", "pte",
    "pty", "gmbh", "ag", "kg", "ug", "sa", "sas", "sarl", "srl", "spa", "bv", "nv", "oy", "ab", "aps", "kk", "com",
)  # fmt: skip
"""Legal forms, and the end of a web name: words dropped from the end of a name."""

_INITIALS = r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
_FINALS = (
    r"(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un|uo|a|e|i|o|u)"
)
_PINYIN_WORD = re.compile(rf"(?:{_INITIALS}{_FINALS}){{2,4}}")
"""A word that may be two to four Chinese characters in pinyin."""

_PLACE_BRAND = tuple((first, first + second) for first in (2, 3, 4) for second in (2, 3, 4))
"""Where, from the start of a Chinese name, the first of place and brand may end, and where the second."""

_LATIN_WORDS = 5
"""Words of a Latin name tried as place and brand."""


def normalised(names: pl.Series) -> pl.DataFrame:
    """What linkage compares of each distinct name that has more than a legal form, in order of name: ``SCHEMA``.

    ``romanised`` is "brand place" in pinyin, in alphabetical order, for every way the name may be cut; a Chinese and a
    Latin name that share one are likely to mean the same. The other columns are those of ``worded``.
    """
    frame = worded(names)
    pairs = (_chinese_pairs("".join(words)) if chinese else _latin_pairs(words) for words, chinese in _written(frame))
    return frame.with_columns(_romanised(pairs)).select(*SCHEMA)


def met(frame: pl.DataFrame) -> pl.Series:
    """``romanised`` of names as ``worded`` gives them, but only what names of both scripts have: little of it.

    Few words of a Chinese name are words of any Latin one; the others are not put together at all.
    """
    rows = list(_written(frame))
    latin = [set() if chinese else _latin_pairs(words) for words, chinese in rows]
    wanted = set().union(*latin)
    parts = {word for pair in wanted for word in pair.split(" ")}
    han = [_chinese_pairs("".join(words), parts) & wanted if chinese and parts else set() for words, chinese in rows]
    found = set().union(*han)
    return _romanised((one & found) | other for one, other in zip(latin, han, strict=True))


def worded(names: pl.Series) -> pl.DataFrame:
    """The words of each distinct name that has more than a legal form, and what follows from them, in order of name.

    Columns:
        name: as written.
        chinese: whether it has Chinese characters.
        key: equal for all spellings of a name.
        text: its letters and digits in order, what was in brackets first; for likeness.
        pieces: the distinct characters of a Chinese name, the distinct words of a Latin one.
        marks: what may tell it from others: pairs of neighbouring characters, or words.
        words: its words in order; of a Chinese name its characters.
    """
    frame = names.alias("name").drop_nulls().unique().sort().to_frame()
    frame = frame.with_columns(pl.col("name").str.normalize("NFKC").str.to_lowercase().alias("plain"))
    frame = frame.with_columns(pl.col("plain").str.contains(r"\p{Han}").alias("chinese"))
    words = pl.when("chinese").then(_chinese_words(frame["plain"])).otherwise(_latin_words())
    frame = frame.with_columns(words.alias("words")).filter(pl.col("words").list.len() > 0)
    return frame.with_columns(
        pl.col("words").list.sort().list.join(" ").alias("key"),
        pl.col("words").list.join("").alias("text"),
        pl.col("words").list.unique().list.sort().alias("pieces"),
        pl.when("chinese").then(_neighbours()).otherwise(pl.col("words").list.unique().list.sort()).alias("marks"),
    ).drop("plain")


def romanised_word(text: pl.Expr) -> pl.Expr:
    """A Chinese word in pinyin without tones or blanks; a Latin one in plain small letters. For names of places."""
    plain = _unaccented(text.str.normalize("NFKC").str.to_lowercase()).str.replace_all(r"[^\p{L}\p{N}]", "")
    return plain.map_elements(lambda word: "".join(lazy_pinyin(word)), return_dtype=pl.String)


def _chinese_words(plain: pl.Series) -> pl.Expr:
    """Simplified characters one by one, runs of Latin letters as words; what stood in brackets first, forms dropped."""
    characters = plain.str.extract_all(r"\p{Han}").explode().drop_nulls().unique().sort().to_list()
    changed = {old: new for old in characters if (new := _simplified(old)) != old}
    simplified = pl.col("plain").str.replace_many(changed) if changed else pl.col("plain")
    bracketed = simplified.str.replace_all(r"[\[{【〔〖《「]", "(").str.replace_all(r"[\]}】〕〗》」]", ")")
    bare = bracketed.str.replace_all(r"\s", "").str.replace_all("|".join(CHINESE_FORMS), "")
    return bare.str.replace(r"^([^()]*)\(([^()]*)\)", "$2$1").str.extract_all(r"[\p{Latin}\p{N}]+|\p{L}")


def _latin_words() -> pl.Expr:
    """Words without accents and apostrophes, initials as one word; trailing legal forms dropped unless nothing else."""
    joined = _unaccented(pl.col("plain")).str.replace_all(r"['’`´]", "").str.replace_all(r"\b(\p{L})\.", "$1")
    spaced = joined.str.replace_all("&", " and ").str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    return spaced.str.replace(rf"(?: (?:{'|'.join(LATIN_FORMS)}))+$", "").str.extract_all(r"\S+")


def _unaccented(plain: pl.Expr) -> pl.Expr:
    return plain.str.normalize("NFKD").str.replace_all(r"\p{Mn}", "").str.normalize("NFKC")


def _neighbours() -> pl.Expr:
    """Pairs of neighbouring characters."""
    return pl.col("words").list.eval(pl.element() + pl.element().shift(-1)).list.drop_nulls().list.unique().list.sort()


def _written(frame: pl.DataFrame) -> Iterator[tuple[list[str], bool]]:
    return frame.select("words", "chinese").iter_rows()


def _romanised(pairs: Iterable[set[str]]) -> pl.Series:
    return pl.Series("romanised", [sorted(found) for found in pairs], pl.List(pl.String))


def _chinese_pairs(text: str, among: Container[str] | None = None) -> set[str]:
    """The start of a name is place and brand, or brand and place where the brand stood in brackets.

    Args:
        among: words in pinyin that both have to be among, if given.
    """
    cuts = [(text[:first], text[first:second]) for first, second in _PLACE_BRAND if second <= len(text)]
    read = ([_known(part, among) for part in cut] for cut in cuts)
    return {_pair(*two) for place_and_brand in read for two in product(*place_and_brand)}


def _known(text: str, among: Container[str] | None) -> Sequence[str]:
    readings = _readings(text)
    return readings if among is None else [one for one in readings if one in among]


def _latin_pairs(words: list[str]) -> set[str]:
    """Any two words that may be pinyin."""
    return {_pair(*two) for two in combinations([word for word in words if _may_be_pinyin(word)][:_LATIN_WORDS], 2)}


def _pair(one: str, other: str) -> str:
    return " ".join(sorted((one, other)))


@lru_cache(maxsize=1 << 14)
def _may_be_pinyin(word: str) -> bool:
    return _PINYIN_WORD.fullmatch(word) is not None


@lru_cache(maxsize=1 << 17)
def _readings(text: str) -> tuple[str, ...]:
    """A word in pinyin without tones, in every way its characters are commonly read.

    Two characters are first looked up as a word, for characters are read differently in the names of places.
    """
    if len(text) == 1:
        return tuple(dict.fromkeys(_plain_pinyin(one) for one in pinyin(text, Style.NORMAL, heteronym=True)[0]))[:2]
    if len(text) == 2 and text in PHRASES_DICT:
        return (_plain_pinyin("".join(lazy_pinyin(text))),)
    return tuple(map("".join, product(_readings(text[:-1]), _readings(text[-1]))))


def _plain_pinyin(syllables: str) -> str:
    return syllables.replace("v", "u")  # ü, which names in Latin letters write without its dots


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=1 << 16)
def _simplified(character: str) -> str:
    return str(_converter().convert(character))
