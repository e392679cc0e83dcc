"""The simulated world: companies, their states quarter by quarter, and what happened to them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from alliance.signals import SECTORS
from seeds import parameters as p
from seeds.calendar import quarter_end, quarter_start, window
from seeds.chance import source
from seeds.companies import SECTOR_SHARES, describe
from seeds.history import History
from seeds.investors import choose_liar, found_investors, syndicates
from seeds.process import advance
from seeds.state import Floats, State, Traits, unborn

Progress = Callable[[float], None]


@dataclass(frozen=True)
class World:
    """What is true, before any member looks at it. ``company`` is a row number in ``companies`` everywhere.

    Attributes:
        seed, years: what it was made from; the window is ``years`` years from 2019-01-01.
        companies: company, registration_number, name and its parts, place, sector, founded_on.
        traits: the fixed traits as arrays.
        snapshots: full latent state at the end of each quarter of the window, by quarter number.
        climates: climate of every sector, by quarter number.
        events: company, quarter, kind, happened_on: talks, withdrawn, bridge, down_round, repaid, default, closure,
            acquisition, listing.
        rounds: round, company, quarter, stage, announced_on, amount, post_money, lead, investors (list of numbers).
        facilities: facility, company, quarter, opened_on, matures_on, limit, rate, product, secured, bank.
        investors: investor, member, investor_name, reputation, exits, fund_age, dry_powder.
        liar: number of the investor that lies.
    """

    seed: int
    years: int
    companies: pl.DataFrame
    traits: Traits
    snapshots: Mapping[int, State]
    climates: Mapping[int, Floats]
    events: pl.DataFrame
    rounds: pl.DataFrame
    facilities: pl.DataFrame
    investors: pl.DataFrame
    liar: int

    @property
    def horizon(self) -> date:
        """Last day simulated."""
        return quarter_end(window(self.years)[-1])

    @property
    def test_quarters(self) -> tuple[int, ...]:
        """The out-of-time window: the last quarters whose outcome is complete."""
        last = window(self.years)[-1] - p.HORIZON_QUARTERS
        return tuple(range(last - p.TEST_QUARTERS + 1, last + 1))


def simulate(companies: int, seed: int, years: int = p.YEARS, progress: Progress = lambda _: None) -> World:
    """Make a world of so many companies.

    Args:
        companies: number of companies, founded from 2012 to a year before the horizon.
        seed: the same seed and size give the same world, bit by bit.
        years: length of the window from 2019-01-01.
        progress: told the share done, from 0 to 1.
    """
    traits = draw_traits(companies, years, source(seed, "traits"))
    climates = draw_climates(years, source(seed, "climate"))
    history = History()
    draw, state, snapshots = source(seed, "lives"), unborn(traits), {}
    first, last = window(years)[0], window(years)[-1]
    for quarter in range(last + 1):
        lending = lending_open(years, quarter)
        climate = climates[quarter][traits.sector]
        state, moves = advance(state, traits, climate, quarter, draw, lending=lending, sheltered=quarter < first)
        history.add(quarter, state, moves)
        if quarter >= first:
            snapshots[quarter] = state
        progress((quarter + 1) / (last + 1))
    investors = found_investors(companies, source(seed, "investors"))
    frame = describe(traits, source(seed, "companies"))
    rounds = history.rounds(source(seed, "round days"))
    rounds = syndicates(rounds, history.network, investors, source(seed, "syndicates"))
    facilities = history.facilities(companies, source(seed, "facility days"))
    events = history.events(source(seed, "event days"))
    liar = choose_liar(rounds, source(seed, "liar"))
    return World(seed, years, frame, traits, snapshots, climates, events, rounds, facilities, investors, liar)


def lending_open(years: int, quarter: int) -> bool:
    """Whether banks open facilities in the quarter: within the window, up to a year before its end."""
    return window(years)[0] <= quarter <= window(years)[-1] - p.HORIZON_QUARTERS


def draw_traits(companies: int, years: int, draw: np.random.Generator) -> Traits:
    """Sector, founding quarter, long-run factors with a shared part, and size of every company."""
    shared = draw.standard_normal(companies)
    own = draw.standard_normal((len(p.FACTORS), companies))
    mixed = np.sqrt(p.FACTOR_SHARED) * shared + np.sqrt(1.0 - p.FACTOR_SHARED) * own
    anchor = np.asarray(p.FACTOR_MEAN)[:, None] + np.asarray(p.FACTOR_SPREAD)[:, None] * mixed
    last = window(years)[-1] - p.HORIZON_QUARTERS
    return Traits(
        sector=draw.choice(len(SECTORS), companies, p=np.asarray(SECTOR_SHARES)).astype(np.int64),
        founded=draw.integers(0, last + 1, companies),
        anchor=anchor,
        size=np.exp(p.SIZE_SPREAD * draw.standard_normal(companies)),
    )


def next_climate(log_climate: Floats, quarter: int, draw: np.random.Generator) -> Floats:
    """Log climate of the sectors a quarter on; sectors on the last axis, shocks partly shared, winters scripted."""
    common = draw.standard_normal((*log_climate.shape[:-1], 1))
    own = draw.standard_normal(log_climate.shape)
    shock = p.CLIMATE_SHOCK * (np.sqrt(p.CLIMATE_COMMON) * common + np.sqrt(1.0 - p.CLIMATE_COMMON) * own)
    drift = p.WINTER.get(quarter_start(quarter).year, 0.0)
    return np.asarray(p.CLIMATE_MEMORY * log_climate + drift + shock)


def draw_climates(years: int, draw: np.random.Generator) -> dict[int, Floats]:
    """Climate of every sector in every quarter."""
    level, climates = np.zeros(len(SECTORS)), {}
    for quarter in range(window(years)[-1] + 1):
        level = next_climate(level, quarter, draw)
        climates[quarter] = np.exp(level)
    return climates
