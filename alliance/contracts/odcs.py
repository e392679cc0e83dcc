"""Open Data Contract Standard YAML -> Contract, with an error that names the place of each mistake."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path, PurePath
from typing import Any

import yaml
from open_data_contract_standard.model import (
    CustomProperty,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
    Server,
)
from pydantic import ValidationError

from alliance.contracts.contract import (
    Above,
    CompanyReference,
    Comparison,
    Condition,
    Contract,
    Currency,
    Explode,
    FieldMapping,
    InList,
    Knowledge,
    KnownAfterEvent,
    KnownByColumn,
    Present,
    Received,
    RecordMapping,
    Role,
    Snapshot,
    ValueMap,
)
from alliance.contracts.dates import strptime_pattern
from alliance.errors import AllianceError, ContractError
from alliance.formats import Options
from alliance.signals import FieldType, Signal, Subject, signal_named

README = "alliance/contracts/README.md"

_CONTRACT_PROPERTIES = {
    "member", "memberRole", "registrationNumber", "companyId", "companyName", "missing", "knowledge", "rates",
}  # fmt: skip
_SERVER_PROPERTIES = {"headerRow", "sheet", "rowsAt"}
_RECORD_PROPERTIES = {"when", "explode"}
_FIELD_PROPERTIES = {
    "constant", "formats", "extract", "values", "otherwise", "grouping", "scale", "currency",
}  # fmt: skip
_OPERATORS = {"<", "<=", "=", ">=", ">"}


def load_contract(path: Path) -> Contract:
    """The contract in a file.

    Raises:
        ContractError: the file cannot be read, is not ODCS, or does not fit the signals it maps to.
    """
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError(f"The contract cannot be read: {error}.", file=path.name) from error
    return parse_contract(source)


def parse_contract(source: str) -> Contract:
    """The contract in a YAML text; raises ``ContractError`` as ``load_contract`` does."""
    document = _document(source)
    if not document.id or not document.version:
        raise ContractError("A contract needs an id and a version.", remedy=f"Add both; see {README}.")
    try:
        return _contract(document, source)
    except ContractError as error:
        error.where = {"contract": document.id, **error.where}
        raise


def _document(source: str) -> OpenDataContractStandard:
    try:
        loaded = yaml.safe_load(source)
        if not isinstance(loaded, dict):
            raise ContractError("The contract is not a YAML mapping.", remedy=f"See {README}.")
        return OpenDataContractStandard(**loaded)
    except yaml.YAMLError as error:
        raise ContractError(f"The contract is not YAML: {' '.join(str(error).split())}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ContractError(
            f"The contract is not Open Data Contract Standard: {place}: {first['msg']}.", field=place
        ) from error


def _contract(document: OpenDataContractStandard, source: str) -> Contract:
    own = _properties(document.customProperties, _CONTRACT_PROPERTIES)
    if not own.get("member"):
        raise ContractError("The contract names no member.", remedy="Add the custom property `member`.")
    if not document.schema_:
        raise ContractError("The contract makes no records.", remedy="Add at least one object under `schema`.")
    server = document.servers[0] if document.servers else None
    reading = _properties(server.customProperties if server else None, _SERVER_PROPERTIES)
    return Contract(
        id=str(document.id),
        version=str(document.version),
        member=str(own["member"]),
        role=_role(own.get("memberRole")),
        path=(server.path if server else None) or "*",
        options=Options(
            format=_format(server),
            encoding=server.encoding if server else None,
            delimiter=server.delimiter if server else None,
            header_row=int(reading.get("headerRow", 1)),
            sheet=reading.get("sheet"),
            rows_at=reading.get("rowsAt"),
        ),
        company=_company(own),
        missing=frozenset(str(word) for word in own.get("missing", ())),
        knowledge=_knowledge(own.get("knowledge")),
        rates={str(code): float(rate) for code, rate in (own.get("rates") or {}).items()},
        records=tuple(_record(schema) for schema in document.schema_),
        source=source,
        sha256=hashlib.sha256(source.encode()).hexdigest(),
    )


def _format(server: Server | None) -> str | None:
    """The format named, or that of the path's extension."""
    if server is None or server.format or not server.path:
        return server.format if server else None
    return PurePath(server.path.removesuffix(".gz")).suffix.lstrip(".").lower() or None


