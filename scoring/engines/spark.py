"""Apache Spark: the pieces are rows of a frame, work runs in ``mapInArrow``. The one module that imports PySpark."""

import os
import socket
import sys
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

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
                worker = partial(_worked, work, pieces, _versions())
                made = places.mapInArrow(worker, "place long, made binary").toArrow()
            except Exception as error:
                raise _failed(error) from error
        by_place = dict(zip(made["place"].to_pylist(), made["made"].to_pylist(), strict=True))
        return [by_place[place] for place in range(len(pieces))]


def _versions() -> dict[str, str]:
    """What the bits of a score depend on, as far as it is installed here."""
    found = {"python": ".".join(map(str, sys.version_info[:2]))}
    for name in _ALIKE:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


_ALIKE = ("alliance-credit", "lightgbm", "numba", "numpy", "polars", "pyarrow")


def _worked(
    work: Work[Piece], pieces: list[Piece], versions: dict[str, str], batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """On a worker: the rows of a partition, each a piece's place, with what comes of it."""
    if (here := _versions()) != versions:
        different = sorted(name for name in {*here, *versions} if here.get(name) != versions.get(name))
        raise EngineFailed(f"The worker has other versions than the driver of {', '.join(different)}.")
    for batch in batches:
        for place in batch.column(0).to_pylist():
            made = pa.array([work(pieces[place])], pa.binary())
            yield pa.RecordBatch.from_arrays([pa.array([place], pa.int64()), made], ["place", "made"])


def _started(master: str) -> "SparkSession":
    from pyspark.sql import SparkSession  # noqa: PLC0415

    if master.startswith("local"):  # else a worker's Python is the one that the cluster's owner names
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master).appName("alliance-credit")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    if "SPARK_CONF_DIR" not in os.environ:
        log = Path(__file__).with_name("log4j2.properties").as_uri()
        builder = builder.config("spark.driver.extraJavaOptions", f"-Dlog4j2.configurationFile={log}")
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
    return session


def _require_answer(master: str) -> None:
    """Raise ``InvalidInput`` for what is no master's URL, or one of a standalone master of which no host answers."""
    if not master.startswith(("local", "spark://", "yarn", "k8s://")):
        raise InvalidInput(
            "That is no URL of a Spark master.", remedy="Name one such as local[2], spark://host:7077, yarn, k8s://...",
            master=master,
        )  # fmt: skip
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


def _last_line(error: Exception) -> str:
    """What an error says; of a worker's, which comes with its stack, the cause alone."""
    lines = str(error).splitlines()
    frames = [place for place, line in enumerate(lines) if line.startswith("  File ")]
    told = [line for line in lines[frames[-1] + 1 if frames else 0 :] if line.strip() and not line[0].isspace()]
    if told and told[0].startswith("An error occurred while calling"):  # Java's, of which the next line says what
        told = [line.removeprefix(": ") for line in told[1:]]
    return told[0].strip() if told else type(error).__name__
