"""What is kept from day to day says what the whole past says, and knows when it does not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from diagnostics import fast, memory, smooth
from diagnostics.anomaly import value_band
from diagnostics.band import weekdays
from diagnostics.memory import Memory, Stale
from diagnostics.scale import Scale
from tests.diagnostics.test_fast import DAYS, FIRST, apart, crooked, needs_numba, panel, resolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.band import Band
    from tests.diagnostics.test_fast import Floats

days = FIRST + np.arange(DAYS)
TODAY = FIRST + DAYS
both = pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=needs_numba)])


def agree(one: Band, other: Band, observed: Floats, size: Floats) -> None:
    """Compare two bands; `size` (units,) is how large the values are."""
    for mine, yours in ((one.low, other.low), (one.mid, other.mid), (one.high, other.high)):
        np.testing.assert_allclose(mine / size, yours / size, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(one.score(observed), other.score(observed), rtol=2e-4, atol=1e-4)
    assert (one.days == other.days).all()
    assert (one.same == other.same).all()


def sizes(values: Floats) -> Floats:
    return np.asarray(np.nanmax(np.abs(values), axis=1, initial=1.0), dtype=float)


@both
@pytest.mark.parametrize("alerts", [1.0, 5.0])
def test_it_says_what_the_past_says(compiled: bool, alerts: float) -> None:
    values = panel(300)
    kept = Memory.after(values, days, compiled=compiled)
    assert kept.compiled == compiled
    band = kept.band(TODAY, alerts_per_100=alerts)
    plain = value_band(values, days, TODAY, alerts_per_100=alerts)
    agree(band, plain, panel(300, seed=4)[:, -1], sizes(values))
    assert band.past_mid.shape == (300, 0)


@both
@pytest.mark.parametrize("make", [panel, crooked])
def test_of_all_sorts_it_says_the_same(compiled: bool, make: Callable[[int], Floats]) -> None:
    values = make(3000)
    band = Memory.after(values, days, compiled=compiled).band(TODAY)
    plain = value_band(values, days, TODAY)
    fine = resolved(values, np.fmin(plain.mid - plain.low, plain.high - plain.mid))
    assert fine.mean() > 0.9
    assert (apart(band, plain) > 1e-3)[:, fine].any(axis=0).sum() <= 3
    today = values[:, -3]
    one, other = band.score(today), plain.score(today)
    assert (np.abs(one - other) > 1e-3 * (1.0 + other)).sum() <= 3
    assert (np.isnan(one) == np.isnan(other)).all()


@both
def test_day_by_day_it_says_what_a_walk_through_all_says(compiled: bool) -> None:
    values = panel(300)
    kept = Memory.after(values[:, :60], days[:60], compiled=compiled)
    old = np.setdiff1d(np.arange(300), kept.young())
    assert len(old) > 250
    scale = Scale.of(values[old, :60])
    told = smooth.walk(scale.forth(values[old]), weekdays(days, TODAY))
    size = sizes(values[old])
    for at in range(60, DAYS):
        mid = kept.band(days[at]).mid[old]
        np.testing.assert_allclose(mid / size, scale.back(told.mid[at]) / size, 1e-4, 1e-4)
        kept = kept.next(days[at], values[:, at], spend=at > 60)
    assert kept.last == days[-1].item()
    assert (kept.band(TODAY).days == np.isfinite(values).sum(axis=1)).all()


@both
@pytest.mark.parametrize("alerts", [1.0, 5.0])
def test_a_day_is_judged_in_one_go(compiled: bool, alerts: float) -> None:
    values = crooked(600)
    kept = Memory.after(values, days, compiled=compiled)
    today = np.where(np.arange(600) % 3, values[:, -3], values[:, -8])
    before = kept.state.copy()
    scores, after = kept.judge(TODAY, today, alerts_per_100=alerts)
    told = kept.band(TODAY, alerts_per_100=alerts).score(today)
    np.testing.assert_allclose(scores, told, rtol=1e-5, atol=1e-6)
    assert (np.isnan(scores) == np.isnan(told)).all()
    assert (scores >= 1.0).any()
    np.testing.assert_array_equal(after.state, kept.next(TODAY, today).state)
    np.testing.assert_array_equal(kept.state, before)
    assert after.last == TODAY.item()
    assert after.compiled == compiled
    again, spent = kept.judge(TODAY, today, alerts_per_100=alerts, spend=True)
    np.testing.assert_array_equal(again, scores)
    assert spent.state is kept.state


def test_a_new_day_leaves_the_memory_as_it_was() -> None:
    kept = Memory.after(panel(20), days)
    before = kept.state.copy()
    kept.next(TODAY, np.full(20, 7.0))
    assert (kept.state == before).all()


def test_young_series_are_learnt_anew() -> None:
    values = panel(30)
    kept = Memory.after(values[:, :-1], days[:-1]).next(days[-1], values[:, -1])
    young = kept.young()
    assert {2, 3} <= set(young.tolist())
    fresh = kept.renewed(young, values[young], days)
    plain = value_band(values, days, TODAY)
    np.testing.assert_allclose(fresh.band(TODAY).mid[young], plain.mid[young], rtol=1e-4)
    gap = np.abs(fresh.band(TODAY).mid - plain.mid) / sizes(values)
    assert np.nanquantile(gap, 0.9) < 1e-3  # the scale of the others is a day older


def test_another_day_is_not_told() -> None:
    kept = Memory.after(panel(10), days)
    later = kept.last + timedelta(2)
    with pytest.raises(Stale, match=f"learnt until {kept.last}: {later} is not the day after"):
        kept.band(later)
    with pytest.raises(Stale, match="learn it anew"):
        kept.next(kept.last, np.zeros(10))
    with pytest.raises(Stale, match="is not the day after"):
        kept.judge(later, np.zeros(10))


def test_its_bytes_say_the_same() -> None:
    kept = Memory.after(panel(40), days, units=tuple(f"uk-beauty/{at}" for at in range(40)))
    again = Memory.from_bytes(kept.to_bytes())
    assert (again.state == kept.state).all()
    assert (again.first, again.last, again.units) == (kept.first, date(2026, 4, 5), kept.units)
    assert not again.compiled
    assert again.next(TODAY, np.ones(40)).last == TODAY.item()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "this is no memory"),
        (b"{}\n", "this is no memory"),
        (b"[1]\n", "this is no memory"),
        (b'{"rules": "old", "series": 1, "first": "2026-01-01", "last": "2026-01-02", "units": []}\n', "other rules"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(Stale, match=why):
        Memory.from_bytes(content)


def test_a_part_is_refused() -> None:
    content = Memory.after(panel(10), days).to_bytes()
    with pytest.raises(Stale, match="a part of the memory is missing"):
        Memory.from_bytes(content[:-8])
    with pytest.raises(Stale, match="a part of the memory is missing"):
        Memory.from_bytes(content[:-3])


def test_it_is_small() -> None:
    assert fast.ROWS * 4 * 1_200_000 < 250 * 2**20
    assert memory.LEAST_SERIES > 1000
