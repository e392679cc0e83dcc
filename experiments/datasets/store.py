"""Any alliance store as a set of data: its panel, examined out of time as the champion is."""

from alliance.terminal import progress
from alliance.view import History
from experiments.datasets.dataset import Column, Dataset, Examination
from experiments.outcome import outcome_named
from experiments.panel import Panel, panel
from experiments.splits import out_of_time
from experiments.training import Plan, days_of

SIMULATED = (
    "Simulated start-ups as the alliance's members tell of them: no evidence about the world, whatever the figures."
)
REAL = "Start-ups as the alliance's members tell of them, one row a company at risk and quarter's end."


def store_panel(history: History, plan: Plan) -> Panel:
    """The panel of a plan, with a progress bar."""
    days = days_of(history, plan)
    with progress("as-of days", len(days)) as bar:
        return panel(
            history, days, outcome_named(plan.outcome), plan.horizon,
            progress=lambda n: bar.advance(bar.task_ids[0], n),
        )  # fmt: skip


def store_dataset(made: Panel, plan: Plan) -> Dataset:
    """A panel with its features as columns, tested on the plan's last quarters."""
    split = out_of_time(made, plan.test_quarters, companies_apart=plan.companies_apart)
    days = split.test["as_of"].unique().sort().to_list()
    how = (
        f"taught on what was known when the test begins, tested on the quarters from {days[0]} to {days[-1]};"
        f" {made.outcome.name} within {made.horizon_months} months"
    )
    return Dataset(
        name="store",
        about=SIMULATED if plan.simulated else REAL,
        frame=made.frame,
        columns=tuple(map(Column.of, made.features)),
        horizon_months=made.horizon_months,
        examinations=(Examination("out of time", how, (split,)),),
        simulated=plan.simulated,
    )
