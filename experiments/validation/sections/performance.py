"""How well the model ranks, beside what would be used instead, and what each pillar is worth."""

from experiments.card import NAMES
from experiments.listing import interval, listing, value
from experiments.validation.cards import Said
from experiments.validation.section import Reader, Section, status_of


def performance(reader: Reader) -> Section:
    """The test rows' measures, the ladder of pillars and the peers."""
    run = reader.model
    found = {name: reader.estimate(run, name, said) for name, said in NAMES.items()}
    rows = [(NAMES[name], value(one), interval(one, 4)) for name, one in found.items()]
    ladder, climbed = reader.study("ladder", "experiments ladder")
    peers, compared = reader.study("peers", "experiments peers")
    auc = found["auc"]
    return Section(
        title="Performance",
        status=status_of(auc is not None, climbed, compared),
        summary=f"AUC {value(auc)} ({interval(auc)}) out of time" if auc else "no measures on record",
        parts=[
            listing("test rows, out of time", "measure|value|95% interval", rows, "value|95% interval"),
            Said("Intervals: bootstrap of whole companies. The test rows taught and chose nothing."),
            *reader.pictures(run, "roc"),
            *ladder,
            *peers,
        ],
        traces=reader.traces,
    )
