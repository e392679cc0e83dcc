"""A service goes on with the next champion, without a break."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from alliance.callers import Role, register
from alliance.errors import AllianceError
from alliance.promotions import promote
from alliance.rights import AccessRequest
from alliance.store import Promotion, Store
from scoring.api import create_app
from scoring.model import Bundle, Calibration
from scoring.shadow import Shadow
from scoring.succession import Succession

REQUEST = AccessRequest("alliance", "model_training")
Lay = Callable[[Bundle], Path]


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    """Lays the link to a bundle, as a promotion does."""

    def laid(bundle: Bundle) -> Path:
        bundle.save(tmp_path / "bundles" / bundle.sha256)
        made, link = tmp_path / ".made", tmp_path / "bundle"
        made.symlink_to(Path("bundles") / bundle.sha256, target_is_directory=True)
        return made.replace(link)

    return laid


@pytest.fixture(scope="module")
def next_one(toy: Any) -> Bundle:
    return replace(toy.bundle, version="toy-2", calibration=Calibration(1.1, 0.4))


def test_the_link_laid_anew_is_followed(toy: Any, lay: Lay, next_one: Bundle) -> None:
    link = lay(toy.bundle)
    found = Succession(toy.scorer(), link)
    assert found.scorer() is found.scorer() and found.settle().bundle is toy.bundle
    lay(next_one)
    assert found.settle().bundle.sha256 == next_one.sha256
    lay(toy.bundle)
    assert found.settle().bundle.sha256 == toy.bundle.sha256


def test_what_cannot_be_loaded_succeeds_nobody(toy: Any, lay: Lay, next_one: Bundle) -> None:
    said: list[AllianceError] = []
    link = lay(toy.bundle)
    found = Succession(toy.scorer(), link, failed=said.append)
    spoilt = lay(replace(next_one, version="spoilt")) / "model.txt"
    spoilt.write_text(spoilt.read_text() + " ")
    assert found.settle().bundle is toy.bundle and found.settle().bundle is toy.bundle
    assert len(said) == 1 and "not as it was saved" in str(said[0])
    link.unlink()
    assert found.settle().bundle is toy.bundle
    lay(next_one)
    assert found.settle().bundle.sha256 == next_one.sha256


def test_no_link_nothing_to_follow(toy: Any, tmp_path: Path) -> None:
    toy.bundle.save(tmp_path / "by hand")
    for link in (None, tmp_path / "by hand"):
        assert Succession(toy.scorer(), link).settle().bundle is toy.bundle


@pytest.fixture
def app(store: Store, toy: Any, lay: Lay, next_one: Bundle) -> FastAPI:
    plain = toy.scorer(toy.fill(store))
    plain.shadow = Shadow(store, next_one)
    return create_app(plain, link=lay(toy.bundle))


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    store = app.state.context.scorer.store
    key = register.create(store, member="bank", roles=frozenset({Role.ANALYST, Role.OPERATOR}), by="a test").text
    return TestClient(app, headers={"Authorization": f"Bearer {key}"}, raise_server_exceptions=False)


def test_no_request_is_dropped_and_each_decision_says_its_model(
    client: TestClient, app: FastAPI, toy: Any, lay: Lay, next_one: Bundle
) -> None:
    answers: list[Any] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            answers.append(client.post("/v1/scores", json={"company": toy.numbers[1], "as_of": "2026-06-30"}))

    asking = threading.Thread(target=ask)
    asking.start()
    succession = app.state.context.succession
    for bundle in (next_one, toy.bundle, next_one):
        lay(bundle)
        assert succession.settle().bundle.sha256 == bundle.sha256
    answers.append(client.post("/v1/scores", json={"company": toy.numbers[1], "as_of": "2026-06-30"}))
    stop.set()
    asking.join()
    assert {one.status_code for one in answers} == {201}
    points: dict[str, set[float]] = {}
    for one in answers:
        told = one.json()["score"]
        points.setdefault(told["model_version"], set()).add(told["points"])
    assert points.keys() <= {toy.bundle.sha256, next_one.sha256} and next_one.sha256 in points
    assert all(len(some) == 1 for some in points.values()), "a decision is by one model from beginning to end"


def test_the_model_says_how_it_became_champion_and_who_is_in_its_shadow(
    client: TestClient, app: FastAPI, toy: Any, next_one: Bundle
) -> None:
    told = client.get("/v1/model").json()
    assert told["champion"] is None
    assert told["shadow"] == {"version": "toy-2", "sha256": next_one.sha256}
    store, bundle = app.state.context.scorer.store, toy.bundle
    wanted = Promotion(bundle_sha256=bundle.sha256, version="toy-1", outcome="default", purpose="model_training",
                       grants=(), reason="Best of all.", despite=("fairness",))  # fmt: skip
    made = promote(store, wanted, REQUEST, author="kim")
    told = client.get("/v1/model").json()["champion"]
    assert (told["author"], told["reason"], told["entry"]) == ("kim", "Best of all.", made.no)
    assert (told["rollback"], told["gates"], told["despite"]) == (False, [], ["fairness"])


def test_what_the_shadow_does_is_counted(client: TestClient, app: FastAPI, toy: Any) -> None:
    assert client.post("/v1/scores", json={"company": toy.numbers[2]}).status_code == 201
    app.state.context.scorer.shadow.settle()
    assert 'alliance_shadow_scores_total{became="scored"} 1.0' in client.get("/metrics").text
