"""Decisions and errors as a table: one row for each row of the input."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from alliance.errors import AllianceError
from alliance.store import Decision
from scoring.model import Bundle

REASON = pl.Struct(
    {
        "feature": pl.String(),
        "pillar": pl.String(),
        "value": pl.Float64(),
        "points": pl.Float64(),
        "zh": pl.String(),
        "en": pl.String(),
        "disclosure": pl.String(),
        "group": pl.String(),
        "also": pl.List(pl.String()),
    }
)

_CONTESTED = pl.Struct(
    {
        "signal": pl.String(),
        "key": pl.String(),
        "fields": pl.List(pl.String()),
        "zh": pl.String(),
        "en": pl.String(),
    }
)

_WITHHELD = pl.Struct(
    {
        "signal": pl.String(),
        "fields": pl.List(pl.String()),
        "disclosure": pl.String(),
        "grants": pl.List(pl.String()),
        "zh": pl.String(),
        "en": pl.String(),
    }
)

REJECT: dict[str, pl.DataType] = {"code": pl.String(), "reason": pl.String(), "remedy": pl.String()}
"""Columns of a row that could not be scored; null in a row that was."""


def score_schema(bundle: Bundle) -> dict[str, pl.DataType]:
    """Columns of the scores, in order; ``points_PILLAR`` are the points each pillar won or lost."""
    return {
        "row": pl.Int64(),
        "company": pl.String(),
        "company_id": pl.String(),
        "as_of": pl.Date(),
        "outcome": pl.String(),
        "horizon_months": pl.Int64(),
        "pd": pl.Float64(),
        "pd_low": pl.Float64(),
        "pd_high": pl.Float64(),
        "log_odds": pl.Float64(),
        "points": pl.Float64(),
        "base_points": pl.Float64(),
        "grade": pl.String(),
        "coverage": pl.Float64(),
        "unlike": pl.Boolean(),
        "out_of_place": pl.Int64(),
        "advice": pl.String(),
        **{f"points_{pillar.value}": pl.Float64() for pillar in bundle.pillars.pillars},
        "raises": pl.List(REASON),
        "lowers": pl.List(REASON),
        "contested": pl.List(_CONTESTED),
        "withheld": pl.List(_WITHHELD),
        "model_version": pl.String(),
        "data_watermark": pl.Int64(),
        "decision_id": pl.String(),
    }


def schema(bundle: Bundle) -> dict[str, pl.DataType]:
    """Columns of scores and rejects together."""
    return {**score_schema(bundle), **REJECT}


def table(bundle: Bundle, rows: pl.DataFrame, results: Sequence[Decision | AllianceError]) -> pl.DataFrame:
    """One row per result (``schema``), with ``row`` and ``company`` of the input."""
    plain = [
        {"row": row, "company": company, **(_reject(made) if isinstance(made, AllianceError) else _score(made))}
        for (row, company), made in zip(rows.select("row", "company").iter_rows(), results, strict=True)
    ]
    return pl.DataFrame(plain, schema=schema(bundle), orient="row")


def _score(made: Decision) -> dict[str, Any]:
    pillars = {f"points_{share['pillar']}": share["points"] for share in made.result["pillars"]}
    return {
        **made.result,
        **pillars,
        "as_of": date.fromisoformat(made.result["as_of"]),
        "decision_id": made.decision_id,
    }


def _reject(error: AllianceError) -> dict[str, Any]:
    return {"code": error.code, "reason": error.message, "remedy": error.remedy}
