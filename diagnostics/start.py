"""How a unit begins: what its first four weeks say of its level and weekdays, outliers tamed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

START = 28
"""The first so many days of a unit are walked backwards first, so that it starts in shape."""
FIRST_DAYS = 7
"""That walk begins with so many days: their mean, and how far from it each weekday lies."""
TWO_WEEKS = 14
"""A unit with fewer early days begins without: one week cannot tell its weekdays from chance."""
OWN_DAYS = START / (START - FIRST_DAYS)
"""Days that shaped a pattern vary less around it (degrees of freedom): the variance is so larger."""
KEPT, LEAST_KEPT = 4, 3
"""A weekday is typical as the middle of its last four early days, once there are three."""
REACH, LEAST_REACH = 6.0, 0.02
"""Early days reach so many typical distances from it: of four days, six are three spreads."""


class First(NamedTuple):
    """A first pattern: `level` (units,), `week` and `met` (weekdays, units), `taken` (days, units).

    `week` is how far each weekday lies from the level, `met` of how many days, `taken` which those
    were; a unit with too few days begins with nothing.
    """

    level: Floats
    week: Floats
    met: Floats
    taken: Flags


def early(known: Flags) -> Flags:
    """Say which known days (days, units) are among the first `START` of their unit."""
    return known & (np.cumsum(known, axis=0) <= START)


def first(by_day: Floats, days: Flags, weekday: NDArray[np.int64]) -> First:
    """Return the pattern of the last seven of each unit's early `days`; arrays are (days, units).

    Without it, a weekday of which nothing is known yet would pass its whole pattern on to the
    spread: after a month, that of a strong weekly rhythm was more than twice too wide.
    """
    left = np.cumsum(days[::-1], axis=0)[::-1]
    taken = days & (left <= FIRST_DAYS) & (days.sum(axis=0) >= TWO_WEEKS)
    level = np.where(taken, by_day, 0.0).sum(axis=0) / FIRST_DAYS
    week = np.zeros((int(weekday.max(initial=0)) + 1, by_day.shape[1]))
    met = np.zeros_like(week)
    for code in range(len(week)):
        here = taken & (weekday == code)[:, None]
        met[code] = here.sum(axis=0)
        off = np.where(here, by_day - level, 0.0).sum(axis=0)
        week[code] = off / np.maximum(met[code], 1.0)
    return First(level, week, met, taken)


def tamed(by_day: Floats, days: Flags, weekday: NDArray[np.int64]) -> Floats:
    """Return the values (days, units) with the outliers among the early `days` brought nearer.

    Typical of a weekday is the median of its last four early days, typical of a unit the mean over
    its weekdays of their median distances from it (as a MAD, Hampel 1974, that one outlier on each
    weekday cannot move); nothing reaches farther than `REACH` of those. One day six times as large
    would otherwise make the band of a unit's first month half as wide again. Where no weekday is
    told apart, the values stay as they are.
    """
    weekdays = int(weekday.max(initial=0)) + 1
    if weekdays == 1:
        return by_day
    last = np.full((weekdays, KEPT, by_day.shape[1]), np.nan)
    for day in np.flatnonzero(days.any(axis=1)):
        row = last[weekday[day]]
        row[:] = np.where(days[day], np.vstack((by_day[day][None], row[:-1])), row)
    ripe = np.isfinite(last).sum(axis=1) >= LEAST_KEPT
    middle = _middle(last)
    apart = _middle(np.abs(last - middle[:, None]))
    typical = np.where(ripe, apart, 0.0).sum(axis=0) / np.maximum(ripe.sum(axis=0), 1)
    room = np.where(ripe, REACH * typical + LEAST_REACH, np.inf)
    middle = np.where(ripe, middle, 0.0)
    return np.clip(by_day, (middle - room)[weekday], (middle + room)[weekday])


def _middle(last: Floats) -> Floats:
    """Return the medians (weekdays, units) of three or four values (weekdays, 4, units)."""
    ordered = np.sort(last, axis=1)
    whole = np.isfinite(ordered[:, -1])
    return np.where(whole, (ordered[:, 1] + ordered[:, 2]) / 2.0, ordered[:, 1])
