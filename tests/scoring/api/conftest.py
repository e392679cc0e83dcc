"""The API over the toy alliance, by HTTP within the process."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from alliance.store import Store
from scoring.api import create_app


@pytest.fixture(scope="session")
def client(toy: Any) -> TestClient:
    """A client of the shared toy alliance; for tests that add no files. The server's failures are answers."""
    return TestClient(create_app(toy.scorer()), raise_server_exceptions=False)


@pytest.fixture
def client_of(toy: Any) -> Callable[[Store], TestClient]:
    """A client of the toy alliance in a store of the test's own."""
    return lambda store: TestClient(create_app(toy.scorer(toy.fill(store))), raise_server_exceptions=False)
