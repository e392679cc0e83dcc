"""A seed alliance's files handed in bit by bit, newcomers linked after each, as an alliance grows."""

from pathlib import Path

from alliance.contracts import files_by_contract
from alliance.identity.link import link_newcomers
from alliance.intake import submit
from alliance.store import Receipt, Store
from alliance.terminal import progress

PORTIONS = 10


def hand_in(store: Store, folder: Path, portions: int = PORTIONS) -> list[Receipt]:
    """Take in every file at or below a folder, a portion of them at a time; each portion has files of all kinds.

    What is in the store already is not taken in again, and nobody is linked twice.
    """
    files = files_by_contract(folder)
    receipts = []
    with progress("member files", len(files)) as bar:
        for portion in range(portions):
            for contract, file in files[portion::portions]:
                receipts.append(submit(store, contract, file))
                bar.advance(bar.task_ids[0])
            link_newcomers(store)
    return receipts
