"""Sources of chance: one per purpose, so that a change in one part of the simulator leaves the others as they were."""

from zlib import crc32

import numpy as np


def source(seed: int, purpose: str) -> np.random.Generator:
    """The generator of a seed and a purpose; always the same for the same two."""
    return np.random.default_rng([seed, crc32(purpose.encode())])
