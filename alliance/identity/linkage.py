"""How likely two companies are one, where no number says so: names, places, days, people and web sites compared.

Probabilistic linkage after Fellegi and Sunter (1969), by Splink. Each comparison of two companies falls into a level;
how much more often that level is met between two records of one company (m) than between two companies (u) is its
evidence, in bits, and the bits add up. m, u and the thresholds are estimated by ``experiments.linkage`` and kept in
``linkage.json``, which says on what.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from alliance.identity.candidates import Candidates, candidates
from alliance.identity.comparisons import COMPARISONS, Comparison

PAIR_SCHEMA: dict[str, pl.DataType] = {
    "company_id": pl.String(),
    "candidate_id": pl.String(),
    "probability": pl.Float64(),
    "evidence": pl.String(),
}

KNOWN_SHARE = 0.5
"""Chance, before anything is compared, that a newcomer is among the others at all: neither is taken for granted."""

PLACES = 6
"""Decimals of a probability: more would differ between machines."""


@dataclass(frozen=True)
class Thresholds:
    """Probabilities: from ``link`` on two companies are held to be one, from ``review`` on people are asked."""

    link: float
    review: float


@dataclass(frozen=True)
class Model:
    """What was estimated.

    Attributes:
        thresholds: what follows from a probability.
        m, u: chance of a level between two records of one company, and between two companies; by comparison and level.
    """

    thresholds: Thresholds
    m: Mapping[str, Mapping[str, float]]
    u: Mapping[str, Mapping[str, float]]


@lru_cache(maxsize=1)
def shipped_model() -> Model:
    """The model of ``linkage.json``."""
    kept = json.loads(Path(__file__).with_name("linkage.json").read_text(encoding="utf-8"))
    return Model(Thresholds(**kept["thresholds"]), kept["m"], kept["u"])


def thresholds() -> Thresholds:
    return shipped_model().thresholds


def score_pairs(newcomers: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Pairs of a newcomer and another company, known or new itself, that are worth a look; ``PAIR_SCHEMA``.

    Two companies with different registration numbers are never a pair. A pair of newcomers comes in both directions.

    Args:
        newcomers, known: companies in frames of ``PROFILE_SCHEMA``, none in both.

    Returns:
        Pairs that reach ``Thresholds.review``, by company, the likeliest first. ``evidence`` is a JSON list of
        ``comparison``, ``level`` and ``bits`` (log2 of the Bayes factor); what is unknown is not in it. Equal input in
        any order of rows gives equal output.
    """
    model = shipped_model()
    found = candidates(newcomers, known)
    prior = KNOWN_SHARE / max(newcomers.height + known.height, 1)
    worth = compare(found, model, prior, least=model.thresholds.review)
    best = worth.sort("probability", "left", "right", descending=[True, False, False])
    best = best.unique(["company_id", "candidate_id"], keep="first", maintain_order=True)
    new = found.rows.filter("new")["company_id"].unique()
    back = best.filter(pl.col("candidate_id").is_in(new.implode())).rename(
        {"company_id": "candidate_id", "candidate_id": "company_id"}
    )
    both = pl.concat([best, back], how="diagonal")
    both = both.with_columns(pl.Series("evidence", [_evidence(row) for row in both.iter_rows(named=True)], pl.String))
    return both.select(*PAIR_SCHEMA).sort("company_id", "probability", "candidate_id", descending=[False, True, False])


