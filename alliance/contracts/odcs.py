"""Open Data Contract Standard YAML -> Contract, with an error that names the place of each mistake."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from alliance.contracts.contract import (
    REGISTRATION,
    CompanyReference,
    Contract,
    Knowledge,
    KnownAfterEvent,
    KnownByColumn,
    Received,
    RecordMapping,
    Role,
    Snapshot,
)
from alliance.contracts.document import read_document
from alliance.contracts.odcs_records import record_mapping
from alliance.contracts.yaml_values import (
    README,
    day,
    listed,
    mapping,
    number,
    patterns,
    plain,
    properties,
    regex,
    text,
    whole,
)
from alliance.errors import ContractError, InvalidInput
from alliance.formats import Options
from alliance.signals import Subject

if TYPE_CHECKING:
    from open_data_contract_standard.model import OpenDataContractStandard, Server

_CONTRACT_PROPERTIES = {
    "member", "memberRole", "registrationNumber", "companyId", "companyName", "missing", "knowledge", "rates",
}  # fmt: skip
_SERVER_PROPERTIES = {"headerRow", "sheet", "rowsAt", "continued"}


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


def _contract(document: "OpenDataContractStandard", source: str) -> Contract:
    own = properties(document.customProperties, _CONTRACT_PROPERTIES)
    if not own.get("member"):
        raise ContractError("The contract names no member.", remedy="Add the custom property `member`.")
    if not document.schema_:
        raise ContractError("The contract makes no records.", remedy="Add at least one object under `schema`.")
    records = tuple(record_mapping(schema) for schema in document.schema_)
    company = _company(own)
    _check_company(company, records)
    server = document.servers[0] if document.servers else None
    reading = properties(server.customProperties if server else None, _SERVER_PROPERTIES)
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
            continued=tuple(plain(name) for name in listed(reading.get("continued"), "continued")),
        ),
        company=company,
        missing=frozenset(plain(word) for word in listed(own.get("missing"), "missing")),
        knowledge=_knowledge(own.get("knowledge")),
        rates={str(code): number(rate, "rates") for code, rate in mapping(own.get("rates") or {}, "rates").items()},
        records=records,
        source=source,
        sha256=hashlib.sha256(source.encode()).hexdigest(),
    )


def _format(server: "Server | None") -> str | None:
    """The format named, or that of the path's extension."""
    if server is None or server.format or not server.path:
        return server.format if server else None
    return PurePath(server.path.removesuffix(".gz")).suffix.lstrip(".").lower() or None


def _path(server: "Server | None") -> str:
    path = (server.path if server else None) or "*"
    if PurePath(path).is_absolute():
        raise ContractError(f"The path {path!r} is not relative to the contract.", remedy="Make it so.", field="path")
    return path


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


def _check_company(company: CompanyReference, records: Sequence[RecordMapping]) -> None:
    about_companies = any(record.signal.subject is Subject.COMPANY for record in records)
    if about_companies and not (company.registration_column or company.id_column):
        raise ContractError(
            "The contract does not say which company a row is about.",
            remedy="Add the custom property `registrationNumber` or `companyId`.",
            field="companyId",
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
