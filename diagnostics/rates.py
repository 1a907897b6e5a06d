"""Which rates are out of what such a day brings, and how surely: small numbers never shout."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from diagnostics import odds
from diagnostics.band import LEAST_DAYS, SHOWN, Band, Calendars, as_day, past, weekdays

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from numpy.typing import NDArray

    from diagnostics.band import Calendar, Day, Days, Floats
    from diagnostics.odds import Forecast, Shape

    Counts = NDArray[np.floating[Any]]

BLOCK = 4096
"""So many units are walked at once, so that memory stays small."""
LEAST_CELLS = 400_000
"""Units times days from which on the compiled walk is worth its start: a morning with a panel so
large asks some twenty times."""
WIDER = 1.5
"""A special day's limits against an ordinary day's."""
POOL = 30.0
"""The crowd's over-dispersion counts as if so many usual units were among it."""


def rate_band(
    of: Counts,
    over: Counts,
    days: Days,
    day: Day,
    over_today: Floats,
    *,
    calendar: Calendars | Calendar | Iterable[date] | None = None,
    alerts_per_100: float = 1.0,
    weekly: bool = True,
    share: bool = True,
    crowds: NDArray[np.int64] | None = None,
) -> Band:
    """Return what `day` was to bring for the rate of/over; only days before it are read.

    `of` and `over` float (units, days), NaN = missing; `over_today` (units,) is the day's base.
    The middle is a mean of ratios of sums that forget at several speeds, each weighted by its
    recent one-step errors, times shrunken weekday odds; never a mean of rates. The spread is a
    beta-binomial count's whose over-dispersion comes from the one-step errors (Laney 2002),
    shrunk to the crowd's; skew and mid-p by Wilson and Hilferty (1931); the limits follow each
    tail's own alerts (Gibbs and Candes 2021). A single event never alarms. Special days neither
    teach nor shift, they widen.
    `share` False: `of` is no part of `over` (money per order), its noise is that of a free count.
    `crowds` int (units,) says who shares whose usual over-dispersion; all do by default.
    """
    end = past(days, day)
    special = Calendars.of(calendar, len(of)).special(np.append(days[:end], as_day(day)))
    week = weekdays(days[:end], day) if weekly else np.zeros(end + 1, dtype=np.int64)
    walked = walk(of[:, :end], over[:, :end], week, skip=special[:, :-1], share=share)
    told = crowd(walked.told, walked.state, crowds)
    base = np.asarray(over_today, dtype=float)
    judged = (walked.days >= LEAST_DAYS) & np.isfinite(base) & (base > 0)
    told = told._replace(mid=np.where(walked.days >= LEAST_DAYS, told.mid, np.nan))
    n = np.where(judged, base, 1.0)
    edge = edges(told, n, alerts_per_100, np.where(special[:, -1], WIDER, 1.0), share=share)
    low, high = edge.rates(n)

    def score(observed: Floats) -> Floats:
        return np.where(judged, np.abs(edge.score(observed * n)), np.nan)

    return Band(
        low=np.where(judged, low, np.nan),
        mid=told.mid,
        high=np.where(judged, high, np.nan),
        score=score,
        days=walked.days,
        same=walked.same,
        past_mid=walked.past_mid,
        past_score=walked.past_score,
        learnt=np.zeros(len(of), dtype=np.int64),
    )


@dataclass(frozen=True, eq=False)
class Walked:
    """What a walk through the past leaves: the `state` (32, units) and today's forecast `told`.

    `days` and `same` int (units,) count the history and the judged weekday in it; `past_mid` and
    `past_score` (units, shown days) tell of the latest past days (score signed).
    """

    state: Floats
    told: Forecast
    days: NDArray[np.int64]
    same: NDArray[np.int64]
    past_mid: Floats
    past_score: Floats


def walk(
    of: Counts,
    over: Counts,
    week: NDArray[np.int64],
    *,
    skip: NDArray[np.bool_] | None = None,
    share: bool = True,
    shown: int = SHOWN,
) -> Walked:
    """Walk through counts (units, days; NaN = missing) with weekdays `week` (days + 1,) from 0.

    `skip` bool (units, days) are days that teach nothing; the last `shown` days keep their middle
    and score. Blocks of units at a time, day by day.
    """
    units, days = of.shape
    shown = min(shown, days)
    state = odds.fresh(units)
    past_mid, past_score = np.full((units, shown), np.nan), np.full((units, shown), np.nan)
    nowhere = np.zeros((units, 0), dtype=np.bool_)
    same = np.zeros(units, dtype=np.int64)
    known = of, over, nowhere if skip is None else skip
    learns = week, share, state, same, past_mid, past_score
    if units * days < LEAST_CELLS or not _fast(known, *learns):
        for first in range(0, units, BLOCK):
            part = slice(first, first + BLOCK)
            hits, base = _counts(of[part], over[part], None if skip is None else skip[part])
            some = np.flatnonzero(base.any(axis=0))  # the others teach nothing
            hits, base = hits[:, some], base[:, some]
            rows = first + some
            state[:, rows], past_mid[rows], past_score[rows] = _slow(hits, base, week, shown, share)
            same[rows] = (base[week[:-1] == week[-1]] > 0).sum(axis=0)
    told = _today(state, int(week[-1]), share=share)
    return Walked(state, told, state[odds.SEEN].astype(np.int64), same, past_mid, past_score)


