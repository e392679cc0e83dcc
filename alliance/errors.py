"""One tree of errors, each with a stable code, a place and a remedy.

Domain code raises these and knows nothing of HTTP or exit codes; the edges (console commands, API) translate them once.
"""

from typing import ClassVar


class AllianceError(Exception):
    """Something the caller can understand and mend.

    Attributes:
        code: stable, dotted, never reused; what programs may rely on.
        message: what was wrong, in one sentence.
        remedy: what to do about it, in one sentence; may be empty.
        where: the place, as names and values (``row``, ``field``, ``file``, ``company`` ...).
    """

    code: ClassVar[str] = "alliance.error"

    def __init__(self, message: str, *, remedy: str = "", **where: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.where = where

    def __str__(self) -> str:
        place = ", ".join(f"{name} {value}" for name, value in self.where.items())
        parts = [self.message, f"({place})" if place else "", f"Remedy: {self.remedy}" if self.remedy else ""]
        return " ".join(part for part in parts if part)


class InvalidInput(AllianceError):
    """A value given by the caller cannot be used."""

    code = "input.invalid"


class NotFound(AllianceError):
    """What was asked for is not known; ``where`` says what was searched."""

    code = "not_found"


class Erased(AllianceError):
    """What was asked for was there, and has been erased."""

    code = "decision.erased"


class Conflict(AllianceError):
    """The request contradicts what is already recorded."""

    code = "conflict"


class Refused(AllianceError):
    """Rights do not allow what was asked."""

    code = "rights.refused"


class LimitExceeded(AllianceError):
    """More was sent than the declared limit allows."""

    code = "limit.exceeded"


class ContractError(InvalidInput):
    """A data contract is not valid, or does not fit the signals it maps to."""

    code = "contract.invalid"


class UnreadableFile(InvalidInput):
    """A member file as a whole cannot be read; nothing of it is stored."""

    code = "file.unreadable"


class HostileFile(UnreadableFile):
    """A member file is built to cost memory or time (expansion, bombs, absurd nesting); refused before it does."""

    code = "file.hostile"


class BundleError(AllianceError):
    """A model bundle is damaged, or does not fit this code."""

    code = "bundle.invalid"


class StoreError(AllianceError):
    """The store could not be read or written; what was asked has not happened."""

    code = "store.unavailable"


class LedgerBroken(AllianceError):
    """What the store holds, or a receipt says, is not what the ledger was told."""

    code = "ledger.broken"
