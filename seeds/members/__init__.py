"""The members: each gives what it has seen, in its own format and words, with a contract beside every file."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl

from alliance.errors import Conflict
from seeds.calendar import quarter_end
from seeds.chance import source
from seeds.imperfections import Imperfections
from seeds.members import (
    banks,
    data_vendor,
    incubators,
    investors,
    patent_office,
    platforms,
    public_body,
    registry,
)
from seeds.members.contract import contract_yaml
from seeds.members.files import write_rows
from seeds.members.identity import referred
from seeds.members.render import rendered
from seeds.members.sheet import Submission
from seeds.traces import Traces, traces
from seeds.world import World

GIVERS: tuple[Callable[[World, Traces, Imperfections], Iterator[Submission]], ...] = (
    registry.submissions,
    patent_office.submissions,
    public_body.submissions,
    platforms.submissions,
    data_vendor.submissions,
    banks.submissions,
    incubators.submissions,
    investors.submissions,
)
"""Every kind of member, in the order they submit: the registry first, so that later files find their companies."""

COLLECTED_AFTER = timedelta(days=31)
"""The files are collected a month after the simulator's last day; what members learn later is not in them."""

LINK_COLUMNS = ("member", "client", "written_name", "company")

Progress = Callable[[int], None]


def submissions(world: World, faults: Imperfections | None = None) -> Iterator[Submission]:
    """Everything the members give by the day of collection, before it is put in their words."""
    left = traces(world)
    collected = quarter_end(max(world.snapshots)) + COLLECTED_AFTER
    for give in GIVERS:
        for submission in give(world, left, faults or Imperfections()):
            if len(rows := submission.rows.filter(pl.col("reported_on") <= collected)):
                yield replace(submission, rows=rows)


def write(
    world: World, directory: Path, faults: Imperfections | None = None, progress: Progress = lambda _: None
) -> pl.DataFrame:
    """Write ``<directory>/members/<member>/<sheet>`` and its contract for every submission.

    Raises:
        Conflict: there are members in the directory already; theirs are not mixed with these.

    Returns:
        links: member, client_id, name, registration_number: who is meant by each reference a member makes.
    """
    if (directory / "members").exists():
        raise Conflict(
            "Members are there already.", remedy="Remove them, or choose another folder.", folder=str(directory)
        )
    faults = faults or Imperfections()
    codes = world.companies.select("company", "registration_number")
    links: list[pl.DataFrame] = []
    for number, submission in enumerate(submissions(world, faults)):
        member, sheet = submission.member, submission.sheet
        folder = directory / "members" / member.id
        folder.mkdir(parents=True, exist_ok=True)
        rows = submission.rows
        if "company" in rows.columns:
            rows = referred(rows, member, world.companies, faults)
            links.append(rows.select(pl.lit(member.id).alias("member"), "client", "written_name", "company").unique())
        draw = source(world.seed, f"{member.id} {sheet.name}")
        write_rows(rendered(rows, member, sheet, faults, draw), sheet, folder / sheet.file_name)
        (folder / f"{sheet.name}.contract.yaml").write_text(contract_yaml(member, sheet), encoding="utf-8")
        progress(number + 1)
    every = pl.concat(links).unique().sort(LINK_COLUMNS).join(codes, on="company", how="left", maintain_order="left")
    return every.select("member", pl.col("client").alias("client_id"), pl.col("written_name").alias("name"),
                        "registration_number")  # fmt: skip
