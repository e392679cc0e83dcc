"""Engines by name, as the console has them."""

from collections.abc import Iterator
from contextlib import contextmanager

from alliance.errors import NotFound
from scoring.engines.engine import Engine, Local

LOCAL, SPARK = ENGINES = ("local", "spark")


@contextmanager
def engine_named(name: str, master: str) -> Iterator[Engine]:
    """The engine of a name, ended on leaving.

    Args:
        master: URL of the Spark master; of no meaning to the other.

    Raises:
        NotFound: there is no such engine.
        InvalidInput: Spark is not installed here, or cannot be started at this master.
    """
    if name == LOCAL:
        with Local() as local:
            yield local
    elif name == SPARK:
        from scoring.engines.spark import Spark  # noqa: PLC0415 -- takes a second, and is an extra

        with Spark(master) as spark:
            yield spark
    else:
        raise NotFound(f"There is no engine {name!r}.", remedy=f"Use one of {', '.join(ENGINES)}.", field="engine")
