"""What a young unit's day was to bring: its own few days, pulled towards what its peers are like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diagnostics.tail import Tail

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

YOUNG = 28
"""With fewer days of its own a unit borrows from its peers."""
YOUNG_RATE = 14
"""The same of a rate, of which each day tells more."""
LEAST_OWN = 3
"""With fewer days of its own nothing is said of a count or an amount."""
LEAST_PEERS = 2
CROWD = 5
"""So many peers must have told of today before their common movement is taken out."""
FADE = 0.9
"""What a day of its own counts less than the day after it."""
GAIN = 0.2
CLIP = 4.0
UNLIKE = 1.0
"""How far apart the levels of two peers are (log), before any are known."""
LOOSE = 4.0
"""The spread of a family counts at least like so many days of a unit's own."""
FIRM = 60.0


def standing(days: NDArray[np.int64]) -> Floats:
    """Return how much of a unit's verdict is its own band's alone (n,), for so many own days.

    From nothing at five days, with which no band of its own is worth much, to 0.7 at four weeks.
    Measured: the mixture sees more than either part from ten days on (tests/bench/cold.py).
    """
    share: Floats = np.maximum(days - 5.0, 0.0) / (days + 5.0)
    return share


class Posterior(NamedTuple):
    """What is believed of units (n,): `mean` and its variance, `own` the weight of their own days."""

    mean: Floats
    var: Floats
    own: Floats


def shrunk(mean: Floats, count: Floats, noise: Floats, prior: Floats, apart: Floats) -> Posterior:
    """Return units' levels pulled towards their prior (Efron and Morris 1975, empirical Bayes).

    `mean` of `count` days whose noise has the variance `noise`; among peers the levels lie `apart`
    (a variance) around `prior`. With k = noise / apart the own mean weighs n / (n + k), and
    noise / (n + k) is the variance of what is believed.
    """
    pull = noise / np.maximum(apart, 1e-12)
    own = count / (count + pull)
    middle = prior + own * (np.where(count > 0, mean, prior) - prior)
    return Posterior(middle, noise / (count + pull), own)


@dataclass(frozen=True, eq=False)
class Family:
    """What peers have in common, on the log scale.

    `level` and `apart`: middle and variance of their levels; `week` (7,) their weekday pattern and
    `week_pull` in how many days a unit proves another one; `move` (days,) how all of them stood
    against the last day, `now` how they all stand today; `spread` the variance of a day against
    the day before's expectation, as sure as `firm` days would make it; `tail` their outliers; `peers` their number.
    """

    level: float
    apart: float
    week: Floats
    week_pull: float
    move: Floats
    now: float
    spread: float
    firm: float
    tail: Tail
    peers: int

    @classmethod
    def of(cls, points: Floats, weekday: NDArray[np.int64]) -> Family:
        """Learn from peers (peers, days + 1; NaN = missing) with `weekday` (days + 1,).

        The last day is the one to judge: only `now` is learnt from it.
        """
        week, pull = _weeks(points[:, :-1], weekday[:-1])
        flat = points - week[weekday]
        gap, usual, level = _errors(flat[:, :-1])
        move = _move(flat - level[:, None])
        spread, firm = _spread(np.clip(gap, -CLIP * usual, CLIP * usual))
        peers = len(points)
        apart = (np.square(level - np.median(level)).sum() + UNLIKE) / peers
        return cls(
            level=float(np.median(level)),
            apart=float(apart),
            week=week,
            week_pull=pull,
            move=move[:-1],
            now=float(move[-1]) if np.isfinite(points[:, -1]).sum() >= CROWD else 0.0,
            spread=spread,
            firm=firm,
            tail=Tail.of(gap.reshape(-1, 1), usual.reshape(-1, 1)),
            peers=peers,
        )


def _mean(values: Floats, axis: int) -> Floats:
    """Return the mean of what is known, 0 where nothing is."""
    known = np.isfinite(values)
    total: Floats = np.where(known, values, 0.0).sum(axis=axis)
    mean: Floats = total / np.maximum(known.sum(axis=axis), 1)
    return mean


def _weeks(points: Floats, weekday: NDArray[np.int64]) -> tuple[Floats, float]:
    """Return the pooled weekday pattern (7,) and the days after which an own one is believed."""
    around = points - _around(points)
    reach = CLIP * 1.48 * np.nanmedian(np.abs(around)) if np.isfinite(around).any() else 0.0
    around = np.clip(around, -reach, reach)
    own = np.stack([_mean(around[:, weekday == day], 1) for day in range(7)], axis=1)
    seen = np.isfinite(around).sum() / 7.0
    week: Floats = (own - own.mean(axis=1, keepdims=True)).mean(axis=0) * seen / (seen + 2.0)
    rest = around - week[weekday]
    noise = float(np.nanmean(np.square(rest))) if np.isfinite(rest).any() else 0.0
    differs = float(np.square(own - week).mean()) - noise * len(points) / max(seen, 1.0)
    return week, float(np.clip(noise / max(differs, 1e-9), 2.0, FIRM))


