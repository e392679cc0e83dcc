"""The probes as a study."""

from collections.abc import Sequence

from alliance.store import Store
from experiments.datasets.catalogue import STORE, Where, dataset
from experiments.datasets.dataset import Dataset
from experiments.datasets.store import store_dataset, store_panel
from experiments.listing import Listing, listing
from experiments.probes import (
    LEAK,
    UNDECIDED,
    WARNING,
    Probe,
    kept_apart,
    one_column_alone,
    planted_late,
    time_shuffled,
)
from experiments.study import Study, rows_of
from experiments.training import training_history

QUESTION = "Does the evidence leak? Each probe plants or looks for what a leak would do."


def probes_study(dataset: Dataset, found: Sequence[Probe], seed: int = 0) -> Study:
    """What every probe found."""
    leaks, doubts, untold = ([probe.name for probe in found if probe.says == one] for one in (LEAK, WARNING, UNDECIDED))
    says = [f"Leaks found: {', '.join(leaks)}." if leaks else "No leak found."]
    says += [f"To look at: {', '.join(doubts)}."] if doubts else []
    says += [f"These data cannot tell: {', '.join(untold)}."] if untold else []
    return Study(
        kind="probe",
        data=dataset.name,
        about=dataset.about,
        question=QUESTION,
        says=tuple(says),
        listings=(probes_listing(found),),
        params={"seed": seed, **rows_of(dataset)},
        metrics={"leaks": float(len(leaks)), "to_look_at": float(len(doubts)), "not_decided": float(len(untold))},
        simulated=dataset.simulated,
    )


def probes_listing(found: Sequence[Probe]) -> Listing:
    """One row a probe."""
    return listing("probes", "probe|says|found", [(probe.name, probe.says, probe.found) for probe in found])


def run_probes(where: Where, name: str, *, examination: str = "", seed: int = 0) -> Study:
    """Probe a set of data; of a store the path from records to features, too."""
    found: list[Probe] = []
    if name == STORE:
        store = Store(where.database)
        try:
            history, _ = training_history(store)
        finally:
            store.close()
        made = store_panel(history, where.plan)
        examined = store_dataset(made, where.plan)
        found.append(planted_late(history, made))
    else:
        examined = dataset(name, where)
    one = examined.examination(examination)
    found += [kept_apart(examined, one), time_shuffled(examined, one, seed), one_column_alone(examined)]
    return probes_study(examined, found, seed)
