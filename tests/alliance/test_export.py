"""Claims exported by bucket: facts are the store's, by the same rights, and nothing withheld lies on disk."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from alliance import disputes, grants
from alliance.contracts import files_by_contract
from alliance.errors import Conflict, InvalidInput, Refused
from alliance.export import Bucket, Export, ExportBroken, buckets_of, read_bucket
from alliance.intake import submit
from alliance.rights import EVERYBODY, AccessRequest, Disclosure, Grant, Right
from alliance.signals import SIGNALS
from alliance.store import Store
from alliance.trust import learn_reliabilities
from alliance.view import History, View
from seeds import members
from seeds.world import simulate

RECEIVED = datetime(2025, 1, 31, 12, tzinfo=UTC)
RULED = datetime(2023, 6, 1, 12, tzinfo=UTC)
DAYS = (date(2021, 12, 31), date(2023, 5, 31), date(2023, 6, 1), date(2024, 12, 31))
SCORES, USE = (AccessRequest("spd", "research", right) for right in (Right.SCORES, Right.USE))
HELD_BACK = "cash_position"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A seed alliance in which givers differ: one gives of some companies alone, one its cash for scores alone."""
    folder = tmp_path_factory.mktemp("house")
    members.write(simulate(60, 5), folder)
    store = Store(f"sqlite:///{folder / 'alliance.db'}")
    for contract, file in files_by_contract(folder / "members"):
        submit(store, contract, file, now=RECEIVED)
    learn_reliabilities(store, [date(2022, 12, 31), date(2023, 12, 31)])
    grants.register(store, "spd", "data_vendor", author="alliance")  # a role of which the charter asks nothing
    claims, ids = store.claims().frames, store.company_ids()
    cash = claims[HELD_BACK]["member"].unique().sort().to_list()
    rounds = [one for one in claims["funding_round"]["member"].unique().sort() if one not in cash]
    terms = {"receiver": EVERYBODY, "purposes": ("research",), "rights": (Right.USE,)}
    everything = [signal.name for signal in SIGNALS if signal.name != HELD_BACK]
    for giver in sorted({*cash, *rounds[:2]}):
        given = [Grant(giver=giver, fields=tuple(everything), **terms)]
        if giver in cash:
            given.append(Grant(giver=giver, fields=(HELD_BACK,), disclosure=Disclosure.SCORE_ONLY, **terms))
        if giver == rounds[0]:
            given = [Grant(giver=giver, fields=("*",), companies=tuple(ids[::3]), **terms)]
        grants.give(store, given, author=giver)
    claim = claims["funding_round"].filter(pl.col("member") == rounds[1]).row(0, named=True)
    objection = disputes.Objection(
        company=claim["subject_id"], signal="funding_round", key=claim["key"],
        claim=(claim["submission_no"], claim["row"]), evidence="canary", author=rounds[0],
    )  # fmt: skip
    raised = disputes.raise_dispute(store, objection, due_days=20, now=RULED)
    disputes.rule(store, raised.dispute_id, excluded=True, author="alliance", reason="canary", now=RULED)
    yield store
    store.close()


def exported(store: Store, request: AccessRequest, export: Export, size: int) -> list[Bucket]:
    mark = store.watermark()
    histories = View(store, request).histories(buckets_of(store.company_ids(), size), watermark=mark)
    return [export.add(one) for one in histories]


