"""What share each next day was to bring, told the evening before, from counts that fade."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import ndtri, stdtrit

from diagnostics.band import alarming

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

HALF_LIVES = (1.0, 4.0, 14.0, 40.0)
"""Days after which the four experts' counts weigh half."""
FAVOUR = (0.5, 1.0, 2.0, 1.0)
"""What the experts weigh before any loss is known."""
LOSS_GAIN = 0.06
POWER = 12
"""An expert's weight falls with this power of its recent one-step loss."""
CLIP = 3.0
"""A day teaches only up to so many spreads."""
WARM = 7
"""So many days are taken as they are."""
FAR = 3.0
SHIFT_AFTER = 3
"""So many days farther than FAR spreads off on one side are a new level, ..."""
SHIFT_KEEP = 0.05
"""... of which the counts before keep so little weight."""
PRIOR_COUNT = 2.0
FIRST_EVENT = 0.1
"""The variance of one event before any day was seen."""
WEEK_FADE = 0.5 ** (1.0 / 16.0)
WEEK_PRIOR = 30.0
"""Events' worth of evidence that a weekday is like the others (log-odds within about 0.2)."""
LOOSE = 0.1**2
"""Usual over-dispersion: the variance of the log-odds from day to day, ..."""
LOOSE_DAYS = 12.0
"""... believed as if so many days had shown it."""
LOOSE_FADE = 0.5 ** (1.0 / 40.0)
LEAST_LOOSE, MOST_LOOSE = 1e-5, 4.0
SKEW = 2.5
"""Skew of the over-dispersion in its spreads: 2 is a beta's, 3 a logit-normal's."""
TAIL = 6.0
"""Degrees of freedom of the over-dispersion's tail; counting noise alone is normal."""
COARSE = 1.4
"""Whole numbers alarm less often than their mid-p says: that many times as much is meant."""
YOUNG = 3.0
"""The limit is wider by this over the days seen, as the spread is then a guess itself."""
TAIL_GAIN = 0.2
TAIL_HOME, TAIL_PULL = 1.0, 0.003
TAIL_LEAST, TAIL_MOST = 0.9, 3.0
FEW = 1.5
"""Fewer events than this beyond none at all never are out of band: one event is no news."""
TINY = 1e-7

HITS, BASE, LOSS = slice(0, 4), slice(4, 8), slice(8, 12)
WEEK, MET = 12, 19
TOP, BOTTOM, SEEN, RUN, BELOW, ABOVE = 26, 27, 28, 29, 30, 31
ROWS = 32
"""Rows of a state (32, units): per expert hits, base and loss; per weekday the factor on the odds
and its evidence; over-dispersion as top / bottom; days seen; run of outliers; the own tails."""

_FADES = np.array([[0.5 ** (1.0 / life)] for life in HALF_LIVES])
_FAVOUR = np.array(FAVOUR)[:, None]


class Forecast(NamedTuple):
    """What a day was to bring, all float (..., units).

    `mid` the rate; `event` the variance of one event (p q, of a count that is no share p); `lean`
    the skew's sign and size (1 - 2 p, else 1); `own` over-dispersion and `unsure` variance of the
    estimate, both of the log-odds; `below` and `above` factors on the tails' limits; `seen` days.
    """

    mid: Floats
    event: Floats
    lean: Floats
    own: Floats
    unsure: Floats
    below: Floats
    above: Floats
    seen: Floats


def fresh(units: int) -> Floats:
    """Return the state (32, units) of rates nothing is known of."""
    state = np.zeros((ROWS, units))
    state[LOSS] = 1.0
    state[WEEK : WEEK + 7] = 1.0
    state[BELOW : ABOVE + 1] = TAIL_HOME
    return state


def looseness(top: Floats, bottom: Floats, usual: Floats | float = LOOSE) -> Floats:
    """Return the over-dispersion, shrunk to the usual one as if twelve days had shown that."""
    raw = np.minimum(np.maximum(top, 0.0) / np.maximum(bottom, 1e-9), MOST_LOOSE)
    prior = LOOSE_DAYS / np.maximum(usual, raw) ** 2
    found: Floats = np.maximum((top + prior * usual) / (bottom + prior), LEAST_LOOSE)
    return found


