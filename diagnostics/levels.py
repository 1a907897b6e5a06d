"""Which counts and which money are out of what such a day brings, and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diagnostics.band import LEAST_DAYS, SHOWN, Band, Calendars, as_day, limit, log, past, weekdays
from diagnostics.common import others_move
from diagnostics.smooth import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from numpy.typing import NDArray

    from diagnostics.band import Calendar, Day, Days, Floats, Special
    from diagnostics.smooth import Walk

BOOK_UNSURE = 0.35
"""How far the book's effect of a special day may be off (log)."""


@dataclass(frozen=True, eq=False)
class _Scale:
    """A unit's scale: log(y + 2 % of its median), or linear where values can be negative."""

    shift: Floats
    signed: NDArray[np.bool_]

    @classmethod
    def of(cls, values: Floats) -> _Scale:
        """Learn the scale from the past (units, days)."""
        size = np.abs(values)
        middle = _nanmedian(size)
        mean = np.nan_to_num(_nanmedian(np.where(size > 0, size, np.nan)), nan=1.0)
        shift = np.where(middle > 0, 0.02 * middle, 0.5 * mean)
        signed = np.any(values < 0, axis=1)
        return cls(np.where(signed, np.where(middle > 0, middle, mean), shift), signed)

    def forth(self, values: Floats) -> Floats:
        """Return values (units, ...) on the scale on which effects add up."""
        shape = (-1,) + (1,) * (values.ndim - 1)
        shift, signed = self.shift.reshape(shape), self.signed.reshape(shape)
        return np.where(signed, values / shift, np.log(np.maximum(values, 0.0) + shift))

    def back(self, values: Floats) -> Floats:
        """Return the values (units, ...) of points on the scale."""
        shape = (-1,) + (1,) * (values.ndim - 1)
        shift, signed = self.shift.reshape(shape), self.signed.reshape(shape)
        plain = np.exp(np.clip(values, -700.0, 700.0)) - shift
        return np.where(signed, values * shift, np.maximum(plain, 0.0))


def _nanmedian(values: Floats) -> Floats:
    """Return the median per row (units,), NaN for a row without values."""
    ordered = np.sort(values, axis=1)
    count = np.isfinite(values).sum(axis=1)
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    rows = np.arange(len(values))
    low = ordered[rows, np.maximum(count - 1, 0) // 2]
    high = ordered[rows, np.minimum(count // 2, values.shape[1] - 1)]
    return np.where(count > 0, (low + high) / 2.0, np.nan)


def value_band(
    values: Floats,
    days: Days,
    day: Day,
    *,
    groups: NDArray[np.int64] | None = None,
    calendar: Calendars | Calendar | Iterable[date] | None = None,
    alerts_per_100: float = 1.0,
    weekly: bool = True,
) -> Band:
    """Return what `day` was to bring for counts and money; only days before it are read.

    `values` float (units, days), NaN = missing; `days` datetime64[D], ascending without gaps;
    `groups` int (units,), the peer group of each unit: the common movement of at least five
    others is taken out of the score; `calendar` maps special days to their label (or Special, or
    is a list of days, or differs by unit): they teach nothing to ordinary days, and their effect is
    learnt per label.
    The band is of the one-step prediction error on log(y + 2 % of the median), t-distributed.
    """
    end = past(days, day)
    known = values[:, :end]
    calendars = Calendars.of(calendar, len(values))
    scale = _Scale.of(known)
    lift = np.where(scale.signed[:, None], 0.0, calendars.lift(np.append(days[:end], as_day(day))))
    points = scale.forth(known) - lift[:, :-1]
    special = calendars.special(days[:end])
    week = weekdays(days[:end], day) if weekly else np.zeros(end + 1, dtype=np.int64)
    told = walk(np.where(special, np.nan, points), week)
    shift, extra, learnt = _effects(points, told, days[:end], calendars, as_day(day))
    mid = np.where(told.seen >= LEAST_DAYS, told.mid[-1] + shift + lift[:, -1], np.nan)
    spread = np.fmax(told.spread[-1], extra)
    reach = limit(alerts_per_100) * spread * np.sqrt(1.0 + 2.0 / np.maximum(told.seen, 1))
    common = None if groups is None else others_move(told.error / told.spread[:-1], groups)

    def score(observed: Floats) -> Floats:
        gap = (scale.forth(np.asarray(observed, dtype=float)) - mid) / reach
        return np.abs(gap) if common is None else np.abs(common(gap, limit(alerts_per_100)))

    past_mid, past_score = _shown(scale, told, points, lift, limit(alerts_per_100))
    return Band(
        low=scale.back(mid - reach),
        mid=scale.back(mid),
        high=scale.back(mid + reach),
        score=score,
        days=told.seen,
        same=told.same,
        past_mid=past_mid,
        past_score=past_score,
        learnt=learnt,
    )


def _shown(
    scale: _Scale, told: Walk, points: Floats, lift: Floats, far: float
) -> tuple[Floats, Floats]:
    first = max(0, points.shape[1] - SHOWN)
    mid = told.mid[first:-1].T
    return scale.back(mid + lift[:, first:-1]), (points[:, first:] - mid) / (
        far * told.spread[first:-1].T
    )


def _effects(
    points: Floats, told: Walk, days: Days, calendars: Calendars, day: np.datetime64
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return the calendar's shift, its spread (scale units) and the days learnt from, per unit."""
    units = len(points)
    shift, extra, learnt = np.zeros(units), np.zeros(units), np.zeros(units, dtype=np.int64)
    for code, labels in enumerate(calendars.every):
        here = np.flatnonzero(calendars.code == code)
        if day in labels and len(here):
            error = points[here] - told.mid[:-1, here].T
            shift[here], extra[here], learnt[here] = _effect(
                error, told.spread[-1, here], days, labels, day
            )
    return shift, extra, learnt


def _effect(
    error: Floats,
    usual: Floats,
    days: Days,
    labels: Mapping[np.datetime64, Special],
    day: np.datetime64,
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return the book's effect of a special day, moved by how far it was off on days alike.

    `error` (units, days) on the scale; the days alike carry the same label, and the mean of what
    they were off by is shrunk by one day towards none. The spread is that of such days, and
    of the `usual` day (units,) with the book's uncertainty before there are any.
    """
    here = labels[day]
    alike = [at for at, one in enumerate(days) if one in labels and labels[one].label == here.label]
    book = np.array([log(labels[days[at]].effect) for at in alike])
    off = error[:, alike] - book
    known = np.isfinite(off)
    count = known.sum(axis=1)
    mean = np.where(known, off, 0.0).sum(axis=1) / (count + 1.0)
    rest = np.where(known, off - mean[:, None], 0.0)
    prior = usual**2 + BOOK_UNSURE**2
    extra = np.sqrt((np.square(rest).sum(axis=1) + prior) / (count + 1.0))
    return log(here.effect) + mean, extra, count.astype(np.int64)
