"""What each next day was to bring, told the evening before: a robust walk through the past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diagnostics import start

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diagnostics.start import First

    Floats = NDArray[np.float64]

GAINS = (0.05, 0.15, 0.4)
"""How fast the level experts learn; they are weighted by their recent one-step loss."""
TRUST = 2.0
"""How sharply the expert with the smaller loss is preferred."""
LOSS_GAIN = 0.07
WEEK_GAIN = 0.12
SPREAD_GAIN = 0.06
WIDE_GAIN = 0.08
ECHO_GAIN = 0.02
"""How fast the echo, the part of a day's error that the next day repeats, is learnt."""
ECHO = (-0.3, 0.7)
"""The echo stays within these."""
CLIP = 4.0
"""An error moves level and week by at most this many spreads."""
WINSOR = 2.0
"""An error moves the spread by at most this many spreads: outliers are the tail's matter."""
FAR = 3.0
"""So many spreads are an outlier."""
SHIFT_AFTER = 3
"""So many outliers of one sign in a row are a new level."""
YOUNG = 7
"""Before so many days nothing is clipped."""
PRIOR_DAYS = 3.0
PRIOR_SPREAD = 0.2
"""A unit's spread before it has days of its own, worth so many days; forgotten after `KNOWN`."""
KNOWN = 20
WIDE_PRIOR = 4.0
"""A weekday is as wide as any other, worth so many such days."""
FLOOR = 0.003
KEPT = 0.3
"""The backward walk counts for this share of its days."""


@dataclass(frozen=True, eq=False)
class Walk:
    """One-step predictions: `mid` and `spread` (days + 1, units), the last row is the day to judge.

    `error` (days, units) is what each past day differed by, `seen` (units,) the days learnt from,
    `same` (units,) the days of the judged weekday among them.
    """

    mid: Floats
    spread: Floats
    error: Floats
    seen: NDArray[np.int64]
    same: NDArray[np.int64]


