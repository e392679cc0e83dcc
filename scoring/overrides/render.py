"""Overrides on a terminal, in Chinese and English."""

from collections.abc import Sequence
from datetime import date

from rich.table import Table

from alliance.store.overrides import Override, State
from alliance.terminal import table
from scoring.overrides.policy import Direction, OverridesPolicy
from scoring.overrides.report import DIRECTION_NAMES, VERDICT_NAMES, Line

STATE_NAMES = {
    State.IN_FORCE: ("生效", "in force"), State.PENDING: ("待复核", "pending"), State.REJECTED: ("未通过", "rejected"),
}  # fmt: skip


def listing(found: Sequence[Override], policy: OverridesPolicy) -> Table:
    """Overrides, one a row."""
    made = table("人工调整 overrides", "override", "decision", "by", "model", "analyst", "direction", "reason", "state")
    for one in found:
        said = one.whole()
        listed = policy.reasons.get(said.reason_code)
        analyst = f"{said.outcome or said.model_outcome}, {said.grade or said.model_grade}"
        made.add_row(
            one.override_id, one.decision_id, f"{one.member}\n{one.person}",
            f"{said.model_outcome}, {said.model_grade}", analyst, " ".join(DIRECTION_NAMES[Direction(said.direction)]),
            f"{listed.zh} {listed.en}" if listed else said.reason_code, " ".join(STATE_NAMES[one.state]),
        )  # fmt: skip
    return made


NUMBERS = ("overrides", "rate", "pending", "rejected", "followed", "expected", "came", "interval")
HEADS = ("by", "group", *NUMBERS, "verdict")


def cells(line: Line) -> tuple[str, ...]:
    """A line of the report as text, by ``HEADS``."""
    interval = "" if line.low is None or line.high is None else f"{line.low:.1%} – {line.high:.1%}"
    return (
        line.by, line.zh if line.zh == line.en else f"{line.zh} {line.en}", f"{line.in_force:,}", f"{line.rate:.1%}",
        f"{line.pending:,}", f"{line.rejected:,}", f"{line.followed:,}",
        "" if line.expected is None else f"{line.expected:.1%}", f"{line.came:,}", interval,
        f"{VERDICT_NAMES[line.verdict]} {line.verdict.value}",
    )  # fmt: skip


def report_table(lines: Sequence[Line], day: date) -> Table:
    """The report, one group a row."""
    made = table(f"人工调整报告 overrides as of {day}", *HEADS, right=NUMBERS)
    for line in lines:
        made.add_row(*cells(line))
    return made
