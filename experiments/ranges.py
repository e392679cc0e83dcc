"""Model texts without the extremes of the data: LightGBM writes least and greatest value of each feature into them."""

import math
import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

_RANGES = re.compile("^feature_infos=(.*)$", re.MULTILINE)


def coarse(model: str) -> str:
    """A model text whose ranges are widened to one significant digit: an extreme is a single company's own value.

    No prediction depends on them.
    """
    return _RANGES.sub(lambda found: "feature_infos=" + " ".join(map(_widened, found[1].split())), model, count=1)


def _widened(text: str) -> str:
    """``[low:high]``, low rounded down and high rounded up; what is no range stays."""
    if not text.startswith("["):
        return text
    low, _, high = text.strip("[]").partition(":")
    return f"[{lowered(float(low))}:{raised(float(high))}]"


def lowered(value: float, digits: int = 1) -> float:
    """A number rounded down to its first digits."""
    return _rounded(value, ROUND_FLOOR, digits)


def raised(value: float, digits: int = 1) -> float:
    """A number rounded up to its first digits."""
    return _rounded(value, ROUND_CEILING, digits)


def _rounded(value: float, rounding: str, digits: int) -> float:
    if value == 0 or not math.isfinite(value):
        return value
    place = Decimal(1).scaleb(math.floor(math.log10(abs(value))) - digits + 1)
    return float((Decimal(value) / place).quantize(Decimal(1), rounding=rounding) * place)
