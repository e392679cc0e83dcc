"""From the start of a process to its first healthy answer."""

from pathlib import Path

from bench.measure import Comparison
from bench.service.models import Served
from bench.service.servers import Command, mlflow, ours, running

AIM = 2.0
"""Half the time."""


def start(served: Served, database: str, folder: Path, *, runs: int) -> Comparison:
    """One run starts a server, waits until it is ready, and stops it.

    Both have been started in this folder before, so compiled Python is there, as it is where they are installed.
    """

    def started(command: Command) -> float:
        with running(command, folder) as server:
            return server.seconds

    seconds = [(started(ours(database, served.folder / "bundle", folder)), started(mlflow(served.folder / "mlflow")))
               for _ in range(runs)]  # fmt: skip
    mine, theirs = zip(*seconds, strict=True)
    return Comparison(
        "start to ready", served.name, tuple(mine), tuple(theirs), "mlflow models serve, to /ping", AIM,
        "imports (FastAPI, SQLAlchemy, Polars, numba) are two thirds, the compiled walk read from its cache most of the"
        " rest; a leaner HTTP layer, or kernels compiled ahead of time, would move it",
    )  # fmt: skip
