"""Which values are out of what such a day brings, and how surely: counts, money and rates."""

from __future__ import annotations

from diagnostics.band import Band, Calendars, Special
from diagnostics.levels import value_band
from diagnostics.rates import rate_band

__all__ = ["Band", "Calendars", "Special", "rate_band", "value_band"]
