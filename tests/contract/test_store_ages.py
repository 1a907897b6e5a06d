"""The store tells how each day stood when it was as old as another day is now."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from diagnostics.ages import with_early
from diagnostics.panel import State, Unit
from storage.sources import Batch

if TYPE_CHECKING:
    from storage.store import Store


DAY = date(2026, 3, 12)
MORNING = timedelta(hours=8)
SHOP = Unit("uk-beauty", "shop", "UK Beauty", shop="uk-beauty", currency="GBP", country="GB")
LIVE = Unit("uk-beauty/live-0312", "live", "L", shop="uk-beauty", currency="GBP")


def after(day: date, age: timedelta) -> datetime:
    """Return the moment at which a day was so old."""
    return datetime.combine(day + timedelta(1), time(tzinfo=UTC)) + age


def told(
    store: Store, unit: Unit, day: date, gmv: float, at: datetime, feed: str = "orders"
) -> None:
    facts = pd.DataFrame({"unit": [unit.key], "day": [pd.Timestamp(day)], "span": [1]})
    facts["state"] = np.int8(State.FINAL)
    facts["gmv"] = gmv
    store.keep(Batch(feed, "uk-beauty", (SHOP, unit), facts), at)


def early(store: Store, days: int, age: timedelta) -> list[float]:
    found = store.panel(DAY - timedelta(days - 1), DAY, ["gmv"], units=[SHOP.key], age=age)
    return [float(one) for one in found.measure("gmv")[0]]


def test_each_day_is_as_it_stood_at_its_own_age(store: Store) -> None:
    for ago in (3, 2, 1, 0):
        day = DAY - timedelta(ago)
        told(store, SHOP, day, 80.0 + ago, after(day, MORNING))
        if ago:
            told(store, SHOP, day, 100.0 + ago, after(day, timedelta(1) + MORNING))
    assert early(store, 4, MORNING) == [83.0, 82.0, 81.0, 80.0]
    assert early(store, 4, timedelta(days=1, hours=9)) == [103.0, 102.0, 101.0, 80.0]
    assert early(store, 4, timedelta(days=1, hours=7)) == [83.0, 82.0, 81.0, 80.0]


def test_what_came_later_was_not_known_so_early(store: Store) -> None:
    bulk = after(DAY, MORNING)
    for ago in (2, 1, 0):
        told(store, SHOP, DAY - timedelta(ago), 100.0, bulk)
    found = early(store, 3, timedelta(hours=9))
    assert np.isnan(found[:2]).all()
    assert found[2] == 100.0


def test_a_better_feed_that_came_later_does_not_hide_the_early_figure(store: Store) -> None:
    told(store, SHOP, DAY, 70.0, after(DAY, MORNING), feed="live_studio")
    told(store, SHOP, DAY, 90.0, after(DAY, timedelta(days=3)), feed="orders")
    assert early(store, 1, MORNING) == [70.0]
    assert early(store, 1, timedelta(days=4)) == [90.0]


def test_parts_add_up_to_the_shop_as_they_stood(store: Store) -> None:
    told(store, LIVE, DAY, 40.0, after(DAY, MORNING))
    told(store, LIVE, DAY, 55.0, after(DAY, timedelta(days=2)))
    found = store.panel(
        DAY, DAY, ["gmv"], shops=["uk-beauty"], roll_up={"gmv": ("live",)}, age=MORNING
    )
    assert found.measure("gmv")[:, 0].tolist() == [40.0, 40.0]


def test_the_store_knows_whether_anything_was_ever_revised(store: Store) -> None:
    told(store, SHOP, DAY, 1.0, after(DAY, MORNING))
    assert not store.revised()
    told(store, SHOP, DAY, 2.0, after(DAY, timedelta(days=2)))
    assert store.revised(["uk-beauty"])
    assert not store.revised(["us-apparel"])


@pytest.mark.parametrize("days", [3, 1])
def test_early_figures_stand_beside_the_final_ones(store: Store, days: int) -> None:
    for ago in (2, 1, 0):
        day = DAY - timedelta(ago)
        told(store, SHOP, day, 10.0 + ago, after(day, MORNING))
        told(store, SHOP, day, 20.0 + ago, after(day, timedelta(days=5)))
    told(store, LIVE, DAY, 1.0, after(DAY, timedelta(days=5)))
    final = store.panel(DAY - timedelta(2), DAY, ["views", "gmv"])
    young = store.panel(DAY - timedelta(days - 1), DAY, ["gmv"], age=MORNING)
    both = with_early(final, [young], 1)
    assert both.early is not None
    shop = both.index(SHOP.key)
    gmv = both.early[both.measures.index("gmv")]
    np.testing.assert_array_equal(gmv[shop, 3 - days :], [12.0, 11.0, 10.0][3 - days :])
    assert np.isnan(gmv[shop, : 3 - days]).all()
    assert np.isnan(gmv[both.index(LIVE.key)]).all()
    assert both.until(DAY).early is both.early
    assert both.until(DAY - timedelta(1)).early is None
    assert both.only([LIVE.key]).early is not None


@pytest.mark.parametrize(
    ("zone", "at", "age"),
    [
        ("Asia/Jakarta", time(22, 30), timedelta(hours=5)),
        ("America/New_York", time(13), timedelta(hours=9)),
    ],
)
def test_a_day_ends_at_midnight_in_its_own_zone(
    store: Store, zone: str, at: time, age: timedelta
) -> None:
    day = DAY - timedelta(1)
    come = datetime.combine(day if zone.startswith("Asia") else DAY, at, UTC)
    told(store, SHOP, day, 70.0, come)
    told(store, SHOP, day, 100.0, come + timedelta(days=1))
    for shift, value in ((timedelta(minutes=-31), np.nan), (timedelta(hours=1), 70.0)):
        found = store.panel(day, day, ["gmv"], units=[SHOP.key], age=age + shift, zone=zone)
        np.testing.assert_array_equal(found.measure("gmv")[0], [value])


def test_where_the_clocks_change_each_day_has_its_own_end(store: Store) -> None:
    first, last = date(2026, 3, 26), date(2026, 3, 31)
    zone = ZoneInfo("Europe/London")
    for step in range(6):
        day = first + timedelta(step)
        come = datetime.combine(day + timedelta(1), time(8, 30), zone)
        told(store, SHOP, day, 70.0, come)
        told(store, SHOP, day, 100.0, come + timedelta(days=2))
    found = store.panel(
        first, last, ["gmv"], units=[SHOP.key], age=timedelta(hours=9), zone="Europe/London"
    )
    assert found.measure("gmv")[0].tolist() == [70.0] * 6
    early = store.panel(
        first, last, ["gmv"], units=[SHOP.key], age=timedelta(hours=8), zone="Europe/London"
    )
    assert np.isnan(early.measure("gmv")[0]).all()


def test_units_of_several_zones_are_put_side_by_side(store: Store) -> None:
    told(store, SHOP, DAY, 10.0, after(DAY, MORNING))
    told(store, LIVE, DAY, 5.0, after(DAY, MORNING))
    final = store.panel(DAY, DAY, ["gmv"])
    parts = [
        store.panel(DAY, DAY, ["gmv"], units=[key], age=MORNING) for key in (SHOP.key, LIVE.key)
    ]
    both = with_early(final, parts, 1)
    assert both.early is not None
    assert sorted(both.early[0, :, 0].tolist()) == [5.0, 10.0]
    alone = with_early(final, parts[:1], 1)
    assert alone.early is not None
    assert np.isnan(alone.early[0, alone.index(LIVE.key), 0])
