"""Many companies of a store scored by the command line: rate and memory.

python -m bench.companies 1000000    # makes a store of so many companies, five records each, and scores them all
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from alliance.contracts import parse_contract
from alliance.intake import submit
from alliance.signals import SECTORS
from alliance.store import Store
from alliance.terminal import out
from bench.batch import AT_ONCE, bundle, by_command
from experiments.own_study import OPERATOR_MEMBER, open_to_operator
from scoring.cli import cores_here

_CONTRACT = """
apiVersion: v3.0.2
kind: DataContract
id: bench.companies
version: "1"
status: active
servers: [{server: file, type: local, path: companies.csv, format: csv, encoding: utf-8}]
customProperties:
  - {property: member, value: bench}
  - {property: memberRole, value: data_vendor}
  - {property: companyId, value: {namespace: bench, column: id}}
  - {property: companyName, value: {column: name}}
  - {property: knowledge, value: {lagDays: 0}}
schema:
  - name: company_profile
    properties:
      - {name: name, physicalName: name}
      - {name: founded_on, physicalName: founded}
      - {name: sector, physicalName: sector}
      - {name: observed_on, physicalName: day}
  - name: headcount
    properties:
      - {name: observed_on, physicalName: day}
      - {name: employees, physicalName: staff}
      - {name: rd_employees, physicalName: research}
  - name: cash_position
    properties:
      - {name: observed_on, physicalName: day}
      - {name: cash, physicalName: cash}
      - {name: monthly_burn, physicalName: burn}
  - name: funding_round
    properties:
      - {name: announced_on, physicalName: day}
      - {name: stage, physicalName: stage}
      - {name: amount, physicalName: raised}
  - name: rd_activity
    properties:
      - {name: period_end, physicalName: day}
      - {name: rd_expense, physicalName: spend}
"""


def companies(rows: int) -> Iterator[pl.DataFrame]:
    """Made-up companies, one a row, ``AT_ONCE`` at a time."""
    for start in range(0, rows, AT_ONCE):
        count = min(AT_ONCE, rows - start)
        draw = np.random.default_rng(start)
        number = np.arange(start, start + count)
        staff = draw.integers(3, 300, count)
        yield pl.DataFrame(
            {
                "id": pl.Series(number).cast(pl.String),
                "name": pl.Series(number).cast(pl.String) + " Star Ltd",
                "founded": np.datetime64("2015-01-01") + draw.integers(0, 2500, count),
                "sector": np.array(SECTORS)[draw.integers(len(SECTORS), size=count)],
                "day": np.datetime64("2024-01-01") + draw.integers(0, 360, count),
                "staff": staff,
                "research": (staff * draw.random(count)).astype(np.int64),
                "cash": draw.integers(10**6, 10**8, count),
                "burn": draw.integers(10**5, 5 * 10**6, count),
                "stage": np.array(["seed", "series_a", "series_b"])[draw.integers(3, size=count)],
                "raised": draw.integers(10**6, 10**9, count),
                "spend": draw.integers(10**5, 10**7, count),
            }
        )


def filled(folder: Path, rows: int) -> Path:
    """A store of so many companies in a folder, open to its operator; the list of them is returned."""
    data, listed = folder / "companies.csv", folder / "list.csv"
    with data.open("wb") as file, listed.open("wb") as names:
        for place, frame in enumerate(companies(rows)):
            frame.write_csv(file, include_header=not place)
            frame.select(company="bench:" + pl.col("id")).write_csv(names, include_header=not place)
    store = Store(f"sqlite:///{folder / 'command.db'}")
    submit(store, parse_contract(_CONTRACT), data)
    open_to_operator(store, "portfolio_monitoring")
    store.close()
    return listed


def main(rows: int) -> None:
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        started = time.perf_counter()
        listed = filled(folder, rows)
        out.print(f"{rows:,} companies taken in in {time.perf_counter() - started:,.0f} s")
        measured = by_command(bundle(), listed, folder, "--member", OPERATOR_MEMBER)
        out.print(
            f"{rows:,} companies scored and recorded in {measured.seconds:,.0f} s on {cores_here()} cores:"
            f" {rows / measured.seconds:,.0f} a second, peak {measured.peak:.2f} GiB"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]))
