"""Whether PDs are as high as what happens."""

from experiments.listing import Listing, listing
from experiments.validation.cards import Said
from experiments.validation.section import Reader, Section, status_of

BINS = "bin"
"""First head of the model card's table of foretold and observed."""


def calibration(reader: Reader) -> Section:
    """Slope and intercept, foretold against observed, and the study of intervals around a PD."""
    run = reader.model
    rows = [
        (name, reader.metric(run, f"calibration_{name}", ".3f", f"calibration {name}"), perfect)
        for name, perfect in (("slope", "1"), ("intercept", "0"))
    ]
    bins = [part for part in reader.card("Performance on the test rows")
            if isinstance(part, Listing) and part.columns[0] == BINS]  # fmt: skip
    certainty, sure = reader.study("certainty", "experiments certainty")
    named = [Listing("foretold and observed, in bins of equal numbers of rows", one.columns, one.rows, one.columns)
             for one in bins]  # fmt: skip
    return Section(
        title="Calibration",
        status=status_of(bool(bins), sure),
        summary=f"slope {rows[0][1]}, intercept {rows[1][1]}",
        parts=[
            listing("level on the test rows", "measure|value|perfect", rows, "value|perfect"),
            Said("A slope above 1: PDs spread too little; an intercept above 0: PDs are too low on the average."),
            *named,
            *reader.pictures(run, "reliability"),
            *certainty,
        ],
        traces=reader.traces,
    )
