"""A folder of members' files, each beside its contract."""

from pathlib import Path

from alliance.contracts.contract import Contract
from alliance.contracts.odcs import load_contract
from alliance.errors import InvalidInput


def files_by_contract(folder: Path) -> list[tuple[Contract, Path]]:
    """Contracts at or below a folder with the files each describes; ``InvalidInput`` if there is none."""
    found = []
    for path in sorted(folder.rglob("*.contract.yaml")):
        contract = load_contract(path)
        found += [(contract, file) for file in sorted(path.parent.glob(contract.path)) if file != path]
    if not found:
        raise InvalidInput(
            "There is no contract with a file of its own.",
            remedy="Put each file beside its NAME.contract.yaml.",
            folder=str(folder),
        )
    return found
