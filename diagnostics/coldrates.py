"""What a young unit's rate was to be: its own few events, pulled towards its peers' rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import betaincinv, gammaincinv

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FADE = 0.95
"""What a day of its own counts less than the day after it."""
STRONGEST = 1e5


LEAST_DAYS, MOST_DAYS = 3.0, 30.0
"""For so many own days the peers' looseness counts, the less the more they differ in it."""
TIGHT, WILD = 1e-3, 0.9


@dataclass(frozen=True, eq=False)
class Prior:
    """What peers' rates tell of a unit (n,): `rate`, worth `strength` events' bases.

    `loose` is the over-dispersion of days, as sure as `firm` own days would make it: a day of n
    counts like n / (1 + (n - 1) loose).
    """

    rate: Floats
    strength: Floats
    loose: Floats
    firm: Floats


class _Counts(NamedTuple):
    """Counts with 0 for missing, and the rate of each row over its days."""

    hits: Floats
    base: Floats
    rate: Floats

    @classmethod
    def of(cls, of: Floats, over: Floats) -> _Counts:
        ok = np.isfinite(of) & np.isfinite(over) & (over > 0)
        hits, base = np.where(ok, of, 0.0), np.where(ok, over, 0.0)
        size = base.sum(axis=-1)
        return cls(hits, base, hits.sum(axis=-1) / np.maximum(size, 1e-9))

    def looseness(self, *, share: bool) -> tuple[Floats, Floats]:
        """Return sums over the days of (x - np)^2 / npq - 1 and of n - 1: their ratio is it."""
        rate = self.rate[..., None]
        noise = self.base * rate * _odds(rate, share)
        days = (self.base > 0).sum(axis=-1, keepdims=True)
        use = (noise > 0) & (days > 1)
        fair = days / np.maximum(days - 1.0, 1.0)
        gap = np.square(self.hits - self.base * rate)
        worth = np.where(use, gap / np.where(use, noise, 1.0) * fair - 1.0, 0.0).sum(axis=-1)
        room = np.where(use, np.maximum(self.base - 1.0, 0.0), 0.0).sum(axis=-1)
        return worth, room


def prior(of: Floats, over: Floats, weight: Floats, *, share: bool, unlike: float) -> Prior:
    """Return what peers tell of units, by the method of moments.

    `of` and `over` (units, peers, days; NaN = missing), `weight` (units, peers). Rate: ratio of
    weighted sums. Looseness: that of each peer, (x - np)^2 / npq - 1 over n - 1, on the mean of
    logarithms; for one day each, theirs around the rate. Strength k of the beta (gamma where `of`
    is no part of `over`): the peers' rates vary by pq / (k + 1) beyond what their own bases
    explain. Before any are known they are `unlike` by that part of the rate.
    """
    told = _Counts.of(of, over)
    each, size = told.hits.sum(axis=2), told.base.sum(axis=2)
    seen = np.where(size > 0, weight, 0.0)
    rate = (seen * each).sum(axis=1) / np.maximum((seen * size).sum(axis=1), 1e-9)
    noise = rate * _odds(rate, share)
    loose, firm = _looseness(told, seen, share=share)
    slack = 1.0 + np.maximum(told.base - 1.0, 0.0) * loose[:, None, None]
    counted = (told.base / slack).sum(axis=2)
    chance = np.where(size > 0, noise[:, None] / np.maximum(counted, 1e-9), 0.0)
    apart = (seen * (np.square(told.rate - rate[:, None]) - chance)).sum(axis=1)
    among = (np.maximum(apart, 0.0) + np.square(unlike * rate)) / (seen.sum(axis=1) + 1.0)
    strength = np.clip(noise / np.maximum(among, 1e-12) - 1.0, 1.0, STRONGEST)
    return Prior(np.where(seen.any(axis=1), rate, np.nan), strength, loose, firm)


