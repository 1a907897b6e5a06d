"""How a block of series begins (`start`), compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from diagnostics import smooth, start
from diagnostics.lanes import LANES, NAN, NONE, ONE, VAST, Single, compiled, f, i, least, most
from diagnostics.steps import (
    DAYS,
    LAST,
    LEVEL,
    MET,
    PRIOR_VAR,
    RUN,
    SAME,
    SEEN,
    SHIFT,
    VAR,
    WEEK,
    WEEKDAYS,
    WIDE,
    close,
    turn,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Singles = NDArray[np.float32]
    Numbers = NDArray[np.int64]

START, FIRST_DAYS, TWO_WEEKS = start.START, i(start.FIRST_DAYS), i(start.TWO_WEEKS)
KEPT = f(smooth.KEPT)
FIRST, OWN_DAYS = f(start.FIRST_DAYS), f(start.OWN_DAYS)
REACH, LEAST_REACH, HALF = f(start.REACH), f(start.LEAST_REACH), f(0.5)
LAST_DAYS, LEAST_KEPT = start.KEPT, f(start.LEAST_KEPT)


@compiled
def middle(a: Single, b: Single, c: Single, d: Single, whole: bool) -> Single:
    """Return the median of four numbers, or of the three that are not the last."""
    low, high = least(a, b), most(a, b)
    three = most(low, least(high, c))
    lower, upper = least(c, d), most(c, d)
    return HALF * (most(low, lower) + least(high, upper)) if whole else three


@compiled
def tame(points: Singles, week: Numbers, longest: int, till: Any) -> None:
    """Bring the outliers among the first days nearer; `start.tamed`."""
    kept = np.zeros(WEEKDAYS * LAST_DAYS * LANES, np.float32)
    count, mid = np.zeros(WEEKDAYS * LANES, np.float32), np.zeros(WEEKDAYS * LANES, np.float32)
    for day in range(longest):
        at, to = week[day] * LAST_DAYS * LANES, week[day] * LANES
        for j in range(LANES):
            value = points[day * LANES + j]
            known = value == value and day < till[j]  # noqa: PLR0124  false for NaN
            for place in (3, 2, 1):
                row = at + place * LANES + j
                kept[row] = kept[row - LANES] if known else kept[row]
            kept[at + j] = value if known else kept[at + j]
            count[to + j] += ONE if known else NONE
    ripe, typical = np.zeros(LANES, np.float32), np.zeros(LANES, np.float32)
    for code in range(WEEKDAYS):
        at, to = code * LAST_DAYS * LANES, code * LANES
        for j in range(LANES):
            a, b, c = kept[at + j], kept[at + LANES + j], kept[at + 2 * LANES + j]
            d, enough = kept[at + 3 * LANES + j], count[to + j] >= LEAST_KEPT
            whole = count[to + j] > LEAST_KEPT
            m = middle(a, b, c, d, whole)
            apart = middle(abs(a - m), abs(b - m), abs(c - m), abs(d - m), whole)
            mid[to + j] = m
            typical[j] += apart if enough else NONE
            ripe[j] += ONE if enough else NONE
    for j in range(LANES):
        typical[j] = REACH * (typical[j] / most(ripe[j], ONE)) + LEAST_REACH
    for day in range(longest):
        to = week[day] * LANES
        for j in range(LANES):
            value, m = points[day * LANES + j], mid[to + j]
            room = typical[j] if count[to + j] >= LEAST_KEPT else VAST
            # NaN stays NaN: max() and min() would ask about it.
            value = m - room if value < m - room else value  # noqa: FURB136
            points[day * LANES + j] = m + room if value > m + room else value  # noqa: FURB136


@compiled
def first_days(s: Singles, points: Singles, week: Numbers, longest: int, till: Any) -> None:
    """Take in the last of the early days, and end `till` before them; `start.first`."""
    left, every, since = np.zeros(LANES, np.int32), np.zeros(LANES, np.int32), till.copy()
    base, total = np.zeros(LANES, np.float32), np.zeros(LANES, np.float32)
    for back in range(longest):
        day = longest - 1 - back
        for j in range(LANES):
            value = points[day * LANES + j]
            known = value == value and day < till[j]  # noqa: PLR0124  false for NaN
            every[j] += i(1) if known else i(0)
            known = known and left[j] < FIRST_DAYS
            base[j] = value if known and left[j] == i(0) else base[j]
            left[j] += i(1) if known else i(0)
            total[j] += value - base[j] if known else NONE
            since[j] = i(day) if known else since[j]
    for j in range(LANES):
        full = every[j] >= TWO_WEEKS
        since[j] = since[j] if full else till[j]
        level = base[j] + total[j] / FIRST if full else NONE
        s[LEVEL + j], s[LEVEL + LANES + j], s[LEVEL + 2 * LANES + j] = level, level, level
        s[SEEN + j] = FIRST if full else NONE
    for day in range(longest):
        to, met = WEEK + week[day] * LANES, MET + week[day] * LANES
        for j in range(LANES):
            value = points[day * LANES + j]
            known = value == value and since[j] <= day < till[j]  # noqa: PLR0124
            s[to + j] += value - s[LEVEL + j] if known else NONE
            s[met + j] += ONE if known else NONE
    for at in range(WEEKDAYS * LANES):
        s[WEEK + at] /= most(s[MET + at], ONE)
    till[:] = since


@compiled
def ends(points: Singles, days: int) -> Any:
    """Return after how many days each lane's early days are over; `start.early`."""
    till, count = np.zeros(LANES, np.int32), np.zeros(LANES, np.int32)
    for day in range(days):
        at = day * LANES
        for j in range(LANES):
            value = points[at + j]
            count[j] += i(1) if value == value else i(0)  # noqa: PLR0124  false for NaN
            till[j] += i(1) if count[j] <= START else i(0)
    return till


@compiled
def begin(s: Singles, points: Singles, week: Numbers) -> None:
    """Start a block: walk back through its first days, so that the first is not believed blindly."""
    s[LEVEL:SHIFT], s[DAYS:] = NONE, NONE
    s[VAR:SEEN], s[WIDE:MET] = PRIOR_VAR, ONE
    days, longest, told = len(week) - 1, 0, 0
    till = ends(points, days)
    for j in range(LANES):
        longest = max(longest, till[j])
    for day in range(days):
        told = max(told, week[day])
    calm, whole = points[: longest * LANES].copy(), till.copy()
    if told > 0:
        tame(calm, week, longest, till)
    first_days(s, calm, week, longest, till)
    past = np.empty(LANES, np.float32)
    for back in range(longest):
        day = longest - 1 - back
        today = calm[day * LANES : (day + 1) * LANES]
        for j in range(LANES):
            past[j] = today[j] if day < till[j] else NAN
        turn(s, past, 0, week[day])
        close(s, week[day])
    for j in range(LANES):
        s[RUN + j], s[LAST + j], s[SEEN + j] = NONE, NONE, KEPT * s[SEEN + j]
        s[VAR + j] *= OWN_DAYS if till[j] < whole[j] else ONE
    for at in range(MET, SAME):
        s[at] *= KEPT
