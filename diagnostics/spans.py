"""Several days of the same units as one: sums against the sum of what was expected."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from diagnostics.panel import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diagnostics.expect import Outlook

    Floats = NDArray[np.float64]


def together(days: Sequence[Outlook]) -> Outlook:
    """Return several days of the same units as one: sums against the sum of what was expected.

    A rate is the ratio of the sums, its expectation that of each day weighted by the day's base;
    the bands' reaches add up in quadrature. Missing days are left out on both sides; where one of
    the days cannot be expected, neither can the whole.
    """
    last = days[-1]
    known = np.array([np.isfinite(day.value) for day in days])
    weight = np.array([day.over if last.metric.over else np.ones(len(day.value)) for day in days])
    weight = np.where(known, weight, 0.0)
    total = weight.sum(axis=0) if last.metric.over else np.ones(len(last.value))

    def pooled(values: list[Floats], power: float = 1.0) -> Floats:
        parts = np.where(known, weight * np.array(values), 0.0) ** power
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(known.any(axis=0), parts.sum(axis=0) ** (1.0 / power) / total, np.nan)

    value, mid = pooled([day.value for day in days]), pooled([day.mid for day in days])
    below = pooled([day.mid - day.low for day in days], 2.0)
    above = pooled([day.high - day.mid for day in days], 2.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(value < mid, (mid - value) / below, (value - mid) / above)
    return replace(
        last,
        value=value,
        of=np.where(known, np.array([day.of for day in days]), 0.0).sum(axis=0),
        over=total if last.metric.over else last.over,
        low=mid - below,
        mid=mid,
        high=mid + above,
        score=score,
        days=np.min([day.days for day in days], axis=0),
        state=_worst(days, known),
    )


def _worst(days: Sequence[Outlook], known: NDArray[np.bool_]) -> NDArray[np.int8]:
    state = np.where(known, np.array([day.state for day in days]), int(State.FINAL)).min(axis=0)
    return np.where(known.any(axis=0), state, int(State.MISSING)).astype(np.int8)
