"""A request under an ``Idempotency-Key`` has one effect, however often it is sent (draft-ietf-httpapi-idempotency-key).

What came of the request is stored in the transaction of the effect itself. So whoever is killed in between leaves both
or neither, and of requests at the same time the first to commit has its effect; the others' are undone, and they answer
with the first's. A request that is refused leaves nothing, and may be sent again under its key.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request, Response
from sqlalchemy import Connection

from alliance.errors import AllianceError, InvalidInput
from alliance.store import Store
from alliance.store.effects import Along, Effect, find_effect, insert_effect
from scoring.api.context import InContext

REPLAYED = "Idempotency-Replayed"
"""Header of an answer to what has been done before."""

Made = TypeVar("Made")


class KeyReused(InvalidInput):
    """The idempotency key has been used for something else."""

    code = "idempotency.mismatch"


class _DoneBefore(Exception):
    """Found within the transaction, which it undoes: another request under the key was quicker."""

    def __init__(self, effect: Effect) -> None:
        super().__init__()
        self.effect = effect


class Once:
    """One request, and what it is to do at most once.

    Attributes:
        at: when it is done; of a request sent again, when it was.
        replayed: whether it had been done before.
    """

    def __init__(self, store: Store, member: str, operation: str, key: str | None, response: Response) -> None:
        self.at, self.replayed = datetime.now(UTC), False
        self._store, self._member, self._operation, self._key = store, member, operation, key
        self._response = response

    def run(self, sent: Callable[[], bytes], do: Callable[[Along | None], Made], again: Callable[[str], Made]) -> Made:
        """What the request brings about, or brought about before.

        Args:
            sent: tells this request from another: its content.
            do: brings it about, and stores along with it what it is given.
            again: what was brought about, by its id.

        Raises:
            KeyReused: the key has been used for other content or another operation.
        """
        if self._key is None:
            return do(None)
        digest = hashlib.sha256(self._operation.encode() + b"\0" + sent()).hexdigest()
        before = self._before()
        if before is None:
            try:
                return do(lambda connection, made: self._keep(connection, digest, made))
            except _DoneBefore as found:
                before = found.effect
            except AllianceError:  # what the quicker request did may itself stand in this one's way
                before = self._before()
                if before is None:
                    raise
        if before.request_sha256 != digest:
            raise KeyReused(
                "This idempotency key has been used for another request.",
                remedy="Send each request under a key of its own.",
                field="Idempotency-Key",
            )
        self.at, self.replayed = before.made_at, True
        self._response.headers[REPLAYED] = "true"
        return again(before.made)

    def _before(self) -> Effect | None:
        assert self._key is not None
        with self._store.reading() as connection:
            return find_effect(connection, self._member, self._key)

    def _keep(self, connection: Connection, digest: str, made: str) -> None:
        assert self._key is not None
        before = find_effect(connection, self._member, self._key)
        if before is not None:
            raise _DoneBefore(before)
        insert_effect(connection, Effect(self._member, self._key, digest, made, self.at))


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Chosen by the client, new for every request; sent again with the same request, it has no second"
        " effect, and the answer is that of the first, marked `Idempotency-Replayed: true`. Kept for ever, by member.",
        pattern=r"^[\x21-\x7e]{1,128}$",
        examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ),
]


async def once_of(request: Request, response: Response, context: InContext, key: IdempotencyKey = None) -> Once:
    operation = f"{request.method} {request.scope['route'].path_format}"
    return Once(context.scorer.store, request.state.caller.member, operation, key, response)


InOnce = Annotated[Once, Depends(once_of)]
