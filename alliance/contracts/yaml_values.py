"""Single values of a contract's YAML, each of the kind its place wants, or an error that names the place."""

import math
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from alliance.contracts.dates import strptime_pattern
from alliance.errors import ContractError

if TYPE_CHECKING:
    from open_data_contract_standard.model import CustomProperty

README = "alliance/contracts/README.md"


def mapping(value: object, name: str, keys: AbstractSet[str] | None = None) -> Mapping[str, Any]:
    """The value if it is a mapping, with no other keys than those given."""
    if not isinstance(value, Mapping) or (keys is not None and set(value) - keys):
        some = f" with some of {', '.join(sorted(keys))}" if keys else ""
        raise ContractError(f"{name} must be a mapping{some}.", remedy=f"See {README}.", field=name)
    return value


def listed(value: object, name: str) -> Sequence[Any]:
    """The value if it is a list; an absent one is empty."""
    if value is not None and not isinstance(value, list | tuple):
        raise ContractError(f"{name} must be a list.", remedy=f"See {README}.", field=name)
    return value or ()


def number(value: Any, name: str) -> float:
    try:
        read = float(value)
    except (TypeError, ValueError):
        read = math.nan
    if not math.isfinite(read):
        raise ContractError(f"{name} {value!r} is not a number.", remedy="Write one.", field=name)
    return read


def bound(value: object, name: str) -> float | None:
    return None if value is None else number(value, name)


def whole(value: object, name: str) -> int:
    read = number(value, name)
    if not read.is_integer():
        raise ContractError(f"{name} {value!r} is not a whole number.", remedy="Write one.", field=name)
    return int(read)


def day(value: object, name: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ContractError(f"{name} {value!r} is not a date.", remedy="Write it as 2013-10-01.", field=name) from None


def patterns(value: object, name: str) -> tuple[str, ...]:
    """Date patterns in strptime letters."""
    try:
        return tuple(strptime_pattern(str(pattern)) for pattern in listed(value, name))
    except ContractError as error:
        raise ContractError(error.message, remedy=error.remedy, field=name) from None


def regex(value: object, name: str) -> str | None:
    """A regular expression that both Python and the engine that runs it read; one to extract by has a group."""
    if value is None:
        return None
    try:
        groups = re.compile(str(value)).groups
        pl.Series([""]).str.contains(str(value))
    except (re.error, pl.exceptions.ComputeError) as error:
        reason = " ".join(str(error).split())
        raise ContractError(f"{name} is not a regular expression: {reason}.", field=name) from None
    if groups < 1 and name.endswith("extract"):
        raise ContractError(f"{name} has no group.", remedy="Put what to keep in parentheses.", field=name)
    return str(value)


def plain(value: object) -> str:
    """A YAML scalar as a member's file would write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def text(value: object) -> str | None:
    return None if value is None else plain(value)


def properties(given: "Sequence[CustomProperty] | None", known: set[str], **where: str) -> dict[str, Any]:
    """Custom properties by name; ``ContractError`` for one that is not known."""
    found = {str(item.property): item.value for item in given or ()}
    if unknown := sorted(set(found) - known):
        raise ContractError(
            f"Unknown custom property {', '.join(unknown)}.", remedy=f"Use one of {', '.join(sorted(known))}.", **where
        )
    return found
