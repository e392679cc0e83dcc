"""Who asks: found out before anything of a request is read; without an answer nothing but the open paths is served."""

from datetime import UTC, datetime

import anyio
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alliance.callers import Caller
from alliance.callers.register import Unauthenticated, authenticated
from alliance.errors import AllianceError
from alliance.policy import Limits
from alliance.store import Store
from scoring.api.limits import discard
from scoring.api.oidc import Issuers
from scoring.api.problems import refusal
from scoring.api.rate import Allowance, Buckets, RateExceeded
from scoring.api.scopes import is_open

PATIENCE_SECONDS = 5
"""How long a caller nobody knows may go on sending before it is cut off."""


class Authentication:
    """Lets a request through with its caller in ``state.caller``, as often as the limits allow.

    Failures are counted by address, and past the limit answered with 429. A caller whose key holds passes all the same:
    a bank's offices share one address, and one bad client among them shall not lock the others out.
    """

    def __init__(self, app: ASGIApp, store: Store, limits: Limits, issuers: Issuers) -> None:
        self.app = app
        self._store, self._issuers = store, issuers
        self._asked = Buckets(limits.requests_per_minute, limits.burst)
        self._failed = Buckets(limits.failures_per_minute, limits.failures_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_open(scope["path"]):
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        try:
            caller = await self._asking(Headers(scope=scope))
            state["caller"] = caller
            left = self._asked.take(caller.credential)
            if not left.allowed:
                raise RateExceeded("This caller asks more often than it may.", left.wait)
        except AllianceError as error:
            if isinstance(error, Unauthenticated):
                state["reason"] = error.reason
                error = self._counted(scope, error)
            await _refuse(error, scope, receive, send)
            return
        await self.app(scope, receive, self._telling(left, send))

    async def _asking(self, headers: Headers) -> Caller:
        """Who asks. An embedded store answers before a thread could be woken; all else is waited for in one."""
        credentials = _credentials(headers)
        if not credentials.startswith("alc_"):
            return await run_in_threadpool(self._issuers.caller, credentials)
        if self._store.embedded:
            return authenticated(self._store, credentials, datetime.now(UTC))
        return await run_in_threadpool(authenticated, self._store, credentials, datetime.now(UTC))

    def _counted(self, scope: Scope, error: Unauthenticated) -> AllianceError:
        """What a failure is answered with: itself, or that there were too many."""
        address = (scope.get("client") or ("unknown",))[0]
        left = self._failed.take(address)
        if left.allowed:
            return error
        return RateExceeded("Too many attempts to say who asks have failed from this address.", left.wait)

    def _telling(self, left: Allowance, send: Send) -> Send:
        """Answers say how often the caller may still ask (draft-ietf-httpapi-ratelimit-headers)."""
        window = -(-60 * self._asked.burst // self._asked.per_minute)

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["RateLimit-Policy"] = f'"key";q={self._asked.burst};w={window}'
                headers["RateLimit"] = f'"key";r={left.left};t={left.full}'
            await send(message)

        return told


def _credentials(headers: Headers) -> str:
    """What was sent to say who asks; ``Unauthenticated`` if that is nothing, or nothing that can be read."""
    sent = headers.getlist("authorization")
    if len(sent) != 1:
        raise Unauthenticated("malformed" if sent else "missing")
    scheme, _, credentials = sent[0].partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("malformed")
    return credentials


async def _refuse(error: AllianceError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer, and hear out what is still being sent, so that the client hears the answer."""
    if "expect" not in Headers(scope=scope):  # who asks first whether to send has not begun
        with anyio.move_on_after(PATIENCE_SECONDS):
            await discard(receive)
    await refusal(error, scope)(scope, receive, send)
