"""Young units borrow from their peers, the less the more days of their own they have."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from diagnostics import cold, coldrates
from diagnostics.book.rows import CalendarRow
from diagnostics.expect import outlook
from tests.diagnostics.rows import LAST, NOTHING, live, panel, shipped, unit

if TYPE_CHECKING:
    from diagnostics.panel import Panel

BOOK = shipped()
GMV, CTOR = BOOK.metrics["gmv"], BOOK.metrics["ctor"]
WEEK = np.array([0.8, 0.8, 0.9, 1.0, 1.1, 1.4, 1.3])
"""Monday to Sunday."""


def products(own: int, *, days: int = 90, peers: int = 8, today: float = 1.0) -> Panel:
    """Return peers of all sizes with one weekday pattern, and one that began `own` days ago."""
    draw = np.random.default_rng(5)
    monday = (LAST - timedelta(days - 1)).weekday()
    week = WEEK[(np.arange(days) + monday) % 7]
    sizes = np.append(np.exp(draw.normal(6.0, 1.0, peers)), 300.0)
    rows = sizes[:, None] * week * np.exp(draw.normal(0.0, 0.08, (peers + 1, days)))
    rows[-1, -1] = 300.0 * week[-1] * today
    rows[-1, : days - 1 - own] = np.nan
    units = [unit(f"uk-beauty/product-{place}", "product") for place in range(peers + 1)]
    clicks = np.where(np.isfinite(rows), 400.0, np.nan)
    orders = draw.binomial(400, 0.05, rows.shape) * (clicks / clicks)
    return panel(
        units,
        {"gmv": rows.tolist(), "product_clicks": clicks.tolist(), "orders": orders.tolist()},
    )


def test_the_own_days_weigh_n_over_n_plus_k() -> None:
    found = cold.shrunk(
        np.array([10.0, 10.0]), np.array([0.0, 8.0]), np.array([2.0, 2.0]),
        np.array([4.0, 4.0]), np.array([1.0, 1.0]),
    )  # fmt: skip
    assert found.own.tolist() == [0.0, 0.8]
    assert found.mean == pytest.approx([4.0, 4.0 + 0.8 * 6.0])
    assert found.var == pytest.approx([1.0, 0.2])


@pytest.mark.parametrize("own", [3, 6, 12, 20])
def test_a_young_product_has_its_own_level_and_its_peers_week(own: int) -> None:
    one = products(own)
    found = outlook(one, BOOK, GMV, LAST)
    place = len(one.units) - 1
    assert found.basis[place] == "mixed"
    assert found.mid[place] == pytest.approx(300.0 * WEEK[LAST.weekday()], rel=0.15)
    assert found.score[place] < 1.0
    assert found.peers[place] == 8
    assert found.days[place] == 8 + own
    assert 0.8 < found.weight[place] < 1.0


def test_what_is_borrowed_makes_a_fall_seen_that_alone_is_not() -> None:
    whole, half = products(6), products(6, today=0.6)
    lonely = half.only([half.units[-1].key])
    place = len(half.units) - 1
    assert outlook(half, BOOK, GMV, LAST).score[place] > 1.0
    assert not outlook(lonely, BOOK, GMV, LAST).score[0] > 1.0
    assert outlook(whole, BOOK, GMV, LAST).score[place] < 1.0


def test_a_product_of_two_days_is_not_judged() -> None:
    one = products(2)
    assert outlook(one, BOOK, GMV, LAST).basis[-1] == "none"


def test_peers_of_another_currency_teach_nothing() -> None:
    one = products(4)
    units = (*one.units[:-1], replace(one.units[-1], currency="USD"))
    assert outlook(replace(one, units=units), BOOK, GMV, LAST).basis[-1] == "none"


def test_what_all_did_today_is_taken_out_of_a_young_one_too() -> None:
    one = products(8, today=0.55)
    one.values[0, :-1, -1] *= 0.55
    crowd = np.zeros(len(one.units), dtype=np.int64)
    assert outlook(one, BOOK, GMV, LAST).score[-1] > 1.0
    assert outlook(one, BOOK, GMV, LAST, groups=crowd).score[-1] < 1.0


def test_a_young_rate_lies_between_its_own_and_its_peers() -> None:
    one = products(6)
    one.values[2, -1, -7:] = 40.0
    found = outlook(one, BOOK, CTOR, LAST)
    assert found.basis[-1] == "mixed"
    assert 0.05 < found.mid[-1] < 0.101
    assert 0.3 < found.weight[-1] < 1.0
    assert found.score[-1] < 1.0


def test_few_events_never_put_a_young_rate_out() -> None:
    prior = coldrates.Prior(*(np.array([one]) for one in (0.05, 200.0, 0.01, 10.0)))
    own = np.array([[0.0, 1.0, 1.0]]), np.array([[12.0, 12.0, 12.0]])
    told = coldrates.believed(*own, np.array([12.0]), prior, share=True)
    assert coldrates.score(told, np.array([0.0]))[0] < 1.0
    assert coldrates.score(told, np.array([2 / 12]))[0] < 1.0
    many = coldrates.believed(*own, np.array([2000.0]), prior, share=True)
    assert coldrates.score(many, np.array([0.2]))[0] > 1.0


def test_peers_that_agree_weigh_more_than_peers_that_do_not() -> None:
    base = np.full((1, 6, 40), 500.0)
    alike = coldrates.prior(base * 0.05, base, np.ones((1, 6)), share=True, unlike=0.1)
    rates = np.array([0.01, 0.02, 0.05, 0.05, 0.08, 0.09])[None, :, None]
    apart = coldrates.prior(base * rates, base, np.ones((1, 6)), share=True, unlike=0.1)
    assert alike.rate[0] == pytest.approx(0.05)
    assert apart.rate[0] == pytest.approx(0.05)
    assert alike.strength[0] > 5 * apart.strength[0]


def test_a_campaign_is_expected_of_a_young_unit_as_its_peers_learnt_it() -> None:
    days = [LAST - timedelta(ago) for ago in (0, 20, 40, 60)]
    rows = tuple(
        CalendarRow(f"sale{day:%m%d}", NOTHING, ("UK",), day, day, "campaign", 1.5) for day in days
    )
    one = products(8)
    one.values[0, :-1, [-21, -41, -61]] *= 3.0
    found = outlook(one, replace(BOOK, calendar=rows), GMV, LAST)
    assert found.effect[0] == pytest.approx(2.5, rel=0.2)
    assert found.effect[-1] == pytest.approx(2.5, rel=0.2)
    assert found.learnt[-1] == 3
    assert found.taught["UK"] == tuple(row.key for row in rows[1:])
    assert found.mid[-1] == pytest.approx(2.5 * 300.0 * WEEK[LAST.weekday()], rel=0.25)
    plain = outlook(one.only([one.units[-1].key]), replace(BOOK, calendar=rows), GMV, LAST)
    assert plain.learnt[0] == 0


def sessions(starts: list[tuple[int, int, float]], hours: float = 2.0) -> Panel:
    """Return lives of one account: days ago, hour of the start, money per hour."""
    units, rows = [], np.full((len(starts), 120), np.nan)
    for place, (ago, hour, money) in enumerate(starts):
        day = LAST - timedelta(ago)
        one = live(f"uk-beauty/live-{place}", day)
        assert one.started is not None
        begin = one.started.replace(hour=hour)
        length = hours if place == len(starts) - 1 else 2.0
        units.append(replace(one, started=begin, ended=begin + timedelta(hours=length)))
        rows[place, 119 - ago] = money * length
    return panel(units, {"gmv": rows.tolist()})


HISTORY = [
    *((7 * week, 20, 500.0) for week in range(8, 0, -1)),
    *((7 * week + 2, 20, 1000.0) for week in range(8, 0, -1)),
    *((7 * week, 9, 100.0) for week in range(8, 0, -1)),
]


def test_a_live_is_compared_with_its_own_weekday_and_hour() -> None:
    one = sessions([*HISTORY, (0, 21, 500.0)])
    found = outlook(one, BOOK, GMV, LAST)
    assert found.mid[-1] == pytest.approx(1000.0, rel=0.05)
    assert (found.basis[-1], found.like[-1], found.whose[-1]) == ("sessions", "weekday", "account")
    assert found.peers[-1] == 8
    assert found.score[-1] < 1.0
    morning = outlook(sessions([*HISTORY, (0, 10, 500.0)]), BOOK, GMV, LAST)
    assert morning.mid[-1] == pytest.approx(200.0, rel=0.05)
    assert morning.score[-1] > 1.0


def test_a_longer_live_is_to_bring_more() -> None:
    one = sessions([*HISTORY, (0, 20, 500.0)], hours=4.0)
    found = outlook(one, BOOK, GMV, LAST)
    assert found.mid[-1] == pytest.approx(2000.0, rel=0.05)
    assert found.score[-1] < 1.0


@pytest.mark.parametrize(
    ("history", "like"),
    [
        ([(ago, 20, 500.0) for ago in range(20, 0, -1)], "daytype"),
        ([(ago, 20, 500.0) for ago in (40, 33, 26, 19, 12, 5)], "hour"),
        ([(7 * week, 8, 500.0) for week in range(8, 0, -1)], ""),
    ],
)
def test_with_too_few_alike_the_circle_widens(
    history: list[tuple[int, int, float]], like: str
) -> None:
    found = outlook(sessions([*history, (0, 20, 500.0)]), BOOK, GMV, LAST)
    assert found.like[-1] == like
    assert found.peers[-1] >= 5


def test_a_video_that_stands_above_its_elders_is_to_stay_there() -> None:
    units = [unit(f"uk-beauty/video-{number:06d}", "video") for number in range(12)]
    draw = np.random.default_rng(3)
    row = np.full((12, 60), np.nan)
    for number in range(12):
        begin = 3 * number + 2 if number < 11 else 49
        curve = 5000 * 0.85 ** np.arange(60 - begin) * np.exp(draw.normal(0, 0.05, 60 - begin))
        row[number, begin:] = curve * (1.0 if number < 11 else 3.0)
    found = outlook(panel(units, {"views": row.tolist()}), BOOK, BOOK.metrics["views"], LAST)
    assert found.basis[-1] == "ages"
    assert found.mid[-1] == pytest.approx(3.0 * 5000 * 0.85**10, rel=0.15)
    assert found.days[-1] - found.peers[-1] == 10
    assert found.weight[-1] > 0.5
