"""A contract that cannot work is refused when it is read, with the place of the mistake."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from alliance.contracts import load_contract, parse_contract
from alliance.errors import ContractError, InvalidInput

HEADCOUNT = {"signal": "headcount", "observed_on": "day", "employees": "staff"}


def headcount(**changes: Any) -> dict[str, Any]:
    """A sound record with some of its fields or parts changed."""
    return {**HEADCOUNT, **changes}


def staff(**parts: Any) -> dict[str, Any]:
    return headcount(employees={"column": "staff", **parts})


def days(**parts: Any) -> dict[str, Any]:
    return headcount(observed_on={"column": "day", **parts})


def own_id(namespace: str, **parts: Any) -> dict[str, Any]:
    return {"namespace": namespace, "column": "client", **parts}


RECORD_MISTAKES = {
    "unknown signal": ({"signal": "horoscope", "sign": "a"}, "", "'horoscope'"),
    "unknown field": (headcount(emploees="staff"), "", "'emploees'"),
    "required field not mapped": ({"signal": "headcount", "employees": "staff"}, "", "observed_on"),
    "key field not mapped": ({"signal": "patent", "filed_on": "day"}, "", "application_no"),
    "no sector": ({"signal": "market_signal", "observed_on": "day"}, "", "sector"),
    "constant and column": (staff(constant=3), "employees", "constant"),
    "neither constant nor column": (headcount(employees={"scale": 2}), "employees", "physicalName"),
    "empty constant": (headcount(employees={"constant": None}), "employees", "constant"),
    "unknown custom property": (staff(factor=10), "employees", "factor"),
    "broken extract": (staff(extract="([0-9"), "employees.extract", "regular"),
    "extract without group": (staff(extract="[0-9]+"), "employees.extract", "group"),
    "look-around in extract": (staff(extract="(?<=x)(a)"), "employees.extract", "regular"),
    "broken pattern": (staff(pattern="*a"), "employees.pattern", "regular"),
    "date pattern letter": (days(format="yyyy-QQ"), "observed_on", "'Q'"),
    "date pattern without year": (days(format="dd/MM"), "observed_on", "year"),
    "hour without minute": (days(format="yyyy-MM-dd HH"), "observed_on", "minute"),
    "one of several patterns": (days(formats=["yyyy", "EEE"]), "observed_on", "'E'"),
    "patterns not a list": (days(formats="yyyy"), "observed_on.formats", "list"),
    "date pattern on a number": (staff(format="yyyy"), "employees", "no date"),
    "scale no number": (staff(scale="ten"), "employees.scale", "'ten'"),
    "scale not finite": (staff(scale=float("nan")), "employees.scale", "nan"),
    "minimum no number": (staff(minimum="few"), "employees.minimum", "'few'"),
    "minimum of a date": (days(minimum=2000), "observed_on", "minimum"),
    "values no mapping": (staff(values=["a"]), "employees.values", "values"),
    "currency unknown part": (staff(currency={"code": "USD"}), "employees.currency", "column"),
    "condition unknown test": (headcount(when=[{"column": "kind", "below": 3}]), "when", "when"),
    "condition two tests": (headcount(when=[{"column": "kind", "above": 3, "present": True}]), "when", "one test"),
    "condition no column": (headcount(when=[{"present": True}]), "when", "column"),
    "condition in is no list": (headcount(when=[{"column": "kind", "in": "a"}]), "when", "condition"),
    "explode no column": (headcount(explode={"separator": ";"}), "explode", "column"),
    "explode unknown part": (headcount(explode={"column": "a", "by": ";"}), "explode", "explode"),
    "quality of unmapped field": (headcount(quality=[("rd_employees", "<=", "employees")]), "quality", "mapped"),
    "quality unknown operator": (headcount(quality=[("employees", "!=", "employees")]), "quality", "<="),
    "quality of unlike types": (headcount(quality=[("observed_on", "<=", "employees")]), "quality", "compare"),
}  # fmt: skip

CONTRACT_MISTAKES = {
    "no member": ({"member": None}, "", "member"),
    "unknown role": ({"memberRole": "wizard"}, "memberRole", "'wizard'"),
    "no role": ({"memberRole": None}, "memberRole", "memberRole"),
    "unknown property": ({"embargo": 3}, "", "embargo"),
    "negative lag": ({"knowledge": {"lagDays": -1}}, "knowledge", "negative"),
    "lag no number": ({"knowledge": {"lagDays": "soon"}}, "lagDays", "'soon'"),
    "unknown part of knowledge": ({"knowledge": {"lag": 3}}, "knowledge", "knowledge"),
    "knowledge of no kind": ({"knowledge": {"formats": ["yyyy"]}}, "knowledge", "column"),
    "snapshot no date": ({"knowledge": {"snapshot": "October"}}, "knowledge.snapshot", "'October'"),
    "knowledge pattern": ({"knowledge": {"column": "day", "formats": ["yyyy-WW"]}}, "knowledge.formats", "'W'"),
    "id without namespace": ({"companyId": {"column": "client"}}, "companyId", "namespace"),
    "id extract": ({"companyId": own_id("h", extract="x")}, "companyId.extract", "group"),
    "namespace kept for numbers": ({"companyId": own_id("registration")}, "companyId", "registration"),
    "namespace with a colon": ({"companyId": own_id("a:b")}, "companyId", "colon"),
    "registration no mapping": ({"registrationNumber": "code"}, "registrationNumber", "mapping"),
    "name no mapping": ({"companyName": "name"}, "companyName", "mapping"),
    "rate no number": ({"rates": {"USD": "seven"}}, "rates", "'seven'"),
    "rates no mapping": ({"rates": [7.1]}, "rates", "rates"),
    "no company": ({"companyId": None, "registrationNumber": None}, "companyId", "which company"),
    "missing no list": ({"missing": "-"}, "missing", "list"),
}  # fmt: skip


@pytest.mark.parametrize(("record", "field", "said"), RECORD_MISTAKES.values(), ids=RECORD_MISTAKES)
def test_a_mistake_in_a_record_is_named(
    odcs: Callable[..., str], record: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(ContractError) as caught:
        parse_contract(odcs(record))
    assert said in str(caught.value)
    place = {"contract": "harbour-clients", "record": record["signal"]}
    assert caught.value.where == (place | {"field": field} if field else place)


@pytest.mark.parametrize(("properties", "field", "said"), CONTRACT_MISTAKES.values(), ids=CONTRACT_MISTAKES)
def test_a_mistake_in_the_contract_is_named(
    odcs: Callable[..., str], properties: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(ContractError) as caught:
        parse_contract(odcs(HEADCOUNT, **properties))
    assert said in str(caught.value)
    place = {"contract": "harbour-clients"}
    assert caught.value.where == (place | {"field": field} if field else place)


@pytest.mark.parametrize(
    ("server", "reading", "said"),
    [
        ({}, {"headerRow": "second"}, "second"),
        ({}, {"headerRow": 0}, "header"),
        ({}, {"header": 2}, "header"),
        ({"delimiter": ";;"}, {}, "delimiter"),
        ({"path": "/srv/files/*.csv"}, {}, "relative"),
    ],
    ids=["header no number", "header from 1", "unknown property", "delimiter", "absolute path"],
)  # fmt: skip
def test_a_mistake_in_how_to_read_is_named(
    odcs: Callable[..., str], server: dict[str, Any], reading: dict[str, Any], said: str
) -> None:
    with pytest.raises(ContractError, match=said) as caught:
        parse_contract(odcs(HEADCOUNT, server=server, reading=reading))
    assert caught.value.where["contract"] == "harbour-clients"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: [unclosed", "not YAML"),
        ("id: a\n\tversion: b", "not YAML"),
        ("- a\n- list", "mapping"),
        ("", "mapping"),
        ("just words", "mapping"),
        ("id: a\nversion: '1'\nhorse: 3", "Open Data Contract Standard: horse"),
        ("id: a\nversion: '1'\nservers: no", "Open Data Contract Standard: servers"),
        ("1: 2", "Open Data Contract Standard"),
        ("version: '1'", "id and a version"),
        ("id: a", "id and a version"),
        ("id: a\nversion: '1'\ncustomProperties: [{property: member, value: m}]", "no records"),
        ("id: a\nversion: '1'\nslaDefaultElement: 2013-02-30", "not YAML"),
        ("a: &a [x, x]\nb: [*a, *a]", "alias"),
        ("a: " + "[" * 40 + "]" * 40, "nests deeper"),
        pytest.param("a: " + "x" * 1_000_001, "longer than", id="longest"),
    ],
)
def test_what_is_no_contract_is_said_to_be_none(text: str, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        parse_contract(text)


def test_a_record_mapped_twice_names_the_field(odcs: Callable[..., str]) -> None:
    document = yaml.safe_load(odcs(HEADCOUNT))
    document["schema"][0]["properties"].append({"name": "employees", "physicalName": "other"})
    with pytest.raises(ContractError, match="employees is mapped twice"):
        parse_contract(yaml.safe_dump(document))


def test_rules_of_other_engines_are_for_other_tools(odcs: Callable[..., str]) -> None:
    document = yaml.safe_load(odcs(HEADCOUNT))
    document["schema"][0]["quality"] = [{"type": "custom", "engine": "soda", "implementation": "checks: ..."}]
    assert parse_contract(yaml.safe_dump(document)).records[0].quality == ()


def test_a_contract_file_is_read_as_its_text(odcs: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "harbour.contract.yaml"
    path.write_text(odcs(HEADCOUNT), encoding="utf-8")
    assert load_contract(path) == parse_contract(odcs(HEADCOUNT))


def test_a_contract_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError) as caught:
        load_contract(tmp_path / "absent.contract.yaml")
    assert caught.value.where == {"file": "absent.contract.yaml"}
    latin = tmp_path / "latin.contract.yaml"
    latin.write_bytes("id: café".encode("latin-1"))
    with pytest.raises(ContractError, match="cannot be read"):
        load_contract(latin)


def test_a_mistake_is_invalid_input_with_a_stable_code(odcs: Callable[..., str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_contract(odcs(headcount(emploees="staff")))
    assert caught.value.code == "contract.invalid"
    assert "employees" in caught.value.remedy


def test_the_digest_is_of_the_text_as_given(odcs: Callable[..., str]) -> None:
    text = odcs(HEADCOUNT)
    assert parse_contract(text).source == text
    assert parse_contract(text).sha256 != parse_contract(text + "# note\n").sha256
    assert parse_contract(text + "# note\n").records == parse_contract(text).records
