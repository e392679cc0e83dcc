"""The rule of corroboration, compiled: who speaks for a field of a fact, and what follows from it.

A fact's claims are walked member by member. Each independent member has one voice a field: its latest claim that fills
it. Everything is done in the order of names, so a fact comes out the same to the bit alone, in bulk and in any order of
submissions.
"""

import numpy as np
from numba import njit

from alliance.corroboration.arrays import MEASURE, TEXT, ClaimArrays, Floats, Ints, Rules, VoiceArrays

MAJORITY = 0.6
"""Share of the weight that must agree. Two of three equal voices carry a value; of two voices that differ, neither does
unless one weighs half as much again: half plus a little would let a breath decide."""


@njit(cache=True)
def near(a: float, b: float, relative: float, absolute: float) -> bool:
    """Whether two values say the same."""
    return abs(a - b) <= max(absolute, relative * max(abs(a), abs(b)))


@njit(cache=True)
def voices(
    claims: ClaimArrays, members: VoiceArrays, rules: Rules, fact: int, field: int, rows: Ints
) -> tuple[int, int]:
    """The latest claims that fill a field of a fact, one a voice, into ``rows``: how many, and how many are news.

    News comes first. What is older than the newest by more than the field lasts, by event or by knowledge, is no news:
    it may speak for newer words, not against them. A member that copies has its original's voice, and the original's
    own words come before the copy.
    """
    found = 0
    at, end = claims.starts[fact], claims.starts[fact + 1]
    while at < end:
        who, row = claims.member[at], -1
        while at < end and claims.member[at] == who:
            if not np.isnan(claims.values[at, field]):
                row = at
            at += 1
        if row < 0:
            continue
        said, root = -1, members.root[who]
        for place in range(found):
            if members.root[claims.member[rows[place]]] == root:
                said = place
        if said < 0:
            rows[found] = row
            found += 1
        elif root == who or (claims.member[rows[said]] != root and claims.known[row] > claims.known[rows[said]]):
            rows[said] = row
    return found, found if np.isinf(rules.lasts[field]) else news_first(claims, rules.lasts[field], rows, found)


@njit(cache=True)
def news_first(claims: ClaimArrays, lasts: float, rows: Ints, found: int) -> int:
    """Put the voices that are news before those that are not, each in their order; returns how many are."""
    for days in (claims.event, claims.known):
        newest = -np.inf
        for place in range(found):
            newest = max(newest, days[rows[place]])
        kept = 0
        for place in range(found):
            row = rows[place]
            if days[row] >= newest - lasts:
                for behind in range(place, kept, -1):
                    rows[behind] = rows[behind - 1]
                rows[kept] = row
                kept += 1
        found = kept
    return found


@njit(cache=True)
def weight_of(claims: ClaimArrays, members: VoiceArrays, row: int) -> float:
    return float(members.weight[members.root[claims.member[row]]])


@njit(cache=True)
def latest(claims: ClaimArrays, members: VoiceArrays, rows: Ints, news: int) -> int:
    """The voice known last; of those known on one day the one of the later event, then the weightier one."""
    best = int(rows[0])
    for place in range(1, news):
        row = rows[place]
        ahead = (claims.known[row], claims.event[row], weight_of(claims, members, row))
        if ahead > (claims.known[best], claims.event[best], weight_of(claims, members, best)):
            best = int(row)
    return best


@njit(cache=True)
def agree(claims: ClaimArrays, rules: Rules, field: int, row: int, other: int) -> bool:
    """Whether two claims say the same of a field."""
    return bool(
        near(claims.values[row, field], claims.values[other, field], rules.relative[field], rules.absolute[field])
    )


