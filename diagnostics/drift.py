"""What slides away slowly, too little on any one day to be seen: the last week against the month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diagnostics.band import BESIDE, Calendars, as_day, log, past, weekdays
from diagnostics.common import group_codes, others_median
from diagnostics.scale import Scale
from diagnostics.smooth import walk

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    from diagnostics.band import Calendar, Day, Days, Floats

EMPTY = np.datetime64("1970-01-01")
WEEK = 7
BASE = 35
"""The last 7 days are held against the 35 days before them: whole weeks both."""
NEAR = 2.0
"""A day counts with at most so many spreads of its one-step error: a spike is no drift."""
WORTH = 0.4
"""The size (log) of the drifts that are looked for."""
EVIDENCE = 5.25
"""So much evidence (log of the odds' factor) gives about half a message in 100 series-weeks."""
WIDE = 20.0
"""And its change with so many spreads of independent days, as one of a group."""
PULL = 100.0
"""The part that goes with the group is shrunk towards none by so many ordinary days."""
MEMORY = 1.0 / 28.0
"""How fast the spread of the changes is learnt."""
FAR = 3.0
"""A change moves that spread by at most so many of it."""
PRIOR = 1.5
"""The changes of units as a rule spread so many times as far as independent days would."""
OWN = 0.5
"""The unit's own past makes up so much of its variance, that rule the rest."""
LEAST = 0.12
"""No smaller drift is told (log)."""
OFF = 0.5
"""A drift is over when its score falls below this: until then it is told once."""
OFTEN = 6
"""Special days of which the past has so many count without their usual effect."""
COMPLETE = 0.6
"""At least this share of the days must be known."""


@dataclass(frozen=True, eq=False)
class Drift:
    """How the last seven days stand against the 35 before them, per unit (units,).

    `change` is relative (−0.3 is a loss of 30 %; on values that can be negative in units of their
    scale), with the group's movement taken out; `score` of 1 and more is a drift (NaN: too little
    is known); `since` datetime64[D] is the day it was first one, NaT while there is none. A
    message is due on the day that equals `since`.
    """

    change: Floats
    score: Floats
    since: NDArray[np.datetime64]


def drift(
    values: Floats,
    days: Days,
    day: Day,
    *,
    groups: Sequence[Hashable] | NDArray[np.int64] | None = None,
    calendar: Calendars | Calendar | None = None,
    per_100_weeks: float | Floats = 0.5,
) -> Drift:
    """Return which units drift on the evening of `day`; the day itself is read, none after it.

    `values` float (units, days), NaN = missing; `days` datetime64[D], ascending without gaps;
    `groups` and `calendar` as for `value_band`; `per_100_weeks` messages in 100 ordinary weeks are
    borne, of each unit or (units,) by unit. Special and missing days are filled with what
    they were to bring. The score is the change over the edge at which the evidence for a drift
    against the unit's own past changes reaches a threshold (Bayes factor of two normals).
    """
    values = np.asarray(values, dtype=float)
    end = min(past(days, day) + int(np.any(np.asarray(days) == as_day(day))), values.shape[1])
    known, every = values[:, :end], np.asarray(days)[:end]
    scale = Scale.of(known)
    calendars = Calendars.of(calendar, len(values), every)
    lift = np.where(scale.signed[:, None], 0.0, calendars.lift(every))
    points = scale.forth(known) - lift
    change, noise, seen = _changes(points, every, calendars)
    others = np.zeros(change.shape) if groups is None else _others(change, noise, groups)
    score, since = _told(change - others, noise, every, per_100_weeks)
    last = seen - others[-1] if end else np.full(len(values), np.nan)
    return Drift(np.where(scale.signed, last, np.expm1(last)), score, since)


def _changes(points: Floats, days: Days, calendars: Calendars) -> tuple[Floats, Floats, Floats]:
    """Return each day's change, what independent days would spread it by, and the last as it was.

    The changes (days, units) are of days whose one-step errors are clipped, with missing days as
    they were to be; the last one (units,) also of the days as they came. Special days are
    missing, but for those that come again and again: they count without their usual effect.
    """
    plain = np.where(calendars.special(days), np.nan, points)
    told = walk(plain, weekdays(days, days[-1] + 1 if len(days) else EMPTY))
    mid, spread = told.mid[:-1], told.spread[:-1]
    plain = _without_effect(points, plain, mid.T, days, calendars)
    known = np.isfinite(plain.T)
    error = np.nan_to_num(plain.T - mid)
    first = np.where(known, plain.T, np.nan)
    near = np.clip(error, -NEAR * spread, NEAR * spread)
    clean, raw = (np.where(np.isfinite(mid), mid + part, first) for part in (near, error))
    count = np.cumsum(known, axis=0)
    change = np.full(clean.shape, np.nan)
    span = WEEK + BASE
    if len(days) <= span:
        return change, spread, np.full(len(points), np.nan)
    enough = (count[span:] - count[:-span] >= COMPLETE * span) & np.isfinite(clean[:-span])
    enough &= count[span:] - count[BASE:-WEEK] >= COMPLETE * WEEK
    change[span:] = np.where(enough, _against(clean), np.nan)
    noise = spread * np.sqrt(1.0 / WEEK + 1.0 / BASE)
    return change, noise, np.where(enough[-1], _against(raw)[-1], np.nan)


def _without_effect(
    points: Floats, plain: Floats, mid: Floats, days: Days, calendars: Calendars
) -> Floats:
    """Return the plain points (units, days) with the special days that have come often enough.

    Such a day (a payday) is taken without what days of its label were off by on the average, that
    average shrunk by one day towards the book's effect. A bare date, of which the calendar states
    no effect, stays out.
    """
    result = plain.copy()
    for code, labels in enumerate(calendars.every):
        here = np.flatnonzero(calendars.code == code)
        alike: dict[str, list[int]] = {}
        for at, day in enumerate(days):
            if day in labels and labels[day].unsure < BESIDE:
                alike.setdefault(labels[day].label, []).append(at)
        for at_days in alike.values():
            cells = np.ix_(here, np.array(at_days))
            book = np.array([log(labels[days[at]].effect) for at in at_days])
            off = points[cells] - mid[cells] - book
            known = np.isfinite(off)
            count = known.sum(axis=1, keepdims=True)
            mean = np.where(known, off, 0.0).sum(axis=1, keepdims=True) / (count + 1.0)
            often = (count >= OFTEN) & known
            result[cells] = np.where(often, points[cells] - book - mean, np.nan)
    return result


def _against(values: Floats) -> Floats:
    """Return the mean of seven days less that of the 35 before (days − 42, units)."""
    total = np.cumsum(np.nan_to_num(values), axis=0)
    lately = (total[WEEK + BASE :] - total[BASE:-WEEK]) / WEEK
    before = (total[BASE:-WEEK] - total[: -WEEK - BASE]) / BASE
    return np.asarray(lately - before, dtype=float)


def _others(
    change: Floats, noise: Floats, groups: Sequence[Hashable] | NDArray[np.int64]
) -> Floats:
    """Return the part of the changes (days, units) that goes with the median of the others'."""
    size = change / noise
    others = others_median(np.clip(size, -WIDE, WIDE), group_codes(groups))
    both = np.isfinite(size) & np.isfinite(others)
    x, y = np.where(both, others, 0.0), np.where(both, np.clip(size, -WIDE, WIDE), 0.0)
    load = np.clip((x * y).sum(axis=0) / (np.square(x).sum(axis=0) + PULL), 0.0, 1.0)
    return np.asarray(load * np.nan_to_num(others) * noise, dtype=float)


def _told(
    change: Floats, noise: Floats, days: Days, per_100_weeks: float | Floats
) -> tuple[Floats, NDArray[np.datetime64]]:
    """Walk through the changes: score each by its own past spread, note when a drift began."""
    units = change.shape[1]
    score, since = np.full(units, np.nan), np.full(units, np.datetime64("NaT"), "datetime64[D]")
    var, waiting = np.full(units, np.nan), [np.full(units, np.nan)] * WEEK
    need = EVIDENCE - np.log(per_100_weeks / 0.5)
    for at, day in enumerate(days):
        prior = (PRIOR * noise[at]) ** 2
        var = np.where(np.isfinite(var), var, prior)
        both = OWN * var + (1.0 - OWN) * prior
        ratio = WORTH**2 / both
        edge = np.sqrt(2.0 * both * (need + 0.5 * np.log1p(ratio)) * (1.0 + 1.0 / ratio))
        score = np.abs(change[at]) / np.maximum(edge, LEAST)
        since = np.where((score >= 1.0) & np.isnat(since), day, since)
        since = np.where(score < OFF, np.datetime64("NaT"), since)
        old = waiting[at % WEEK]
        square = np.minimum(old**2, FAR**2 * var)
        var = var + np.where(np.isfinite(old), MEMORY * (square - var), 0.0)
        waiting[at % WEEK] = change[at]
    return score, since
