"""What the alliance's tests share: contracts in few words, member files, numbers that hold, all a store holds."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from sqlalchemy import select
from stdnum.cn import uscc

from alliance.contracts import Contract, MappedBatch, map_batch, parse_contract
from alliance.formats import Batch
from alliance.store import Store
from alliance.store.schema import metadata

TODAY = date(2020, 1, 1)
NOW = datetime(2020, 1, 1, 12, tzinfo=UTC)

STANDARD_OPTIONS = ("format", "minimum", "maximum", "pattern")
RECORD_PROPERTIES = ("when", "explode")

MEMBER = {"member": "harbour", "memberRole": "bank", "companyId": {"namespace": "harbour", "column": "client"}}


def _custom(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"property": name, "value": value} for name, value in values.items() if value is not None]


def _field(name: str, spec: str | Mapping[str, Any]) -> dict[str, Any]:
    given = {"column": spec} if isinstance(spec, str) else dict(spec)
    standard = {option: given.pop(option) for option in STANDARD_OPTIONS if option in given}
    entry: dict[str, Any] = {"name": name, "required": given.pop("required", None)}
    if "column" in given:
        entry["physicalName"] = given.pop("column")
    if standard:
        entry["logicalTypeOptions"] = standard
    own = [{"property": name, "value": value} for name, value in given.items()]
    return entry | ({"customProperties": own} if own else {})


def _schema(record: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(record)
    schema: dict[str, Any] = {"name": given.pop("signal")}
    schema["customProperties"] = _custom({name: given.pop(name, None) for name in RECORD_PROPERTIES})
    schema["quality"] = [
        {"type": "custom", "engine": "alliance", "name": f"{left} {operator} {right}",
         "implementation": {"left": left, "operator": operator, "right": right}}
        for left, operator, right in given.pop("quality", ())
    ]  # fmt: skip
    schema["properties"] = [_field(name, spec) for name, spec in given.items()]
    return schema


def odcs_text(
    *records: Mapping[str, Any],
    id: str = "harbour-clients",
    version: str = "1.0.0",
    server: Mapping[str, Any] | None = None,
    reading: Mapping[str, Any] | None = None,
    **properties: Any,
) -> str:
    """A contract's YAML from its records, each ``{"signal": ..., field: column or parts of the mapping}``.

    ``properties`` are the contract's own, over those of ``MEMBER``; ``None`` takes one away.
    """
    files = {"server": "files", "type": "local", "path": "*.csv", **(server or {})}
    document = {
        "apiVersion": "v3.0.2",
        "kind": "DataContract",
        "id": id,
        "version": version,
        "status": "active",
        "servers": [files | {"customProperties": _custom(reading or {})}],
        "customProperties": _custom({**MEMBER, **properties}),
        "schema": [_schema(record) for record in records],
    }
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


def make_contract(*records: Mapping[str, Any], **given: Any) -> Contract:
    return parse_contract(odcs_text(*records, **given))


def map_rows(contract: Contract, rows: Iterable[Mapping[str, str | None]], today: date = TODAY) -> MappedBatch:
    """What rows of text, numbered from 1, become under a contract."""
    rows = list(rows)
    names = dict.fromkeys(name for row in rows for name in row)
    columns = [pl.Series(name, [row.get(name) for row in rows], pl.String) for name in names]
    numbers = pl.Series("_row", range(1, len(rows) + 1), pl.Int64)
    return map_batch(contract, Batch(pl.DataFrame([numbers, *columns])), today)


def registration_number(serial: int) -> str:
    """A unified social credit code whose check character holds."""
    body = f"91310000{serial:09d}"
    return body + uscc.calc_check_digit(body)


def contents(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the store's version, sorted."""
    with store.reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=str)
            for table in metadata.sorted_tables
            if table.name != "schema_version"
        }


@pytest.fixture(scope="session")
def odcs() -> Callable[..., str]:
    return odcs_text


@pytest.fixture(scope="session")
def contract() -> Callable[..., Contract]:
    return make_contract


@pytest.fixture(scope="session")
def mapped() -> Callable[..., MappedBatch]:
    return map_rows


@pytest.fixture(scope="session")
def code() -> Callable[[int], str]:
    return registration_number


@pytest.fixture(scope="session")
def everything() -> Callable[[Store], dict[str, list[tuple[Any, ...]]]]:
    return contents


@pytest.fixture
def member_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a member's CSV file from a header and rows, all in one string a line."""

    def write(*lines: str, name: str = "rows.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
        return path

    return write


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW
