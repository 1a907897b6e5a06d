"""The scale on which a unit's effects add up, and back: logarithms, or plain where below zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

USUAL = 6.0
"""So many median deviations are one unit of the linear scale: a spread is then a quarter."""
CHANCE_DAYS = 20.0


@dataclass(frozen=True, eq=False)
class Scale:
    """A unit's scale: log(y + 2 % of its median), or linear where values can be negative.

    The linear scale is such that a usual spread looks like that of a usual unit on the log scale.
    """

    shift: Floats
    signed: NDArray[np.bool_]
    counted: NDArray[np.bool_]
    """Where all values are whole numbers: they vary by chance at least as counts do."""

    @classmethod
    def of(cls, values: Floats) -> Scale:
        """Learn the scale from the past (units, days)."""
        size = np.abs(values)
        middle = _nanmedian(size)
        mean = np.nan_to_num(_nanmedian(np.where(size > 0, size, np.nan)), nan=1.0)
        shift = np.where(middle > 0, 0.02 * middle, 0.5 * mean)
        signed = np.any(values < 0, axis=1)
        noise = _nanmedian(np.abs(values - _nanmedian(values)[:, None]))
        linear = USUAL * np.where(noise > 0, noise, mean)
        counted = np.all((values == np.floor(values)) | np.isnan(values), axis=1) & ~signed
        return cls(np.where(signed, linear, shift), signed, counted)

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

    def chance(self, mid: Floats, seen: NDArray[np.int64]) -> Floats:
        """Return the least spread (units,) of counts: that of chance, until the past knows better.

        One over the root of the count, worth `CHANCE_DAYS` days.
        """
        count = np.exp(np.clip(np.where(self.counted, mid, 0.0), -700.0, 700.0))
        share = CHANCE_DAYS / (seen + CHANCE_DAYS)
        return np.where(self.counted, np.sqrt(share / (1.0 + count)), 0.0)


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
