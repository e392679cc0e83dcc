"""Whatever fits the description, and much that does not: no failure, and every answer as described."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.schemas import BaseSchema

from alliance.store import Store

EXAMPLES = 20
REFUSALS = ["2xx", "403", "404", "409", "422"]
"""What fits the description may still be refused: a day to come, a company nobody knows, a file that is no contract."""

OF_WHAT_THERE_IS: dict[str, dict[str, Any]] = {
    "scores": {"as_of": "2026-06-30", "purpose": "research", "outcome": None},
    "disputes": {"signal": "company_profile", "key": None, "claim": None, "field": None},
}
"""What, sent of a company there is, is there too; by the path's first name."""

WITHOUT_INPUT = {"GET /v1/keys", "GET /v1/ledger/head", "GET /v1/model", "GET /healthz", "GET /readyz", "GET /metrics"}


@pytest.fixture(scope="session")
def client(toy: Any, tmp_path_factory: pytest.TempPathFactory, asking: Callable[..., TestClient]) -> TestClient:
    """A client of the toy alliance in a store of its own: much of what is sent is kept."""
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('fuzzed') / 'toy.db'}")
    return asking(toy.scorer(toy.fill(store)))


@pytest.fixture(scope="session")
def described(client: TestClient) -> BaseSchema:
    schema = schemathesis.openapi.from_asgi("/openapi.json", client.app)
    schema.config.generation.update(with_security_parameters=False)  # the key is always sent
    schema.config.checks.positive_data_acceptance.expected_statuses = REFUSALS
    return schema


@pytest.fixture(scope="session")
def known(client: TestClient, toy: Any) -> dict[str, str]:
    """Ids there are, by path parameter."""
    decision_id = client.post("/v1/scores", json={"company": "hr:c1"}).json()["decision_id"]
    wish = {"grade": "AAA", "reason_code": "collateral", "text": "A deposit."}
    dispute = {"company": "hr:c1", "signal": "company_profile", "evidence": "See the register."}
    return {
        "decision_id": decision_id,
        "override_id": client.post(f"/v1/decisions/{decision_id}/overrides", json=wish).json()["override_id"],
        "dispute_id": client.post("/v1/disputes", json=dispute).json()["dispute_id"],
        "submission_id": toy.store.receipts()[0].submission_id,
        "recorded": toy.store.receipts()[0].submission_id,
        "position": "0",
        "reference": "hr:c1",
    }


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_answers_as_described(
    client: TestClient, described: BaseSchema, known: dict[str, str], mode: GenerationMode
) -> None:
    key = {"Authorization": client.headers["Authorization"]}
    for found in described.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and operation.label in WITHOUT_INPUT:
            continue
        turn = 0

        @given(case=operation.as_strategy(mode))
        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def answers(case: schemathesis.Case) -> None:
            nonlocal turn
            turn += 1
            if mode is GenerationMode.POSITIVE and turn % 2:
                about_what_there_is(case, known)
            case.call_and_validate(headers=key)

        answers()


def about_what_there_is(case: schemathesis.Case, known: dict[str, str]) -> None:
    """Made-up names lead to "not found" and no further: every other case is of a company, decision or file there is."""
    case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
    for body in case.body.get("requests", [case.body]) if isinstance(case.body, dict) else []:
        if "company" in body:
            body.update(company=known["reference"], **OF_WHAT_THERE_IS.get(case.operation.path.split("/")[2], {}))
