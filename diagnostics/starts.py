"""How a block of series begins (`start`), compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from diagnostics import smooth, start
from diagnostics.lanes import (
    LANES,
    NAN,
    NONE,
    ONE,
    VAST,
    Single,
    compiled,
    copied,
    f,
    least,
    most,
)  # fmt: skip
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
    TIMES,
    VAR,
    WEEK,
    WEEKDAYS,
    WEEKLY,
    WIDE,
    close,
    turn,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Singles = NDArray[np.float32]
    Numbers = NDArray[np.int64]

START, FIRST_DAYS, TWO_WEEKS = f(start.START), f(start.FIRST_DAYS), f(start.TWO_WEEKS)
KEPT, OWN_DAYS = f(smooth.KEPT), f(start.OWN_DAYS)
REACH, LEAST_REACH, LEAST_KEPT = f(start.REACH), f(start.LEAST_REACH), f(start.LEAST_KEPT)
HALF = f(0.5)
# The rows of the room: the day at hand and its lanes' early days; what is typical of a weekday, the
# first six of which are kept of each; the first week.
NOW, TILL, EARLY, LATEST, OLDEST, COUNT, MIDDLE = (row * LANES for row in (0, 1, 2, 3, 6, 7, 8))
APART, RIPE, LEFT, BASE, TOTAL, SINCE = (row * LANES for row in range(9, 15))
KEPT_ROWS, ROOM = 6 * LANES, 15 * LANES


@compiled
def middle(a: Single, b: Single, c: Single, d: Single, whole: bool) -> Single:
    """Return the median of four numbers, or of the three that are not the last."""
    low, high = least(a, b), most(a, b)
    three = most(low, least(high, c))
    lower, upper = least(c, d), most(c, d)
    return HALF * (most(low, lower) + least(high, upper)) if whole else three


@compiled
def push(k: Singles, day: Single) -> None:
    """Take a day's values, those of early days, in before the last ones of their weekday."""
    for j in range(LANES):
        value, till = k[NOW + j], k[TILL + j]
        known = value == value and day < till  # noqa: PLR0124  false for NaN
        a, b, c, d = k[LATEST + j], k[LATEST + LANES + j], k[LATEST + 2 * LANES + j], k[OLDEST + j]
        k[LATEST + j], k[LATEST + LANES + j] = value if known else a, a if known else b
        k[LATEST + 2 * LANES + j], k[OLDEST + j] = b if known else c, c if known else d
        k[COUNT + j] = k[COUNT + j] + (ONE if known else NONE)


@compiled
def typify(k: Singles) -> None:
    """Say what is typical of a weekday, in MIDDLE, and add how far its days lie from it."""
    for j in range(LANES):
        a, b, c = k[LATEST + j], k[LATEST + LANES + j], k[LATEST + 2 * LANES + j]
        d, enough, whole = k[OLDEST + j], k[COUNT + j] >= LEAST_KEPT, k[COUNT + j] > LEAST_KEPT
        m = middle(a, b, c, d, whole)
        apart = middle(abs(a - m), abs(b - m), abs(c - m), abs(d - m), whole)
        k[MIDDLE + j] = m
        k[APART + j] = k[APART + j] + (apart if enough else NONE)
        k[RIPE + j] = k[RIPE + j] + (ONE if enough else NONE)


@compiled
def cut(k: Singles) -> None:
    """Bring a day's values, in NOW, nearer to what is typical of their weekday."""
    for j in range(LANES):
        value, m = k[NOW + j], k[MIDDLE + j]
        room, count = k[APART + j], k[COUNT + j]
        room = room if count >= LEAST_KEPT else VAST
        # NaN stays NaN: max() and min() would ask about it.
        value = m - room if value < m - room else value  # noqa: FURB136
        k[NOW + j] = m + room if value > m + room else value  # noqa: FURB136


@compiled
def tame(points: Singles, week: Numbers, longest: int, k: Singles) -> None:
    """Bring the outliers among the early days nearer; `start.tamed`.

    Each weekday is copied to its place in the room `k` and back, so that the compiler need not fear
    that rows overlap.
    """
    days = np.zeros(WEEKDAYS * KEPT_ROWS, np.float32)
    for day in range(longest):
        at = week[day] * KEPT_ROWS
        copied(points[day * LANES : (day + 1) * LANES], k[NOW:TILL])
        copied(days[at : at + KEPT_ROWS], k[LATEST : LATEST + KEPT_ROWS])
        push(k, f(day))
        copied(k[LATEST : LATEST + KEPT_ROWS], days[at : at + KEPT_ROWS])
    k[APART : APART + LANES], k[RIPE : RIPE + LANES] = NONE, NONE
    for code in range(WEEKDAYS):
        at = code * KEPT_ROWS
        copied(days[at : at + KEPT_ROWS], k[LATEST : LATEST + KEPT_ROWS])
        typify(k)
        copied(k[LATEST : LATEST + KEPT_ROWS], days[at : at + KEPT_ROWS])
    for j in range(LANES):
        k[APART + j] = REACH * (k[APART + j] / most(k[RIPE + j], ONE)) + LEAST_REACH
    for day in range(longest):
        at, row = week[day] * KEPT_ROWS, day * LANES
        copied(points[row : row + LANES], k[NOW:TILL])
        copied(days[at + COUNT - LATEST : at + KEPT_ROWS], k[COUNT : COUNT + 2 * LANES])
        cut(k)
        copied(k[NOW:TILL], points[row : row + LANES])


