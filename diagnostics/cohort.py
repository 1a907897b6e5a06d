"""What a session or a video was to bring: its elders at that age, and its own days against them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diagnostics.cold import shrunk
from diagnostics.tail import Tail

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

USUAL = 0.25
"""How far sessions differ (log) before any are known, worth so many sessions:"""
WORTH = 3.0
FAR = 3.0
"""An elder counts as at most so many spreads off."""


class Guess(NamedTuple):
    """On the log scale, per unit (n,): middle, edges' distances, own days' weight, days, elders."""

    mid: Floats
    down: Floats
    up: Floats
    own: Floats
    days: NDArray[np.int64]
    elders: NDArray[np.int64]


def guess(elders: Floats, weight: Floats, own: Floats, alerts_per_100: float = 1.0) -> Guess:
    """Return what units were to bring at their age.

    `elders` (n, elders, ages; log scale, NaN = missing): the last age is the one to judge, the
    ages before are those of `own` (n, ages - 1). `weight` (n, elders). The elders' weighted mean
    per age is the curve; how far a unit stands above it all along is shrunk by n / (n + k), k the
    variance within elders over that between them.
    """
    known = np.isfinite(elders)
    curve = _curve(elders, weight)
    rest = np.where(known, elders - curve[:, None, :], np.nan)
    now = np.where(known[:, :, -1], weight, 0.0)
    count = now.sum(axis=1) ** 2 / np.maximum(np.square(now).sum(axis=1), 1e-12)
    whole = _spread(rest[:, :, -1], now, count)
    within = np.minimum(_within(rest[:, :, :-1], weight), 0.95 * whole)
    gap = own - curve[:, :-1]
    days = np.isfinite(gap).sum(axis=1)
    mean = np.where(np.isfinite(gap), gap, 0.0).sum(axis=1) / np.maximum(days, 1)
    level = shrunk(mean, days.astype(float), within, np.zeros(len(own)), whole - within)
    var = np.where(days > 0, within + level.var, whole) + whole / np.maximum(count, 1.0)
    there = (now > 0.0).sum(axis=1)
    mid = np.where(there > 0, curve[:, -1] + level.mean, np.nan)
    nothing = np.zeros((0, 1))
    down, up = Tail.of(nothing, nothing).edges(np.sqrt(var), alerts_per_100)
    return Guess(mid, down, up, level.own, days, there)


def _curve(elders: Floats, weight: Floats) -> Floats:
    """Return the elders' weighted mean per age (n, ages), far ones drawn near."""
    known = np.isfinite(elders)
    each = np.where(known, weight[:, :, None], 0.0)
    total = np.maximum(each.sum(axis=1), 1e-12)
    filled = np.where(known, elders, 0.0)
    middle = _median(elders)
    off = np.where(known, np.abs(elders - middle[:, None, :]), np.nan)
    reach = FAR * np.maximum(1.48 * _median(off), 0.05)[:, None, :]
    near = np.where(known, middle[:, None, :] + np.clip(
        filled - middle[:, None, :], -reach, reach
    ), 0.0)  # fmt: skip
    curve: Floats = np.where(known.any(axis=1), (each * near).sum(axis=1) / total, np.nan)
    return curve


def _median(values: Floats) -> Floats:
    """Return the median over the elders (n, ages), 0 where there are none."""
    ordered = np.sort(values, axis=1)
    count = np.isfinite(values).sum(axis=1)[:, None, :]
    low = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, axis=1)
    high = np.take_along_axis(ordered, np.minimum(count // 2, values.shape[1] - 1), axis=1)
    return np.where(count > 0, (low + high) / 2.0, 0.0)[:, 0]


def _spread(rest: Floats, weight: Floats, count: Floats) -> Floats:
    """Return the variance among elders (n,), pulled towards the usual one."""
    square = np.where(np.isfinite(rest), np.square(rest), 0.0)
    var = (weight * square).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-12)
    cut = np.where(np.isfinite(rest), np.minimum(square, 16.0 * var[:, None]), 0.0)
    var = (weight * cut).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-12)
    found: Floats = (count * var + WORTH * USUAL**2) / (np.maximum(count - 1.0, 0.0) + WORTH)
    return found


def _within(rest: Floats, weight: Floats) -> Floats:
    """Return the variance of elders' days around their own level (n,)."""
    known = np.isfinite(rest)
    days = known.sum(axis=2)
    mean = np.where(known, rest, 0.0).sum(axis=2) / np.maximum(days, 1)
    square = np.where(known, np.square(rest - mean[:, :, None]), 0.0).sum(axis=2)
    free = (weight * np.maximum(days - 1, 0)).sum(axis=1)
    found: Floats = ((weight * square).sum(axis=1) + USUAL**2) / (free + 1.0)
    return found
