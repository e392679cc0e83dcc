"""How much one request may carry, held while its body comes in and before anything reads it."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alliance.errors import LimitExceeded
from scoring.api.observation import request_id
from scoring.api.problems import problem_of, response_of

MIB = 1024 * 1024

MOST_JSON_BYTES = 1 * MIB
MOST_UPLOAD_BYTES = 64 * MIB
"""A submission over HTTP, both files together; larger ones go in by ``alliance submit``, which knows no limit."""
MOST_CONTRACT_BYTES = 1 * MIB
DISCARDED_BYTES = 16 * MIB
"""How much of a body too large is read and forgotten, so that a client that is still sending hears the answer."""
MOST_SCORES = 1_000
"""Scores one request may ask for; more is a batch job."""

UPLOADS = "/v1/submissions"


class BodyLimit:
    """Refuses a body larger than its path allows, as soon as that is known."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _Body(receive, MOST_UPLOAD_BYTES if scope["path"] == UPLOADS else MOST_JSON_BYTES, _declared(scope))

        async def unless_exceeded(message: Message) -> None:
            if not body.exceeded:
                await send(message)

        if not body.exceeded:
            # The framework may turn the error into an answer of its own, which is then not sent.
            try:
                await self.app(scope, body.receive, unless_exceeded)
            except LimitExceeded as raised:
                if raised is not body.error:
                    raise
        if body.exceeded:
            if body.more:
                await discard(receive)
            answer = response_of(problem_of(body.error, request_id(scope)), {"Connection": "close"})
            await answer(scope, receive, send)


class _Body:
    """A request's body, counted as it comes in.

    Attributes:
        exceeded: whether it is larger than the limit, by its own word or by count.
        error: what is raised when it is.
        more: whether more of it is to come.
    """

    def __init__(self, receive: Receive, limit: int, declared: int) -> None:
        self._receive, self._limit = receive, limit
        self._received, self.more = 0, True
        self.exceeded = declared > limit
        self.error = LimitExceeded(
            f"The request is larger than {limit} bytes.", remedy="Send it in parts, or use the command line.",
            limit=limit,
        )  # fmt: skip

    async def receive(self) -> Message:
        message = await self._receive()
        self._received += len(message.get("body", b""))
        self.more = message.get("more_body", False)
        if self._received > self._limit:
            self.exceeded = True
            raise self.error
        return message


async def discard(receive: Receive) -> None:
    """Read what is still to come of a body, within bounds, and forget it."""
    read, more = 0, True
    while more and read < DISCARDED_BYTES:
        message = await receive()
        read += len(message.get("body", b""))
        more = message.get("more_body", False)


def _declared(scope: Scope) -> int:
    """The size the request says it has; 0 when it does not say."""
    length = Headers(scope=scope).get("content-length", "")
    return int(length[:18]) if length.isascii() and length.isdigit() else 0
