"""The model bundle: trees, calibration, score scale, exact contributions and reasons."""

from scoring.model.bundle import Bundle, Outcome, load
from scoring.model.calibration import Calibration
from scoring.model.contract import ContractFeature, contract_of
from scoring.model.scale import GRADES, ScoreScale

__all__ = [
    "GRADES",
    "Bundle",
    "Calibration",
    "ContractFeature",
    "Outcome",
    "ScoreScale",
    "contract_of",
    "load",
]
