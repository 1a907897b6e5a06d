"""Which counts and which money are out of what such a day brings, and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diagnostics.band import LEAST_DAYS, SHOWN, Band, Calendars, as_day, log, past, weekdays
from diagnostics.common import Common, group_codes
from diagnostics.fast import walk
from diagnostics.scale import Scale
from diagnostics.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from numpy.typing import NDArray

    from diagnostics.band import Calendar, Day, Days, Floats, Special
    from diagnostics.smooth import Walk

UNSURE_DAYS = 4.0
"""How far a special day's effect may be off counts for so many days alike: the next may differ."""


def value_band(
    values: Floats,
    days: Days,
    day: Day,
    *,
    groups: Sequence[Hashable] | NDArray[np.int64] | None = None,
    calendar: Calendars | Calendar | None = None,
    alerts_per_100: float = 1.0,
    weekly: bool = True,
) -> Band:
    """Return what `day` was to bring for counts and money; only days before it are read.

    `values` float (units, days), NaN = missing; `days` datetime64[D], ascending without gaps;
    `groups` (units,) labels of any kind, the peer group of each unit: the common movement of at
    least two others, and a swing that befell them all (`common.Swing`), are taken out of the score
    (not of low, mid and high). `calendar` tells the special days (see `Calendars.of`), also those
    ahead, whose eve the day may be: they teach nothing to ordinary days, and their effect is learnt
    per label. The middle is one step of a robust walk on log(y + 2 % of the median) (`smooth`), the
    edges are where the evidence for a change that matters outweighs the unit's own noise and
    outliers (`tail`); the score is the distance from the middle in edges.
    """
    values = np.asarray(values, dtype=float)
    end = min(past(days, day), values.shape[1])
    known, today = values[:, :end], as_day(day)
    every = np.append(np.asarray(days)[:end], today)
    ahead = np.asarray(days)[np.asarray(days) > today]
    calendars = Calendars.of(calendar, len(values), np.append(every, ahead))
    scale = Scale.of(known)
    lift = np.where(scale.signed[:, None], 0.0, calendars.lift(every))
    points = scale.forth(known) - lift[:, :-1]
    special = calendars.special(every[:-1])
    week = weekdays(every[:-1], day) if weekly else np.zeros(end + 1, dtype=np.int64)
    told = walk(np.where(special, np.nan, points), week)
    shift, extra, learnt = _effects(points, told, every[:-1], calendars, today)
    mid = np.where(told.seen >= LEAST_DAYS, told.mid[-1] + shift + lift[:, -1], np.nan)
    fresh = np.sqrt(1.0 + 2.0 / np.maximum(told.seen, 1))
    spread = np.hypot(np.maximum(told.spread[-1] * fresh, scale.chance(mid, told.seen)), extra)
    tail = Tail.of(told.error, told.spread[:-1])
    down, up = tail.edges(spread, alerts_per_100)
    alone = _Alone(scale, mid, down, up)
    past_mid, past_score = _shown(alone, told, points, lift, spread)
    return Band(
        low=scale.back(mid - down),
        mid=scale.back(mid),
        high=scale.back(mid + up),
        score=alone if groups is None else _among(alone, told, spread, groups, alerts_per_100),
        days=told.seen,
        same=told.same,
        past_mid=past_mid,
        past_score=past_score,
        learnt=learnt,
    )


@dataclass(frozen=True, eq=False)
class _Alone:
    """Scores against a unit's own band: its middle and its edges' distances, on the scale."""

    scale: Scale
    mid: Floats
    down: Floats
    up: Floats

    def gap(self, observed: Floats) -> Floats:
        """Return how far values (units,) lie from the middle."""
        return self.scale.forth(np.asarray(observed, dtype=float)) - self.mid

    def __call__(self, observed: Floats) -> Floats:
        """Return scores (units,): the distance from the middle, in edges."""
        gap = self.gap(observed)
        return np.where(gap < 0, -gap / self.down, gap / self.up)


@dataclass(frozen=True, eq=False)
class _Among:
    """Scores of what is left of a day when the others' movement is taken out."""

    alone: _Alone
    spread: Floats
    common: Common
    down: Floats
    up: Floats

    def __call__(self, observed: Floats) -> Floats:
        """Return scores (units,); the unit's own score where there are too few others."""
        gap = self.alone.gap(observed)
        left = self.common.without(gap, self.spread)
        score = np.where(left < 0, -left / self.down, left / self.up)
        return np.where(np.isfinite(left), score, self.alone(observed))


def _among(
    alone: _Alone,
    told: Walk,
    spread: Floats,
    groups: Sequence[Hashable] | NDArray[np.int64],
    alerts_per_100: float,
) -> _Among:
    past_spread = told.spread[:-1]
    common = Common.of(told.error, past_spread, group_codes(groups))
    tail = Tail.of(common.left, common.rest * past_spread)
    down, up = tail.edges(common.rest * spread, alerts_per_100)
    return _Among(alone, spread, common, down, up)


def _shown(
    alone: _Alone, told: Walk, points: Floats, lift: Floats, spread: Floats
) -> tuple[Floats, Floats]:
    """Return the latest past middles and signed scores (units, up to 28)."""
    first = max(0, points.shape[1] - SHOWN)
    mid = told.mid[first:-1].T
    gap = (points[:, first:] - mid) * (spread / told.spread[first:-1]).T
    edge = np.where(gap < 0, alone.down[:, None], alone.up[:, None])
    return alone.scale.back(mid + lift[:, first:-1]), gap / edge


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
    they were off by is shrunk by one day towards none. The spread is that of such days, with how
    unsure the effect is and the `usual` day (units,) before there are any.
    """
    here = labels[day]
    alike = [at for at, one in enumerate(days) if one in labels and labels[one].label == here.label]
    book = np.array([log(labels[days[at]].effect) for at in alike])
    off = error[:, alike] - book
    known = np.isfinite(off)
    count = known.sum(axis=1)
    mean = np.where(known, off, 0.0).sum(axis=1) / (count + 1.0)
    rest = np.where(known, off - mean[:, None], 0.0)
    prior = UNSURE_DAYS * (usual**2 + here.unsure**2)
    extra = np.sqrt((np.square(rest).sum(axis=1) + prior) / (count + UNSURE_DAYS))
    return log(here.effect) + mean, extra, count.astype(np.int64)
