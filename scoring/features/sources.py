"""What the value of a feature is made of: the fields of facts that its expression reads."""

from functools import cache

from alliance.signals import Signal, Subject, signal_named
from scoring.features.catalogue import ROWS, feature_named, inputs
from scoring.features.declaration import ALL_FACTS, Feature

_OF_THE_EVENT = frozenset({"event_at", "age"})
"""Columns of a fact that tell the day of its event."""

_SECTOR = "company_profile.sector"
"""By which a company is set against the facts of its sector."""


@cache
def sources(feature: Feature) -> frozenset[str]:
    """The fields, as ``signal.field``, that a feature's value tells something of.

    They follow from its expression, so that none can be forgotten. A feature that reads no field, such as a number of
    facts, tells something of all fields of its signal. Features of how well a company is known read none: they count
    members and days, whatever the values.
    """
    if feature.signal is None:
        return frozenset().union(*(sources(feature_named(name)) for name in inputs(feature)))
    if feature.signal == ALL_FACTS:
        return frozenset()
    signal = signal_named(feature.signal)
    read = _read(signal, frozenset(feature.expr.meta.root_names()))
    fields = {f"{signal.name}.{name}" for name in read or signal.schema}
    return frozenset(fields | {_SECTOR} if signal.subject is Subject.SECTOR else fields)


def _read(signal: Signal, columns: frozenset[str]) -> frozenset[str]:
    """The signal's fields among some columns, and behind the signal's row columns among them."""
    rows = ROWS.get(signal.name, {})
    behind = (_read(signal, frozenset(rows[name].meta.root_names()) - {name}) for name in columns & rows.keys())
    event = frozenset({signal.event}) if columns & _OF_THE_EVENT else frozenset()
    return (columns & signal.schema.keys()).union(event, *behind)