def compare(found: Candidates, model: Model, prior: float, *, least: float = 0.0) -> pl.DataFrame:
    """Every candidate pair compared; those are left out whose probability is below ``least``.

    Returns:
        ``left`` and ``right`` (rows), ``company_id``, ``candidate_id``, ``probability``, and for each comparison
        ``level_NAME`` (the level's place, null for unknown) and ``bits_NAME``.
    """
    made = _predicted(found, model, prior, least) if found.pairs.height else _NOTHING_PREDICTED
    who = found.rows.select("row", "company_id")
    sides = made.join(who, left_on="left", right_on="row").join(
        who.rename({"company_id": "candidate_id"}), left_on="right", right_on="row"
    )
    return sides.with_columns(
        pl.col("probability").round(PLACES),
        *(
            pl.when(pl.col(f"gamma_{one.name}") >= 0)
            .then(len(one.levels) - 1 - pl.col(f"gamma_{one.name}"))  # Splink counts from the last level up
            .alias(f"level_{one.name}")
            for one in COMPARISONS
        ),
    )


_NOTHING_PREDICTED = pl.DataFrame(
    schema={
        "left": pl.UInt32, "right": pl.UInt32, "probability": pl.Float64,
        **{f"gamma_{one.name}": pl.Int32 for one in COMPARISONS},
        **{f"bits_{one.name}": pl.Float64 for one in COMPARISONS},
    }
)  # fmt: skip


def _predicted(found: Candidates, model: Model, prior: float, least: float) -> pl.DataFrame:
    """Splink's predictions for the pairs."""
    # It takes a second to import, and most processes link nobody.
    import duckdb  # noqa: PLC0415
    from splink import DuckDBAPI, Linker, SettingsCreator  # noqa: PLC0415

    with duckdb.connect(":memory:") as connection:
        connection.execute("SET enable_progress_bar = false")
        api = DuckDBAPI(connection)
        rows = api.register(_numbered(found.rows).to_arrow(), dataset_display_name="companies")
        settings = SettingsCreator(
            link_type="dedupe_only",
            unique_id_column_name="row",
            comparisons=[_settings(one, model) for one in COMPARISONS],
            blocking_rules_to_generate_predictions=[],
            probability_two_random_records_match=prior,
            retain_matching_columns=True,  # the levels come with them
            retain_intermediate_calculation_columns=True,
        )
        linker = Linker(rows, settings, log_level=None)
        pairs = found.pairs.select(
            pl.lit("0").alias("match_key"), join_key_l=pl.col("left"), join_key_r=pl.col("right")
        )
        linker.table_management.register_blocked_pairs_for_predict(api.register(pairs.to_arrow()))
        predicted = linker.inference.predict(least or None, warning_mode="never").as_duckdbpyrelation()
        made: pl.DataFrame = predicted.pl()
    bits = {f"mw_{one.name}": f"bits_{one.name}" for one in COMPARISONS}
    names = {"row_l": "left", "row_r": "right", "match_probability": "probability", **bits}
    return made.rename(names).select(_NOTHING_PREDICTED.columns).cast(_NOTHING_PREDICTED.schema)


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with numbers for keys and words, of which is only asked which are alike: they are met by millions."""
    lists = pl.col(pl.List(pl.String)).cast(pl.List(pl.Categorical)).list.eval(pl.element().to_physical())
    return rows.with_columns(lists, pl.col("key").cast(pl.Categorical).to_physical())


def _settings(one: Comparison, model: Model) -> dict[str, Any]:
    """A comparison as Splink takes it."""
    levels = [
        {
            "sql_condition": level.condition, "label_for_charts": level.words,
            "m_probability": model.m[one.name][level.name], "u_probability": model.u[one.name][level.name],
        }
        for level in one.levels
    ]  # fmt: skip
    unknown = {"sql_condition": one.unknown, "label_for_charts": "unknown", "is_null_level": True}
    return {"output_column_name": one.name, "comparison_levels": [unknown, *levels]}


def _evidence(row: Mapping[str, Any]) -> str:
    told = [
        {"comparison": one.words, "level": one.levels[row[f"level_{one.name}"]].words,
         "bits": round(row[f"bits_{one.name}"], 2)}
        for one in COMPARISONS
        if row[f"level_{one.name}"] is not None
    ]  # fmt: skip
    return orjson.dumps(told).decode()
