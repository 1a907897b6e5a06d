"""The compiled road says what the plain one says, whatever the series look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from diagnostics import fast, smooth
from diagnostics.anomaly import value_band
from diagnostics.band import weekdays
from diagnostics.scale import Scale

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from diagnostics.band import Band

    Floats = NDArray[np.float64]

DAYS = 95
FIRST = np.datetime64("2026-01-01")
needs_numba = pytest.mark.skipif(fast.kernels() is None, reason="numba is an extra")


def panel(units: int, days: int = DAYS, seed: int = 3) -> Floats:
    """Return sales of all sorts: restless, quiet, shifted, counted, negative, rare, missing."""
    draw = np.random.default_rng(seed)
    level = draw.normal(2.0, 2.0, (units, 1))
    weekly = draw.normal(0.0, 0.3, (units, 7))[:, np.arange(days) % 7]
    noise = draw.standard_t(5, (units, days)) * draw.uniform(0.02, 0.4, (units, 1))
    points = level + weekly + noise
    points[::5, 40:] -= 1.0
    values = np.exp(points)
    values[::3] = np.round(values[::3])
    values[1::17] -= np.exp(2.0)
    values[draw.random((units, days)) < 0.05] = np.nan
    values[2] = np.nan
    values[3, : days - 3] = np.nan
    values[4] = 3.0
    values[5, :60] = np.nan
    values[6] = 0.0
    values[7, ::2] = 0.0
    values[8, ::4] = 0.0
    values[9] = np.where(draw.random(days) < 0.7, 0.0, values[9])
    # Both roads shall read the same numbers.
    return values.astype(np.float32).astype(float)


def crooked(units: int, days: int = DAYS, seed: int = 3) -> Floats:
    """Return money and counts of either sign, far from zero and near, rare, short and with gaps."""
    draw = np.random.default_rng(seed)
    base = draw.choice([0.0, 0.0, 0.0, 1.0, 10.0, 1e3, 1e6], (units, 1))
    size = np.exp(draw.normal(1.0, 2.0, (units, 1)))
    weekly = draw.normal(0.0, 0.5, (units, 7))[:, np.arange(days) % 7]
    values = base * draw.choice([-1.0, 1.0], (units, 1))
    values = values + size * (draw.standard_t(3.0, (units, days)) + weekly)
    values[::2] = np.round(values[::2])
    values[::3] = np.where(draw.random((len(values[::3]), days)) < 0.6, 0.0, values[::3])
    values[::5, 50:] += 5.0 * size[::5]
    values[1::4] = np.abs(values[1::4])
    values[draw.random((units, days)) < 0.05] = np.nan
    values[draw.random(units) < 0.1, : days - 35] = np.nan
    values[draw.random(units) < 0.1, : days - 8] = np.nan
    # Both roads shall read the same numbers.
    return np.asarray(values.astype(np.float32), dtype=float)


def resolved(values: Floats, narrow: Floats) -> NDArray[np.bool_]:
    """Say where single precision tells a unit's jumps apart a thousand times finer than is judged.

    `values` (units, days); `narrow` (units,) is the finest that is to be told.
    """
    high, low = np.fmax.reduce(values, axis=1), np.fmin.reduce(values, axis=1)
    jump = np.nan_to_num(high - low)
    return np.asarray(1e3 * np.spacing(jump.astype(np.float32)) < narrow, dtype=bool)


def apart(one: Band, other: Band) -> Floats:
    """Return how far low, mid and high (3, units) lie apart, in distances of the other's edges.

    What lies beyond 1e30 is only known to lie there.
    """
    (low, mid, high), (low_, mid_, high_) = (
        np.minimum((band.low, band.mid, band.high), 1e30) for band in (one, other)
    )
    nothing = np.isnan(mid) & np.isnan(mid_)
    down, up = mid_ - low_, high_ - mid_
    near = np.where(down > 0, np.minimum(down, up), up)
    gaps = (low - low_) / np.where(down > 0, down, near), (mid - mid_) / near, (high - high_) / up
    return np.asarray(np.where(nothing, 0.0, np.abs(gaps)), dtype=float)


def same(one: Floats, other: Floats, near: float) -> None:
    np.testing.assert_allclose(one, other, rtol=1e-4, atol=near)


@needs_numba
@pytest.mark.parametrize("days", [1, 20, DAYS])
def test_the_walk_is_the_same(days: int) -> None:
    points = np.log1p(np.maximum(panel(300, days), 0.0))
    week = (np.arange(days + 1) + 2) % 7
    plain, quick = smooth.walk(points, week), fast.walk(points, week, compiled=True)
    same(quick.mid, plain.mid, 1e-4)
    same(quick.spread, plain.spread, 0.0)
    same(quick.error, plain.error, 1e-4)
    assert (quick.seen == plain.seen).all()
    assert (quick.same == plain.same).all()


@needs_numba
def test_days_without_a_week_are_the_same() -> None:
    points = np.log1p(np.maximum(panel(300), 0.0))
    week = np.zeros(DAYS + 1, dtype=np.int64)
    same(fast.walk(points, week, compiled=True).mid, smooth.walk(points, week).mid, 1e-4)


def test_without_days_nothing_is_expected() -> None:
    told = fast.walk(np.zeros((3, 0)), np.array([2]), compiled=True)
    assert np.isnan(told.mid).all()
    assert told.mid.shape == (1, 3)


def test_few_cells_start_nothing() -> None:
    assert not fast.worthwhile(fast.LEAST_CELLS - 1)
    points, week = np.log1p(np.maximum(panel(30), 0.0)), np.zeros(DAYS + 1, dtype=np.int64)
    assert (fast.walk(points, week).spread == smooth.walk(points, week).spread).all()


@pytest.mark.parametrize("empty", [[0], [3, 7, 8], list(range(30))])
def test_units_without_a_value_change_nothing(empty: list[int]) -> None:
    points, week = np.log1p(np.maximum(panel(30), 0.0)), (np.arange(DAYS + 1) + 2) % 7
    points[empty] = np.nan
    quick, plain = fast.walk(points, week), smooth.walk(points, week)
    for key, values in vars(plain).items():
        np.testing.assert_array_equal(getattr(quick, key), values)


def test_other_constants_are_other_rules() -> None:
    assert len(fast.rules()) == 12
    assert set(fast.FIELDS) > set(fast.WALK)
    assert all(hasattr(smooth.State(1, 7), key) for key in fast.WALK)


@needs_numba
def test_a_large_panel_is_judged_on_the_compiled_road() -> None:
    few = panel(100)
    many = np.tile(few, (-(-fast.LEAST_CELLS // few.size), 1))
    days, size = FIRST + np.arange(DAYS), np.nanmax(np.abs(few), axis=1, initial=1.0)
    plain, quick = (value_band(values, days, FIRST + DAYS) for values in (few, many))
    for one, other in ((quick.low, plain.low), (quick.mid, plain.mid), (quick.high, plain.high)):
        same(one[-100:] / size, other / size, 1e-4)
    assert (quick.past_score.shape, quick.days[-1]) == ((len(many), 28), plain.days[-1])


@needs_numba
@pytest.mark.parametrize("make", [panel, crooked])
def test_a_walk_through_all_sorts_is_the_same(make: Callable[[int], Floats]) -> None:
    values, week = make(3000), weekdays(FIRST + np.arange(DAYS), FIRST + DAYS)
    points = Scale.of(values).forth(values)
    plain, quick = (fast.walk(points, week, compiled=road) for road in (False, True))
    assert (quick.mid != plain.mid).any()
    fine = resolved(points, plain.spread.min(axis=0))
    assert fine.mean() > 0.99
    gap = np.abs(quick.mid - plain.mid) / plain.spread
    assert not (np.nan_to_num(gap[:, fine]) > 1e-3).any()
    np.testing.assert_allclose(quick.spread[:, fine], plain.spread[:, fine], rtol=1e-3)
    assert (np.isnan(quick.mid) == np.isnan(plain.mid)).all()
