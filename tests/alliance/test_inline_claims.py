"""Records given with a request: checked like a file's rows, for that request alone."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from alliance.contracts import Contract
from alliance.errors import InvalidInput, NotFound
from alliance.inline import MOST_RECORDS, inline_claims
from alliance.intake import submit
from alliance.rights import AccessRequest
from alliance.signals import SIGNALS, FieldType, Signal, Subject
from alliance.signals.claims import Claims, claim_schema
from alliance.store import Store
from alliance.view import View

AS_OF = date(2016, 1, 1)


def take(*records: dict[str, Any], as_of: date = AS_OF) -> Claims:
    return inline_claims(records, subject="co_1", member="applicant", as_of=as_of, watermark=7)


def headcount(**fields: Any) -> dict[str, Any]:
    return {"signal": "headcount", "fields": {"observed_on": "2015-06-30", **fields}}


def test_sound_records_are_claims_known_on_their_day() -> None:
    claims = take(
        headcount(employees=30, rd_employees=None),
        {
            "signal": "facility",
            "fields": {"facility_no": "F1", "opened_on": "2015-01-02", "secured": True, "rate": 0.045},
        },
        headcount(observed_on="2015-09-30", employees=31),
    )
    assert claims.watermark == 7
    frame = claims.frames["headcount"]
    assert frame.select("subject_id", "member", "submission_no", "event_at", "known_at", "key", "employees").rows() == [
        ("co_1", "applicant", 7, date(2015, 6, 30), date(2015, 6, 30), "2015-Q2", 30),
        ("co_1", "applicant", 7, date(2015, 9, 30), date(2015, 9, 30), "2015-Q3", 31),
    ]
    assert claims.frames["facility"].select("facility_no", "secured", "rate", "limit").rows() == [
        ("F1", True, 0.045, None)
    ]
    assert all(claims.frames[signal.name].schema == claim_schema(signal) for signal in SIGNALS)


def sample(signal: Signal) -> dict[str, Any]:
    """A record with every field filled, as JSON has it."""
    values = {
        FieldType.TEXT: "文本", FieldType.INTEGER: 2, FieldType.NUMBER: 0.5, FieldType.SHARE: 0.5, FieldType.MONEY: 12,
        FieldType.DATE: "2015-06-30", FieldType.FLAG: False,
    }  # fmt: skip
    return {field.name: field.values[0] if field.values else values[field.type] for field in signal.fields}


@pytest.mark.parametrize("signal", [s for s in SIGNALS if s.subject is Subject.COMPANY], ids=lambda signal: signal.name)
def test_every_signal_of_a_company_may_be_given(signal: Signal) -> None:
    given = sample(signal)
    found = take({"signal": signal.name, "fields": given}).frames[signal.name].select(*signal.schema).row(0, named=True)
    assert {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()} == given


@pytest.mark.parametrize(
    ("given", "where"),
    [
        (headcount(employees="many"), "employees"),
        (headcount(employees=-1), "employees"),
        (headcount(employees=2.5), "employees"),
        (headcount(employees=2**70), "employees"),
        (headcount(employees=float("nan")), "employees"),
        (headcount(employees=True), "employees"),
        (headcount(employees=[3]), "employees"),
        (headcount(employees={"count": 3}), "employees"),
        (headcount(observed_on=None), "observed_on"),
        (headcount(observed_on=""), "observed_on"),
        (headcount(observed_on="  "), "observed_on"),
        (headcount(observed_on="30/06/2015"), "observed_on"),
        (headcount(observed_on="2016-01-02"), "observed_on"),
        (headcount(observed_on=20150630), "observed_on"),
        (headcount(emploees=3), "emploees"),
        ({"signal": "headcount", "fields": {"employees": 3}}, "observed_on"),
        ({"signal": "headcount", "fields": ["employees"]}, "fields"),
        ({"signal": "headcount"}, "fields"),
        ({"signal": "market_signal", "fields": {"sector": "software", "observed_on": "2015-06-30"}}, "signal"),
        ({"signal": "company_profile", "fields": {"observed_on": "2015-06-30", "status": "thriving"}}, "status"),
        ({"signal": "company_profile", "fields": {"observed_on": "2015-06-30", "name": "half \ud83d"}}, "name"),
        ({"signal": "company_profile", "fields": {"observed_on": "2015-06-30", "name": "zero \0"}}, "name"),
        ({"signal": "company_profile", "fields": {"observed_on": "2015-06-30", "name": ["a", "b"]}}, "name"),
        ({"signal": "company_profile", "fields": {"observed_on": "2015-06-30", "name": "长" * 2001}}, "name"),
    ],
)
def test_a_fault_is_named_by_record_and_field(given: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        take(headcount(employees=1), headcount(employees=2), given)
    assert caught.value.where == {"record": 2, "field": where}
    assert caught.value.remedy


def test_the_first_faulty_record_is_told() -> None:
    with pytest.raises(InvalidInput) as caught:
        take(headcount(employees=1), headcount(employees=-1), headcount(employees=-2))
    assert caught.value.where["record"] == 1


@pytest.mark.parametrize("name", ["horoscope", "", None, 3])
def test_a_signal_that_is_none_is_not_found(name: Any) -> None:
    with pytest.raises(NotFound, match="headcount"):
        take({"signal": name, "fields": {}})


def test_no_more_records_than_a_request_may_carry() -> None:
    many = [headcount(employees=number) for number in range(MOST_RECORDS + 1)]
    assert take(*many[:-1]).frames["headcount"].height == MOST_RECORDS
    with pytest.raises(InvalidInput, match=str(MOST_RECORDS)):
        take(*many)


def test_no_records_are_no_claims() -> None:
    assert all(frame.is_empty() for frame in take().frames.values())


def test_they_count_for_their_request_alone(
    store: Store, contract: Callable[..., Contract], member_file: Callable[..., Path]
) -> None:
    record = {"signal": "headcount", "observed_on": "day", "employees": "staff", "rd_employees": "rd"}
    file = member_file("client,day,staff,rd", "c1,2015-06-30,20,5", "c1,2015-03-31,10,5")
    submit(store, contract(record, knowledge={"lagDays": 0}), file, now=datetime(2020, 1, 1, tzinfo=UTC))
    company = store.company("harbour:c1").company_id
    view = View(store, AccessRequest("harbour", "loan_origination"))
    given = inline_claims(
        [headcount(employees=22), headcount(observed_on="2015-03-31", employees=30)],
        subject=company,
        member="applicant",
        as_of=AS_OF,
        watermark=store.watermark(),
    )
    shown = ("key", "employees", "rd_employees", "members")
    with_given = view.facts([company], AS_OF, inline=given).frames["headcount"].select(*shown).rows()
    assert with_given == [("2015-Q1", None, 5, 2), ("2015-Q2", 21, 5, 2)], "one contradicts, one agrees nearly"
    without = view.facts([company], AS_OF).frames["headcount"].select(*shown).rows()
    assert without == [("2015-Q1", 10, 5, 1), ("2015-Q2", 20, 5, 1)]
