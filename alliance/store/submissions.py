"""Submissions: contracts, receipts, quarantined rows."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, Row, Select, insert, select

from alliance.contracts import Contract
from alliance.store import schema
from alliance.store.schema import quarantine, submission


@dataclass(frozen=True)
class Receipt:
    """What became of a submission; the same for the same bytes under the same contract.

    Attributes:
        submission_id: stable id, a digest of contract and file.
        no: place in the order of entries; the store's watermark after it.
        sha256: digest of the file's bytes.
        received_at: when it was stored, UTC.
        rows, accepted, quarantined: rows read = accepted + quarantined.
        records: records the accepted rows became.
        retry_of: the submission whose quarantined rows were tried again, if it is a retry.
    """

    submission_id: str
    no: int
    contract_id: str
    contract_version: str
    contract_sha256: str
    member: str
    file_name: str
    sha256: str
    received_at: datetime
    rows: int
    accepted: int
    quarantined: int
    records: int
    retry_of: str | None


def _receipts() -> Select[tuple[object, ...]]:
    own = [column for column in submission.c if column.name != "contract_sha256"]
    return select(*own, submission.c.contract_sha256, schema.contract.c.contract_id, schema.contract.c.version).join(
        schema.contract, schema.contract.c.sha256 == submission.c.contract_sha256
    )


def _receipt(row: Row[tuple[object, ...]]) -> Receipt:
    values = dict(row._mapping)
    values["contract_version"] = values.pop("version")
    return Receipt(**values)


def find_receipt(connection: Connection, submission_id: str) -> Receipt | None:
    row = connection.execute(_receipts().where(submission.c.submission_id == submission_id)).first()
    return None if row is None else _receipt(row)


def find_retry(connection: Connection, submission_id: str) -> Receipt | None:
    """The submission that tried this one's quarantined rows again, if any."""
    row = connection.execute(_receipts().where(submission.c.retry_of == submission_id)).first()
    return None if row is None else _receipt(row)


def all_receipts(connection: Connection) -> list[Receipt]:
    return [_receipt(row) for row in connection.execute(_receipts().order_by(submission.c.no))]


def insert_contract(connection: Connection, contract: Contract) -> None:
    """Keep the contract's text; a contract already kept is left as it is."""
    known = connection.scalar(select(schema.contract.c.sha256).where(schema.contract.c.sha256 == contract.sha256))
    if known is None:
        connection.execute(
            insert(schema.contract).values(
                sha256=contract.sha256,
                contract_id=contract.id,
                version=contract.version,
                member=contract.member,
                role=contract.role.value,
                source=contract.source,
            )
        )


def contract_versions(connection: Connection, up_to: int) -> list[str]:
    """``id@version`` of every contract that gave a submission up to the watermark, sorted."""
    query = (
        select(schema.contract.c.contract_id, schema.contract.c.version)
        .join(submission, submission.c.contract_sha256 == schema.contract.c.sha256)
        .where(submission.c.no <= up_to)
        .distinct()
    )
    return sorted(f"{row.contract_id}@{row.version}" for row in connection.execute(query))


def insert_submission(connection: Connection, receipt: Receipt) -> None:
    connection.execute(
        insert(submission).values({column.name: getattr(receipt, column.name) for column in submission.c})
    )


def insert_quarantine(connection: Connection, no: int, rows: pl.DataFrame) -> None:
    """Keep quarantined rows (columns ``row``, ``content``, ``faults``)."""
    if not rows.is_empty():
        connection.execute(insert(quarantine), [{"submission_no": no, **row} for row in rows.iter_rows(named=True)])


def select_quarantine(connection: Connection, no: int) -> pl.DataFrame:
    """Quarantined rows of a submission (columns ``row``, ``content``, ``faults``), by row."""
    columns = (quarantine.c.row, quarantine.c.content, quarantine.c.faults)
    found = connection.execute(select(*columns).where(quarantine.c.submission_no == no).order_by(quarantine.c.row))
    return pl.DataFrame(
        [tuple(row) for row in found],
        schema={"row": pl.Int64, "content": pl.String, "faults": pl.String},
        orient="row",
    )
