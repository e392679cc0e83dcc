"""From a store to a challenger: panel, split, experiment, kept in MLflow. The one way, for the console and the demo."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from alliance.config import Settings
from alliance.errors import InvalidInput
from alliance.rights import AccessRequest
from alliance.store import Store
from alliance.terminal import progress
from alliance.view import History, View
from experiments.experiment import DataUsed, Experiment, experiment
from experiments.keep import Kept, keep
from experiments.outcome import outcome_named
from experiments.own_study import OPERATOR_MEMBER
from experiments.panel import Panel, last_known, panel, quarter_ends
from experiments.splits import out_of_time
from scoring.months import months_after

YEARS_BACK = 6
"""Where the panel begins by default: long enough for three parts a horizon apart, recent enough to resemble today."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be trained.

    Attributes:
        outcome, horizon: what to foresee, and how many months ahead.
        first, last: first and last as-of day; by default the last ``YEARS_BACK`` years whose outcomes are known.
        test_quarters: the last quarters, kept for the test.
        companies_apart: whether the test's companies are kept out of the teaching.
        register: whether the model becomes the challenger; the first of all becomes the champion.
        simulated: whether the companies are made up; the model card says so.
        name: name of the model's version; made from outcome, horizon and data cut if empty.
    """

    outcome: str = "default"
    horizon: int = 12
    first: date | None = None
    last: date | None = None
    test_quarters: int = 4
    companies_apart: bool = False
    register: bool = True
    simulated: bool = True
    name: str = ""


def training_history(store: Store) -> tuple[History, list[str]]:
    """All that members let a model be trained on, and the contracts behind it.

    Values are handed to those who train, so only those are in it that may be seen as they are.

    Raises:
        Refused: no member grants the operator the training of models.
    """
    history = View(store, AccessRequest(OPERATOR_MEMBER, "model_training")).history()
    return history, store.contract_versions(history.claims.watermark)


def train_and_keep(
    settings: Settings, store: Store, history: History, contracts: Sequence[str], plan: Plan
) -> tuple[Experiment, Kept]:
    """Train a model by a plan, test it out of time, keep it in MLflow.

    Args:
        store: where the history was read.

    Raises:
        GrantsLost: meanwhile a grant the history was read under has ended or allows less; nothing is kept.
        InvalidInput: the plan leaves no as-of day, or no test.
    """
    made = panel_of(history, plan)
    split = out_of_time(made, plan.test_quarters, companies_apart=plan.companies_apart)
    found = experiment(made, split, version=version_of(plan, made))
    return found, kept_of(settings, store, found, contracts, plan)


def version_of(plan: Plan, made: Panel) -> str:
    """Name of the model's version."""
    return plan.name or f"{plan.outcome}-{plan.horizon}m-{made.data_cut}"


def kept_of(settings: Settings, store: Store, found: Experiment, contracts: Sequence[str], plan: Plan) -> Kept:
    """A plan's experiment, kept in MLflow."""
    data = data_used(found.panel, contracts, plan)
    params = {"test_quarters": plan.test_quarters, "companies_apart": plan.companies_apart}
    return keep(settings, store, found, data, params=params, register=plan.register)


def panel_from(database: str, plan: Plan) -> tuple[Panel, list[str]]:
    """The panel of a plan from the store at a URL, and the contracts behind it."""
    store = Store(database)
    try:
        history, contracts = training_history(store)
    finally:
        store.close()
    return panel_of(history, plan), contracts


def panel_of(history: History, plan: Plan) -> Panel:
    """The panel of a plan, with a bar on the console."""
    days = days_of(history, plan)
    with progress("as-of days", len(days)) as bar:
        return panel(
            history, days, outcome_named(plan.outcome), plan.horizon,
            progress=lambda n: bar.advance(bar.task_ids[0], n),
        )  # fmt: skip


def data_used(made: Panel, contracts: Sequence[str], plan: Plan) -> DataUsed:
    """What a plan's panel is, for the record."""
    return DataUsed.of(made, list(contracts), simulated=plan.simulated, about=about(plan))


def about(plan: Plan) -> str:
    """What the rows of a plan's panel are, in a sentence."""
    kind = "Simulated start-ups" if plan.simulated else "Start-ups"
    return f"{kind} as the alliance's members tell of them, one row a company at risk and quarter's end."


def days_of(history: History, plan: Plan) -> list[date]:
    """The quarter ends of the panel: those of the plan, or the last years whose outcomes are known."""
    return _days(plan.last or months_after(last_known(history), -plan.horizon), plan)


def days_until(known: date, plan: Plan) -> list[date]:
    """As ``days_of``, where the last day anything became known is ``known``."""
    return _days(plan.last or months_after(known, -plan.horizon), plan)


def _days(end: date, plan: Plan) -> list[date]:
    begin = plan.first or months_after(end, -12 * YEARS_BACK)
    days = quarter_ends(begin, end)
    if not days:
        raise InvalidInput(
            f"There is no quarter's end from {begin} to {end}.", remedy="Set --from and --to wider apart."
        )
    return days
