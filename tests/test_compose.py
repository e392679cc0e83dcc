"""What compose.yaml starts: reached from this host alone, closed to those nobody has let in, no password by default."""

import re
import tomllib
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    return found


def test_every_port_is_on_loopback(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", ())]
    assert len(ports) == 2 and all(port.startswith("127.0.0.1:") for port in ports)


def test_every_secret_must_be_chosen(services: dict[str, Any]) -> None:
    secrets = {
        f"{name}.{variable}": str(value)
        for name, service in services.items()
        for variable, value in service.get("environment", {}).items()
        if re.search(r"PASSWORD|SECRET|KEY", variable) and variable != "ALLIANCE_LEDGER_KEY"  # a path
    }
    assert len(secrets) == 6
    for name, value in secrets.items():
        assert re.fullmatch(r"\$\{[A-Z_]+:\?.+\}", value), name


def test_pickles_are_refused_wherever_mlflow_may_run(services: dict[str, Any]) -> None:
    for name in ("mlflow", "api"):
        assert services[name]["environment"]["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] == "false"
    assert "MLFLOW_ALLOW_PICKLE_DESERIALIZATION=false" in (ROOT / "Dockerfile").read_text("utf-8")


def test_mlflow_knows_its_users_and_allows_them_nothing_by_itself(services: dict[str, Any]) -> None:
    server = services["mlflow"]
    assert "--app-name=basic-auth" in server["command"]
    assert "./deploy/mlflow:/etc/mlflow:ro" in server["volumes"]
    inside = server["environment"]["MLFLOW_AUTH_CONFIG_PATH"].replace("/etc/mlflow", str(ROOT / "deploy" / "mlflow"))
    parsed = ConfigParser()
    parsed.read(inside)
    told = parsed["mlflow"]
    assert (told["default_permission"], told["grant_default_workspace_access"]) == ("NO_PERMISSIONS", "false")
    assert "admin_password" not in told and server["environment"]["MLFLOW_AUTH_ADMIN_PASSWORD"]
    users = told["database_uri"].rpartition("/")[2]
    assert f"CREATE DATABASE {users};" in (ROOT / "deploy" / "postgres" / "mlflow.sql").read_text("utf-8")


def test_what_mlflow_needs_for_that_is_installed_with_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert any(one.startswith("mlflow[auth]") for one in project["dependencies"])
    assert re.search(r"^flask-wtf==", (ROOT / "requirements.lock").read_text("utf-8"), re.M)