def _looseness(told: _Counts, seen: Floats, *, share: bool) -> tuple[Floats, Floats]:
    """Return the peers' common looseness (units,) and for how many own days it counts."""
    worth, room = told.looseness(share=share)
    own = np.log(np.clip(worth / np.maximum(room, 1e-9), TIGHT, WILD))
    use = np.where(room > 0, seen, 0.0)
    total = np.maximum(use.sum(axis=1), 1e-9)
    mean = (use * own).sum(axis=1) / total
    vary = (use * np.square(own - mean[:, None])).sum(axis=1) / total
    known = use.any(axis=1)
    firm = np.clip(2.0 / np.maximum(vary, 1e-9), LEAST_DAYS, MOST_DAYS)
    return np.where(known, np.exp(mean), 0.0), np.where(known, firm, MOST_DAYS)


def _odds(rate: Floats, share: bool) -> Floats:
    return np.maximum(1.0 - rate, 1e-3) if share else np.ones_like(rate)


class Believed(NamedTuple):
    """A young unit's rate today (n,): band, own weight, days with a base of its own."""

    low: Floats
    mid: Floats
    high: Floats
    own: Floats
    days: NDArray[np.int64]


def believed(
    of: Floats,
    over: Floats,
    today: Floats,
    told: Prior,
    *,
    share: bool,
    alerts_per_100: float = 1.0,
) -> Believed:
    """Return the band of units' rates today, out of own days `of`/`over` (n, days) and the prior.

    The posterior of a beta prior: (k m + x) / (k + n), each own day counting n / (1 + (n - 1) r).
    The day's rate over the base `today` (n,) varies by its own looseness and by what is not
    known of the rate; its limits are a beta's (a gamma's) of that variance, half an event wider.
    """
    mine = _Counts.of(of, over)
    days = (mine.base > 0).sum(axis=1)
    loose = _own_looseness(mine, told, days, share=share)
    slack = 1.0 + np.maximum(mine.base - 1.0, 0.0) * loose[:, None]
    worth = FADE ** np.arange(of.shape[1])[::-1] / slack
    size = (worth * mine.base).sum(axis=1)
    hits = (worth * mine.hits).sum(axis=1)
    whole = told.strength + size
    mid = (told.strength * told.rate + hits) / whole
    noise = mid * _odds(mid, share)
    n = np.where(today > 0, today, np.nan)
    var = noise / n * (1.0 + np.maximum(n - 1.0, 0.0) * loose) + noise / (whole + 1.0)
    low, high = _limits(mid, var, alerts_per_100 / 200.0, share=share)
    return Believed(np.maximum(low - 0.5 / n, 0.0), mid, high + 0.5 / n, size / whole, days)


def _own_looseness(mine: _Counts, told: Prior, days: NDArray[np.int64], *, share: bool) -> Floats:
    """Return units' looseness (n,): that of their own days, pulled towards their peers'."""
    worth, room = mine.looseness(share=share)
    usual = np.where(days > 0, room / np.maximum(days, 1), 1.0)
    pulled = told.firm * usual
    top = pulled * told.loose + np.maximum(worth, 0.0)
    found: Floats = np.clip(top / np.maximum(pulled + room, 1e-9), 0.0, WILD)
    return np.where(room > 0, found, told.loose)


def _limits(mid: Floats, var: Floats, tail: float, *, share: bool) -> tuple[Floats, Floats]:
    """Return the quantiles of a beta or a gamma with that mean and variance."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if not share:
            shape = np.square(mid) / var
            return gammaincinv(shape, tail) * var / mid, gammaincinv(shape, 1.0 - tail) * var / mid
        whole = np.maximum(mid * (1.0 - mid) / var - 1.0, 1e-3)
        first, second = mid * whole, np.maximum(1.0 - mid, 1e-9) * whole
        return betaincinv(first, second, tail), betaincinv(first, second, 1.0 - tail)


def score(found: Believed, observed: Floats) -> Floats:
    """Return how far observed rates (n,) are out: 1 and more is out of band."""
    with np.errstate(divide="ignore", invalid="ignore"):
        below = (found.mid - observed) / (found.mid - found.low)
        above = (observed - found.mid) / (found.high - found.mid)
    below = np.where(found.low <= 0.0, np.minimum(below, 0.99), below)
    return np.where(observed < found.mid, below, above)
