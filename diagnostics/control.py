"""How far out a figure must be, so that few findings of a morning are mere chance."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import stdtr

from diagnostics.band import TAIL, limit
from diagnostics.reading import Control

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BUDGET = 0.01
"""So many false findings of a kind of a shop's units are borne per morning: one in fifty mornings."""
TWICE = 0.2
"""This share of them may come from figures that are out on two days running."""
ORDINARY = 0.95
"""Above this share of the past scores the tail is fitted."""
TRUSTED = 2_000.0
"""With so many past scores the measured tail counts as much as the law."""
THINNEST = 0.05
"""No tail is taken to be thinner than this (1 / the power by which it falls)."""
FORGIVEN = 2
"""So many of the past mornings, the worst, may have been real: they do not raise the threshold."""
STEPS = (1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0)
"""By so much a threshold is raised where the past mornings would have told too often."""
FEW = 3
"""With fewer past alarms than this nothing is said of their precision."""
BASE_RATE = 0.03
"""Real troubles per morning of a kind of a shop's units, as long as the past shows no more."""
FURTHEST = 60.0
GRID = np.exp(np.linspace(np.log(0.3), np.log(FURTHEST), 240))


class Firm(NamedTuple):
    """The score (n,) that a symptom needs: `once` today, or `twice`, on two days running."""

    once: Floats
    twice: Floats

    def times(self, factor: Floats) -> Firm:
        """Return it with another factor for each unit; nothing within its band is a symptom."""
        return Firm(self.once * factor, np.maximum(1.0, self.twice * factor))


@dataclass(frozen=True, eq=False)
class Tail:
    """How rare a score is: the probability (G,) that chance alone goes so far, on either side."""

    chances: Floats

    @classmethod
    def of(cls, scores: Floats) -> Tail:
        """Learn it from past scores of any shape, NaN = missing.

        Below the 95 % quantile u the share of past scores that go further; above it a Pareto tail
        0.05 (x/u)^(-1/k), k the mean of log(x/u) (Hill 1975). In logarithms shrunk towards the
        t law of the bands: both count the same at 500 scores.
        """
        known = np.sort(np.abs(scores[np.isfinite(scores)]))
        if len(known) < 1.0 / (1.0 - ORDINARY):
            return cls(_law())
        edge = float(known[int(ORDINARY * len(known))])
        if edge <= GRID[0]:
            return cls(_law())
        far = np.log(known[known >= edge] / edge)
        below = 1.0 - np.searchsorted(known, GRID, side="left") / len(known)
        slope = max(float(far.mean()), THINNEST)
        beyond = (1.0 - ORDINARY) * (np.maximum(GRID, edge) / edge) ** (-1.0 / slope)
        measured = np.log(np.maximum(np.where(edge > GRID, below, beyond), 1e-300))
        weight = len(known) / (len(known) + TRUSTED)
        return cls(np.exp(weight * measured + (1.0 - weight) * np.log(_law())))

    def chance(self, score: float) -> float:
        """Return how likely chance alone goes so far."""
        return float(
            np.exp(np.interp(np.log(max(score, 1e-9)), np.log(GRID), np.log(self.chances)))
        )

    def score(self, chance: float) -> float:
        """Return the score that chance alone reaches so rarely."""
        falling = np.minimum.accumulate(np.log(self.chances))
        return float(np.exp(np.interp(-np.log(chance), -falling, np.log(GRID))))


@cache
def _law() -> Floats:
    """Return how rare the scores are if the errors follow the bands' t law."""
    spreads = GRID * limit(1.0) / np.sqrt((TAIL - 2.0) / TAIL)
    return np.asarray(2.0 * stdtr(TAIL, -spreads), dtype=float)


def by_law(score: float) -> float:
    """Return how likely chance alone goes so far (on either side) by the bands' t law."""
    return Tail(_law()).chance(score)


class Threshold(NamedTuple):
    """What the units of one kind of a shop need, and what that leaves to chance."""

    once: float
    twice: float
    tests: float
    tail: Tail
    control: Control

    def chance(self, score: float, before: float) -> float:
        """Return how likely a finding is mere chance: false ones so far out against real ones.

        `before` is yesterday's score on the same side, 0 for none. False ones are counted over all
        figures that were looked at; real ones are as frequent as on the past mornings.
        """
        alone = self.tests * self.tail.chance(score) / 2.0
        both = self.tests * self.tail.chance(score) * self.tail.chance(before) / 4.0
        false = min(alone, both) if min(score, before) >= self.twice else alone
        real = max(BASE_RATE, self.control.past_alarms - self.control.expected_false)
        return false / (false + real)


