"""Does the challenger rank no worse than the champion, on the same rows and the same draws of companies?"""

from experiments.gates.exam import CHALLENGER, CHAMPION, Exam
from experiments.gates.gate import FAIL, PASS, UNDECIDED, Finding, Gate
from experiments.gates.policy import AUC_MARGIN
from experiments.listing import gain
from experiments.paired import Draws


def examine(exam: Exam) -> Finding:
    """Non-inferiority: the interval of the gain in AUC stays above minus ``AUC_MARGIN``.

    Shut where it does not and the challenger is worse for sure, its whole interval below nought. Source: the usual test
    of non-inferiority by a confidence interval, as in ICH E9 (1998), 3.3.2; the bootstrap is paired by company.
    """
    found = Draws.of(exam.sample, exam.pds).one(CHALLENGER, CHAMPION)
    auc = found.gains["auc"]
    says = PASS if auc.low > -AUC_MARGIN else FAIL if auc.high < 0 else UNDECIDED
    better = "; better for sure" if auc.low > 0 else ""
    return Finding(
        says=says,
        found=f"AUC {found.values['auc']}, gain over the champion {gain(auc, 4)}, no less than -{AUC_MARGIN:g}"
        f" wanted{better}; log-loss {gain(found.gains['log_loss'], 4)}, Brier {gain(found.gains['brier'], 4)}.",
        figures={f"{name}_gain": one for name, one in found.gains.items()} | {"auc": found.values["auc"]},
    )


UPLIFT = Gate("uplift", "no worse than the champion", examine)