def _around(points: Floats) -> Floats:
    """Return each day's mean of the seven days around it, NaN where fewer than five are known."""
    wide = np.pad(points, ((0, 0), (3, 3)), constant_values=np.nan)
    seven = np.lib.stride_tricks.sliding_window_view(wide, 7, axis=1)
    return np.where(np.isfinite(seven).sum(axis=2) >= 5, _mean(seven, 2), np.nan)


def _errors(flat: Floats) -> tuple[Floats, Floats, Floats]:
    """Return one-step errors of a smoothed level, their spreads (peers, days), the last level."""
    error, spread = np.full((2, *flat.shape), np.nan)
    first = np.isfinite(flat).argmax(axis=1)
    level = flat[np.arange(len(flat)), first]
    usual = np.full(len(flat), 0.3)
    for day in range(flat.shape[1]):
        gap = np.where(day > first, flat[:, day] - level, np.nan)
        error[:, day], spread[:, day] = gap, usual
        step = np.nan_to_num(np.clip(gap, -CLIP * usual, CLIP * usual))
        level = level + GAIN * step
        usual = np.where(np.isfinite(gap), np.sqrt(0.95 * usual**2 + 0.05 * step**2), usual)
    return error, spread, level


def _spread(error: Floats) -> tuple[float, float]:
    """Return the peers' typical error variance and for how many own days it counts.

    The logarithms of the peers' variances spread by trigamma(d/2) from chance alone; what is more
    is true difference (Smyth 2004, moderated variances).
    """
    known = np.isfinite(error).sum(axis=1)
    own = np.log(np.maximum(_mean(np.square(error), 1), 1e-6))
    chance = float(np.mean(2.0 / np.maximum(known, 1)))
    more = float(np.var(own)) - chance
    return float(np.exp(own.mean())), float(np.clip(2.0 / max(more, 1e-9), LOOSE, FIRM))


def _move(gap: Floats) -> Floats:
    """Return by how much all peers differed on each day (days,), shrunk by their disagreement."""
    known = np.isfinite(gap).sum(axis=0)
    common = _mean(gap, 0)
    lone = np.where(np.isfinite(gap), np.square(gap - common), 0.0).sum()
    chance = lone / max(float((known - 1).clip(0).sum()), 1.0) / max(float(known.mean()), 1.0)
    part = max(0.0, 1.0 - chance / max(float(np.square(common).mean()), 1e-12))
    moved: Floats = common * part
    return moved


class Guess(NamedTuple):
    """On the log scale, per unit (n,): middle, edges' distances, weight of own days, their number."""

    mid: Floats
    down: Floats
    up: Floats
    own: Floats
    days: NDArray[np.int64]


def guess(
    points: Floats,
    weekday: NDArray[np.int64],
    family: Family,
    alerts_per_100: float = 1.0,
) -> Guess:
    """Return what young units' next day was to bring.

    `points` (units, days; NaN = missing) are on the log scale, `weekday` (days + 1,) with that of
    the day to judge. The level is the own days' mean without the family's pattern and movement,
    `shrunk` towards the family's; the weekday's own deviation and the spread are pulled alike:
    s2 = (d0 s0^2 + (n - 1) s^2) / (d0 + n - 1).
    """
    flat = points - family.week[weekday[:-1]] - family.move
    known = np.isfinite(flat)
    days = known.sum(axis=1)
    count, mean, square = _own(flat, np.sqrt(family.spread))
    free = np.maximum(count - 1.0, 0.0)
    spread = (family.firm * family.spread + free * square) / (family.firm + free)
    prior = np.full(len(points), family.level)
    level = shrunk(mean, count, spread, prior, np.full(len(points), family.apart))
    same = known & (weekday[:-1] == weekday[-1])
    near = 2.0 * np.sqrt(spread)[:, None]
    off = np.where(same, np.clip(flat - mean[:, None], -near, near), 0.0).sum(axis=1)
    week = family.week[weekday[-1]] + off / (same.sum(axis=1) + family.week_pull)
    down, up = family.tail.edges(np.sqrt(spread + level.var), alerts_per_100)
    enough = days >= LEAST_OWN
    return Guess(
        np.where(enough, level.mean + week, np.nan),
        down,
        up,
        level.own,
        days,
    )


def _own(flat: Floats, usual: float) -> tuple[Floats, Floats, Floats]:
    """Return faded count, mean and variance of units' own days (n,); far days count as near ones."""
    known = np.isfinite(flat)
    age = np.arange(flat.shape[1])[::-1]
    weight = np.where(known, FADE**age, 0.0)
    count = weight.sum(axis=1)
    some = known.any(axis=1)
    middle = np.zeros(len(flat))
    middle[some] = np.nanmedian(flat[some], axis=1)
    near = np.clip(np.where(known, flat - middle[:, None], 0.0), -2.5 * usual, 2.5 * usual)
    base = np.maximum(count, 1e-9)
    mean = (weight * near).sum(axis=1) / base
    wide = np.clip(np.where(known, flat - middle[:, None], 0.0), -CLIP * usual, CLIP * usual)
    var = (weight * np.square(wide - mean[:, None])).sum(axis=1) / base
    fair = np.where(count > 1.0, count / np.maximum(count - 1.0, 1e-9), 0.0)
    return count, middle + mean, var * np.minimum(fair, 2.0)
