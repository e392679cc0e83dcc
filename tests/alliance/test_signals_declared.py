"""Every signal is declared completely, once; its JSON Schema says what its declaration says."""

import re
from datetime import date
from typing import Any

import pytest

from alliance.errors import NotFound
from alliance.signals import (
    PILLAR_NAMES,
    SIGNALS,
    Field,
    FieldType,
    Grain,
    KeyPart,
    Pillar,
    Signal,
    Subject,
    signal_named,
)
from alliance.signals.json_schema import json_schema

CHINESE = re.compile("[\u4e00-\u9fff]")
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
NUMERIC = (FieldType.INTEGER, FieldType.NUMBER, FieldType.SHARE, FieldType.MONEY)

each_signal = pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)


def test_names_are_unique_and_found() -> None:
    names = [signal.name for signal in SIGNALS]
    assert len(set(names)) == len(names)
    assert [signal_named(name) for name in names] == list(SIGNALS)
    with pytest.raises(NotFound, match="company_profile") as caught:
        signal_named("horoscope")
    assert "'horoscope'" in caught.value.message


def test_every_pillar_has_signals_and_two_names() -> None:
    assert {signal.pillar for signal in SIGNALS} == set(Pillar) == set(PILLAR_NAMES)
    assert all(CHINESE.search(zh) and en.isascii() for zh, en in PILLAR_NAMES.values())


@each_signal
def test_a_declaration_is_complete(signal: Signal) -> None:
    assert SNAKE.fullmatch(signal.name)
    for declared in (signal, *signal.fields):
        assert SNAKE.fullmatch(declared.name)
        assert CHINESE.search(declared.zh), declared.name
        assert declared.en.strip(), declared.name
        assert declared.en.isascii(), declared.name
    for field in signal.fields:
        assert bool(field.unit) == (field.type in NUMERIC), f"{field.name}: a number has a unit, nothing else has"
        assert bool(field.values) == (field.type is FieldType.CATEGORY), field.name
        assert len(set(field.values)) == len(field.values)
        if field.type is FieldType.MONEY:
            assert field.unit == "CNY"
        if field.minimum is not None and field.maximum is not None:
            assert field.minimum < field.maximum


@each_signal
def test_what_a_signal_needs_can_be_given(signal: Signal) -> None:
    names = {field.name for field in signal.fields}
    assert signal.required <= names
    assert signal.event in signal.required
    assert {part.field for part in signal.key} <= signal.required
    assert ("sector" in signal.required) == (signal.subject is Subject.SECTOR)
    coarse = [part for part in signal.key if part.grain is not Grain.EXACT]
    assert all(signal.field(part.field).type is FieldType.DATE for part in coarse), "only dates have a grain"


@each_signal
def test_the_schema_says_what_the_declaration_says(signal: Signal) -> None:
    schema = json_schema(signal)
    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["additionalProperties"] is False
    assert list(schema["properties"]) == list(signal.schema)
    assert set(schema["required"]) == signal.required
    for field in signal.fields:
        told = schema["properties"][field.name]
        assert (told["title"], told["description"]) == (field.zh, field.en)
        assert told.get("x-unit", "") == field.unit
        assert told.get("enum", []) == list(field.values)
        assert (told.get("minimum"), told.get("maximum")) == (field.minimum, field.maximum)
        assert told["x-sensitivity"] == field.sensitivity


def sound(signal: Signal) -> dict[str, Any]:
    values = {
        FieldType.TEXT: "K1", FieldType.INTEGER: 2, FieldType.NUMBER: 0.5, FieldType.SHARE: 0.5, FieldType.MONEY: 3,
        FieldType.DATE: date(2015, 6, 30).isoformat(), FieldType.FLAG: True,
    }  # fmt: skip
    return {field.name: field.values[0] if field.values else values[field.type] for field in signal.fields}


@each_signal
def test_the_schema_is_one_and_tells_sound_records_from_others(signal: Signal) -> None:
    validators = pytest.importorskip("jsonschema_rs")
    schema = json_schema(signal)
    assert validators.meta.is_valid(schema)
    validator = validators.Draft202012Validator(schema, validate_formats=True)
    record = sound(signal)
    assert validator.is_valid(record)
    assert validator.is_valid({name: record[name] for name in signal.required})
    wrong = [{**record, "surplus": 1}, {**record, signal.event: "2015-02-30"}]
    wrong += [{name: value for name, value in record.items() if name != needed} for needed in signal.required]
    wrong += [{**record, field.name: "word"} for field in signal.fields if field.type is not FieldType.TEXT]
    wrong += [{**record, field.name: field.minimum - 1} for field in signal.fields if field.minimum is not None]
    assert [record for record in wrong if validator.is_valid(record)] == []


def declared(**changes: Any) -> Signal:
    given: dict[str, Any] = {
        "name": "thing", "pillar": Pillar.TEAM, "zh": "物", "en": "thing", "event": "day", "key": (KeyPart("day"),),
        "fields": (Field(name="day", type=FieldType.DATE, zh="日", en="day"),
                   Field(name="size", type=FieldType.NUMBER, zh="大小", en="size", unit="m")),
    }  # fmt: skip
    return Signal(**{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"event": "night"}, "night"),
        ({"event": "size"}, "not a date"),
        ({"key": (KeyPart("colour"),)}, "colour"),
        ({"fields": declared().fields * 2}, "duplicate"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        declared(**changes)


def test_a_field_a_signal_has_not_is_a_key_error() -> None:
    assert declared().field("size").unit == "m"
    with pytest.raises(KeyError):
        declared().field("colour")