@pytest.mark.parametrize("request_", [SCORES, USE], ids=["scores", "use"])
@pytest.mark.parametrize("size", [7, 1_000])
def test_facts_of_a_bucket_are_the_stores(house: Store, tmp_path: Path, request_: AccessRequest, size: int) -> None:
    view, held = View(house, request_), 0
    with Export(tmp_path / "export") as export:
        buckets = [read_bucket(one) for one in exported(house, request_, export, size)]
        assert [one for bucket in buckets for one in bucket.companies] == house.company_ids()
        for bucket in buckets[:: max(1, len(buckets) // 3)]:
            for day in DAYS:
                made, expected = bucket.facts(day), view.facts(bucket.companies, day)
                for signal in SIGNALS:
                    assert_frame_equal(made.frames[signal.name], expected.frames[signal.name])
                assert dict(made.rungs) == dict(expected.rungs) and made.contested() == expected.contested()
                assert (made.as_of, made.companies, made.watermark) == (day, expected.companies, house.watermark())
                held += len(dict(made.rungs))
    assert held or request_ is USE  # something is withheld from who may only score


def test_a_ruling_counts_from_its_day_on(house: Store, tmp_path: Path) -> None:
    [ruled] = house.rulings(house.watermark()).about()
    with Export(tmp_path / "export") as export:
        buckets = [read_bucket(one) for one in exported(house, USE, export, 20)]
        [bucket] = [one for one in buckets if ruled.company_id in one.companies]

        def claims_on(day: date) -> int:
            return bucket.known(day, [ruled.company_id]).frames["funding_round"].height

        assert claims_on(date(2023, 5, 31)) - claims_on(date(2023, 6, 1)) == 1
        assert not [one for one in buckets if one is not bucket and one.rulings]


def test_nothing_withheld_lies_on_disk(house: Store, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    with Export(folder, keep=True) as export:
        exported(house, USE, export, 20)
    assert not list(folder.rglob(f"{HELD_BACK}.parquet"))
    on_disk = pl.concat([pl.read_parquet(one).select("subject_id") for one in folder.rglob("funding_round.parquet")])
    assert on_disk.height < house.claims().frames["funding_round"].height
    assert not [path for path in folder.rglob("*") if path.is_file() and b"canary" in path.read_bytes()]
    assert folder.stat().st_mode & 0o077 == 0


def test_the_manifest_says_by_whose_rights(house: Store, tmp_path: Path) -> None:
    folder, again = tmp_path / "export", tmp_path / "again"
    for one in (folder, again):
        with Export(one, keep=True) as export:
            exported(house, SCORES, export, 20)
    told = json.loads((folder / "manifest.json").read_text())
    head = told["head"]
    assert head["request"] == {"member": "spd", "purpose": "research", "right": "scores", "about": ""}
    assert head["watermark"] == house.watermark() and set(head["grants"]) == set(house.access(SCORES).grants)
    assert len(told["buckets"]) == -(-len(house.company_ids()) // 20)
    assert told == json.loads((again / "manifest.json").read_text())


def test_a_bucket_is_gone_when_dealt_with_and_all_in_the_end(house: Store, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    with Export(folder) as export:
        first, *_ = exported(house, USE, export, 20)
        export.drop(first)
        with pytest.raises(ExportBroken, match="every worker"):
            read_bucket(first)
    assert not folder.exists()
    with pytest.raises(ZeroDivisionError), Export(folder, keep=True) as export:
        exported(house, USE, export, 50)
        raise ZeroDivisionError
    assert not folder.exists()  # what failed leaves no claims behind


def test_the_last_day_known_is_told_of_what_may_be_read(house: Store, tmp_path: Path) -> None:
    history = View(house, USE).history()
    with Export(tmp_path / "export") as export:
        exported(house, USE, export, 7)
        assert export.last_known == max(filter(None, (one["known_at"].max() for one in history.claims.frames.values())))


@pytest.mark.parametrize("name", ["bucket.json", "funding_round.parquet"])
def test_a_changed_file_is_refused(house: Store, tmp_path: Path, name: str) -> None:
    with Export(tmp_path / "export") as export:
        bucket, *_ = exported(house, USE, export, 100)
        path = tmp_path / "export" / "bucket=00000" / name
        path.write_bytes(path.read_bytes()[:-1] + b"x")
        with pytest.raises(ExportBroken, match="changed"):
            read_bucket(bucket)


def test_refused_where_nothing_may_be_read(house: Store, tmp_path: Path) -> None:
    with pytest.raises(Refused), Export(tmp_path / "export") as export:
        exported(house, AccessRequest("spd", "loan_origination", Right.OPERATE), export, 10)
    assert not (tmp_path / "export").exists()


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine").write_text("")
    with pytest.raises(Conflict, match="holds something"):
        Export(tmp_path / "taken")
    with pytest.raises(InvalidInput, match="Nothing can be exported"):
        Export(tmp_path / "taken" / "mine" / "below")
    assert (tmp_path / "taken" / "mine").exists()


def test_histories_read_a_part_at_a_time(house: Store) -> None:
    made = View(house, USE).histories(buckets_of(house.company_ids(), 10), watermark=house.watermark())
    assert isinstance(first := next(made), History) and len(first.companies) == 10
    assert set(first.claims.frames["funding_round"]["subject_id"]) <= set(first.companies)
