"""Out of band or not: few false alarms on ordinary days, real falls found, small bases silent."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.anomaly import Calendars, Special, rate_band, value_band
from diagnostics.common import others_median

FIRST = np.datetime64("2025-12-01")
WEEK = np.array([0.9, 0.92, 0.95, 1.0, 1.1, 1.25, 1.15])


def ordinary(
    units: int, days: int, noise: float = 0.1, seed: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    level = np.exp(draw.normal(6.0, 1.0, (units, 1)))
    values = level * WEEK[np.arange(days) % 7] * np.exp(draw.normal(0, noise, (units, days)))
    return values, FIRST + np.arange(days)


def test_ordinary_days_alarm_about_once_in_a_hundred() -> None:
    values, days = ordinary(3000, 91)
    band = value_band(values, days, days[-1])
    score = band.score(values[:, -1])
    assert np.mean(score >= 1) <= 0.015
    assert np.all(band.low < band.mid)
    assert np.all(band.mid < band.high)


def test_half_of_a_usual_day_is_found() -> None:
    values, days = ordinary(500, 91)
    band = value_band(values, days, days[-1])
    assert np.mean(band.score(0.5 * values[:, -1]) >= 1) > 0.95


def test_score_one_is_the_bands_edge() -> None:
    values, days = ordinary(20, 60)
    band = value_band(values, days, days[-1])
    np.testing.assert_allclose(band.score(band.low), 1.0, rtol=1e-6)
    np.testing.assert_allclose(band.score(band.high), 1.0, rtol=1e-6)


def test_only_the_past_is_read() -> None:
    values, days = ordinary(5, 60)
    other = values.copy()
    other[:, 40:] *= 9.0
    one, two = value_band(values, days, days[40]), value_band(other, days, days[40])
    np.testing.assert_array_equal(one.mid, two.mid)
    np.testing.assert_array_equal(one.score(values[:, 40]), two.score(values[:, 40]))


def test_the_weekday_is_known() -> None:
    values, days = ordinary(200, 77, noise=0.03)
    sunday = value_band(values, days, days[-1] + 7 - ((77 - 1) % 7) + 5)
    assert sunday.days.min() == 77
    for ahead in range(1, 8):
        band = value_band(values, days, days[-1] + ahead)
        expected = values[:, :70].mean(axis=1) * WEEK[(76 + ahead) % 7] / WEEK.mean()
        assert np.median(np.abs(band.mid / expected - 1)) < 0.05


def test_a_missing_history_says_nothing() -> None:
    values = np.full((2, 30), np.nan)
    values[1, -3:] = 5.0
    band = value_band(values, FIRST + np.arange(30), FIRST + 30)
    assert np.isnan(band.mid).all()
    assert np.isnan(band.score(np.array([1.0, 2.0]))).all()


def test_missing_days_are_not_zeros() -> None:
    values, days = ordinary(50, 60, noise=0.05)
    holes = values.copy()
    holes[:, 20:30] = np.nan
    np.testing.assert_allclose(
        value_band(holes, days, days[-1]).mid, value_band(values, days, days[-1]).mid, rtol=0.15
    )


def test_a_spike_does_not_poison_the_next_day() -> None:
    values, days = ordinary(100, 60, noise=0.05)
    spiked = values.copy()
    spiked[:, -2] *= 20.0
    np.testing.assert_array_less(value_band(spiked, days, days[-1]).score(values[:, -1]), 1.0)


def test_a_lasting_shift_is_accepted_within_a_week() -> None:
    values, days = ordinary(100, 80, noise=0.05)
    values[:, 60:] *= 0.5
    scores = [
        np.mean(value_band(values, days, days[at]).score(values[:, at]) >= 1)
        for at in range(60, 70)
    ]
    assert scores[0] > 0.95
    assert max(scores[6:]) < 0.2


def test_values_below_zero_have_a_linear_band() -> None:
    draw = np.random.default_rng(3)
    values = draw.normal(0.0, 100.0, (50, 90))
    days = FIRST + np.arange(90)
    band = value_band(values, days, days[-1])
    assert np.all(band.low < 0)
    assert np.all(band.high > 0)
    assert np.mean(band.score(np.full(50, -900.0)) >= 1) == 1.0


def test_what_everybody_does_is_no_finding_of_one() -> None:
    values, days = ordinary(40, 91, noise=0.04)
    draw = np.random.default_rng(8)
    values *= np.exp(draw.normal(0, 0.15, 91))[None, :]
    today = 0.6 * values[:, -1]
    today[0] *= 0.5
    groups = np.zeros(40, dtype=np.int64)
    alone = value_band(values, days, days[-1]).score(today)
    together = value_band(values, days, days[-1], groups=groups).score(today)
    assert np.mean(together[1:] >= 1) < 0.1 < np.mean(alone[1:] >= 0.7)
    assert together[0] > 1.5


def test_the_others_median_leaves_oneself_out() -> None:
    values = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, np.nan, 99.0, 7.0]])
    found = others_median(values, np.zeros(8, dtype=np.int64))[0]
    for column in range(8):
        rest = np.delete(values[0], column)
        assert found[column] == pytest.approx(np.nanmedian(rest))


@pytest.mark.parametrize("careful", [False, True])
def test_every_group_has_its_own_others(*, careful: bool) -> None:
    draw = np.random.default_rng(2)
    groups = draw.permutation(np.repeat(np.arange(12), [1, 2, 3, 3, 4, 5, 7, 8, 9, 16, 17, 40]))
    values = np.round(draw.normal(0.0, 2.0, (6, len(groups))), 1)
    values[draw.random(values.shape) < 0.3] = np.nan
    values[4] = np.nan
    found = others_median(values, groups, careful=careful)
    for day, unit in np.ndindex(values.shape):
        others = (groups == groups[unit]) & (np.arange(len(groups)) != unit)
        rest = np.sort(values[day, others & np.isfinite(values[day])])
        if len(rest) < 2:
            assert np.isnan(found[day, unit])
            continue
        two = rest[[(len(rest) - 1) // 2, len(rest) // 2]]
        near = 0.0 if two[0] * two[1] <= 0 else two[np.abs(two).argmin()]
        assert found[day, unit] == (near if careful else two.mean())


def test_calendar_days_teach_only_their_like() -> None:
    values, days = ordinary(30, 98, noise=0.03)
    special = {days[at].item(): Special("campaign", 1.5) for at in (20, 50, 80, 97)}
    values[:, [20, 50, 80, 97]] *= 3.0
    plain = value_band(values, days, days[96], calendar=special)
    assert np.all(plain.score(values[:, 96]) < 1)
    learnt = value_band(values, days, days[97], calendar=special)
    assert np.all(learnt.learnt == 3)
    assert np.median(learnt.mid / (values[:, 97] / 3.0)) == pytest.approx(2.5, abs=0.3)
    fresh = value_band(values, days, days[97], calendar={days[97].item(): Special("x", 1.5)})
    assert np.all(fresh.learnt == 0)


def test_a_bare_list_of_days_is_set_apart_too() -> None:
    values, days = ordinary(10, 60)
    bare = value_band(values, days, days[-1], calendar=[date(2026, 1, 5)])
    named = value_band(values, days, days[-1], calendar={date(2026, 1, 5): "holiday"})
    np.testing.assert_array_equal(bare.mid, named.mid)


# rates


def streams(n: int, units: int = 400, days: int = 91, rate: float = 0.05, spread: float = 0.1):  # type: ignore[no-untyped-def]  # noqa: ANN201
    draw = np.random.default_rng(n)
    over = draw.poisson(n, (units, days)).astype(float)
    true = np.minimum(rate * np.exp(draw.normal(0.0, spread, (units, days))), 1.0)
    return draw.binomial(over.astype(int), true).astype(float), over, FIRST + np.arange(days)


@pytest.mark.parametrize("n", [12, 30, 100, 300, 1000, 10_000])
def test_rates_rarely_alarm_at_any_volume(n: int) -> None:
    of, over, days = streams(n)
    band = rate_band(of, over, days, days[-1], over[:, -1])
    with np.errstate(invalid="ignore"):
        rate = of[:, -1] / over[:, -1]
    assert np.mean(np.nan_to_num(band.score(rate)) >= 1) <= 0.02


@pytest.mark.parametrize(("n", "found"), [(300, 0.2), (1000, 0.8), (10_000, 0.95)])
def test_a_halved_rate_is_found_where_the_base_allows(n: int, found: float) -> None:
    of, over, days = streams(n, rate=0.06)
    band = rate_band(of, over, days, days[-1], over[:, -1])
    assert np.mean(band.score(np.round(of[:, -1] / 2) / over[:, -1]) >= 1) >= found


def test_three_of_twelve_is_no_alarm() -> None:
    of, over = np.full((1, 60), 1.0), np.full((1, 60), 12.0)
    band = rate_band(of, over, FIRST + np.arange(60), FIRST + 60, np.array([12.0]))
    assert band.score(np.array([3 / 12]))[0] < 1
    assert band.score(np.array([0.0]))[0] < 1


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    hits=st.lists(st.integers(0, 5), min_size=8, max_size=30),
    base=st.integers(0, 5),
    seen=st.integers(0, 5),
)
def test_a_base_of_five_never_falls_too_low(hits: list[int], base: int, seen: int) -> None:
    of = np.array([hits], dtype=float)
    over = np.full(of.shape, 5.0)
    days = FIRST + np.arange(of.shape[1])
    band = rate_band(of, over, days, days[-1] + 1, np.array([float(base)]))
    if base:
        score = band.score(np.array([min(seen, base) / base]))[0]
        assert not score >= 1 or min(seen, base) / base > band.mid[0] or base * band.mid[0] > 4


def test_the_middle_is_a_ratio_of_sums() -> None:
    of = np.array([[1.0, 90.0] * 20])
    over = np.array([[2.0, 1000.0] * 20])
    band = rate_band(of, over, FIRST + np.arange(40), FIRST + 40, np.array([500.0]))
    assert band.mid[0] == pytest.approx(91 / 1002, rel=0.05)


def test_a_base_of_nothing_says_nothing() -> None:
    of, over, days = streams(100, units=3)
    band = rate_band(of, over, days, days[-1], np.zeros(3))
    assert np.isnan(band.low).all()
    empty = rate_band(of * 0, over * 0, days, days[-1], np.ones(3))
    assert np.isnan(empty.mid).all()


def test_a_day_beyond_the_panel_is_judged_from_its_end() -> None:
    values, days = ordinary(3, 40)
    band = value_band(values, days, days[-1].item() + timedelta(1))
    assert band.days.tolist() == [40, 40, 40]


@pytest.mark.parametrize("alerts", [0.0, -1.0, 100.0, float("nan")])
def test_a_share_of_alarms_that_cannot_be_is_refused(alerts: float) -> None:
    days = np.arange("2026-01-01", "2026-03-01", dtype="datetime64[D]")
    counts = np.full((1, len(days)), 100.0)
    day = days[-1] + 1
    with pytest.raises(ValueError, match="alerts_per_100"):
        value_band(counts, days, day, alerts_per_100=alerts)
    with pytest.raises(ValueError, match="alerts_per_100"):
        rate_band(counts / 2.0, counts, days, day, counts[:, -1], alerts_per_100=alerts)


@pytest.mark.parametrize("alerts", [20.0, 50.0, 99.0])
def test_even_many_alarms_have_edges(alerts: float) -> None:
    days = np.arange("2026-01-01", "2026-03-01", dtype="datetime64[D]")
    noisy = np.exp(np.random.default_rng(1).normal(5.0, 1.5, (20, len(days))))
    wide, narrow = (
        value_band(noisy, days, days[-1] + 1, alerts_per_100=one) for one in (1.0, alerts)
    )
    assert np.isfinite(narrow.score(noisy[:, -1])).all()
    assert (narrow.high < wide.high).all()
    assert (narrow.high > narrow.mid).all()


def test_calendars_of_several_sets_are_one() -> None:
    first, second = np.datetime64("2026-01-05"), np.datetime64("2026-01-06")
    plain = Calendars.of({first: Special("a", 2.0)}, 2)
    lifted = Calendars(np.array([0]), ({second: Special("b")},), ({first: 3.0},))
    whole = Calendars.joined([plain, lifted, plain])
    days = np.array([first, second])
    assert (
        whole.special(days).tolist() == [[True, False]] * 2 + [[False, True]] + [[True, False]] * 2
    )
    assert np.exp(whole.lift(days)).round(9).tolist() == [[1, 1]] * 2 + [[3, 1]] + [[1, 1]] * 2
