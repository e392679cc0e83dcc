"""An issuer's public keys, fetched when they are needed and kept for a while."""

import threading
import time
from collections.abc import Callable
from http.client import HTTPException
from urllib.request import HTTPRedirectHandler, Request, build_opener

import orjson
from jwt import PyJWK, PyJWKSet
from jwt.exceptions import PyJWTError

TIMEOUT_SECONDS = 3.0
MOST_BYTES = 256 * 1024
KEPT_SECONDS = 900.0
"""How long fetched keys serve before they are fetched again: so long a key the issuer took back may be believed."""
PAUSE_SECONDS = 30.0
"""The least time between two fetches: who makes up key ids shall not have this service call the issuer each time."""


class JwksUnavailable(Exception):
    """The issuer's keys cannot be had."""


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Keys come from where the settings say, and from nowhere else."""


class Jwks:
    """The keys at one address, for any number of threads.

    Args:
        uri: where the key set is.
        clock: seconds that only grow.
    """

    def __init__(self, uri: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._uri, self._clock = uri, clock
        self._lock = threading.Lock()
        self._keys: dict[str, PyJWK] = {}
        self._fetched = self._tried = float("-inf")

    def key(self, kid: str) -> PyJWK | None:
        """The key of an id; ``None`` if the issuer has none such.

        An unknown id has the keys fetched again, but not before the last try is ``PAUSE_SECONDS`` old.

        Raises:
            JwksUnavailable: no keys that are still good could be fetched.
        """
        if self._due(kid):
            with self._lock:  # who finds its key waits for nobody
                if self._due(kid):
                    self._fetch()
        if self._stale():
            raise JwksUnavailable
        return self._keys.get(kid)

    def _stale(self) -> bool:
        return self._clock() - self._fetched > KEPT_SECONDS

    def _due(self, kid: str) -> bool:
        return (self._stale() or kid not in self._keys) and self._clock() - self._tried > PAUSE_SECONDS

    def _fetch(self) -> None:
        """Replace the keys; those there are stay if the issuer does not answer, or not with keys."""
        try:
            request = Request(self._uri, headers={"Accept": "application/json"})
            with build_opener(_NoRedirect).open(request, timeout=TIMEOUT_SECONDS) as answer:
                found = PyJWKSet.from_dict(orjson.loads(answer.read(MOST_BYTES)))
        except (OSError, HTTPException, PyJWTError, ValueError, TypeError, AttributeError):
            return
        finally:
            self._tried = self._clock()
        self._keys = {key.key_id: key for key in found.keys if key.key_id}
        self._fetched = self._tried
