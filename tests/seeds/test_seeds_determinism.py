"""The same seed and size give the same bytes, and a larger world is but longer."""

import hashlib
from pathlib import Path

import pytest
import typer

from seeds import members, truth
from seeds.__main__ import main
from seeds.world import simulate

COMPANIES = 150


def digest(folder: Path) -> dict[str, str]:
    """SHA-256 of every file."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def made(seed: int, folder: Path) -> dict[str, str]:
    world = simulate(COMPANIES, seed)
    truth.write(world, members.write(world, folder), folder)
    return digest(folder)


def test_same_seed_same_bytes(folder: Path, tmp_path: Path) -> None:
    first = digest(folder)
    assert made(3, tmp_path) == first
    assert any(name.endswith(".xlsx") for name in first) and any(name.endswith(".gz") for name in first)


def test_another_seed_gives_other_bytes(folder: Path, tmp_path: Path) -> None:
    first, other = digest(folder), made(4, tmp_path)
    same = [name for name, value in other.items() if first.get(name) == value and not name.endswith(".yaml")]
    assert not same


def test_twice_the_companies_twice_the_records() -> None:
    counts = []
    for companies in (500, 1000):
        world = simulate(companies, 5)
        counts.append(sum(len(submission.rows) for submission in members.submissions(world)))
        assert truth.panel(world)["company"].n_unique() == companies
    assert 1.7 < counts[1] / counts[0] < 2.3


def test_the_command_writes_all_and_refuses_to_write_twice(tmp_path: Path) -> None:
    main(out=tmp_path, companies=60, seed=1, years=6)
    assert {path.name for path in (tmp_path / "truth").iterdir()} == {
        "companies.parquet", "copier.json", "facts", "latent.parquet", "liar.json", "links.parquet", "panel.parquet",
    }  # fmt: skip
    with pytest.raises(typer.Exit):
        main(out=tmp_path, companies=60, seed=1, years=6)


def test_shorter_windows_work() -> None:
    world = simulate(120, 2, years=4)
    assert str(world.horizon) == "2022-12-31"
    assert truth.panel(world).drop_nulls("default_12m")["as_of"].max() == world.horizon.replace(year=2021)