def _today(state: Floats, weekday: int, *, share: bool) -> Forecast:
    """Return the forecast of all units, a block at a time."""
    starts = range(0, max(state.shape[1], 1), 16 * BLOCK)
    parts = [odds.predict(state[:, at : at + 16 * BLOCK], weekday, share=share) for at in starts]
    return odds.Forecast(*(np.concatenate(one) for one in zip(*parts, strict=True)))


def _slow(
    hits: Floats, base: Floats, week: NDArray[np.int64], shown: int, share: bool
) -> tuple[Floats, Floats, Floats]:
    """Walk a block's counts (days, units) day by day; return its state and its shown past."""
    days, units = hits.shape
    state = odds.fresh(units)
    past_mid, past_score = np.full((shown, units), np.nan), np.full((shown, units), np.nan)
    for day in range(days):
        told = odds.predict(state, int(week[day]), share=share)
        at = day - days + shown
        if at >= 0:
            past_mid[at] = told.mid
            past_score[at] = _scores(told, hits[day], base[day], share=share)
        odds.learn(state, told, hits[day], base[day], int(week[day]), share=share)
    return state, past_mid.T, past_score.T


@cache
def _kernels() -> Any:
    """Return the compiled walk (diagnostics.fast_rates), None where numba is missing or broken."""
    try:
        return import_module("diagnostics.fast_rates")
    except ImportError:
        return None


def _fast(
    known: tuple[Counts, Counts, NDArray[np.bool_]],
    week: NDArray[np.int64],
    share: bool,
    state: Floats,
    same: NDArray[np.int64],
    past_mid: Floats,
    past_score: Floats,
) -> bool:
    """Walk all blocks on all cores, compiled; False where that cannot be."""
    code = _kernels()
    if code is None:
        return False
    blocks = -(-state.shape[1] // code.LANES)
    edge = np.linspace(0, blocks, 4 * code.THREADS + 1).astype(np.int64).tolist()
    given = (*known, week, share, state, same, past_mid, past_score)
    try:
        with ThreadPoolExecutor(code.THREADS) as pool:
            list(pool.map(lambda part: code.walked(*given, *part), pairwise(edge)))
    except OSError:  # what was compiled could not be kept on disk
        return False
    return True


def _counts(of: Counts, over: Counts, skip: NDArray[np.bool_] | None) -> tuple[Floats, Floats]:
    """Return hits and base by day (days, units), none where a part is missing."""
    ok = np.isfinite(of) & np.isfinite(over) & (over > 0)
    if skip is not None:
        ok &= ~skip
    hits = np.where(ok, of, 0.0).astype(np.float64)
    base = np.where(ok, over, 0.0).astype(np.float64)
    return np.ascontiguousarray(hits.T), np.ascontiguousarray(base.T)


def crowd(told: Forecast, state: Floats, crowds: NDArray[np.int64] | None = None) -> Forecast:
    """Return a state's forecast with its over-dispersion shrunk to that of its crowd's units.

    The crowd's is the geometric mean, each unit counting by how much it is its own evidence.
    """
    top, bottom = state[odds.TOP], state[odds.BOTTOM]
    own = odds.looseness(top, bottom)
    trust = bottom / (bottom + odds.LOOSE_DAYS / np.maximum(own, odds.LOOSE) ** 2)
    known, usual = trust * np.log(own), np.full(len(own), odds.LOOSE)
    every = np.zeros(len(own), dtype=np.int64) if crowds is None else crowds
    for code in np.unique(every):
        here = every == code
        total = known[here].sum() + POOL * np.log(odds.LOOSE)
        usual[here] = np.exp(total / (trust[here].sum() + POOL))
    return told._replace(own=odds.looseness(top, bottom, usual))


@dataclass(frozen=True, eq=False)
class Edges:
    """A day's counts and how far they may be off below and above; `most` is the largest count."""

    count: Shape
    below: Floats
    above: Floats
    most: Floats

    def score(self, hits: Floats) -> Floats:
        """Return signed scores of counts: 0 in the middle, negative below, 1 at the edges."""
        middle = self.count.skew / 6.0
        off = odds.spreads_off(np.minimum(hits, self.most), self.count) - middle
        below = np.maximum(self.below + middle, odds.TINY)
        above = np.maximum(self.above - middle, odds.TINY)
        return off / np.where(off < 0.0, below, above)

    def rates(self, n: Floats) -> tuple[Floats, Floats]:
        """Return the low and high edge as rates."""
        low = np.maximum(odds.count_at(-self.below, self.count), 0.0)
        high = np.minimum(odds.count_at(self.above, self.count), self.most)
        mean = self.count.mean
        return np.minimum(low, mean) / n, np.maximum(high, mean) / n


def edges(
    told: Forecast, n: Floats, alerts_per_100: float, wider: Floats | float, *, share: bool
) -> Edges:
    """Return the edges of a day's counts of base `n` (units,), limits times `wider`."""
    count = odds.shape(told, n)
    far = odds.reach(count, told.seen, alerts_per_100) * wider
    below, above = far * told.below, far * told.above
    above = np.maximum(above, odds.spreads_off(np.maximum(count.mean, odds.FEW), count))
    if share:
        few = np.minimum(count.mean, n - odds.FEW)
        below = np.maximum(below, -odds.spreads_off(few, count))
    return Edges(count, below, above, n if share else np.full_like(n, np.inf))


def _scores(told: Forecast, hits: Floats, base: Floats, *, share: bool) -> Floats:
    """Return signed scores (units,) of a past day, NaN where it had no base."""
    found = edges(told, np.where(base > 0, base, 1.0), 1.0, 1.0, share=share).score(hits)
    return np.where(base > 0, found, np.nan)
