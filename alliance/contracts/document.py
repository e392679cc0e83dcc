"""YAML text -> the document of the contract standard, refused early when it is made to cost memory or stack."""

from typing import TYPE_CHECKING

import yaml
from pydantic import ValidationError

from alliance.contracts.yaml_values import README
from alliance.errors import ContractError

if TYPE_CHECKING:
    from open_data_contract_standard.model import OpenDataContractStandard

LONGEST_CONTRACT = 1_000_000
"""Characters; the widest contract here, of a file with 39 columns, has 14,000."""

DEEPEST_NESTING = 32
"""Levels; the standard itself needs eight."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, in C where PyYAML was built with it: contracts are many, and reading them is most of their cost."""


def read_document(source: str) -> "OpenDataContractStandard":
    """The contract document in a YAML text.

    Raises:
        ContractError: it is hostile, not YAML, or not of the standard.
    """
    from open_data_contract_standard.model import OpenDataContractStandard  # noqa: PLC0415 -- who only scores reads none

    try:
        _refuse_hostile(source)
        loaded = yaml.load(source, Loader=_LOADER)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a day that no calendar has
        raise ContractError(f"The contract is not YAML: {' '.join(str(error).split())}.") from error
    if not isinstance(loaded, dict):
        raise ContractError("The contract is not a YAML mapping.", remedy=f"See {README}.")
    try:
        return OpenDataContractStandard(**loaded)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ContractError(
            f"The contract is not Open Data Contract Standard: {place}: {first['msg']}.", field=place
        ) from error
    except TypeError as error:  # a key that is no text
        raise ContractError(f"The contract is not Open Data Contract Standard: {error}.") from error


def _refuse_hostile(source: str) -> None:
    if len(source) > LONGEST_CONTRACT:
        raise ContractError(f"The contract is longer than {LONGEST_CONTRACT:,} characters.", remedy=f"See {README}.")
    depth = 0
    for event in yaml.parse(source, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise ContractError("The contract uses a YAML alias.", remedy="Write it out: aliases can hide expansion.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST_NESTING:
            raise ContractError(f"The contract nests deeper than {DEEPEST_NESTING} levels.", remedy=f"See {README}.")
