"""The compiled road's doors: very many series walked, remembered, told of and scored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from diagnostics import band, fast
from diagnostics.edges import EDGE, ROOM, edges, widened
from diagnostics.lanes import LANES, NAN, NONE, compiled, copied, f
from diagnostics.sizes import back, forth, gather, measure
from diagnostics.starts import begin
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
LEAST_DAYS = f(band.LEAST_DAYS)


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
def put(s: Singles, weekday: int, start: int, end: int, state: Any) -> None:
    """Put what is kept of a block and of one weekday back, but for the scale; see `load`."""
    for row in range(STATE - 4 * WEEKDAYS):
        if not SHIFT <= row * LANES < DAYS:
            copied(s[row * LANES : row * LANES + end], state[row, start : start + end])
    for place in range(4):
        row, to = STATE + (place - 4) * WEEKDAYS + weekday, WEEKLY + place * LANES
        copied(s[to : to + end], state[row, start : start + end])


@compiled
def arrive(values: Any, day: Singles, s: Singles) -> None:
    """Bring a day's values of a block to its lanes, on their scale; `day` is the room."""
    day[:] = NAN
    copied(values, day)
    forth(day, 1, s[SHIFT:ZERO], s[ZERO:KIND], s[KIND:DAYS])
    copied(day, s[VALUE:MID])


@compiled
def went_on(values: Any, weekday: int, state: Any, first: int, last: int) -> None:
    """Take one more day (units,) into what is kept of the blocks first..last."""
    units = len(values)
    s, day = np.zeros(ROWS * LANES, np.float32), np.empty(LANES, np.float32)
    for block in range(first, last):
        start = block * LANES
        end = min(LANES, units - start)
        load(state, weekday, start, end, s)
        arrive(values[start : start + end], day, s)
        foretell(s)
        note(s)
        learn(s)
        put(s, weekday, start, end, state)


@compiled
def valued(s: Singles, points: Any, values: Any) -> None:
    """Return low, mid and high as values (3, LANES), of the middle and its edges (3, LANES)."""
    for row in range(3):
        for j in range(LANES):
            down, up = points[1, j], points[2, j]
            off = -down if row == 0 else up if row == 2 else NONE
            values[row, j] = back(points[0, j] + off, s[SHIFT + j], s[ZERO + j], s[KIND + j])


@compiled
def told(
    state: Any, weekday: int, need: float, band: Any, points: Any, days: Any, first: int, last: int
) -> None:
    """Tell of the blocks first..last what the day is to bring; `levels.value_band`.

    `band` (3, units): low, mid and high; `points` (3, units): the middle and its distances below
    and above on the scale; NaN with too few `days` (2, units: all, and those of that weekday).
    """
    units = state.shape[1]
    s, e = np.zeros(ROWS * LANES, np.float32), np.empty(ROOM, np.float32)
    rest, values = np.zeros(ROOM, np.float32), np.empty((3, LANES))
    place = np.empty((3, LANES), np.float32)
    for block in range(first, last):
        start = block * LANES
        end = min(LANES, units - start)
        load(state, weekday, start, end, s)
        foretell(s)
        widened(s)
        for side in range(2):
            row = OUT + 2 * side * LANES
            edges(s, s[row : row + LANES], s[row + LANES : row + 2 * LANES], f(need), e, rest)
            copied(e[EDGE : EDGE + LANES], place[1 + side])
        for j in range(LANES):
            place[0, j] = s[MID + j] if s[DAYS + j] >= LEAST_DAYS else NAN
        valued(s, place, values)
        for row in range(3):
            copied(values[row, :end], band[row, start : start + end])
            copied(place[row, :end], points[row, start : start + end])
        copied(s[DAYS : DAYS + end], days[0, start : start + end])
        copied(s[ALIKE : ALIKE + end], days[1, start : start + end])


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


@compiled
def judged(
    values: Any, weekday: int, need: float, state: Any, scores: Any, first: int, last: int
) -> None:
    """Score a day's values (units,) and take them into what is kept of the blocks first..last.

    What `told`, `scored` and `went_on` do one after another, but each series is only asked for the
    edge on the side on which it lies.
    """
    units = len(values)
    s, day = np.zeros(ROWS * LANES, np.float32), np.empty(LANES, np.float32)
    e, rest = np.empty(ROOM, np.float32), np.zeros(ROOM, np.float32)
    side = np.empty((4, LANES), np.float32)
    for block in range(first, last):
        start = block * LANES
        end = min(LANES, units - start)
        load(state, weekday, start, end, s)
        arrive(values[start : start + end], day, s)
        foretell(s)
        for j in range(LANES):
            gap = s[VALUE + j] - s[MID + j]
            above = gap > NONE
            side[0, j] = s[OUT + 2 * LANES + j] if above else s[OUT + j]
            side[1, j] = s[OUT + 3 * LANES + j] if above else s[OUT + LANES + j]
            side[2, j] = abs(gap) if s[DAYS + j] >= LEAST_DAYS else NAN
        copied(s[SPREAD : SPREAD + LANES], side[3])
        widened(s)
        edges(s, side[0], side[1], f(need), e, rest)
        copied(side[3], s[SPREAD : SPREAD + LANES])
        for j in range(LANES):
            e[EDGE + j] = side[2, j] / e[EDGE + j]
        copied(e[EDGE : EDGE + end], scores[start : start + end])
        note(s)
        learn(s)
        put(s, weekday, start, end, state)
