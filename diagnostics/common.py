"""What everybody in a peer group did that day, taken out of what each one did alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST_PEERS = 2
MANY_PEERS = 5
"""With fewer, a peer counts with at most `NEAR` spreads: two can be wrong together."""
NEAR = 3.0
LATELY = 84
"""The loading is learnt from so many days."""
SWING = 4.0
"""The square of so many spreads (2) of the others' median is still chance."""
APART, OF_APART = 0.5, 4.0
"""How far members take part in a swing differently: so much of it, worth so many members."""
MEDIAN = 1.4826
"""A normal law's spread in median deviations."""
PULL = 20.0
"""The loading is shrunk towards none by so many ordinary days."""


def group_codes(groups: Iterable[Hashable]) -> NDArray[np.int64]:
    """Return group labels of any kind as int (units,)."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(_label(one), len(known)) for one in groups], dtype=np.int64)


def _label(one: object) -> Hashable:
    """Return a label that can be a key: lists and arrays become tuples."""
    return tuple(one) if isinstance(one, list | np.ndarray) else one


def others_median(values: Floats, groups: NDArray[np.int64], *, careful: bool = False) -> Floats:
    """Return per unit and day the median of the group's other units; NaN with fewer than two.

    `values` float (days, units), NaN = missing; `groups` int (units,). A `careful` median of an
    even number is the one of the middle two that is nearer to none, not their mean.
    """
    result = np.full(values.shape, np.nan)
    for rows in _alike(groups):
        nobody = rows < 0
        part = values[:, rows]
        part[:, nobody] = np.nan
        found = _without_self(part.reshape(-1, rows.shape[1]), careful=careful)
        result[:, rows[~nobody]] = found.reshape(part.shape)[:, ~nobody]
    return result


def _alike(groups: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield the units of groups of about the same size (groups, size), -1 where there is none."""
    order = np.argsort(groups, kind="stable")
    _, firsts, counts = np.unique(groups[order], return_index=True, return_counts=True)
    for power in np.unique(np.frexp(counts[counts > LEAST_PEERS])[1]):
        some = np.flatnonzero((np.frexp(counts)[1] == power) & (counts > LEAST_PEERS))
        place = np.arange(counts[some].max())
        at = np.minimum(firsts[some, None] + place, len(order) - 1)
        yield np.where(place < counts[some, None], order[at], -1)


