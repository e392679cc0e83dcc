"""One schema object of a contract document -> how a row becomes one record."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from alliance.contracts.columns import NUMERIC
from alliance.contracts.contract import (
    Above,
    Comparison,
    Condition,
    Currency,
    Explode,
    FieldMapping,
    InList,
    Present,
    RecordMapping,
    ValueMap,
)
from alliance.contracts.yaml_values import (
    README,
    bound,
    listed,
    mapping,
    number,
    patterns,
    plain,
    properties,
    regex,
    text,
)
from alliance.errors import AllianceError, ContractError
from alliance.signals import Field, FieldType, Signal, signal_named

if TYPE_CHECKING:
    from open_data_contract_standard.model import SchemaObject, SchemaProperty

_RECORD_PROPERTIES = {"when", "explode"}
_FIELD_PROPERTIES = {
    "constant", "formats", "extract", "values", "otherwise", "grouping", "scale", "units", "currency",
}  # fmt: skip
_OPERATORS = {"<", "<=", "=", ">=", ">"}


def record_mapping(schema: "SchemaObject") -> RecordMapping:
    """The mapping a schema object describes; ``ContractError`` names the record, the field and the remedy."""
    try:
        signal = signal_named(schema.name or "")
        own = properties(schema.customProperties, _RECORD_PROPERTIES)
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


def _quality(schema: "SchemaObject", mapped: Mapping[str, Field]) -> tuple[Comparison, ...]:
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


def _field(item: "SchemaProperty", signal: Signal) -> FieldMapping:
    name = item.name or ""
    try:
        field = signal.field(name)
    except KeyError:
        known = ", ".join(field.name for field in signal.fields)
        raise ContractError(f"{signal.name} has no field {name!r}.", remedy=f"Use one of {known}.") from None
    own = properties(item.customProperties, _FIELD_PROPERTIES, field=name)
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
        units=_units(own.get("units"), f"{name}.units"),
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


def _units(value: object, name: str) -> tuple[tuple[str, float], ...]:
    given = {} if value is None else mapping(value, name)
    return tuple((normalize("NFKC", str(unit)), number(size, name)) for unit, size in given.items())


def _currency(value: object, name: str) -> Currency | None:
    if value is None:
        return None
    if isinstance(value, str):
        return Currency(code=value)
    return Currency(column=str(mapping(value, name, {"column"}).get("column")))
