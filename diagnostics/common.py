"""What everybody in a peer group did that day, taken out of what each one did alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST_PEERS = 5
PULL = 15.0
"""The loading is shrunk towards none by so many ordinary days."""


class Common(Protocol):
    """Takes the others' movement out of the day's scores (units,)."""

    def __call__(self, gap: Floats, far: float) -> Floats:
        """Return what is left of the gaps, on the scale of the unit's own remaining errors."""
        ...


def others_median(values: Floats, groups: NDArray[np.int64]) -> Floats:
    """Return per unit and day the median of the group's other units; NaN with fewer than five.

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


def others_move(errors: Floats, groups: NDArray[np.int64]) -> Common:
    """Learn from standardised past errors (days, units) how far each unit goes with the others.

    The loading is the shrunken regression of a unit's error on the others' median; what remains
    is measured by the spread of the remaining errors (one-step, clipped at four).
    """
    clipped = np.clip(errors[-84:], -4.0, 4.0)
    others = others_median(clipped, groups)
    both = np.isfinite(clipped) & np.isfinite(others)
    x, y = np.where(both, others, 0.0), np.where(both, clipped, 0.0)
    count = both.sum(axis=0)
    load = np.clip((x * y).sum(axis=0) / (np.square(x).sum(axis=0) + PULL * 0.2), 0.0, 1.5)
    alone = np.square(y).sum(axis=0) + PULL
    rest = np.square(y - load * x).sum(axis=0) + PULL
    narrower = np.sqrt(np.where(count > 0, rest / alone, 1.0))

    def without(gap: Floats, far: float) -> Floats:
        move = others_median((gap * far)[None, :], groups)[0]
        return np.where(np.isfinite(move), (gap - load * move / far) / narrower, gap)

    return without
