"""How good a model is expected to be before any outcome is known, from its calibrated PDs alone.

Were every PD right, each row would have the outcome with just that chance, and the mean over all such outcomes of any
measure could be told at once. So a change of the companies' mix shows in it; a change of what leads to default does
not, which is why the realised value is compared with it as soon as it is known.

Source: confidence-based performance estimation, as in NannyML's documentation and Guillory et al. (2021), "Predicting
with confidence on unseen distributions". The area is taken as the ratio of the expected pairs, ordered and in all.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def expected_auc(pd: Floats) -> float | None:
    """Expected area under the ROC curve of PDs (n); ``None`` where no pair can be expected.

    The ratio of sum over i, j of PD_i (1 - PD_j) [PD_i > PD_j], ties counting half, to the same sum without brackets.
    """
    order = np.argsort(pd, kind="stable")
    bad = pd[order]
    good = 1 - bad
    all_pairs = float(bad.sum() * good.sum() - (bad * good).sum())
    if len(pd) < 2 or all_pairs <= 0:
        return None
    starts = np.flatnonzero(np.append(True, np.diff(bad) > 0))
    group_bad, group_good = np.add.reduceat(bad, starts), np.add.reduceat(good, starts)
    own = np.add.reduceat(bad * good, starts)  # a row makes no pair with itself
    below = np.cumsum(group_good) - group_good
    return float((group_bad * below + 0.5 * (group_bad * group_good - own)).sum() / all_pairs)


def expected_brier(pd: Floats) -> float:
    """Expected Brier score of PDs (n): the mean of PD (1 - PD)."""
    return float((pd * (1 - pd)).mean())


def auc_with_error(pd: Floats, labels: Floats) -> tuple[float, float] | None:
    """Realised area and its standard error, of rows that are independent (n); ``None`` unless each outcome came twice.

    Source: DeLong, DeLong and Clarke-Pearson (1988), "Comparing the areas under two or more correlated receiver
    operating characteristic curves", Biometrics 44.
    """
    bad, good = np.sort(pd[labels > 0]), np.sort(pd[labels == 0])
    if min(len(bad), len(good)) < 2:
        return None
    above = (np.searchsorted(good, bad, "left") + np.searchsorted(good, bad, "right")) / (2 * len(good))
    below = 1 - (np.searchsorted(bad, good, "left") + np.searchsorted(bad, good, "right")) / (2 * len(bad))
    variance = above.var(ddof=1) / len(bad) + below.var(ddof=1) / len(good)
    return float(above.mean()), float(np.sqrt(variance))
