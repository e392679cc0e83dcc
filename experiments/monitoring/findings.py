"""What monitoring found, as gates and reports take it."""

from dataclasses import dataclass

from experiments.monitoring.development import Development
from experiments.monitoring.plan import Plan
from experiments.monitoring.quarters import Reading
from experiments.monitoring.reference import Reference
from experiments.monitoring.rule import Alert, Proposal, alerts, proposal
from scoring.model import Bundle


@dataclass(frozen=True, kw_only=True)
class Monitoring:
    """What monitoring found.

    Attributes:
        bundle: the model.
        reference: its yardstick, and where that is from.
        plan: the rules.
        readings: by quarter.
    """

    bundle: Bundle
    reference: Reference
    plan: Plan
    readings: tuple[Reading, ...]

    @property
    def made(self) -> Development:
        return self.reference.made

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Of all quarters, in order."""
        return tuple(one for reading in self.readings for one in alerts(self.plan, reading, self.made.weights))

    @property
    def proposal(self) -> Proposal:
        """By the alerts of all quarters."""
        return proposal(self.alerts)
