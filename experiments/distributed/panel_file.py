"""A panel as a Parquet file that says what it is of, for what memory does not hold."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from alliance.errors import InvalidInput, NotFound
from alliance.rights import Access, AccessRequest
from experiments.outcome import outcome_named
from experiments.panel import LABEL, VINTAGE, Panel
from experiments.splits import company_share
from scoring.features import Feature, feature_named

ROW_GROUP = 50_000
"""Rows of one row group: what a worker reads at a time."""

HELD_ROWS = 500_000
"""Rows of the panel that the process which asks for a model holds; of more, it holds whole companies drawn by lot."""

ABOUT = b"alliance.panel"
"""Key of the Parquet file's metadata."""

_KEYS = ("company_id", "as_of", LABEL, VINTAGE)


@dataclass(frozen=True, kw_only=True)
class PanelFile:
    """A panel on disk: the frame of a ``Panel``, by day, then company.

    Attributes:
        path: the file; on a cluster every worker sees it under this path.
        rows, groups: its rows and row groups.
        features: the features, in order.
        outcome, horizon_months, data_cut, watermark: as in ``Panel``.
        request, grants: by which it was read, and the ids of what allowed it.
        contracts: ``id@version`` of the contracts behind it.
    """

    path: Path
    rows: int
    groups: int
    features: tuple[Feature, ...]
    outcome: str
    horizon_months: int
    data_cut: date
    watermark: int
    request: AccessRequest
    grants: tuple[str, ...]
    contracts: tuple[str, ...]

    @classmethod
    def open(cls, path: Path) -> "PanelFile":
        """Read what a file is of, and none of its rows.

        Raises:
            NotFound: there is no such file.
            InvalidInput: it is no Parquet file, does not say what it is of, or has a column that is no feature.
        """
        if not path.is_file():
            raise NotFound(f"There is no panel {path}.", remedy="Write one: experiments panel --out FILE.")
        try:
            file = pq.ParquetFile(path)
            told = json.loads((file.schema_arrow.metadata or {})[ABOUT])
            access = AccessRequest(told["member"], told["purpose"])
        except (pa.ArrowInvalid, KeyError, ValueError) as error:
            raise InvalidInput(
                "The file does not say of what outcome, horizon and rights it is a panel.",
                remedy="Write it anew: experiments panel --out FILE.", file=path.name,
            ) from error  # fmt: skip
        return cls(
            path=path.resolve(), rows=file.metadata.num_rows, groups=file.num_row_groups,
            features=tuple(feature_named(name) for name in file.schema_arrow.names if name not in _KEYS),
            outcome=told["outcome"], horizon_months=told["horizon_months"],
            data_cut=date.fromisoformat(told["data_cut"]), watermark=told["watermark"],
            request=access, grants=tuple(told["grants"]), contracts=tuple(told["contracts"]),
        )  # fmt: skip

    def held(self, access: Access, most: int = HELD_ROWS) -> Panel:
        """The panel in memory; of a panel of more rows than ``most``, about so many, of whole companies by lot.

        Args:
            access: what the panel's request is allowed now; the panel is said to rest on the grants it was read by.
        """
        frame = pl.scan_parquet(self.path)
        if self.rows > most:
            drawn = frame.select("company_id").unique().collect()["company_id"].sort()
            taken = drawn.filter(company_share(drawn, "held") < most / self.rows)
            frame = frame.filter(pl.col("company_id").is_in(taken.implode()))
        return Panel(
            frame=frame.collect(), features=self.features, outcome=outcome_named(self.outcome),
            horizon_months=self.horizon_months, data_cut=self.data_cut, watermark=self.watermark,
            access=replace(access, grants=self.grants),
        )  # fmt: skip

    def parts(self, count: int) -> list[list[int]]:
        """Row groups in as many parts as told, or as there are row groups: dealt out after a shuffle that never varies.

        Each worker finds bins and draws rows from its own part, so a part should not be of one season.
        """
        groups = list(range(self.groups))
        Random(0).shuffle(groups)
        parts = [sorted(groups[place::count]) for place in range(count)]
        return [part for part in parts if part]


def write_panel_file(made: Panel, contracts: Sequence[str], path: Path, row_group: int = ROW_GROUP) -> PanelFile:
    """Write a panel to a file, and open it."""
    about = about_panel(
        made.outcome.name, made.horizon_months, made.data_cut, watermark=made.watermark, access=made.access,
        contracts=contracts,
    )  # fmt: skip
    rows = made.frame.to_arrow().replace_schema_metadata(about)
    pq.write_table(rows, path, row_group_size=row_group, compression="zstd")
    return PanelFile.open(path)


def about_panel(
    outcome: str, horizon_months: int, data_cut: date, *, watermark: int, access: Access, contracts: Sequence[str]
) -> dict[bytes, bytes]:
    """What a panel is of, as its Parquet file's metadata; the arguments as in ``PanelFile``."""
    said = {
        "outcome": outcome, "horizon_months": horizon_months, "data_cut": data_cut.isoformat(),
        "watermark": watermark, "member": access.request.member, "purpose": access.request.purpose,
        "grants": list(access.grants), "contracts": list(contracts),
    }  # fmt: skip
    return {ABOUT: json.dumps(said).encode()}
