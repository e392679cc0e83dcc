"""Many claims of one fact become one value, by members whose word is worth what it has proved to be."""

from alliance.corroboration.consensus import corroborate, warm_up
from alliance.corroboration.evidence import FactEvidence, FieldEvidence, Said, Standing, evidence
from alliance.corroboration.facts import FACT_COLUMNS, Contested, Facts, fact_schema
from alliance.corroboration.reliability import NOTHING_LEARNED, Reliabilities

__all__ = [
    "FACT_COLUMNS",
    "NOTHING_LEARNED",
    "Contested",
    "FactEvidence",
    "Facts",
    "FieldEvidence",
    "Reliabilities",
    "Said",
    "Standing",
    "corroborate",
    "evidence",
    "fact_schema",
    "warm_up",
]
