"""What everybody in a peer group did that day, taken out of what each one did alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST_PEERS = 2
MANY_PEERS = 5
"""With fewer, a peer counts with at most `NEAR` spreads: two can be wrong together."""
NEAR = 3.0
LATELY = 84
"""The loading is learnt from so many days."""
PULL = 20.0
"""The loading is shrunk towards none by so many ordinary days."""


def group_codes(groups: Iterable[Hashable]) -> NDArray[np.int64]:
    """Return group labels of any kind as int (units,)."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(_label(one), len(known)) for one in groups], dtype=np.int64)


def _label(one: object) -> Hashable:
    """Return a label that can be a key: lists and arrays become tuples."""
    return tuple(one) if isinstance(one, list | np.ndarray) else one


def others_median(values: Floats, groups: NDArray[np.int64]) -> Floats:
    """Return per unit and day the median of the group's other units; NaN with fewer than two.

    `values` float (days, units), NaN = missing; `groups` int (units,).
    """
    result = np.full(values.shape, np.nan)
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        if len(rows) > LEAST_PEERS:
            result[:, rows] = _without_self(values[:, rows])
    return result


def _without_self(values: Floats) -> Floats:
    """Return the median of each row without each column in turn (days, units)."""
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(values.shape[1])[None, :], axis=1)
    left = np.isfinite(values).sum(axis=1, keepdims=True) - np.isfinite(values)
    low, high = np.maximum(left - 1, 0) // 2, left // 2
    low, high = low + (rank <= low), high + (rank <= high)
    last = values.shape[1] - 1
    low, high = np.minimum(low, last), np.minimum(high, last)
    pair = np.take_along_axis(ordered, low, axis=1) + np.take_along_axis(ordered, high, axis=1)
    return np.where(left >= LEAST_PEERS, pair / 2.0, np.nan)


def _peers(values: Floats, groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many others of its group have a value (units,), of one day's values (units,)."""
    known = np.isfinite(values).astype(float)
    count = np.bincount(groups, weights=known, minlength=1)[groups]
    return np.asarray(count - known, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Common:
    """How far each unit goes with the others: `load` and `rest` (units,).

    `rest` is the spread of what remains, as a share of the unit's own. `left` (days, units) is what
    remained of the past's standardised errors, on the unit's own scale.
    """

    groups: NDArray[np.int64]
    load: Floats
    rest: Floats
    left: Floats

    @classmethod
    def of(cls, errors: Floats, groups: NDArray[np.int64]) -> Common:
        """Learn from standardised past errors (days, units).

        The loading is the regression of a unit's error on the median of the others', shrunk
        towards none; errors count with at most three spreads.
        """
        clipped = np.clip(errors, -NEAR, NEAR)
        others = others_median(clipped, groups)
        both = np.isfinite(clipped) & np.isfinite(others)
        both[: max(0, len(both) - LATELY)] = False
        x, y = np.where(both, others, 0.0), np.where(both, clipped, 0.0)
        load = np.clip((x * y).sum(axis=0) / (np.square(x).sum(axis=0) + PULL), 0.0, 1.5)
        alone = np.square(y).sum(axis=0) + PULL
        rest = np.square(y - load * x).sum(axis=0) + PULL
        left = errors - load * np.nan_to_num(others)
        return cls(groups, load, np.minimum(np.sqrt(rest / alone), 1.0), left)

    def move(self, today: Floats) -> Floats:
        """Return the others' part in the day's standardised errors (units,), NaN without any."""
        near: Floats = others_median(np.clip(today, -NEAR, NEAR)[None, :], self.groups)[0]
        wide: Floats = others_median(today[None, :], self.groups)[0]
        many = _peers(today, self.groups) >= MANY_PEERS
        return np.asarray(self.load * np.where(many, wide, near), dtype=float)
