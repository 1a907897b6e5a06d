"""A problem that lasts stays one: written as days, judged from before it began."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from diagnostics.desk import Desk
from diagnostics.hold import HOLD_HIGH, HOLD_LOW
from diagnostics.panel import Panel, State
from tests.diagnostics.rows import LAST, metric, shipped, unit

if TYPE_CHECKING:
    from diagnostics.reading import Reading

DAYS = 120
REFUNDS = metric("refund_rate", "refund_requests", "orders", direction="down")
SALES = metric("gmv", "gmv")


def judged(refunds: dict[int, float], sales: dict[int, float]) -> Desk:
    """Return a shop's desk; figures are multiplied on days counted back from the last (0)."""
    draw = np.random.default_rng(11)
    week = 1.0 + 0.25 * np.sin(np.arange(DAYS) * 2.0 * np.pi / 7.0)
    orders = np.round(1000.0 * week * draw.normal(1.0, 0.03, DAYS))
    wave = np.array([refunds.get(DAYS - 1 - day, 1.0) for day in range(DAYS)])
    slump = np.array([sales.get(DAYS - 1 - day, 1.0) for day in range(DAYS)])
    requests = np.round(orders * 0.05 * draw.normal(1.0, 0.04, DAYS) * wave)
    gmv = orders * 20.0 * slump
    days = np.datetime64(LAST - timedelta(DAYS - 1), "D") + np.arange(DAYS)
    panel = Panel(
        units=(unit("uk-beauty"),),
        days=days,
        measures=("orders", "refund_requests", "gmv"),
        values=np.array([orders, requests, gmv])[:, None, :],
        state=np.full((1, DAYS), State.FINAL, dtype=np.int8),
    )
    return Desk.of(panel, shipped(), LAST, np.array([0]))


def expected(reading: Reading) -> float:
    assert reading.expected is not None
    return reading.expected.mid


@pytest.mark.parametrize("length", [1, 3, 5, 9, HOLD_HIGH])
def test_a_refund_wave_is_unusual_as_long_as_it_lasts(length: int) -> None:
    reading = judged(dict.fromkeys(range(length), 3.0), {}).reading(REFUNDS, 0)
    assert reading.unusual
    assert expected(reading) == pytest.approx(0.05, rel=0.15)


def test_after_two_weeks_it_is_the_new_level() -> None:
    reading = judged(dict.fromkeys(range(HOLD_HIGH + 8), 3.0), {}).reading(REFUNDS, 0)
    assert not reading.unusual
    assert expected(reading) == pytest.approx(0.15, rel=0.15)


def test_a_wave_that_ended_leaves_no_trace() -> None:
    calm = judged({}, {}).reading(REFUNDS, 0)
    over = judged(dict.fromkeys((3, 4, 5), 3.0), {}).reading(REFUNDS, 0)
    assert not over.unusual
    assert expected(over) == pytest.approx(expected(calm), rel=0.05)


@pytest.mark.parametrize("length", [2, 4, HOLD_LOW])
def test_a_slump_keeps_its_weekdays(length: int) -> None:
    """The week's ups and downs are larger than half the band and do not end the run."""
    calm = judged({}, {}).reading(SALES, 0)
    slump = judged({}, dict.fromkeys(range(length), 0.55)).reading(SALES, 0)
    assert slump.unusual
    assert expected(slump) == pytest.approx(expected(calm), rel=0.08)


def test_the_day_on_which_it_is_well_again_is_ordinary() -> None:
    back = judged({}, dict.fromkeys((1, 2, 3, 4), 0.55)).reading(SALES, 0)
    assert not back.unusual
    assert expected(back) == pytest.approx(expected(judged({}, {}).reading(SALES, 0)), rel=0.08)


def test_what_is_good_is_never_held() -> None:
    boom = judged({}, dict.fromkeys(range(10), 1.8)).reading(SALES, 0)
    assert not boom.unusual
    assert expected(boom) > 1.5 * expected(judged({}, {}).reading(SALES, 0))


def test_metrics_asked_together_are_held_as_each_alone() -> None:
    both = judged(dict.fromkeys(range(5), 3.0), {4: 0.3, 3: 0.3, 1: 0.2, 0: 0.2})
    both.ask([REFUNDS, SALES])
    for one in (REFUNDS, SALES):
        alone = judged(dict.fromkeys(range(5), 3.0), {4: 0.3, 3: 0.3, 1: 0.2, 0: 0.2})
        together, single = both.judged(one).outlook, alone.judged(one).outlook
        for key, value in vars(single).items():
            np.testing.assert_array_equal(getattr(together, key), value, err_msg=key)
