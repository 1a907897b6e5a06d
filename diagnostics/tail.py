"""How far out a day must lie to mean something: against a unit's own noise and its own outliers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diagnostics.band import alarming

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WORTH = 0.25
"""The size (log) of the changes that are looked for: 20 to 50 % up or down."""
HUGE, HUGE_SHARE = 1.5, 0.1
"""Some are far bigger: a standstill, a multiple."""
EVIDENCE = 3.2
"""So much evidence (log of the odds' factor) gives one alert on 100 ordinary days."""
LEAST_EVIDENCE = 0.1
"""With less there is no edge at all: more alerts than this gives cannot be asked for."""
FAR = 3.0
"""What lies so many spreads out is an outlier."""
OUTLIERS, OF_DAYS = 0.5, 100.0
"""Before a unit has shown any: so many outliers on each side in so many days."""
OUTLIER_SIZE, OF_OUTLIERS = 0.5, 5.0
"""And their size (log), worth so many outliers."""
LEAST = 0.05
"""Nothing smaller than this is told, however quiet a unit is."""
STEPS = 24
STANDSTILL = 6.0
"""The search for an edge ends at this distance (log), or at three times the core's edge."""


@dataclass(frozen=True, eq=False)
class Tail:
    """A unit's outliers below and above: their `share` of days and their `size` (2, units)."""

    share: Floats
    size: Floats

    @classmethod
    def of(cls, error: Floats, spread: Floats) -> Tail:
        """Learn from past one-step errors and their spreads (days, units), NaN = unknown."""
        days = np.isfinite(error).sum(axis=0)
        share, size = [], []
        for sign in (-1.0, 1.0):
            out = sign * error > FAR * spread
            count = out.sum(axis=0)
            square = np.where(out, error, 0.0) ** 2
            share.append((count + OUTLIERS) / (days + OF_DAYS))
            total = square.sum(axis=0) + OF_OUTLIERS * OUTLIER_SIZE**2
            size.append(np.sqrt(total / (count + OF_OUTLIERS)))
        return cls(np.array(share), np.array(size))

    def edges(self, spread: Floats, alerts_per_100: float) -> tuple[Floats, Floats]:
        """Return how far below and above the middle the band ends (units,), on the log scale.

        The edge is the smallest error e at which the evidence for a change reaches a threshold:
        log [N(e; s² + w²)] − log [(1 − π) N(e; s²) + π N(e; s² + g²)], with the unit's spread s,
        the changes' size w, its own outliers' share π and size g (Bayes factor, Kass & Raftery
        1995; robust noise as a mixture, Tukey 1960). A quiet unit so needs more spreads than a
        restless one, and one whose noise hides such changes seldom alarms at all.
        """
        need = needed(alerts_per_100)
        spread = np.where(spread > 0, spread, 1.0)
        ratio = (WORTH / spread) ** 2
        core = spread * np.sqrt(2.0 * (need + 0.5 * np.log1p(ratio)) * (1.0 + 1.0 / ratio))
        end = np.maximum(3.0 * core, STANDSTILL)
        steps = np.linspace(0.0, 1.0, STEPS)[:, None]
        grid = 0.95 * core * (end / core) ** steps
        down, up = (
            np.maximum(_first(grid, self._evidence(grid, spread, side), need), LEAST)
            for side in (0, 1)
        )
        return down, up

    def _evidence(self, error: Floats, spread: Floats, side: int) -> Floats:
        """Return the log Bayes factor of errors (steps, units) on one side."""
        share, size = self.share[side], self.size[side]
        change = np.logaddexp(
            np.log1p(-HUGE_SHARE) + _normal(error, np.hypot(spread, WORTH)),
            np.log(HUGE_SHARE) + _normal(error, np.hypot(spread, HUGE)),
        )
        noise = np.logaddexp(
            np.log1p(-share) + _normal(error, spread),
            np.log(share) + _normal(error, np.hypot(spread, size)),
        )
        return np.asarray(change - noise, dtype=float)


def needed(alerts_per_100: float) -> float:
    """Return the evidence that an alert needs so that there are so many on 100 ordinary days.

    Raises ValueError where that is not more than 0 and less than 100.
    """
    return float(max(EVIDENCE - np.log(alarming(alerts_per_100) * 100.0), LEAST_EVIDENCE))


def _normal(error: Floats, spread: Floats) -> Floats:
    """Return the logarithm of the normal density, up to a constant."""
    return np.asarray(-0.5 * (error / spread) ** 2 - np.log(spread), dtype=float)


def _first(grid: Floats, evidence: Floats, need: float) -> Floats:
    """Return where the evidence (steps, units) first reaches the need, else the grid's end."""
    reached = evidence >= need
    at = np.where(reached.any(axis=0), reached.argmax(axis=0), len(grid) - 1)
    before = np.maximum(at - 1, 0)
    units = np.arange(grid.shape[1])
    low, high = evidence[before, units], evidence[at, units]
    part = np.clip((need - low) / np.where(high > low, high - low, 1.0), 0.0, 1.0)
    return np.asarray(grid[before, units] + part * (grid[at, units] - grid[before, units]))
