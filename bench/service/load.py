"""Requests by the thousand over connections that stay open: each asks, hears the answer and asks again.

wrk makes them where it is installed; else, and where the answers matter, a process of our own.
"""

import asyncio
import hashlib
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

WRK = shutil.which("wrk")
_SCRIPT = Path(__file__).with_name("post.lua")


@dataclass(frozen=True)
class Endpoint:
    """Where to post to.

    Attributes:
        ports: of this machine; connections are shared out to them.
        path, headers: of every request.
    """

    ports: tuple[int, ...]
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Heard:
    """What came of a load.

    Attributes:
        answers: number of answers.
        seconds: from the first request to the last answer.
        p50, p99: milliseconds from a request to its answer.
        refused: answers other than 2xx, and connections that broke.
        kept: of every answer, where that was wanted: place of its body, port, id of the decision, digest of the score.
    """

    answers: int
    seconds: float
    p50: float
    p99: float
    refused: int
    kept: list[tuple[int, int, str, str]] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds


def steady(endpoint: Endpoint, bodies: Sequence[bytes], *, connections: int, seconds: float, folder: Path) -> Heard:
    """The bodies over and over, for some seconds."""
    if WRK is None or len(endpoint.ports) > 1:
        return own(endpoint, bodies, connections=connections, seconds=seconds)
    file = folder / "bodies.jsonl"
    file.write_bytes(b"\n".join(bodies) + b"\n")
    headers = [word for name, value in endpoint.headers.items() for word in ("-H", f"{name}: {value}")]
    address = f"http://127.0.0.1:{endpoint.ports[0]}{endpoint.path}"
    command = [WRK, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", *headers,
               "-s", str(_SCRIPT), address, "--", str(file)]  # fmt: skip
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    _, found = said.rsplit("found ", 1)
    answers, microseconds, p50, p99, refused = map(int, found.split())
    return Heard(answers, microseconds / 1e6, p50 / 1000, p99 / 1000, refused)


def own(
    endpoint: Endpoint, bodies: Sequence[bytes], *, connections: int, seconds: float | None = None, keep: bool = False
) -> Heard:
    """The bodies by a process of our own: over and over for some seconds, or else each once."""
    asked = {
        "endpoint": asdict(endpoint), "bodies": [body.decode() for body in bodies], "connections": connections,
        "seconds": seconds, "keep": keep,
    }  # fmt: skip
    command = [sys.executable, "-m", __name__, "asked"]
    done = subprocess.run(command, input=json.dumps(asked).encode(), stdout=subprocess.PIPE, check=True)
    found = orjson.loads(done.stdout)
    return Heard(**{**found, "kept": [tuple(one) for one in found["kept"]]})


class Load:
    """The requests of one process, and what was heard."""

    def __init__(self, asked: Mapping[str, Any]) -> None:
        self.endpoint = Endpoint(**asked["endpoint"])
        self.requests = [self._request(body.encode()) for body in asked["bodies"]]
        self.connections, self.limit, self.keep = asked["connections"], asked["seconds"], asked["keep"]
        self.next, self.refused = 0, 0
        self.latencies: list[float] = []
        self.kept: list[tuple[int, int, str, str]] = []

    def _request(self, body: bytes) -> bytes:
        headers = {**self.endpoint.headers, "Host": "127.0.0.1", "Content-Type": "application/json",
                   "Content-Length": str(len(body))}  # fmt: skip
        lines = [f"POST {self.endpoint.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def place(self) -> int | None:
        """Place of the next request; ``None`` when there is to be no other."""
        over = len(self.requests) <= self.next if self.limit is None else time.perf_counter() > self.began + self.limit
        if over:
            return None
        self.next += 1
        return (self.next - 1) % len(self.requests)

    async def run(self) -> Heard:
        loop = asyncio.get_running_loop()
        ports = self.endpoint.ports
        made = [_Connection(self, ports[number % len(ports)]) for number in range(self.connections)]
        for one in made:
            await loop.create_connection(lambda one=one: one, "127.0.0.1", one.port)  # type: ignore[misc]
        self.began = time.perf_counter()
        for one in made:
            one.ask()
        await asyncio.gather(*(one.ended for one in made))
        seconds = time.perf_counter() - self.began
        ordered = sorted(self.latencies) or [0.0]
        p99 = ordered[min(len(ordered) - 1, round(0.99 * len(ordered)))]
        return Heard(
            len(self.latencies), seconds, 1000 * statistics.median(ordered), 1000 * p99, self.refused, self.kept
        )


class _Connection(asyncio.Protocol):
    """One connection, which has one request under way."""

    def __init__(self, load: Load, port: int) -> None:
        self.load, self.port = load, port
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.heard, self.place, self.done = bytearray(), 0, False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def ask(self) -> None:
        place = self.load.place()
        if place is None:
            self.done = True
            self.transport.close()
            return
        self.place, self.asked_at = place, time.perf_counter()
        self.transport.write(self.load.requests[place])

    def data_received(self, data: bytes) -> None:
        self.heard += data
        head = self.heard.find(b"\r\n\r\n")
        if head < 0:
            return
        lines = bytes(self.heard[:head]).lower().split(b"\r\n")
        length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
        if len(self.heard) < head + 4 + length:
            return
        self.load.latencies.append(time.perf_counter() - self.asked_at)
        if not lines[0].split(b" ")[1].startswith(b"2"):
            self.load.refused += 1
        elif self.load.keep:
            self._keep(bytes(self.heard[head + 4 :]))
        self.heard.clear()
        self.ask()

    def _keep(self, body: bytes) -> None:
        told = orjson.loads(body)
        digest = hashlib.sha256(orjson.dumps(told["score"], option=orjson.OPT_SORT_KEYS)).hexdigest()
        self.load.kept.append((self.place, self.port, told["decision_id"], digest))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 -- asyncio's signature
        self.load.refused += not self.done
        self.ended.set_result(None)


def main() -> None:
    async def load() -> Heard:
        return await Load(orjson.loads(sys.stdin.buffer.read())).run()

    sys.stdout.buffer.write(orjson.dumps(asyncio.run(load())))


if __name__ == "__main__":
    main()
