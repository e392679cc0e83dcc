"""Facts hang on what is claimed alone: not on the order of submissions and members, nor on the database."""

from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from alliance.contracts import files_by_contract
from alliance.contracts.contract import REGISTRATION
from alliance.identity.link import link_newcomers
from alliance.intake import submit
from alliance.rights import AccessRequest
from alliance.signals import SIGNALS
from alliance.store import Store
from alliance.trust import learn_reliabilities
from alliance.view import View
from seeds import members
from seeds.world import simulate

RECEIVED = datetime(2025, 1, 31, 12, tzinfo=UTC)
AS_OF = date(2024, 12, 31)

Facts = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("alike")
    members.write(simulate(60, 5), directory)
    return directory / "members"


def facts_of(store: Store, folder: Path, order: int) -> Facts:
    """Facts, by registration number, of an alliance whose files came in some order."""
    files = files_by_contract(folder)
    Random(order).shuffle(files)
    for contract, file in files:
        submit(store, contract, file, now=RECEIVED)
    link_newcomers(store)
    learn_reliabilities(store, [date(2023, 12, 31), AS_OF])
    entries = store.companies(store.company_ids())
    numbers = {one.company_id: one.identifiers.get(REGISTRATION) for one in entries}
    made = View(store, AccessRequest("anonymous", "research")).facts(list(numbers), AS_OF)
    named = pl.col("subject_id").replace(numbers)
    return {
        signal.name: made.frames[signal.name].with_columns(named).drop_nulls("subject_id").sort("subject_id", "key")
        for signal in SIGNALS
    }


@pytest.fixture(scope="module")
def expected(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('first') / 'alliance.db'}")
    made = facts_of(store, folder, 0)
    store.close()
    assert sum(frame.height for frame in made.values()) > 1_000
    assert sum(frame.filter(pl.col("members") > 1).height for frame in made.values()) > 200
    return made


def same(found: Facts, expected: Facts) -> None:
    for name, frame in expected.items():
        assert_frame_equal(found[name], frame, check_exact=True)


@pytest.mark.parametrize("order", [1, 2])
def test_the_order_of_submissions_and_of_members_changes_no_fact(
    folder: Path, expected: Facts, sqlite_url: str, order: int
) -> None:
    store = Store(sqlite_url)
    same(facts_of(store, folder, order), expected)
    store.close()


def test_both_databases_give_equal_facts(folder: Path, expected: Facts, postgres_url: str) -> None:
    store = Store(postgres_url)
    same(facts_of(store, folder, 3), expected)
    store.close()
