"""The model of linkage is estimated from data, and holds on data it was not estimated on."""

import math
from pathlib import Path

import polars as pl
import pytest

from alliance.contracts import files_by_contract
from alliance.identity.candidates import candidates
from alliance.identity.comparisons import COMPARISONS
from alliance.identity.linkage import KNOWN_SHARE, compare, shipped_model
from alliance.intake import submit
from alliance.store import Store
from experiments.crunchbase.linkage import linked, linked_table, profiles, reported_on
from experiments.linkage import Known, best_pairs, chosen, estimate, known_of
from seeds import members
from seeds.world import simulate

SIZE, SEED = 300, 12


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    """Companies of a small seed alliance, none linked yet."""
    folder = tmp_path_factory.mktemp("linkage")
    links = members.write(simulate(SIZE, SEED), folder)
    store = Store(f"sqlite:///{folder / 'alliance.db'}")
    for contract, file in files_by_contract(folder / "members"):
        submit(store, contract, file)
    found = known_of(store, links)
    store.close()
    return found


def test_the_shipped_model_holds_on_another_alliance(known: Known) -> None:
    every, model = known.profiles.filter(pl.col("company_id").is_in(list(known.truth))), shipped_model()
    scored = best_pairs(compare(candidates(every, every.clear()), model, KNOWN_SHARE / every.height), known.truth)
    assert scored["same"].sum() > 300
    sure = scored.filter(pl.col("probability") >= model.thresholds.link)
    assert sure["same"].mean() > 0.99
    assert sure["same"].sum() > 0.97 * scored["same"].sum()


def test_what_is_estimated_is_a_model(known: Known) -> None:
    model = estimate(known)
    assert 0 < model.thresholds.review < model.thresholds.link < 1
    for one in COMPARISONS:
        m, u = model.m[one.name], model.u[one.name]
        assert list(m) == list(u) == [level.name for level in one.levels]
        assert math.isclose(sum(m.values()), 1, abs_tol=1e-6) and math.isclose(sum(u.values()), 1, abs_tol=1e-6)
        assert m[one.levels[0].name] > u[one.levels[0].name]
        assert m[one.levels[-1].name] < u[one.levels[-1].name]


@pytest.mark.parametrize(
    ("pairs", "link", "review"),
    [
        ([(0.999, True, 60), (0.5, True, 9), (0.5, False, 1), (0.01, False, 90)], (0.9, 0.999), (0.01, 0.5)),
        ([(0.999, True, 60), (0.01, False, 90)], (0.89, 0.9), (0.75, 0.77)),
        ([(0.99, False, 60)], (0.99, 1.0), (0.99, 1.0)),
    ],
)
def test_thresholds_part_the_sure_the_doubtful_and_the_rest(
    pairs: list[tuple[float, bool, int]], link: tuple[float, float], review: tuple[float, float]
) -> None:
    rows = [(probability, same) for probability, same, times in pairs for _ in range(times)]
    found = chosen(pl.DataFrame(rows, schema=["probability", "same"], orient="row"))
    assert link[0] < found.link <= link[1]
    assert review[0] < found.review <= review[1]


@pytest.mark.data
def test_real_companies_of_two_exports(data_dir: Path) -> None:
    """A tenth of those the study reports on, against the whole later export."""
    earlier, later = (profiles(data_dir, export) for export in ("companies_2013", "companies_2014"))
    mine = [place for place, company in enumerate(earlier["company_id"]) if reported_on(company[3:])]
    found = linked(earlier[mine[::10]], later.with_columns(pl.lit(None, pl.String).alias("website")))
    assert (found.known, found.newcomers) == (49_358, len(mine[::10]))
    assert found.precision > 0.98
    assert found.recall > 0.94
    assert linked_table(found).row_count == 8
