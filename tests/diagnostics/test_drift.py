"""A slow slide is told once; noise, a spike, a common move and a gap are none."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.band import Special
from diagnostics.drift import Drift, drift
from tests.diagnostics.test_anomaly import FIRST, ordinary

RAMP = 1.0 - 0.4 * np.minimum(np.arange(1, 22) / 10.0, 1.0)


def evenings(
    values: np.ndarray, days: np.ndarray, first: int, groups: list[int] | None = None
) -> list[Drift]:
    return [
        drift(values[:, : day + 1], days[: day + 1], days[day], groups=groups)
        for day in range(first, values.shape[1])
    ]


def test_a_ramp_is_told_once_by_day_fourteen() -> None:
    values, days = ordinary(60, 141, noise=0.08)
    values[:, 120:] *= RAMP
    told = np.array(
        [one.since == days[day] for day, one in enumerate(evenings(values, days, 100), start=100)]
    )
    assert told[:20].mean() <= 0.01
    assert told[:34].any(axis=0).mean() >= 0.9
    assert told.sum(axis=0).max() <= 1


def test_the_change_is_that_of_the_last_week_against_the_month() -> None:
    values, days = ordinary(40, 120, noise=0.02)
    values[:, -7:] *= 0.7
    found = drift(values, days, days[-1])
    assert np.median(found.change) == pytest.approx(-0.3, abs=0.05)
    assert np.all(found.score >= 1.0)


def test_ordinary_weeks_stay_silent() -> None:
    values, days = ordinary(400, 160, noise=0.12)
    messages = sum(
        int(np.sum(one.since == days[day]))
        for day, one in enumerate(evenings(values, days, 118), start=118)
    )
    assert 700.0 * messages / (400 * 42) <= 0.5


def test_one_spike_is_no_drift() -> None:
    values, days = ordinary(50, 120, noise=0.08)
    values[:, -3] *= 8.0
    assert np.mean(drift(values, days, days[-1]).score >= 1) == 0.0


def test_what_all_do_is_nobodys_drift() -> None:
    values, days = ordinary(20, 140, noise=0.05)
    wave = np.exp(0.25 * np.sin(np.arange(140) / 9.0))
    values *= wave[None, :]
    values[0, -14:] *= 0.6
    together = drift(values, days, days[-1], groups=["a"] * 20)
    assert together.score[0] >= 1.0
    assert np.all(together.score[1:] < 1.0)


def test_only_the_past_and_the_day_are_read() -> None:
    values, days = ordinary(6, 120)
    other = values.copy()
    other[:, 101:] = 0.0
    one, two = drift(values, days, days[100]), drift(other, days, days[100])
    np.testing.assert_array_equal(one.score, two.score)
    np.testing.assert_array_equal(one.change, two.change)


def test_holidays_are_no_drift() -> None:
    values, days = ordinary(30, 120, noise=0.05)
    values[:, -4:] *= 0.1
    quiet = drift(values, days, days[-1], calendar=[day.item() for day in days[-4:]])
    assert not np.any(quiet.score >= 1.0)


def test_paydays_that_come_each_month_do_not_blind_it() -> None:
    values, days = ordinary(30, 160, noise=0.06)
    paydays = {day.item(): Special("payday", 1.2) for day in days if 25 <= day.item().day <= 28}
    mine = np.array([day.item() in paydays for day in days])
    values[:, mine] *= 1.5
    last = max(at for at in np.flatnonzero(mine) if at < 156)
    quiet = drift(values[:, : last + 1], days[: last + 1], days[last], calendar=paydays)
    assert np.isfinite(quiet.score).all()
    assert np.mean(quiet.score >= 1.0) <= 0.05
    ramp = values.copy()
    ramp[:, last - 13 : last + 1] *= RAMP[:14]
    found = drift(ramp[:, : last + 1], days[: last + 1], days[last], calendar=paydays)
    assert np.mean(found.score >= 1.0) >= 0.9


def test_a_budget_may_be_each_unit_s_own() -> None:
    values, days = ordinary(2, 120, noise=0.05)
    values[1] = values[0]
    values[:, -10:] *= 0.8
    found = drift(values, days, days[-1], per_100_weeks=np.array([0.5, 0.01]))
    assert found.score[0] > found.score[1]
    assert found.change[0] == pytest.approx(found.change[1])


@pytest.mark.parametrize("shape", [(0, 0), (2, 0), (1, 1), (3, 41), (0, 60)])
def test_little_or_nothing_says_nothing(shape: tuple[int, int]) -> None:
    values, days = np.full(shape, 3.0), FIRST + np.arange(shape[1])
    found = drift(values, days, FIRST + max(shape[1] - 1, 0), groups=[0] * shape[0])
    assert np.isnan(found.score).all()
    assert np.isnat(found.since).all()


def test_a_gap_of_weeks_says_nothing() -> None:
    values, days = ordinary(5, 120)
    values[:, -5:] = np.nan
    assert not np.any(drift(values, days, days[-1]).score >= 1.0)


def test_constant_and_negative_series_are_borne() -> None:
    days = FIRST + np.arange(120)
    draw = np.random.default_rng(6)
    values = np.stack([np.full(120, 4.0), np.zeros(120), draw.normal(0.0, 50.0, 120)])
    assert not np.any(drift(values, days, days[-1]).score >= 1.0)
