"""The API at one address, by one process or by several that share it."""

import logging.config
import os
from collections.abc import Callable, Mapping
from socket import IPPROTO_TCP, TCP_NODELAY, socket

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from alliance.config import Settings
from scoring.api import app_of

ACCESS_LOG = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(message)s"}},
    "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stdout"}},
    "loggers": {
        name: {"handlers": ["lines"], "level": "INFO", "propagate": False}
        for name in ("scoring.access", "scoring.failures")
    },
}
"""One JSON line a request and a failure on standard output; the server's own messages go to standard error."""

Bound = Callable[[int], object]
"""Told the port, once it is taken."""


def serve_alone(app: FastAPI, host: str, port: int, bound: Bound) -> None:
    """Serve an app in this process until told to stop."""
    logging.config.dictConfig(ACCESS_LOG)
    config = uvicorn.Config(app, host=host, port=port, access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[_taken(config, bound)])


def serve_together(settings: Settings, workers: int, host: str, port: int, bound: Bound) -> None:
    """Serve the settings' API by so many processes, each with store and model of its own, until told to stop."""
    os.environ.update(_environment(settings))  # by which each worker finds them
    config = uvicorn.Config(
        "scoring.serving:worker", factory=True, host=host, port=port, workers=workers, access_log=False,
        server_header=False,
    )  # fmt: skip
    Multiprocess(config, [_taken(config, bound)]).run()


def worker() -> FastAPI:
    """The app of one worker, by the environment's settings."""
    logging.config.dictConfig(ACCESS_LOG)
    return app_of()


def _environment(settings: Settings) -> Mapping[str, str]:
    return {
        "ALLIANCE_HOME": str(settings.home),
        "ALLIANCE_DATABASE_URL": settings.database_url,
        "MLFLOW_TRACKING_URI": settings.tracking_uri,
        "ALLIANCE_BUNDLE": settings.bundle,
        "ALLIANCE_LEDGER_KEY": str(settings.ledger_key),
        "ALLIANCE_SHADOW": settings.shadow,
    }


def _taken(config: uvicorn.Config, bound: Bound) -> socket:
    """The listening socket, its port told.

    An answer goes out in two parts, and the second would wait for the client's word on the first, some 40 ms. asyncio
    sees to that for sockets of its own making alone; those accepted take it from this one.
    """
    listening = config.bind_socket()
    listening.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
    listening.listen(config.backlog)  # so that who comes before the first worker is ready waits
    bound(listening.getsockname()[1])
    return listening
