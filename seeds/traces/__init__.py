"""What companies leave behind: true records of every signal, before any member looks at them.

Frames carry ``company`` and the signal's own field names. Members read them, each in its own words and with its errors.
"""

from dataclasses import dataclass

import polars as pl

from seeds.traces.business_model import customer_contracts, revenue_models
from seeds.traces.company import profiles
from seeds.traces.environment import emissions, telemetry
from seeds.traces.financial import statements
from seeds.traces.outcome import credit_events, facilities, repayments
from seeds.traces.quarters import active_quarters, active_years
from seeds.traces.team import headcounts, investor_profiles, person_roles
from seeds.traces.technology import (
    certifications,
    data_assets,
    milestones,
    patents,
    research,
    software_copyrights,
)
from seeds.traces.venture import cash_positions, financing_events, funding_rounds, market_signals
from seeds.world import World


@dataclass(frozen=True)
class Traces:
    """True records, one frame for each signal; ``quarters`` is the latent story they follow from."""

    quarters: pl.DataFrame
    company_profile: pl.DataFrame
    patent: pl.DataFrame
    rd_activity: pl.DataFrame
    software_copyright: pl.DataFrame
    certification: pl.DataFrame
    product_milestone: pl.DataFrame
    data_asset: pl.DataFrame
    person_role: pl.DataFrame
    headcount: pl.DataFrame
    investor_profile: pl.DataFrame
    revenue_model: pl.DataFrame
    customer_contract: pl.DataFrame
    funding_round: pl.DataFrame
    financing_event: pl.DataFrame
    cash_position: pl.DataFrame
    market_signal: pl.DataFrame
    financial_statement: pl.DataFrame
    emission: pl.DataFrame
    equipment_telemetry: pl.DataFrame
    facility: pl.DataFrame
    repayment_status: pl.DataFrame
    credit_event: pl.DataFrame


def traces(world: World) -> Traces:
    """Every record the world leaves behind by its horizon."""
    quarters = active_quarters(world)
    years = active_years(quarters)
    events = credit_events(world)
    return Traces(
        quarters=quarters,
        company_profile=profiles(world, events),
        patent=patents(world, quarters),
        rd_activity=research(world, years),
        software_copyright=software_copyrights(world, quarters),
        certification=certifications(world, quarters),
        product_milestone=milestones(world, quarters),
        data_asset=data_assets(world, quarters),
        person_role=person_roles(world, quarters),
        headcount=headcounts(world, quarters),
        investor_profile=investor_profiles(world),
        revenue_model=revenue_models(world, quarters),
        customer_contract=customer_contracts(world, quarters),
        funding_round=funding_rounds(world),
        financing_event=financing_events(world, quarters),
        cash_position=cash_positions(quarters),
        market_signal=market_signals(world),
        financial_statement=statements(world, years),
        emission=emissions(world, years),
        equipment_telemetry=telemetry(world, quarters),
        facility=facilities(world),
        repayment_status=repayments(world, quarters),
        credit_event=events,
    )