@compiled
def gathered(k: Singles, day: Single) -> None:
    """Add a day's values to the first week, where it is not full; the days are told backwards."""
    for j in range(LANES):
        value, left, base, till = k[NOW + j], k[LEFT + j], k[BASE + j], k[TILL + j]
        total, since = k[TOTAL + j], k[SINCE + j]
        known = value == value and day < till and left < FIRST_DAYS  # noqa: PLR0124
        base = value if known and left == NONE else base
        k[TOTAL + j] = total + (value - base if known else NONE)
        k[LEFT + j], k[BASE + j] = left + ONE if known else left, base
        k[SINCE + j] = day if known else since


@compiled
def lay(s: Singles, k: Singles, day: Single) -> None:
    """Add how far a day of the first week lies from its level to its weekday."""
    for j in range(LANES):
        value, since, till, level = k[NOW + j], k[SINCE + j], k[TILL + j], s[LEVEL + j]
        known = value == value and since <= day and day < till  # noqa: PLR0124, PLR1716
        s[WEEKLY + j] = s[WEEKLY + j] + (value - level if known else NONE)
        s[TIMES + j] = s[TIMES + j] + (ONE if known else NONE)


@compiled
def first_days(s: Singles, points: Singles, week: Numbers, longest: int, k: Singles) -> None:
    """Take in the last of the early days, and end TILL before them; `start.first`."""
    k[LEFT:SINCE] = NONE
    copied(k[TILL:EARLY], k[SINCE : SINCE + LANES])
    day = longest
    while day > 0 and k[LEFT : LEFT + LANES].min() < FIRST_DAYS:
        day -= 1
        copied(points[day * LANES : (day + 1) * LANES], k[NOW:TILL])
        gathered(k, f(day))
    for j in range(LANES):
        full = k[EARLY + j] >= TWO_WEEKS
        k[SINCE + j] = k[SINCE + j] if full else k[TILL + j]
        level = k[BASE + j] + k[TOTAL + j] / FIRST_DAYS if full else NONE
        s[LEVEL + j], s[LEVEL + LANES + j], s[LEVEL + 2 * LANES + j] = level, level, level
        s[SEEN + j] = FIRST_DAYS if full else NONE
    for ahead in range(day, longest):
        at, met = WEEK + week[ahead] * LANES, MET + week[ahead] * LANES
        copied(points[ahead * LANES : (ahead + 1) * LANES], k[NOW:TILL])
        copied(s[at : at + LANES], s[WEEKLY : WEEKLY + LANES])
        copied(s[met : met + LANES], s[TIMES : TIMES + LANES])
        lay(s, k, f(ahead))
        copied(s[WEEKLY : WEEKLY + LANES], s[at : at + LANES])
        copied(s[TIMES : TIMES + LANES], s[met : met + LANES])
    for at in range(WEEKDAYS * LANES):
        s[WEEK + at] = s[WEEK + at] / most(s[MET + at], ONE)
    copied(k[SINCE : SINCE + LANES], k[TILL:EARLY])


@compiled
def ends(points: Singles, days: int, k: Singles) -> int:
    """Say after how many days each lane's early days are over, in TILL; `start.early`.

    EARLY are how many of them are known. Returns the latest end.
    """
    k[TILL : EARLY + LANES] = NONE
    for day in range(days):
        copied(points[day * LANES : (day + 1) * LANES], k[NOW:TILL])
        for j in range(LANES):
            value, count = k[NOW + j], k[EARLY + j]
            count = count + (ONE if value == value else NONE)  # noqa: PLR0124  false for NaN
            k[EARLY + j] = count
            k[TILL + j] = k[TILL + j] + (ONE if count <= START else NONE)
    return int(k[TILL:EARLY].max())


@compiled
def begin(s: Singles, points: Singles, week: Numbers) -> None:
    """Start a block: walk back through its first days, so that the first is not believed blindly."""
    s[LEVEL:SHIFT], s[DAYS:] = NONE, NONE
    s[VAR:SEEN], s[WIDE:MET] = PRIOR_VAR, ONE
    days, told, k = len(week) - 1, 0, np.zeros(ROOM, np.float32)
    longest = ends(points, days, k)
    for day in range(days):
        told = max(told, week[day])
    calm, whole = points[: longest * LANES].copy(), k[TILL:EARLY].copy()
    if told > 0:
        tame(calm, week, longest, k)
    first_days(s, calm, week, longest, k)
    past = np.empty(LANES, np.float32)
    for back in range(longest):
        day = longest - 1 - back
        copied(calm[day * LANES : (day + 1) * LANES], k[NOW:TILL])
        for j in range(LANES):
            value, till = k[NOW + j], k[TILL + j]
            k[NOW + j] = value if f(day) < till else NAN
        copied(k[NOW:TILL], past)
        turn(s, past, 0, week[day])
        close(s, week[day])
    for j in range(LANES):
        s[RUN + j], s[LAST + j], s[SEEN + j] = NONE, NONE, KEPT * s[SEEN + j]
        s[VAR + j] *= OWN_DAYS if k[TILL + j] < whole[j] else ONE
    for at in range(MET, SAME):
        s[at] *= KEPT