def predict(state: Floats, weekday: int, *, share: bool = True) -> Forecast:
    """Return what a day was to bring; `mid` is NaN for units not seen yet."""
    rates, weight = _experts(state, weekday, share)
    mid = (weight * rates).sum(axis=0)
    size = state[BASE] + PRIOR_COUNT
    # half an event of doubt keeps the noise above none where no event was ever seen
    near = (mid * size[-1] + 0.5) / (size[-1] + 1.0)
    event = near * np.maximum(1.0 - near, TINY) if share else near
    return Forecast(
        mid=np.where(state[SEEN] > 0, mid, np.nan),
        event=event,
        lean=1.0 - 2.0 * near if share else np.ones_like(near),
        own=looseness(state[TOP], state[BOTTOM]),
        unsure=(weight / size).sum(axis=0) / event,
        below=state[BELOW],
        above=state[ABOVE],
        seen=state[SEEN],
    )


def _experts(state: Floats, weekday: int, share: bool) -> tuple[Floats, Floats]:
    """Return the experts' rates of the day and their weights (experts, units)."""
    loss = state[LOSS]
    weight = _FAVOUR * (loss.min(axis=0) / loss) ** POWER
    slow = state[HITS][-1] / np.maximum(state[BASE][-1], TINY)
    rate = (state[HITS] + PRIOR_COUNT * slow) / (state[BASE] + PRIOR_COUNT)
    odds = state[WEEK + weekday]
    rate = rate * odds / (1.0 - rate + rate * odds) if share else rate * odds
    return rate, weight / weight.sum(axis=0)


class Shape(NamedTuple):
    """A day's count: mean, spread, skew, and which part `loose` of its variance is no counting."""

    mean: Floats
    spread: Floats
    skew: Floats
    loose: Floats


def shape(told: Forecast, n: Floats) -> Shape:
    """Return the moments of a count of `n`: Var = n e (1 + (n - 1) e t), a beta-binomial's.

    `e` is the variance of one event, `t` that of the log-odds (Laney 2002; the skew's second term
    is between a beta's and a logit-normal's).
    """
    room = np.maximum(n - 1.0, 0.0) * told.event
    rest = 1.0 + room * (told.own + told.unsure)
    spread = np.sqrt(n * told.event * rest)
    skew = told.lean * (1.0 + SKEW * (rest - 1.0)) / np.maximum(spread, TINY)
    skew = np.where(np.abs(skew) < 1e-4, 1e-4, skew)
    return Shape(n * told.mid, spread, skew, room * told.own / rest)


def spreads_off(hits: Floats, of: Shape) -> Floats:
    """Return how far a count is off as a normal law's quantile (Wilson and Hilferty 1931)."""
    bent = np.cbrt(1.0 + 0.5 * of.skew * (hits - of.mean) / np.maximum(of.spread, TINY))
    found: Floats = (bent - 1.0) * 6.0 / of.skew + of.skew / 6.0
    return found


def count_at(far: Floats, of: Shape) -> Floats:
    """Return the count that lies `far` off: the inverse of `spreads_off`."""
    bent = 1.0 + (far - of.skew / 6.0) * of.skew / 6.0
    found: Floats = of.mean + of.spread * (bent**3 - 1.0) * 2.0 / of.skew
    return found


def limits(alerts_per_100: float) -> tuple[float, float]:
    """Return how far out so many alerts in 100 lie: for counting noise, and how much more else."""
    tail = alarming(alerts_per_100) / 2.0
    normal = -float(ndtri(min(COARSE * tail, 0.5)))
    heavy = -float(stdtrit(TAIL, tail)) * float(np.sqrt((TAIL - 2.0) / TAIL))
    return normal, heavy - normal


def reach(of: Shape, seen: Floats, alerts_per_100: float = 1.0) -> Floats:
    """Return how far a day may be off: a normal law's limit, wider by what is over-dispersed."""
    normal, more = limits(alerts_per_100)
    young = 1.0 + YOUNG * of.loose / np.maximum(seen, 1.0)
    found: Floats = (normal + more * of.loose**2) * young
    return found


