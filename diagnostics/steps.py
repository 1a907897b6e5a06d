"""A day's step of the walk (`smooth.State`), compiled, for a block of series side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from diagnostics import fast, smooth, tail
from diagnostics.lanes import (
    LANES,
    NONE,
    ONE,
    TINY,
    VAST,
    Single,
    compiled,
    copied,
    f,
    least,
    most,
    power,
    within,
)  # fmt: skip

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Singles = NDArray[np.float32]
    Numbers = NDArray[np.int64]

ETA = f(smooth.TRUST / np.log(2.0))
"""The preference for the better expert, for powers of 2."""
SLOW, MIDDLE, QUICK = (f(gain) for gain in smooth.GAINS)
LOSS_GAIN, MOST = f(smooth.LOSS_GAIN), f(smooth.CLIP**2)
WEEK_GAIN, SPREAD_GAIN, WIDE_GAIN = (
    f(gain) for gain in (smooth.WEEK_GAIN, smooth.SPREAD_GAIN, smooth.WIDE_GAIN)
)
CLIP, WINSOR, FAR, FLOOR = (
    f(size) for size in (smooth.CLIP, smooth.WINSOR, smooth.FAR, smooth.FLOOR)
)
SHIFT_AFTER, YOUNG, KNOWN = f(smooth.SHIFT_AFTER), f(smooth.YOUNG), f(smooth.KNOWN)
PRIOR_DAYS, PRIOR_VAR = f(smooth.PRIOR_DAYS), f(smooth.PRIOR_SPREAD**2)
WIDE_PRIOR, WIDE_MOST = f(smooth.WIDE_PRIOR), f(9.0)
ECHO_GAIN, ECHO_CLIP = f(smooth.ECHO_GAIN), f(4.0)
ECHO_LEAST, ECHO_MOST = f(smooth.ECHO[0]), f(smooth.ECHO[1])
OUTLIER = f(tail.FAR)
# The rows of a block: first what is kept of a series (fast.ROWS), then what is of the day only.
LEVEL, LOSS, VAR, SEEN, RUN, LAST, ECHO, SHIFT, ZERO, KIND, DAYS, OUT, WEEK, WIDE, MET, SAME = (
    row * LANES for row in fast.FIRST
)
STATE, WEEKDAYS = fast.ROWS, fast.WEEKDAYS
VALUE, MID, SPREAD, WEEKLY, LOOSE, TIMES, ALIKE, NEAR, LATE, SHIFTED, REACH, PACE = (
    row * LANES for row in range(STATE, STATE + 12)
)
ROWS = STATE + 12


@compiled
def foretell(s: Singles) -> None:
    """Say of each lane what the day will bring, MID and SPREAD; `smooth.predict`."""
    for j in range(LANES):
        a, b, c = s[LOSS + j], s[LOSS + LANES + j], s[LOSS + 2 * LANES + j]
        low = least(least(a, b), c)
        a, b, c = power(ETA * (low - a)), power(ETA * (low - b)), power(ETA * (low - c))
        level = a * s[LEVEL + j] + b * s[LEVEL + LANES + j] + c * s[LEVEL + 2 * LANES + j]
        mid = level / (a + b + c) + s[WEEKLY + j] + s[ECHO + j] * s[LAST + j]
        seen, met, var = s[SEEN + j], s[TIMES + j], s[VAR + j]
        young = (seen * var + PRIOR_DAYS * PRIOR_VAR) / (seen + PRIOR_DAYS)
        var = var if seen > KNOWN else young
        wide = (s[LOOSE + j] * met + WIDE_PRIOR) / (met + WIDE_PRIOR)
        s[MID + j] = mid
        s[SPREAD + j] = f(math.sqrt(var * wide)) + FLOOR


@compiled
def look(s: Singles) -> None:
    """Compare the day with what was foretold: how far off, and whether it is a new level."""
    for j in range(LANES):
        value, seen, spread, run = s[VALUE + j], s[SEEN + j], s[SPREAD + j], s[RUN + j]
        known = value == value  # noqa: PLR0124  false for NaN
        late = known and seen > NONE
        error = value - s[MID + j] if late else NONE
        reach = VAST if seen < YOUNG else CLIP * spread
        far = ONE if error > FAR * spread else NONE
        far = -ONE if error < -FAR * spread else far
        grown = run + far if run * far > NONE else far
        still = NONE if late else run
        run = still if far == NONE else grown
        shifted = abs(run) >= SHIFT_AFTER
        s[NEAR + j], s[REACH + j] = within(error, reach), reach
        s[LATE + j], s[SHIFTED + j] = ONE if late else NONE, ONE if shifted else NONE
        s[RUN + j], s[PACE + j] = NONE if shifted else run, ONE / (seen + ONE)
        first = known and not late
        for row in range(3):
            at = LEVEL + row * LANES + j
            s[at] = value if first else s[at]


@compiled
def expert(s: Singles, row: int, gain: Single) -> None:
    """Move one expert's level towards the day and note how far off it was."""
    level, loss = LEVEL + row * LANES, LOSS + row * LANES
    for j in range(LANES):
        late, shifted, spread = s[LATE + j] > NONE, s[SHIFTED + j] > NONE, s[SPREAD + j]
        error = s[VALUE + j] - s[WEEKLY + j] - s[level + j]
        error = error if late else NONE
        step = error if shifted else most(gain, s[PACE + j]) * within(error, s[REACH + j])
        off = error / spread
        fresh = s[loss + j] + LOSS_GAIN * (least(off * off, MOST) - s[loss + j])
        s[loss + j] = fresh if late else s[loss + j]
        s[level + j] = s[level + j] + step


