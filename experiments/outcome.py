"""What a model learns to foresee, and of which companies it can be foreseen."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from alliance.corroboration.facts import Facts
from alliance.errors import NotFound
from alliance.signals.outcome import KINDS_OF

FINAL = ("write_off", "closure", "acquisition", "listing")
"""Credit events after which a company is no longer the start-up a lender would look at; no cure undoes them."""

GONE = ("closed", "acquired", "listed")
"""Profile statuses that say the same."""

AtRisk = Callable[[Facts], pl.Series]
"""Facts as of a day -> ids of the companies the outcome can befall after it, sorted."""


@dataclass(frozen=True)
class Outcome:
    """An outcome to foresee.

    Attributes:
        name: what bundles and reports call it.
        kinds: kinds of ``credit_event`` that are the outcome.
        at_risk: the companies it can befall.
    """

    name: str
    kinds: tuple[str, ...]
    at_risk: AtRisk


def alive(facts: Facts) -> pl.Series:
    """Ids of companies that are known (have a profile) and that nothing final has befallen, as of the facts' day.

    A company in default is not at risk, since the outcome has happened already; from its cure on it is again, unless it
    defaults anew. A cure on the day of a default counts as after it. Ended by a final event, or by a profile whose
    status says so, it never is.
    """
    profiles = facts.frames["company_profile"]
    going = profiles.filter(~pl.col("status").is_in(GONE).fill_null(False)).select("subject_id")
    events = facts.frames["credit_event"]
    ended = events.filter(pl.col("kind").is_in(FINAL))
    last = events.group_by("subject_id").agg(
        pl.col("event_at").filter(pl.col("kind") == kind).max().alias(kind) for kind in ("default", "cure")
    )
    uncured = last.filter(
        pl.col("default").is_not_null(), (pl.col("cure") >= pl.col("default")).fill_null(False).not_()
    )
    of_company = going.filter(pl.col("subject_id").is_in(facts.companies))
    remaining = of_company.join(ended, on="subject_id", how="anti").join(uncured, on="subject_id", how="anti")
    return remaining["subject_id"].unique().sort()


def borrowing(facts: Facts) -> pl.Series:
    """Ids of companies alive with an open facility: opened, not matured, not repaid, as of the facts' day.

    A ``repaid`` event closes the facility it names; one that names none closes all that were open by then.
    """
    facilities = (
        facts.frames["facility"]
        .filter(pl.col("matures_on").is_null() | (pl.col("matures_on") > facts.as_of))
        .select("subject_id", "facility_no", "event_at")
    )
    repaid = facts.frames["credit_event"].filter(pl.col("kind") == "repaid")
    of_all = (
        repaid.filter(pl.col("facility_no").is_null()).group_by("subject_id").agg(repaid_on=pl.col("event_at").max())
    )
    still_open = (
        facilities.join(repaid, on=["subject_id", "facility_no"], how="anti")
        .join(of_all, on="subject_id", how="left")
        .filter((pl.col("repaid_on") >= pl.col("event_at")).fill_null(False).not_())
    )
    companies = alive(facts)
    return companies.filter(companies.is_in(still_open["subject_id"].unique().implode()))


OUTCOMES: tuple[Outcome, ...] = (
    Outcome(name="default", kinds=KINDS_OF["default"], at_risk=borrowing),
    Outcome(name="closure", kinds=KINDS_OF["closure"], at_risk=alive),
)


def outcome_named(name: str) -> Outcome:
    """The outcome of that name.

    Raises:
        NotFound: no such outcome; the remedy lists those there are.
    """
    for outcome in OUTCOMES:
        if outcome.name == name:
            return outcome
    known = ", ".join(outcome.name for outcome in OUTCOMES)
    raise NotFound(f"There is no outcome {name!r}.", remedy=f"Use one of {known}.", field="outcome")
