"""Open Data Contract Standard YAML -> Contract, with an error that names the place of each mistake."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from open_data_contract_standard.model import (
    CustomProperty,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
    Server,
)

from alliance.contracts.columns import NUMERIC
from alliance.contracts.contract import (
    REGISTRATION,
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
from alliance.contracts.document import read_document
from alliance.contracts.yaml_values import (
    README,
    bound,
    day,
    listed,
    mapping,
    number,
    patterns,
    plain,
    regex,
    text,
    whole,
)
from alliance.errors import AllianceError, ContractError, InvalidInput
from alliance.formats import Options
from alliance.signals import Field, FieldType, Signal, signal_named

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
    document = read_document(source)
    if not document.id or not document.version:
        raise ContractError("A contract needs an id and a version.", remedy=f"Add both; see {README}.")
    try:
        return _contract(document, source)
    except InvalidInput as error:
        raise ContractError(error.message, remedy=error.remedy, **{"contract": document.id, **error.where}) from error


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
        path=_path(server),
        options=Options(
            format=_format(server),
            encoding=server.encoding if server else None,
            delimiter=server.delimiter if server else None,
            header_row=whole(reading.get("headerRow", 1), "headerRow"),
            sheet=text(reading.get("sheet")),
            rows_at=text(reading.get("rowsAt")),
        ),
        company=_company(own),
        missing=frozenset(plain(word) for word in listed(own.get("missing"), "missing")),
        knowledge=_knowledge(own.get("knowledge")),
        rates={str(code): number(rate, "rates") for code, rate in mapping(own.get("rates") or {}, "rates").items()},
        records=tuple(_record(schema) for schema in document.schema_),
        source=source,
        sha256=hashlib.sha256(source.encode()).hexdigest(),
    )


def _format(server: Server | None) -> str | None:
    """The format named, or that of the path's extension."""
    if server is None or server.format or not server.path:
        return server.format if server else None
    return PurePath(server.path.removesuffix(".gz")).suffix.lstrip(".").lower() or None


def _path(server: Server | None) -> str:
    path = (server.path if server else None) or "*"
    if PurePath(path).is_absolute():
        raise ContractError(f"The path {path!r} is not relative to the contract.", remedy="Make it so.", field="path")
    return path


def _properties(given: Sequence[CustomProperty] | None, known: set[str], **where: str) -> dict[str, Any]:
    found = {str(item.property): item.value for item in given or ()}
    if unknown := sorted(set(found) - known):
        raise ContractError(
            f"Unknown custom property {', '.join(unknown)}.", remedy=f"Use one of {', '.join(sorted(known))}.", **where
        )
    return found


def _role(value: object) -> Role:
    try:
        return Role(str(value))
    except ValueError:
        raise ContractError(
            f"memberRole {value!r} is not known.", remedy=f"Use one of {', '.join(Role)}.", field="memberRole"
        ) from None


def _company(own: Mapping[str, Any]) -> CompanyReference:
    registration = mapping(own.get("registrationNumber", {}), "registrationNumber", {"column"})
    local = mapping(own.get("companyId", {}), "companyId", {"namespace", "column", "extract"})
    name = mapping(own.get("companyName", {}), "companyName", {"column"})
    if local and not (local.get("namespace") and local.get("column")):
        raise ContractError("companyId needs a namespace and a column.", field="companyId")
    if local and (":" in str(local["namespace"]) or local["namespace"] == REGISTRATION):
        raise ContractError(
            f"A namespace holds no colon and is not {REGISTRATION!r}.", remedy="Name it otherwise.", field="companyId"
        )
    return CompanyReference(
        registration_column=registration.get("column"),
        namespace=local.get("namespace"),
        id_column=local.get("column"),
        id_extract=regex(local.get("extract"), "companyId.extract"),
        name_column=name.get("column"),
    )


def _knowledge(value: object) -> Knowledge:
    if value is None:
        return Received()
    match mapping(value, "knowledge", {"column", "lagDays", "formats", "snapshot"}):
        case {"snapshot": on, **rest} if not rest:
            return Snapshot(day(on, "knowledge.snapshot"))
        case {"lagDays": lag, **rest} if not rest:
            return KnownAfterEvent(_lag(lag))
        case {"column": str(column), **rest} if "snapshot" not in rest:
            return KnownByColumn(
                column, _lag(rest.get("lagDays", 0)), patterns(rest.get("formats"), "knowledge.formats")
            )
    raise ContractError(
        "knowledge is a column, a lag or a snapshot.", remedy=f"Give one of them; see {README}.", field="knowledge"
    )


