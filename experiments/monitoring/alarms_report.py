"""How often the rule is wrong, as a study."""

from collections.abc import Mapping, Sequence

from experiments.listing import Listing, listing
from experiments.metrics import Estimate
from experiments.monitoring.alarms import Alarms
from experiments.monitoring.plan import Plan
from experiments.study import Study
from experiments.study_plots import forest_figure

QUESTION = (
    "How often is a challenger proposed that is not needed, and how often one that is? Years of four quarters, each a"
    " sample of the companies the model was last examined on, under the monitoring plan."
)


def alarms_study(
    plan: Plan, found: Sequence[Alarms], about: str, *, params: Mapping[str, object], outcomes: float, simulated: bool
) -> Study:
    """Tables and figures.

    Args:
        outcomes: expected among the companies of one quarter.
    """
    false = [one for one in found if not one.drift]
    kept = all(one.interval()[0] <= plan.per_year for one in false)
    shares = {_name(one): Estimate(one.share, *one.interval()) for one in found}
    return Study(
        kind="alarms",
        data="store",
        about=about,
        question=QUESTION,
        says=(
            f"In a stable world a challenger is proposed in {min(one.share for one in false):.1%} to"
            f" {max(one.share for one in false):.1%} of the years; the plan allows {plan.per_year:.0%}: "
            + ("kept." if kept else "NOT KEPT."),
            f"A quarter has {found[-1].companies:,} companies where drifts are planted, {outcomes:.0f} outcomes"
            " expected; quarters of one year are held against outcomes of companies drawn anew.",
        ),
        listings=(alarms_listing(found),),
        params=dict(params),
        metrics={f"proposed.{place}": one for place, one in enumerate(shares.values())},
        figures={"alarms": forest_figure("years with a proposal", shares, "share of years", mark=plan.per_year)},
        simulated=simulated,
    )


def alarms_listing(found: Sequence[Alarms]) -> Listing:
    """One row a world."""
    rules = tuple(found[0].by_rule)
    rows = [
        (one.world, "drift" if one.drift else "none", f"{one.companies:,}", f"{one.share:.1%}",
         " to ".join(f"{end:.1%}" for end in one.interval()),
         *(f"{one.by_rule[name] / one.years:.1%}" for name in rules))
        for one in found
    ]  # fmt: skip
    heads = "|".join(("companies", "proposed", "95% interval", *rules))
    return listing(
        f"share of {found[0].years:,} years with a proposal, and by the rule that made it",
        f"world|planted|{heads}",
        rows,
        heads,
    )


def _name(one: Alarms) -> str:
    return f"{one.world}, {one.companies:,}"
