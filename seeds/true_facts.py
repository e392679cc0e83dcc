"""What is true of the facts that several members estimate, so that what the alliance makes of them can be judged."""

from collections.abc import Mapping

import polars as pl

from alliance.contracts.mapping import key_text
from alliance.signals import signal_named
from seeds.traces import traces
from seeds.world import World

ESTIMATED: Mapping[str, tuple[str, ...]] = {
    "funding_round": ("amount", "post_money"),
    "cash_position": ("cash", "monthly_burn"),
    "revenue_model": ("recurring_share",),
    "headcount": ("employees",),
    "customer_contract": ("value",),
    "financial_statement": ("revenue", "net_profit", "total_assets", "total_liabilities"),
}
"""Fields that members give with noise, or the liar bends, and that more than one kind of member tells of; by signal."""


def true_facts(world: World) -> dict[str, pl.DataFrame]:
    """The facts of each signal of ``ESTIMATED``: ``registration_number``, ``key`` as claims have it, and those fields.

    Two facts of one company with one key, say two rounds of a stage in a month, are left out: claims mix them up.
    """
    left, codes = traces(world), world.companies.select("company", "registration_number")
    found = {}
    for name, fields in ESTIMATED.items():
        signal = signal_named(name)
        rows = getattr(left, name).join(codes, on="company", how="left", maintain_order="left")
        parts = [pl.col(part.field).alias(f"value:{part.field}") for part in signal.key]
        keyed = rows.with_columns(parts).with_columns(key_text(signal).alias("key"))
        once = keyed.unique(["registration_number", "key"], keep="none", maintain_order=True)
        found[name] = once.select("registration_number", "key", *fields)
    return found
