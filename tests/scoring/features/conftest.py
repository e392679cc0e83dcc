"""Facts from a few words, and facts at random."""

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest

from alliance.corroboration.facts import Facts, fact_schema
from alliance.signals import SECTORS, SIGNALS, Field, FieldType, Signal, Subject, signal_named
from scoring.features import feature_frame, feature_named

AS_OF = date(2024, 6, 30)
WILD = [math.nan, math.inf, -math.inf, 0.0, 1e308, 5e-324]
Row = Mapping[str, Any]


def frame_of(signal: Signal, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=fact_schema(signal), orient="row")


def facts_of(companies: tuple[str, ...], rows: Mapping[str, list[dict[str, Any]]]) -> Facts:
    frames = {signal.name: frame_of(signal, rows.get(signal.name, [])) for signal in SIGNALS}
    return Facts(as_of=AS_OF, companies=companies, frames=frames, watermark=1)


def fact(signal: Signal, row: Row, number: int) -> dict[str, Any]:
    """``ago`` is the event's age in days; ``of`` the company or sector (``c1``); dates may be given as days ago.

    ``members``, ``agreement`` and ``contested`` (1, not at odds) and ``known`` (days ago) may be given, too.
    """
    of_fact = {
        "members": row.get("members", 1),
        "agreement": row.get("agreement"),
        "contested": row.get("contested", 0),
    }
    given = {k: v for k, v in row.items() if k not in {"ago", "of", "key", "known", *of_fact}}
    for name, value in given.items():
        if signal.field(name).type is FieldType.DATE and isinstance(value, int):
            given[name] = AS_OF - timedelta(days=value)
    event = AS_OF - timedelta(days=row.get("ago", 0))
    given.setdefault(signal.event, event)
    subject, key = row.get("of", "c1"), row.get("key", f"{number:03}")
    known = AS_OF - timedelta(days=row.get("known", row.get("ago", 0)))
    return {"subject_id": subject, "key": key, "event_at": event, "known_at": known, **of_fact, **given}


@pytest.fixture(scope="session")
def make_facts() -> Callable[..., Facts]:
    """Facts of companies, by signal: ``make_facts(("c1",), funding_round=[{"ago": 30, "stage": "seed"}])``."""

    def make(companies: tuple[str, ...] = ("c1",), **signals: list[Row]) -> Facts:
        named = {name: signal_named(name) for name in signals}
        rows = {name: [fact(named[name], row, i) for i, row in enumerate(signals[name])] for name in signals}
        return facts_of(companies, rows)

    return make


def random_value(random: Random, field: Field, *, wild: bool) -> Any:
    whole = int(field.minimum or 0)
    kinds: dict[FieldType, Callable[[], Any]] = {
        FieldType.TEXT: lambda: random.choice(["one", "two", "three"]),
        FieldType.CATEGORY: lambda: random.choice(field.values),
        FieldType.INTEGER: lambda: random.choice([whole, random.randint(whole, 9)]),
        FieldType.MONEY: lambda: random.choice([0, random.randint(0 if field.minimum == 0 else -(10**9), 10**9)]),
        FieldType.DATE: lambda: AS_OF - timedelta(days=random.randint(-400, 1500)),
        FieldType.FLAG: lambda: random.random() < 0.5,
        FieldType.SHARE: lambda: random.choice(WILD) if wild else random.random(),
        FieldType.NUMBER: lambda: random.choice(WILD) if wild else random.random(),
    }
    return None if random.random() < 0.2 else kinds[field.type]()


@pytest.fixture(scope="session")
def random_facts() -> Callable[..., Facts]:
    """Facts at random: any field may be unknown, few days are shared by many facts, some signals have none.

    ``wild`` makes the numbers such as no contract would let in.
    """

    def build(seed: int, companies: int = 6, most: int = 5, *, wild: bool = False) -> Facts:
        random = Random(seed)
        ids = tuple(f"c{i}" for i in range(companies))
        days = [random.randint(0, span) for span in (183, 183, 600, 1200, 1200)]
        rows: dict[str, list[dict[str, Any]]] = {}
        for signal in SIGNALS:
            upto = random.choice([0, 1, most])
            rows[signal.name] = [
                fact(signal, {
                    "of": subject, "ago": random.choice(days), "key": f"{random.random()}",
                    "members": random.randint(1, 3), "agreement": random.choice([None, 1.0, random.random()]),
                    "contested": random.choice([0, 0, 1]),
                    **{f.name: random_value(random, f, wild=wild) for f in signal.fields if f.name != signal.event},
                }, 0)
                for subject in (SECTORS if signal.subject is Subject.SECTOR else ids)
                for _ in range(1 if not signal.key else random.randint(0, upto))
            ]  # fmt: skip
        return facts_of(ids, rows)

    return build


@pytest.fixture(scope="session")
def values_of(make_facts: Callable[..., Facts]) -> Callable[..., dict[str, float | None]]:
    """Features of the names given, of company ``c1``, from its facts by signal."""

    def values(names: Iterable[str], **signals: list[Row]) -> dict[str, float | None]:
        frame = feature_frame(make_facts(**signals), [feature_named(name) for name in names])
        return frame.drop("company_id").row(0, named=True)

    return values
