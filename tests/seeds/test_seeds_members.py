"""Members' files are what their contracts say, and fall short of the truth as planned."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from alliance.contracts import load_contract, map_batch
from alliance.errors import Conflict
from alliance.formats import read
from alliance.signals import SIGNALS, signal_named
from seeds import members
from seeds.imperfections import FLAWLESS, Imperfections
from seeds.members.damage import impossible_day
from seeds.members.render import written_day
from seeds.world import World

TODAY = date(2026, 11, 21)


Taken = tuple[dict[str, pl.DataFrame], Counter[str], int]
"""Records by signal, faults by rule, number of rows."""


def contracts(folder: Path) -> list[Path]:
    return sorted((folder / "members").glob("*/*.contract.yaml"))


def mapped(folder: Path) -> Taken:
    records: dict[str, list[pl.DataFrame]] = {}
    faults: Counter[str] = Counter()
    rows = 0
    for path in contracts(folder):
        contract = load_contract(path)
        for batch in read(path.parent / contract.path, contract.options):
            assert not batch.faults
            result = map_batch(contract, batch, TODAY)
            rows += result.rows
            faults.update(fault.rule for fault in result.faults)
            for made in result.records:
                frame = made.frame.with_columns(pl.lit(contract.member).alias("member"))
                records.setdefault(made.signal.name, []).append(frame)
    return {name: pl.concat(frames) for name, frames in records.items()}, faults, rows


@pytest.fixture(scope="module")
def taken(folder: Path) -> Taken:
    return mapped(folder)


def test_every_file_has_its_contract_and_every_contract_its_file(folder: Path) -> None:
    for path in contracts(folder):
        document = OpenDataContractStandard.from_file(str(path))
        assert (path.parent / document.servers[0].path).is_file()
    files = [path for path in (folder / "members").glob("*/*") if path.is_file()]
    assert len(files) == 2 * len(contracts(folder))


def test_contracts_speak_of_signals_and_fields_that_are_declared(folder: Path) -> None:
    used = set()
    for path in contracts(folder):
        for schema in yaml.safe_load(path.read_text(encoding="utf-8"))["schema"]:
            fields = {item["name"] for item in schema["properties"]}
            signal = signal_named(schema["name"])
            assert fields <= {field.name for field in signal.fields}
            assert signal.required <= fields
            used.add(schema["name"])
    assert used == {signal.name for signal in SIGNALS}


def test_formats_and_encodings_are_many(folder: Path) -> None:
    servers = [yaml.safe_load(path.read_text(encoding="utf-8"))["servers"][0] for path in contracts(folder)]
    assert {server["format"] for server in servers} == {"csv", "json", "jsonl", "parquet", "xlsx", "xml"}
    assert {server.get("encoding") for server in servers} >= {"gb18030", "utf-8-sig", "utf-8"}


def test_few_rows_are_quarantined_and_for_planted_reasons(
    taken: Taken,
) -> None:
    _, faults, rows = taken
    assert 0.002 < faults.total() / rows < 0.015
    assert set(faults) <= {"date", "event.future", "identity.registration", "minimum", "word", "quality"}
    assert faults["identity.registration"] > 0


def test_a_company_leaves_about_a_hundred_records(taken: Taken, small_world: World) -> None:
    records, _, _ = taken
    assert set(records) == {signal.name for signal in SIGNALS}
    count = sum(len(frame) for name, frame in records.items() if name != "market_signal")
    assert 75 < count / len(small_world.companies) < 130


def test_knowledge_follows_events_and_ends_soon_after_the_horizon(
    taken: Taken,
) -> None:
    for frame in taken[0].values():
        assert (frame["known_at"] >= frame["event_at"]).all()
        assert frame["event_at"].max() <= date(2024, 12, 31)
        assert frame["known_at"].max() <= date(2026, 7, 1)


def test_without_flaws_nothing_is_quarantined(small_world: World, tmp_path: Path) -> None:
    members.write(small_world, tmp_path, FLAWLESS)
    records, faults, _ = mapped(tmp_path)
    assert not faults
    rounds = records["funding_round"].filter(pl.col("amount").is_not_null())
    true = dict(zip(small_world.rounds["announced_on"], small_world.rounds["amount"], strict=True))
    once = small_world.rounds["announced_on"].is_unique()
    alone = rounds.filter(pl.col("event_at").is_in(small_world.rounds["announced_on"].filter(once).implode()))
    told = zip(alone["event_at"], alone["amount"], strict=True)
    assert all(abs(amount / true[day] - 1) < 0.001 for day, amount in told)


def test_the_liar_tells_more_than_the_others(small_world: World, folder: Path, taken: Taken) -> None:
    records, _, _ = taken
    liar = json.loads((folder / "truth" / "liar.json").read_text(encoding="utf-8"))
    rounds = (
        records["funding_round"]
        .drop_nulls("amount")
        .join(
            small_world.rounds.select("announced_on", "stage", pl.col("amount").alias("true")),
            on=["announced_on", "stage"],
        )
    )
    ratio = (pl.col("amount") / pl.col("true")).median().alias("ratio")
    by_member = dict(rounds.group_by("member").agg(ratio).rows())
    assert by_member[liar["member"]] == pytest.approx(liar["factor"], rel=0.15)
    copier = json.loads((folder / "truth" / "copier.json").read_text(encoding="utf-8"))
    bent = {liar["member"], copier["member"]}
    assert max(value for member, value in by_member.items() if member not in bent) < 1.3


def test_the_copier_repeats_the_liar_to_the_last_digit_and_later(folder: Path, taken: Taken) -> None:
    copier = json.loads((folder / "truth" / "copier.json").read_text(encoding="utf-8"))
    rounds = taken[0]["funding_round"].select("member", "event_at", "stage", "amount", "post_money", "known_at")
    copied, own = (rounds.filter(pl.col("member") == copier[name]) for name in ("member", "copies"))
    same = copied.unique().join(own.unique(), on=["event_at", "stage", "amount", "post_money"], nulls_equal=True)
    assert same.height >= copied.height > 0.7 * own.height
    days = (same["known_at"] - same["known_at_right"]).dt.total_days()
    assert copier["days_later"][0] <= days.max() <= copier["days_later"][1] and days.min() > 0


def test_without_resale_there_is_no_copier(small_world: World, tmp_path: Path) -> None:
    members.write(small_world, tmp_path, FLAWLESS)
    assert mapped(tmp_path)[0]["funding_round"].filter(pl.col("member") == "deal-feed").is_empty()


def test_links_lead_from_every_reference_to_its_company(folder: Path, small_world: World) -> None:
    links = pl.read_parquet(folder / "truth" / "links.parquet")
    assert links.null_count().sum_horizontal().item() == 0
    assert (
        links.group_by("member", "client_id").agg(pl.col("registration_number").n_unique())["registration_number"].max()
        == 1
    )
    assert set(links["registration_number"]) == set(small_world.companies["registration_number"])


def test_members_miss_codes_and_vary_names(folder: Path) -> None:
    links = pl.read_parquet(folder / "truth" / "links.parquet")
    assert links.group_by("registration_number").agg(pl.col("name").n_unique())["name"].mean() > 1.5
    deals = pl.read_csv(folder / "members" / "market-data" / "deals.csv", null_values="undisclosed")
    assert 0.2 < deals["uscc"].null_count() / len(deals) < 0.7


def test_a_second_alliance_is_not_written_over_the_first(small_world: World, folder: Path) -> None:
    with pytest.raises(Conflict):
        members.write(small_world, folder)


@pytest.mark.parametrize(
    ("pattern", "written", "impossible"),
    [
        ("", "2023-02-05", "2023-02-30"),
        ("yyyy/MM/dd", "2023/02/05", "2023/02/30"),
        ("yyyy年M月d日", "2023年2月5日", "2023年2月30日"),
        ("yyyyMMdd", "20230205", "20230230"),
    ],
)
def test_days_are_written_in_the_members_pattern(pattern: str, written: str, impossible: str) -> None:
    day = pl.DataFrame({"day": [date(2023, 2, 5)]}).select(written_day(pl.col("day"), pattern)).item()
    assert (day, impossible_day(pattern)) == (written, impossible)


def test_imperfections_are_stated_for_every_role() -> None:
    faults = Imperfections()
    assert set(faults.missing_code) == set(faults.uncoded) == set(faults.noise)
    assert sum(faults.name_shares) == pytest.approx(1.0)
