"""From the member's word to the value of a field, table in, answer out; ``!rule`` means that the row is quarantined."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from alliance.contracts import Contract, MappedBatch
from alliance.signals import FieldType, Signal, signal_named

RATES = {"USD": 7.1, "EUR": 7.8}

REVENUE = "financial_statement.revenue"
PROFIT = "financial_statement.net_profit"
SHARE = "revenue_model.recurring_share"
STAFF = "headcount.employees"
CO2 = "emission.co2"
SECURED = "facility.secured"
GRANTED = "patent.granted_on"
NAME = "company_profile.name"
STATUS = "company_profile.status"


def constants(signal: Signal, but: str) -> dict[str, dict[str, str]]:
    """Every field the signal needs, save one, by a constant."""
    samples = {FieldType.DATE: "2015-06-30", FieldType.TEXT: "K1"}
    fields = [signal.field(name) for name in sorted(signal.required - {but})]
    return {f.name: {"constant": f.values[0] if f.values else samples[f.type]} for f in fields}


@pytest.fixture
def answer(contract: Callable[..., Contract], mapped: Callable[..., MappedBatch]) -> Callable[..., Any]:
    """The value a cell becomes in a field under the parts of a mapping, or ``!rule``."""

    def find(place: str, parts: dict[str, Any], cell: str | None, **more: Any) -> Any:
        name, _, field = place.partition(".")
        spec = parts if "constant" in parts else {"column": "given", **parts}
        record = {"signal": name, **constants(signal_named(name), field), field: spec}
        others = more.pop("cells", {})
        batch = mapped(contract(record, rates=RATES, **more), [{"client": "c1", "given": cell, **others}])
        assert batch.rows == batch.references.height + batch.rejected.height
        if not batch.faults:
            return batch.records[0].frame[field].item()
        (fault,) = batch.faults
        assert (fault.row, fault.field) == (1, "given" if "column" in spec else field)
        assert fault.remedy
        return f"!{fault.rule}"

    return find


@pytest.mark.parametrize(
    ("place", "parts", "cell", "expected"),
    [
        # money: whole yuan
        (REVENUE, {}, "1234", 1234),
        (REVENUE, {"units": {"万": 10_000, "亿美元": 7e8}}, "1.5 万", 15_000),
        (REVENUE, {"units": {"万": 10_000, "亿美元": 7e8}}, "１.５亿美元", 1_050_000_000),
        (REVENUE, {"units": {"万": 10_000}}, "3亿", "!money"),
        (REVENUE, {"units": {"万": 10_000}}, "3", "!money"),
        (REVENUE, {"units": {"万": 10_000}}, "数万", "!money"),
        (REVENUE, {}, "1234.4", 1234),
        (REVENUE, {}, "1234.6", 1235),
        (REVENUE, {}, "1e6", 1_000_000),
        (REVENUE, {}, "0", 0),
        (REVENUE, {}, None, None),
        (REVENUE, {"required": True}, None, "!required"),
        (REVENUE, {}, "-1", "!minimum"),
        (PROFIT, {}, "-1", -1),
        (REVENUE, {}, "about 5", "!money"),
        (REVENUE, {}, "1,234", "!money"),
        (REVENUE, {}, "1234元", "!money"),
        (REVENUE, {}, "0x10", "!money"),
        (REVENUE, {}, "99999999999999999999", "!money"),
        (REVENUE, {}, "9007199254740992", 9_007_199_254_740_992),
        (REVENUE, {"scale": 100}, "900000000000000", "!money"),
        (REVENUE, {"scale": 10_000}, "9000000000000000", "!money"),
        # numbers that are none
        (REVENUE, {}, "nan", "!money"),
        (REVENUE, {}, "inf", "!money"),
        (PROFIT, {}, "-Infinity", "!money"),
        (CO2, {}, "NaN", "!number"),
        (CO2, {}, "1e999", "!number"),
        (SHARE, {}, "inf", "!share"),
        (STAFF, {}, "nan", "!integer"),
        # grouping
        (REVENUE, {"grouping": ","}, "1,234,567", 1_234_567),
        (REVENUE, {"grouping": ","}, "17,50,000", 1_750_000),
        (REVENUE, {"grouping": ","}, "123,4567.8", 1_234_568),
        (REVENUE, {"grouping": ","}, "1234", 1234),
        (REVENUE, {"grouping": ","}, "１，２３４，５６７", 1_234_567),
        (REVENUE, {"grouping": "，"}, "1，234", 1234),
        (REVENUE, {"grouping": " "}, "1 234 567", 1_234_567),
        (REVENUE, {"grouping": " "}, "1\u202f234\u00a0567", 1_234_567),
        (REVENUE, {"grouping": "'"}, "1'234'567", 1_234_567),
        (REVENUE, {"grouping": "."}, "1.234.567", 1_234_567),
        # full-width digits
        (REVENUE, {}, "１２３４", 1234),
        (STAFF, {}, "１２", 12),
        (CO2, {}, "３．５", 3.5),
        # scale: 万元, per cent
        (REVENUE, {"scale": 10_000}, "175.5", 1_755_000),
        (REVENUE, {"scale": 10_000, "grouping": ","}, "1,200", 12_000_000),
        (REVENUE, {"scale": "1e4"}, "2", 20_000),
        (SHARE, {"scale": 0.01}, "25", 0.25),
        (SHARE, {"scale": 0.01}, "100", 1.0),
        (SHARE, {}, "25", "!maximum"),
        (SHARE, {}, "-0.1", "!minimum"),
        (SHARE, {}, "25%", "!share"),
        (SHARE, {"scale": 0.01, "extract": "^(.*)%$"}, "25%", 0.25),
        # whole numbers
        (STAFF, {}, "12", 12),
        (STAFF, {}, "12.0", 12),
        (STAFF, {}, "12.5", "!integer"),
        (STAFF, {}, "-3", "!minimum"),
        (STAFF, {"scale": 1000}, "1.2", 1200),
        # currency
        (REVENUE, {"currency": "USD"}, "100", 710),
        (REVENUE, {"currency": "CNY"}, "100", 100),
        (REVENUE, {"currency": "USD", "scale": 1000}, "1.5", 10_650),
        (REVENUE, {"currency": "GBP"}, "100", "!currency"),
        (REVENUE, {"currency": "GBP"}, None, None),
        # flags
        *((SECURED, {}, word, True) for word in ("是", "有", "true", "TRUE", "Yes", "y", "1")),
        *((SECURED, {}, word, False) for word in ("否", "无", "false", "No", "N", "0")),
        (SECURED, {}, None, None),
        (SECURED, {}, "maybe", "!flag"),
        (SECURED, {"values": {"抵押": True, "信用": False}}, "抵押", True),
        (SECURED, {"values": {"抵押": True, "信用": False}}, "信用", False),
        # words
        (STATUS, {}, "operating", "operating"),
        (STATUS, {}, "存续", "!category"),
        (STATUS, {"values": {"存续": "operating", "注销": "closed"}}, "存续", "operating"),
        (STATUS, {"values": {"存续": "operating"}}, "吊销", "!word"),
        (STATUS, {"values": {"存续": "operating"}, "required": True}, "吊销", "!word"),
        (STATUS, {"values": {"存续": "operating"}, "required": True}, None, "!required"),
        (STATUS, {"values": {"存续": "operating"}}, None, None),
        (STATUS, {"values": {"存续": "operating", "不详": None}}, "不详", None),
        (STATUS, {"values": {"不详": None}}, "不详", None),
        (STATUS, {"values": {"存续": "operating"}, "otherwise": None}, "吊销", None),
        (STATUS, {"values": {"存续": "operating"}, "otherwise": "closed"}, "吊销", "closed"),
        (STATUS, {"values": {"存续": "operating"}, "otherwise": "closed"}, "存续", "operating"),
        (STATUS, {"values": {"存续": "operating"}, "otherwise": "closed"}, None, None),
        (STATUS, {"values": {"存续": "thriving"}}, "存续", "!category"),
        (STATUS, {"values": {}, "otherwise": "operating"}, "anything", "operating"),
        (STATUS, {"values": {1: "operating", 2: "closed"}}, "2", "closed"),
        (STATUS, {"values": {True: "operating", False: "closed"}}, "false", "closed"),
        # extract comes before all else
        (STAFF, {"extract": r"^(\d+)人"}, "35人以上", 35),
        (STAFF, {"extract": r"^(\d+)人"}, "no idea", None),
        (STAFF, {"extract": r"^(\d+)人", "required": True}, "no idea", "!required"),
        (STATUS, {"extract": r"^(..)", "values": {"存续": "operating"}}, "存续（在营）", "operating"),
        # constants
        (STAFF, {"constant": 12}, None, 12),
        (SECURED, {"constant": True}, None, True),
        (GRANTED, {"constant": date(2015, 7, 1)}, None, date(2015, 7, 1)),
        (STATUS, {"constant": "operating"}, "closed", "operating"),
        (STATUS, {"constant": "在营"}, None, "!category"),
        # the contract's own bounds and pattern
        (STAFF, {"minimum": 5}, "5", 5),
        (STAFF, {"minimum": 5}, "4", "!minimum"),
        (STAFF, {"minimum": -5}, "-1", "!minimum"),
        (STAFF, {"maximum": 10}, "10", 10),
        (STAFF, {"maximum": 10}, "11", "!maximum"),
        (SHARE, {"maximum": 5}, "1.5", "!maximum"),
        (NAME, {"pattern": "公司$"}, "启明科技有限公司", "启明科技有限公司"),
        (NAME, {"pattern": "公司$"}, "启明科技", "!pattern"),
        (NAME, {"pattern": "公司$"}, None, None),
        # texts
        (NAME, {}, "a" * 2000, "a" * 2000),
        (NAME, {}, "企" * 2001, "!length"),
        (NAME, {}, "=cmd|'/c calc'!A1", "=cmd|'/c calc'!A1"),
        (NAME, {}, "nan", "nan"),
    ],
)  # fmt: skip
def test_a_cell_becomes(
    answer: Callable[..., Any], place: str, parts: dict[str, Any], cell: str | None, expected: Any
) -> None:
    found = answer(place, parts, cell)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("parts", "cell", "expected"),
    [
        ({}, "2016-02-29", date(2016, 2, 29)),
        ({}, "2016-2-9", date(2016, 2, 9)),
        ({}, "2016-02-29T23:59:59", date(2016, 2, 29)),
        ({}, "2016-02-29 23:59:59.123", date(2016, 2, 29)),
        ({}, "2016-02-29T23:59:59+08:00", date(2016, 2, 29)),
        ({}, "２０１６-０２-２９", date(2016, 2, 29)),
        ({}, "2015-02-29", "!date"),
        ({}, "2016-13-01", "!date"),
        ({}, "2016/02/29", "!date"),
        ({}, "2016-02", "!date"),
        ({}, "1899-12-31", "!date"),
        ({}, "1900-01-01", date(1900, 1, 1)),
        ({}, "2101-01-01", "!date"),
        ({}, "0000-00-00", "!date"),
        ({"format": "yyyy/MM/dd"}, "2016/02/29", date(2016, 2, 29)),
        ({"format": "yyyy/MM/dd"}, "2016/2/9", date(2016, 2, 9)),
        ({"format": "yyyy/MM/dd"}, "2016-02-29", "!date"),
        ({"format": "yyyy/MM/dd"}, "2016/02/29 approx", "!date"),
        ({"format": "yyyy年M月d日"}, "2016年2月9日", date(2016, 2, 9)),
        ({"format": "yyyy年M月d日"}, "2016年12月31日", date(2016, 12, 31)),
        ({"format": "yyyy年M月d日"}, "２０１６年２月９日", date(2016, 2, 9)),
        ({"format": "yyyyMMdd"}, "20160229", date(2016, 2, 29)),
        ({"format": "dd.MM.yyyy"}, "29.02.2016", date(2016, 2, 29)),
        ({"format": "M/d/yy"}, "2/9/16", date(2016, 2, 9)),
        ({"format": "yyyy-MM"}, "2016-02", date(2016, 2, 1)),
        ({"format": "yyyy-MM"}, "2016-13", "!date"),
        ({"format": "yyyy年M月"}, "2016年2月", date(2016, 2, 1)),
        ({"format": "yyyy"}, "2016", date(2016, 1, 1)),
        ({"format": "yyyy-MM-dd HH:mm"}, "2016-02-29 23:59", date(2016, 2, 29)),
        ({"format": "yyyy-MM-dd'T'HH:mm:ss"}, "2016-02-29T23:59:59", date(2016, 2, 29)),
        ({"format": "'filed 'yyyy-MM-dd"}, "filed 2016-02-29", date(2016, 2, 29)),
        ({"format": "yyyy%MM%dd"}, "2016%02%29", date(2016, 2, 29)),
        ({"formats": ["yyyy/MM/dd", "yyyy年M月d日", "yyyy-MM"]}, "2016/02/29", date(2016, 2, 29)),
        ({"formats": ["yyyy/MM/dd", "yyyy年M月d日", "yyyy-MM"]}, "2016年2月29日", date(2016, 2, 29)),
        ({"formats": ["yyyy/MM/dd", "yyyy年M月d日", "yyyy-MM"]}, "2016-02", date(2016, 2, 1)),
        ({"formats": ["yyyy/MM/dd", "yyyy年M月d日", "yyyy-MM"]}, "Feb 2016", "!date"),
        ({"formats": ["dd/MM/yyyy", "MM/dd/yyyy"]}, "02/03/2016", date(2016, 3, 2)),
        ({"formats": ["dd/MM/yyyy", "MM/dd/yyyy"]}, "02/13/2016", date(2016, 2, 13)),
        ({"format": "yyyy/MM/dd", "formats": ["yyyy"]}, "2016", date(2016, 1, 1)),
        ({"extract": r"(\d{4}-\d\d-\d\d)"}, "granted on 2016-02-29 (B1)", date(2016, 2, 29)),
    ],
)  # fmt: skip
def test_a_date_reads(answer: Callable[..., Any], parts: dict[str, Any], cell: str, expected: Any) -> None:
    assert answer(GRANTED, parts, cell) == expected


@pytest.mark.parametrize(
    ("cell", "currency", "expected"),
    [
        ("100", "USD", 710),
        ("100", "EUR", 780),
        ("100", "CNY", 100),
        ("100", "GBP", "!currency"),
        ("100", None, "!currency"),
        (None, "GBP", None),
        (None, None, None),
        ("a lot", "USD", "!money"),
    ],
)  # fmt: skip
def test_an_amount_in_the_currency_of_a_column(
    answer: Callable[..., Any], cell: str | None, currency: str | None, expected: Any
) -> None:
    assert answer(REVENUE, {"currency": {"column": "cur"}}, cell, cells={"cur": currency}) == expected


@pytest.mark.parametrize(
    ("cell", "expected"), [("-", None), ("未公开", None), ("0", None), ("—", "!money"), ("12", 12)]
)  # fmt: skip
def test_the_members_words_for_nothing(answer: Callable[..., Any], cell: str, expected: Any) -> None:
    assert answer(REVENUE, {}, cell, missing=["-", "未公开", 0]) == expected


def test_a_fault_shows_the_members_own_column_and_word(
    contract: Callable[..., Contract], mapped: Callable[..., MappedBatch]
) -> None:
    record = {"signal": "headcount", "observed_on": "日期", "employees": {"column": "人数", "minimum": 5}}
    batch = mapped(contract(record), [{"client": "c1", "日期": "2015-01-01", "人数": "x" * 100}])
    (fault,) = batch.faults
    assert (fault.row, fault.field, fault.rule) == (1, "人数", "integer")
    assert fault.value.startswith("xxx")
    assert len(fault.value) <= 60
