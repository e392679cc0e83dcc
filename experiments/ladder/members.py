"""A panel as it would be had one member told nothing: the same rows, outcomes and split, other features."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from alliance.errors import NotFound
from alliance.signals.claims import Claims
from alliance.terminal import progress
from alliance.view import History
from experiments.panel import Panel
from scoring.features import feature_frame


def givers(history: History, most: int) -> list[str]:
    """The members with most records, the most first."""
    told = pl.concat([frame.select("member") for frame in history.claims.frames.values()])
    counts = told["member"].value_counts().sort("count", "member", descending=[True, False])
    return counts["member"].head(most).to_list()


def without_member(history: History, made: Panel, member: str) -> Panel:
    """The panel of a history without one member's claims.

    Population and labels stay those of all claims, so that every model is asked the same. Members' reliabilities stay,
    too, as they were learned with that member's word.

    Raises:
        NotFound: the member has told nothing.
    """
    frames = {name: frame.filter(pl.col("member") != member) for name, frame in history.claims.frames.items()}
    if all(frame.height == history.claims.frames[name].height for name, frame in frames.items()):
        raise NotFound(
            f"There is no record of member {member!r}.", remedy="Name a member listed by `alliance signals`."
        )
    claims = Claims(frames, history.claims.watermark)
    silent = History(claims, history.access, history.companies, history.reliabilities, rulings=history.rulings)
    kept = made.frame.select(pl.exclude(made.names))
    parts = [
        feature_frame(silent.facts(day), made.features).with_columns(pl.lit(day, pl.Date).alias("as_of"))
        for day in made.frame["as_of"].unique().sort().to_list()
    ]
    found = kept.join(pl.concat(parts), on=["company_id", "as_of"], how="left", maintain_order="left")
    return replace(made, frame=found.select(made.frame.columns))


def panels_without(history: History, made: Panel, members: Sequence[str]) -> dict[str, Panel]:
    """``without_member`` of each, with a progress bar."""
    found = {}
    with progress("members left out", len(members)) as bar:
        for member in members:
            found[member] = without_member(history, made, member)
            bar.advance(bar.task_ids[0])
    return found
