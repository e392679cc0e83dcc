"""A panel, companies x quarter ends, against the same table made with pandas: groupby and merge_asof, day by day.

``python -m bench.panel`` makes the large one alone, so that its peak of memory is its own.
"""

import resource
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import polars as pl
from pandas.testing import assert_frame_equal

from alliance.policy import shipped_rules
from alliance.rights import AccessRequest, RightsState
from alliance.rights.decision import decide
from alliance.signals import SIGNALS, signal_named
from alliance.signals.claims import Claims, claim_schema, no_claims, ordered
from alliance.terminal import out
from alliance.view import History
from bench.measure import Comparison, Limit, compare
from experiments.outcome import outcome_named
from experiments.panel import panel, quarter_ends
from scoring.features.catalogue import feature_named
from scoring.months import months_after

COMPANIES, WHOLE = 5_000, 50_000
"""Companies of the comparison, and of the panel that has to fit into memory."""

HORIZON = 12
"""Months."""

CUT = date(2023, 12, 31)
DAYS = quarter_ends(date(2017, 1, 1), date(2022, 12, 31))

FEATURES = (
    "round_count", "round_count_12m", "round_last_age", "round_total_amount", "headcount_employees",
    "headcount_to_peak", "headcount_growth", "cash_balance", "cash_burn_growth", "cash_age",
)  # fmt: skip

_START = np.datetime64("2015-01-01")
_QUARTERS, _ROUNDS = 32, 6
_YEAR, _YEAR_APART = pd.Timedelta(days=365), pd.Timedelta(days=335)

_NUMBERS = ("amount", "employees", "cash", "monthly_burn")

Table = pd.DataFrame
Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
Texts = np.ndarray[tuple[int], np.dtype[np.str_]]
Days = np.ndarray[tuple[int], np.dtype[np.datetime64]]


def history(companies: int) -> History:
    """What two members say of companies: a profile each, six rounds, eight years of quarterly reports, some closures.

    The second says half of what the first does, later, its numbers off by an even amount of 2 per cent at the most. A
    twentieth of the companies close.
    """
    draw = np.random.default_rng(7)
    ids = np.char.add("co_", np.char.zfill(np.arange(companies).astype(str), 6))
    quarters, rounds = (np.tile(np.arange(many), companies) for many in (_QUARTERS, _ROUNDS))
    reported = _START + 91 * quarters + draw.integers(60, size=len(quarters))
    raised = _START + 480 * rounds + draw.integers(440, size=len(rounds))
    closed = np.flatnonzero(draw.random(companies) < 0.05)
    staff, burn = draw.integers(5, 400, size=len(quarters)), draw.integers(10**4, 10**7, size=len(quarters))
    stages = np.array(("angel", "seed", "series_a", "series_b", "series_c", "series_d"))[rounds]
    told: dict[str, tuple[Ints, Days, dict[str, object]]] = {
        "company_profile": (np.arange(companies), np.full(companies, _START), {"status": ["operating"] * companies}),
        "funding_round": (
            np.repeat(np.arange(companies), _ROUNDS), raised,
            {"stage": stages, "amount": draw.integers(10**6, 10**8, size=len(rounds))},
        ),
        "headcount": (np.repeat(np.arange(companies), _QUARTERS), reported, {"employees": staff}),
        "cash_position": (
            np.repeat(np.arange(companies), _QUARTERS), reported,
            {"cash": burn * draw.integers(1, 40, size=len(burn)), "monthly_burn": burn},
        ),
        "credit_event": (
            closed, _START + draw.integers(3_200, size=len(closed)), {"kind": ["closure"] * len(closed)},
        ),
    }  # fmt: skip
    frames = {signal.name: no_claims(signal) for signal in SIGNALS}
    frames |= {name: _claims(name, ids[who], when, fields, draw) for name, (who, when, fields) in told.items()}
    access = decide(RightsState(rules=shipped_rules()), AccessRequest("bench", "research"), datetime.now(UTC))
    return History(Claims(frames, 1), access, ids.tolist())


