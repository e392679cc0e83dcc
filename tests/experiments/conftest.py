"""Hand-built histories, and a small made-up panel with a known relation."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from alliance.policy import shipped_rules
from alliance.rights import Access, AccessRequest, RightsState, decide
from alliance.signals import SIGNALS, signal_named
from alliance.signals.claims import Claims, claim_schema, ordered
from alliance.view import History
from experiments.outcome import outcome_named
from experiments.panel import LABEL, VINTAGE, Panel, quarter_ends
from scoring.features import feature_named

Record = Mapping[str, Any]
MakeHistory = Callable[..., History]


@pytest.fixture(scope="session")
def claim() -> Callable[..., tuple[str, Record]]:
    """A claim: signal, company, fields; known on the day of the event unless said otherwise."""

    def made(signal: str, company: str, *, known_at: date | None = None, key: str = "", **fields: Any) -> Any:
        event = fields[signal_named(signal).event]
        own = {"subject_id": company, "key": key or f"{event} {fields.get('kind', '')}", "member": "m",
               "event_at": event, "known_at": known_at or event, "submission_no": 1, "row": 1}  # fmt: skip
        return signal, own | fields

    return made


@pytest.fixture(scope="session")
def history() -> MakeHistory:
    """A history of claims made by ``claim``."""

    def made(*claims: tuple[str, Record]) -> History:
        frames = {
            signal.name: ordered(
                signal,
                pl.DataFrame(
                    [dict.fromkeys(claim_schema(signal)) | record for name, record in claims if name == signal.name],
                    schema=claim_schema(signal),
                ),
            )
            for signal in SIGNALS
        }
        companies = sorted({record["subject_id"] for _, record in claims})
        access = decide(RightsState(rules=shipped_rules()), AccessRequest("m", "research"), datetime.now(UTC))
        return History(Claims(frames, 1), access, companies)

    return made


FEATURES = ("company_age", "round_last_age", "round_total_amount", "cash_runway")


@pytest.fixture(scope="session")
def panel() -> Panel:
    """400 companies x 20 quarters: risk rises with days since the last round and falls with the cash runway."""
    generator = np.random.default_rng(3)
    days = quarter_ends(date(2018, 1, 1), date(2022, 12, 31))
    count = 400 * len(days)
    values = {
        "company_age": generator.uniform(100, 4000, count),
        "round_last_age": generator.uniform(0, 1500, count),
        "round_total_amount": generator.lognormal(16, 1, count).round(),
        "cash_runway": generator.uniform(0, 48, count),
    }
    log_odds = -1.6 + values["round_last_age"] / 500 - values["cash_runway"] / 12
    label = generator.random(count) < 1 / (1 + np.exp(-log_odds))
    values["cash_runway"][generator.random(count) < 0.2] = np.nan
    frame = pl.DataFrame(
        {
            "company_id": [f"co_{place % 400:03}" for place in range(count)],
            "as_of": [days[place // 400] for place in range(count)],
            **{name: pl.Series(values[name], nan_to_null=True) for name in FEATURES},
            LABEL: label,
            VINTAGE: pl.Series([2015] * count, dtype=pl.Int32),
        }
    )
    return Panel(
        frame=frame,
        features=tuple(map(feature_named, FEATURES)),
        outcome=outcome_named("default"),
        horizon_months=6,
        data_cut=date(2023, 6, 30),
        watermark=7,
        access=Access(AccessRequest("m", "model_training"), (), {}, (), None),
    )
