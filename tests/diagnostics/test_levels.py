"""The band of counts and money: liberal in what it takes, silent about what cannot be seen."""

from __future__ import annotations

from datetime import date, timedelta
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from diagnostics.anomaly import Calendars, Special, value_band
from tests.diagnostics.test_anomaly import FIRST, ordinary

if TYPE_CHECKING:
    from collections.abc import Hashable


def test_nothing_of_the_day_or_later_is_read() -> None:
    values, days = ordinary(12, 90)
    other = values.copy()
    other[:, 60:] = 7.0
    groups = ["a"] * 12
    flags = np.zeros((12, 90), dtype=bool)
    flags[:, 30] = True
    one = value_band(values, days, days[60], groups=groups, calendar=flags)
    two = value_band(other, days, days[60], groups=groups, calendar=flags)
    cut = value_band(values[:, :60], days[:60], days[60], groups=groups, calendar=flags[:, :61])
    for band in (two, cut):
        np.testing.assert_array_equal(one.low, band.low)
        np.testing.assert_array_equal(one.mid, band.mid)
        np.testing.assert_array_equal(one.high, band.high)
        np.testing.assert_array_equal(one.score(values[:, 60]), band.score(values[:, 60]))


@pytest.mark.parametrize("groups", [[1] * 8, ["x"] * 8, [("f", "gmv")] * 8, [["f", 1]] * 8])
def test_groups_may_be_labels_of_any_kind(groups: list[Hashable]) -> None:
    values, days = ordinary(8, 70)
    plain = value_band(values, days, days[-1], groups=np.zeros(8, dtype=np.int64))
    named = value_band(values, days, days[-1], groups=groups)
    np.testing.assert_array_equal(plain.score(values[:, -1]), named.score(values[:, -1]))
    np.testing.assert_array_equal(plain.low, named.low)


def test_one_calendar_may_come_in_many_forms() -> None:
    values, days = ordinary(4, 70)
    at = [20, 50, 69]
    flags = np.zeros(70, dtype=bool)
    flags[at] = True
    forms = [
        [days[one] for one in at],
        [pd.Timestamp(days[one]).date() for one in at],
        [pd.Timestamp(days[one]) for one in at],
        {pd.Timestamp(days[one]).date(): "special" for one in at},
        {days[one]: "special" for one in at},
        flags,
        np.tile(flags, (4, 1)),
    ]
    bands = [value_band(values, days, days[-1], calendar=form) for form in forms]
    for band in bands[1:]:
        np.testing.assert_array_equal(bands[0].low, band.low)
        np.testing.assert_array_equal(bands[0].high, band.high)
    assert np.all(bands[0].low < value_band(values, days, days[-1]).low)


def test_a_bare_holiday_touches_the_days_beside_it_and_a_told_one_does_not() -> None:
    day = np.datetime64("2026-01-05")
    beside = np.array([day - 1, day, day + 1])
    bare = Calendars.of([day], 1).special(beside)
    told = Calendars.of({date(2026, 1, 5): Special("campaign", 1.5)}, 1).special(beside)
    assert bare.tolist() == [[True, True, True]]
    assert told.tolist() == [[False, True, False]]


def test_a_holiday_ahead_touches_its_eve_in_whatever_form_it_is_told() -> None:
    values, days = ordinary(4, 70)
    flags = np.zeros(70, dtype=bool)
    flags[61] = True
    for eve, wider in ((days[59], False), (days[60], True), (days[62], True), (days[63], False)):
        plain = value_band(values, days, eve)
        dated = value_band(values, days, eve, calendar=[days[61]])
        flagged = value_band(values, days, eve, calendar=flags)
        np.testing.assert_array_equal(dated.low, flagged.low)
        assert np.all(dated.low < 0.9 * plain.low) == wider


def test_flags_may_differ_by_unit() -> None:
    values, days = ordinary(2, 70, noise=0.05)
    values[1] = values[0]
    flags = np.zeros((2, 71), dtype=bool)
    flags[1, 70] = True
    band = value_band(values, days, days[-1].item() + timedelta(1), calendar=flags)
    assert band.low[1] < band.low[0]


def test_the_smallest_visible_fall_is_told() -> None:
    quiet, days = ordinary(30, 120, noise=0.05)
    loud, _ = ordinary(30, 120, noise=0.8, seed=2)
    seen = value_band(quiet, days, days[-1]).visible
    hidden = value_band(loud, days, days[-1]).visible
    assert 0.1 < np.median(seen) < 0.3
    assert np.median(hidden) > 0.7
    assert np.all(hidden <= 1.0)


def test_what_cannot_be_seen_does_not_alarm() -> None:
    draw = np.random.default_rng(5)
    values = draw.poisson(0.7, (200, 120)).astype(float)
    days = FIRST + np.arange(120)
    band = value_band(values[:, :-1], days[:-1], days[-1])
    assert np.mean(band.score(values[:, -1]) >= 1) <= 0.01
    assert np.all(band.score(np.zeros(200)) < 1)


def test_a_closed_weekday_is_no_alarm_and_an_open_one_closed_is() -> None:
    values, days = ordinary(40, 119, noise=0.08)
    values[:, 5::7] = 0.0
    shut = value_band(values, days, days[117])
    assert np.all(shut.score(np.zeros(40)) < 1)
    opened = value_band(values, days, days[116])
    assert np.mean(opened.score(np.zeros(40)) >= 1) == 1.0


@pytest.mark.parametrize("value", [0.0, 1.0, 3.0, 250.0])
def test_a_constant_series_is_sane(value: float) -> None:
    values, days = np.full((2, 60), value), FIRST + np.arange(60)
    band = value_band(values, days, FIRST + 60)
    assert np.all(np.nan_to_num(band.score(np.full(2, value))) < 1)
    assert np.all(np.nan_to_num(band.score(np.full(2, value * 1.02))) < 1)
    assert np.all(band.low <= band.mid)
    assert np.all(band.mid <= band.high)


