"""The world is as its README says: dates, rates, labels."""

from datetime import date

import polars as pl

from seeds import parameters as p
from seeds import truth
from seeds.traces import traces
from seeds.traces.outcome import credit_events
from seeds.world import World, simulate


def test_same_seed_same_world(world: World) -> None:
    again = simulate(len(world.companies), world.seed)
    assert again.companies.equals(world.companies)
    assert again.events.equals(world.events)
    assert again.rounds.equals(world.rounds)
    other = simulate(200, 8)
    assert not other.events.equals(simulate(200, 9).events)


def test_dates_lie_where_they_should(world: World) -> None:
    founded = world.companies["founded_on"]
    assert founded.min() >= date(2012, 1, 1) and founded.max() <= date(2023, 12, 31)
    opened = world.facilities["opened_on"]
    assert set(opened.dt.year()) == {2019, 2020, 2021, 2022, 2023}
    assert world.events["happened_on"].max() <= world.horizon == date(2024, 12, 31)
    exits = world.events.filter(pl.col("kind").is_in(["default", "closure", "acquisition", "listing"]))
    assert exits["happened_on"].min() >= p.WINDOW_START
    assert exits["company"].is_unique().all()


def test_defaults_only_against_facilities_and_at_four_to_six_per_cent_a_year(world: World, panel: pl.DataFrame) -> None:
    borrowers = set(world.facilities["company"])
    assert set(world.events.filter(pl.col("kind") == "default")["company"]) <= borrowers
    known = panel.drop_nulls("default_12m")
    assert 0.04 < known["default_12m"].mean() < 0.065
    assert len(borrowers) / len(world.companies) > 0.6


def test_nearly_all_that_raised_a_round_borrow(world: World) -> None:
    raised = world.rounds.filter(pl.col("announced_on") < date(2022, 1, 1))["company"].n_unique()
    assert world.facilities["company"].n_unique() > 0.9 * raised


def test_labels_are_the_defaults_of_the_next_twelve_months(world: World, panel: pl.DataFrame) -> None:
    """Recounted from the days of the events, not from quarters."""
    defaults = world.events.filter(pl.col("kind") == "default").select("company", pl.col("happened_on").alias("on"))
    rows = panel.filter(pl.col("eligible")).join(defaults, on="company", how="left")
    within = (pl.col("on") > pl.col("as_of")) & (pl.col("on") <= pl.col("as_of").dt.offset_by("12mo"))
    recount = rows.with_columns(within.fill_null(False).alias("recount")).drop_nulls("default_12m")
    assert (recount["recount"] == recount["default_12m"]).all()
    assert not (rows["on"] <= rows["as_of"]).any()


def test_outcomes_are_unknown_in_the_last_year(panel: pl.DataFrame) -> None:
    late = panel.filter(pl.col("as_of") > date(2023, 12, 31))
    assert late["default_12m"].null_count() == len(late)
    assert panel.filter(~pl.col("eligible"))["default_12m"].null_count() == (~panel["eligible"]).sum()


def test_eligible_companies_have_a_facility_open_on_the_day(world: World, panel: pl.DataFrame) -> None:
    open_then = world.facilities.select("company", "opened_on", "matures_on")
    rows = panel.filter(pl.col("eligible")).join(open_then, on="company")
    held = rows.filter((pl.col("opened_on") <= pl.col("as_of")) & (pl.col("matures_on") > pl.col("as_of")))
    assert held.select("company", "as_of").n_unique() == panel["eligible"].sum()


def test_days_past_due_rise_before_default(world: World) -> None:
    repaid = traces(world).repayment_status
    defaults = world.events.filter(pl.col("kind") == "default").select("company", pl.col("quarter").alias("fell"))
    status = repaid.join(defaults, on="company", how="left")
    year_before = status.filter((pl.col("fell") - pl.col("quarter")).is_between(1, 4))["days_past_due"].mean()
    others = status.filter(pl.col("fell").is_null())["days_past_due"].mean()
    assert year_before > 3 * others
    assert status.filter(pl.col("fell") == pl.col("quarter"))["days_past_due"].min() >= 90


def test_credit_events_name_an_open_facility_of_their_bank(world: World) -> None:
    events = credit_events(world).filter(pl.col("facility_no").is_not_null())
    assert set(events["kind"]) == {"default", "write_off", "cure", "repaid"}
    facilities = traces(world).facility.select("facility_no", pl.col("company").alias("holder"), "opened_on")
    joined = events.join(facilities, on="facility_no", how="left")
    assert (joined["company"] == joined["holder"]).all()
    assert (joined["happened_on"] > joined["opened_on"]).all()


def test_the_winter_of_2022_shows(world: World) -> None:
    rounds = world.rounds.group_by(pl.col("announced_on").dt.year().alias("year")).len()
    by_year = dict(rounds.rows())
    assert by_year[2022] < by_year[2021]


def test_truth_of_companies(world: World) -> None:
    frame = truth.companies(world)
    assert len(frame) == len(world.companies)
    assert frame["defaulted_on"].is_not_null().sum() == (world.events["kind"] == "default").sum()
    assert frame["borrowed_on"].is_not_null().sum() == world.facilities["company"].n_unique()
