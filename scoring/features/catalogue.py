"""All features there are, in the order they are computed and shown."""

from collections.abc import Mapping

from alliance.errors import NotFound
from scoring.features.business_model import BUSINESS_MODEL
from scoring.features.company import COMPANY
from scoring.features.credit_history import CREDIT_HISTORY, FACILITY_ROWS
from scoring.features.declaration import ALL_FACTS, Feature, Rows
from scoring.features.environment import ENVIRONMENT, TELEMETRY_ROWS
from scoring.features.evidence import EVIDENCE, EVIDENCE_ROWS
from scoring.features.financial import FINANCIAL, STATEMENT_ROWS
from scoring.features.team import ROLE_ROWS, TEAM
from scoring.features.technology import CERTIFICATION_ROWS, TECHNOLOGY
from scoring.features.venture import CASH_ROWS, ROUND_ROWS, VENTURE

# Financials come second, since others are set against revenue and loss; credit history last, against the last round.
FEATURES: tuple[Feature, ...] = (
    *COMPANY,
    *FINANCIAL,
    *TECHNOLOGY,
    *TEAM,
    *BUSINESS_MODEL,
    *VENTURE,
    *ENVIRONMENT,
    *CREDIT_HISTORY,
    *EVIDENCE,
)

ROWS: Mapping[str, Rows] = {
    "financial_statement": STATEMENT_ROWS,
    "certification": CERTIFICATION_ROWS,
    "person_role": ROLE_ROWS,
    "funding_round": ROUND_ROWS,
    "cash_position": CASH_ROWS,
    "equipment_telemetry": TELEMETRY_ROWS,
    "facility": FACILITY_ROWS,
    ALL_FACTS: EVIDENCE_ROWS,
}
"""By signal: columns added to each of its facts before they are aggregated."""

FEATURES_BY_NAME: Mapping[str, Feature] = {feature.name: feature for feature in FEATURES}


def feature_named(name: str) -> Feature:
    """The feature of that name.

    Raises:
        NotFound: no such feature.
    """
    try:
        return FEATURES_BY_NAME[name]
    except KeyError:
        raise NotFound(f"There is no feature {name!r}.", remedy="Use a name listed in FEATURES.") from None


def inputs(feature: Feature) -> tuple[str, ...]:
    """Names of the features a derived feature is computed from, sorted; none for a feature computed from a signal."""
    return () if feature.signal else tuple(sorted(set(feature.expr.meta.root_names())))
