"""A million claims made into facts, against the same rule as a pandas user would write it."""

import resource
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd
import polars as pl

from alliance.corroboration import corroborate, warm_up
from alliance.corroboration.kernel import MAJORITY
from alliance.corroboration.reliability import PRIOR, Voice, Voices, newcomer, voice
from alliance.signals import SIGNALS, Field, FieldType, Signal, signal_named
from alliance.signals.claims import Claims, no_claims, ordered
from bench.alliance import AS_OF, Measured
from bench.measure import Comparison, Limit, compare, timed

RECORDS, COMPANIES, MEMBERS = 1_000_000, 50_000, 30
SAMPLE = 1_000
"""Records of the comparison: all of them would keep pandas busy for many minutes."""

GIVEN = {"cash_position": 0.5, "headcount": 0.3, "company_profile": 0.2}
"""Signals of the records, and the share of each."""

_DAY = date(2020, 1, 1)


def voices() -> Voices:
    """Members of different worth; one repeats another."""
    of_all = {f"m{place:02}": voice(f"m{place:02}", PRIOR - 0.01 * place, 0.3) for place in range(MEMBERS - 1)}
    of_all[f"m{MEMBERS - 1:02}"] = of_all["m00"]
    return dict.fromkeys(GIVEN, of_all)


def claims(records: int, companies: int) -> Claims:
    """Claims by chance: members mostly agree, are somewhat off, and are wrong at times."""
    frames = {signal.name: no_claims(signal) for signal in SIGNALS}
    generator = np.random.default_rng(7)
    for name, share in GIVEN.items():
        frames[name] = _claimed(signal_named(name), int(records * share), companies, generator)
    return Claims(frames, 1)


def _claimed(signal: Signal, records: int, companies: int, generator: np.random.Generator) -> pl.DataFrame:
    company, quarter = generator.integers(companies, size=records), generator.integers(3, size=records)
    event = np.datetime64(_DAY) + 91 * quarter + generator.integers(60, size=records)
    known = event + generator.integers(90, size=records)
    member = generator.integers(MEMBERS, size=records)
    columns = {
        "subject_id": pl.Series(company).cast(pl.String).str.zfill(8),
        "key": pl.Series(quarter).cast(pl.String) if signal.key else pl.Series([""] * records),
        "member": pl.Series(member).cast(pl.String).str.zfill(2).str.replace("^", "m"),
        "event_at": pl.Series(event.astype("datetime64[ms]")).cast(pl.Date),
        "known_at": pl.Series(known.astype("datetime64[ms]")).cast(pl.Date),
        "submission_no": pl.repeat(1, records, dtype=pl.Int64, eager=True),
        "row": pl.int_range(records, eager=True),
    }
    values = {field.name: _values(field, company + 7 * quarter, columns, generator) for field in signal.fields}
    return ordered(signal, pl.DataFrame(columns | values | {signal.event: columns["event_at"]}))


def _values(
    field: Field, fact: "np.ndarray[tuple[int], np.dtype[np.int64]]", given: Mapping[str, pl.Series],
    generator: np.random.Generator,
) -> pl.Series:  # fmt: skip
    wrong = generator.random(len(fact)) < 0.05
    if field.values:
        place = (fact + wrong) % len(field.values)
        return pl.Series(np.array(field.values)[place])
    if field.type is FieldType.DATE:
        return pl.Series(np.datetime64(_DAY) + fact % 900 + 400 * wrong).cast(pl.Date)
    if field.type is FieldType.TEXT:
        return given["subject_id"]
    truth = 1000 * (1 + fact % 997) * np.exp(0.05 * generator.standard_normal(len(fact))) * (1 + wrong)
    return pl.Series(truth).cast(field.dtype) if field.type is not FieldType.SHARE else pl.Series((fact % 97) / 97)


def million(records: int = RECORDS) -> list[Limit]:
    """So many records: seconds, and gigabytes at the most, of this whole process so far."""
    companies = COMPANIES * records // RECORDS
    made, weights = claims(records, companies), voices()
    warm_up()
    seconds = timed(lambda: corroborate(made, [], AS_OF, weights))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    what = f"corroboration, {records:,} records of {companies:,} companies from {MEMBERS} members"
    return [
        Limit(what, seconds, "s", 20.0 * records / RECORDS),
        Limit(f"{what}: peak memory of the process", memory, "GiB", 4.0),
    ]


