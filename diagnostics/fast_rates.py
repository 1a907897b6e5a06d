"""The walk of `odds`, compiled: rates side by side in lanes, so that one instruction moves many."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba
import numpy as np

from diagnostics import odds
from diagnostics.odds import ABOVE, BELOW, BOTTOM, FEW, MET, ROWS, RUN, SEEN, TINY, TOP, WEEK

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    F = TypeVar("F", bound=Callable[..., Any])
    Floats = NDArray[np.float64]

LANES = 64
"""Rates per block: a block's state stays in the cache next to the core."""
THREADS = int(numba.get_num_threads())
LINES = ROWS + 16
H, B, L = 0, 4 * LANES, 8 * LANES
"""Where hits, base and loss of the four experts begin in a block's flat memory."""
AT_TOP, AT_BOTTOM, AT_SEEN, AT_RUN, AT_BELOW, AT_ABOVE = (
    row * LANES for row in (TOP, BOTTOM, SEEN, RUN, BELOW, ABOVE)
)
ODDS, SOME, HITS, BASE, RATE, MID, EVENT, LEAN, OWN, UNSURE, SHIFTED, SCORE, NEAR = (
    row * LANES for row in (32, 33, 34, 35, 36, 40, 41, 42, 43, 44, 45, 46, 47)
)
F0, F1, F2, F3 = odds.FAVOUR
K0, K1, K2, K3 = (0.5 ** (1.0 / life) for life in odds.HALF_LIVES)
NORMAL, MORE = odds.limits(1.0)
CLIP, SQUARE = odds.CLIP, odds.CLIP**2
(
    WARM, FAR, SHIFT_AFTER, SHIFT_KEEP, COUNT, FIRST_EVENT, WEEK_FADE, WEEK_PRIOR, LOOSE,
    LOOSE_DAYS, LOOSE_FADE, LEAST, MOST, SKEW, YOUNG, GAIN, HOME, PULL, LOW, HIGH, LOSS_GAIN,
) = (
    odds.WARM, odds.FAR, odds.SHIFT_AFTER, odds.SHIFT_KEEP, odds.PRIOR_COUNT, odds.FIRST_EVENT,
    odds.WEEK_FADE, odds.WEEK_PRIOR, odds.LOOSE, odds.LOOSE_DAYS, odds.LOOSE_FADE,
    odds.LEAST_LOOSE, odds.MOST_LOOSE, odds.SKEW, odds.YOUNG, odds.TAIL_GAIN, odds.TAIL_HOME,
    odds.TAIL_PULL, odds.TAIL_LEAST, odds.TAIL_MOST, odds.LOSS_GAIN,
)  # fmt: skip
RULES = zlib.crc32(repr([one for one in sorted(vars(odds).items()) if one[0].isupper()]).encode())


def compiled(function: F) -> F:
    """Compile on the first call, free of the interpreter's lock; kept on disk where that can be.

    What is kept bears the rules in its name: numba itself looks at this file's age only.
    """
    function.__qualname__ = f"{function.__qualname__}_{RULES}"
    options: Any = {"nogil": True, "error_model": "numpy", "fastmath": {"contract", "nsz", "arcp"}}
    try:
        made = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # there is no folder to keep it in
        made = numba.njit(**options)(function)
    return cast("F", made)


@compiled
def power(x: float) -> float:
    """Return x to the 12th, `odds.POWER`."""
    square = x * x
    fourth = square * square
    return fourth * fourth * fourth


@compiled
def most(x: float, y: float) -> float:
    """Return the greater; plain words keep the lanes together where max() asks about NaN."""
    return x if x > y else y  # noqa: FURB136  see above


@compiled
def least(x: float, y: float) -> float:
    """Return the lesser."""
    return x if x < y else y  # noqa: FURB136  see above


@compiled
def within(x: float, low: float, high: float) -> float:
    """Return x, at least low and at most high."""
    return least(most(x, low), high)


@compiled
def predict(s: Floats, share: bool) -> None:
    """Say of each lane what the day will bring; `odds.predict`."""
    for j in range(LANES):
        a, b, c, d = s[L + j], s[L + LANES + j], s[L + 2 * LANES + j], s[L + 3 * LANES + j]
        low = least(least(a, b), least(c, d))
        a, b, c, d = power(low / a), power(low / b), power(low / c), power(low / d)
        a, b, c, d = F0 * a, F1 * b, F2 * c, F3 * d
        last = s[B + 3 * LANES + j]
        slow = COUNT * s[H + 3 * LANES + j] / most(last, TINY)
        n0, n1 = s[B + j] + COUNT, s[B + LANES + j] + COUNT
        n2, n3 = s[B + 2 * LANES + j] + COUNT, last + COUNT
        p0, p1 = (s[H + j] + slow) / n0, (s[H + LANES + j] + slow) / n1
        p2, p3 = (s[H + 2 * LANES + j] + slow) / n2, (s[H + 3 * LANES + j] + slow) / n3
        f = s[ODDS + j]
        if share:
            p0, p1 = p0 * f / (1.0 - p0 + p0 * f), p1 * f / (1.0 - p1 + p1 * f)
            p2, p3 = p2 * f / (1.0 - p2 + p2 * f), p3 * f / (1.0 - p3 + p3 * f)
        else:
            p0, p1, p2, p3 = p0 * f, p1 * f, p2 * f, p3 * f
        total = a + b + c + d
        mid = (a * p0 + b * p1 + c * p2 + d * p3) / total
        near = (mid * n3 + 0.5) / (n3 + 1.0)
        rest = 1.0 - near if share else 1.0
        event = near * most(rest, TINY)
        s[RATE + j], s[RATE + LANES + j] = p0, p1
        s[RATE + 2 * LANES + j], s[RATE + 3 * LANES + j] = p2, p3
        s[MID + j], s[EVENT + j] = mid, event
        s[LEAN + j] = 1.0 - 2.0 * near if share else 1.0
        s[UNSURE + j] = (a / n0 + b / n1 + c / n2 + d / n3) / total / event
    for j in range(LANES):
        top, bottom = s[AT_TOP + j], s[AT_BOTTOM + j]
        raw = least(most(top, 0.0) / most(bottom, 1e-9), MOST)
        wide = most(raw, LOOSE)
        prior = LOOSE_DAYS / (wide * wide)
        s[OWN + j] = most((top + prior * LOOSE) / (bottom + prior), LEAST)


@compiled
def look(s: Floats) -> None:
    """Count outliers in a row, move the tails and learn the spread; `odds._tails`, `_spread`."""
    for j in range(LANES):
        n, seen, run, event = s[BASE + j], s[AT_SEEN + j], s[AT_RUN + j], s[EVENT + j]
        late = (n > 0.0) & (seen > 0.0)
        base = n if late else 1.0
        error = s[HITS + j] - base * s[MID + j] if late else 0.0
        room = most(base - 1.0, 0.0) * event
        rest = 1.0 + room * (s[OWN + j] + s[UNSURE + j])
        noise = base * event
        spread = math.sqrt(noise * rest)
        skew = s[LEAN + j] * (1.0 + SKEW * (rest - 1.0)) / most(spread, TINY)
        skew = 1e-4 if abs(skew) < 1e-4 else skew
        loose = room * s[OWN + j] / rest
        far = (NORMAL + MORE * loose * loose) * (1.0 + YOUNG * loose / most(seen, 1.0))
        off = -1.0 if error < 0.0 else 1.0
        longer = run + off if run * off > 0.0 else off
        longer = longer if abs(error) > FAR * spread else 0.0
        shifted = late & (abs(longer) >= SHIFT_AFTER)
        s[AT_RUN + j] = (0.0 if shifted else longer) if late else run
        s[SHIFTED + j] = 1.0 if shifted else 0.0
        learns = late & (seen >= WARM)
        sixth = skew / 6.0
        under, over = s[AT_BELOW + j], s[AT_ABOVE + j]
        bent = 1.0 + (-far * under - sixth) * sixth
        out = 1.0 if error < spread * (bent * bent * bent - 1.0) * 2.0 / skew else 0.0
        moved = under * (1.0 + GAIN * (out - 0.005)) + PULL * (HOME - under)
        s[AT_BELOW + j] = within(moved, LOW, HIGH) if learns else under
        bent = 1.0 + (far * over - sixth) * sixth
        out = 1.0 if error > spread * (bent * bent * bent - 1.0) * 2.0 / skew else 0.0
        moved = over * (1.0 + GAIN * (out - 0.005)) + PULL * (HOME - over)
        s[AT_ABOVE + j] = within(moved, LOW, HIGH) if learns else over
        square = least(error * error, SQUARE * noise * rest) / noise
        weight = room / (rest * rest)
        top, bottom = s[AT_TOP + j], s[AT_BOTTOM + j]
        more = LOOSE_FADE * top + weight * (square - 1.0 - room * s[UNSURE + j])
        s[AT_TOP + j] = more if late else top
        s[AT_BOTTOM + j] = LOOSE_FADE * bottom + weight * room if late else bottom


