"""Advice on a decision, over HTTP and as typed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from alliance.store import Store
from scoring.advice.policy import shipped_policy
from scoring.cli import app

OF_SCORE = ("company_id", "as_of", "pd", "grade")
ADVICE = ("what-would-help", "next-data")


@pytest.fixture(scope="module")
def advised(client: TestClient, toy: Any) -> list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Decisions with both kinds of advice on them."""
    found = []
    for number in toy.numbers[:10]:
        made = client.post("/v1/scores", json={"company": number, "as_of": "2026-06-30"}).json()
        told = [client.get(f"/v1/decisions/{made['decision_id']}/{kind}") for kind in ADVICE]
        assert [answer.status_code for answer in told] == [200, 200], told
        found.append((made, *(answer.json() for answer in told)))
    return found


def test_advice_is_of_the_decision(advised: Any) -> None:
    for made, helped, data in advised:
        for told in (helped, data):
            assert told["decision_id"] == made["decision_id"] and told["exact"]
            assert {name: told[name] for name in OF_SCORE} == {name: made["score"][name] for name in OF_SCORE}


def test_proposals_say_what_to_do_in_both_languages(advised: Any) -> None:
    proposals = [one for _, helped, _ in advised for one in [*helped["proposals"], helped["best"]] if one]
    assert proposals
    for one in proposals:
        assert one["pd"] < 1 and one["months"] > 0 and one["cost"] > 0
        for move in one["moves"]:
            assert "→" in move["words"]["zh"] and "→" in move["words"]["en"] and move["before"] != move["after"]


def test_signals_are_named_with_how_to_obtain_them(advised: Any) -> None:
    signals = [one for _, _, data in advised for one in data["signals"]]
    assert signals
    for one in signals:
        terms = shipped_policy().signals[one["signal"]]
        assert (one["cost"], one["days"], one["how"]["zh"]) == (terms.cost, terms.days, terms.zh)
        assert one["narrows"] > 0 and one["unknown"] > 0


@pytest.mark.parametrize("kind", ADVICE)
def test_a_foreign_decision_is_none(
    client: TestClient, advised: Any, acting: Callable[..., TestClient], kind: str
) -> None:
    own = advised[0][0]["decision_id"]
    answers = [acting(client, "stranger", roles={"analyst"}).get(f"/v1/decisions/{own}/{kind}"),
               client.get(f"/v1/decisions/dec_{'0' * 24}/{kind}")]  # fmt: skip
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 2


@pytest.fixture
def typed(sqlite_url: str, toy: Any, tmp_path: Path) -> Callable[..., Any]:
    """Runs a command on the toy alliance."""
    store = Store(sqlite_url)
    toy.fill(store).close()
    toy.bundle.save(tmp_path / "bundle")
    where = ("--database", sqlite_url, "--bundle", str(tmp_path / "bundle"))
    return lambda *words: CliRunner().invoke(app, [*words, *where])


def test_as_typed(typed: Callable[..., Any], toy: Any) -> None:
    asked = (toy.numbers[1], "--as-of", "2026-06-30", "--member", "bank")
    helped = typed("help", *asked, "--language", "zh")
    assert helped.exit_code == 0, helped.output
    assert "并非承诺" in helped.output and "月数" in helped.output
    decision = helped.output.split("decision ")[-1].strip()
    data = typed("next-data", decision, "--language", "en")
    assert data.exit_code == 0 and "Next best data" in data.output and decision in data.output
    assert "ask the members who invested for the rounds" in " ".join(data.output.split())
    none = typed("help", "dec_nothing")
    assert none.exit_code == 1 and "[not_found]" in none.stderr
