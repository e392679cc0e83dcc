"""Who says what of a company, and how far each is to be believed."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from alliance.store import Store
from alliance.trust import learn_reliabilities

CASH = {"cash_position": {"observed_on": "day", "cash": "cash", "monthly_burn": "burn"}}


@pytest.fixture
def doubted(store: Store, toy: Any, write: Callable[..., Any], tmp_path: Path) -> Store:
    """The toy alliance and a fund that reports the same cash for company 1, and nine times as much for company 2."""
    claims = toy.fill(store).claims().frames["cash_position"]
    rows = []
    for place, factor in ((1, 1), (2, 9)):
        company = store.company(f"hr:c{place}").company_id
        for claim in claims.filter(claims["subject_id"] == company).iter_rows(named=True):
            rows.append({"code": toy.numbers[place], "id": f"x{place}", "name": "X", "day": claim["observed_on"],
                         "cash": factor * claim["cash"], "burn": claim["monthly_burn"]})  # fmt: skip
    write(tmp_path, "cash", member="bank", role="bank", records=CASH, rows=rows).submit(store)
    return store


def cash_of(client: TestClient, company: str) -> list[dict[str, Any]]:
    answer = client.get(f"/v1/companies/{company}/facts", params={"signal": "cash_position"})
    assert answer.status_code == 200, answer.text
    assert {fact["signal"] for fact in answer.json()["facts"]} == {"cash_position"}
    return [
        {"key": fact["key"], "members": fact["members"], "fact": fact["agreement"], **field}
        for fact in answer.json()["facts"]
        for field in fact["fields"]
        if field["field"] == "cash"
    ]


def test_who_says_what(client_of: Callable[[Store], TestClient], doubted: Store) -> None:
    client = client_of(doubted)
    for told in cash_of(client, "hr:c1"):
        assert (told["members"], told["fact"], told["agreement"], told["contested"]) == (2, 1.0, 1.0, False)
        assert [(said["member"], said["standing"], said["weight"]) for said in told["said"]] == [
            ("bank", "agrees", 0.5), ("hr", "agrees", 0.5),
        ]  # fmt: skip
        assert told["value"] == told["said"][0]["value"] and told["unit"] == "CNY" and told["zh"]
    for told in cash_of(client, "hr:c2"):
        assert (told["value"], told["agreement"], told["contested"]) == (None, 0.5, True)
        assert {said["standing"] for said in told["said"]} == {"differs"}


def test_all_facts_as_of_a_day(client: TestClient, toy: Any) -> None:
    answer = client.get("/v1/companies/hr:c1/facts", params={"as_of": "2022-01-01"}).json()
    assert answer["company"]["company_id"] == toy.store.company("hr:c1").company_id
    assert (answer["as_of"], answer["data_watermark"]) == ("2022-01-01", toy.store.watermark())
    assert {fact["signal"] for fact in answer["facts"]} == {"funding_round"}
    assert all(fact["known_at"] <= "2022-01-01" for fact in answer["facts"])
    assert client.get("/v1/companies/nobody/facts").status_code == 404
    assert client.get("/v1/companies/hr:c1/facts", params={"signal": "luck"}).status_code == 404
    assert client.get("/v1/companies/hr:c1/facts", params={"purpose": "gossip"}).status_code == 422


def test_the_members_table(client_of: Callable[[Store], TestClient], doubted: Store) -> None:
    client = client_of(doubted)
    assert client.get("/v1/reliability").json() == {"learned_as_of": None, "members": []}
    learn_reliabilities(doubted, [date(2026, 6, 1), date(2026, 6, 30)])
    table = client.get("/v1/reliability").json()
    assert table["learned_as_of"] == "2026-06-30"
    of_cash = [row for row in table["members"] if row["signal"] == "cash_position"]
    assert [row["member"] for row in of_cash] == ["bank", "hr"]
    assert all(row["low"] < row["reliability"] < row["high"] and row["checked"] for row in of_cash)
    assert client.get("/v1/reliability", params={"as_of": "2026-06-29"}).json()["learned_as_of"] == "2026-06-01"
