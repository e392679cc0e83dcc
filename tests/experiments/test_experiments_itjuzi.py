"""Real Chinese start-ups with their rounds on continuation rows."""

from pathlib import Path

import polars as pl
import pytest

import experiments.itjuzi
from alliance.contracts import load_contract
from alliance.intake import submit
from alliance.store import Store


@pytest.mark.data
def test_the_list_loads_with_its_continuation_rows(store: Store, data_dir: Path) -> None:
    contract = load_contract(Path(experiments.itjuzi.__file__).with_name("companies.contract.yaml"))
    receipt = submit(store, contract, data_dir / contract.path)
    assert (receipt.rows, receipt.accepted) == (1_439, 1_439)
    assert len(store.company_ids()) == 820
    company = store.company("itjuzi:云知声")
    assert company.names == ("云知声", "北京云知声信息技术有限公司")
    rounds = store.claims([company.company_id]).frames["funding_round"].sort("announced_on")
    told = rounds.select("stage", "amount", pl.col("announced_on").cast(pl.String)).rows()
    assert told[0] == ("angel", 10_000_000, "2012-10-01")
    assert ("series_c", 690_000_000, "2018-05-11") in told and ("series_c", 600_000_000, "2018-07-19") in told
    assert ("series_b", None, "2016-01-18") in told, "several hundred millions is no amount"
