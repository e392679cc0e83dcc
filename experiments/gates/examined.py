"""Every gate asked of a challenger: the verdicts, a table, and what is kept of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from alliance.store.promotions import Gated
from alliance.view import History
from experiments.gates import GATES
from experiments.gates.exam import Exam, Judges, begin_of, require_alike
from experiments.gates.gate import PASS, Finding, Gate
from experiments.listing import Listing, listing
from experiments.metrics import Estimate
from experiments.outcome import outcome_named
from experiments.panel import last_known, panel, quarter_ends
from scoring.features import FEATURES
from scoring.model import Bundle
from scoring.months import months_after

Progress = Callable[[int], None]


@dataclass(frozen=True, eq=False)
class Examined:
    """A challenger, examined against a champion.

    Attributes:
        champion, challenger: their bundles' digests.
        about: on which rows, in a sentence.
        found: what each gate found, in their order.
    """

    champion: str
    challenger: str
    about: str
    found: tuple[tuple[Gate, Finding], ...]

    @property
    def gated(self) -> tuple[Gated, ...]:
        """What is recorded of it."""
        return tuple(gate.gated(finding) for gate, finding in self.found)

    @property
    def metrics(self) -> dict[str, Estimate | float]:
        """Every figure, by gate and name."""
        return {f"gate_{gate.name}_{_plain(name)}": value
                for gate, finding in self.found for name, value in finding.figures.items()}  # fmt: skip

    def listing(self) -> Listing:
        """One row a gate."""
        rows = [(gate.name, gate.asks, finding.says, finding.found) for gate, finding in self.found]
        return listing("gates", "gate|asks|says|found", rows)

    def markdown(self) -> str:
        """For the challenger's run."""
        return (
            f"Champion {self.champion}\n\nChallenger {self.challenger}\n\n{self.about}\n\n{self.listing().markdown()}\n"
        )


def _plain(name: str) -> str:
    """A name MLflow takes for a metric."""
    return "".join(one if one.isalnum() and one.isascii() else "_" for one in name)


def in_the_way(gated: Iterable[Gated]) -> list[str]:
    """Names of the gates that are not passed, not decided ones among them."""
    return [one.gate for one in gated if one.says != PASS]


def ask_all(exam: Exam, *, progress: Progress = lambda _: None) -> Examined:
    """Ask every gate; ``progress`` is called with 1 after each."""
    found = []
    for gate in GATES:
        found.append((gate, gate.examine(exam)))
        progress(1)
    return Examined(exam.champion.sha256, exam.challenger.sha256, exam.about, tuple(found))


def exam_on(
    history: History, champion: Bundle, challenger: Bundle, *,
    judges: Judges | None = None, progress: Progress = lambda _: None,
) -> Exam:  # fmt: skip
    """An exam on what a store holds by now: quarter's ends from the first that taught the challenger to the last whose
    outcomes are known.

    Args:
        progress: called with 1 after each of ``days_of_exam``.

    Raises:
        InvalidInput, Conflict: as ``Exam.of``.
    """
    require_alike(champion, challenger)
    outcome, horizon = challenger.outcome.name, challenger.outcome.horizon_months
    days = days_of_exam(history, challenger)
    made = panel(history, days, outcome_named(outcome), horizon, features=FEATURES, progress=progress)
    return Exam.of(champion, challenger, made, history=history, judges=judges)


def days_of_exam(history: History, challenger: Bundle) -> list[date]:
    """The as-of days of the panel of an exam."""
    begin_of(challenger)  # raises unless the bundle says what taught it
    first = date.fromisoformat(challenger.training["fit"]["first"])
    return quarter_ends(first, months_after(last_known(history), -challenger.outcome.horizon_months))
