"""How a member refers to a company: its own id, a way to write the name, and often the registration number."""

import numpy as np
import polars as pl

from seeds.imperfections import Imperfections
from seeds.members.sheet import Member
from seeds.names import VARIANTS

_PRIME = 9_999_991
_MIXERS = (48_271, 69_621)


def client_id(member: Member) -> pl.Expr:
    """The member's own id of a company: always the same, different for every company."""
    return pl.format(
        "{}{}", pl.lit(member.prefix),
        ((pl.col("company") * _MIXERS[0] + member.number * 977) % _PRIME).cast(pl.String).str.zfill(7),
    )  # fmt: skip


def dice(member: Member, purpose: int) -> pl.Expr:
    """A number in [0, 1) for each company, fixed for the member and the purpose; no generator is spent on it."""
    mixed = (pl.col("company") + 1) * _MIXERS[1] + member.number * 7_919 + purpose * 104_729
    mixed = (mixed * _MIXERS[0] + 12_345) % 2_147_483_647
    mixed = (mixed * _MIXERS[1] + 6_789) % 2_147_483_647
    return mixed / 2_147_483_647


def referred(rows: pl.DataFrame, member: Member, companies: pl.DataFrame, faults: Imperfections) -> pl.DataFrame:
    """Rows with ``code``, ``client`` and ``name`` as the member has them; the code is missing where it has none."""
    names = companies.select("company", pl.col("registration_number").alias("code"), *_variant_columns())
    joined = rows.join(names, on="company", how="left", maintain_order="left")
    uncoded = dice(member, 1) < faults.uncoded.get(member.role, 0.0)
    shares = (1.0,) if member.role == "registry" else faults.name_shares
    name = pl.col(f"name_{VARIANTS[0]}")
    lot, bounds = dice(member, 2), np.cumsum(shares)
    for i in range(1, len(shares)):
        name = pl.when((lot >= bounds[i - 1]) & (lot < bounds[i])).then(pl.col(f"name_{VARIANTS[i]}")).otherwise(name)
    return joined.with_columns(
        client_id(member).alias("client"),
        name.alias("written_name"),
        pl.when(~uncoded).then(pl.col("code")).alias("code"),
    ).drop(_variant_columns())


def _variant_columns() -> list[str]:
    return [f"name_{kind}" for kind in VARIANTS]
