"""The report's sections, in the order a model-risk team reads them."""

from experiments.validation.section import Writer
from experiments.validation.sections.assumptions import assumptions
from experiments.validation.sections.calibration import calibration
from experiments.validation.sections.data import data
from experiments.validation.sections.explanation import explanation
from experiments.validation.sections.fairness import fairness
from experiments.validation.sections.limits import limits
from experiments.validation.sections.method import method
from experiments.validation.sections.monitoring import monitoring
from experiments.validation.sections.performance import performance
from experiments.validation.sections.purpose import purpose
from experiments.validation.sections.sign_off import sign_off
from experiments.validation.sections.stability import stability

SECTIONS: tuple[Writer, ...] = (
    purpose,
    data,
    method,
    assumptions,
    performance,
    calibration,
    stability,
    explanation,
    fairness,
    limits,
    monitoring,
    sign_off,
)