class State:
    """What is kept of units' past: 32 floats each, whatever the length of the past.

    `level`, `loss` (experts, units); `week` (the weekday's part), `wide` (its variance against the
    whole) and `met` (its days) (weekdays, units); `var`, `seen`, `run` (outliers of one sign in a
    row), `last` (yesterday's error) and `echo` (units,).
    """

    def __init__(self, units: int, weekdays: int) -> None:
        self.level = np.zeros((len(GAINS), units))
        self.loss = np.zeros((len(GAINS), units))
        self.week = np.zeros((weekdays, units))
        self.wide = np.ones((weekdays, units))
        self.met = np.zeros((weekdays, units))
        self.var = np.full(units, PRIOR_SPREAD**2)
        self.seen = np.zeros(units)
        self.run = np.zeros(units)
        self.last = np.zeros(units)
        self.echo = np.zeros(units)

    def predict(self, weekday: int) -> tuple[Floats, Floats]:
        """Return middle and spread of the next day (units,); the middle is NaN before any day.

        mid = Σ w·level / Σ w + week + echo·last, w = exp(−TRUST·loss).
        """
        weight = np.exp(-TRUST * (self.loss - self.loss.min(axis=0)))
        level = (weight * self.level).sum(axis=0) / weight.sum(axis=0)
        mid = np.where(self.seen > 0, level + self.week[weekday] + self.echo * self.last, np.nan)
        met, prior = self.met[weekday], PRIOR_DAYS * PRIOR_SPREAD**2
        young = (self.seen * self.var + prior) / (self.seen + PRIOR_DAYS)
        var = np.where(self.seen > KNOWN, self.var, young)
        wide = (self.wide[weekday] * met + WIDE_PRIOR) / (met + WIDE_PRIOR)
        return mid, np.sqrt(var * wide) + FLOOR

    def learn(self, value: Floats, mid: Floats, spread: Floats, weekday: int) -> None:
        """Take a day's values (units,) in; units without a value keep what they knew."""
        known = np.isfinite(value)
        late = known & (self.seen > 0)
        self.level = np.where(known & (self.seen == 0), value, self.level)
        error = np.where(late, value - mid, 0.0)
        room = np.where(self.seen < YOUNG, np.inf, spread)
        near = np.clip(error, -CLIP * room, CLIP * room)
        shifted = self._shifted(error, spread, late)
        self._move(value, late, shifted, spread, room, weekday)
        self._widen(error, late, room, weekday)
        gain = np.where(late & ~shifted, np.maximum(WEEK_GAIN, 1.0 / (self.met[weekday] + 1.0)), 0)
        self.week[weekday] += gain * near
        self._hear(near, late, spread)
        self.last = np.where(late, np.where(shifted, 0.0, near), self.last)
        self.run = np.where(shifted, 0.0, self.run)
        self.seen = self.seen + known
        self.met[weekday] += known

    def begin(self, first: First) -> None:
        """Begin with a first pattern."""
        self.level[:] = first.level
        self.week[: len(first.week)] = first.week
        self.met[: len(first.met)] = first.met
        self.seen = first.taken.sum(axis=0).astype(float)

    def restart(self) -> None:
        """Begin the walk forward: the pattern is kept, the days count for less."""
        self.run, self.last = np.zeros_like(self.run), np.zeros_like(self.last)
        self.seen, self.met = KEPT * self.seen, KEPT * self.met

    def _shifted(self, error: Floats, spread: Floats, late: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Count outliers of one sign in a row; say where they are enough for a new level."""
        far = np.where(np.abs(error) > FAR * spread, np.sign(error), 0.0)
        run = np.where(far == 0, 0.0, np.where(np.sign(self.run) == far, self.run + far, far))
        self.run = np.where(late, run, self.run)
        return np.abs(self.run) >= SHIFT_AFTER

    def _move(
        self,
        value: Floats,
        late: NDArray[np.bool_],
        shifted: NDArray[np.bool_],
        spread: Floats,
        room: Floats,
        weekday: int,
    ) -> None:
        for row, least in enumerate(GAINS):
            error = np.where(late, value - self.week[weekday] - self.level[row], 0.0)
            gain = np.where(shifted, 1.0, np.maximum(least, 1.0 / (self.seen + 1.0)))
            step = np.where(shifted, error, np.clip(error, -CLIP * room, CLIP * room))
            self.level[row] += gain * step
            loss = np.minimum((error / spread) ** 2, CLIP**2) - self.loss[row]
            self.loss[row] += np.where(late, LOSS_GAIN * loss, 0.0)

    def _widen(self, error: Floats, late: NDArray[np.bool_], room: Floats, weekday: int) -> None:
        square = np.clip(error, -WINSOR * room, WINSOR * room) ** 2
        ripe = late & (self.seen > 2 * YOUNG)
        gain = np.where(ripe, np.maximum(WIDE_GAIN, 1.0 / (self.met[weekday] + 1.0)), 0.0)
        ratio = np.minimum(square / np.maximum(self.var, 1e-12), 9.0)
        self.wide[weekday] += gain * (ratio - self.wide[weekday])
        fade = np.where(late, np.maximum(SPREAD_GAIN, 1.0 / (self.seen + 1.0)), 0.0)
        self.var = self.var + fade * (square - self.var)

    def _hear(self, near: Floats, late: NDArray[np.bool_], spread: Floats) -> None:
        """Learn the echo: a stochastic gradient of the squared error, in spreads."""
        both = np.clip(self.last * near / spread**2, -4.0, 4.0)
        step = both - self.echo * np.minimum((self.last / spread) ** 2, 4.0)
        self.echo = np.clip(self.echo + np.where(late, ECHO_GAIN * step, 0.0), *ECHO)


def walk(values: Floats, weekday: NDArray[np.int64]) -> Walk:
    """Walk through `values` (units, days; NaN = missing) with `weekday` (days + 1,) from 0.

    Robust exponential smoothing of level and weekday pattern (several speeds, weighted by their
    recent loss): errors are clipped before they teach anything, three outliers of one sign are a
    new level, the spread is that of the one-step prediction error, per weekday, not of the fit.
    A unit's first four weeks are walked backwards first. The loop runs over days.
    """
    by_day = np.ascontiguousarray(values.T)
    days, units = by_day.shape
    known = np.isfinite(by_day)
    state = _begin(by_day, known, weekday)
    mid = np.full((days + 1, units), np.nan)
    spread = np.full((days + 1, units), np.nan)
    seen = np.zeros(units, dtype=np.int64)
    for day in range(days):
        mid[day], spread[day] = state.predict(int(weekday[day]))
        state.learn(by_day[day], mid[day], spread[day], int(weekday[day]))
        mid[day] = np.where(seen > 0, mid[day], np.nan)
        seen += known[day]
    mid[days], spread[days] = state.predict(int(weekday[days]))
    same = known[weekday[:-1] == weekday[-1]].sum(axis=0)
    return Walk(mid, spread, by_day - mid[:days], seen, same)


def _begin(by_day: Floats, known: NDArray[np.bool_], weekday: NDArray[np.int64]) -> State:
    """Walk each unit's first days backwards (days, units), from the week with which it begins."""
    state = State(by_day.shape[1], int(weekday.max(initial=0)) + 1)
    early = start.early(known)
    calm = start.tamed(by_day, early, weekday[:-1])
    first = start.first(calm, early, weekday[:-1])
    state.begin(first)
    rest = early & ~first.taken
    for day in np.flatnonzero(rest.any(axis=1))[::-1]:
        mid, spread = state.predict(int(weekday[day]))
        value = np.where(rest[day], calm[day], np.nan)
        state.learn(value, mid, spread, int(weekday[day]))
    state.restart()
    state.var *= np.where(first.taken.any(axis=0), start.OWN_DAYS, 1.0)
    return state
