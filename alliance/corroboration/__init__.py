"""Many claims of one fact become one value."""

from alliance.corroboration.facts import FACT_COLUMNS, Facts, fact_schema
from alliance.corroboration.latest import corroborate

__all__ = ["FACT_COLUMNS", "Facts", "corroborate", "fact_schema"]
