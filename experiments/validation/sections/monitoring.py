"""What is watched once the model is used."""

from experiments.listing import listing
from experiments.validation.cards import Said
from experiments.validation.section import Reader, Section, Status

PLAN = (
    ("each quarter", "do scores and features drift", "`experiments monitor`"),
    ("each quarter", "realised against expected outcomes by grade", "`experiments monitor`"),
    ("each quarter", "people's overrides and how they ended", "`scoring overrides report`"),
    ("each year, and on an alert", "the model made again, as time went on", "`experiments backtest`"),
    ("each year, and on an alert", "groups of companies", "`experiments fairness`"),
    ("when a grant is revoked", "train again without what it gave", "`experiments train`"),
    ("before a challenger is promoted", "gates, and this report anew", "`experiments gates`, `experiments validate`"),
)
"""When, what and by which command. The intervals are our own choice."""


def monitoring(reader: Reader) -> Section:
    """The plan, and the latest look."""
    watched, found = reader.study("monitor", "experiments monitor")
    return Section(
        title="Monitoring plan",
        status=Status.EXAMINED if found else Status.STATED,
        summary="plan stated" + ("; a look on record" if found else "; no look on record"),
        parts=[listing("plan", "when|what|by", PLAN), Said("How often is our own choice."), *watched],
        traces=reader.traces,
    )
