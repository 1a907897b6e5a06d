"""How far out a band ends (`tail.Tail.edges`), compiled, for a block of series side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from diagnostics import scale, tail
from diagnostics.lanes import (
    LANES,
    NONE,
    ONE,
    Single,
    compiled,
    f,
    grown,
    least,
    log,
    most,
    power,
)  # fmt: skip
from diagnostics.sizes import COUNTED
from diagnostics.steps import DAYS, KIND, MID, SHIFT, SPREAD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Singles = NDArray[np.float32]

CHANCE_DAYS = f(scale.CHANCE_DAYS)
OUTLIERS, OF_DAYS = f(tail.OUTLIERS), f(tail.OF_DAYS)
OF_OUTLIERS, OUTLIER_SQUARES = f(tail.OF_OUTLIERS), f(tail.OF_OUTLIERS * tail.OUTLIER_SIZE**2)
WORTH, HUGE = f(tail.WORTH**2), f(tail.HUGE**2)
RARE, COMMON = f(tail.HUGE_SHARE), f(1.0 - tail.HUGE_SHARE)
STANDSTILL, LEAST, STEPS = f(tail.STANDSTILL), f(tail.LEAST), tail.STEPS
REACH, RAISED = f(60.0), f(2.0**60)
"""An outlier may be so many times likelier (as a power of 2) than all else."""
HALF, GRID = f(-0.5 / np.log(2.0)), f(1.0 / np.log(2.0) / (tail.STEPS - 1))
# The rows of a block's search: where it is, the parts of the evidence, and what it found.
AT, FACTOR, CHANGE, CHANGED, RARER, SLIM, NOISE, OUTER, FALL, BEFORE, AFTER, FOUND, EDGE = (
    row * LANES for row in range(13)
)
ROOM = 13 * LANES
SOON = 3
"""After so many steps most have found their edges; the others go on by themselves."""
TOGETHER = 16
"""The others are filled up to a multiple of so many, that one instruction moves many of them."""


@compiled
def widened(s: Singles) -> None:
    """Widen the spread by what few days leave open, for counts at least to that of chance."""
    for j in range(LANES):
        days, mid, shift = most(s[DAYS + j], ONE), s[MID + j], s[SHIFT + j]
        count = shift * grown(mid)
        chance = CHANCE_DAYS / ((days + CHANCE_DAYS) * (ONE + count))
        chance = chance if s[KIND + j] == COUNTED else NONE
        own = s[SPREAD + j] * s[SPREAD + j] * (ONE + f(2.0) / days)
        s[SPREAD + j] = f(math.sqrt(most(own, chance)))


@compiled
def weigh(s: Singles, counts: Singles, squares: Singles, need: Single, e: Singles) -> None:
    """Lay out a search: its first place and pace, and the parts of the evidence.

    `counts` and `squares` are those of the outliers on the side that is asked of. All densities are
    counted from that of the huge changes, the widest but for outliers.
    """
    reached = grown(-need)
    for j in range(LANES):
        spread = s[SPREAD + j]
        own, days = spread * spread, most(s[DAYS + j] - ONE, NONE)
        slim, worthy, huge = ONE / own, ONE / (own + WORTH), ONE / (own + HUGE)
        size = (squares[j] + OUTLIER_SQUARES) / (counts[j] + OF_OUTLIERS)
        share, outer = (counts[j] + OUTLIERS) / (days + OF_DAYS), ONE / (own + size)
        e[NOISE + j] = (ONE - share) / spread
        e[OUTER + j] = RAISED * share * f(math.sqrt(outer))
        e[FALL + j] = HALF * (HUGE - size) * outer * huge
        e[CHANGE + j] = reached * COMMON * f(math.sqrt(worthy))
        e[RARER + j] = reached * RARE * f(math.sqrt(huge))
        e[CHANGED + j] = HALF * (HUGE - WORTH) * worthy * huge
        e[SLIM + j] = HALF * HUGE * slim * huge
        room = (need + f(0.5) * log(ONE + WORTH * slim)) * (ONE + own / WORTH)
        core = spread * f(math.sqrt(f(2.0) * room))
        end = most(f(3.0) * core, STANDSTILL)
        e[AT + j], e[FACTOR + j] = f(0.95) * core, ONE / power(GRID * log(core / end))
        e[BEFORE + j], e[AFTER + j], e[FOUND + j] = NONE, NONE, NONE


@compiled
def climb(e: Singles, lanes: int, step: int) -> None:
    """Go a step outwards in the lanes that have not found their edges yet."""
    last = step == STEPS - 1
    for j in range(lanes):
        at, found, before = e[AT + j], e[FOUND + j], e[BEFORE + j]
        square = at * at
        change = e[CHANGE + j] * power(e[CHANGED + j] * square) + e[RARER + j]
        out = e[OUTER + j] * power(least(e[FALL + j] * square, REACH) - REACH)
        odds = change / (e[NOISE + j] * power(e[SLIM + j] * square) + out)
        searching = found == NONE
        ends = searching and (odds >= ONE or last)
        on = before == NONE or (searching and not ends)
        e[BEFORE + j] = odds if on else before
        e[AFTER + j] = odds if searching else e[AFTER + j]
        e[FOUND + j] = at if ends else found
        e[AT + j] = at * e[FACTOR + j]


@compiled
def go_on(e: Singles, rest: Singles) -> None:
    """Let the lanes that have not found their edges go on, brought together in the room `rest`."""
    count, lane = 0, np.empty(LANES, np.int64)
    for j in range(LANES):
        lane[count] = j
        count += e[FOUND + j] == NONE
    for row in range(EDGE // LANES):
        for at in range(count):
            rest[row * LANES + at] = e[row * LANES + lane[at]]
    together = min((count + TOGETHER - 1) // TOGETHER * TOGETHER, LANES)
    for step in range(SOON, STEPS):
        climb(rest, together, step)
    for at in range(count):
        for row in range(BEFORE // LANES, EDGE // LANES):
            e[row * LANES + lane[at]] = rest[row * LANES + at]


@compiled
def edges(
    s: Singles, counts: Singles, squares: Singles, need: Single, e: Singles, rest: Singles
) -> None:
    """Find how far from the middle a band ends on a side, in EDGE of `e`; `tail.Tail.edges`.

    The odds' factor of a change against noise is compared, not its logarithm. `e` and `rest`
    are the room.
    """
    weigh(s, counts, squares, need, e)
    for step in range(SOON):
        climb(e, LANES, step)
    go_on(e, rest)
    for j in range(LANES):
        low, high = log(e[BEFORE + j]), log(e[AFTER + j])
        at, rise = e[FOUND + j], high - low if high > low else ONE
        part, first = most(least(-low / rise, ONE), NONE), at / e[FACTOR + j]
        found = first + part * (at - first) if high != low else at
        e[EDGE + j] = most(found, LEAST)
