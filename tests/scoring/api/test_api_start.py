"""The service starts without the libraries that only training, linkage, files or plots want: each costs its start."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HEAVY = (
    "duckdb", "lightgbm", "matplotlib", "mlflow", "open_data_contract_standard", "opencc", "openpyxl", "pandas",
    "pypinyin", "scipy.optimize", "scipy.stats", "shap", "sklearn", "splink",
)  # fmt: skip
"""Libraries whose import takes a noticeable part of a second, or seconds, and which no score needs."""

SERVING = """
import sys
from fastapi.testclient import TestClient
import scoring.cli
from alliance.callers import Role, register
from alliance.store import Store
from scoring.api.app import app_of
from alliance.config import Settings

settings = Settings.from_environment()
store = Store(settings.database_url)
key = register.create(store, member="bank", roles=frozenset({Role.ANALYST}), by="a test").text
with TestClient(app_of(settings), headers={"Authorization": f"Bearer {key}"}) as client:
    assert client.get("/readyz").status_code == 200
    asked = {"company": sys.argv[1], "as_of": "2026-06-30"}
    assert client.post("/v1/scores", json=asked).status_code == 201
print(*sorted(sys.modules), sep="\\n")
"""


def test_a_service_that_scores_has_imported_nothing_heavy(toy: Any, tmp_path: Path) -> None:
    toy.bundle.save(tmp_path / "bundle")
    environment = {
        **os.environ, "ALLIANCE_DATABASE_URL": str(toy.store.engine.url), "ALLIANCE_BUNDLE": str(tmp_path / "bundle"),
        "ALLIANCE_LEDGER_KEY": str(tmp_path / "ledger.key"),
    }  # fmt: skip
    command = [sys.executable, "-c", SERVING, toy.numbers[0]]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    imported = {*said.stdout.split()}
    assert "scoring.api.app" in imported
    assert not imported.intersection(HEAVY)
