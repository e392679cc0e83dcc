"""The only write door: a member's file, by its contract, through identity, into the store; all of it or nothing."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import polars as pl
from sqlalchemy import Connection

from alliance.contracts import Contract, MappedBatch, map_batch
from alliance.errors import Conflict, UnreadableFile
from alliance.formats import Batch, RowFault, read
from alliance.identity import resolve
from alliance.ledger import RowsDigest
from alliance.rights import Member
from alliance.signals import Subject
from alliance.spool import Spool
from alliance.store import Receipt, Store
from alliance.store.companies import insert_names
from alliance.store.effects import Along
from alliance.store.entries import EntryKind, append
from alliance.store.ledger import enter_entries
from alliance.store.records import insert_records
from alliance.store.rights import find_member, insert_given, insert_member
from alliance.store.schema import record
from alliance.store.submissions import (
    find_receipt,
    find_retry,
    insert_contract,
    insert_quarantine,
    insert_submission,
)

Progress = Callable[[int], None]
"""Told how many more rows have been read."""


@dataclass
class _Counts:
    rows: int = 0
    accepted: int = 0
    records: int = 0
    signals: set[str] = field(default_factory=set)


def submit(
    store: Store, contract: Contract, path: Path, *,
    now: datetime | None = None, progress: Progress | None = None, along: Along | None = None,
) -> Receipt:  # fmt: skip
    """Take in a member's file.

    The same bytes under the same contract give the same receipt and have no second effect. Every row ends accepted or
    quarantined. Rows are read and mapped first and set aside; then one transaction stores them all. A contract's member
    that is not known yet is registered with it, in its role, at home.

    Args:
        now: when it is received; the store's clock by default. Nothing in the file can have been known later.
        progress: called with the number of rows in each batch read.
        along: what is to be stored with the submission, whether it is new or not.

    Raises:
        UnreadableFile: the file as a whole cannot be read, or is hostile; nothing is stored.
        StoreError: the store failed; nothing is stored.
    """
    digest = _digest(path)
    identity = _submission_id(contract.sha256, digest)
    with store.reading() as connection:
        known = find_receipt(connection, identity)
    if known is None:
        draft = _draft(contract, identity, path.name, digest, now)
        return _take_in(store, contract, draft, read(path, contract.options), progress=progress, along=along)
    if along:
        with store.writing() as connection:
            along(connection, identity)
    return known


def retry(store: Store, contract: Contract, submission_id: str, *, now: datetime | None = None) -> Receipt:
    """Try the quarantined rows of a submission again, usually under a mended contract.

    Rows now sound are stored; the others are quarantined again, under the new submission, which takes the old one's
    place in the quarantine. The rows are as they were read then; what was known and when follows the contract.

    Raises:
        NotFound: no such submission.
        Conflict: another member gave it; or it has been tried again already, under another contract, and the remedy
            names what to retry instead.
    """
    original = store.receipt(submission_id)
    if contract.member != original.member:
        raise Conflict(
            f"{submission_id} was given by {original.member}, not by {contract.member}.",
            remedy="Retry it under a contract of the same member.",
            submission=submission_id,
        )
    identity = _submission_id(contract.sha256, f"retry:{submission_id}")
    draft = replace(_draft(contract, identity, original.file_name, original.sha256, now), retry_of=submission_id)
    with store.reading() as connection:
        if known := _already(connection, draft):
            return known
    # Rows are kept by their filled cells alone, as JSON writes them: a column that they lack is empty, not missing.
    by_cells = replace(contract, options=replace(contract.options, format="json"))
    return _take_in(store, by_cells, draft, [_quarantined_batch(store.quarantined(original))])


def _already(connection: Connection, draft: Receipt) -> Receipt | None:
    """The receipt the same submission was given before; ``Conflict`` if a retry comes second to another."""
    if known := find_receipt(connection, draft.submission_id):
        return known
    if draft.retry_of and (other := find_retry(connection, draft.retry_of)):
        raise Conflict(
            f"The quarantined rows of {draft.retry_of} have been tried again already.",
            remedy=f"Retry {other.submission_id} instead.",
            submission=draft.retry_of,
        )
    return None


def _quarantined_batch(rows: pl.DataFrame) -> Batch:
    """Quarantined rows as a reader would give them; rows that could not be read keep their faults."""
    readable = rows.filter(pl.col("content") != "")
    cells = [orjson.loads(content) for content in readable["content"]]
    names = list(dict.fromkeys(name for row in cells for name in row))
    columns = [pl.Series(name, [row.get(name) for row in cells], pl.String) for name in names]
    faults = rows.filter(pl.col("content") == "").select("row", "faults").iter_rows()
    return Batch(
        pl.DataFrame([readable["row"].alias("_row"), *columns]),
        tuple(RowFault(row=row, **fault) for row, found in faults for fault in orjson.loads(found)),
    )


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableFile(f"The file cannot be read: {error.strerror}.", file=path.name) from error


def _submission_id(contract_sha256: str, content: str) -> str:
    return "sub_" + hashlib.sha256(f"{contract_sha256}:{content}".encode()).hexdigest()[:16]


def _draft(contract: Contract, identity: str, file_name: str, digest: str, now: datetime | None) -> Receipt:
    """A receipt whose number and counts are still to come."""
    return Receipt(
        submission_id=identity,
        no=0,
        contract_id=contract.id,
        contract_version=contract.version,
        contract_sha256=contract.sha256,
        member=contract.member,
        file_name=file_name,
        sha256=digest,
        received_at=now or datetime.now(UTC),
        rows=0,
        accepted=0,
        quarantined=0,
        records=0,
        retry_of=None,
    )


def _take_in(
    store: Store, contract: Contract, draft: Receipt, batches: Iterable[Batch], *,
    progress: Progress | None = None, along: Along | None = None,
) -> Receipt:  # fmt: skip
    with Spool() as spool:
        counts = _set_aside(contract, batches, draft.received_at.date(), spool, progress)
        with store.writing() as connection:
            if along:
                along(connection, draft.submission_id)
            if known := _already(connection, draft):
                return known  # another process took the same file in meanwhile
            entry = append(connection, EntryKind.SUBMISSION, draft.member, draft.received_at)
            receipt = replace(
                draft,
                no=entry.no,
                rows=counts.rows,
                accepted=counts.accepted,
                quarantined=counts.rows - counts.accepted,
                records=counts.records,
            )
            insert_contract(connection, contract)
            insert_submission(connection, receipt)
            if find_member(connection, receipt.member) is None:
                home = store.policy.rights.home
                insert_member(connection, entry, Member(receipt.member, contract.role.value, home, entry.made_at))
            insert_given(connection, receipt.no, sorted(counts.signals))
            records = _store_records(connection, contract, receipt, spool)
            for rows in spool.frames("quarantine"):
                insert_quarantine(connection, receipt.no, rows)
            enter_entries(connection, {record.name: records})
    return receipt


def _set_aside(
    contract: Contract, batches: Iterable[Batch], today: date, spool: Spool, progress: Progress | None
) -> _Counts:
    """Map every batch and set its records, references and quarantined rows aside."""
    counts = _Counts()
    for batch in batches:
        mapped = map_batch(contract, batch, today)
        counts.rows += mapped.rows
        counts.accepted += mapped.references.height
        counts.records += sum(records.frame.height for records in mapped.records)
        for place, records in enumerate(mapped.records):
            if records.frame.height:
                counts.signals.add(contract.records[place].signal.name)
            spool.add(f"records-{place}", records.frame)
        spool.add("references", mapped.references.drop("_row").unique(maintain_order=True))
        spool.add("quarantine", quarantine_rows(mapped))
        if progress:
            progress(mapped.rows)
    return counts


def quarantine_rows(mapped: MappedBatch) -> pl.DataFrame:
    """The rows a batch lost, one each: ``row``, ``content`` (JSON of the cells), ``faults`` (JSON)."""
    faults: dict[int, list[dict[str, str]]] = {}
    for fault in mapped.faults:
        told = {"field": fault.field, "rule": fault.rule, "remedy": fault.remedy, "value": fault.value}
        known = faults.setdefault(fault.row, [])
        if told not in known:
            known.append(told)
    contents = {
        int(row.pop("_row")): {name: cell for name, cell in row.items() if cell is not None}
        for row in mapped.rejected.iter_rows(named=True)
    }
    return pl.DataFrame(
        [
            (row, orjson.dumps(contents[row]).decode() if row in contents else "", orjson.dumps(found).decode())
            for row, found in sorted(faults.items())
        ],
        schema={"row": pl.Int64, "content": pl.String, "faults": pl.String},
        orient="row",
    )


def _store_records(connection: Connection, contract: Contract, receipt: Receipt, spool: Spool) -> tuple[int, str]:
    """Store who the rows are of, and their records; returns count and digest of these."""
    references = pl.concat([_no_references(), *spool.frames("references")]).unique(maintain_order=True)
    pairs = references.select("_registration", "_local").unique(maintain_order=True)
    pairs = pairs.filter(pl.any_horizontal(pl.all().is_not_null()))
    companies = resolve(connection, receipt.no, pairs, contract.company.namespace)
    named = references.join(companies, on=["_registration", "_local"], how="inner", nulls_equal=True)
    names = [named.select("company_id", pl.col("_name").alias("name"))]
    written = RowsDigest()
    for place, mapping in enumerate(contract.records):
        for frame in spool.runs(f"records-{place}"):
            if mapping.signal.subject is Subject.SECTOR:
                claims = frame.with_columns(pl.col("sector").alias("subject_id"))
            else:
                claims = frame.join(companies, on=["_registration", "_local"], how="left", nulls_equal=True)
                claims = claims.rename({"company_id": "subject_id"})
            filled = [field.field.name for field in mapping.fields]
            insert_records(connection, mapping.signal, _stamped(claims, receipt), filled, written)
            if mapping.signal.name == "company_profile":
                names.append(claims.select(pl.col("subject_id").alias("company_id"), "name"))
    insert_names(connection, receipt.no, pl.concat(names))
    return written.told()


def _stamped(claims: pl.DataFrame, receipt: Receipt) -> pl.DataFrame:
    return claims.with_columns(
        pl.col("_row").alias("row"),
        pl.lit(receipt.member).alias("member"),
        pl.lit(receipt.no, pl.Int64).alias("submission_no"),
    )


def _no_references() -> pl.DataFrame:
    return pl.DataFrame(schema={"_registration": pl.String, "_local": pl.String, "_name": pl.String})
