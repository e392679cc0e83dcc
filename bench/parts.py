"""All that is measured, part by part. A new part is a function here and its place in ``PARTS``."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench import batch as ready_rows
from bench.alliance import COMPANIES, Measured, prepared
from bench.corroboration import RECORDS, SAMPLE, against_pandas, million, one_company
from bench.intake import ROWS, intake
from bench.ledger import appends_a_second, ledger
from bench.linkage import linking
from bench.measure import Found
from bench.panel import panels
from bench.rights import authorised_score
from bench.scores import batch, one_score
from bench.service.compared import service
from bench.shap import MODELS, contributions
from bench.spark import on_spark


@dataclass(frozen=True)
class Ground:
    """What the parts work on.

    Attributes:
        folder: for their files.
        quick: whether sizes and runs are to be small, so that all takes about a minute.
    """

    folder: Path
    quick: bool

    @cached_property
    def measured(self) -> Measured:
        """A small alliance, made when first asked for."""
        return prepared(self.folder, companies=COMPANIES // 2 if self.quick else COMPANIES)

    def runs(self, full: int) -> int:
        return min(full, 2) if self.quick else full


def _corroboration(ground: Ground) -> Found:
    limits = million(RECORDS // 10 if ground.quick else RECORDS)  # first, so that the memory is its own
    sample = SAMPLE // 4 if ground.quick else SAMPLE
    return Found([against_pandas(sample, ground.runs(3))], [*limits, one_company(ground.measured)])


def _linkage(ground: Ground) -> Found:
    return Found(limits=linking(quick=ground.quick))


def _ledger(ground: Ground) -> Found:
    found = ledger(ground.folder, runs=ground.runs(7))
    return Found(found, [appends_a_second(found[0])])


def _rights(ground: Ground) -> Found:
    companies = 20 if ground.quick else 100
    found, rises = authorised_score(ground.measured, ground.folder, companies=companies, runs=ground.runs(7))
    return Found([found], rises)


def _intake(ground: Ground) -> Found:
    rows = ROWS // 10 if ground.quick else ROWS
    return Found([intake(ground.folder, runs=ground.runs(3), rows=rows)])


def _scores(ground: Ground) -> Found:
    runs = ground.runs(7)
    return Found([one_score(ground.measured, runs=runs), batch(ground.measured, ground.folder, runs=runs)])


def _shap(ground: Ground) -> Found:
    return Found(contributions(list(MODELS)[:1] if ground.quick else list(MODELS), runs=ground.runs(7)))


def _service(ground: Ground) -> Found:
    return service(ground.measured, ground.folder, quick=ground.quick)


def _ready(ground: Ground) -> Found:
    found, memory = ready_rows.ready(ground.folder, quick=ground.quick)
    return Found([found], [memory])


def _panel(ground: Ground) -> Found:
    return Found() if ground.quick else Found(panels())


def _spark(ground: Ground) -> Found:
    return Found() if ground.quick else Found(on_spark(ground.folder))


PARTS: tuple[tuple[str, Callable[[Ground], Found]], ...] = (
    ("corroboration", _corroboration),
    ("linkage", _linkage),
    ("ledger", _ledger),
    ("rights", _rights),
    ("intake", _intake),
    ("scores", _scores),
    ("shap", _shap),
    ("service", _service),
    ("panel", _panel),
    ("ready", _ready),
    ("spark", _spark),
)
