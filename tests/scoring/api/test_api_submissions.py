"""Members' files over HTTP."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from alliance.store import Store


@pytest.fixture
def client(store: Store, toy: Any, asking: Callable[..., TestClient]) -> TestClient:
    return asking(toy.scorer(store), "hr")


def parts(contract: bytes, data: bytes, name: str = "staff.csv") -> dict[str, tuple[str, bytes]]:
    return {"contract": ("staff.contract.yaml", contract), "file": (name, data)}


@pytest.fixture
def staff(toy: Any) -> tuple[bytes, bytes]:
    """The contract and the data, every third row spoilt."""
    file = toy.files[0]
    lines = file.data.read_text(encoding="utf-8").splitlines()
    lines[1::3] = [line.replace("9131", "9132") for line in lines[1::3]]
    return file.contract.read_bytes(), "\n".join(lines).encode()


def test_the_same_file_has_one_effect(
    client: TestClient, acting: Callable[..., TestClient], store: Store, toy: Any
) -> None:
    files = parts(toy.files[0].contract.read_bytes(), toy.files[0].data.read_bytes())
    first, second = (client.post("/v1/submissions", files=files) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert (first.json()["rows"], first.json()["accepted"], first.json()["file_name"]) == (240, 240, "staff.csv")
    assert store.watermark() == 1
    bank, asked = acting(client, "bank"), {"company": toy.numbers[0]}
    assert client.post("/v1/scores", json=asked).status_code == 201, "what a member gave itself it may read"
    assert bank.post("/v1/scores", json=asked).status_code == 403, "nobody granted anything"
    toy.opened(store)
    assert bank.post("/v1/scores", json=asked).status_code == 201


def test_quarantined_rows_are_told_page_by_page(client: TestClient, staff: tuple[bytes, bytes]) -> None:
    receipt = client.post("/v1/submissions", files=parts(*staff)).json()
    assert (receipt["rows"], receipt["accepted"], receipt["quarantined"]) == (240, 160, 80)
    path = f"/v1/submissions/{receipt['submission_id']}"
    assert client.get(path).json()["receipt"] == receipt
    pages = [client.get(path, params={"limit": 30, "offset": offset}).json()["quarantine"] for offset in (0, 30, 60)]
    assert [len(page) for page in pages] == [30, 30, 20]
    rows = [row["row"] for page in pages for row in page]
    assert rows == list(range(1, 241, 3))
    fault = pages[0][0]["faults"][0]
    assert fault["field"] == "code" and fault["value"].startswith("9132") and fault["remedy"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/staff.csv", "staff.csv"),
        ("C:\\Users\\me\\staff.csv", "staff.csv"),
        ("员工 2026.csv", "员工 2026.csv"),
    ],
)
def test_a_name_is_a_name_and_not_a_path(client: TestClient, toy: Any, sent: str, kept: str) -> None:
    files = parts(toy.files[0].contract.read_bytes(), toy.files[0].data.read_bytes(), sent)
    assert client.post("/v1/submissions", files=files).json()["file_name"] == kept


@pytest.mark.parametrize("name", ["..", "/", "a" * 300 + ".csv", "a\x7f.csv"])
def test_no_usable_name(client: TestClient, toy: Any, name: str) -> None:
    response = client.post("/v1/submissions", files=parts(toy.files[0].contract.read_bytes(), b"x", name))
    assert response.status_code == 422
    assert response.json()["code"] in ("input.invalid", "request.invalid")


NOT_CONTRACTS = (
    b"", b"\x00", b"\xff", b"a: [", b"- 1", b"1: 2", b"a: 2024-13-45", b"[" * 10_000, b"id: x\nversion: 1\nschema: 7",
    b"&a [*a]", b"? {a: b}\n: c", b"!!python/object/apply:os.system [ls]", b"id: {}\nversion: []",
)  # fmt: skip


@pytest.mark.parametrize("contract", NOT_CONTRACTS, ids=[repr(text[:20]) for text in NOT_CONTRACTS])
def test_what_is_no_contract(client: TestClient, store: Store, contract: bytes) -> None:
    response = client.post("/v1/submissions", files=parts(contract, b"code\n1\n"))
    assert (response.status_code, response.json()["code"]) == (422, "contract.invalid"), response.text
    assert store.watermark() == 0


@pytest.mark.parametrize("data", [b"", b"\x1f\x8bnot gzip"])
def test_a_file_that_cannot_be_read_is_not_stored(client: TestClient, store: Store, toy: Any, data: bytes) -> None:
    response = client.post("/v1/submissions", files=parts(toy.files[0].contract.read_bytes(), data))
    assert (response.status_code, response.json()["code"]) == (422, "file.unreadable"), response.text
    assert store.watermark() == 0


def test_both_files_are_needed(client: TestClient) -> None:
    response = client.post("/v1/submissions", files={"contract": ("c.yaml", b"id: x")})
    assert response.status_code == 422
    assert response.json()["errors"][0]["where"] == "body.file"


def test_larger_than_an_upload_may_be(client: TestClient, monkeypatch: pytest.MonkeyPatch, toy: Any) -> None:
    monkeypatch.setattr("scoring.api.limits.MOST_UPLOAD_BYTES", 10_000)
    files = parts(toy.files[0].contract.read_bytes(), toy.files[0].data.read_bytes())
    assert client.post("/v1/submissions", files=files).status_code == 413
    monkeypatch.undo()
    monkeypatch.setattr("scoring.api.submissions.MOST_CONTRACT_BYTES", 10)
    response = client.post("/v1/submissions", files=files)
    assert (response.status_code, response.json()["code"]) == (413, "limit.exceeded")


def test_nothing_is_left_behind(client: TestClient, toy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "spool"))
    (tmp_path / "spool").mkdir()
    client.post("/v1/submissions", files=parts(toy.files[0].contract.read_bytes(), toy.files[0].data.read_bytes()))
    assert list((tmp_path / "spool").iterdir()) == []
