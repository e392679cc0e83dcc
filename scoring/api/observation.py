"""Each request gets an id, one line in the log and its place in the metrics."""

import logging
import re
from collections.abc import MutableMapping
from time import perf_counter
from typing import Any
from uuid import uuid4

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scoring.api.metrics import Metrics

logger = logging.getLogger("scoring.access")

HEADER = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_ELSEWHERE = "unmatched"


def request_id(scope: MutableMapping[str, Any]) -> str:
    """The id of the request; the caller's own, when it sent a usable one."""
    state = scope.setdefault("state", {})
    if "request_id" not in state:
        given = Headers(scope=scope).get(HEADER, "")
        state["request_id"] = given if _GIVEN.fullmatch(given) else uuid4().hex
    return str(state["request_id"])


class Observation:
    """Watches the requests of one app: ids, access log, metrics.

    The log holds the route's template, never the path, the query or the body: they name companies.
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

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = getattr(scope.get("route"), "path_format", _ELSEWHERE)
        self.metrics.requests.labels(method, route, str(status)).inc()
        self.metrics.seconds.labels(method, route).observe(seconds)
        line = {
            "request_id": request_id(scope),
            "method": method,
            "route": route,
            "status": status,
            "ms": round(1000 * seconds, 2),
        }
        logger.info(orjson.dumps(line).decode())