def _claims(name: str, who: Texts, when: Days, fields: Mapping[str, object], draw: np.random.Generator) -> pl.DataFrame:
    signal = signal_named(name)
    days = pl.Series(when.astype("datetime64[ms]")).cast(pl.Date)
    first = pl.DataFrame({"subject_id": who.tolist(), signal.event: days, **fields}).with_columns(
        key=pl.lit("") if not signal.key else days.dt.to_string(),
        member=pl.lit("first"),
        event_at=days,
        known_at=days + pl.Series(draw.integers(5, 60, size=len(who))) * pl.duration(days=1),
        submission_no=pl.lit(1, pl.Int64),
        row=pl.int_range(1, len(who) + 1),
    )
    off = pl.Series(draw.integers(0, 2, size=len(who)))
    second = first.with_columns(
        pl.lit("second").alias("member"),
        pl.col("known_at") + pl.duration(days=40),
        *(pl.col(name) + off * (pl.col(name) // 100 * 2) for name in _NUMBERS if name in fields),
    ).filter(pl.Series(draw.random(len(who)) < 0.5))
    told = pl.concat([first, second])
    missing = [pl.lit(None, kind).alias(of) for of, kind in claim_schema(signal).items() if of not in told.columns]
    told = told.with_columns(missing).with_columns(pl.col(of).cast(kind) for of, kind in claim_schema(signal).items())
    return ordered(signal, told)


def panels(companies: int = COMPANIES, runs: int = 3) -> list[Comparison]:
    """Both make the same table, which is looked at once; pandas is given categories and sorted tables."""
    told = history(companies)
    tables = {name: _table(frame) for name, frame in told.claims.frames.items() if not frame.is_empty()}
    assert_frame_equal(ours(told), theirs(tables), check_dtype=False, check_exact=False, rtol=1e-12)
    return [
        compare(
            "panel", lambda _: ours(told), lambda _: theirs(tables),
            unit=f"{companies:,} companies x {len(DAYS)} days, {len(FEATURES)} features",
            peer_name="pandas groupby and merge_asof", aim=10.0, runs=runs,
        )
    ]  # fmt: skip


def whole() -> list[Limit]:
    """The large panel: seconds, and gigabytes at the most, of this whole process so far."""
    told = history(WHOLE)
    started = time.perf_counter()
    rows = len(ours(told))
    seconds, memory = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    what = f"panel, {WHOLE:,} companies x {len(DAYS)} days ({rows:,} rows)"
    return [Limit(what, seconds, "s", 60.0), Limit(f"{what}: peak memory of the process", memory, "GiB", 4.0)]


def ours(told: History) -> Table:
    made = panel(
        told, DAYS, outcome_named("closure"), HORIZON, features=[feature_named(name) for name in FEATURES], data_cut=CUT
    )
    return made.frame.drop("vintage").to_pandas()


def _table(frame: pl.DataFrame) -> Table:
    days = dict.fromkeys(("event_at", "known_at"), "datetime64[us]")
    table = frame.to_pandas().astype({"subject_id": "category", "key": "category", **days})
    return table.sort_values(["event_at", "key"])


def theirs(tables: Mapping[str, Table]) -> Table:
    closures = tables["credit_event"]
    closures = closures[closures["known_at"] <= pd.Timestamp(CUT)]
    return pd.concat([_day(tables, closures, pd.Timestamp(day)) for day in DAYS], ignore_index=True)


def _day(tables: Mapping[str, Table], closures: Table, day: pd.Timestamp) -> Table:
    facts = {name: _facts(table, day) for name, table in tables.items()}
    gone = facts["credit_event"]["subject_id"]
    profiles = facts["company_profile"]["subject_id"]
    rows = pd.DataFrame(index=pd.Index(sorted(set(profiles) - set(gone)), name="company_id"))
    rows["as_of"] = day
    for part in (_rounds(facts["funding_round"], day), _staff(facts["headcount"]), _cash(facts["cash_position"], day)):
        rows = rows.join(part)
    until = pd.Timestamp(months_after(day.date(), HORIZON))
    late = closures[(closures["event_at"] > day) & (closures["event_at"] <= until)]
    rows["label"] = rows.index.isin(late["subject_id"])
    return rows.reset_index()


def _facts(table: Table, day: pd.Timestamp) -> Table:
    """One row a fact, its numbers the means of what the two say: here they always agree, and weigh the same."""
    known = table[(table["known_at"] <= day) & (table["event_at"] <= day)]
    told = dict.fromkeys((name for name in _NUMBERS if name in table and table[name].any()), "mean")
    facts = known.groupby(["subject_id", "key"], observed=True, sort=False)
    made = facts.agg({"event_at": "first", **told}).reset_index()
    return made.assign(**{name: made[name].round() for name in told})


def _rounds(facts: Table, day: pd.Timestamp) -> Table:
    facts = facts.assign(young=facts["event_at"] > day - _YEAR)
    made = facts.groupby("subject_id", observed=True).agg(
        round_count=("event_at", "size"), round_count_12m=("young", "sum"), last=("event_at", "max"),
        round_total_amount=("amount", "sum"),
    )  # fmt: skip
    made.insert(2, "round_last_age", (day - made.pop("last")).dt.days)
    return made.astype(float)


def _staff(facts: Table) -> Table:
    grouped = facts.groupby("subject_id", observed=True)["employees"]
    last = grouped.last()
    return pd.DataFrame(
        {
            "headcount_employees": last.astype(float),
            "headcount_to_peak": last / grouped.max(),
            "headcount_growth": _growth(facts, "employees"),
        }
    )


def _cash(facts: Table, day: pd.Timestamp) -> Table:
    grouped = facts.groupby("subject_id", observed=True)
    return pd.DataFrame(
        {
            "cash_balance": grouped["cash"].last().astype(float),
            "cash_burn_growth": _growth(facts, "monthly_burn"),
            "cash_age": (day - grouped["event_at"].max()).dt.days.astype(float),
        }
    )


def _growth(facts: Table, field: str) -> "pd.Series[float]":
    """The latest value against the latest of a year before it."""
    latest = facts.groupby("subject_id", observed=True)[["event_at", field]].last().reset_index()
    latest["before"] = latest["event_at"] - _YEAR_APART
    earlier = facts[["subject_id", "event_at", field]].rename(columns={"event_at": "at", field: "was"})
    pairs = pd.merge_asof(
        latest.sort_values("before"), earlier, left_on="before", right_on="at", by="subject_id"
    ).set_index("subject_id")
    return (pairs[field] / pairs["was"]).where(pairs["was"] > 0) - 1


if __name__ == "__main__":
    for limit in whole():
        out.print(f"{limit.name}: {limit.measured:.4g} {limit.unit} (limit {limit.limit:g})")