@compiled
def weigh(s: Floats) -> None:
    """Clip the day's error and learn how well each expert foretold it; `odds.learn`."""
    for j in range(LANES):
        n, seen, event = s[BASE + j], s[AT_SEEN + j], s[EVENT + j]
        late = (n > 0.0) & (seen > 0.0)
        base = n if late else 1.0
        mean = base * s[MID + j]
        error = s[HITS + j] - mean if late else 0.0
        rest = 1.0 + most(base - 1.0, 0.0) * event * (s[OWN + j] + s[UNSURE + j])
        spread = math.sqrt(base * event * rest)
        reach = math.inf if (seen < WARM) | (s[SHIFTED + j] > 0.0) else CLIP * spread
        near = within(error, -reach, reach)
        s[NEAR + j] = near
        for k in range(4):
            gap = within(mean + near - base * s[RATE + k * LANES + j], -reach, reach) / spread
            old = s[L + k * LANES + j]
            loss = most((1.0 - LOSS_GAIN) * old + LOSS_GAIN * least(gap * gap, SQUARE), 1e-6)
            s[L + k * LANES + j] = loss if late else old


@compiled
def learn(s: Floats, share: bool) -> None:
    """Take the day's counts in: the weekday's odds, hits and base; `odds.learn`, `_week`."""
    for j in range(LANES):
        n, seen, event, own = s[BASE + j], s[AT_SEEN + j], s[EVENT + j], s[OWN + j]
        known, shifted = n > 0.0, s[SHIFTED + j] > 0.0
        first, late = known & (seen <= 0.0), known & (seen > 0.0)
        base, near = n if late else 1.0, s[NEAR + j]
        noise, rest = base * event, 1.0 + most(base - 1.0, 0.0) * event * own
        rate = (base * s[MID + j] + near) / base
        rate = s[HITS + j] / n if first else rate
        f, met = s[ODDS + j], s[SOME + j]
        rate = within(rate, 0.0, 1.0 if share else math.inf)
        plain = rate / (rate + f * (1.0 - rate)) if share else rate / f
        more = WEEK_FADE * met + noise / rest
        step = near / noise * (noise / rest) / (more + WEEK_PRIOR)
        step = within(step, -1.0, 1.0)
        teaches = late & (not shifted)
        s[ODDS + j] = f * (2.0 + step) / (2.0 - step) if teaches else f
        s[SOME + j] = more if teaches else met
        weight = n / (1.0 + n * (FIRST_EVENT if first else event) * own)
        keep = SHIFT_KEEP if shifted else 1.0
        k0, k1, k2, k3 = keep * K0, keep * K1, keep * K2, keep * K3
        k0, k1, k2, k3 = (k0, k1, k2, k3) if known else (1.0, 1.0, 1.0, 1.0)
        got = weight * plain
        s[H + j] = k0 * s[H + j] + got
        s[H + LANES + j] = k1 * s[H + LANES + j] + got
        s[H + 2 * LANES + j] = k2 * s[H + 2 * LANES + j] + got
        s[H + 3 * LANES + j] = k3 * s[H + 3 * LANES + j] + got
        s[B + j] = k0 * s[B + j] + weight
        s[B + LANES + j] = k1 * s[B + LANES + j] + weight
        s[B + 2 * LANES + j] = k2 * s[B + 2 * LANES + j] + weight
        s[B + 3 * LANES + j] = k3 * s[B + 3 * LANES + j] + weight
        s[AT_SEEN + j] = seen + 1.0 if known else seen


@compiled
def off(count: float, mean: float, spread: float, skew: float) -> float:
    """Return how far a count is off; `odds.spreads_off`."""
    bent = float(np.cbrt(1.0 + 0.5 * skew * (count - mean) / most(spread, TINY)))
    return (bent - 1.0) * 6.0 / skew + skew / 6.0


