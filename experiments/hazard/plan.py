"""From a store to a study of hazards, printed and kept."""

from datetime import date

from alliance.config import Settings
from alliance.store import Store
from alliance.terminal import progress
from experiments.hazard.periods import HORIZONS
from experiments.hazard.report import report_hazard
from experiments.hazard.study import HazardStudy, hazard_study
from experiments.outcome import outcome_named
from experiments.panel import last_known, quarter_ends
from experiments.training import YEARS_BACK, Plan, data_used, training_history
from scoring.months import months_after


def run_hazard(settings: Settings, database: str, plan: Plan, test_from: date | None) -> HazardStudy:
    """Study, print, keep.

    Args:
        plan: its horizon is not looked at; without days of its own, those whose first year's outcomes are known.
        test_from: by default the last quarter's end whose longest horizon is over, so that every horizon is tested.

    Raises:
        InvalidInput: the days leave nothing to teach or to test on.
    """
    store = Store(database)
    try:
        history, contracts = training_history(store)
    finally:
        store.close()
    cut = last_known(history)
    last = plan.last or months_after(cut, -plan.horizon)
    first = plan.first or months_after(last, -12 * YEARS_BACK)
    whole = quarter_ends(first, months_after(cut, -max(HORIZONS)))
    begin = test_from or (whole[-1] if whole else last)
    with progress("as-of days", len(quarter_ends(first, last))) as bar:
        found = hazard_study(
            history, outcome_named(plan.outcome), first, last, begin,
            progress=lambda n: bar.advance(bar.task_ids[0], n),
        )  # fmt: skip
    report_hazard(settings, found, data_used(found.panel, contracts, plan))
    return found
