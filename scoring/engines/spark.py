"""Apache Spark: the pieces are rows of a frame, work runs in ``mapInArrow``. The one module that imports PySpark."""

import os
import socket
import sys
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from alliance.errors import AllianceError, InvalidInput
from scoring.engines.engine import Piece, Work

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PIECES_A_CORE = 4
"""Pieces sent at a time, by core: enough that a slow one does not keep the others waiting for long."""

WAVES = 2
"""Sets of pieces under way: while one is worked on, the driver prepares the next and deals with the last."""

_MASTER_ANSWERS_WITHIN = 5.0
"""Seconds; Spark itself tries for a minute, and then ends without a word to the caller."""

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.maxResultSize": "0",
    # A core does one piece at a time: more threads would get into each other's way.
    **{
        f"spark.executorEnv.{name}": "1"
        for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "ARROW_NUM_THREADS")
    },
}


class EngineFailed(AllianceError):
    """Work on the cluster failed; nothing of it counts."""

    code = "engine.failed"


class Spark(AbstractContextManager["Spark"]):
    """A Spark session, ended on leaving; one that this process has already is used, and left as it is.

    Args:
        master: ``local[2]``, ``spark://host:7077``, ``yarn``, ``k8s://...``; workers need this package installed, for
            the Python that ``PYSPARK_PYTHON`` names.

    Raises:
        InvalidInput: the extra is not installed, or no session can be had at this master.
    """

    def __init__(self, master: str) -> None:
        try:
            import pyspark  # noqa: F401, PLC0415 -- an extra
        except ImportError as error:
            raise InvalidInput(
                "The engine 'spark' needs PySpark, which is not installed.",
                remedy='Install the extra: pip install "alliance-credit[spark]", or make spark in a working copy.',
                field="engine",
            ) from error
        from pyspark.sql import SparkSession  # noqa: PLC0415

        found = SparkSession.getActiveSession()
        if found is None:
            _require_answer(master)
        self._own = found is None
        self._session: SparkSession = found or _started(master)
        self._at_a_time = PIECES_A_CORE * self._session.sparkContext.defaultParallelism

    def __exit__(self, *_: object) -> None:
        if self._own:
            self._session.stop()

    def mapped(self, work: Work[Piece], pieces: Iterable[Piece]) -> Iterator[bytes]:
        """As ``Engine.mapped``.

        Raises:
            EngineFailed: a worker failed as often as Spark tries.
        """
        asked, under_way = iter(pieces), deque[Future[list[bytes]]]()
        with ThreadPoolExecutor(WAVES) as threads:
            while wave := list(islice(asked, self._at_a_time)):
                under_way.append(threads.submit(self._wave, work, wave))
                if len(under_way) == WAVES:
                    yield from under_way.popleft().result()
            while under_way:
                yield from under_way.popleft().result()

    def _wave(self, work: Work[Piece], pieces: list[Piece]) -> list[bytes]:
        """What comes of some pieces, each a task."""
        places = self._session.range(0, len(pieces), 1, len(pieces))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # PySpark's, of a pandas it does not know yet
            try:
                made = places.mapInArrow(partial(_worked, work, pieces), "place long, made binary").toArrow()
            except Exception as error:
                raise _failed(error) from error
        by_place = dict(zip(made["place"].to_pylist(), made["made"].to_pylist(), strict=True))
        return [by_place[place] for place in range(len(pieces))]


def _worked(work: Work[Piece], pieces: list[Piece], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """On a worker: the rows of a partition, each a piece's place, with what comes of it."""
    for batch in batches:
        for place in batch.column(0).to_pylist():
            made = pa.array([work(pieces[place])], pa.binary())
            yield pa.RecordBatch.from_arrays([pa.array([place], pa.int64()), made], ["place", "made"])


def _started(master: str) -> "SparkSession":
    from pyspark.sql import SparkSession  # noqa: PLC0415

    # A worker on this machine is this Python; elsewhere it is the one the cluster's owner names.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable if master.startswith("local") else "python3")
    builder = SparkSession.builder.master(master).appName("alliance-credit")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            session: SparkSession = builder.getOrCreate()
        except Exception as error:
            raise InvalidInput(
                f"Spark cannot be started: {_last_line(error)}",
                remedy="Name a master such as local[2] or spark://host:7077; Spark needs Java 17 or newer.",
                master=master,
            ) from error
    session.sparkContext.setLogLevel("OFF")  # what goes wrong is told once, as an error
    return session


def _require_answer(master: str) -> None:
    """Raise ``InvalidInput`` if none of the hosts of a standalone master answers."""
    if not master.startswith("spark://"):
        return
    for place in master.removeprefix("spark://").split(","):
        host, _, port = place.rpartition(":")
        try:
            socket.create_connection((host, int(port)), _MASTER_ANSWERS_WITHIN).close()
        except (OSError, ValueError):
            continue
        return
    raise InvalidInput(
        "No Spark master answers there.", remedy="Name one that runs, as spark://host:7077.", master=master
    )


def _failed(error: Exception) -> EngineFailed:
    return EngineFailed(
        f"A worker failed: {_last_line(error)}",
        remedy="Workers need this package, in this version, and the work folder under the same path.",
    )


def _last_line(error: Any) -> str:
    """What an error says in the end: of a worker's, which comes with its stack, the cause."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    stack = [place for place, line in enumerate(lines) if line.startswith("File ")]
    if not stack:
        return lines[0] if lines else type(error).__name__
    return next((line for line in lines[stack[-1] + 1 :] if "Error" in line or ":" in line), lines[-1])
