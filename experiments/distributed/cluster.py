"""Workers to train on: of this machine, or those of a scheduler named by its address."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from alliance.errors import InvalidInput

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 10


def installed() -> bool:
    """Whether Dask is there; it comes by the extra ``[dask]``."""
    return all(find_spec(name) for name in ("dask", "distributed"))


@contextmanager
def cluster(address: str = "", workers: int = 2) -> Iterator["Client"]:
    """A client of workers.

    Args:
        address: of a scheduler, such as ``tcp://10.0.0.5:8786``; if empty, workers are started on this machine.
        workers: how many are started here, each a process of one thread.

    Raises:
        InvalidInput: Dask is not installed, or no scheduler answers.
    """
    if not installed():
        raise InvalidInput("Dask is not installed.", remedy="Install it: make dask.")
    import dask  # noqa: PLC0415 # an extra, and slow to import
    from distributed import Client, LocalCluster  # noqa: PLC0415

    # A part stays with the worker it was given to: a model depends on who holds which rows.
    with dask.config.set({"distributed.scheduler.work-stealing": False}):
        if not address:
            with (
                LocalCluster(
                    n_workers=workers, threads_per_worker=1, dashboard_address=":0", silence_logs=logging.CRITICAL
                ) as local,
                Client(local) as client,
            ):
                yield client
            return
        try:
            found = Client(address, timeout=CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            raise InvalidInput(
                f"No Dask scheduler answers at {address}.", remedy="Start one: dask scheduler; then dask worker.",
            ) from error  # fmt: skip
        with found as client:
            yield client
