"""Truth discovery, compiled: who is right how often, and how exact, learned from what members say of the same things.

Nobody knows the truth; what is known is who agrees with whom. Two learners take turns until neither changes: given how
often each member is right, how likely is each value of each cell; given that, how often is each member right. A cell is
a field of a fact that two or more independent members fill.

Source: one coin a member after Dawid and Skene (1979); means and spreads of measures after CRH (Li et al. 2014), with
one by the mean loss for weight: unlike the logarithm of its share, it does not flatten as members grow in number.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from alliance.corroboration.arrays import MEASURE, TEXT, ClaimArrays, Floats, Ints, Rules, VoiceArrays
from alliance.corroboration.kernel import near, voices
from alliance.corroboration.reliability import LEAST_SPREAD, PRIOR, PRIOR_CLAIMS, PRIOR_SPREAD

ROUNDS = 100
"""Turns at most; a dozen are usual."""
SETTLED = 1e-6
"""Change of a reliability below which a turn is the last."""


@njit(cache=True)
def cells_of(claims: ClaimArrays, members: VoiceArrays, rules: Rules) -> tuple[Ints, Ints, Ints]:
    """Cells of some facts: first voice of each, then the number of voices; field of each; claim behind each voice."""
    facts, fields = len(claims.starts) - 1, len(rules.kinds)
    most = facts * fields
    starts, field_of = np.empty(most + 1, np.int64), np.empty(most, np.int64)
    behind, rows = np.empty(claims.values.size, np.int64), np.empty(len(claims.member), np.int64)
    cells, said = 0, 0
    for fact in range(facts):
        if claims.starts[fact + 1] - claims.starts[fact] < 2:
            continue
        for field in range(fields):
            if rules.kinds[field] == TEXT or rules.settled[field]:
                continue
            _, news = voices(claims, members, rules, fact, field, rows)
            if news > 1:
                starts[cells], field_of[cells] = said, field
                behind[said : said + news] = rows[:news]
                cells, said = cells + 1, said + news
    starts[cells] = said
    return starts[: cells + 1].copy(), field_of[:cells].copy(), behind[:said].copy()


@njit(cache=True)
def likelihoods(values: Floats, right: Floats, relative: float, absolute: float, wrong: float, chance: Floats) -> int:
    """How likely each of a cell's values is the truth, into ``chance``; returns the likeliest.

    A value that agrees with just those an earlier one agrees with is the same guess; its chance is 0.
    """
    found = len(values)
    best = 0
    for guess in range(found):
        chance[guess] = 0.0
        for other in range(found):
            agrees = near(values[guess], values[other], relative, absolute)
            chance[guess] += np.log(right[other]) if agrees else np.log((1.0 - right[other]) / wrong)
        if chance[guess] > chance[best]:
            best = guess
    top = chance[best]
    total = 0.0
    for guess in range(found):
        chance[guess] = 0.0 if _repeated(values, guess, relative, absolute) else np.exp(chance[guess] - top)
        total += chance[guess]
    chance[:found] /= total
    return best


@njit(cache=True)
def _repeated(values: Floats, guess: int, relative: float, absolute: float) -> bool:
    """Whether an earlier value agrees with just the same ones."""
    for before in range(guess):
        same = True
        for other in range(len(values)):
            if near(values[before], values[other], relative, absolute) != near(
                values[guess], values[other], relative, absolute
            ):
                same = False
        if same:
            return True
    return False


@njit(cache=True)
def _weight(spread: float) -> float:
    return 1.0 / max(spread, LEAST_SPREAD) ** 2


@njit(cache=True)
def _truth(values: Floats, spreads: Floats, guess: int, relative: float, absolute: float) -> tuple[float, float]:
    """The mean of the values that agree with a guess, the exact ones weighing more, and their weight."""
    total, weights = 0.0, 0.0
    for other in range(len(values)):
        if near(values[guess], values[other], relative, absolute):
            weight = _weight(spreads[other])
            total += weight * values[other]
            weights += weight
    return total / weights, weights


@njit(cache=True)
def discover(
    values: Floats, voice: Ints, starts: Ints, field_of: Ints, rules: Rules, members: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """What is learned of each member from the cells of one signal.

    Args:
        values, voice: value and voice (code of the member) of every claim behind the cells.
        starts, field_of: the cells, as ``cells_of`` gives them.
        members: how many members there are.

    Returns:
        reliability: chance that a value holds; ``PRIOR`` counts as much as ``PRIOR_CLAIMS`` values.
        spread: typical distance from the truth, in tolerances, where it is about right; the usual one of all members
            counts as much as ``PRIOR_CLAIMS`` values.
        held, checked: values expected to hold, and values checked.
    """
    right, spread = np.full(members, PRIOR), np.full(members, PRIOR_SPREAD)
    held, checked = np.zeros(members), np.zeros(members)
    chance = np.empty(np.diff(starts).max() if len(starts) > 1 else 1)
    for _ in range(ROUNDS):
        held[:], checked[:] = 0.0, 0.0
        away, near_by = np.zeros(members), np.zeros(members)
        for cell in range(len(field_of)):
            first, last, field = starts[cell], starts[cell + 1], field_of[cell]
            said, who = values[first:last], voice[first:last]
            relative, absolute = rules.relative[field], rules.absolute[field]
            best = likelihoods(said, right[who], relative, absolute, rules.wrong[field], chance)
            for guess in range(last - first):
                for other in range(last - first):
                    if chance[guess] > 0.0 and near(said[guess], said[other], relative, absolute):
                        held[who[other]] += chance[guess]
            checked[who] += 1.0
            if rules.kinds[field] == MEASURE:
                _stray(said, who, spread, best, relative, absolute, away, near_by)
        last_right = right.copy()
        right = (PRIOR_CLAIMS * PRIOR + held) / (PRIOR_CLAIMS + checked)
        usual = (PRIOR_CLAIMS * PRIOR_SPREAD**2 + away.sum()) / (PRIOR_CLAIMS + near_by.sum())
        spread = np.sqrt((PRIOR_CLAIMS * usual + away) / (PRIOR_CLAIMS + near_by))
        if np.abs(right - last_right).max() < SETTLED:
            break
    return right, spread, held, checked


@njit(cache=True)
def _stray(
    said: Floats, who: Ints, spread: Floats, best: int, relative: float, absolute: float, away: Floats, near_by: Floats
) -> None:
    """Add how far the values that agree with the best guess stray from their mean, in tolerances, squared.

    A value stands nearer to a mean it is part of than to the truth: by its share of the weight, which is what it counts
    less (restricted maximum likelihood; Patterson and Thompson 1971). Else of two members the one that is taken for
    more exact would draw the mean to itself, and look still more exact at the next turn.
    """
    truth, weights = _truth(said, spread[who], best, relative, absolute)
    for other in range(len(said)):
        if near(said[best], said[other], relative, absolute):
            width = max(absolute, relative * max(abs(truth), abs(said[other])))
            if width > 0.0:
                away[who[other]] += ((said[other] - truth) / width) ** 2
            near_by[who[other]] += 1.0 - _weight(spread[who[other]]) / weights


@njit(cache=True)
def pairs_of(
    values: Floats, member: Ints, known: Floats, starts: Ints, field_of: Ints
) -> tuple[Ints, Ints, Ints, NDArray[np.bool_], Ints]:
    """Every two members' values of every cell: the members (smaller code first), field, whether equal, who was later.

    Who was later is 1 if the second was, -1 if the first was, 0 if both were known on one day.
    """
    sizes = np.diff(starts)
    total = int((sizes * (sizes - 1) // 2).sum())
    one, two, field = np.empty(total, np.int64), np.empty(total, np.int64), np.empty(total, np.int64)
    equal, later = np.empty(total, np.bool_), np.empty(total, np.int64)
    at = 0
    for cell in range(len(field_of)):
        for a in range(starts[cell], starts[cell + 1]):
            for b in range(a + 1, starts[cell + 1]):
                one[at], two[at], field[at] = member[a], member[b], field_of[cell]
                equal[at] = values[a] == values[b]
                later[at] = np.sign(known[b] - known[a])
                at += 1
    return one, two, field, equal, later
