"""A revocation while the service runs, while a batch runs, and between computing a score and recording it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import select

from alliance import grants
from alliance.errors import Refused
from alliance.store import Decision, Store
from alliance.store.schema import decision
from scoring.batch import Job, run
from scoring.decide import Scorer, ScoreRequest

AS_OF = date(2026, 6, 30)
CHUNK = 4


def asked(company: str) -> ScoreRequest:
    return ScoreRequest(company=company, as_of=AS_OF, member="bank", purpose="research")


def points(scorer: Scorer, companies: list[str]) -> list[float]:
    """Points of companies by what may be read now."""
    made = scorer.decide_many([asked(company) for company in companies])
    return [one.result["points"] for one in made if isinstance(one, Decision)]


def recorded(store: Store) -> dict[str, set[str]]:
    """Every decision in the store, with the grants it relied on."""
    with store.reading() as connection:
        ids = list(connection.scalars(select(decision.c.decision_id)))
    return {one: set(store.decision(one).grants) for one in ids}


def test_rows_after_a_revocation_do_not_use_what_was_revoked(
    closed: Store, toy: Any, lend: Callable[..., str], tmp_path: Path
) -> None:
    staff, rounds = lend("hr"), lend("fund")
    companies = list(toy.numbers[:12])
    scorer, source = toy.scorer(closed), tmp_path / "companies.csv"
    pl.DataFrame({"company": companies}).write_csv(source)
    before = points(scorer, companies)

    def revoke_after_a_chunk(done: int, _total: int) -> None:
        if done == CHUNK:
            grants.revoke(closed, staff, author="hr", reason="We part.")

    job = Job(source=source, target=tmp_path / "scores.parquet", as_of=AS_OF, member="bank", purpose="research")
    summary = run(scorer, job, chunk_size=CHUNK, progress=revoke_after_a_chunk)
    told = pl.read_parquet(summary.scores)
    without = points(scorer, companies)
    assert told["points"].to_list() == before[:CHUNK] + without[CHUNK:]
    assert all(one != other for one, other in zip(before, without, strict=True)), "what was revoked mattered"
    of_run = [under for one, under in recorded(closed).items() if one in told["decision_id"].to_list()]
    assert sorted(map(sorted, of_run)) == sorted([sorted({staff, rounds})] * CHUNK + [[rounds]] * (12 - CHUNK))


def test_a_batch_ends_refused_when_nothing_may_be_read_any_more(
    closed: Store, toy: Any, lend: Callable[..., str], tmp_path: Path
) -> None:
    only = lend("hr")
    source = tmp_path / "companies.csv"
    pl.DataFrame({"company": toy.numbers[:8]}).write_csv(source)
    job = Job(source=source, target=tmp_path / "scores.parquet", as_of=AS_OF, member="bank", purpose="research")

    def revoke_after_a_chunk(done: int, _total: int) -> None:
        if done == CHUNK:
            grants.revoke(closed, only, author="hr", reason="We part.")

    summary = run(toy.scorer(closed), job, chunk_size=CHUNK, progress=revoke_after_a_chunk)
    assert (summary.scored, summary.rejected) == (CHUNK, 8 - CHUNK)
    rejects = pl.read_csv(summary.rejects, infer_schema=False)
    assert set(rejects["code"]) == {"rights.refused"}


def test_a_revocation_between_computing_and_recording_makes_the_score_anew(
    closed: Store, toy: Any, lend: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    staff, rounds = lend("hr"), lend("fund")
    scorer = toy.scorer(closed)
    record, tried = scorer.recorder.record, []

    def revoked_at_the_last_moment(made: Any, *more: Any, **rights: Any) -> bool:
        if not tried:
            grants.revoke(closed, staff, author="hr", reason="We part.")
        tried.append([set(one.grants) for one in made])
        return record(made, *more, **rights)

    monkeypatch.setattr(scorer.recorder, "record", revoked_at_the_last_moment)
    made = scorer.decide_many([asked(toy.numbers[1]), asked(toy.numbers[2])])
    assert tried == [[{staff, rounds}] * 2, [{rounds}] * 2]
    assert [set(one.grants) for one in made if isinstance(one, Decision)] == [{rounds}] * 2
    assert list(recorded(closed).values()) == [{rounds}] * 2, "of the first attempt nothing is kept"
    assert [one.result["points"] for one in made if isinstance(one, Decision)] == points(scorer, [*toy.numbers[1:3]])


def test_what_changes_nothing_of_rights_lets_a_score_be_recorded_at_once(
    closed: Store, toy: Any, lend: Callable[..., str], plant: Callable[[Store, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    lend("fund")
    scorer = toy.scorer(closed)
    record, tried = scorer.recorder.record, []

    def after_another_file(made: Any, *more: Any, **rights: Any) -> bool:
        if not tried:
            plant(closed, "2026-06-29")
        tried.append(len(made))
        return record(made, *more, **rights)

    monkeypatch.setattr(scorer.recorder, "record", after_another_file)
    scorer.decide(asked(toy.numbers[4]))
    assert tried == [1]


def test_a_replay_reads_nothing_that_was_revoked(closed: Store, toy: Any, lend: Callable[..., str]) -> None:
    only = lend("hr")
    scorer = toy.scorer(closed)
    made = scorer.decide(asked(toy.numbers[1]))
    assert scorer.replay(made.decision_id).same
    grants.revoke(closed, only, author="hr", reason="We part.")
    with pytest.raises(Refused):
        scorer.replay(made.decision_id)
