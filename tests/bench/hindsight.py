"""How much noise leaves to be found: a smoother that sees the days after a day as well."""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from diagnostics.scale import Scale
from diagnostics.smooth import FLOOR, walk
from diagnostics.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tests.bench.levels import Family

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

BESIDE = 42
"""Noise is learnt from so many days on either side."""
CLIP = 2.0
MEDIAN = 1.4826


def hindsight(family: Family, day: int) -> Callable[[Floats], Floats]:
    """Judge by what both the days before and those after a day make of it.

    The middle is the mean of the same walk forwards and backwards, weighted by their precision; the
    spread is that of its own errors around the day. No rule of the morning can know as much: what
    this one does not find, noise hides.
    """
    scale, mid, down, up = _smoothed(family)

    def judge(observed: Floats) -> Floats:
        gap = scale.forth(observed) - mid[day]
        return np.asarray(np.where(gap < 0, -gap / down[day], gap / up[day]), dtype=float)

    return judge


def strange(value: Floats, days: NDArray[np.datetime64], special: Flags) -> Floats:
    """Return on which days (units, days) a series stands out of what lies on both sides of it.

    -1 below, 1 above, 0 within the band that gives one alert on 100 ordinary days; `special` days
    teach nothing and are not judged.
    """
    scale, mid, down, up = smoothed(value, days, special)
    gap = scale.forth(value).T - mid
    out = np.where(gap < -down, -1.0, np.where(gap > up, 1.0, 0.0)).T
    return np.asarray(np.where(special, 0.0, out), dtype=float)


@lru_cache(maxsize=8)
def _smoothed(family: Family) -> tuple[Scale, Floats, Floats, Floats]:
    return smoothed(family.value, family.days, family.near)


def smoothed(
    value: Floats, days: NDArray[np.datetime64], special: Flags
) -> tuple[Scale, Floats, Floats, Floats]:
    """Return the scale and, per day (days, units), the middle and the edges below and above it."""
    scale = Scale.of(value)
    points = np.where(special, np.nan, scale.forth(value))
    week = (days.astype(np.int64) + 3) % 7
    ahead, back = walk(points, np.append(week, 0)), walk(points[:, ::-1], np.append(week[::-1], 0))
    one, other = ahead.mid[:-1], back.mid[:-1][::-1]
    sure, also = ahead.spread[:-1] ** -2.0, back.spread[:-1][::-1] ** -2.0
    both = (sure * one + also * other) / (sure + also)
    mid = np.where(np.isfinite(both), both, np.where(np.isfinite(one), one, other))
    error = points.T - mid
    spread = np.array([_around(error, day) for day in range(len(error))])
    tail = Tail.of(error, spread)
    edges = np.array([tail.edges(one_day, 1.0) for one_day in spread])
    return scale, mid, edges[:, 0], edges[:, 1]


def _around(error: Floats, day: int) -> Floats:
    """Return the spread (units,) of the errors (days, units) on both sides of a day."""
    beside = np.concatenate([error[max(0, day - BESIDE) : day], error[day + 1 : day + 1 + BESIDE]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # series without a day here
        reach = CLIP * MEDIAN * np.nanmedian(np.abs(beside), axis=0)
        square = np.nanmean(np.clip(beside, -reach, reach) ** 2, axis=0)
    return np.asarray(np.sqrt(square) + FLOOR, dtype=float)
