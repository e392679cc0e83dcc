"""What a company is at the end of a quarter, and what can happen to it within one.

All arrays have the companies on the last axis. Leading axes are free: the same code runs one world or many replicates.
"""

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from seeds import parameters as p

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Status(IntEnum):
    """Where a company is in its life; only an active one moves."""

    UNBORN = 0
    ACTIVE = 1
    CLOSED = 2
    ACQUIRED = 3
    LISTED = 4
    DEFAULTED = 5


@dataclass(frozen=True)
class Traits:
    """What does not change about companies.

    Attributes:
        sector: place in ``alliance.signals.SECTORS``.
        founded: number of the founding quarter.
        anchor: long-run level of each factor, log-odds; factors on the first axis.
        size: what amounts and staff are multiplied by.
    """

    sector: Ints
    founded: Ints
    anchor: Floats
    size: Floats

    def take(self, companies: Ints) -> "Traits":
        """The traits of some companies."""
        return Traits(self.sector[companies], self.founded[companies], self.anchor[:, companies], self.size[companies])


@dataclass(frozen=True)
class State:
    """The full latent state of companies at the end of a quarter. Amounts are yuan, spans quarters.

    Attributes:
        status: a ``Status``.
        odds: log-odds of the four factors, factors on the first axis.
        readiness: how far the product is, 0 to 1.
        revenue: yuan a year.
        headcount: staff.
        cash: may be negative only within a quarter.
        burn: spending less gross profit in the quarter, debt service not included.
        rounds, since_round, last_round, valuation: rounds closed, quarters since the last, its amount, its post-money.
        talks: whether talks of a round are under way.
        limit, balance, term, left, rate: the open facility; ``left`` is 0 when there is none.
        arrears: steps behind with payments, 0 to 3.
    """

    status: Ints
    odds: Floats
    readiness: Floats
    revenue: Floats
    headcount: Floats
    cash: Floats
    burn: Floats
    rounds: Ints
    since_round: Ints
    last_round: Floats
    valuation: Floats
    talks: Flags
    limit: Floats
    balance: Floats
    term: Ints
    left: Ints
    rate: Floats
    arrears: Ints

    def take(self, companies: Ints) -> "State":
        """The state of some companies."""
        return State(**{field.name: getattr(self, field.name)[..., companies] for field in fields(self)})

    def replicated(self, times: int) -> "State":
        """The same state ``times`` over, on a new axis before the companies."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return State(**{
            name: np.broadcast_to(value[..., None, :], (*value.shape[:-1], times, value.shape[-1]))
            for name, value in values.items()
        })  # fmt: skip

    def where(self, changed: Flags, other: "State") -> "State":
        """This state where ``changed`` holds, the other one elsewhere."""
        names = [field.name for field in fields(self)]
        return State(**{name: np.where(changed, getattr(self, name), getattr(other, name)) for name in names})


@dataclass(frozen=True)
class Moves:
    """What happened in a quarter; ``default_chance`` is the chance of default given all that came before it."""

    default_chance: Floats
    talks: Flags
    withdrawn: Flags
    closed_round: Flags
    down_round: Flags
    bridge: Flags
    opened: Flags
    repaid: Flags
    defaulted: Flags
    closed: Flags
    acquired: Flags
    listed: Flags


def unborn(traits: Traits) -> State:
    """The state before the first quarter."""
    n = len(traits.sector)
    zeros, none = np.zeros(n), np.zeros(n, dtype=np.int64)
    return State(
        status=none, odds=traits.anchor.copy(), readiness=zeros, revenue=zeros,
        headcount=np.full(n, p.FIRST_HEADCOUNT), cash=p.FOUNDERS_CASH * traits.size, burn=zeros,
        rounds=none, since_round=none, last_round=zeros, valuation=zeros, talks=np.zeros(n, dtype=np.bool_),
        limit=zeros, balance=zeros, term=none, left=none, rate=zeros, arrears=none,
    )  # fmt: skip
