"""A sheet as a contract: Open Data Contract Standard YAML in the alliance's vocabulary."""

from typing import Any

import yaml

from alliance.signals import FieldType, signal_named
from seeds.members.sheet import Cell, Member, Record, Sheet

VERSION = "1.0.0"
API_VERSION = "v3.0.2"

_LOGICAL = {
    FieldType.TEXT: "string", FieldType.CATEGORY: "string", FieldType.INTEGER: "integer", FieldType.NUMBER: "number",
    FieldType.SHARE: "number", FieldType.MONEY: "number", FieldType.DATE: "date", FieldType.FLAG: "boolean",
}  # fmt: skip


def contract_yaml(member: Member, sheet: Sheet) -> str:
    """The contract of a member's sheet."""
    document = {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": f"{member.id}-{sheet.name}",
        "name": f"{member.id} {sheet.name}",
        "version": VERSION,
        "status": "active",
        "servers": [_server(sheet)],
        "customProperties": _properties(_about(member, sheet)),
        "schema": [_schema(record) for record in sheet.records],
    }
    return yaml.dump(document, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=120)


def _properties(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"property": name, "value": value} for name, value in values.items()]


def _server(sheet: Sheet) -> dict[str, Any]:
    server: dict[str, Any] = {"server": "files", "type": "local", "path": sheet.file_name, "format": sheet.format}
    if sheet.format == "csv":
        server |= {"encoding": sheet.encoding, "delimiter": ","}
    reading: dict[str, Any] = {"headerRow": sheet.header_row} if sheet.header_row > 1 else {}
    reading |= {"rowsAt": sheet.rows_at} if sheet.rows_at else {}
    return server | ({"customProperties": _properties(reading)} if reading else {})


def _about(member: Member, sheet: Sheet) -> dict[str, Any]:
    about: dict[str, Any] = {"member": member.id, "memberRole": member.role.value}
    if sheet.code:
        about["registrationNumber"] = {"column": sheet.code}
    if sheet.client:
        about["companyId"] = {"namespace": member.id, "column": sheet.client}
    if sheet.company_name:
        about["companyName"] = {"column": sheet.company_name}
    if sheet.missing:
        about["missing"] = [sheet.missing]
    about["knowledge"] = {"column": sheet.reported}
    if sheet.report_dates:
        about["knowledge"]["formats"] = [sheet.report_dates]
    return about | ({"rates": dict(sheet.rates)} if sheet.rates else {})


def _schema(record: Record) -> dict[str, Any]:
    schema: dict[str, Any] = {"name": record.signal, "logicalType": "object"}
    if record.when:
        schema["customProperties"] = _properties({"when": [dict(condition) for condition in record.when]})
    schema["properties"] = [_property(record.signal, cell) for cell in record.cells]
    if record.ordered:
        schema["quality"] = [
            {"type": "custom", "engine": "alliance", "name": f"{left} at most {right}",
             "implementation": {"left": left, "operator": "<=", "right": right}}
            for left, right in record.ordered
        ]  # fmt: skip
    return schema


def _property(signal: str, cell: Cell) -> dict[str, Any]:
    field = signal_named(signal).field(cell.field)
    entry: dict[str, Any] = {
        "name": cell.field, "physicalName": cell.column, "logicalType": _LOGICAL[field.type], "description": field.en,
    }  # fmt: skip
    if cell.dates:
        entry["logicalTypeOptions"] = {"format": cell.dates}
    own: dict[str, Any] = {}
    if cell.scale != 1.0:
        own["scale"] = cell.scale
    if cell.words:
        own["values"] = {theirs: ours for ours, theirs in cell.words.items()}
    if cell.currency:
        own["currency"] = {"column": cell.currency}
    return entry | ({"customProperties": _properties(own)} if own else {})
