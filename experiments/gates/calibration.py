"""Does what comes follow what the challenger foretells?"""

import numpy as np

from experiments.gates.exam import CHALLENGER, Exam
from experiments.gates.gate import Finding, Gate, within, worst
from experiments.gates.policy import CALIBRATION_DRAWS, SHIFT, SLOPE
from experiments.metrics import SEED, Estimate, Floats, Sample, calibration, estimate, reliability


def examine(exam: Exam) -> Finding:
    """Slope and intercept within their bands (see ``metrics.calibration``); the deciles are told beside them."""
    pd = exam.pds[CHALLENGER]
    slope, shift = drawn(exam.sample, pd)
    bins = reliability(exam.sample, pd)
    outside = ((bins["foretold"] < bins["low"]) | (bins["foretold"] > bins["high"])).sum()
    return Finding(
        says=worst(within(slope, *SLOPE), within(shift, *SHIFT)),
        found=f"slope {slope}, wanted {SLOPE[0]:g} to {SLOPE[1]:g}; intercept {shift}, wanted {SHIFT[0]:g} to"
        f" {SHIFT[1]:g}; in {outside} of {bins.height} deciles the PD is outside the interval of what came.",
        figures={"slope": slope, "intercept": shift, "deciles_outside": float(outside)},
    )


def drawn(sample: Sample, pd: Floats, draws: int = CALIBRATION_DRAWS, seed: int = SEED) -> tuple[Estimate, Estimate]:
    """Slope and intercept of probabilities (n), with their intervals over draws of companies."""
    found = []
    for times in (row for part in sample.draws(draws, seed) for row in part):
        rows = np.repeat(np.arange(len(pd)), times[sample.companies].astype(np.intp))
        labels = sample.labels[rows]
        if 0 < labels.mean() < 1:
            one = calibration(Sample(labels, sample.companies[rows]), pd[rows])
            found.append((one["slope"], one["intercept"]))
    slopes, shifts = np.array(found).T
    return estimate(slopes), estimate(shifts)


CALIBRATION = Gate("calibration", "what comes follows what is foretold", examine)
