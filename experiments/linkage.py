"""Estimate the model of linkage from companies whose truth is known: how often each level is met, and the thresholds.

    python -m experiments.linkage ALLIANCE [--write]

ALLIANCE is a folder of a seed alliance (``members/`` and ``truth/links.parquet``). The seed alliance is made up, so the
model that is shipped says how its simulated members write names; estimate it again on links of your own before the
review queue of a real alliance is trusted to be short.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, NamedTuple

import numpy as np
import polars as pl
import typer

from alliance.contracts import files_by_contract
from alliance.identity import linkage
from alliance.identity.candidates import Candidates, candidates
from alliance.identity.comparisons import COMPARISONS, NAME, Comparison
from alliance.identity.linkage import KNOWN_SHARE, Model, Thresholds, compare
from alliance.identity.profiles import read_profiles
from alliance.intake import submit
from alliance.store import Store
from alliance.terminal import out, progress, table

RANDOM_PAIRS = 300_000
"""Pairs of different companies drawn to see how often levels are met by chance."""

BIN = 2.0
"""Bits of log-odds: pairs as likely as that are judged together."""
SURE = 0.98
"""Share of pairs that must be right to be linked: wrong links mix two companies' facts, and nobody looks."""
WORTH_A_LOOK = 0.10
"""Share of right links among the pairs that people are asked about: they have more to do than to say no."""

BELIEF = 100.0
"""Pairs of one company that what is believed of a comparison weighs as much as."""
WORLD = 0.1
"""Share of pairs of different companies taken to be as all over the world: a seed alliance is of one country."""

BELIEVED: Mapping[str, Mapping[str, float]] = {
    "place": {"city": 0.90, "region": 0.06, "country": 0.03, "elsewhere": 0.01},
    "founded": {"day": 0.90, "month": 0.03, "year": 0.03, "next_year": 0.02, "other": 0.02},
    "people": {"several": 0.40, "one": 0.40, "none": 0.20},
    "website": {"same": 0.90, "different": 0.10},
}
"""What two records of one company have in common, where the alliance has no pair with a known truth that tells.

Places and dates: as between two exports of Crunchbase, on the half of the companies that
``experiments.crunchbase.linkage`` does not report on, with some more differences, since both exports are of one source.
People and web sites: believed.
"""

IN_THE_WORLD: Mapping[str, Mapping[str, float]] = {
    "place": {"city": 0.014, "region": 0.087, "country": 0.549, "elsewhere": 0.35},
    "founded": {"day": 0.020, "month": 0.002, "year": 0.046, "next_year": 0.132, "other": 0.80},
    "people": {"several": 0.0001, "one": 0.0009, "none": 0.999},
    "website": {"same": 0.0001, "different": 0.9999},
}
"""What two companies have in common by chance: places and dates from the same half, the rest believed."""

LOWEST = Thresholds(link=0.9, review=0.1)
"""Thresholds are not lowered further, however few wrong pairs a small alliance shows."""

_SIDES = ("company_id", "candidate_id")

_FLAT = {one.name: {level.name: 1.0 / len(one.levels) for level in one.levels} for one in COMPARISONS}
_UNTRAINED = Model(Thresholds(1.0, 0.0), _FLAT, _FLAT)


class Known(NamedTuple):
    """Companies with their truth: ``profiles`` (``PROFILE_SCHEMA``), and the true number of each by company id."""

    profiles: pl.DataFrame
    truth: Mapping[str, str]


def known_alliance(folder: Path) -> Known:
    """The companies of a seed alliance as they are before anything is linked."""
    with TemporaryDirectory(prefix="linkage-") as temporary:
        store = Store(f"sqlite:///{Path(temporary) / 'alliance.db'}")
        files = files_by_contract(folder / "members")
        with progress("member files", len(files)) as bar:
            for contract, file in files:
                submit(store, contract, file)
                bar.advance(bar.task_ids[0])
        links = pl.read_parquet(folder / "truth" / "links.parquet")
        known = known_of(store, links)
        store.close()
    return known