def _without_self(values: Floats, *, careful: bool) -> Floats:
    """Return the median of each row without each column in turn (rows, units).

    Without one of them the middle two of the rest are those of all, or the next ones above where
    the one left out was not above them.
    """
    ordered, known = np.sort(values, axis=1), np.isfinite(values)
    count = known.sum(axis=1, keepdims=True)

    def at(place: NDArray[np.int64]) -> Floats:
        near = np.clip(place, 0, values.shape[1] - 1)
        return np.take_along_axis(ordered, near, axis=1)

    def middle(one: Floats, two: Floats, others: NDArray[np.int64]) -> Floats:
        near = np.where(one * two > 0, np.where(np.abs(one) < np.abs(two), one, two), 0.0)
        return np.where(others >= LEAST_PEERS, near if careful else (one + two) / 2.0, np.nan)

    first, second = (count - 2) // 2, (count - 1) // 2
    low, high, after_low, after_high = at(first), at(second), at(first + 1), at(second + 1)
    below, above = middle(after_low, after_high, count - 1), middle(low, high, count - 1)
    between, beside = middle(low, after_high, count - 1), middle(high, at(count // 2), count)
    found = np.where(values <= low, below, np.where(values <= high, between, above))
    return np.where(known, found, beside)


def _peers(values: Floats, groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many others of its group have a value (units,), of one day's values (units,)."""
    known = np.isfinite(values).astype(float)
    count = np.bincount(groups, weights=known, minlength=1)[groups]
    return np.asarray(count - known, dtype=np.int64)


class Swing(NamedTuple):
    """What befell a unit's group at once: how surely (0 to 1), by how much, and how differently.

    `size` and `apart` are in units of the scale; all of (days, units).
    """

    sure: Floats
    size: Floats
    apart: Floats

    @classmethod
    def of(cls, gap: Floats, spread: Floats, groups: NDArray[np.int64]) -> Swing:
        """Return the swing that each unit's others tell of, from gaps and spreads (days, units).

        sure = (1 − SWING / z²)₊, the positive part of James & Stein (1961), with z the others'
        careful median in spreads; apart² is the others' squared median deviation of the day, worth
        as many days as there are others, with (APART · size)² worth `OF_APART`.
        """
        z = np.nan_to_num(others_median(gap / spread, groups, careful=True))
        sure = np.maximum(1.0 - SWING / np.maximum(z**2, SWING), 0.0)
        size = np.nan_to_num(others_median(gap, groups, careful=True))
        off = np.nan_to_num(MEDIAN * others_median(np.abs(gap - size), groups))
        others = np.array([_peers(day, groups) for day in gap]).reshape(gap.shape)
        square = OF_APART * (APART * size) ** 2 + others * off**2
        return cls(sure, size, np.sqrt(square / (OF_APART + others)))

    def rest(self, gap: Floats, usual: Floats, spread: Floats) -> Floats:
        """Return what is left of gaps without the usual movement or the swing.

        It is brought back to the `spread` that is usual: a swing leaves more between its members.
        """
        left = gap - (1.0 - self.sure) * usual - self.sure * self.size
        return left / np.hypot(1.0, self.sure * self.apart / spread)


@dataclass(frozen=True, eq=False)
class Common:
    """How far each unit goes with the others: `load` and `rest` (units,).

    `rest` is the spread of what remains, as a share of the unit's own. `left` (days, units) is what
    remained of the past's errors.
    """

    groups: NDArray[np.int64]
    load: Floats
    rest: Floats
    left: Floats

    @classmethod
    def of(cls, gap: Floats, spread: Floats, groups: NDArray[np.int64]) -> Common:
        """Learn from past errors and their spreads (days, units).

        The loading is the regression of a unit's error on the median of the others', shrunk
        towards none; errors count with at most three spreads.
        """
        errors = gap / spread
        clipped = np.clip(errors, -NEAR, NEAR)
        others = others_median(clipped, groups)
        both = np.isfinite(clipped) & np.isfinite(others)
        both[: max(0, len(both) - LATELY)] = False
        x, y = np.where(both, others, 0.0), np.where(both, clipped, 0.0)
        load = np.clip((x * y).sum(axis=0) / (np.square(x).sum(axis=0) + PULL), 0.0, 1.5)
        alone = np.square(y).sum(axis=0) + PULL
        share = np.square(y - load * x).sum(axis=0) + PULL
        rest = np.minimum(np.sqrt(share / alone), 1.0)
        swing = Swing.of(gap, spread, groups)
        left = swing.rest(gap, load * np.nan_to_num(others) * spread, rest * spread)
        return cls(groups, load, rest, left)

    def without(self, gap: Floats, spread: Floats) -> Floats:
        """Return what is left of the day's gaps (units,) without the others' movement."""
        move = self._move(gap / spread)
        swing = Swing.of(gap[None, :], spread[None, :], self.groups)
        left = swing.rest(gap[None, :], move * spread, self.rest * spread)[0]
        return np.where(np.isfinite(move), left, np.nan)

    def _move(self, today: Floats) -> Floats:
        """Return the others' part in the day's standardised errors (units,), NaN without any."""
        near: Floats = others_median(np.clip(today, -NEAR, NEAR)[None, :], self.groups)[0]
        wide: Floats = others_median(today[None, :], self.groups)[0]
        many = _peers(today, self.groups) >= MANY_PEERS
        return np.asarray(self.load * np.where(many, wide, near), dtype=float)
