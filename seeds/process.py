"""One quarter of every company's life: the transition that makes the world, and that foresees it.

Factors couple as products ("x"): one of them at zero is not made up for by the others.
"""

from dataclasses import dataclass, replace

import numpy as np

from seeds import parameters as p
from seeds.state import Flags, Floats, Ints, Moves, State, Status, Traits

EARNING = 99.0
"""Runway, in quarters, of a company that earns more than it spends."""


def factors(odds: Floats) -> Floats:
    """Latent factors in (0, 1) from their log-odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-odds)))


def strength(levels: Floats) -> Floats:
    """Geometric mean of the factors (first axis): any factor at zero makes it zero."""
    return np.asarray(np.prod(levels, axis=0) ** (1.0 / len(levels)))


def progressed(readiness: Floats, technology: Floats, team: Floats, noise: Floats | float = 1.0) -> Floats:
    """Product readiness after a quarter: the gain is technology times team of what is still missing."""
    return np.minimum(readiness + p.PROGRESS * technology * team * (1.0 - readiness) * noise, 1.0)


def grown(revenue: Floats, readiness: Floats, fit: Floats, size: Floats, noise: Floats | float = 0.0) -> Floats:
    """Revenue a year after a quarter: growth is readiness times model fit, less churn; selling starts at launch."""
    rate = p.GROWTH * readiness * fit / (1.0 + revenue / p.SATURATION) - p.CHURN + noise
    entry = np.where(readiness >= p.LAUNCH, p.FIRST_REVENUE * size, 0.0)
    return np.where(revenue > 0, revenue * np.exp(rate), entry)


def round_chance(readiness: Floats, network: Floats, climate: Floats, since_round: Ints) -> Floats:
    """Chance that talks of a round start: progress times network times climate, none soon after the last round."""
    appetite = np.clip((since_round - p.QUIET[0]) / p.QUIET[1], 0.0, 1.0)
    progress = p.IDEA + (1.0 - p.IDEA) * readiness
    return np.asarray(np.clip(p.TALKS * progress * network * climate * appetite, 0.0, 0.9))


def runway(cash: Floats, spending: Floats) -> Floats:
    """Quarters the cash lasts."""
    lasting = np.clip(cash / np.maximum(spending, 1.0), 0.0, EARNING)
    return np.where(spending > 0, lasting, EARNING)


def stress(lasting: Floats, strong: Floats) -> Floats:
    """Runway shortage times weakness, in [0, 1]."""
    shortage = np.clip(1.0 - lasting / p.SAFE_RUNWAY, 0.0, 1.0)
    return np.asarray(shortage * (1.0 - strong))


def service(state: State) -> Floats:
    """Repayment and interest of a quarter."""
    due = state.limit / np.maximum(state.term, 1) + state.balance * state.rate / 4.0
    return np.where(state.left > 0, due, 0.0)


def spending(state: State) -> Floats:
    """Net cash that goes out in a quarter, debt service included."""
    return state.burn + service(state)


def rescue_chance(network: Floats, climate: Floats) -> Floats:
    """Chance that insiders bridge a company without cash."""
    return np.clip(p.RESCUE * network * climate, 0.0, 0.95)


def default_chance(state: State, climate: Floats) -> Floats:
    """Chance of default in the quarter of a company that owes, given what came before it.

    With cash left the hazard is stress squared plus arrears; with none, what insiders do not bridge may default.
    """
    levels = factors(state.odds)
    strained = stress(runway(state.cash, spending(state)), strength(levels))
    hazard = p.HAZARD_FLOOR + p.HAZARD * strained**p.HAZARD_POWER + p.ARREARS_HAZARD * state.arrears
    stranded = p.INSOLVENCY * (1.0 - rescue_chance(levels[3], climate))
    return np.where(state.cash < 0, stranded, 1.0 - np.exp(-hazard))


def advance(
    before: State, traits: Traits, climate: Floats, quarter: int, draw: np.random.Generator,
    *, lending: bool = True, sheltered: bool = False,
) -> tuple[State, Moves]:  # fmt: skip
    """One quarter on.

    Args:
        before: state at the end of the last quarter.
        traits: the companies' fixed traits.
        climate: climate of each company's sector in this quarter; 1 is normal.
        quarter: number of the quarter.
        draw: source of all chance.
        lending: whether banks open facilities.
        sheltered: no company leaves, insiders bridge every shortage (before the window, where only survivors count).
    """
    founded = (before.status == Status.UNBORN) & (traits.founded == quarter)
    active = (before.status == Status.ACTIVE) | founded
    state = _operate(before, traits, draw)
    state, financing = _finance(state, before, climate, traits.size, draw)
    state, opened, repaid = _borrow(state, before, lending, draw)
    owing = active & (before.left > 0)
    chance = np.where(owing & ~repaid, 0.0 if sheltered else default_chance(state, climate), 0.0)
    defaulted = draw.random(chance.shape) < chance
    staying = np.zeros_like(active) if sheltered else active & ~defaulted & ~opened
    ends = _leave(state, climate, staying, owing, draw)
    bridge = active & (state.cash < 0) & ~defaulted & ~ends.closed
    after = replace(
        state,
        cash=np.where(bridge, p.BRIDGE_QUARTERS * np.maximum(spending(state), p.COST_PER_HEAD), state.cash),
        arrears=np.where(owing, _arrears(state, draw), 0),
        status=np.where(defaulted, Status.DEFAULTED, ends.status),
    )
    moves = Moves(
        default_chance=chance, talks=active & financing.talks, withdrawn=active & financing.withdrawn,
        closed_round=active & financing.closed, down_round=active & financing.down, bridge=bridge,
        opened=active & opened, repaid=owing & repaid, defaulted=defaulted, closed=ends.closed,
        acquired=ends.acquired, listed=ends.listed,
    )  # fmt: skip
    return after.where(active, before), moves


def _operate(state: State, traits: Traits, draw: np.random.Generator) -> State:
    """Factors drift, the product moves on, revenue and staff follow, cash is spent."""
    shape = state.cash.shape
    between = (1,) * (len(shape) - 1)
    shock = np.reshape(p.FACTOR_SHOCK, (-1, *between, 1))
    anchor = traits.anchor.reshape((len(p.FACTORS), *between, shape[-1]))
    odds = state.odds + p.FACTOR_REVERSION * (anchor - state.odds) + shock * draw.standard_normal(state.odds.shape)
    technology, team, fit, _ = factors(odds)
    readiness = progressed(state.readiness, technology, team, np.exp(p.PROGRESS_NOISE * draw.standard_normal(shape)))
    revenue = grown(state.revenue, readiness, fit, traits.size, p.GROWTH_NOISE * draw.standard_normal(shape))
    fastest, turn, width = p.HIRING
    lasting = runway(state.cash, spending(state))
    hiring = fastest * np.tanh((lasting - turn) / width) + p.HIRING_NOISE * draw.standard_normal(shape)
    cap = np.asarray(p.HEADCOUNT_CAP)[state.rounds] * traits.size + revenue / p.REVENUE_PER_HEAD
    headcount = np.clip(state.headcount * np.exp(hiring), p.FEWEST_STAFF, np.maximum(cap, p.FEWEST_STAFF))
    cost = headcount * p.COST_PER_HEAD * np.exp(p.COST_NOISE * draw.standard_normal(shape))
    cost = cost + p.GROWTH_SPENDING * np.maximum(state.cash, 0.0)
    burn = cost - (p.MARGIN[0] + p.MARGIN[1] * fit) * revenue / 4.0
    return replace(
        state, odds=odds, readiness=readiness, revenue=revenue, headcount=headcount, burn=burn,
        cash=state.cash - burn - service(state), since_round=state.since_round + 1,
    )  # fmt: skip


@dataclass(frozen=True)
class _Financing:
    talks: Flags
    withdrawn: Flags
    closed: Flags
    down: Flags


def _finance(
    state: State, before: State, climate: Floats, size: Floats, draw: np.random.Generator
) -> tuple[State, _Financing]:
    """Talks of the last quarter close or are withdrawn; new talks may start."""
    shape = state.cash.shape
    network = factors(state.odds[3])
    closing = np.clip((p.CLOSING[0] + p.CLOSING[1] * network) * climate, 0.0, 0.95)
    closed = before.talks & (draw.random(shape) < closing)
    starts = ~before.talks & (draw.random(shape) < round_chance(state.readiness, network, climate, state.since_round))
    stage = np.minimum(state.rounds, len(p.ROUND_SIZE) - 1)
    lognormal = np.exp(p.ROUND_NOISE * draw.standard_normal(shape))
    amount = np.asarray(p.ROUND_SIZE)[stage] * size * lognormal * np.sqrt(climate)
    valuation = amount / draw.uniform(*p.DILUTION, shape)
    odds = state.odds.copy()
    odds[3] += np.where(closed, p.NETWORK_GAIN, 0.0)
    after = replace(
        state, odds=odds, cash=state.cash + np.where(closed, amount, 0.0), talks=starts,
        rounds=np.minimum(state.rounds + closed, len(p.ROUND_SIZE)),
        since_round=np.where(closed, 0, state.since_round), last_round=np.where(closed, amount, state.last_round),
        valuation=np.where(closed, valuation, state.valuation),
    )  # fmt: skip
    return after, _Financing(starts, before.talks & ~closed, closed, closed & (valuation < state.valuation))


def _borrow(state: State, before: State, lending: bool, draw: np.random.Generator) -> tuple[State, Flags, Flags]:
    """Facilities are repaid by instalments and close at maturity; new ones open after a round.

    Returns: the state, and where a facility was opened and where one was repaid to the end.
    """
    shape = state.cash.shape
    owing = before.left > 0
    left = np.where(owing, before.left - 1, 0)
    repaid = owing & (left == 0)
    chance = np.where(before.since_round < 4, *p.OPENING) * lending
    opened = ~owing & (before.rounds > 0) & (draw.random(shape) < chance)
    granted = before.last_round * draw.uniform(*p.LOAN_TO_ROUND, shape)
    limit = np.where(opened, granted, np.where(left > 0, state.limit, 0.0))
    term = np.where(opened, np.asarray(p.LOAN_TERMS)[draw.integers(0, len(p.LOAN_TERMS), shape)], state.term)
    after = replace(
        state, cash=state.cash + np.where(opened, granted, 0.0), limit=limit, term=term,
        balance=np.where(opened, granted, limit * left / np.maximum(term, 1)), left=np.where(opened, term, left),
        rate=np.where(opened, draw.uniform(*p.LOAN_RATE, shape), state.rate),
        arrears=np.where(left > 0, state.arrears, 0),
    )  # fmt: skip
    return after, opened, repaid


@dataclass(frozen=True)
class _Ends:
    closed: Flags
    acquired: Flags
    listed: Flags

    @property
    def status(self) -> Ints:
        ended = [self.closed, self.acquired, self.listed]
        return np.select(ended, [Status.CLOSED, Status.ACQUIRED, Status.LISTED], Status.ACTIVE)


def _leave(state: State, climate: Floats, staying: Flags, owing: Flags, draw: np.random.Generator) -> _Ends:
    """Which companies close, are acquired or list, among those that could stay."""
    shape = state.cash.shape
    levels = factors(state.odds)
    stranded = (state.cash < 0) & ~owing & (draw.random(shape) > rescue_chance(levels[3], climate))
    closed = staying & (stranded | (draw.random(shape) < p.CLOSURE))
    left = staying & ~closed & (state.cash >= 0)
    sold = p.ACQUISITION * strength(levels) * (state.rounds >= 2)
    acquired = left & (draw.random(shape) < sold)
    chance, revenue, rounds = p.LISTING
    ready = (state.revenue > revenue) & (state.rounds >= rounds)
    return _Ends(closed, acquired, left & ~acquired & ready & (draw.random(shape) < chance))


def _arrears(state: State, draw: np.random.Generator) -> Ints:
    """Steps behind with payments at the end of the quarter: stress adds one, luck takes one off."""
    strained = stress(runway(state.cash, spending(state)), strength(factors(state.odds)))
    turn = draw.random(state.cash.shape)
    step = np.where(turn < p.ARREARS_UP * strained, 1, np.where(turn > 1.0 - p.ARREARS_DOWN, -1, 0))
    return np.clip(state.arrears + step, 0, len(p.DAYS_PAST_DUE) - 1)