@compiled
def judge(s: Floats, share: bool) -> None:
    """Score the day's counts, signed; `rates.edges` and `rates.Edges.score`."""
    for j in range(LANES):
        n, seen, event = s[BASE + j], s[AT_SEEN + j], s[EVENT + j]
        there = (n > 0.0) & (seen > 0.0)
        base = n if there else 1.0
        room = most(base - 1.0, 0.0) * event
        rest = 1.0 + room * (s[OWN + j] + s[UNSURE + j])
        spread, mean = math.sqrt(base * event * rest), base * s[MID + j]
        skew = s[LEAN + j] * (1.0 + SKEW * (rest - 1.0)) / most(spread, TINY)
        skew = 1e-4 if abs(skew) < 1e-4 else skew
        loose = room * s[OWN + j] / rest
        far = (NORMAL + MORE * loose * loose) * (1.0 + YOUNG * loose / most(seen, 1.0))
        below, above, hits = far * s[AT_BELOW + j], far * s[AT_ABOVE + j], s[HITS + j]
        middle = skew / 6.0
        above = most(above, off(FEW, mean, spread, skew) if mean < FEW else middle)
        if share:
            hits, few = least(hits, base), base - FEW
            below = most(below, -off(few, mean, spread, skew) if mean > few else -middle)
        gap = off(hits, mean, spread, skew) - middle
        reach = below + middle if gap < 0.0 else above - middle
        s[SCORE + j] = gap / most(reach, TINY) if there else math.nan


@compiled
def gather(of: Any, over: Any, skip: Any, first: int, hits: Floats, base: Floats) -> None:
    """Copy a block's counts (units, days) to its lanes, none where a part is missing."""
    units, days = of.shape
    base[:] = 0.0
    hits[:] = 0.0
    for j in range(min(LANES, units - first)):
        for day in range(days):
            x, n = of[first + j, day], over[first + j, day]
            bare = skip.shape[1] == 0 or not skip[first + j, day]
            if bare and np.isfinite(x) and np.isfinite(n) and n > 0:
                hits[day * LANES + j], base[day * LANES + j] = x, n


@compiled
def walked(
    of: Any,
    over: Any,
    skip: Any,
    week: Any,
    share: bool,
    state: Floats,
    same: Any,
    past_mid: Floats,
    past_score: Floats,
    first: int,
    last: int,
) -> None:
    """Learn the blocks first..last from counts (units, days) into the state (32, units).

    The last days' middles and scores go to `past_mid` and `past_score` (units, shown days), the
    number of days of the weekday to be judged to `same` (units,).
    """
    units, days = of.shape
    shown = past_mid.shape[1]
    s = np.zeros(LINES * LANES)
    hits, base = np.empty(days * LANES), np.empty(days * LANES)
    for block in range(first, last):
        start = block * LANES
        end = min(LANES, units - start)
        s[:] = 1.0
        for row in range(ROWS):
            for j in range(end):
                s[row * LANES + j] = state[row, start + j]
        gather(of, over, skip, start, hits, base)
        for day in range(days):
            factor, met = (WEEK + week[day]) * LANES, (MET + week[day]) * LANES
            s[ODDS : ODDS + LANES] = s[factor : factor + LANES]
            s[SOME : SOME + LANES] = s[met : met + LANES]
            s[HITS : HITS + LANES] = hits[day * LANES : (day + 1) * LANES]
            s[BASE : BASE + LANES] = base[day * LANES : (day + 1) * LANES]
            for j in range(end if week[day] == week[days] else 0):
                same[start + j] += 1 if s[BASE + j] > 0.0 else 0
            predict(s, share)
            if day >= days - shown:
                judge(s, share)
                for j in range(end):
                    there = s[AT_SEEN + j] > 0.0
                    past_mid[start + j, day - days + shown] = s[MID + j] if there else math.nan
                    past_score[start + j, day - days + shown] = s[SCORE + j]
            look(s)
            weigh(s)
            learn(s, share)
            s[factor : factor + LANES] = s[ODDS : ODDS + LANES]
            s[met : met + LANES] = s[SOME : SOME + LANES]
        for row in range(ROWS):
            for j in range(end):
                state[row, start + j] = s[row * LANES + j]
