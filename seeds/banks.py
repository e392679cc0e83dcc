"""The banks of the alliance and their share of the lending."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bank:
    """A bank: its member id and its weight in new lending."""

    member: str
    weight: float


BANKS = tuple(Bank(f"bank-{i + 1:02d}", 1.0 / (1.0 + 0.25 * i)) for i in range(12))
"""Twelve banks, the first four times as large as the last."""
