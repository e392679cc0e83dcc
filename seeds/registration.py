"""Unified social credit codes that hold by their check characters (GB 32100, GB 11714), and codes that do not.

The organisation part begins with Y, so that no code is likely to be one in circulation.
"""

import numpy as np
from numpy.typing import NDArray

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Characters a code may have: no I, O, S, V, Z."""

CODE_WEIGHTS = np.array((1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28))
ORGANISATION_WEIGHTS = np.array((3, 7, 9, 10, 5, 8, 4, 2))
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_CHECKS = "0123456789X"
_SERIALS = len(ALPHABET) ** 7


def registration_numbers(regions: list[str], offset: int) -> list[str]:
    """A code for each company of a region (six digits); distinct, the same for the same offset."""
    serials = (np.arange(len(regions), dtype=np.int64) * 6_700_417 + offset) % _SERIALS
    digits = serials[:, None] // len(ALPHABET) ** np.arange(7)[None, ::-1] % len(ALPHABET)
    letters = np.array(list(ALPHABET))
    bodies = ["Y" + "".join(row) for row in letters[digits]]
    checked = [body + organisation_check(body) for body in bodies]
    partial = [f"91{region}{organisation}" for region, organisation in zip(regions, checked, strict=True)]
    return [code + check for code, check in zip(partial, check_characters(partial), strict=True)]


def organisation_check(body: str) -> str:
    """Check character of the eight characters of an organisation code (GB 11714)."""
    values = np.array([_ORGANISATION_ALPHABET.index(letter) for letter in body])
    return _ORGANISATION_CHECKS[(11 - int(values @ ORGANISATION_WEIGHTS) % 11) % 11]


def check_characters(partial: list[str]) -> list[str]:
    """Check character of each 17-character beginning of a code (GB 32100)."""
    if not partial:
        return []
    places = {letter: place for place, letter in enumerate(ALPHABET)}
    values: NDArray[np.int64] = np.array([[places[letter] for letter in code] for code in partial])
    return [ALPHABET[place] for place in (31 - values @ CODE_WEIGHTS % 31) % 31]


def broken(code: str) -> str:
    """The code with a check character that does not hold."""
    return code[:-1] + ALPHABET[(ALPHABET.index(code[-1]) + 7) % len(ALPHABET)]
