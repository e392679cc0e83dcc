"""What happened to whom, gathered quarter by quarter, with days drawn within the quarter."""

import numpy as np
import polars as pl

from seeds import parameters as p
from seeds.banks import BANKS
from seeds.calendar import days_within
from seeds.state import Flags, Floats, Moves, State

PRODUCTS = {"venture_debt": 0.50, "term_loan": 0.35, "credit_line": 0.15}
"""Share of each product among new facilities."""

EVENT_SCHEMA = {"company": pl.Int64, "quarter": pl.Int64, "kind": pl.String}


class History:
    """Gathers rounds, facilities and events."""

    def __init__(self) -> None:
        self._rounds: list[pl.DataFrame] = []
        self._facilities: list[pl.DataFrame] = []
        self._events: list[pl.DataFrame] = []
        self._network: list[Floats] = []

    def add(self, quarter: int, state: State, moves: Moves) -> None:
        """What happened in the quarter that ended in the state."""
        at = np.flatnonzero(moves.closed_round)
        self._network.append(state.odds[3, at])
        self._rounds.append(pl.DataFrame({
            "company": at, "quarter": np.full(len(at), quarter), "stage": state.rounds[at] - 1,
            "amount": state.last_round[at], "post_money": state.valuation[at],
        }))  # fmt: skip
        at = np.flatnonzero(moves.opened)
        self._facilities.append(pl.DataFrame({
            "company": at, "quarter": np.full(len(at), quarter), "limit": state.limit[at], "rate": state.rate[at],
            "term": state.term[at],
        }))  # fmt: skip
        kinds: dict[str, Flags] = {
            "term_sheet": moves.talks, "withdrawn": moves.withdrawn, "bridge": moves.bridge,
            "down_round": moves.down_round, "repaid": moves.repaid, "default": moves.defaulted,
            "closure": moves.closed, "acquisition": moves.acquired, "listing": moves.listed,
        }  # fmt: skip
        for kind, flags in kinds.items():
            at = np.flatnonzero(flags)
            rows = {"company": at, "quarter": np.full(len(at), quarter), "kind": [kind] * len(at)}
            self._events.append(pl.DataFrame(rows, schema=EVENT_SCHEMA))

    @property
    def network(self) -> Floats:
        """Log-odds of the company's network at each round, in the order of ``rounds``."""
        return np.concatenate(self._network)

    def rounds(self, draw: np.random.Generator) -> pl.DataFrame:
        """Columns: round, company, quarter, stage, announced_on, amount, post_money."""
        frame = pl.concat(self._rounds)
        stages = [p.ROUND_STAGES[stage] for stage in frame["stage"].to_list()]
        return frame.with_columns(
            pl.int_range(pl.len()).alias("round"), pl.Series("stage", stages, dtype=pl.String),
            pl.Series("announced_on", days_within(frame["quarter"].to_numpy(), draw)),
            _whole("amount"), _whole("post_money"),
        )  # fmt: skip

    def facilities(self, companies: int, draw: np.random.Generator) -> pl.DataFrame:
        """Columns: facility, company, quarter, term, opened_on, matures_on, limit, rate, product, secured, bank.

        The first bank of a company is usually its bank for good.
        """
        frame = pl.concat(self._facilities)
        n, weights = len(frame), np.array([bank.weight for bank in BANKS])
        house = draw.choice(len(BANKS), companies, p=weights / weights.sum())
        other = draw.choice(len(BANKS), n, p=weights / weights.sum())
        bank = np.where(draw.random(n) < p.SAME_BANK, house[frame["company"].to_numpy()], other)
        products = draw.choice(list(PRODUCTS), n, p=list(PRODUCTS.values())).tolist()
        opened = pl.Series("opened_on", days_within(frame["quarter"].to_numpy(), draw))
        matures = pl.col("opened_on").dt.offset_by(pl.format("{}mo", pl.col("term") * 3)).alias("matures_on")
        return frame.with_columns(
            pl.int_range(pl.len()).alias("facility"), opened, pl.Series("bank", bank),
            pl.Series("product", products, dtype=pl.String), pl.Series("secured", draw.random(n) < p.SECURED),
            (pl.col("limit") / 1e4).ceil().cast(pl.Int64) * 10_000, pl.col("rate").round(4),
        ).with_columns(matures)  # fmt: skip

    def events(self, draw: np.random.Generator) -> pl.DataFrame:
        """Columns: company, quarter, kind, happened_on."""
        frame = pl.concat(self._events)
        return frame.with_columns(pl.Series("happened_on", days_within(frame["quarter"].to_numpy(), draw)))


def _whole(column: str) -> pl.Expr:
    """An amount in whole yuan, rounded to 万元."""
    return (pl.col(column) / 1e4).round().cast(pl.Int64) * 10_000
