"""A section of the report, and the reader that writes down where every number in it comes from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from experiments.listing import Listing
from experiments.metrics import Estimate
from experiments.study import SIMULATED
from experiments.validation.cards import Block, Plain, Said, blocks
from experiments.validation.evidence import Evidence, Run


class Status(StrEnum):
    """What became of a section's question."""

    EXAMINED = "examined"
    IN_PART = "examined in part"
    NOT = "not examined"
    STATED = "stated"


@dataclass(frozen=True)
class Trace:
    """Where a figure was read.

    Attributes:
        figure: what it is, in words.
        value: as the report shows it.
        where: MLflow metric, parameter or file.
        run_id: of the run that holds it.
    """

    figure: str
    value: str
    where: str
    run_id: str


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure of a run.

    Attributes:
        caption: what it shows.
        png: its content.
    """

    caption: str
    png: bytes


Part = Said | Plain | Listing | Picture


@dataclass(frozen=True, eq=False)
class Section:
    """A part of the report.

    Attributes:
        title: heading.
        status: what became of its question.
        summary: one line for the first page.
        parts: sentences, tables and pictures in order.
        traces: where its figures were read.
    """

    title: str
    status: Status
    summary: str
    parts: Sequence[Part]
    traces: Sequence[Trace]


@dataclass(eq=False)
class Reader:
    """Reads figures out of runs for one section; what was not read through it must not be in the section."""

    evidence: Evidence
    traces: list[Trace] = field(default_factory=list)

    @property
    def model(self) -> Run:
        return self.evidence.model

    def metric(self, run: Run, name: str, form: str = ".4f", figure: str = "") -> str:
        """A measure as text; ``not on record`` where the run has none."""
        if name not in run.metrics:
            return NOT_ON_RECORD
        return self._noted(figure or name, format(run.metrics[name], form), f"metric {name}", run)

    def estimate(self, run: Run, name: str, figure: str = "") -> Estimate | None:
        """A measure with its interval; ``None`` where the run has none."""
        names = (name, f"{name}_low", f"{name}_high")
        if not set(names) <= run.metrics.keys():
            return None
        found = Estimate(*(run.metrics[one] for one in names))
        text = f"{found.value:.4f} ({found.low:.4f} to {found.high:.4f})"
        self._noted(figure or name, text, f"metrics {', '.join(names)}", run)
        return found

    def param(self, run: Run, name: str, figure: str = "") -> str:
        """A parameter as text; ``not on record`` where the run has none."""
        if name not in run.params:
            return NOT_ON_RECORD
        return self._noted(figure or name, run.params[name], f"parameter {name}", run)

    def tag(self, run: Run, name: str, figure: str = "") -> str:
        """A tag as text; ``not on record`` where the run has none."""
        if name not in run.tags:
            return NOT_ON_RECORD
        return self._noted(figure or name, run.tags[name], f"tag {name}", run)

    def card(self, heading: str) -> list[Block]:
        """The part of the model card under a heading; empty where the card has none."""
        return self.file(self.model, "model_card.md", heading)

    def file(self, run: Run, path: str, heading: str = "") -> list[Block]:
        """A Markdown file of a run, or its part under a heading, as sentences and tables."""
        found = blocks(run.texts.get(path, ""), heading)
        if found:
            what = f"{heading.lower()}: sentences and tables" if heading else f"{run.group}: sentences and tables"
            self._noted(what, f"{len(found)} parts, quoted whole", f"file {path}", run)
        return found

    def pictures(self, run: Run, *names: str) -> list[Picture]:
        """Figures of a run by name, or all; those it does not have are left out."""
        wanted = [name for name in (names or run.pictures) if name in run.pictures]
        for name in wanted:
            self._noted(f"figure {name}", "picture", f"file figures/{name}.png", run)
        return [Picture(f"{name.replace('_', ' ')} ({run.name})", run.pictures[name]) for name in wanted]

    def study(self, kind: str, command: str) -> "tuple[list[Part], bool]":
        """All that a study of the model or its rows says, or one sentence that it was not made; and whether it was."""
        run = self.evidence.studies.get(kind)
        if run is None:
            return [not_examined(self.evidence, kind, command)], False
        found: list[Part] = [
            Said(f"From the study `{kind}` of {run.day}, run `{run.run_id}`, of this model or its rows:")
        ]
        found += [part for part in self.file(run, "study.md") if part != WARNED]
        found += self.pictures(run)
        return found, True

    def _noted(self, figure: str, value: str, where: str, run: Run) -> str:
        self.traces.append(Trace(figure, value, where, run.run_id))
        return value

    def first_point(self, kind: str) -> str:
        """What a study says first, for the first page; empty where it was not made or says nothing."""
        run = self.evidence.studies.get(kind)
        points = (
            [part.text for part in self.file(run, "study.md") if isinstance(part, Said) and part.point] if run else []
        )
        return points[0] if points else ""


NOT_ON_RECORD = "not on record"

WARNED = Said(f"**{SIMULATED}**")
"""What every study of simulated data says; the report says it once, at its head."""


def not_examined(evidence: Evidence, kind: str, command: str) -> Said:
    """That a study is missing, why, and what would make it."""
    others = evidence.elsewhere.get(kind, ())
    why = (
        f"the {len(others)} runs of `{kind}` on record are of other rows or models"
        if others
        else f"no run of `{kind}` is on record"
    )
    return Said(f"**Not examined**: {why}. `{command}` makes one.")


Writer = Callable[[Reader], Section]
"""Writes one section."""


def status_of(*examined: bool) -> Status:
    """Of a section that asks several studies."""
    if all(examined):
        return Status.EXAMINED
    return Status.IN_PART if any(examined) else Status.NOT
