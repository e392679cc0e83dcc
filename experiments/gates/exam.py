"""Champion and challenger before the same rows, on which neither was taught.

A model knows every outcome that was known when its teaching ended, a horizon after its last day. So both are examined
on days no earlier than that, of both: where the champion was taught on days that test the challenger, only later ones
are left, and where none are left there is no exam.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from alliance.errors import Conflict, InvalidInput
from alliance.view import History
from experiments.fairness.judge import Fairness
from experiments.grounds import reasons_hold
from experiments.metrics import Floats, Sample
from experiments.panel import LABEL, Panel
from scoring.model import Bundle
from scoring.months import months_after
from scoring.score import ScoreTable, score_arrays

CHAMPION, CHALLENGER = "champion", "challenger"

Holds = Callable[[ScoreTable], float]
"""Scores to the share of their reasons, 0 to 1, that hold when put to the test."""

Judges = Callable[[pl.DataFrame, ScoreTable], Fairness]
"""Labelled rows of a panel (n), and a model's scores of them (n), to verdicts on groups of companies."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Exam:
    """What gates look at.

    Attributes:
        champion, challenger: the models.
        panel: every day from the first that taught the challenger.
        rows: those of the panel on which neither was taught (n).
        left_out: days that test the challenger and are left out, for the champion was taught what came of them.
        history: what the panel was made of, for the probes; ``None`` where it was made otherwise.
        judges: who looks at groups of companies; ``None`` if nobody does.
        holds: who tests reasons.
    """

    champion: Bundle
    challenger: Bundle
    panel: Panel
    rows: pl.DataFrame
    left_out: tuple[date, ...]
    history: History | None = None
    judges: Judges | None = None
    holds: Holds = reasons_hold

    @classmethod
    def of(
        cls, champion: Bundle, challenger: Bundle, panel: Panel, *,
        history: History | None = None, judges: Judges | None = None, holds: Holds = reasons_hold,
    ) -> "Exam":  # fmt: skip
        """An exam on a panel that holds the features of both.

        Raises:
            InvalidInput: they foresee different things, a bundle does not say what taught it, or the rows that are left
                do not hold both outcomes.
            Conflict: no row is left on which neither was taught.
        """
        require_alike(champion, challenger)
        begins, own = max(begin_of(champion), begin_of(challenger)), begin_of(challenger)
        days = panel.frame["as_of"].unique().sort().to_list()
        rows = panel.frame.filter(pl.col("as_of") >= begins)
        if rows.is_empty():
            raise Conflict(
                f"There is no row on which neither model was taught: the champion knew outcomes up to"
                f" {begin_of(champion)}, the challenger up to {own}, and outcomes are known of days up to {days[-1]}.",
                remedy="Wait for later outcomes, or train a challenger that leaves the last quarters out.",
            )
        Sample.of(rows[LABEL].to_numpy(), rows["company_id"])  # raises unless both outcomes are among them
        left_out = tuple(day for day in days if own <= day < begins)
        return cls(champion=champion, challenger=challenger, panel=panel, rows=rows, left_out=left_out,
                   history=history, judges=judges, holds=holds)  # fmt: skip

    @cached_property
    def scored(self) -> Mapping[str, ScoreTable]:
        """The rows' scores, by ``CHAMPION`` and ``CHALLENGER``."""
        models = {CHAMPION: self.champion, CHALLENGER: self.challenger}
        return {
            name: score_arrays(model, self.rows.select("company_id", *model.names)) for name, model in models.items()
        }

    @property
    def pds(self) -> Mapping[str, Floats]:
        """The rows' PDs (n each), by model."""
        return {name: table.pd for name, table in self.scored.items()}

    @cached_property
    def sample(self) -> Sample:
        """The rows' labels and companies."""
        return Sample.of(self.rows[LABEL].to_numpy(), self.rows["company_id"])

    @property
    def about(self) -> str:
        """On which rows they are examined, in a sentence."""
        days = self.rows["as_of"].unique().sort().to_list()
        said = (
            f"{self.rows.height:,} rows of {self.sample.count:,} companies from {days[0]} to {days[-1]},"
            f" {int(self.sample.labels.sum()):,} with the outcome; neither model was taught on them."
        )
        if self.left_out:
            named = ", ".join(map(str, self.left_out))
            said += f" Left out, for the champion was taught what came of them: {named}."
        return said


def require_alike(champion: Bundle, challenger: Bundle) -> None:
    """Raise ``InvalidInput`` unless both foresee the same."""
    if champion.outcome != challenger.outcome:
        raise InvalidInput(
            f"The challenger foresees {challenger.outcome.name} within {challenger.outcome.horizon_months} months, the"
            f" champion {champion.outcome.name} within {champion.outcome.horizon_months}: they cannot be compared.",
            remedy="Train a challenger for what the champion foresees.",
        )


def begin_of(bundle: Bundle) -> date:
    """The first day on which a model can be examined: a horizon after the last that taught it.

    Raises:
        InvalidInput: the bundle does not say what taught it.
    """
    try:
        last = date.fromisoformat(bundle.training["taught"]["last"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            f"The bundle {bundle.version} does not say on which days it was taught.",
            remedy="Compare models that `experiments train` made.",
        ) from error
    return months_after(last, bundle.outcome.horizon_months)
