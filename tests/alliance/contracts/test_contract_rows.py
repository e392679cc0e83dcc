"""What a row says as a whole: whose it is, when it was known, which records it gives; table in, answer out."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from alliance.contracts import Contract, MappedBatch
from alliance.errors import UnreadableFile

MakeContract = Callable[..., Contract]
MapRows = Callable[..., MappedBatch]

TODAY = date(2020, 1, 1)
HEADCOUNT = {"signal": "headcount", "observed_on": "day", "employees": "staff"}


def rules(batch: MappedBatch) -> list[tuple[int, str, str]]:
    return sorted((fault.row, fault.field, fault.rule) for fault in batch.faults)


BY_REPORT = {"column": "reported"}


@pytest.mark.parametrize(
    ("knowledge", "day", "reported", "expected"),
    [
        # absent: known on the day of submission
        (None, "2019-12-31", None, date(2020, 1, 1)),
        (None, "2020-01-01", None, date(2020, 1, 1)),
        (None, "2020-01-02", None, ("day", "event.future")),
        # so many days after a date in a column
        (BY_REPORT, "2015-03-01", "2015-04-01", date(2015, 4, 1)),
        ({**BY_REPORT, "lagDays": 10}, "2015-03-01", "2015-04-01", date(2015, 4, 11)),
        (BY_REPORT, "2015-04-01", "2015-04-01", date(2015, 4, 1)),
        (BY_REPORT, "2015-04-02", "2015-04-01", ("day", "event.future")),
        (BY_REPORT, "2015-04-02", "2020-01-01", date(2020, 1, 1)),
        (BY_REPORT, "2015-04-02", "2020-01-02", ("reported", "known.future")),
        ({**BY_REPORT, "lagDays": 10}, "2015-04-02", "2019-12-30", ("reported", "known.future")),
        (BY_REPORT, "2015-04-02", None, ("reported", "known.date")),
        (BY_REPORT, "2015-04-02", "April", ("reported", "known.date")),
        ({**BY_REPORT, "formats": ["yyyy年M月d日", "yyyy/MM"]}, "2015-03-01", "2015年4月1日", date(2015, 4, 1)),
        ({**BY_REPORT, "formats": ["yyyy年M月d日", "yyyy/MM"]}, "2015-03-01", "2015/04", date(2015, 4, 1)),
        ({**BY_REPORT, "formats": ["yyyy年M月d日"]}, "2015-03-01", "2015-04-01", ("reported", "known.date")),
        # so many days after the event
        ({"lagDays": 45}, "2015-03-01", None, date(2015, 4, 15)),
        ({"lagDays": 0}, "2015-03-01", None, date(2015, 3, 1)),
        ({"lagDays": 45}, "2019-12-01", None, ("day", "known.future")),
        # the file as a whole
        ({"snapshot": date(2016, 5, 1)}, "2015-03-01", None, date(2016, 5, 1)),
        ({"snapshot": "2016-05-01"}, "2016-05-01", None, date(2016, 5, 1)),
        ({"snapshot": date(2016, 5, 1)}, "2016-05-02", None, ("day", "event.future")),
    ],
)  # fmt: skip
def test_when_a_row_was_known(  # noqa: PLR0917
    contract: MakeContract, mapped: MapRows, knowledge: Any, day: str, reported: str | None, expected: Any
) -> None:
    row = {"client": "c1", "day": day, "staff": "3", "reported": reported}
    batch = mapped(contract(HEADCOUNT, knowledge=knowledge), [row], TODAY)
    if isinstance(expected, date):
        assert rules(batch) == []
        assert batch.records[0].frame.select("event_at", "known_at").row(0) == (date.fromisoformat(day), expected)
    else:
        assert rules(batch) == [(1, *expected)]
        assert batch.records[0].frame.is_empty()


def test_a_snapshot_of_the_future_is_known_by_nobody(contract: MakeContract, mapped: MapRows) -> None:
    batch = mapped(
        contract(HEADCOUNT, knowledge={"snapshot": date(2020, 1, 2)}),
        [{"client": "c1", "day": "2019-01-01", "staff": "3"}],
        TODAY,
    )
    assert [rule for _, _, rule in rules(batch)] == ["known.future"]


@pytest.mark.parametrize(
    ("condition", "cell", "holds"),
    [
        ({"in": ["A", "B"]}, "A", True),
        ({"in": ["A", "B"]}, "C", False),
        ({"in": ["A", "B"]}, None, False),
        ({"in": [1, 2]}, "1", True),
        ({"in": [True]}, "true", True),
        ({"notIn": ["A", "B"]}, "A", False),
        ({"notIn": ["A", "B"]}, "C", True),
        ({"notIn": ["A", "B"]}, None, True),
        ({"present": True}, "x", True),
        ({"present": True}, None, False),
        ({"present": True}, "-", False),
        ({"present": False}, None, True),
        ({"present": False}, "x", False),
        ({"above": 0}, "0.5", True),
        ({"above": 0}, "0", False),
        ({"above": 0}, "-1", False),
        ({"above": 0}, None, False),
        ({"above": 0}, "many", False),
        ({"above": 1000}, "1,001", True),
        ({"above": 1000}, "１，００１", True),
        ({"above": 99999}, "1,00,000", True),
    ],
)  # fmt: skip
def test_a_condition_chooses_rows(
    contract: MakeContract, mapped: MapRows, condition: dict[str, Any], cell: str | None, holds: bool
) -> None:
    record = {**HEADCOUNT, "when": [{"column": "kind", **condition}]}
    rows = [{"client": "c1", "day": "2015-01-01", "staff": "3", "kind": cell}]
    batch = mapped(contract(record, missing=["-"]), rows)
    assert (batch.records[0].frame.height, batch.faults) == (int(holds), ())
    assert batch.references.height == 1, "a row that gives no record is sound all the same"


def test_all_conditions_must_hold(contract: MakeContract, mapped: MapRows) -> None:
    record = {**HEADCOUNT, "when": [{"column": "kind", "in": ["A"]}, {"column": "staff", "above": 2}]}
    rows = [
        {"client": "c1", "day": "2015-01-01", "staff": staff, "kind": kind} for kind in "AB" for staff in ("2", "3")
    ]
    assert mapped(contract(record), rows).records[0].frame["_row"].to_list() == [2]


def test_a_cell_is_exploded_into_records(contract: MakeContract, mapped: MapRows) -> None:
    record = {
        "signal": "investor_profile", "investor": "investors", "observed_on": "day",
        "explode": {"column": "investors", "separator": "、"},
    }  # fmt: skip
    rows = [
        {"client": "c1", "day": "2015-01-01", "investors": "红杉、 高瓴 、、启明"},
        {"client": "c2", "day": "2015-01-01", "investors": None},
        {"client": "c3", "day": "2015-01-01", "investors": "经纬"},
    ]
    batch = mapped(contract(record), rows)
    found = batch.records[0].frame.select("_row", "key", "investor").rows()
    assert found == [(1, "红杉", "红杉"), (1, "高瓴", "高瓴"), (1, "启明", "启明"), (3, "经纬", "经纬")]
    assert batch.references.height == 3


def test_a_fault_in_one_part_of_a_cell_quarantines_its_row(contract: MakeContract, mapped: MapRows) -> None:
    record = {
        "signal": "certification", "scheme": "schemes", "certificate_no": {"constant": "n"}, "issued_on": "day",
        "explode": {"column": "schemes"},
    }  # fmt: skip
    rows = [
        {"client": "c1", "day": "2015-01-01", "schemes": "iso_9001;iso_27001"},
        {"client": "c1", "day": "2015-01-01", "schemes": "iso_9001;iso_0;iso_1"},
    ]
    batch = mapped(contract(record), rows)
    assert batch.records[0].frame["scheme"].to_list() == ["iso_9001", "iso_27001"]
    assert sorted((fault.row, fault.value) for fault in batch.faults) == [(2, "iso_0"), (2, "iso_1")]
    assert batch.rejected["_row"].to_list() == [2]
    assert (batch.rows, batch.references.height) == (2, 1)


def test_a_wide_row_gives_several_records_or_none(contract: MakeContract, mapped: MapRows) -> None:
    wide = (
        HEADCOUNT,
        {
            "signal": "cash_position",
            "observed_on": "day",
            "cash": "cash",
            "when": [{"column": "cash", "present": True}],
        },
        {"signal": "headcount", "observed_on": "next", "employees": "staff2"},
    )
    rows = [
        {"client": "c1", "day": "2015-01-01", "staff": "3", "cash": "10", "next": "2015-04-01", "staff2": "4"},
        {"client": "c2", "day": "2015-01-01", "staff": "3", "cash": None, "next": "2015-04-01", "staff2": "4"},
        {"client": "c3", "day": "2015-01-01", "staff": "3", "cash": "10", "next": "2015-04-01", "staff2": "?"},
        {"client": "c4", "day": "?", "staff": "?", "cash": "?", "next": "2015-04-01", "staff2": "4"},
    ]
    batch = mapped(contract(*wide), rows)
    assert [(part.signal.name, part.frame["_row"].to_list()) for part in batch.records] == [
        ("headcount", [1, 2]),
        ("cash_position", [1]),
        ("headcount", [1, 2]),
    ]
    assert {row for row, _, _ in rules(batch)} == {3, 4}
    assert {(field, rule) for row, field, rule in rules(batch) if row == 4} == {
        ("day", "date"), ("staff", "integer"), ("cash", "money"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("operator", "sound"),
    [("<", ["1"]), ("<=", ["1", "2"]), ("=", ["2"]), (">=", ["2", "3"]), (">", ["3"])],
)
def test_quality_compares_two_fields(contract: MakeContract, mapped: MapRows, operator: str, sound: list[str]) -> None:
    record = {**HEADCOUNT, "rd_employees": "rd", "quality": [("rd_employees", operator, "employees")]}
    rows = [{"client": "c1", "day": "2015-01-01", "staff": "2", "rd": rd} for rd in ("1", "2", "3")]
    batch = mapped(contract(record), rows)
    assert batch.records[0].frame["rd_employees"].cast(str).to_list() == sound
    assert all((fault.field, fault.rule, fault.value) == ("rd", "quality", str(fault.row)) for fault in batch.faults)


@pytest.mark.parametrize(("staff", "rd"), [(None, "3"), ("2", None), (None, None)])
def test_quality_says_nothing_where_a_field_is_empty(
    contract: MakeContract, mapped: MapRows, staff: str | None, rd: str | None
) -> None:
    record = {**HEADCOUNT, "rd_employees": "rd", "quality": [("rd_employees", "<=", "employees")]}
    assert mapped(contract(record), [{"client": "c", "day": "2015-01-01", "staff": staff, "rd": rd}]).faults == ()


def test_quality_compares_dates(contract: MakeContract, mapped: MapRows) -> None:
    record = {
        "signal": "patent", "application_no": "no", "filed_on": "filed", "granted_on": "granted",
        "quality": [("filed_on", "<=", "granted_on")],
    }  # fmt: skip
    rows = [
        {"client": "c", "no": "p1", "filed": "2015-01-01", "granted": "2016-01-01"},
        {"client": "c", "no": "p2", "filed": "2015-01-01", "granted": "2014-01-01"},
    ]
    assert rules(mapped(contract(record), rows)) == [(2, "filed", "quality")]


NUMBER_OF = {"registrationNumber": {"column": "code"}, "companyName": {"column": "name"}}
SOUND = "91110000600037341L"


@pytest.mark.parametrize(
    ("given", "client", "expected"),
    [
        (SOUND, None, SOUND),
        (SOUND.lower(), "c1", SOUND),
        ("９１１１００００６０００３７３４１Ｌ", None, SOUND),
        ("9111 0000 6000 3734 1L", None, SOUND),
        ("91110000-60003734-1L", None, SOUND),
        (None, "c1", None),
        ("91110000600037341M", None, "!identity.registration"),
        ("91110000600037341M", "c1", "!identity.registration"),
        ("9111000060003734", None, "!identity.registration"),
        ("unknown", "c1", "!identity.registration"),
        (None, None, "!identity.missing"),
    ],
)  # fmt: skip
def test_whose_a_row_is(
    contract: MakeContract, mapped: MapRows, given: str | None, client: str | None, expected: str | None
) -> None:
    row = {"code": given, "client": client, "name": "启明", "day": "2015-01-01", "staff": "3"}
    batch = mapped(contract(HEADCOUNT, **NUMBER_OF), [row])
    if expected and expected.startswith("!"):
        assert rules(batch) == [(1, "code", expected[1:])]
    else:
        assert batch.references.rows() == [(1, expected, client, "启明")]


def test_the_members_own_id_is_cut_out_of_its_cell(contract: MakeContract, mapped: MapRows) -> None:
    own = {"namespace": "harbour", "column": "url", "extract": r"/company/(\w+)"}
    rows = [{"url": "https://x.example/company/42?ref=a", "day": "2015-01-01", "staff": "3"},
            {"url": "https://x.example/", "day": "2015-01-01", "staff": "3"}]  # fmt: skip
    batch = mapped(contract(HEADCOUNT, companyId=own), rows)
    assert batch.references["_local"].to_list() == ["42"]
    assert rules(batch) == [(2, "url", "identity.missing")]


def test_an_id_too_long_to_be_one_costs_its_row(contract: MakeContract, mapped: MapRows) -> None:
    rows = [{"client": "c" * length, "day": "2015-01-01", "staff": "3"} for length in (200, 201)]
    assert rules(mapped(contract(HEADCOUNT), rows)) == [(2, "client", "identity.length")]


def test_a_sector_signal_needs_no_company(contract: MakeContract, mapped: MapRows) -> None:
    market = {"signal": "market_signal", "sector": "赛道", "observed_on": "day", "deals": "deals"}
    batch = mapped(
        contract({**market, "sector": {"column": "赛道", "values": {"芯片": "semiconductors"}}}, companyId=None),
        [
            {"赛道": "芯片", "day": "2015-02-01", "deals": "7"},
            {"赛道": None, "day": "2015-02-01", "deals": "7"},
            {"赛道": "面包", "day": "2015-02-01", "deals": "7"},
        ],
    )
    assert batch.records[0].frame.select("sector", "key", "deals").rows() == [("semiconductors", "2015-Q1", 7)]
    assert rules(batch) == [(2, "赛道", "required"), (3, "赛道", "word")]


@pytest.mark.parametrize(
    ("record", "row", "key"),
    [
        (HEADCOUNT, {"day": "2015-06-30"}, "2015-Q2"),
        (HEADCOUNT, {"day": "2015-07-01"}, "2015-Q3"),
        ({"signal": "company_profile", "observed_on": "day"}, {"day": "2015-06-30"}, ""),
        ({"signal": "emission", "period_end": "day"}, {"day": "2015-12-31"}, "2015"),
        ({"signal": "financing_event", "kind": "kind", "happened_on": "day"}, {"day": "2015-06-30", "kind": "bridge"},
         "bridge|2015-06"),
        ({"signal": "patent", "application_no": "no", "filed_on": "day"}, {"day": "2015-06-30", "no": "a|b"}, "a/b"),
        ({"signal": "person_role", "person_key": "no", "role": {"constant": "founder"}, "started_on": "day"},
         {"day": "2015-06-30", "no": "p7"}, "p7|founder"),
    ],
)  # fmt: skip
def test_a_record_has_the_key_of_its_fact(
    contract: MakeContract, mapped: MapRows, record: dict[str, Any], row: dict[str, str], key: str
) -> None:
    batch = mapped(contract(record), [{"client": "c", "staff": "1", **row}])
    assert batch.records[0].frame["key"].to_list() == [key]


@pytest.mark.parametrize("path", ["*.csv", "*.tsv", "*.xlsx", "*.parquet", "*.csv.gz"])
def test_a_table_without_a_column_of_the_contract_is_not_the_file(
    contract: MakeContract, mapped: MapRows, path: str
) -> None:
    with pytest.raises(UnreadableFile, match=r"'staff'.*client, day"):
        mapped(contract(HEADCOUNT, server={"path": path}), [{"client": "c", "day": "2015-01-01"}])


@pytest.mark.parametrize("path", ["*.json", "*.jsonl", "*.xml"])
def test_a_name_that_no_object_has_is_empty(contract: MakeContract, mapped: MapRows, path: str) -> None:
    batch = mapped(contract(HEADCOUNT, server={"path": path}), [{"client": "c", "day": "2015-01-01"}])
    assert batch.records[0].frame["employees"].to_list() == [None]


def test_a_members_columns_may_be_called_anything_else(contract: MakeContract, mapped: MapRows) -> None:
    names = ["key", "event_at", "known_at", "value", "member", "subject_id", "submission_no"]
    row = {"client": "c", "event_at": "2015-01-01", "key": "3"} | dict.fromkeys(names[2:], "2015-02-01")
    record = {"signal": "headcount", "observed_on": "event_at", "employees": "key"}
    batch = mapped(contract(record, knowledge={"column": "known_at"}), [row])
    found = batch.records[0].frame.select("key", "event_at", "known_at", "employees").row(0)
    assert found == ("2015-Q1", date(2015, 1, 1), date(2015, 2, 1), 3)