def test_one_order_a_day_may_be_two() -> None:
    band = value_band(np.ones((1, 60)), FIRST + np.arange(60), FIRST + 60)
    assert band.score(np.array([2.0]))[0] < 1
    assert band.high[0] > 2.0


@pytest.mark.parametrize("shape", [(0, 0), (0, 30), (3, 0), (1, 1), (1, 4), (2, 8)])
def test_little_or_nothing_is_no_error(shape: tuple[int, int]) -> None:
    values, days = np.full(shape, 5.0), FIRST + np.arange(shape[1])
    band = value_band(values, days, FIRST + shape[1], groups=["a"] * shape[0], calendar=[FIRST])
    score = band.score(np.full(shape[0], 5.0))
    assert score.shape == (shape[0],)
    assert not np.any(score >= 1)
    assert np.isnan(band.mid).tolist() == [shape[1] < 5] * shape[0]
    assert band.visible.shape == (shape[0],)


def test_holes_everywhere_are_borne() -> None:
    values, days = ordinary(60, 90)
    draw = np.random.default_rng(9)
    values[draw.random(values.shape) < 0.5] = np.nan
    values[0] = np.nan
    band = value_band(values, days, FIRST + 90, groups=[at % 3 for at in range(60)])
    observed = np.nanmedian(values[1:], axis=1)
    score = band.score(np.append(np.nan, observed))
    assert np.isnan(score[0])
    assert np.mean(score[1:] >= 1) <= 0.05


def test_two_peers_already_take_out_what_they_share() -> None:
    values, days = ordinary(3, 150, noise=0.03)
    common = np.exp(np.random.default_rng(4).normal(0.0, 0.12, 150))
    values *= common[None, :]
    together = value_band(values, days, days[-1], groups=[0, 0, 0])
    alone = value_band(values, days, days[-1])
    today = np.exp(0.25) * values[:, -1] / common[-1]
    assert np.all(together.score(today) < alone.score(today))
    np.testing.assert_array_equal(together.low, alone.low)


def test_an_odd_unit_does_not_make_its_peers_alarm() -> None:
    values, days = ordinary(9, 120, noise=0.06)
    band = value_band(values, days, days[-1], groups=["a"] * 9)
    plain = band.score(values[:, -1])
    today = values[:, -1].copy()
    today[4] *= 0.3
    score = band.score(today)
    assert score[4] >= 1 > plain[4]
    assert np.all(np.delete(score, 4) < 1)


@pytest.mark.parametrize("units", [3, 4, 8, 30])
def test_a_swing_of_all_is_no_alarm_of_each_though_they_never_went_together(units: int) -> None:
    values, days = ordinary(units, 120, noise=0.05)
    draw = np.random.default_rng(6)
    today = values[:, -1] * 0.35 * np.exp(draw.normal(0.0, 0.15, units))
    alone = value_band(values, days, days[-1]).score(today)
    together = value_band(values, days, days[-1], groups=[0] * units).score(today)
    assert np.all(alone >= 1)
    assert np.all(together < 1)


def test_two_that_fall_leave_the_third_as_it_was_and_one_that_does_not_swing_is_seen() -> None:
    values, days = ordinary(12, 120, noise=0.05)
    band = value_band(values, days, days[-1], groups=[0] * 12)
    some = values[:, -1].copy()
    some[:2] *= 0.3
    score = band.score(some)
    assert np.all(score[:2] >= 1)
    assert np.all(score[2:] < 1)
    most = values[:, -1] * 0.35
    most[4] = values[4, -1]
    assert band.score(most)[4] >= 1


def test_what_is_unknown_of_a_day_swings_nobody() -> None:
    values, days = ordinary(6, 120, noise=0.05)
    band = value_band(values, days, days[-1], groups=[0] * 6)
    today = values[:, -1].copy()
    today[1:] = np.nan
    alone = value_band(values, days, days[-1]).score(today)
    np.testing.assert_array_equal(band.score(today), alone)


def test_a_closed_holiday_is_borne_after_holidays_on_which_little_happened() -> None:
    values, days = ordinary(30, 150, noise=0.08)
    past = [days[at] for at in (20, 60, 100, 140)]
    closed = np.zeros(30)
    told = value_band(values, days, days[-1], calendar=[*past, days[-1]])
    assert np.all(told.score(closed) < 1)
    assert np.all(value_band(values, days, days[-1], calendar=past).score(closed) >= 1)


def test_a_habit_of_outliers_widens_that_side_only() -> None:
    values, days = ordinary(50, 170, noise=0.08)
    spiky = values.copy()
    spiky[:, 10:160:14] *= 2.5
    plain, wide = (value_band(one, days, days[-1]) for one in (values, spiky))
    rise, usual = wide.high / wide.mid - 1.0, plain.high / plain.mid - 1.0
    assert np.median(rise) > 1.2 * np.median(usual)
    assert np.median(wide.visible) < 1.6 * np.median(plain.visible)


def test_fewer_alerts_are_asked_for_by_a_wider_band() -> None:
    values, days = ordinary(20, 90)
    often, seldom = (value_band(values, days, days[-1], alerts_per_100=n) for n in (5.0, 0.2))
    assert np.all(seldom.low <= often.low)
    assert np.all(seldom.high >= often.high)


def test_a_family_of_series_is_judged_in_a_moment() -> None:
    values, days = ordinary(50, 182)
    value_band(values, days, FIRST + 182)
    begin = perf_counter()
    value_band(values, days, FIRST + 182, groups=[0] * 50)
    assert perf_counter() - begin < 1.0
