"""All sets of data by name."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from alliance.config import Settings
from alliance.errors import InvalidInput, NotFound
from alliance.store import Store
from experiments.datasets.crunchbase import crunchbase
from experiments.datasets.dataset import Dataset
from experiments.datasets.german_credit import german_credit
from experiments.datasets.polish_bankruptcy import polish_bankruptcy
from experiments.datasets.sba_7a import sba_7a
from experiments.datasets.store import store_dataset, store_panel
from experiments.datasets.taiwan_default import taiwan_default
from experiments.training import Plan, training_history

STORE = "store"


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where data are found.

    Attributes:
        settings: the home, and the default store.
        database: SQLAlchemy URL of the alliance's store.
        plan: what is to be foreseen from it.
        data: folder of the real data sets; ``None`` if none was named.
    """

    settings: Settings
    database: str
    plan: Plan
    data: Path | None = None

    def folder(self) -> Path:
        """The folder of the real data sets.

        Raises:
            InvalidInput: none was named.
        """
        if self.data is None:
            raise InvalidInput(
                "No folder of data sets was named.", remedy="Give --data DIR, or set ALLIANCE_DATA.", field="data"
            )
        return self.data


def _store(where: Where) -> Dataset:
    store = Store(where.database)
    try:
        history, _ = training_history(store)
    finally:
        store.close()
    return store_dataset(store_panel(history, where.plan), where.plan)


DATASETS: tuple[tuple[str, Callable[[Where], Dataset]], ...] = (
    (STORE, _store),
    ("crunchbase", lambda where: crunchbase(where.settings, where.folder())),
    ("sba_7a", lambda where: sba_7a(where.folder())),
    ("german_credit", lambda where: german_credit(where.folder())),
    ("taiwan_default", lambda where: taiwan_default(where.folder())),
    ("polish_bankruptcy", lambda where: polish_bankruptcy(where.folder())),
)


def dataset(name: str, where: Where) -> Dataset:
    """The set of data of that name.

    Raises:
        NotFound: no such set; the remedy lists those there are.
        InvalidInput: it is a real one, and no folder was named.
    """
    for known, load in DATASETS:
        if known == name:
            return load(where)
    names = ", ".join(known for known, _ in DATASETS)
    raise NotFound(f"There is no data set {name!r}.", remedy=f"Use one of: {names}.", field="dataset")
