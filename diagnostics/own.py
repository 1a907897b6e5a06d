"""What the units' own past says of a day: the band of a sum, or of a rate's counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from diagnostics.anomaly import rate_band, value_band
from diagnostics.window import signed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diagnostics.band import Band, Calendars
    from diagnostics.window import Window

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Judge:
    """Which band fits a metric: of a rate's counts, or of values; `groups` (rows,) are peers."""

    share: bool
    alerts_per_100: float
    groups: NDArray[np.int64] | None = None

    def own(self, window: Window, special: Calendars) -> tuple[Band, Floats]:
        """Return the band of units' own past and their scores today."""
        past, today = window.days[:-1], window.value[:, -1]
        if window.over is None or signed(window.metric):
            band = value_band(
                window.past(window.value),
                past,
                window.days[-1],
                groups=self.groups,
                calendar=special,
                alerts_per_100=self.alerts_per_100,
            )
            return band, band.score(today)
        of, over = window.past(window.of), window.past(window.over)
        size = usual_size(of, over, share=self.share)
        band = rate_band(
            of / size[:, None],
            over,
            past,
            window.days[-1],
            window.over[:, -1],
            calendar=special,
            alerts_per_100=self.alerts_per_100,
            share=self.share,
        )
        unit = size * window.metric.scale
        score = band.score(today / unit)
        scaled = replace(
            band,
            low=band.low * unit,
            mid=band.mid * unit,
            high=band.high * unit,
            past_mid=band.past_mid * unit[:, None],
        )
        return scaled, score


def usual_size(of: Floats, over: Floats, *, share: bool) -> Floats:
    """Return what one count is worth (units,): 1 for a share, else the usual rate.

    What is not a share of events (money per order, seconds per view) is counted in units of its
    own usual rate, so that one event carries about the noise of one count. `of` and `over` are
    (units, ...), NaN = missing.
    """
    if share:
        return np.ones(len(of))
    rest = tuple(range(1, of.ndim))
    with np.errstate(divide="ignore", invalid="ignore"):
        base = np.where(np.isfinite(of), over, 0.0)
        usual: Floats = np.nansum(of, axis=rest) / np.nansum(base, axis=rest)
    return np.where(usual > 0, usual, 1.0)