def one_company(measured: Measured) -> Limit:
    """The rule inside the score path, for one company: the mean over the borrowers."""
    store = measured.scorer.store
    of_each = [store.claims([company], known_by=AS_OF) for company in measured.borrowers]
    weights = store.reliabilities().voices(AS_OF)

    def all_of_them() -> None:
        for company, made in zip(measured.borrowers, of_each, strict=True):
            corroborate(made, [company], AS_OF, weights)

    all_of_them()
    return Limit("corroboration, one company", 1000 * timed(all_of_them) / len(of_each), "ms", 3.0)


def against_pandas(records: int = SAMPLE, runs: int = 3) -> Comparison:
    """Both sides make facts of the same claims by the same rule."""
    made, weights = claims(records, COMPANIES * records // RECORDS), voices()
    tables = {name: made.frames[name].to_pandas() for name in GIVEN}

    def peer(_: int) -> None:
        for name, table in tables.items():
            signal = signal_named(name)
            table.groupby(["subject_id", "key"]).apply(_fact, signal, weights[name])

    return compare(
        "corroboration", lambda _: corroborate(made, [], AS_OF, weights), peer, unit=f"{records:,} records",
        peer_name="pandas groupby-apply of the same rule", aim=20.0, runs=runs,
    )  # fmt: skip


def _fact(group: pd.DataFrame, signal: Signal, weights: Mapping[str, Voice]) -> pd.Series:
    """The rule for one fact, field by field."""
    return pd.Series({field.name: _value(group, field, signal, weights) for field in signal.fields})


def _value(group: pd.DataFrame, field: Field, signal: Signal, weights: Mapping[str, Voice]) -> object:
    latest = group.dropna(subset=[field.name]).sort_values(["known_at", "row"]).groupby("member").tail(1)
    latest = latest if not field.compared else latest.sort_values("member")
    if not field.compared or len(latest) < 2:
        return latest[field.name].iloc[-1] if len(latest) else None
    if field.lasts is not None:
        for day in ("event_at", "known_at"):
            latest = latest[latest[day] >= latest[day].max() - pd.Timedelta(days=field.lasts)]
    roots = [weights.get(member, newcomer(member)).root for member in latest["member"]]
    voiced = latest.assign(root=roots).drop_duplicates("root")
    said = list(voiced[field.name])
    weight = [weights.get(root, newcomer(root)).weight for root in voiced["root"]]
    near = [[(o, w) for o, w in zip(said, weight, strict=True) if _near(field, one, o)] for one in said]
    ranked = [
        (sum(w for _, w in agreeing), -sum(w * _apart(one, o) for o, w in agreeing), -place)
        for place, (one, agreeing) in enumerate(zip(said, near, strict=True))
    ]
    best = max(ranked)
    if best[0] < MAJORITY * sum(weight) and field.name not in signal.settled:
        return None
    return _mean(field, said, said[-best[2]])


def _mean(field: Field, said: Sequence[object], best: object) -> object:
    if field.values or field.type in {FieldType.DATE, FieldType.FLAG}:
        return best
    return np.mean([one for one in said if _near(field, one, best)])


def _apart(one: object, other: object) -> float:
    if isinstance(one, pd.Timestamp) and isinstance(other, pd.Timestamp):
        return float(abs((one - other).days))
    return 0.0 if isinstance(one, str | bool) else abs(float(str(one)) - float(str(other)))


def _near(field: Field, one: object, other: object) -> bool:
    if isinstance(one, pd.Timestamp):
        return _apart(one, other) <= field.tolerance.absolute
    if isinstance(one, str | bool) or isinstance(other, str | bool):
        return one == other
    larger = max(abs(float(str(one))), abs(float(str(other))))
    return _apart(one, other) <= max(field.tolerance.absolute, field.tolerance.relative * larger)
