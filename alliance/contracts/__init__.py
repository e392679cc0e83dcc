"""How a member's file maps on signals: one Open Data Contract Standard document per file, no code (README.md)."""

from alliance.contracts.contract import Contract, Role
from alliance.contracts.folder import files_by_contract
from alliance.contracts.mapping import MappedBatch, MappedRecords, map_batch
from alliance.contracts.odcs import load_contract, parse_contract

__all__ = [
    "Contract",
    "MappedBatch",
    "MappedRecords",
    "Role",
    "files_by_contract",
    "load_contract",
    "map_batch",
    "parse_contract",
]
