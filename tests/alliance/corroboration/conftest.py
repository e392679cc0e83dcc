"""Claims by hand and by chance, and facts as plain rows."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from alliance.corroboration.facts import Facts, contested_fields
from alliance.signals import SIGNALS, Signal, signal_named
from alliance.signals.claims import Claims, claim_schema, no_claims, ordered


def claims_from(*given: Mapping[str, Any]) -> Claims:
    """Claims, each with its ``signal`` and whatever else is not as usual: known on the day of the event, by ``m``."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for place, one in enumerate(given):
        signal = signal_named(one["signal"])
        event = one.get("event_at") or one.get(signal.event) or date(2020, 3, 31)
        usual = {
            "subject_id": "co", "key": "", "member": "m", "submission_no": 1, "row": place, "event_at": event,
            "known_at": event, signal.event: event,
        }  # fmt: skip
        said = {name: value for name, value in one.items() if name != "signal"}
        rows.setdefault(signal.name, []).append({**dict.fromkeys(claim_schema(signal)), **usual, **said})
    frames = {
        signal.name: ordered(signal, pl.DataFrame(rows[signal.name], schema=claim_schema(signal)))
        if signal.name in rows
        else no_claims(signal)
        for signal in SIGNALS
    }
    return Claims(frames, 1)


def plain_facts(facts: Facts, signal: Signal) -> dict[tuple[str, str], dict[str, Any]]:
    """Facts of a signal by subject and key, contested fields by name."""
    return {
        (row["subject_id"], row["key"]): {
            **{name: value for name, value in row.items() if name not in {"subject_id", "key"}},
            "contested": contested_fields(signal, row["contested"]),
        }
        for row in facts.frames[signal.name].iter_rows(named=True)
    }


@pytest.fixture(scope="session")
def claims() -> Callable[..., Claims]:
    return claims_from


@pytest.fixture(scope="session")
def plain() -> Callable[[Facts, Signal], dict[tuple[str, str], dict[str, Any]]]:
    return plain_facts


@pytest.fixture(scope="session")
def rows() -> Callable[[Claims, str], Iterable[dict[str, Any]]]:
    """The claims of a signal as plain rows."""
    return lambda claims, name: claims.frames[name].to_dicts()
