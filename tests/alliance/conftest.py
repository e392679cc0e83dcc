"""What the alliance's tests share: contracts in few words, member files, numbers that hold, all a store holds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from sqlalchemy import select
from stdnum.cn import uscc

from alliance.contracts import Contract, MappedBatch, map_batch, parse_contract
from alliance.corroboration.kernel import MAJORITY
from alliance.corroboration.reliability import newcomer
from alliance.formats import Batch
from alliance.signals import Field, FieldType, Signal
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


Voice = tuple[str, float, float]
Claim = Mapping[str, Any]


def facts_by_definition(
    signal: Signal, claims: Iterable[Claim], as_of: date, voices: Mapping[str, Voice] | None = None
) -> dict[tuple[str, str], dict[str, Any]]:
    """Facts of a signal by subject and key, claim by claim: the rule of corroboration said in plain Python.

    ``voices`` are root, weight and precision by member; who is not in it is a newcomer.
    """
    facts: dict[tuple[str, str], list[Claim]] = {}
    for claim in sorted(claims, key=lambda claim: (claim["known_at"], claim["submission_no"], claim["row"])):
        if max(claim["known_at"], claim["event_at"]) <= as_of:
            facts.setdefault((claim["subject_id"], claim["key"]), []).append(claim)
    return {fact: _fact(signal, said, voices or {}) for fact, said in facts.items()}


def _fact(signal: Signal, claims: Sequence[Claim], voices: Mapping[str, Voice]) -> dict[str, Any]:
    heard = {member: voices.get(member) or newcomer(member) for member in sorted({c["member"] for c in claims})}
    fact: dict[str, Any] = {"known_at": claims[-1]["known_at"], "members": len({root for root, *_ in heard.values()})}
    contested, shares = [], []
    for field in signal.fields:
        spoken = _spoken(field.name, claims, {**voices, **heard})
        news = _news(field, spoken)
        fact[field.name] = None
        if not spoken:
            continue
        if not field.compared or len(spoken) == 1:
            order = [(claim["known_at"], claim["event_at"], weight) for claim, weight, _ in news]
            fact[field.name] = news[order.index(max(order))][0][field.name]
            continue
        told, old = _told(field, news), _told(field, [one for one in spoken if one not in news])
        value, share, alone = _consensus(field, told, old)
        if field.name in signal.settled or alone:
            fact[field.name] = value
            continue
        shares.append(share)
        if share < MAJORITY:
            contested.append(field.name)
        if share >= MAJORITY or field.kept_contested:
            fact[field.name] = value
    agreement = sum(shares) / len(shares) if shares else None
    return fact | {"event_at": fact[signal.event], "agreement": agreement, "contested": tuple(contested)}


def _spoken(name: str, claims: Sequence[Claim], heard: Mapping[str, Voice]) -> list[tuple[Claim, float, float]]:
    """Each voice's claim that speaks for a field, with weight and precision: the original's own before its copies'."""
    spoken: dict[str, tuple[str, Claim]] = {}
    for member in sorted({claim["member"] for claim in claims if claim[name] is not None}):
        root = heard[member][0]
        filled = [claim for claim in claims if claim["member"] == member and claim[name] is not None]
        who, before = spoken.get(root, (None, filled[-1]))
        if who is None or root == member or (who != root and filled[-1]["known_at"] > before["known_at"]):
            spoken[root] = (member, filled[-1])
    return [(claim, *heard[root][1:]) for root, (_, claim) in spoken.items()]


def _news(field: Field, spoken: list[tuple[Claim, float, float]]) -> list[tuple[Claim, float, float]]:
    """The claims not older than the newest by more than the field lasts."""
    for day in ("event_at", "known_at"):
        newest = max((claim[day] for claim, *_ in spoken), default=None)
        spoken = [one for one in spoken if field.lasts is None or (newest - one[0][day]).days <= field.lasts]
    return spoken


def _told(field: Field, spoken: list[tuple[Claim, float, float]]) -> list[tuple[Any, float, float]]:
    return [(claim[field.name], weight, exact) for claim, weight, exact in spoken]


def _number(value: Any) -> float:
    return float(value.toordinal() if isinstance(value, date) else value)


def _alike(field: Field, one: Any, other: Any) -> bool:
    if isinstance(one, str | bool):
        return bool(one == other)
    a, b = _number(one), _number(other)
    return abs(a - b) <= max(field.tolerance.absolute, field.tolerance.relative * max(abs(a), abs(b)))


Words = Sequence[tuple[Any, float, float]]


def _consensus(field: Field, news: Words, old: Words) -> tuple[Any, float, bool]:
    """The news most weight agrees with, the share of the weight that does, and whether no other word speaks.

    What is old speaks where it agrees; it is no part of the value.
    """

    def place(value: Any) -> float:
        return float(field.values.index(value)) if field.values else _number(value)

    def like(value: Any, words: Words) -> Words:
        return [word for word in words if _alike(field, value, word[0])]

    def rank(value: Any) -> tuple[float, float, float]:
        distance = 0.0 if field.values else sum(w * abs(_number(value) - _number(v)) for v, w, _ in like(value, news))
        return -sum(weight for _, weight, _ in like(value, [*news, *old])), distance, place(value)

    best = min((value for value, *_ in news), key=rank)
    speaking = [*news, *like(best, old)]
    share = -rank(best)[0] / sum(weight for _, weight, _ in speaking)
    agreeing = [(value, exact) for value, _, exact in like(best, news)]
    if field.values or field.type in {FieldType.DATE, FieldType.FLAG} or len(agreeing) == 1:
        return best, share, len(speaking) == 1
    mean = sum(exact * value for value, exact in agreeing) / sum(exact for _, exact in agreeing)
    return round(mean) if field.type in {FieldType.INTEGER, FieldType.MONEY} else mean, share, len(speaking) == 1


@pytest.fixture(scope="session")
def by_definition() -> Callable[..., dict[tuple[str, str], dict[str, Any]]]:
    return facts_by_definition
