"""Which rates are out of what such a day brings, and how surely: small numbers never shout."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import ndtri

from diagnostics.band import LEAST_DAYS, SHOWN, Band, Calendars, as_day, past, weekdays

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from numpy.typing import NDArray

    from diagnostics.band import Calendar, Day, Days, Floats

HALF_LIFE = 14.0
WARM = 10
"""So many days of a rate are taken as they are; later ones only up to CLIP spreads off."""
CLIP = 3.5


def rate_band(
    of: Floats,
    over: Floats,
    days: Days,
    day: Day,
    over_today: Floats,
    *,
    calendar: Calendars | Calendar | Iterable[date] | None = None,
    alerts_per_100: float = 1.0,
    weekly: bool = True,
    share: bool = True,
) -> Band:
    """Return what `day` was to bring for the rate of/over; only days before it are read.

    `of` and `over` float (units, days), NaN = missing; `over_today` (units,) is the day's base.
    The middle is a ratio of sums (half-life two weeks, times shrunken weekday odds), never a mean
    of rates. The spread is binomial plus the over-dispersion of the one-step errors, as Laney 2002
    does for p'-charts: Var = n p q (1 + (n - 1) r); the skew of small counts is in the limits
    (a gamma's), so that a small base never alarms. Special days neither teach nor shift.
    `share` False: `of` is no part of `over` (money per order), its noise is that of a free count.
    """
    end = past(days, day)
    special = Calendars.of(calendar, len(of)).special(np.append(days[:end], as_day(day)))
    ok = np.isfinite(of[:, :end]) & np.isfinite(over[:, :end]) & (over[:, :end] > 0)
    ok &= ~special[:, :-1]
    hits = np.where(ok, of[:, :end], 0.0)
    base = np.where(ok, over[:, :end], 0.0)
    week = weekdays(days[:end], day) if weekly else np.zeros(end + 1, dtype=np.int64)
    told = _rates(hits, base, week, share)
    known = ok.sum(axis=1)
    far = float(ndtri(1.0 - alerts_per_100 / 200.0))
    widen = np.where(special[:, -1], 1.5, 1.0)
    mid = np.where((known >= LEAST_DAYS) & (told.base > 0), told.next, np.nan)
    low, high = _limits(mid, np.asarray(over_today, dtype=float), told.loose, far * widen, share)

    def score(observed: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            below, above = (mid - observed) / (mid - low), (observed - mid) / (high - mid)
            found = np.where(observed < mid, below, above)
        return np.where(low <= 0.0, np.where(observed < mid, np.minimum(found, 0.99), found), found)

    first = max(0, end - SHOWN)
    past_low, past_high = _limits(
        told.past[:, first:], base[:, first:], told.loose[:, None], far, share
    )
    return Band(
        low=low,
        mid=mid,
        high=high,
        score=score,
        days=known,
        same=(ok & (week[:-1] == week[-1])).sum(axis=1),
        past_mid=np.where(known[:, None] > 0, told.past[:, first:], np.nan),
        past_score=_signed(
            hits[:, first:], base[:, first:], told.past[:, first:], past_low, past_high
        ),
        learnt=np.zeros(len(of), dtype=np.int64),
    )


class _Rates(NamedTuple):
    """`past` (units, days) one-step rates, `next` (units,) today's, `loose` its over-dispersion."""

    past: Floats
    next: Floats
    loose: Floats
    base: Floats


def _rates(hits: Floats, base: Floats, week: NDArray[np.int64], share: bool) -> _Rates:
    """Predict each day's rate from the days before it (half-life 14 days, shrunken weekdays)."""
    keep = 0.5 ** (1.0 / HALF_LIFE)
    units, days = hits.shape
    past = np.full((days + 1, units), np.nan)
    top, bottom = np.zeros(units), np.zeros(units)
    squares, means = np.zeros(units), np.zeros(units)
    factor = _weekday_factor(hits, base, week)
    size, seen = np.zeros(units), np.zeros(units)
    for day in range(days + 1):
        with np.errstate(divide="ignore", invalid="ignore"):
            past[day] = np.minimum((top + 0.0) / bottom * factor[week[day]], 1e12)
        if day == days:
            break
        n = base[:, day]
        loose = np.maximum(squares, 0.0) / np.maximum(means, 1.0)
        noise, room = _noise(past[day], n, share)
        known = (n > 0) & np.isfinite(noise) & (noise > 0)
        usual = 1.0 + room * loose
        reach = np.where(seen < WARM, np.inf, CLIP * np.sqrt(np.where(known, noise * usual, 0.0)))
        gap = np.where(known, hits[:, day] - n * past[day], 0.0)
        gap = np.clip(gap, -reach, reach)
        worth = np.where(known, gap**2 / np.where(known, noise, 1.0), 0.0)
        squares = np.where(known, keep * squares + worth - 1.0, squares)
        means = np.where(known, keep * means + room, means)
        taken = np.where(known, n * np.where(known, past[day], 0.0) + gap, hits[:, day])
        top, bottom = keep * top + taken, keep * bottom + n
        seen += n > 0
        size = keep * size + (n > 0)
    loose = np.maximum(squares, 0.0) / np.maximum(means, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        unsure = np.where(bottom > 0, 1.0 / bottom + loose / np.maximum(size, 1.0), 0.0)
    return _Rates(past[:days].T, past[days], loose + unsure, bottom)


def _noise(rate: Floats, n: Floats, share: bool) -> tuple[Floats, Floats]:
    """Return the count's binomial variance (Poisson where it is no share of events) and n - 1."""
    odds = np.maximum(1.0 - rate, 1e-3) if share else 1.0
    return n * rate * odds, np.maximum(n - 1.0, 0.0)


def _weekday_factor(hits: Floats, base: Floats, week: NDArray[np.int64]) -> Floats:
    """Return how each weekday's rate differs (7, units), shrunk by 60 events and four days."""
    factor = np.ones((7, len(hits)))
    total = base.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(total > 0, hits.sum(axis=1) / total, 0.0)
    for day in np.unique(week):
        rows = week[:-1] == day
        seen = (base[:, rows] > 0).sum(axis=1)
        expected = rate * base[:, rows].sum(axis=1)
        pull = 60.0 + 4.0 * expected / np.maximum(seen, 1)
        factor[day] = (hits[:, rows].sum(axis=1) + pull) / (expected + pull)
    return factor


def _limits(
    rate: Floats, n: Floats, loose: Floats, far: Floats | float, share: bool
) -> tuple[Floats, Floats]:
    """Return low and high rates: moments of a beta-binomial count, skew as a gamma's."""
    mean = n * rate
    noise, room = _noise(rate, n, share)
    var = noise * (1.0 + room * loose)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(var)
        skew = (2.0 * var / mean - 1.0) / spread
        low = (mean + spread * _skewed(-far, skew)) / n
        high = (mean + spread * _skewed(far, skew)) / n
    return np.where(n > 0, np.maximum(low, 0.0), np.nan), np.where(n > 0, high, np.nan)


def _skewed(far: Floats | float, skew: Floats) -> Floats:
    """Return the quantile of a skewed law in spreads (Wilson and Hilferty 1931, gamma)."""
    bend = np.where(np.abs(skew) < 1e-6, 1e-6, skew) / 6.0
    return (np.maximum(bend * (far - bend) + 1.0, 0.0) ** 3 - 1.0) / (3.0 * bend)


def _signed(hits: Floats, base: Floats, mid: Floats, low: Floats, high: Floats) -> Floats:
    """Return signed scores (units, days) of the past, negative below."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(base > 0, hits / base, np.nan)
        return np.where(rate < mid, -(mid - rate) / (mid - low), (rate - mid) / (high - mid))
