"""The JSON Schema (2020-12) of a signal, derived from its declaration."""

from typing import Any

from alliance.signals.declaration import Field, FieldType, Signal

_JSON_TYPES: dict[FieldType, dict[str, str]] = {
    FieldType.TEXT: {"type": "string"},
    FieldType.CATEGORY: {"type": "string"},
    FieldType.INTEGER: {"type": "integer"},
    FieldType.NUMBER: {"type": "number"},
    FieldType.SHARE: {"type": "number"},
    FieldType.MONEY: {"type": "integer"},
    FieldType.DATE: {"type": "string", "format": "date"},
    FieldType.FLAG: {"type": "boolean"},
}


def _property(field: Field) -> dict[str, Any]:
    schema: dict[str, Any] = {**_JSON_TYPES[field.type], "title": field.zh, "description": field.en}
    if field.unit:
        schema["x-unit"] = field.unit
    if field.values:
        schema["enum"] = list(field.values)
    if field.minimum is not None:
        schema["minimum"] = field.minimum
    if field.maximum is not None:
        schema["maximum"] = field.maximum
    return {**schema, "x-sensitivity": field.sensitivity.value}


def json_schema(signal: Signal) -> dict[str, Any]:
    """JSON Schema of one record's fields, with ``x-`` annotations for pillar, key, event, unit and sensitivity."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": signal.name,
        "description": f"{signal.en} / {signal.zh}",
        "type": "object",
        "properties": {field.name: _property(field) for field in signal.fields},
        "required": [field.name for field in signal.fields if field.name in signal.required],
        "additionalProperties": False,
        "x-pillar": signal.pillar.value,
        "x-key": [part.field for part in signal.key],
        "x-event": signal.event,
        "x-subject": signal.subject.value,
    }