def learn(
    state: Floats, told: Forecast, hits: Floats, n: Floats, weekday: int, *, share: bool = True
) -> None:
    """Take a day's counts (units,) into the state; units without a base (n = 0) keep theirs."""
    first = (n > 0) & (state[SEEN] == 0)
    late = (n > 0) & ~first
    base = np.where(late, n, 1.0)
    mid = np.where(late, told.mid, 0.5)
    found = np.where(late, hits, mid)
    day = shape(told._replace(mid=mid), base)
    error = found - day.mean
    shifted = _tails(state, told, error, day, late)
    free = (state[SEEN] < WARM) | shifted
    most = np.where(free, np.inf, CLIP * day.spread)
    near = np.clip(error, -most, most)
    _spread(state, told, error, base, day, late)
    rates, _ = _experts(state, weekday, share)
    gaps = np.clip(day.mean + near - base * rates, -most, most) / day.spread
    loss = (1.0 - LOSS_GAIN) * state[LOSS] + LOSS_GAIN * np.minimum(gaps**2, CLIP**2)
    loss = np.maximum(loss, 1e-6)
    state[LOSS] = np.where(late, loss, state[LOSS])
    rate = (day.mean + near) / base
    odds = state[WEEK + weekday].copy()
    _week(state, told, near, base, late & ~shifted, weekday)
    rate = np.where(first, hits / np.where(first, n, 1.0), rate)
    if share:
        rate = np.clip(rate, 0.0, 1.0)
    plain = rate / (rate + odds * (1.0 - rate)) if share else np.maximum(rate, 0.0) / odds
    event = np.where(first, FIRST_EVENT, told.event)
    weight = n / (1.0 + n * event * told.own)
    keep = np.where(n > 0, np.where(shifted, SHIFT_KEEP, 1.0) * _FADES, 1.0)
    state[HITS] = keep * state[HITS] + weight * plain
    state[BASE] = keep * state[BASE] + weight
    state[SEEN] += n > 0


def _tails(
    state: Floats, told: Forecast, error: Floats, day: Shape, late: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Count outliers in a row, let each tail's limit follow its own alerts; say where all shifts.

    The limits move so that one day in 200 is beyond each (Gibbs and Candes 2021).
    """
    far = reach(day, told.seen)
    off = np.where(error < 0.0, -1.0, 1.0)
    beyond = np.abs(error) > FAR * day.spread
    run = np.where(state[RUN] * off > 0.0, state[RUN] + off, off)
    run = np.where(beyond, run, 0.0)
    shifted = late & (np.abs(run) >= SHIFT_AFTER)
    state[RUN] = np.where(late, np.where(shifted, 0.0, run), state[RUN])
    learns = late & (told.seen >= WARM)
    for row, side in ((BELOW, -1.0), (ABOVE, 1.0)):
        edge = count_at(side * far * state[row], day) - day.mean
        out = side * (error - edge) > 0.0
        moved = state[row] * (1.0 + TAIL_GAIN * (np.where(out, 1.0, 0.0) - 0.005))
        moved = np.clip(moved + TAIL_PULL * (TAIL_HOME - state[row]), TAIL_LEAST, TAIL_MOST)
        state[row] = np.where(learns, moved, state[row])
    return shifted


def _spread(
    state: Floats, told: Forecast, error: Floats, base: Floats, day: Shape, late: NDArray[np.bool_]
) -> None:
    """Learn the over-dispersion from a day's clipped squared error, weighted by its evidence."""
    room = np.maximum(base - 1.0, 0.0) * told.event
    rest = 1.0 + room * (told.own + told.unsure)
    square = np.minimum(error**2, (CLIP * day.spread) ** 2) / (base * told.event)
    weight = room / rest**2
    top = LOOSE_FADE * state[TOP] + weight * (square - 1.0 - room * told.unsure)
    bottom = LOOSE_FADE * state[BOTTOM] + weight * room
    state[TOP] = np.where(late, top, state[TOP])
    state[BOTTOM] = np.where(late, bottom, state[BOTTOM])


def _week(
    state: Floats,
    told: Forecast,
    near: Floats,
    base: Floats,
    late: NDArray[np.bool_],
    weekday: int,
) -> None:
    """Move the weekday's factor on the odds by one shrunken scoring step."""
    noise = base * told.event
    evidence = noise / (1.0 + np.maximum(base - 1.0, 0.0) * told.event * told.own)
    met = WEEK_FADE * state[MET + weekday] + evidence
    step = np.clip(near / noise * evidence / (met + WEEK_PRIOR), -1.0, 1.0)
    factor = state[WEEK + weekday] * (2.0 + step) / (2.0 - step)
    state[WEEK + weekday] = np.where(late, factor, state[WEEK + weekday])
    state[MET + weekday] = np.where(late, met, state[MET + weekday])
