"""A member's CSV into the store, against reading it with pandas and writing it with ``to_sql``."""

import random
from pathlib import Path

import pandas as pd
from sqlalchemy import create_engine

from alliance.contracts import parse_contract
from alliance.intake import submit
from alliance.store import Store
from bench.measure import Comparison, compare

ROWS, OF_COMPANY = 1_000_000, 20

_CONTRACT = """
apiVersion: v3.0.2
kind: DataContract
id: bench.rounds
version: "{version}"
status: active
servers: [{{server: file, type: local, path: rounds.csv, format: csv, encoding: utf-8}}]
customProperties:
  - {{property: member, value: bench}}
  - {{property: memberRole, value: data_vendor}}
  - {{property: companyId, value: {{namespace: bench, column: company}}}}
  - {{property: knowledge, value: {{lagDays: 30}}}}
schema:
  - name: funding_round
    properties:
      - {{name: announced_on, physicalName: date}}
      - {{name: stage, physicalName: stage}}
      - {{name: amount, physicalName: amount}}
      - {{name: investors, physicalName: investors}}
"""


def intake(folder: Path, runs: int = 3, rows: int = ROWS) -> Comparison:
    """One run takes in a file of a million rows: contract, checks, identity, receipt, records."""
    file = folder / "rounds.csv"
    file.write_text(_rows(rows), encoding="utf-8")

    def ours(number: int) -> None:
        store = Store(f"sqlite:///{folder / f'ours-{number}.db'}")
        submit(store, parse_contract(_CONTRACT.format(version=number)), file)
        store.close()

    def peer(number: int) -> None:
        engine = create_engine(f"sqlite:///{folder / f'peer-{number}.db'}")
        pd.read_csv(file, parse_dates=["date"]).to_sql("rounds", engine, index=False)
        engine.dispose()

    return compare(
        "intake", ours, peer, unit=f"{rows:,} rows", peer_name="pandas.read_csv + to_sql", aim=1.0, runs=runs
    )


def _rows(rows: int) -> str:
    draw = random.Random(7)
    stages = ("angel", "seed", "series_a", "series_b", "series_c")
    lines = (
        f"C{draw.randrange(rows // OF_COMPANY)},"
        f"{draw.randrange(2012, 2024)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02},"
        f"{draw.choice(stages)},{draw.randrange(10**5, 10**8)},{draw.randrange(1, 9)}"
        for _ in range(rows)
    )
    return "company,date,stage,amount,investors\n" + "\n".join(lines) + "\n"