def threshold(
    scores: Sequence[Floats],
    bad: Sequence[Floats],
    size: int,
    looked_at: int,
    *,
    budget: float = BUDGET,
) -> Threshold:
    """Return what a kind of units needs, from their own past mornings.

    `scores` are the past scores (rows, days) of each judged figure, signed, NaN = missing; `bad`
    (same shapes) the same ones with the harmful side positive, NaN where no side is harmful.
    `size` is the number of units that the rows stand for, `looked_at` that of their figures today.
    A first threshold bears `budget` false ones by the measured tail, a fifth of them for being out
    twice running; it is raised until the past mornings, but the two worst, would not have told of
    more.
    """
    pool = np.concatenate([one.ravel() for one in scores]) if scores else np.zeros(0)
    tail = Tail.of(pool)
    rows = max((len(one) for one in bad), default=1) or 1
    tests = float(max(1, looked_at))
    once = max(1.0, tail.score(_share((1.0 - TWICE) * budget, tests)))
    twice = max(1.0, tail.score(2.0 * (_share(TWICE * budget, tests) / 2.0) ** 0.5))
    factor, told = _raised(_reached(bad, once, twice), size / rows, budget)
    once, twice = once * factor, twice * factor
    left = tests * (tail.chance(once) / 2.0 + tail.chance(twice) ** 2 / 4.0)
    return Threshold(once, twice, tests, tail, _control(budget, left, told))


def alone(
    scores: Sequence[Floats], bad: Sequence[Floats], least: float, *, budget: float = BUDGET
) -> tuple[float, Control]:
    """Return what one group needs that is told by a single day, and what that leaves to chance.

    As threshold, of one unit and without the second of two days; no less than `least`.
    """
    tail = Tail.of(np.concatenate([one.ravel() for one in scores]) if scores else np.zeros(0))
    tests = float(max(1, len(scores)))
    once = max(least, tail.score(_share(budget, tests)))
    factor, told = _raised(_reached(bad, once, np.inf), 1.0, budget)
    left = tests * tail.chance(once * factor) / 2.0
    return once * factor, _control(budget, left, told)


def _raised(reached: Floats, scale: float, budget: float) -> tuple[float, Floats]:
    """Return by how much a threshold is raised, and what the past mornings tell of then (days,)."""
    per_day = [_alarms(reached, step) * scale for step in STEPS]
    step = next((at for at, told in enumerate(per_day) if _borne(told, budget)), len(STEPS) - 1)
    return STEPS[step], per_day[step]


def _control(budget: float, left: float, told: Floats) -> Control:
    past = float(told.mean()) if len(told) else 0.0
    seen = past * len(told) >= FEW
    return Control(budget, left, past, max(0.0, 1.0 - left / past) if seen else None)


def _share(budget: float, tests: float) -> float:
    """Return the probability (both sides) that bears so many false ones on the harmful side."""
    return min(2.0 * budget / tests, 1.0)


def _reached(bad: Sequence[Floats], once: float, twice: float) -> Floats:
    """Return how far each unit and past day was out (rows, days): 1 and more would have been told."""
    best: Floats | None = None
    for one in bad:
        known = np.where(np.isfinite(one), one, 0.0)
        before = np.zeros_like(known)
        before[:, 1:] = known[:, :-1]
        far = np.maximum(known / once, np.minimum(known, before) / twice)
        best = far if best is None else np.maximum(best, far)
    return np.zeros((1, 0)) if best is None else best


def _alarms(reached: Floats, step: float) -> Floats:
    """Return how many units of each past day would have been told of anew (days,)."""
    out = reached >= step
    fresh = out.copy()
    fresh[:, 1:] &= ~out[:, :-1]
    return np.asarray(fresh.sum(axis=0), dtype=float)


def _borne(told: Floats, budget: float) -> bool:
    """Say whether the past mornings but the worst told of no more than is borne, or of one."""
    rest = np.sort(told)[: max(0, len(told) - FORGIVEN)]
    return bool(rest.sum() <= max(1.0, budget * len(told)))


def whole(every: Iterable[Control | None]) -> Control | None:
    """Return several kinds' or shops' numbers as one morning's."""
    parts = [one for one in every if one is not None]
    if not parts:
        return None
    false, past = sum(one.expected_false for one in parts), sum(one.past_alarms for one in parts)
    known = any(one.precision is not None for one in parts)
    return Control(
        budget=sum(one.budget for one in parts),
        expected_false=false,
        past_alarms=past,
        precision=max(0.0, 1.0 - false / past) if known and past > 0.0 else None,
    )
