"""What a challenger has to show before it may be champion: one gate a file, all of them in ``GATES``."""

from experiments.gates.calibration import CALIBRATION
from experiments.gates.exam import Exam
from experiments.gates.fairness import FAIRNESS
from experiments.gates.gate import FAIL, PASS, UNDECIDED, Finding, Gate
from experiments.gates.leakage import LEAKAGE
from experiments.gates.reasons import REASONS
from experiments.gates.stability import STABILITY
from experiments.gates.uplift import UPLIFT

GATES: tuple[Gate, ...] = (UPLIFT, CALIBRATION, STABILITY, REASONS, FAIRNESS, LEAKAGE)
"""Every gate, in the order in which they are asked."""

__all__ = ["FAIL", "GATES", "PASS", "UNDECIDED", "Exam", "Finding", "Gate"]