def known_of(store: Store, links: pl.DataFrame) -> Known:
    """Profiles of a store nothing is linked in; ``links`` say what number each member's own id is of."""
    watermark = store.watermark()
    with store.reading() as connection:
        profiles = read_profiles(connection, watermark, store.merges(watermark))
    if profiles is None:
        raise ValueError("every company of this alliance has a registration number: there is nothing to link")
    references = [f"{member}:{own}" for member, own in links.select("member", "client_id").iter_rows()]
    ids = store.find_companies(references, watermark)
    numbers = dict(zip(references, links["registration_number"], strict=True))
    truth = {company: numbers[reference] for reference, company in ids.items()}
    own = profiles.newcomers.select("company_id", "registration_number").drop_nulls()
    return Known(profiles.newcomers, truth | dict(own.iter_rows()))


def estimate(known: Known) -> Model:
    """The model these companies teach."""
    every = known.profiles.filter(pl.col("company_id").is_in(list(known.truth)))
    found = candidates(every, every.clear())
    pairs = best_pairs(compare(found, _UNTRAINED, KNOWN_SHARE / every.height), known.truth)
    chance = by_chance(every, known.truth)
    m, u = {}, {}
    for one in COMPARISONS[1:]:
        m[one.name] = _shares(one, pairs.filter("same")[f"level_{one.name}"], BELIEVED[one.name], BELIEF)
        met = chance[f"level_{one.name}"]
        u[one.name] = _shares(one, met, IN_THE_WORLD[one.name], max(WORLD * met.count(), BELIEF))
    m[NAME.name], u[NAME.name] = _of_names(every, known.truth, pairs)
    model = Model(_UNTRAINED.thresholds, m, u)
    scored = best_pairs(compare(found, model, KNOWN_SHARE / every.height), known.truth)
    return Model(chosen(scored), m, u)


def best_pairs(compared: pl.DataFrame, truth: Mapping[str, str]) -> pl.DataFrame:
    """Each two companies once, by the likeliest of their names, with ``same``: whether they truly are one."""
    one, other = (pl.col(side).replace_strict(dict(truth), return_dtype=pl.String) for side in _SIDES)
    order = compared.sort("probability", "level_name", "left", "right", descending=[True, False, False, False])
    return order.unique(_SIDES, keep="first", maintain_order=True).with_columns(same=one == other)


def by_chance(every: pl.DataFrame, truth: Mapping[str, str]) -> pl.DataFrame:
    """Pairs of different companies, drawn by chance, compared."""
    rows = candidates(every, every.clear()).rows
    generator = np.random.default_rng(1)
    left, right = generator.integers(rows.height, size=(2, RANDOM_PAIRS))
    drawn = pl.DataFrame({"left": left, "right": right}).cast(pl.UInt32).filter(pl.col("left") != pl.col("right"))
    compared = compare(Candidates(rows, drawn.unique().sort("left", "right")), _UNTRAINED, 0.5)
    return best_pairs(compared, truth).filter(~pl.col("same"))


def _shares(one: Comparison, levels: pl.Series, believed: Mapping[str, float], weight: float) -> dict[str, float]:
    """How often each level is met where anything is known, next to so many pairs as they are believed to be."""
    counted = dict(levels.drop_nulls().value_counts().iter_rows())
    total = sum(counted.values()) + weight
    return {
        level.name: round((counted.get(place, 0) + weight * believed[level.name]) / total, 8)
        for place, level in enumerate(one.levels)
    }


def _of_names(
    every: pl.DataFrame, truth: Mapping[str, str], pairs: pl.DataFrame
) -> tuple[dict[str, float], dict[str, float]]:
    """m and u of names, over all pairs there are: a level too rare to be drawn is met among candidates, which hold all.

    Pairs with two registration numbers are counted in neither: they are never compared.
    """
    companies = every.select("company_id", pl.col("registration_number").is_not_null().alias("numbered"))
    numbers = pl.Series([truth[company] for company in companies["company_id"]])
    sizes = companies.group_by(numbers.alias("true")).agg(pl.len(), pl.col("numbered").sum())
    same = int(sizes.select((_two("len") - _two("numbered")).sum()).item())
    different = math.comb(companies.height, 2) - math.comb(int(companies["numbered"].sum()), 2) - same
    levels = {alike: pairs.filter(pl.col("same") == alike)["level_name"] for alike in (True, False)}
    return _filled_up(levels[True], same), _filled_up(levels[False], different)


