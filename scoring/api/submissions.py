"""Give files and see what became of them."""

import logging
import shutil
from hashlib import file_digest
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Annotated

import orjson
from fastapi import APIRouter, File, Query, Response, UploadFile

from alliance.callers import Caller, Scope
from alliance.contracts import Contract, load_contract
from alliance.errors import ContractError, InvalidInput, LimitExceeded, Refused, StoreError
from alliance.intake import submit
from alliance.store import Store
from scoring.api import responses, visible
from scoring.api.context import InContext
from scoring.api.idempotency import InOnce
from scoring.api.limits import MIB, MOST_CONTRACT_BYTES, UPLOADS
from scoring.api.problems import declared
from scoring.api.requests import SubmissionId
from scoring.api.scopes import requires

router = APIRouter(tags=["submissions"])

_LOG = logging.getLogger(__name__)

LONGEST_NAME = 255
"""Bytes of a file name, as common file systems have it."""


@router.post(
    UPLOADS,
    status_code=201,
    summary="Submit a file",
    response_description="Taken in; the receipt.",
    responses={200: {"model": responses.Receipt, "description": "Taken in before; the same receipt."}, **declared()},
)
def give(
    contract: Annotated[UploadFile, File(description="The member's contract: Open Data Contract Standard, YAML.")],
    file: Annotated[UploadFile, File(description="The data the contract describes; its name tells the format.")],
    response: Response,
    context: InContext,
    *,
    once: InOnce,
    caller: Annotated[Caller, requires(Scope.SUBMISSIONS_WRITE)],
) -> responses.Receipt:
    """Take in a file of the caller's member by its contract: each row is accepted or quarantined, none stored twice.

    Companies that come without a registration number are then linked to those known before, where they are surely one.
    """
    store = context.scorer.store
    with TemporaryDirectory(prefix="alliance-") as folder:
        described = _contract(contract, Path(folder) / "contract")
        data = Path(folder) / "data" / _name(file)
        data.parent.mkdir()
        with data.open("wb") as copy:
            shutil.copyfileobj(file.file, copy, MIB)
        _refuse_foreign(described, caller)
        receipt = once.run(
            lambda: _sent(described, data),
            lambda along: submit(store, described, data, now=once.at, along=along),
            store.receipt,
        )
    if receipt.received_at != once.at:
        response.status_code = 200
    elif not once.replayed:
        _link(store)
    return responses.Receipt.of(receipt, context.notary.of_entry(receipt.no))


@router.get(UPLOADS + "/{submission_id}", summary="Read a submission", responses=declared(404))
def read(
    submission_id: SubmissionId,
    context: InContext,
    caller: Annotated[Caller, requires(Scope.SUBMISSIONS_READ)],
    limit: Annotated[int, Query(ge=1, le=1_000, description="Quarantined rows given at most.")] = 100,
    offset: Annotated[int, Query(ge=0, le=2**31, description="Quarantined rows passed over.")] = 0,
) -> responses.Submission:
    """The receipt of a submission, and its quarantined rows with each fault and what to do about it."""
    store = context.scorer.store
    receipt = visible.receipt(caller, store, submission_id)
    page = store.quarantined(receipt).slice(offset, limit)
    rows = [
        responses.QuarantinedRow(row=row, faults=orjson.loads(faults))
        for row, faults in page.select("row", "faults").iter_rows()
    ]
    given = responses.Receipt.of(receipt, context.notary.of_entry(receipt.no))
    return responses.Submission(receipt=given, quarantine=rows, limit=limit, offset=offset)


def _link(store: Store) -> None:
    """Link the companies a file brought; if that fails the file stands, and the next pass links them."""
    from alliance.identity.link import link_newcomers  # noqa: PLC0415 -- dictionaries of names, which scores do without

    try:
        link_newcomers(store)
    except StoreError as error:
        _LOG.error("the companies of a submission were not linked: %s", error.message)


def _refuse_foreign(contract: Contract, caller: Caller) -> None:
    if contract.member != caller.member:
        raise Refused(
            "The contract is of another member than the caller's.",
            remedy="Send it with a key of the member that gives the data.",
            field="contract",
        )


def _sent(contract: Contract, data: Path) -> bytes:
    """What tells one submission from another: contract, content and name."""
    with data.open("rb") as content:
        return b"\0".join((contract.sha256.encode(), file_digest(content, "sha256").digest(), data.name.encode()))


def _name(file: UploadFile) -> str:
    """The last part of the name the file was sent under; ``InvalidInput`` if that is no name for a file."""
    name = PurePosixPath((file.filename or "").replace("\\", "/")).name
    if not name.isprintable() or name in ("", "..") or len(name.encode()) > LONGEST_NAME:
        raise InvalidInput("The file has no usable name.", remedy="Send it under its own name.", field="file")
    return name


def _contract(sent: UploadFile, path: Path) -> Contract:
    content = sent.file.read(MOST_CONTRACT_BYTES + 1)
    if len(content) > MOST_CONTRACT_BYTES:
        raise LimitExceeded(f"The contract is larger than {MOST_CONTRACT_BYTES} bytes.", field="contract")
    path.write_bytes(content)
    try:
        return load_contract(path)
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ContractError("The contract cannot be understood.", field="contract") from error
