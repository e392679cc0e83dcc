"""The report: first page, sections, and where each figure was read."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.listing import Listing, listing
from experiments.validation.evidence import Evidence
from experiments.validation.section import Reader, Section
from experiments.validation.sections import SECTIONS


@dataclass(frozen=True, eq=False)
class Report:
    """A validation report, before it is a page.

    Attributes:
        title: with the model's version.
        run_id: of the model's run.
        simulated: whether the companies are made up.
        sections: in order.
    """

    title: str
    run_id: str
    simulated: bool
    sections: Sequence[Section]

    def contents(self) -> Listing:
        """The first page: each section, what became of it, its line."""
        rows = [
            (str(place), section.title, str(section.status), section.summary)
            for place, section in enumerate(self.sections, start=1)
        ]
        return listing("on one page", "no|section|status|in a line", rows)

    def traces(self) -> Listing:
        """The last page: every figure with the run and the metric, parameter or file it was read from."""
        rows = dict.fromkeys(
            (section.title, trace.figure, trace.value, trace.where, trace.run_id)
            for section in self.sections
            for trace in section.traces
        )
        return listing("where each figure was read", "section|figure|value|MLflow|run", rows)


def report(evidence: Evidence) -> Report:
    """Write every section from what is on record."""
    model = evidence.model
    return Report(
        title=f"Validation report: {model.tags.get('bundle_version', model.name)}",
        run_id=model.run_id,
        simulated=model.tags.get("simulated") == "true",
        sections=[write(Reader(evidence)) for write in SECTIONS],
    )