def _two(count: str) -> pl.Expr:
    return pl.col(count).cast(pl.Int64) * (pl.col(count).cast(pl.Int64) - 1) // 2


def _filled_up(levels: pl.Series, total: int) -> dict[str, float]:
    """Shares of levels of all pairs; those that are no candidates have different names."""
    *shown, last = NAME.levels
    counted = dict(levels.value_counts().iter_rows())
    shares = {level.name: (counted.get(place, 0) + 1) / (total + len(NAME.levels)) for place, level in enumerate(shown)}
    return {**shares, last.name: 1.0 - sum(shares.values())}


def chosen(scored: pl.DataFrame) -> Thresholds:
    """The lowest probabilities down to which pairs are right often enough to be linked, and to be asked about.

    Pairs are looked at in bins of ``BIN`` bits, so that the last of those linked are as sure as the first. A threshold
    stands half-way, in log-odds, to the likeliest pair below it.
    """
    log_odds = pl.col("probability").clip(1e-6, 1.0 - 1e-6)
    bins = (log_odds / (1.0 - log_odds)).log(2.0).floordiv(BIN).alias("bin")
    steps = scored.group_by(bins).agg(
        pl.col("same").mean().alias("right"),
        pl.col("probability").min().alias("lowest"),
        pl.col("probability").max().alias("highest"),
    )
    below = steps.sort("bin", descending=True).rows(named=True)
    link, review = (round(_threshold(below, wanted), 4) for wanted in (SURE, WORTH_A_LOOK))
    return Thresholds(max(link, LOWEST.link), max(review, LOWEST.review))


def _threshold(bins: Sequence[Mapping[str, float]], wanted: float) -> float:
    """Between the last bin, from the top, of which so many pairs are right, and the next."""
    enough = next((place for place, one in enumerate(bins) if one["right"] < wanted), len(bins))
    above = bins[enough - 1]["lowest"] if enough else 1.0
    return _between(above, bins[enough]["highest"] if enough < len(bins) else above / 2)


def _between(above: float, below: float) -> float:
    """Half-way in log-odds between two probabilities."""
    inside = [min(max(p, 1e-6), 1.0 - 1e-6) for p in (above, below)]
    middle = sum(math.log(p / (1.0 - p)) for p in inside) / 2
    return 1.0 / (1.0 + math.exp(-middle))


def show(model: Model, scored: pl.DataFrame) -> None:
    """What was estimated, as a table: levels with their evidence, and what the thresholds give."""
    listing = table("levels", "comparison", "level", "m", "u", "bits", right=("m", "u", "bits"))
    for one in COMPARISONS:
        for level in one.levels:
            m, u = model.m[one.name][level.name], model.u[one.name][level.name]
            listing.add_row(one.words, level.words, f"{m:.4f}", f"{u:.2e}", f"{math.log2(m / u):+.1f}")
    out.print(listing)
    link, review = model.thresholds.link, model.thresholds.review
    for words, part in (
        (f"linked, from {link:.4f} on", scored.filter(pl.col("probability") >= link)),
        (f"asked about, from {review:.4f} on", scored.filter(pl.col("probability").is_between(review, link, "left"))),
    ):
        out.print(f"{words}: {part.height:,} pairs, {part['same'].sum() / max(part.height, 1):.2%} of them right")


def main(
    alliance: Annotated[Path, typer.Argument(help="Folder of a seed alliance.")],
    write: Annotated[bool, typer.Option(help="Keep the model as the one that is shipped.")] = False,
) -> None:
    """Estimate the model of linkage on a seed alliance, and say what its thresholds give there."""
    known = known_alliance(alliance)
    model = estimate(known)
    every = known.profiles
    compared = compare(candidates(every, every.clear()), model, KNOWN_SHARE / every.height)
    show(model, best_pairs(compared.filter(pl.col("company_id").is_in(list(known.truth))), known.truth))
    if write:
        about = f"estimated by experiments.linkage on {every.height:,} companies as a simulated alliance names them"
        target = Path(linkage.__file__).with_name("linkage.json")
        kept = {"about": about, "thresholds": asdict(model.thresholds), "m": model.m, "u": model.u}
        target.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
        out.print(f"written: {target.name}")


if __name__ == "__main__":
    typer.run(main)