def _lag(value: object) -> int:
    lag = whole(value, "lagDays")
    if lag < 0:
        raise ContractError("knowledge.lagDays is negative: nothing is known before it is so.", field="knowledge")
    return lag


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
            quality=_quality(schema, {item.field.name: item.field for item in fields}),
        )
    except AllianceError as error:
        raise ContractError(
            error.message, remedy=error.remedy, **{"record": schema.name or "", **error.where}
        ) from error


def _check_required(signal: Signal, fields: Sequence[FieldMapping]) -> None:
    names = [item.field.name for item in fields]
    if missing := sorted(signal.required - set(names)):
        raise ContractError(f"{signal.name} cannot do without {', '.join(missing)}.", remedy="Map these fields.")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ContractError(f"{', '.join(twice)} is mapped twice.", remedy="Map each field once.")


def _condition(value: object) -> Condition:
    match mapping(value, "when", {"column", "in", "notIn", "present", "above"}):
        case {"column": str(column), "in": list(words), **rest} if not rest:
            return InList(column, tuple(plain(word) for word in words))
        case {"column": str(column), "notIn": list(words), **rest} if not rest:
            return InList(column, tuple(plain(word) for word in words), negated=True)
        case {"column": str(column), "present": bool(wanted), **rest} if not rest:
            return Present(column, wanted)
        case {"column": str(column), "above": int() | float() as bound, **rest} if not rest:
            return Above(column, float(bound))
    raise ContractError("A condition needs a column and one test.", remedy=f"See {README}.", field="when")


def _explode(value: object) -> Explode | None:
    if value is None:
        return None
    given = mapping(value, "explode", {"column", "separator"})
    if not given.get("column"):
        raise ContractError("explode needs a column.", field="explode")
    return Explode(str(given["column"]), str(given.get("separator", ";")))


def _alike(left: Field, right: Field) -> bool:
    return left.dtype == right.dtype or {left.type, right.type} <= NUMERIC


def _quality(schema: SchemaObject, mapped: Mapping[str, Field]) -> tuple[Comparison, ...]:
    rules = []
    for rule in schema.quality or ():
        if rule.type != "custom" or rule.engine != "alliance":
            continue  # rules of other engines are for other tools
        given = mapping(rule.implementation, "implementation", {"left", "operator", "right"})
        left, operator, right = (str(given.get(part, "")) for part in ("left", "operator", "right"))
        if {left, right} - set(mapped) or operator not in _OPERATORS or not _alike(mapped[left], mapped[right]):
            raise ContractError(
                f"Rule {rule.name!r} must compare two mapped fields of one kind by one of "
                f"{', '.join(sorted(_OPERATORS))}.",
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
    own = _properties(item.customProperties, _FIELD_PROPERTIES, field=name)
    standard = item.logicalTypeOptions or {}
    if (item.physicalName is None) == (own.get("constant") is None):
        raise ContractError("A field needs a physicalName or a constant, and not both.", field=name)
    formats = [*([standard["format"]] if "format" in standard else []), *listed(own.get("formats"), f"{name}.formats")]
    if formats and field.type is not FieldType.DATE:
        raise ContractError(f"{name} is no date: a date pattern has no use here.", field=name)
    if {"minimum", "maximum"} & set(standard) and field.type not in NUMERIC:
        raise ContractError(f"{name} is no number: a minimum or maximum has no use here.", field=name)
    return FieldMapping(
        field=field,
        column=item.physicalName,
        constant=plain(own["constant"]) if "constant" in own else None,
        required=bool(item.required),
        formats=patterns(formats, name),
        extract=regex(own.get("extract"), f"{name}.extract"),
        values=_values(own, name),
        grouping=text(own.get("grouping")),
        scale=number(own.get("scale", 1.0), f"{name}.scale"),
        currency=_currency(own.get("currency"), f"{name}.currency"),
        minimum=bound(standard.get("minimum"), f"{name}.minimum"),
        maximum=bound(standard.get("maximum"), f"{name}.maximum"),
        pattern=regex(standard.get("pattern"), f"{name}.pattern"),
    )


def _values(own: Mapping[str, Any], name: str) -> ValueMap | None:
    if "values" not in own:
        return None
    words = {
        plain(word): None if to is None else plain(to) for word, to in mapping(own["values"], f"{name}.values").items()
    }
    otherwise = own.get("otherwise")
    return ValueMap(words, "otherwise" not in own, None if otherwise is None else plain(otherwise))


def _currency(value: object, name: str) -> Currency | None:
    if value is None:
        return None
    if isinstance(value, str):
        return Currency(code=value)
    return Currency(column=str(mapping(value, name, {"column"}).get("column")))
