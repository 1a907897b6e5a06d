"""A rate is judged by its counts: three of twelve is nothing, three hundred of 1,200 is."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics import odds, rates
from diagnostics.anomaly import rate_band
from diagnostics.rates import crowd, edges, walk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diagnostics.band import Band

    Floats = NDArray[np.float64]

FIRST = np.datetime64("2025-12-01")
DAYS = FIRST + np.arange(61)


def stream(
    n: int, units: int = 200, rate: float = 0.1, loose: float = 0.1, seed: int = 3
) -> tuple[Floats, Floats]:
    """Return of and over (units, 61), the last day is the one to judge."""
    draw = np.random.default_rng(seed)
    odds_of_day = rate / (1 - rate) * np.exp(draw.normal(0.0, loose, (units, 61)))
    over = np.full((units, 61), float(n))
    return draw.binomial(n, odds_of_day / (1 + odds_of_day)).astype(float), over


@pytest.mark.parametrize(
    ("of", "over", "alarm"), [(3, 12, False), (300, 1200, True), (1, 12, False), (20, 1200, True)]
)
def test_three_of_twelve_is_nothing_three_hundred_of_1200_is(
    of: float, over: float, *, alarm: bool
) -> None:
    hits, base = stream(int(over), units=30)
    band = rate_band(hits[:, :-1], base[:, :-1], DAYS[:-1], DAYS[-1], base[:, -1])
    assert np.all((band.score(np.full(30, of / over)) >= 1) == alarm)


@pytest.mark.parametrize("n", [12, 30, 100, 300, 1000, 3000, 10_000])
@pytest.mark.parametrize("rate", [0.003, 0.1, 0.8])
def test_ordinary_days_alarm_about_once_in_a_hundred(n: int, rate: float) -> None:
    of, over = stream(n, units=1000, rate=rate)
    band = rate_band(of, over, DAYS, DAYS[-1], over[:, -1])
    assert np.mean(band.score(of[:, -1] / over[:, -1]) >= 1) <= 0.02


@pytest.mark.parametrize(("n", "found"), [(100, 0.3), (300, 0.75), (1000, 0.97), (10_000, 0.99)])
def test_a_halved_rate_is_found_where_the_base_allows(n: int, found: float) -> None:
    of, over = stream(n, rate=0.2)
    band = rate_band(of, over, DAYS, DAYS[-1], over[:, -1])
    assert np.mean(band.score(0.5 * of[:, -1] / over[:, -1]) >= 1) >= found


def test_a_drifting_rate_of_a_large_base_is_followed() -> None:
    draw = np.random.default_rng(5)
    path = -4.0 + np.cumsum(draw.normal(0.0, 0.1, (300, 61)), axis=1)
    over = np.full((300, 61), 30_000.0)
    of = draw.binomial(30_000, 1 / (1 + np.exp(-path))).astype(float)
    band = rate_band(of, over, DAYS, DAYS[-1], over[:, -1])
    today = of[:, -1] / over[:, -1]
    assert np.mean(band.score(today) >= 1) <= 0.02
    assert np.mean(band.score(0.5 * today) >= 1) >= 0.95
    assert np.median(np.abs(np.log(today / band.mid))) < 0.12


def test_a_single_event_is_no_news() -> None:
    over = np.full((1, 60), 400.0)
    band = rate_band(np.zeros((1, 60)), over, DAYS[:60], DAYS[60], np.array([400.0]))
    assert band.low[0] == band.mid[0] == 0.0
    assert band.score(np.array([1 / 400]))[0] < 1 <= band.score(np.array([6 / 400]))[0]
    all_hit = rate_band(over, over, DAYS[:60], DAYS[60], np.array([400.0]))
    assert all_hit.score(np.array([399 / 400]))[0] < 1 <= all_hit.score(np.array([394 / 400]))[0]


def test_more_hits_than_base_are_taken_as_all() -> None:
    of, over = np.full((2, 60), 12.0), np.full((2, 60), 10.0)
    band = rate_band(of, over, DAYS[:60], DAYS[60], np.array([10.0, 10.0]))
    np.testing.assert_allclose(band.mid, 1.0, atol=1e-6)
    assert np.all(band.score(np.array([1.3, 1.0])) < 1)


def test_a_day_after_an_outlier_is_judged_as_before() -> None:
    of, over = stream(3000, rate=0.1)
    spiked = of.copy()
    spiked[:, -2] = 0.6 * over[:, -2]
    plain = rate_band(of, over, DAYS, DAYS[-1], over[:, -1])
    after = rate_band(spiked, over, DAYS, DAYS[-1], over[:, -1])
    np.testing.assert_allclose(after.mid, plain.mid, rtol=0.2)
    today = of[:, -1] / over[:, -1]
    assert np.mean(after.score(today) >= 1) <= 0.02
    assert np.mean(after.score(0.4 * today) >= 1) >= 0.95


def test_a_lasting_shift_is_the_new_level_within_a_week() -> None:
    of, over = stream(3000, rate=0.2)
    of[:, 45:] = np.round(0.5 * of[:, 45:])
    alarms = [
        np.mean(rate_band(of, over, DAYS, DAYS[at], over[:, at]).score(of[:, at] / 3000) >= 1)
        for at in (45, 52, 55)
    ]
    assert alarms[0] > 0.97
    assert max(alarms[1:]) < 0.1


def test_weekdays_are_known_and_can_be_left_out() -> None:
    of, over = stream(5000, rate=0.1, loose=0.02)
    of[:, 5::7] = np.round(1.5 * of[:, 5::7])
    saturday = np.datetime64("2026-01-31")
    known = rate_band(of, over, DAYS, saturday, over[:, -1])
    assert np.median(known.mid) == pytest.approx(0.15, rel=0.08)
    assert known.same.tolist() == [8] * 200
    blind = rate_band(of, over, DAYS, saturday, over[:, -1], weekly=False)
    assert np.median(blind.mid) < 0.125
    assert np.all(blind.high - blind.low > known.high - known.low)


def test_special_days_widen_and_teach_nothing() -> None:
    of, over = stream(1000)
    special = {date(2026, 1, 5): "holiday", DAYS[-1].item(): "holiday"}
    at = int((np.datetime64("2026-01-05") - FIRST).astype(int))
    odd = of.copy()
    odd[:, at] = 900.0
    one = rate_band(odd, over, DAYS, DAYS[-1], over[:, -1], calendar=special)
    two = rate_band(of, over, DAYS, DAYS[-1], over[:, -1], calendar=special)
    np.testing.assert_array_equal(one.mid, two.mid)
    plain = rate_band(of, over, DAYS, DAYS[-1], over[:, -1], calendar=[date(2026, 1, 5)])
    assert np.all(two.high - two.low > 1.3 * (plain.high - plain.low))


def test_what_is_no_share_has_the_noise_of_a_free_count() -> None:
    draw = np.random.default_rng(9)
    over = np.full((400, 61), 200.0)
    money = draw.poisson(200.0 * 1.3, (400, 61)).astype(float)
    band = rate_band(money, over, DAYS, DAYS[-1], over[:, -1], share=False)
    today = money[:, -1] / over[:, -1]
    np.testing.assert_allclose(band.mid, 1.3, rtol=0.08)
    assert np.mean(band.score(today) >= 1) <= 0.02
    assert np.mean(band.score(0.7 * today) >= 1) >= 0.9


def test_too_little_is_said_to_be_too_little() -> None:
    of, over = stream(100, units=3)
    over[1, 4:] = np.nan
    band = rate_band(of, over, DAYS, DAYS[-1], np.array([100.0, 100.0, 0.0]))
    assert np.isfinite(band.mid).tolist() == [True, False, True]
    assert np.isfinite(band.low).tolist() == [True, False, False]
    assert np.isfinite(band.score(np.array([0.1, 0.1, 0.1]))).tolist() == [True, False, False]
    assert band.days.tolist() == [60, 4, 60]


def test_the_shown_past_scores_as_it_was_judged() -> None:
    of, over = stream(300, units=5)
    band = rate_band(of, over, DAYS, DAYS[-1], over[:, -1])
    before = rate_band(of, over, DAYS, DAYS[-2], over[:, -2])
    np.testing.assert_allclose(band.past_mid[:, -1], before.mid)
    seen = of[:, -2] / over[:, -2]
    np.testing.assert_array_equal(band.past_score[:, -1] < 0, seen < before.mid)
    assert band.past_score.shape == band.past_mid.shape == (5, 28)


def test_a_carried_state_tells_what_a_walk_tells() -> None:
    of, over = stream(300, units=7)
    week = np.arange(62, dtype=np.int64) % 7
    whole = walk(of, over, week)
    state = odds.fresh(7)
    for day in range(61):
        told = odds.predict(state, int(week[day]))
        odds.learn(state, told, of[:, day], over[:, day], int(week[day]))
    np.testing.assert_array_equal(state, whole.state)
    told = crowd(odds.predict(state, int(week[-1])), state)
    edge = edges(told, over[:, -1], 1.0, 1.0, share=True)
    band = rate_band(of, over, np.arange("2025-12-01", "2026-01-31", dtype="datetime64[D]"),
                     np.datetime64("2026-01-31"), over[:, -1])  # fmt: skip
    np.testing.assert_allclose(edge.rates(over[:, -1])[0], band.low)
    assert len(state) == odds.ROWS == 32


def test_each_crowd_is_as_if_it_were_alone() -> None:
    of, over = stream(300, units=9)
    of[3:6] *= np.where(np.arange(of.shape[1]) % 2, 0.4, 1.6)
    of[[1, 5]], over[7, :-1] = np.nan, 0.0
    days = np.datetime64("2025-12-01") + np.arange(of.shape[1] - 1)
    every = of[:, :-1], over[:, :-1], over[:, -1]

    def band(rows: slice, crowds: NDArray[np.int64] | None = None) -> Band:
        hits, base, today = (one[rows] for one in every)
        return rate_band(hits, base, days, days[-1] + 1, today, crowds=crowds)

    together = band(slice(None), np.repeat([4, 0, 2], 3))
    for first in (0, 3, 6):
        here = slice(first, first + 3)
        alone = band(here)
        for key in ("low", "mid", "high", "days", "same", "past_mid", "past_score"):
            np.testing.assert_array_equal(getattr(together, key)[here], getattr(alone, key))
    mixed = band(slice(None))
    assert (mixed.low[:3] != together.low[:3]).any()


@pytest.mark.parametrize("share", [True, False])
def test_the_compiled_walk_tells_the_same(monkeypatch: pytest.MonkeyPatch, *, share: bool) -> None:
    pytest.importorskip("numba")
    draw = np.random.default_rng(4)
    over = draw.poisson(300, (70, 61)).astype(np.float32)
    of = draw.binomial(over.astype(int), draw.uniform(0.001, 0.5, (70, 1))).astype(np.float32)
    of[40:, 50:] = np.round(0.4 * of[40:, 50:])
    of[draw.random(of.shape) < 0.05] = np.nan
    over[draw.random(of.shape) < 0.05] = 0.0
    of[3], over[4] = over[3] + 1, np.nan
    skip, week = draw.random(of.shape) < 0.03, np.arange(62, dtype=np.int64) % 7
    plain = walk(of, over, week, skip=skip, share=share)
    monkeypatch.setattr(rates, "LEAST_CELLS", 0)
    fast = walk(of, over, week, skip=skip, share=share)
    np.testing.assert_allclose(fast.state, plain.state, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(fast.past_mid, plain.past_mid, rtol=1e-6)
    np.testing.assert_allclose(fast.past_score, plain.past_score, rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(fast.days, plain.days)
    np.testing.assert_array_equal(fast.same, plain.same)


COUNTS = st.lists(
    st.one_of(
        st.just((float("nan"), 5.0)),
        st.tuples(st.integers(0, 300).map(float), st.integers(0, 200).map(float)),
    ),
    min_size=0,
    max_size=25,
)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(counts=COUNTS, base=st.integers(0, 10_000), share=st.booleans(), weekly=st.booleans())
def test_any_counts_give_an_ordered_band_and_a_monotone_score(
    counts: list[tuple[float, float]], base: int, *, share: bool, weekly: bool
) -> None:
    of = np.array([[one[0] for one in counts]], dtype=float).reshape(1, len(counts))
    over = np.array([[one[1] for one in counts]], dtype=float).reshape(1, len(counts))
    day = FIRST + len(counts)
    today = np.array([float(base)])
    band = rate_band(of, over, DAYS[: len(counts)], day, today, share=share, weekly=weekly)
    if not np.isfinite(band.low[0]):
        assert base == 0 or band.days[0] < 5
        return
    assert 0 <= band.low[0] <= band.mid[0] <= band.high[0]
    mid = band.mid[0]
    up = [band.score(np.array([mid + step * (0.01 + mid)]))[0] for step in (0, 0.2, 0.5, 1, 3, 9)]
    down = [band.score(np.array([mid * part]))[0] for part in (1, 0.9, 0.6, 0.3, 0.0)]
    assert np.all(np.diff(up) >= -1e-9)
    assert np.all(np.diff(down) >= -1e-9)
    assert band.score(band.high)[0] <= 1 + 1e-6
    assert band.score(band.low)[0] <= 1 + 1e-6


@settings(derandomize=True, deadline=None, max_examples=8)
@given(seed=st.integers(0, 10_000), n=st.sampled_from([20, 200, 5000]))
def test_units_do_not_depend_on_their_place_and_the_future_is_not_read(seed: int, n: int) -> None:
    of, over = stream(n, units=4, seed=seed)
    pair = rate_band(
        np.vstack([of, of]), np.vstack([over, over]), DAYS, DAYS[40], np.tile(over[:, 40], 2)
    )
    np.testing.assert_array_equal(pair.mid[:4], pair.mid[4:])
    np.testing.assert_array_equal(pair.low[:4], pair.low[4:])
    later = of.copy()
    later[:, 40:] = over[:, 40:]
    one = rate_band(of, over, DAYS, DAYS[40], over[:, 40])
    two = rate_band(later, over, DAYS, DAYS[40], over[:, 40])
    np.testing.assert_array_equal(one.high, two.high)
    np.testing.assert_array_equal(one.past_score, two.past_score)


@pytest.mark.parametrize("n", [20, 200, 2000])
def test_doubling_the_counts_narrows(n: int) -> None:
    of, over = stream(n, units=50, rate=0.2, loose=0.0)
    more, twice = stream(2 * n, units=50, rate=0.2, loose=0.0)
    one = rate_band(of, over, DAYS, DAYS[-1], over[:, -1])
    two = rate_band(more, twice, DAYS, DAYS[-1], twice[:, -1])
    assert np.median(two.high - two.low) < 0.85 * np.median(one.high - one.low)
    busy = rate_band(of, over, DAYS, DAYS[-1], 2 * over[:, -1])
    np.testing.assert_array_equal(busy.mid, one.mid)
    assert np.all(busy.high - busy.low < one.high - one.low)