@njit(cache=True)
def centre(
    claims: ClaimArrays, members: VoiceArrays, rules: Rules, field: int, rows: Ints, found: int, news: int
) -> tuple[int, int, float, float]:
    """The news most weight agrees with, how many voices speak, the weight that agrees, and all weight that speaks.

    All news speaks, and of the rest (``rows`` from ``news`` on) what agrees: so a claim that agrees never lowers the
    share, even where it makes others old. Of news alike in this the most central is taken, then the smaller value:
    never the one that came first.
    """
    best, support, away, total = -1, -1.0, np.inf, 0.0
    for place in range(news):
        row, agrees, distance = rows[place], 0.0, 0.0
        for other in range(found):
            if agree(claims, rules, field, row, rows[other]):
                weight = weight_of(claims, members, rows[other])
                agrees += weight
                if other < news:
                    distance += weight * abs(claims.values[row, field] - claims.values[rows[other], field])
        total += weight_of(claims, members, row)
        better = agrees > support or (agrees == support and distance < away)
        equal = agrees == support and distance == away
        if better or (equal and claims.values[row, field] < claims.values[best, field]):
            best, support, away = row, agrees, distance
    speak = news
    for place in range(news, found):
        if agree(claims, rules, field, best, rows[place]):
            total += weight_of(claims, members, rows[place])
            speak += 1
    return best, speak, support, total


@njit(cache=True)
def mean(
    claims: ClaimArrays, members: VoiceArrays, rules: Rules, field: int, rows: Ints, news: int, middle: int
) -> float:
    """The mean of the news that agrees with the middle one, the exact voices weighing more."""
    total, weights, agreeing = 0.0, 0.0, 0
    for place in range(news):
        if agree(claims, rules, field, middle, rows[place]):
            precision = members.precision[members.root[claims.member[rows[place]]]]
            total += precision * claims.values[rows[place], field]
            weights += precision
            agreeing += 1
    if agreeing == 1:
        return float(claims.values[middle, field])
    return float(np.round(total / weights)) if rules.whole[field] else total / weights


@njit(cache=True)
def voices_heard(claims: ClaimArrays, members: VoiceArrays, fact: int) -> int:
    """Independent members that claim a fact."""
    found, first, end = 0, claims.starts[fact], claims.starts[fact + 1]
    for at in range(first, end):
        new = True
        for before in range(first, at):
            if members.root[claims.member[before]] == members.root[claims.member[at]]:
                new = False
        found += new
    return found


@njit(cache=True)
def consensus(claims: ClaimArrays, members: VoiceArrays, rules: Rules) -> tuple[Ints, Floats, Ints, Floats, Ints]:
    """Every fact's value by field, and how it came about (g facts, f fields).

    Returns:
        picked: the claim each field's value is of (f, g); the fact's first where there is none.
        meant: each value (f, g), of measures the mean; not a number for none.
        heard: independent members that claim the fact (g).
        agreement: mean share of the weight that agrees, over the fields for which two voices speak; nan for none (g).
        contested: bit set of the contested fields (g).
    """
    facts, fields = len(claims.starts) - 1, len(rules.kinds)
    picked, meant = np.empty((fields, facts), np.int64), np.full((fields, facts), np.nan)
    heard, contested, agreement = np.zeros(facts, np.int64), np.zeros(facts, np.int64), np.full(facts, np.nan)
    rows = np.empty(len(claims.member), np.int64)
    for fact in range(facts):
        heard[fact] = voices_heard(claims, members, fact)
        picked[:, fact] = claims.starts[fact]
        if claims.starts[fact + 1] - claims.starts[fact] == 1:  # what one claim says stands
            meant[:, fact] = claims.values[claims.starts[fact]]
            continue
        shares, checked = 0.0, 0
        for field in range(fields):
            found, news = voices(claims, members, rules, fact, field, rows)
            if found == 0:
                continue
            if rules.kinds[field] == TEXT or found == 1:
                row = latest(claims, members, rows, news)
            else:
                row, speak, support, total = centre(claims, members, rules, field, rows, found, news)
                if speak > 1 and not rules.settled[field]:
                    shares += support / total
                    checked += 1
                    if support < MAJORITY * total:
                        contested[fact] |= 1 << field
                        if not rules.kept[field]:
                            continue
            picked[field, fact], meant[field, fact] = row, claims.values[row, field]
            if rules.kinds[field] == MEASURE and news > 1:
                meant[field, fact] = mean(claims, members, rules, field, rows, news, row)
        if checked:
            agreement[fact] = shares / checked
    return picked, meant, heard, agreement, contested
