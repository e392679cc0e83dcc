"""Each request gets an id, one line in the log and its place in the metrics."""

import logging
import re
import traceback
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import uuid4

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alliance.callers import Caller
from alliance.errors import AllianceError
from scoring.api.metrics import Metrics
from scoring.shadow import Shadowed

logger = logging.getLogger("scoring.access")
failures = logging.getLogger("scoring.failures")

MOST_LINES = 8
"""Lines of a failure's way that are noted."""

HEADER = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_ELSEWHERE = "unmatched"

REFUSALS = frozenset({401, 403, 429})


def request_id(scope: MutableMapping[str, Any]) -> str:
    """The id of the request; the caller's own, when it sent a usable one."""
    state = scope.setdefault("state", {})
    if "request_id" not in state:
        given = Headers(scope=scope).get(HEADER, "")
        state["request_id"] = given if _GIVEN.fullmatch(given) else uuid4().hex
    return str(state["request_id"])


class Observation:
    """Watches the requests of one app: ids, access log, metrics.

    The log holds the route's template, never the path, the query or the body: they name companies. Of the caller it
    holds the name of its key, never the key.
    """

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics

    def middleware(self, app: ASGIApp) -> ASGIApp:
        """The app, watched."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            status, started = 500, perf_counter()

            async def told(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    MutableHeaders(scope=message)[HEADER] = request_id(scope)
                await send(message)

            try:
                await app(scope, receive, told)
            finally:
                self._note(scope, status, perf_counter() - started)

        return watched

    def shadowed(self, told: Shadowed) -> None:
        """What became of decisions handed to a challenger; that it failed is a line in the log, too."""
        for became in ("scored", "failed", "dropped"):
            self.metrics.shadowed.labels(became).inc(getattr(told, became))
        if told.error is not None:
            _note_aside("shadow", told.error)

    def not_loaded(self, error: AllianceError) -> None:
        """A champion that could not be loaded while the one before it goes on."""
        self.metrics.unloaded.inc()
        _note_aside("champion", error)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = getattr(scope.get("route"), "path_format", _ELSEWHERE)
        self.metrics.requests.labels(method, route, str(status)).inc()
        self.metrics.seconds.labels(method, route).observe(seconds)
        if status in REFUSALS:
            self.metrics.refusals.labels(scope["state"].get("problem", "")).inc()
        line = {
            "request_id": request_id(scope),
            "method": method,
            "route": route,
            "status": status,
            "ms": round(1000 * seconds, 2),
        }
        line |= {name: value for name, value in _told_of(scope["state"]).items() if value}
        logger.info(orjson.dumps(line).decode())


def _told_of(state: Mapping[str, Any]) -> dict[str, str]:
    """Who asked, as far as a log may know it, and why it came to nothing: a key's name, and codes."""
    caller = state.get("caller")
    key = (caller.key or "token") if isinstance(caller, Caller) else ""
    return {"key": key, "problem": state.get("problem", ""), "reason": state.get("reason", "")}


def note_failure(scope: MutableMapping[str, Any], cause: str, at: Sequence[str] = ()) -> None:
    """One line of what failed, for the operator: words of the software's own, and nothing of what was sent."""
    line = {"request_id": request_id(scope), "failure": cause} | ({"at": at} if at else {})
    failures.error(orjson.dumps(line).decode())


def _note_aside(where: str, error: Exception) -> None:
    """One line of what failed outside of any request: kind and place, as of what nobody foresaw."""
    line = {"failure": type(error).__name__, "in": where, "at": _lines(error)}
    failures.error(orjson.dumps(line).decode())


class Failures:
    """Answers what nobody foresaw, and notes where it happened.

    The error's own words may hold what was sent, so they are not kept: its kind and the lines it came through are.
    """

    def __init__(self, app: ASGIApp, answer: Callable[[Scope], ASGIApp]) -> None:
        self.app, self._answer = app, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noticed(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noticed)
        except Exception as error:
            if scope["type"] != "http":
                raise
            note_failure(scope, type(error).__name__, _lines(error))
            scope["state"]["problem"] = "internal"
            if not begun:
                await self._answer(scope)(scope, receive, send)


def _lines(error: Exception) -> list[str]:
    """The last lines an error came through, innermost first."""
    frames = traceback.extract_tb(error.__traceback__)[-MOST_LINES:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)]
