"""The compiled road's doors: very many series walked, remembered, told of and scored."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from diagnostics import band, fast, scale, tail
from diagnostics.lanes import (
    LANES,
    NAN,
    NONE,
    ONE,
    Single,
    compiled,
    copied,
    f,
    grown,
    least,
    log,
    most,
    power,
)  # fmt: skip
from diagnostics.sizes import COUNTED, back, forth, gather, measure
from diagnostics.steps import (
    ALIKE,
    DAYS,
    KIND,
    MID,
    NEAR,
    OUT,
    ROWS,
    SHIFT,
    SPREAD,
    STATE,
    VALUE,
    WEEKLY,
    ZERO,
    begin,
    close,
    foretell,
    learn,
    note,
    turn,
)  # fmt: skip

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Singles = NDArray[np.float32]
    Numbers = NDArray[np.int64]

THREADS = int(numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]  # made at run time
WEEKDAYS = fast.WEEKDAYS
LEAST_DAYS, CHANCE_DAYS = f(band.LEAST_DAYS), f(scale.CHANCE_DAYS)
OUTLIERS, OF_DAYS = f(tail.OUTLIERS), f(tail.OF_DAYS)
OF_OUTLIERS, OUTLIER_SQUARES = f(tail.OF_OUTLIERS), f(tail.OF_OUTLIERS * tail.OUTLIER_SIZE**2)
WORTH, HUGE = f(tail.WORTH**2), f(tail.HUGE**2)
RARE, COMMON = f(tail.HUGE_SHARE), f(1.0 - tail.HUGE_SHARE)
STANDSTILL, LEAST, STEPS = f(tail.STANDSTILL), f(tail.LEAST), tail.STEPS
REACH, RAISED = f(60.0), f(2.0**60)
"""An outlier may be so many times likelier (as a power of 2) than all else."""
HALF, GRID = f(-0.5 / np.log(2.0)), f(1.0 / np.log(2.0) / (tail.STEPS - 1))
# The rows of a block's search for its edges; from NOISE on two each, below and above.
AT, FACTOR, CHANGE, CHANGED, RARER, SLIM, ODDS, CORE, SQUARE = (row * LANES for row in range(9))
NOISE, OUTER, FALL, BEFORE, AFTER, FOUND, EDGE = (row * LANES for row in range(9, 23, 2))
EDGE_ROWS = 23
SOON = 3
"""After so many steps most have found their edges; the others go on by themselves."""
TOGETHER = 16
"""The others are filled up to a multiple of so many, that one instruction moves many of them."""


@compiled
def walked(
    values: Any, zero: Any, week: Numbers, mid: Any, spread: Any, first: int, last: int
) -> None:
    """Walk through the blocks first..last of points (days, units); `smooth.walk`.

    Points are counted from their `zero` (units,), so that single precision is enough.
    """
    days, units = values.shape
    points, s = np.empty(days * LANES, np.float32), np.empty(ROWS * LANES, np.float32)
    for block in range(first, last):
        start = block * LANES
        end = min(LANES, units - start)
        gather(values, zero, start, points)
        begin(s, points, week)
        for day in range(days + 1):
            turn(s, points, min(day, days - 1), week[day])
            for j in range(LANES):
                s[NEAR + j] = s[MID + j] if s[DAYS + j] > NONE else NAN
            for j in range(end):
                mid[day, start + j] = s[NEAR + j] + zero[start + j]
            copied(s[SPREAD : SPREAD + end], spread[day, start : start + end])
            if day < days:
                note(s)
                close(s, week[day])


@compiled
def remembered(values: Any, week: Numbers, state: Any, first: int, last: int) -> None:
    """Learn all that is kept of the blocks first..last from values (days, units)."""
    days, units = values.shape
    points, s = np.empty(days * LANES, np.float32), np.empty(ROWS * LANES, np.float32)
    bits, naught = np.empty((days + 3) // 4 * 4 * LANES, np.int32), np.zeros(units, np.float32)
    for block in range(first, last):
        start = block * LANES
        end = min(LANES, units - start)
        gather(values, naught, start, points)
        measure(points, days, bits, s[SHIFT:ZERO], s[ZERO:KIND], s[KIND:DAYS])
        forth(points, days, s[SHIFT:ZERO], s[ZERO:KIND], s[KIND:DAYS])
        begin(s, points, week)
        for day in range(days):
            turn(s, points, day, week[day])
            note(s)
            close(s, week[day])
        for row in range(STATE):
            copied(s[row * LANES : row * LANES + end], state[row, start : start + end])


@compiled
def load(state: Any, weekday: int, start: int, end: int, s: Singles) -> None:
    """Bring what is kept of a block and of one weekday to its lanes."""
    for row in range(STATE - 4 * WEEKDAYS):
        copied(state[row, start : start + end], s[row * LANES : (row + 1) * LANES])
    for place in range(4):
        row, to = STATE + (place - 4) * WEEKDAYS + weekday, WEEKLY + place * LANES
        copied(state[row, start : start + end], s[to : to + LANES])


@compiled
def went_on(values: Any, weekday: int, state: Any, first: int, last: int) -> None:
    """Take one more day (units,) into what is kept of the blocks first..last."""
    units = len(values)
    s, day = np.zeros(ROWS * LANES, np.float32), np.empty(LANES, np.float32)
    for block in range(first, last):
        start = block * LANES
        end = min(LANES, units - start)
        load(state, weekday, start, end, s)
        day[:] = NAN
        copied(values[start : start + end], day)
        forth(day, 1, s[SHIFT:ZERO], s[ZERO:KIND], s[KIND:DAYS])
        copied(day, s[VALUE:MID])
        foretell(s)
        note(s)
        learn(s)
        for row in range(STATE - 4 * WEEKDAYS):
            copied(s[row * LANES : row * LANES + end], state[row, start : start + end])
        for place in range(4):
            row, to = STATE + (place - 4) * WEEKDAYS + weekday, WEEKLY + place * LANES
            copied(s[to : to + end], state[row, start : start + end])


@compiled
def climb(e: Singles, lanes: int, step: int) -> None:
    """Go a step outwards on both sides, in the lanes that have not found their edges yet."""
    last = step == STEPS - 1
    for j in range(lanes):
        square = e[AT + j] * e[AT + j]
        e[ODDS + j] = e[CHANGE + j] * power(e[CHANGED + j] * square) + e[RARER + j]
        e[CORE + j], e[SQUARE + j] = power(e[SLIM + j] * square), square
    for side in range(0, 2 * LANES, LANES):
        for j in range(lanes):
            raised = least(e[FALL + side + j] * e[SQUARE + j], REACH) - REACH
            out = e[OUTER + side + j] * power(raised)
            odds = e[ODDS + j] / (e[NOISE + side + j] * e[CORE + j] + out)
            found, before = e[FOUND + side + j], e[BEFORE + side + j]
            searching = found == NONE
            ends = searching and (odds >= ONE or last)
            on = before == NONE or (searching and not ends)
            e[BEFORE + side + j] = odds if on else before
            e[AFTER + side + j] = odds if searching else e[AFTER + side + j]
            e[FOUND + side + j] = e[AT + j] if ends else found
    for j in range(lanes):
        e[AT + j] = e[AT + j] * e[FACTOR + j]


@compiled
def weigh(s: Singles, need: Single, e: Singles) -> None:
    """Lay out a search: its first place and pace, and the parts of the evidence.

    All densities are counted from that of the huge changes, the widest but for outliers.
    """
    reached = grown(-need)
    for j in range(LANES):
        spread = s[SPREAD + j]
        own, days = spread * spread, most(s[DAYS + j] - ONE, NONE)
        slim, worthy, huge = ONE / own, ONE / (own + WORTH), ONE / (own + HUGE)
        for side in range(2):
            count, squares = s[OUT + 2 * side * LANES + j], s[OUT + (2 * side + 1) * LANES + j]
            size = (squares + OUTLIER_SQUARES) / (count + OF_OUTLIERS)
            share, outer = (count + OUTLIERS) / (days + OF_DAYS), ONE / (own + size)
            e[NOISE + side * LANES + j] = (ONE - share) / spread
            e[OUTER + side * LANES + j] = RAISED * share * f(math.sqrt(outer))
            e[FALL + side * LANES + j] = HALF * (HUGE - size) * outer * huge
            e[BEFORE + side * LANES + j], e[FOUND + side * LANES + j] = NONE, NONE
            e[AFTER + side * LANES + j] = NONE
        e[CHANGE + j] = reached * COMMON * f(math.sqrt(worthy))
        e[RARER + j] = reached * RARE * f(math.sqrt(huge))
        e[CHANGED + j] = HALF * (HUGE - WORTH) * worthy * huge
        e[SLIM + j] = HALF * HUGE * slim * huge
        room = (need + f(0.5) * log(ONE + WORTH * slim)) * (ONE + own / WORTH)
        core = spread * f(math.sqrt(f(2.0) * room))
        end = most(f(3.0) * core, STANDSTILL)
        e[AT + j], e[FACTOR + j] = f(0.95) * core, ONE / power(GRID * log(core / end))


@compiled
def go_on(e: Singles, rest: Singles) -> None:
    """Let the lanes that have not found both edges go on, brought together in the room `rest`."""
    count, lane = 0, np.empty(LANES, np.int64)
    for j in range(LANES):
        lane[count] = j
        count += (e[FOUND + j] == NONE) | (e[FOUND + LANES + j] == NONE)
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
def edges(s: Singles, need: Single, e: Singles, rest: Singles) -> None:
    """Find how far from the middle a band ends below and above; `tail.Tail.edges`.

    The odds' factor of a change against noise is compared, not its logarithm. `e` and `rest`
    are the room.
    """
    weigh(s, need, e)
    for step in range(SOON):
        climb(e, LANES, step)
    go_on(e, rest)
    for side in range(0, 2 * LANES, LANES):
        for j in range(LANES):
            low, high = log(e[BEFORE + side + j]), log(e[AFTER + side + j])
            at, rise = e[FOUND + side + j], high - low if high > low else ONE
            part, first = most(least(-low / rise, ONE), NONE), at / e[FACTOR + j]
            found = first + part * (at - first) if high != low else at
            e[EDGE + side + j] = most(found, LEAST)


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
def valued(s: Singles, e: Singles, values: Any) -> None:
    """Return low, mid and high as values (3, LANES)."""
    for row in range(3):
        for j in range(LANES):
            down, up = e[EDGE + j], e[EDGE + LANES + j]
            off = -down if row == 0 else up if row == 2 else NONE
            values[row, j] = back(s[MID + j] + off, s[SHIFT + j], s[ZERO + j], s[KIND + j])


@compiled
def told(
    state: Any, weekday: int, need: float, band: Any, points: Any, days: Any, first: int, last: int
) -> None:
    """Tell of the blocks first..last what the day is to bring; `levels.value_band`.

    `band` (3, units): low, mid and high; `points` (3, units): the middle and its distances below
    and above on the scale; NaN with too few `days` (2, units: all, and those of that weekday).
    """
    units = state.shape[1]
    s, e = np.zeros(ROWS * LANES, np.float32), np.empty(EDGE_ROWS * LANES, np.float32)
    rest, values = np.zeros(EDGE_ROWS * LANES, np.float32), np.empty((3, LANES))
    for block in range(first, last):
        start = block * LANES
        end = min(LANES, units - start)
        load(state, weekday, start, end, s)
        foretell(s)
        widened(s)
        edges(s, f(need), e, rest)
        for j in range(LANES):
            s[MID + j] = s[MID + j] if s[DAYS + j] >= LEAST_DAYS else NAN
        valued(s, e, values)
        for row in range(3):
            copied(values[row, :end], band[row, start : start + end])
        copied(s[DAYS : DAYS + end], days[0, start : start + end])
        copied(s[ALIKE : ALIKE + end], days[1, start : start + end])
        copied(s[MID : MID + end], points[0, start : start + end])
        copied(e[EDGE : EDGE + end], points[1, start : start + end])
        copied(e[EDGE + LANES : EDGE + LANES + end], points[2, start : start + end])


@compiled
def scored(values: Any, state: Any, points: Any, scores: Any, first: int, last: int) -> None:
    """Score a day's values (units,) against what was told of the blocks first..last."""
    units = len(values)
    day, e = np.empty(LANES, np.float32), np.ones(7 * LANES, np.float32)
    for block in range(first, last):
        start = block * LANES
        end = min(LANES, units - start)
        copied(values[start : start + end], day)
        for row in range(3):
            copied(state[SHIFT // LANES + row, start : start + end], e[row * LANES :])
            copied(points[row, start : start + end], e[(3 + row) * LANES :])
        forth(day, 1, e[:LANES], e[LANES : 2 * LANES], e[2 * LANES : 3 * LANES])
        for j in range(LANES):
            gap = day[j] - e[3 * LANES + j]
            below, above = -gap / e[4 * LANES + j], gap / e[5 * LANES + j]
            e[6 * LANES + j] = above if gap > NONE else below
        copied(e[6 * LANES : 6 * LANES + end], scores[start : start + end])