@compiled
def patterns(s: Singles) -> None:
    """Move the weekday, its own looseness, the spread and what a day leaves to the next."""
    for j in range(LANES):
        late, shifted, known = s[LATE + j] > NONE, s[SHIFTED + j] > NONE, s[VALUE + j]
        seen, met, near, var = s[SEEN + j], s[TIMES + j], s[NEAR + j], s[VAR + j]
        spread, last, echo = s[SPREAD + j], s[LAST + j], s[ECHO + j]
        pace = ONE / (met + ONE)
        gain = NONE if shifted else most(WEEK_GAIN, pace)
        s[WEEKLY + j] = s[WEEKLY + j] + gain * near
        part = within(near, VAST if seen < YOUNG else WINSOR * spread)
        part = part * part
        gain = most(WIDE_GAIN, pace) if late and seen > f(2.0) * YOUNG else NONE
        s[LOOSE + j] = s[LOOSE + j] + gain * (
            least(part / most(var, TINY), WIDE_MOST) - s[LOOSE + j]
        )
        gain = most(SPREAD_GAIN, s[PACE + j]) if late else NONE
        s[VAR + j] = var + gain * (part - var)
        back, ahead = last / spread, near / spread
        moved = within(back * ahead, ECHO_CLIP) - echo * least(back * back, ECHO_CLIP)
        moved = most(least(echo + ECHO_GAIN * moved, ECHO_MOST), ECHO_LEAST)
        s[ECHO + j] = moved if late else echo
        left = NONE if shifted else near
        s[LAST + j] = left if late else last
        known = ONE if known == known else NONE  # noqa: PLR0124  false for NaN
        s[SEEN + j], s[TIMES + j] = seen + known, met + known


@compiled
def learn(s: Singles) -> None:
    """Take the day in that lies in VALUE, after `foretell`; `smooth.learn`."""
    look(s)
    expert(s, 0, SLOW)
    expert(s, 1, MIDDLE)
    expert(s, 2, QUICK)
    patterns(s)


@compiled
def note(s: Singles) -> None:
    """Count the day, and what it was off by if it is an outlier; `tail.Tail.of`."""
    for j in range(LANES):
        value, days = s[VALUE + j], s[DAYS + j]
        known = ONE if value == value else NONE  # noqa: PLR0124  false for NaN
        error, reach = value - s[MID + j], OUTLIER * s[SPREAD + j]
        ripe = known > NONE and days > NONE
        below = ONE if ripe and error < -reach else NONE
        above = ONE if ripe and error > reach else NONE
        square = error * error if below + above > NONE else NONE
        s[OUT + j], s[OUT + 2 * LANES + j] = s[OUT + j] + below, s[OUT + 2 * LANES + j] + above
        s[OUT + LANES + j] = s[OUT + LANES + j] + below * square
        s[OUT + 3 * LANES + j] = s[OUT + 3 * LANES + j] + above * square
        s[DAYS + j], s[ALIKE + j] = days + known, s[ALIKE + j] + known


@compiled
def turn(s: Singles, points: Singles, day: int, weekday: int) -> None:
    """Lay a day before the block: its points and what is known of its weekday; then foretell."""
    copied(points[day * LANES : (day + 1) * LANES], s[VALUE:MID])
    for field in range(4):
        at, to = WEEK + (field * WEEKDAYS + weekday) * LANES, WEEKLY + field * LANES
        copied(s[at : at + LANES], s[to : to + LANES])
    foretell(s)


@compiled
def close(s: Singles, weekday: int) -> None:
    """Take the day in and put its weekday back."""
    learn(s)
    for field in range(4):
        at, to = WEEK + (field * WEEKDAYS + weekday) * LANES, WEEKLY + field * LANES
        copied(s[to : to + LANES], s[at : at + LANES])
