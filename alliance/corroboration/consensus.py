"""Many claims of one fact become one value by field, or none where members are at odds."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

import numpy as np
import polars as pl

from alliance.corroboration.arrays import FEW, Ints, arrays_of, rules_of, series, starts_of
from alliance.corroboration.facts import Facts, fact_schema, no_facts
from alliance.corroboration.kernel import consensus
from alliance.corroboration.reliability import Voice, Voices
from alliance.signals import SIGNALS, Signal
from alliance.signals.claims import Claims, claim_schema, no_claims, ordered


def corroborate(claims: Claims, companies: Sequence[str], as_of: date, voices: Voices) -> Facts:
    """Facts as known by the end of ``as_of``: claims known later, or of later events, are not looked at.

    Claims of one subject with one key are claims of one fact. Each independent member has one voice a field: its latest
    claim that fills it. Measures and dates agree within the field's tolerance, categories when equal; the value most
    weight agrees with stands if that is ``kernel.MAJORITY`` of all weight, a measure then being the mean of those that
    agree. What is older than the field ``lasts`` speaks for newer words it agrees with, never against them. Without a
    majority the field is contested and its value null, unless its declaration keeps it. Texts are not held against
    each other: the latest stands.

    Args:
        claims: what members claim.
        companies: the companies asked for.
        voices: what each member's word weighs, as learned by ``as_of``.

    Source: the weights are those of truth discovery (Dawid and Skene 1979, one coin; CRH, Li et al. 2014).
    """
    frames = {signal.name: no_facts(signal) for signal in SIGNALS}
    for signal in SIGNALS:
        frame = known_by(claims.frames[signal.name], as_of)
        if not frame.is_empty():
            starts = starts_of(frame)
            several = len(starts) - 1 < frame.height
            weighed = voices.get(signal.name, {})
            frames[signal.name] = together(signal, frame, starts, weighed) if several else alone(signal, frame)
    return Facts(as_of=as_of, companies=tuple(sorted(companies)), frames=frames, watermark=claims.watermark)


def known_by(frame: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Claims known, and of events, by a day; the frame itself where that is all of them."""
    if frame.is_empty() or all(_last(frame[name]) <= as_of for name in ("known_at", "event_at")):
        return frame
    return frame.filter(pl.col("known_at") <= as_of, pl.col("event_at") <= as_of)


def _last(days: pl.Series) -> date:
    last = days.max()
    assert isinstance(last, date)
    return last


def alone(signal: Signal, frame: pl.DataFrame) -> pl.DataFrame:
    """Facts of one claim each: what it says."""
    made = _of_few_claims(frame.height) if frame.height <= FEW else _of_one_claim(frame.height)
    return pl.DataFrame([made[name] if name in made else frame[name] for name in fact_schema(signal)])


def _of_one_claim(facts: int) -> dict[str, pl.Series]:
    """Columns of so many facts of one claim each."""
    return {
        "members": pl.Series("members", np.ones(facts, np.uint32)),
        "agreement": pl.Series("agreement", np.full(facts, np.nan), nan_to_null=True),
        "contested": pl.Series("contested", np.zeros(facts, np.uint32)),
    }


_of_few_claims = lru_cache(maxsize=64)(_of_one_claim)  # the same small numbers of facts come again and again


def together(signal: Signal, frame: pl.DataFrame, starts: Ints, voices: Mapping[str, Voice]) -> pl.DataFrame:
    """Facts of several claims: the consensus of their members."""
    claims, members, _ = arrays_of(signal, frame, starts, voices)
    picked, meant, heard, agreement, contested = consensus(claims, members, rules_of(signal))
    firsts = np.zeros(frame.height, np.bool_)
    firsts[starts[:-1]] = True
    of_fact = pl.Series(firsts)
    fields = [
        series(field, meant[place]) if field.compared else frame[field.name][picked[place]]
        for place, field in enumerate(signal.fields)
    ]
    event = next(field for field in fields if field.name == signal.event)
    known = np.maximum.reduceat(claims.known, starts[:-1])
    return pl.DataFrame(
        [
            frame["subject_id"].filter(of_fact),
            frame["key"].filter(of_fact),
            event.alias("event_at"),
            pl.Series("known_at", known.astype(np.int32)).cast(pl.Date),
            pl.Series("members", heard.astype(np.uint32)),
            pl.Series("agreement", agreement, nan_to_null=True),
            pl.Series("contested", contested.astype(np.uint32)),
            *fields,
        ]
    )


def warm_up() -> None:
    """Have the rule compiled, so that no request waits for it: seconds the first time on a machine, then little."""
    signal = SIGNALS[0]
    row = dict.fromkeys(claim_schema(signal)) | {"subject_id": "", "key": "", "submission_no": 0, "row": 0}
    days = dict.fromkeys(("event_at", "known_at", signal.event), date.min)
    two = pl.DataFrame([row | days | {"member": member} for member in ("a", "b")], schema=claim_schema(signal))
    frames = {one.name: no_claims(one) for one in SIGNALS} | {signal.name: ordered(signal, two)}
    corroborate(Claims(frames, 0), [], date.max, {})
