"""What each next day was to bring, told the evening before: a robust walk through the past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

GAINS = (0.08, 0.22, 0.5)
"""How fast the three level experts learn; they are weighted by their recent one-step loss."""
WEEK_GAIN = 0.12
SPREAD_GAIN = 0.05
CLIP = 4.0
"""An error moves level, week and spread by at most this many spreads."""
SHIFT_AFTER = 3
"""So many outliers of one sign in a row are a new level."""
PRIOR_DAYS = 5.0
PRIOR_SPREAD = 0.25
FLOOR = 0.02


@dataclass(frozen=True, eq=False)
class Walk:
    """One-step predictions: `mid` and `spread` (days + 1, units), the last row is the day to judge.

    `error` (days, units) is what each past day differed by, `seen` (units,) the days learnt from,
    `same` (units,) the days of the judged weekday among them.
    """

    mid: NDArray[np.float64]
    spread: NDArray[np.float64]
    error: NDArray[np.float64]
    seen: NDArray[np.int64]
    same: NDArray[np.int64]


class _State:
    """Level per expert, weekday pattern, spread and counters of all units at once."""

    def __init__(self, units: int, weekdays: int) -> None:
        self.level = np.zeros((len(GAINS), units))
        self.loss = np.ones((len(GAINS), units))
        self.week = np.zeros((weekdays, units))
        self.met = np.zeros((weekdays, units))
        self.var = np.full(units, PRIOR_SPREAD**2)
        self.seen = np.zeros(units)
        self.run = np.zeros(units)

    def predict(self, weekday: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return middle and spread of the next day (units,); NaN before the first day seen."""
        weight = np.exp(-3.0 * (self.loss - self.loss.min(axis=0)))
        level = (weight * self.level).sum(axis=0) / weight.sum(axis=0)
        mid = np.where(self.seen > 0, level + self.week[weekday], np.nan)
        prior = PRIOR_SPREAD**2
        var = (self.seen * self.var + PRIOR_DAYS * prior) / (self.seen + PRIOR_DAYS)
        return mid, np.sqrt(np.where(self.seen > 40, self.var, var)) + FLOOR

    def learn(
        self,
        value: NDArray[np.float64],
        error: NDArray[np.float64],
        spread: NDArray[np.float64],
        weekday: int,
    ) -> None:
        """Take a day's values in; units without a value keep what they knew."""
        known = np.isfinite(value)
        first = known & (self.seen == 0)
        late = known & ~first
        self.level = np.where(first, value, self.level)
        limit = np.where(self.seen < 7, np.inf, CLIP * spread)
        near = np.clip(np.where(late, error, 0.0), -limit, limit)
        far = np.where(late & (np.abs(error) > 3.0 * spread), np.sign(error), 0.0)
        self.run = np.where(far == 0, np.where(late, 0.0, self.run), self._grow(far))
        self._move(value, late, spread, limit, weekday)
        met = self.met[weekday]
        gain = np.where(late, np.maximum(WEEK_GAIN, 0.6 / (met + 1.0)), 0.0)
        self.week[weekday] += np.where(np.abs(self.run) >= SHIFT_AFTER, 0.0, gain * near)
        fade = np.where(late, np.maximum(SPREAD_GAIN, 1.0 / (self.seen + 1.0)), 0.0)
        self.var = (1.0 - fade) * self.var + fade * near**2
        self.run = np.where(np.abs(self.run) >= SHIFT_AFTER, 0.0, self.run)
        self.seen += known
        self.met[weekday] += known

    def _grow(self, far: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(np.sign(self.run) == far, self.run + far, far)

    def _move(
        self,
        value: NDArray[np.float64],
        late: NDArray[np.bool_],
        spread: NDArray[np.float64],
        limit: NDArray[np.float64],
        weekday: int,
    ) -> None:
        shifted = np.abs(self.run) >= SHIFT_AFTER
        for row, least in enumerate(GAINS):
            error = np.where(late, value - self.week[weekday] - self.level[row], 0.0)
            gain = np.where(shifted, 1.0, np.maximum(least, 1.0 / (self.seen + 1.0)))
            step = np.where(shifted, error, np.clip(error, -limit, limit))
            self.level[row] += gain * step
            loss = np.minimum((error / spread) ** 2, CLIP**2)
            self.loss[row] = np.where(late, 0.93 * self.loss[row] + 0.07 * loss, self.loss[row])


def walk(values: NDArray[np.float64], weekday: NDArray[np.int64]) -> Walk:
    """Walk through `values` (units, days; NaN = missing) with `weekday` (days + 1,) from 0.

    Robust exponential smoothing of level and weekday pattern: errors are clipped at four spreads
    before they teach anything, three outliers of one sign are accepted as a new level, and the
    spread is that of the one-step prediction error, not of the fit. The loop runs over days.
    """
    by_day = np.ascontiguousarray(values.T)
    days, units = by_day.shape
    state = _State(units, int(weekday.max(initial=0)) + 1)
    mid = np.full((days + 1, units), np.nan)
    spread = np.full((days + 1, units), np.nan)
    for day in range(days):
        mid[day], spread[day] = state.predict(int(weekday[day]))
        state.learn(by_day[day], by_day[day] - mid[day], spread[day], int(weekday[day]))
    mid[days], spread[days] = state.predict(int(weekday[days]))
    same = state.met[int(weekday[days])]
    return Walk(mid, spread, by_day - mid[:days], state.seen.astype(int), same.astype(int))
