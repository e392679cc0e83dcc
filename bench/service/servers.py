"""The servers compared: each a process of its own on a free port, with one worker, stopped with all its children."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from alliance import policy

PATIENCE = 120.0
"""Seconds a server may take to be ready."""


@dataclass(frozen=True)
class Command:
    """How a server is started.

    Attributes:
        words: its command; ``{port}`` stands for the port.
        health: path that answers 200 once it serves.
        environment: what it is told besides.
    """

    words: tuple[str, ...]
    health: str
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Running:
    """A server that serves: its port, the process, and the seconds from its start to the first healthy answer."""

    port: int
    pid: int
    seconds: float


def ours(database: str, bundle: Path, folder: Path) -> Command:
    """``scoring serve``; the rate of one key is no limit here."""
    file = folder / "policy.toml"
    file.write_text(_unlimited(), encoding="utf-8")
    told = {
        "ALLIANCE_DATABASE_URL": database, "ALLIANCE_BUNDLE": str(bundle), "ALLIANCE_POLICY": str(file),
        "ALLIANCE_LEDGER_KEY": str(folder / "ledger.key"),
    }  # fmt: skip
    start = "import sys; from scoring.cli import app; sys.argv[0] = 'scoring'; app()"
    return Command((sys.executable, "-c", start, "serve", "--port", "{port}"), "/readyz", told)


def fastapi(model: Path) -> Command:
    """What a pandas user would write (``bench.service.peer``)."""
    words = ("-m", "uvicorn", "bench.service.peer:app", "--port", "{port}", "--no-access-log", "--log-level", "warning")
    return Command((sys.executable, *words), "/health", {"BENCH_MODEL": str(model)})


def mlflow(model: Path) -> Command:
    """MLflow's own server of a model saved by ``mlflow.lightgbm``."""
    words = ("models", "serve", "-m", str(model), "--env-manager", "local", "--host", "127.0.0.1", "--port", "{port}",
             "--workers", "1")  # fmt: skip
    return Command((sys.executable, "-m", "mlflow", *words), "/ping", {"DO_NOT_TRACK": "true"})


@contextmanager
def running(command: Command, folder: Path) -> Iterator[Running]:
    """A server from when it is healthy; it is told to stop on leaving, and made to if it does not.

    Compiled Python is kept in the folder, as an installation keeps it, whatever the environment says.

    Raises:
        RuntimeError: it stopped, or was not healthy in time; with what it said.
    """
    port = free_port()
    words = [str(port) if word == "{port}" else word for word in command.words]
    log = folder / f"server-{port}.log"
    with log.open("wb") as said:
        started = time.perf_counter()
        process = subprocess.Popen(
            words, env=_environment(command, folder), stdout=said, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            _wait(process, f"http://127.0.0.1:{port}{command.health}", started, log)
            yield Running(port, process.pid, time.perf_counter() - started)
        finally:
            _stop(process)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def memory(pids: Sequence[int]) -> float:
    """MiB that processes hold now."""
    command = ["ps", "-o", "rss=", "-p", ",".join(map(str, pids))]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return sum(map(int, said.split())) / 1024


def _environment(command: Command, folder: Path) -> dict[str, str]:
    """One thread a request: one worker shall have one core, and for one row more threads are slower."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    found = str(Path(sys.executable).parent)
    return {
        **own, "PATH": f"{found}{os.pathsep}{own.get('PATH', '')}", "OMP_NUM_THREADS": "1",
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"), **command.environment,
    }  # fmt: skip


def _unlimited() -> str:
    """The policy shipped, but for how often a key may ask."""
    shipped = (Path(policy.__file__).parent / "policy.toml").read_text(encoding="utf-8")
    return re.sub(r"^(requests_per_minute|burst) = \d+", r"\1 = 1000000", shipped, flags=re.MULTILINE)


def _wait(process: "subprocess.Popen[bytes]", address: str, started: float, log: Path) -> None:
    while time.perf_counter() < started + PATIENCE and process.poll() is None:
        try:
            with urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.01)
    raise RuntimeError(f"{address} is not healthy: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            continue
    process.wait()
