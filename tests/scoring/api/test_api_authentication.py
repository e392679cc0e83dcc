"""Who asks: keys that hold, keys that do not, and how often."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from alliance.callers import Role, Scope, register
from alliance.policy import Limits, Policy
from alliance.store import Store
from alliance.store.schema_callers import api_key
from scoring.api import create_app
from scoring.api.rate import MOST_BUCKETS, Buckets

ANALYST = frozenset({Role.ANALYST})
WRONG = "alc_0123456789ab_" + 64 * "0"


@pytest.fixture
def app(store: Store, toy: Any, policy: Policy) -> Any:
    return create_app(toy.scorer(store), policy)


def asked(app: Any, *authorization: str) -> Any:
    headers = [("Authorization", one) for one in authorization]
    return TestClient(app, raise_server_exceptions=False).get("/v1/model", headers=headers)


def made(store: Store, **given: Any) -> register.Made:
    return register.create(store, **{"member": "bank", "roles": ANALYST, "by": "a test"} | given)


def test_a_key_opens_until_it_is_ended_and_at_once_no_more(app: Any, store: Store) -> None:
    key = made(store)
    assert asked(app, f"Bearer {key.text}").status_code == 200
    assert asked(app, f"bearer {key.text}").status_code == 200
    register.revoke(Store(store.engine.url.render_as_string(False)), key.key.prefix, by="another process")
    assert asked(app, f"Bearer {key.text}").status_code == 401


def test_every_failure_has_one_answer(app: Any, store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="scoring.access")
    old, ended, good = made(store, now=datetime.now(UTC) - timedelta(days=400)), made(store), made(store)
    register.revoke(store, ended.key.prefix, by="a test")
    other_secret = good.text[:17] + 64 * "0"
    sent = {
        "missing": (), "malformed": ("Basic YTpi",), "unknown": (f"Bearer {WRONG}",),
        "expired": (f"Bearer {old.text}",), "ended": (f"Bearer {ended.text}",),
    }  # fmt: skip
    more = [("unknown", (f"Bearer {other_secret}",)), ("malformed", (f"Bearer {good.text}x",)),
            ("malformed", (f"Bearer {good.text}", f"Bearer {good.text}")), ("malformed", ("Bearer",)),
            ("malformed", ("Bearer e30.e30.e30",)), ("malformed", (f"Bearer {good.text[:-1]}\u00e9",))]  # fmt: skip
    told = set()
    for reason, credentials in [*sent.items(), *more]:
        answer = asked(app, *(one.encode("latin-1") for one in credentials))  # type: ignore[arg-type]
        assert answer.status_code == 401, reason
        told.add((str({**answer.json(), "instance": ""}), answer.headers["WWW-Authenticate"]))
        line = orjson.loads(caplog.records[-1].message)
        assert (line["reason"], line["problem"]) == (reason, "caller.unauthenticated"), credentials
    assert len(told) == 1
    assert not any(one.text[17:] in caplog.text for one in (old, ended, good))


def test_a_replaced_key_holds_for_the_overlap(store: Store) -> None:
    old, now = made(store, scopes=frozenset({Scope.MODEL_READ})), datetime.now(UTC)
    new = register.rotate(store, old.key.prefix, by="a test", overlap=timedelta(hours=1))
    assert new.key.replaces == old.key.prefix and new.key.scopes == old.key.scopes
    half, after = now + timedelta(minutes=30), now + timedelta(minutes=61)
    for text in (old.text, new.text):
        caller = register.authenticated(store, text, half)
        assert (caller.member, caller.roles, caller.scopes) == ("bank", ANALYST, {Scope.MODEL_READ})
    with pytest.raises(register.Unauthenticated):
        register.authenticated(store, old.text, after)
    assert register.authenticated(store, new.text, after).key == new.key.prefix


def test_a_narrowed_key_may_less(app: Any, store: Store) -> None:
    key = made(store, roles=frozenset(Role) - {Role.COMPANY}, scopes=frozenset({Scope.COMPANIES_READ}))
    answer = asked(app, f"Bearer {key.text}")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope.missing")


def test_only_a_digest_is_kept(store: Store) -> None:
    key = made(store, label="for the portal")
    with store.reading() as connection:
        [row] = connection.execute(select(api_key))
    assert key.text[17:] not in str(row) and len(row.secret_sha256) == 64
    assert key.text not in repr(key) and key.key.secret_sha256 not in repr(key)


def limited(toy: Any, policy: Policy, **numbers: int) -> Any:
    given = {"requests_per_minute": 60, "burst": 3, "failures_per_minute": 2} | numbers
    return create_app(toy.scorer(), replace(policy, limits=Limits(**given, source="a test")))


def test_a_caller_is_slowed_down_and_the_others_are_not(toy: Any, policy: Policy) -> None:
    app = limited(toy, policy)
    one, other = (f"Bearer {made(toy.store).text}" for _ in range(2))
    answers = [asked(app, one) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer.headers["RateLimit"] for answer in answers[:3]] == [f'"key";r={r};t={3 - r}' for r in (2, 1, 0)]
    assert answers[0].headers["RateLimit-Policy"] == '"key";q=3;w=3'
    assert (answers[3].json()["code"], answers[3].headers["Retry-After"]) == ("limit.rate", "1")
    assert asked(app, other).status_code == 200
    assert TestClient(app).get("/healthz").status_code == 200


def test_failures_are_slowed_down_and_who_has_a_key_is_not(toy: Any, policy: Policy) -> None:
    app = limited(toy, policy)
    assert [asked(app, f"Bearer {WRONG}").status_code for _ in range(3)] == [401, 401, 429]
    assert asked(app).status_code == 429
    assert asked(app, f"Bearer {made(toy.store).text}").status_code == 200


def test_nothing_of_a_body_is_needed_to_be_refused(app: Any) -> None:
    answer = TestClient(app).post("/v1/submissions", content=iter([b"{" * (1 << 20)] * 20))
    assert (answer.status_code, answer.json()["code"]) == (401, "caller.unauthenticated")


@settings(deadline=None, database=None, derandomize=True)
@given(waits=st.lists(st.floats(0, 30), min_size=1, max_size=200), burst=st.integers(1, 20), rate=st.integers(1, 600))
def test_never_more_than_the_burst_and_what_flowed_in(waits: list[float], burst: int, rate: int) -> None:
    now = 0.0
    buckets, taken = Buckets(rate, burst, lambda: now), 0
    for wait in waits:
        now += wait
        allowance = buckets.take("x")
        taken += allowance.allowed
        assert taken <= burst + now * rate / 60 + 1e-6
        assert allowance.allowed or allowance.wait >= 1
        if not allowance.allowed:
            now += allowance.wait
            assert buckets.take("x").allowed, "after the wait it is told, it may"
            taken += 1


def test_memory_is_bounded() -> None:
    buckets = Buckets(60, 5, lambda: 0.0)
    for name in range(MOST_BUCKETS + 500):
        buckets.take(str(name))
    assert len(buckets) == MOST_BUCKETS
