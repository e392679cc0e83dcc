"""One small written alliance and one world without files, made once for all tests of this folder."""

from pathlib import Path

import polars as pl
import pytest

from seeds import members, truth
from seeds.world import World, simulate

WRITTEN = 150
SIMULATED = 3000


@pytest.fixture(scope="session")
def world() -> World:
    return simulate(SIMULATED, 7)


@pytest.fixture(scope="session")
def panel(world: World) -> pl.DataFrame:
    """The panel of the world with the Bayes PD of the out-of-time window."""
    return truth.with_bayes_pd(world, truth.panel(world))


@pytest.fixture(scope="session")
def small_world() -> World:
    return simulate(WRITTEN, 3)


@pytest.fixture(scope="session")
def folder(small_world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small world's files: ``members/`` and ``truth/``."""
    directory = tmp_path_factory.mktemp("seed-alliance")
    truth.write(small_world, members.write(small_world, directory), directory)
    return directory
