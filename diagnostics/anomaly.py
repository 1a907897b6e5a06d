"""Which values are out of what such a day brings, and how surely: counts, money and rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

import numpy as np
from scipy.special import ndtri, stdtrit

from diagnostics.common import others_move
from diagnostics.smooth import walk

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from numpy.typing import NDArray

    from diagnostics.smooth import Walk

    Floats = NDArray[np.float64]
    Days = NDArray[np.datetime64]
    Day = date | np.datetime64

TAIL = 5.0
"""Degrees of freedom of the errors' tail: real days are heavier-tailed than a normal law."""
BOOK_UNSURE = 0.35
"""How far the book's effect of a special day may be off (log)."""
LEAST_DAYS = 5
"""With fewer days of history there is no band."""
HALF_LIFE = 14.0
WARM = 10
"""So many days of a rate are taken as they are; later ones only up to CLIP spreads off."""
CLIP = 3.5
SHOWN = 28
"""So many past days keep their middle and score."""


class Special(NamedTuple):
    """What the calendar says of a day: its kind, and the multiplier where none is learnt yet."""

    label: str
    effect: float = 1.0


Calendar: TypeAlias = "Mapping[date, Special | str] | Mapping[date, Special]"


@dataclass(frozen=True, eq=False)
class Calendars:
    """Several countries' special days at once: `code` int (units,) points into `every`.

    `seasons` tells of the days of long seasons by how much (a multiplier) they lift everything:
    they are ordinary days on another level.
    """

    code: NDArray[np.int64]
    every: tuple[Mapping[np.datetime64, Special], ...]
    seasons: tuple[Mapping[np.datetime64, float], ...] = ()

    @classmethod
    def of(cls, calendar: Calendars | Calendar | Iterable[date] | None, units: int) -> Calendars:
        """Return the special days of all units; a bare list of days is of one kind."""
        if isinstance(calendar, Calendars):
            return calendar
        days = (
            calendar if isinstance(calendar, Mapping) else dict.fromkeys(calendar or (), "special")
        )
        found = {
            _date(day): word if isinstance(word, Special) else Special(word)
            for day, word in days.items()
        }
        return cls(np.zeros(units, dtype=np.int64), (found,))

    def special(self, days: Days) -> NDArray[np.bool_]:
        """Say which days are special for which unit (units, days)."""
        lists = [[day in one for day in days] for one in self.every]
        return np.array(lists, dtype=bool).reshape(len(self.every), len(days))[self.code]

    def lift(self, days: Days) -> Floats:
        """Return the logarithm of the seasons' multipliers (units, days)."""
        if not any(self.seasons):
            return np.zeros((len(self.code), len(days)))
        lists = [[_log(one.get(day, 1.0)) for day in days] for one in self.seasons]
        return np.array(lists).reshape(len(lists), len(days))[self.code]


class Score(Protocol):
    """Answers per unit how far an observed value (units,) is out of band: 1 and more is out."""

    def __call__(self, observed: Floats) -> Floats:
        """Return scores (units,), NaN where nothing can be said."""
        ...


@dataclass(frozen=True, eq=False)
class Band:
    """What the day was to bring: `low`, `mid`, `high` (units,), NaN where nothing can be said.

    `days` and `same` (units,) count the history and the judged weekday in it; `past_mid` and
    `past_score` (units, up to 28) tell of the latest past days (score signed, below is negative).
    """

    low: Floats
    mid: Floats
    high: Floats
    score: Score
    days: NDArray[np.int64]
    same: NDArray[np.int64]
    past_mid: Floats
    past_score: Floats
    learnt: NDArray[np.int64]
    """Past days of the same calendar label (units,); 0 on ordinary days or without any."""


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


def _date(day: Day) -> np.datetime64:
    one: np.datetime64 = np.datetime64(day).astype("datetime64[D]")
    return one


def _past(days: Days, day: Day) -> int:
    return int(np.searchsorted(days, _date(day)))


def _weekdays(days: Days, day: Day) -> NDArray[np.int64]:
    every = np.append(days, _date(day))
    return (every.astype("datetime64[D]").astype(np.int64) + 3) % 7


def limit(alerts_per_100: float) -> float:
    """Return how many spreads out of the middle give so many alerts on 100 ordinary days."""
    quantile = float(stdtrit(TAIL, 1.0 - alerts_per_100 / 200.0))
    return quantile * float(np.sqrt((TAIL - 2.0) / TAIL))


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
    end = _past(days, day)
    past = values[:, :end]
    calendars = Calendars.of(calendar, len(values))
    scale = _Scale.of(past)
    lift = np.where(scale.signed[:, None], 0.0, calendars.lift(np.append(days[:end], _date(day))))
    points = scale.forth(past) - lift[:, :-1]
    special = calendars.special(days[:end])
    week = _weekdays(days[:end], day) if weekly else np.zeros(end + 1, dtype=np.int64)
    told = walk(np.where(special, np.nan, points), week)
    shift, extra, learnt = _effects(points, told, days[:end], calendars, _date(day))
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
    book = np.array([_log(labels[days[at]].effect) for at in alike])
    off = error[:, alike] - book
    known = np.isfinite(off)
    count = known.sum(axis=1)
    mean = np.where(known, off, 0.0).sum(axis=1) / (count + 1.0)
    rest = np.where(known, off - mean[:, None], 0.0)
    prior = usual**2 + BOOK_UNSURE**2
    extra = np.sqrt((np.square(rest).sum(axis=1) + prior) / (count + 1.0))
    return _log(here.effect) + mean, extra, count.astype(np.int64)


def _log(effect: float) -> float:
    return float(np.log(max(effect, 1e-6)))


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
    end = _past(days, day)
    special = Calendars.of(calendar, len(of)).special(np.append(days[:end], _date(day)))
    ok = np.isfinite(of[:, :end]) & np.isfinite(over[:, :end]) & (over[:, :end] > 0)
    ok &= ~special[:, :-1]
    hits = np.where(ok, of[:, :end], 0.0)
    base = np.where(ok, over[:, :end], 0.0)
    week = _weekdays(days[:end], day) if weekly else np.zeros(end + 1, dtype=np.int64)
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
