"""Scores of ready features, column by column: what ``scoring.score.score`` gives row by row, to the bit."""

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from scoring.batch.checked import FAULT, checked
from scoring.batch.table import REASON, score_schema
from scoring.batch.wording import texts
from scoring.model import Bundle
from scoring.model.selection import NOBODY, Selection
from scoring.score import ID, ScoreTable, score_arrays

KEYS: dict[str, pl.DataType] = {"row": pl.Int64(), "company": pl.String(), "as_of": pl.Date()}
"""Columns of the input that say whose features a row holds, and of which day they are; passed on as they are."""

_OF_THE_STORE = {"company_id", "contested", "withheld", "data_watermark", "decision_id"}
"""Columns of the scores that are told of facts read from the store, of which there are none here."""


def schema(bundle: Bundle) -> dict[str, pl.DataType]:
    """Columns of ``scored``, in order: those of a score, then those of a fault."""
    scores = {name: kind for name, kind in score_schema(bundle).items() if name not in _OF_THE_STORE}
    return {**scores, **FAULT}


def scored(bundle: Bundle, rows: pl.DataFrame, *, threads: int = 1) -> pl.DataFrame:
    """Explained scores of ready features, in the order of the rows.

    A row's score is the same to the bit alone, in a batch and with any number of threads, and the same as that of
    ``scoring.score.score``.

    Args:
        bundle: the model.
        rows: ``KEYS``, and the features the bundle names, in any order: numbers, Booleans, or numbers as text; null,
            NaN and empty text are unknown. Other columns are passed over.
        threads: threads to walk the trees with.

    Returns:
        A frame of ``schema``. A row with a value that is no finite number has a fault, and no score.

    Raises:
        InvalidInput: a feature has no column, or one of a type that holds no numbers.
        BundleError: contributions do not add up to the score.
    """
    told = checked(bundle, rows)
    sound = told["code"].is_null()
    scores = _scores(bundle, told.filter(sound), threads)
    if sound.all():
        return scores
    faults = told.filter(~sound).select(*KEYS, *FAULT)
    empty = pl.DataFrame(schema=schema(bundle))
    both = pl.concat([scores, pl.concat([empty, faults], how="diagonal")])
    order = np.argsort(np.concatenate([np.flatnonzero(sound), np.flatnonzero(~sound)]))
    return both[order]


def scored_chunk(bundle: Bundle, chunk: pl.DataFrame) -> pl.DataFrame:
    """The scores of rows as ``given.Given`` reads them, in their order; what could not be read keeps its fault."""
    readable = pl.col("code").is_null()
    made = scored(bundle, chunk.filter(readable).drop(FAULT))
    faults = chunk.filter(~readable).select(*KEYS, *FAULT)
    if faults.is_empty():
        return made
    return pl.concat([made, pl.concat([made.clear(), faults], how="diagonal")]).sort("row")


def _scores(bundle: Bundle, told: pl.DataFrame, threads: int) -> pl.DataFrame:
    """The scores of rows without a fault."""
    made = score_arrays(bundle, told.select(pl.lit("").alias(ID), *bundle.names), threads=threads)
    base = bundle.scale.points(made.base_log_odds)
    raises, lowers = _reasons(made)
    columns = {
        **{name: told[name] for name in KEYS},
        "outcome": _same(bundle.outcome.name, len(told)),
        "horizon_months": _same(bundle.outcome.horizon_months, len(told)),
        "pd": made.pd,
        **_certainty(made),
        "log_odds": made.log_odds,
        "points": made.points,
        "base_points": _same(base, len(told)),
        "grade": made.grades,
        "coverage": made.coverage,
        **_pillars(made),
        "raises": raises,
        "lowers": lowers,
        "model_version": _same(bundle.sha256, len(told)),
        **{name: _same(None, len(told)) for name in FAULT},
    }
    expected = schema(bundle)
    columns = {name: columns.get(name, _same(None, len(told))) for name in expected}
    return pl.DataFrame(columns, schema=expected)


def _same(value: str | float | None, rows: int) -> pl.Series:
    return pl.repeat(value, rows, eager=True)


def _certainty(made: ScoreTable) -> dict[str, object]:
    """The columns that say how sure the PDs are; none where the model does not tell."""
    sure = made.certainty
    if sure is None:
        return {}
    return {
        "pd_low": sure.low,
        "pd_high": sure.high,
        "unlike": sure.unlike,
        "out_of_place": sure.out_of_place,
        "advice": [advice.value for advice in sure.advice],
    }


def _pillars(made: ScoreTable) -> dict[str, object]:
    points = made.bundle.scale.change(made.pillars.log_odds)
    return {f"points_{pillar.value}": points[:, place] for place, pillar in enumerate(made.pillars.pillars)}


def _reasons(made: ScoreTable) -> tuple[pl.Series, pl.Series]:
    """The reasons that raise the risk and those that lower it, as a list of ``REASON`` for each row."""
    given = made.selected.of(made.held)
    values = np.take_along_axis(made.values[given.row], given.named, axis=1)
    table = _table(made.bundle, given, values)
    sides = [
        _lists(table.filter(pl.Series(side)), given.row[side], len(made.pd)) for side in (given.raises, ~given.raises)
    ]
    return sides[0], sides[1]


def _table(bundle: Bundle, given: Selection, values: NDArray[np.float64]) -> pl.DataFrame:
    """A row of ``REASON`` for each reason."""
    zh, en = texts(bundle, given, values)
    lead = given.named[:, 0]
    names, pillars = pl.Series(bundle.names), pl.Series([feature.pillar.value for feature in bundle.contract])
    groups = pl.Series(["" if group is None else group.name for group in bundle.together.groups])
    return pl.DataFrame(
        {
            "feature": names.gather(lead),
            "pillar": pillars.gather(lead),
            "value": pl.Series(values[:, 0]).fill_nan(None),
            "points": given.points,
            "zh": zh,
            "en": en,
            "disclosure": _same("raw", len(lead)),
            "group": groups.gather(given.group),
            "also": _also(names, given.named[:, 1:]),
        },
        schema=dict(REASON),
    )


def _also(names: pl.Series, named: NDArray[np.intp]) -> pl.Series:
    """Names of the further features of each reason (m, at most so many)."""
    there = named != NOBODY
    row, _ = np.nonzero(there)
    return _lists(names.gather(named[there]).to_frame(), row, len(named))


def _lists(items: pl.DataFrame, row: NDArray[np.intp], rows: int) -> pl.Series:
    """A list for each row of the items that are its own; ``row`` (one for each item) rises."""
    ends = np.searchsorted(row, np.arange(rows + 1))
    inner = (items.to_struct() if items.width > 1 else items.to_series()).to_arrow()
    return pl.Series(pl.from_arrow(pa.LargeListArray.from_arrays(pa.array(ends), inner)))
