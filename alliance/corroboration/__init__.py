"""Many claims of one fact become one value."""

from alliance.corroboration.facts import FACT_COLUMNS, Claims, Facts, empty_claims, fact_schema

__all__ = ["FACT_COLUMNS", "Claims", "Facts", "empty_claims", "fact_schema"]
