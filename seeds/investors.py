"""Venture investors, and who takes part in which round."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seeds.names import BRAND

INVESTORS = 200  # in a world of 4,000 companies or more
COMPANIES_PER_INVESTOR = 20  # in smaller worlds
FEWEST = 12
FOLLOWERS = (0.25, 0.40, 0.25, 0.10)  # chance of 0, 1, 2, 3 investors beside the lead
MATCH_NOISE = 0.15  # how loosely an investor's reputation follows the company's network


def found_investors(companies: int, draw: np.random.Generator) -> pl.DataFrame:
    """Investors in rising order of reputation: investor, member, name, reputation, exits, fund_age, dry_powder."""
    n = int(np.clip(companies // COMPANIES_PER_INVESTOR, FEWEST, INVESTORS))
    reputation = (np.arange(n) + 0.5) / n
    coined = draw.choice(len(BRAND) ** 2, n, replace=False).tolist()
    kinds = draw.choice(["创投", "资本", "投资"], n).tolist()
    names = [
        f"{BRAND[i // len(BRAND)][0]}{BRAND[i % len(BRAND)][0]}{kind}" for i, kind in zip(coined, kinds, strict=True)
    ]
    return pl.DataFrame({
        "investor": np.arange(n),
        "member": [f"investor-{i + 1:03d}" for i in draw.permutation(n).tolist()],
        "investor_name": names,
        "reputation": reputation.round(3),
        "exits": draw.poisson(1 + 24 * reputation**2),
        "fund_age": draw.integers(1, 13, n),
        "dry_powder": (np.exp(draw.normal(19.0, 0.7, n)) * (0.4 + reputation)).astype(np.int64) // 10**6 * 10**6,
    })  # fmt: skip


def syndicates(
    rounds: pl.DataFrame, network: NDArray[np.float64], investors: pl.DataFrame, draw: np.random.Generator
) -> pl.DataFrame:
    """Rounds with their lead and list of investors, whose reputation follows the company's network (log-odds)."""
    count, n = len(investors), len(rounds)
    level = 1.0 / (1.0 + np.exp(-network))
    wanted = level[:, None] + MATCH_NOISE * draw.standard_normal((n, len(FOLLOWERS)))
    chosen = (np.clip(wanted, 0.0, 0.9999) * count).astype(np.int64)
    followers = draw.choice(len(FOLLOWERS), n, p=FOLLOWERS)
    lists = [list(dict.fromkeys(row[: k + 1])) for row, k in zip(chosen.tolist(), followers.tolist(), strict=True)]
    return rounds.with_columns(pl.Series("investors", lists, dtype=pl.List(pl.Int64)), pl.Series("lead", chosen[:, 0]))


def choose_liar(rounds: pl.DataFrame, draw: np.random.Generator) -> int:
    """One of the investors in the busier half, so that others can tell."""
    deals = rounds.explode("investors").group_by("investors").len().sort("len", "investors", descending=True)
    busy = deals["investors"].head(max(1, len(deals) // 2)).to_list()
    return int(draw.choice(busy))
