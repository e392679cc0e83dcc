"""A decision made again, and what differs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alliance.store import Decision
from scoring.result import Score


@dataclass(frozen=True)
class Replay:
    """A decision made again from what was known then.

    Attributes:
        decision: the decision as recorded.
        score: the score computed again, up to the decision's watermark, with the model now loaded.
        same: whether it is the same to the last bit.
        changed: what differs, by name: value then and value now.
    """

    decision: Decision
    score: Score
    same: bool
    changed: Mapping[str, tuple[Any, Any]]

    @classmethod
    def of(cls, made: Decision, again: Score) -> "Replay":
        """A decision held against its score as computed again."""
        then, now = made.result, again.as_dict()
        changed = {name: (then.get(name), now.get(name)) for name in {**then, **now} if then.get(name) != now.get(name)}
        return cls(made, again, not changed, changed)
