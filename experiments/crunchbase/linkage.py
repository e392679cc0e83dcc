"""The same real companies in two exports of Crunchbase, linked by name, place and dates, permalinks hidden."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from rich.table import Table
from sqlalchemy import select

from alliance.contracts import load_contract
from alliance.identity.linkage import score_pairs, thresholds
from alliance.identity.profiles import read_profiles
from alliance.intake import submit
from alliance.store import Store
from alliance.store.schema import identifier
from alliance.terminal import table

EXPORTS = ("companies_2013", "companies_2014")


@dataclass(frozen=True)
class Linked:
    """What linkage made of companies whose counterpart is known.

    Attributes:
        newcomers: companies of the earlier export.
        known: companies of the later one.
        both: newcomers that are in the later export, by permalink.
        linked, right: newcomers linked, and those linked to the company of their own permalink.
        asked, among: newcomers people would be asked about, and those of them whose own company is among the proposals.
    """

    newcomers: int
    known: int
    both: int
    linked: int
    right: int
    asked: int
    among: int

    @property
    def precision(self) -> float:
        return self.right / self.linked

    @property
    def recall(self) -> float:
        return self.right / self.both


def linked(earlier: pl.DataFrame, later: pl.DataFrame) -> Linked:
    """Link the companies of the earlier export to those of the later, by the shipped model and thresholds.

    Args:
        earlier, later: companies in frames of ``PROFILE_SCHEMA``, ``company_id`` being ``13:PERMALINK`` and
            ``14:PERMALINK``, which only the count looks at.
    """
    pairs = score_pairs(earlier, later).filter(pl.col("candidate_id").str.starts_with("14:"))
    own = pl.col("company_id").str.slice(3) == pl.col("candidate_id").str.slice(3)
    sure = pl.col("probability") >= thresholds().link
    by_newcomer = pairs.group_by("company_id").agg(
        sure.sum().alias("sure"), (own & sure).any().alias("right"), own.any().alias("among")
    )
    alone, rest = by_newcomer.filter(pl.col("sure") == 1), by_newcomer.filter(pl.col("sure") != 1)
    both = earlier.select(pl.col("company_id").str.slice(3)).join(
        later.select(pl.col("company_id").str.slice(3)), on="company_id"
    )
    return Linked(
        newcomers=earlier.height,
        known=later.height,
        both=both.height,
        linked=alone.height,
        right=int(alone["right"].sum()),
        asked=rest.height,
        among=int(rest["among"].sum()),
    )


def reported_on(permalink: str) -> bool:
    """Whether a company is of the half that findings are reported on; the other half has taught the model."""
    return hashlib.sha256(permalink.encode()).digest()[0] % 2 == 1


def profiles(data: Path, export: str) -> pl.DataFrame:
    """Companies of an export by its contract, each known by its year and permalink."""
    contract = load_contract(Path(__file__).with_name(f"{export}.contract.yaml"))
    with TemporaryDirectory(prefix="crunchbase-") as temporary:
        store = Store(f"sqlite:///{Path(temporary) / 'export.db'}")
        submit(store, contract, data / contract.path)
        with store.reading() as connection:
            found = read_profiles(connection, store.watermark(), store.merges())
            rows = connection.execute(select(identifier.c.company_id, identifier.c.value))
            permalinks = {company: f"{export[-2:]}:{permalink}" for company, permalink in rows}
        store.close()
    assert found is not None  # no export knows registration numbers
    return found.newcomers.with_columns(pl.col("company_id").replace_strict(permalinks))


def run_linkage(data: Path) -> Linked:
    """The study: companies of the earlier export, but for the half that has taught the model, against all the later."""
    earlier, later = (profiles(data, export) for export in EXPORTS)
    mine = pl.Series([reported_on(company[3:]) for company in earlier["company_id"]])
    # Web sites are hidden, too: the earlier export has none.
    return linked(earlier.filter(mine), later.with_columns(pl.lit(None, pl.String).alias("website")))


def linked_table(found: Linked) -> Table:
    """The findings for people."""
    listing = table("two exports, permalinks hidden", "what", "figure", right=("figure",))
    for what, figure in (
        ("companies, October 2013", f"{found.newcomers:,}"),
        ("companies, end of 2014", f"{found.known:,}"),
        ("in both, by permalink", f"{found.both:,}"),
        ("linked", f"{found.linked:,}"),
        ("precision", f"{found.precision:.4f}"),
        ("recall", f"{found.recall:.4f}"),
        ("sent to people", f"{found.asked:,}"),
        ("of these, own company proposed", f"{found.among:,}"),
    ):
        listing.add_row(what, figure)
    return listing