def _properties(given: Sequence[CustomProperty] | None, known: set[str]) -> dict[str, Any]:
    found = {str(item.property): item.value for item in given or ()}
    if unknown := sorted(set(found) - known):
        raise ContractError(
            f"Unknown custom property {', '.join(unknown)}.", remedy=f"Use one of {', '.join(sorted(known))}."
        )
    return found


def _role(value: object) -> Role:
    try:
        return Role(str(value))
    except ValueError:
        raise ContractError(
            f"memberRole {value!r} is not known.", remedy=f"Use one of {', '.join(Role)}.", field="memberRole"
        ) from None


def _mapping(value: object, name: str, keys: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or set(value) - keys:
        raise ContractError(
            f"{name} must be a mapping with some of {', '.join(sorted(keys))}.", remedy=f"See {README}.", field=name
        )
    return value


def _company(own: Mapping[str, Any]) -> CompanyReference:
    registration = _mapping(own.get("registrationNumber", {}), "registrationNumber", {"column"})
    local = _mapping(own.get("companyId", {}), "companyId", {"namespace", "column", "extract"})
    name = _mapping(own.get("companyName", {}), "companyName", {"column"})
    if local and not (local.get("namespace") and local.get("column")):
        raise ContractError("companyId needs a namespace and a column.", field="companyId")
    return CompanyReference(
        registration_column=registration.get("column"),
        namespace=local.get("namespace"),
        id_column=local.get("column"),
        id_extract=_regex(local.get("extract"), "companyId.extract"),
        name_column=name.get("column"),
    )


def _knowledge(value: object) -> Knowledge:
    if value is None:
        return Received()
    given = _mapping(value, "knowledge", {"column", "lagDays", "formats", "snapshot"})
    if "snapshot" in given:
        return Snapshot(_day(given["snapshot"], "knowledge.snapshot"))
    lag = int(given.get("lagDays", 0))
    if lag < 0:
        raise ContractError("knowledge.lagDays is negative: nothing is known before it is so.", field="knowledge")
    if "column" in given:
        return KnownByColumn(str(given["column"]), lag, _patterns(given.get("formats", ()), "knowledge.formats"))
    return KnownAfterEvent(lag)


def _day(value: object, name: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ContractError(f"{name} {value!r} is not a date.", remedy="Write it as 2013-10-01.", field=name) from None


def _patterns(value: object, name: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ContractError(f"{name} must be a list of date patterns.", field=name)
    return tuple(strptime_pattern(str(pattern)) for pattern in value)


def _regex(value: object, name: str) -> str | None:
    if value is None:
        return None
    try:
        groups = re.compile(str(value)).groups
    except re.error as error:
        raise ContractError(f"{name} is not a regular expression: {error}.", field=name) from None
    if groups < 1 and name.endswith("extract"):
        raise ContractError(f"{name} has no group.", remedy="Put what to keep in parentheses.", field=name)
    return str(value)


def _record(schema: SchemaObject) -> RecordMapping:
    try:
        signal = signal_named(schema.name or "")
        own = _properties(schema.customProperties, _RECORD_PROPERTIES)
        fields = tuple(_field(item, signal) for item in schema.properties or ())
        _check_required(signal, fields)
        return RecordMapping(
            signal=signal,
            fields=fields,
            when=tuple(_condition(item) for item in own.get("when") or ()),
            explode=_explode(own.get("explode")),
            quality=_quality(schema, {mapping.field.name for mapping in fields}),
        )
    except AllianceError as error:
        raise ContractError(
            error.message, remedy=error.remedy, **{"record": schema.name or "", **error.where}
        ) from error


def _check_required(signal: Signal, fields: Sequence[FieldMapping]) -> None:
    names = [mapping.field.name for mapping in fields]
    if missing := sorted(signal.required - set(names)):
        raise ContractError(f"{signal.name} cannot do without {', '.join(missing)}.", remedy="Map these fields.")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ContractError(f"{', '.join(twice)} is mapped twice.", remedy="Map each field once.")
    if signal.subject is Subject.SECTOR and "sector" not in names:
        raise ContractError(f"{signal.name} is about a sector.", remedy="Map the field sector.")


def _condition(value: object) -> Condition:
    match _mapping(value, "when", {"column", "in", "notIn", "present", "above"}):
        case {"column": str(column), "in": list(words), **rest} if not rest:
            return InList(column, tuple(_plain(word) for word in words))
        case {"column": str(column), "notIn": list(words), **rest} if not rest:
            return InList(column, tuple(_plain(word) for word in words), negated=True)
        case {"column": str(column), "present": bool(wanted), **rest} if not rest:
            return Present(column, wanted)
        case {"column": str(column), "above": int() | float() as bound, **rest} if not rest:
            return Above(column, float(bound))
    raise ContractError("A condition needs a column and one test.", remedy=f"See {README}.", field="when")


def _explode(value: object) -> Explode | None:
    if value is None:
        return None
    given = _mapping(value, "explode", {"column", "separator"})
    if not given.get("column"):
        raise ContractError("explode needs a column.", field="explode")
    return Explode(str(given["column"]), str(given.get("separator", ";")))


def _quality(schema: SchemaObject, mapped: set[str]) -> tuple[Comparison, ...]:
    rules = []
    for rule in schema.quality or ():
        if rule.type != "custom" or rule.engine != "alliance":
            continue  # rules of other engines are for other tools
        given = _mapping(rule.implementation, "implementation", {"left", "operator", "right"})
        left, operator, right = (str(given.get(part, "")) for part in ("left", "operator", "right"))
        if {left, right} - mapped or operator not in _OPERATORS:
            raise ContractError(
                f"Rule {rule.name!r} must compare two mapped fields by one of {', '.join(sorted(_OPERATORS))}.",
                field="quality",
            )
        rules.append(Comparison(rule.name or f"{left} {operator} {right}", left, operator, right))
    return tuple(rules)


def _field(item: SchemaProperty, signal: Signal) -> FieldMapping:
    name = item.name or ""
    try:
        field = signal.field(name)
    except KeyError:
        known = ", ".join(field.name for field in signal.fields)
        raise ContractError(f"{signal.name} has no field {name!r}.", remedy=f"Use one of {known}.") from None
    own = _properties(item.customProperties, _FIELD_PROPERTIES)
    standard = item.logicalTypeOptions or {}
    if (item.physicalName is None) == ("constant" not in own):
        raise ContractError("A field needs a physicalName or a constant, and not both.", field=name)
    patterns = [*([standard["format"]] if "format" in standard else []), *(own.get("formats") or ())]
    if patterns and field.type is not FieldType.DATE:
        raise ContractError(f"{name} is no date: a date pattern has no use here.", field=name)
    return FieldMapping(
        field=field,
        column=item.physicalName,
        constant=_plain(own["constant"]) if "constant" in own else None,
        required=bool(item.required),
        formats=_patterns(patterns, name),
        extract=_regex(own.get("extract"), f"{name}.extract"),
        values=_values(own),
        grouping=own.get("grouping"),
        scale=float(own.get("scale", 1.0)),
        currency=_currency(own.get("currency")),
        minimum=standard.get("minimum"),
        maximum=standard.get("maximum"),
        pattern=_regex(standard.get("pattern"), f"{name}.pattern"),
    )


def _plain(value: object) -> str:
    """A YAML scalar as a member's file would write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _values(own: Mapping[str, Any]) -> ValueMap | None:
    if "values" not in own:
        return None
    words = {_plain(word): None if to is None else _plain(to) for word, to in own["values"].items()}
    otherwise = own.get("otherwise")
    return ValueMap(words, "otherwise" not in own, None if otherwise is None else _plain(otherwise))


def _currency(value: object) -> Currency | None:
    if value is None:
        return None
    if isinstance(value, str):
        return Currency(code=value)
    return Currency(column=str(_mapping(value, "currency", {"column"}).get("column")))
