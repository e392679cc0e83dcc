"""The API over the toy alliance, by HTTP within the process, to callers with keys."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from alliance.callers import Role, register
from alliance.policy import Limits, Policy
from alliance.store import Store
from scoring.api import create_app
from scoring.decide import Scorer

EVERY_ROLE = frozenset(Role) - {Role.COMPANY}

UNLIMITED = Limits(requests_per_minute=1_000_000, burst=1_000_000, failures_per_minute=1_000_000, source="a test")

POLICY = replace(Policy.from_environment({}), limits=UNLIMITED)


def headers_of(store: Store, member: str, roles: Iterable[Role] = EVERY_ROLE, **given: Any) -> dict[str, str]:
    """The header of a new key."""
    made = register.create(store, member=member, roles=frozenset(roles), by="a test", **given)
    return {"Authorization": f"Bearer {made.text}"}


def client_to(app: FastAPI, member: str = "bank", roles: Iterable[Role] = EVERY_ROLE, **given: Any) -> TestClient:
    """A client of an app with a new key; the server's failures are answers."""
    store = app.state.context.scorer.store
    return TestClient(app, headers=headers_of(store, member, roles, **given), raise_server_exceptions=False)


def client_of_scorer(scorer: Scorer, member: str = "bank", policy: Policy = POLICY) -> TestClient:
    """A client with all roles but a company's."""
    return client_to(create_app(scorer, policy), member)


@pytest.fixture(scope="session")
def keyed() -> Callable[..., TestClient]:
    """Makes a client of an app, as of ``client_to``."""
    return client_to


@pytest.fixture(scope="session")
def asking() -> Callable[..., TestClient]:
    """Makes a client of a scorer, as of ``client_of_scorer``."""
    return client_of_scorer


@pytest.fixture(scope="session")
def key_header() -> Callable[..., dict[str, str]]:
    """Makes a key, as of ``headers_of``."""
    return headers_of


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The policy shipped, without limits."""
    return POLICY


@pytest.fixture
def acting() -> Callable[..., TestClient]:
    """Another client of the same app, for another member."""
    return lambda client, member, **given: client_to(client.app, member, **given)


@pytest.fixture(scope="session")
def client(toy: Any) -> TestClient:
    """A client of the shared toy alliance, with all roles; for tests that add no files."""
    return client_of_scorer(toy.scorer())


@pytest.fixture
def client_of(toy: Any) -> Callable[[Store], TestClient]:
    """A client of the toy alliance in a store of the test's own, with all roles."""
    return lambda store: client_of_scorer(toy.scorer(toy.fill(store)))
