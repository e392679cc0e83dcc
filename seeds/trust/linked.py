"""How many of the members' own ids lead to the company they mean."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from alliance.contracts.contract import REGISTRATION
from alliance.store import Store
from seeds.trust.identifiers import identifiers, numbers


@dataclass(frozen=True)
class Linked:
    """Members' own ids, held against the companies they mean.

    Attributes:
        ids: how many there are.
        linked: how many lead to a company whose registration number is known.
        right: how many lead to the company they mean.
    """

    ids: int
    linked: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.linked if self.linked else float("nan")

    @property
    def recall(self) -> float:
        return self.right / self.ids if self.ids else float("nan")


def linked(store: Store, folder: Path) -> tuple[Linked, Linked]:
    """Members' own ids that never came with a registration number, which likeness alone can settle; and all of them.

    Args:
        folder: of the seed alliance that the store holds; ids of companies of which nobody gave the number are left
            out, since no link could be right.
    """
    known = identifiers(store)
    settled = known.filter(pl.col("scheme") == REGISTRATION).select("company_id").unique()
    links = pl.read_parquet(folder / "truth" / "links.parquet")
    names = {"member": "scheme", "client_id": "value", "registration_number": "true"}
    meant = links.select(*names).rename(names).unique()
    given = known.filter(pl.col("scheme") == REGISTRATION)["value"]
    every = (
        known.join(meant, on=["scheme", "value"])
        .filter(pl.col("true").is_in(given.implode()))
        .join(numbers(known), on="company", how="left")
        .join(settled.with_columns(pl.lit(True).alias("settled")), on="company_id", how="left")
    )
    return _counted(every.filter(pl.col("settled").is_null())), _counted(every)


def _counted(ids: pl.DataFrame) -> Linked:
    right = ids.select((pl.col("registration_number") == pl.col("true")).sum()).item()
    return Linked(ids.height, ids["registration_number"].count(), right)
