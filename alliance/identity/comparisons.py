"""What is compared of two companies, and the levels a comparison can come out at; the conditions are DuckDB's SQL.

Columns end in ``_l`` and ``_r`` for the two sides; ``alliance.identity.candidates`` says what they hold.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """One outcome of a comparison; the first whose condition holds counts.

    Attributes:
        name: key of its m and u in the model.
        words: what an analyst reads.
        condition: SQL over the two rows; the last of a comparison takes the rest.
    """

    name: str
    words: str
    condition: str


@dataclass(frozen=True)
class Comparison:
    """What is compared; where ``unknown`` (SQL) holds it says nothing."""

    name: str
    words: str
    unknown: str
    levels: tuple[Level, ...]


_REST = "ELSE"
_SHARED_MARK = "list_has_any(marks_l, marks_r)"
_MONTH_L, _MONTH_R = "date_trunc('month', founded_on_l)", "date_trunc('month', founded_on_r)"

NAME = Comparison("name", "name", "key_l IS NULL OR key_r IS NULL", (
    Level("same", "the same name", "key_l = key_r"),
    Level("romanised", "place and brand are the same in pinyin",
          "chinese_l <> chinese_r AND list_has_any(romanised_l, romanised_r)"),
    Level("letters", "the same name but for blanks", "text_l = text_r"),
    Level("contained", "one name holds the other, with a rare word",
          f"{_SHARED_MARK} AND (list_has_all(pieces_l, pieces_r) OR list_has_all(pieces_r, pieces_l))"),
    Level("similar", "names much alike, with a rare word in both",
          f"{_SHARED_MARK} AND jaro_winkler_similarity(text_l, text_r) >= 0.9"),
    Level("different", "different names", _REST),
))  # fmt: skip

PLACE = Comparison("place", "place", "coalesce(city_l = city_r, region_l = region_r, country_l = country_r) IS NULL", (
    Level("city", "the same city", "city_l = city_r AND coalesce(region_l = region_r, true)"),
    Level("region", "the same region", "region_l = region_r"),
    Level("country", "the same country", "country_l = country_r"),
    Level("elsewhere", "different places", _REST),
))  # fmt: skip

FOUNDED = Comparison("founded", "founding date", "founded_on_l IS NULL OR founded_on_r IS NULL", (
    Level("day", "founded on the same day", "founded_on_l = founded_on_r"),
    Level("month", "founded in the same month", f"{_MONTH_L} = {_MONTH_R}"),
    Level("year", "founded in the same year", "year(founded_on_l) = year(founded_on_r)"),
    Level("next_year", "founded a year apart", "abs(year(founded_on_l) - year(founded_on_r)) = 1"),
    Level("other", "founded years apart", _REST),
))  # fmt: skip

PEOPLE = Comparison("people", "people", "len(people_l) = 0 OR len(people_r) = 0", (
    Level("several", "several people in common", "len(list_intersect(people_l, people_r)) > 1"),
    Level("one", "one person in common", "len(list_intersect(people_l, people_r)) = 1"),
    Level("none", "no person in common", _REST),
))  # fmt: skip

WEBSITE = Comparison("website", "web site", "host_l IS NULL OR host_r IS NULL", (
    Level("same", "the same web site", "host_l = host_r"),
    Level("different", "different web sites", _REST),
))  # fmt: skip

COMPARISONS = (NAME, PLACE, FOUNDED, PEOPLE, WEBSITE)
