"""The store keeps its promises on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.exc import StatementError

from diagnostics.panel import State, Unit
from storage.engine import StoreError, writing
from storage.keeping import keep
from storage.sources import Batch
from storage.store import Kept, Period

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storage.store import Store

DAY = date(2026, 3, 12)
NOW = datetime(2026, 3, 13, 8, 5, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
NAN = float("nan")
SHOP = Unit("uk-beauty", "shop", "UK Beauty", shop="uk-beauty", currency="GBP", country="GB")


def part(kind: str, name: str, shop: str = "uk-beauty") -> Unit:
    return Unit(f"{shop}/{name}", kind, name, shop=shop, currency="GBP")  # type: ignore[arg-type]  # tests name kinds as text


LIVE = part("live", "live-0312")
VIDEO = part("video", "video-817203")


def batch(
    feed: str,
    rows: Sequence[tuple[Unit, date, Mapping[str, float]]],
    *,
    state: State = State.FINAL,
    span: int = 1,
) -> Batch:
    """Return a batch of one shop; a measure that one row has and another has not is empty there."""
    facts = pd.DataFrame(
        [{"unit": u.key, "day": pd.Timestamp(day), **values} for u, day, values in rows]
    )
    facts["span"] = span
    facts["state"] = np.int8(state)
    units = tuple({unit.key: unit for unit, _, _ in rows}.values())
    return Batch(feed, units[0].shop, units, facts)


def value(store: Store, measure: str, unit: Unit = SHOP, as_of: datetime | None = None) -> float:
    panel = store.panel(DAY, DAY, [measure], units=[unit.key], as_of=as_of)
    return float(panel.measure(measure)[0, 0])


def test_what_was_kept_is_read_back(store: Store) -> None:
    rows = [(SHOP, DAY, {"gmv": 8412.5, "orders": 391.0}), (LIVE, DAY, {"gmv": 2310.0})]
    kept = store.keep(batch("orders", rows), NOW)
    assert kept == Kept(new=2, same=0, revised=0, units=2, days=(DAY,))
    panel = store.panel(DAY - timedelta(1), DAY, ["orders", "gmv", "views"])
    assert [unit.key for unit in panel.units] == ["uk-beauty", "uk-beauty/live-0312"]
    assert panel.units[0] == SHOP
    assert panel.measures == ("orders", "gmv", "views")
    np.testing.assert_array_equal(panel.measure("gmv"), [[NAN, 8412.5], [NAN, 2310.0]])
    np.testing.assert_array_equal(panel.measure("orders"), [[NAN, 391.0], [NAN, NAN]])
    assert np.isnan(panel.measure("views")).all()
    assert panel.state.tolist() == [[State.MISSING, State.FINAL]] * 2
    assert str(panel.days[1]) == "2026-03-12"


def test_the_same_batch_twice_changes_nothing(store: Store) -> None:
    rows = batch("orders", [(SHOP, DAY, {"gmv": 1.5, "orders": NAN, "gift_cards": 3.0})])
    store.keep(rows, NOW)
    assert store.keep(rows, LATER) == Kept(new=0, same=1, revised=0, units=1, days=())


def test_a_correction_revises_and_the_past_stays_readable(store: Store) -> None:
    store.keep(batch("orders", [(SHOP, DAY, {"gmv": 100.0, "orders": 4.0})]), NOW)
    kept = store.keep(batch("orders", [(SHOP, DAY, {"gmv": 90.0, "orders": 4.0})]), LATER)
    assert kept == Kept(new=0, same=0, revised=1, units=1, days=(DAY,))
    assert value(store, "gmv") == 90.0
    assert value(store, "gmv", as_of=NOW) == 100.0
    assert value(store, "gmv", as_of=LATER - timedelta(microseconds=1)) == 100.0
    assert value(store, "gmv", as_of=LATER) == 90.0
    assert np.isnan(value(store, "gmv", as_of=NOW - timedelta(seconds=1)))


def test_a_moment_is_the_same_in_every_time_zone(store: Store) -> None:
    from zoneinfo import ZoneInfo

    store.keep(batch("orders", [(SHOP, DAY, {"gmv": 1.0})]), NOW.astimezone(ZoneInfo("Asia/Tokyo")))
    assert value(store, "gmv", as_of=NOW.astimezone(ZoneInfo("America/New_York"))) == 1.0
    with pytest.raises(StatementError, match="no time zone"):
        store.keep(batch("orders", [(SHOP, DAY, {"gmv": 2.0})]), NOW.replace(tzinfo=None))


def test_back_to_the_first_figure_is_a_revision_too(store: Store) -> None:
    for number, gmv in enumerate((1.0, 2.0, 1.0)):
        kept = store.keep(
            batch("orders", [(SHOP, DAY, {"gmv": gmv})]), NOW + timedelta(hours=number)
        )
        assert (kept.new, kept.revised) == (int(number == 0), int(number > 0))
    seen = [value(store, "gmv", as_of=NOW + timedelta(hours=n)) for n in range(3)]
    assert seen == [1.0, 2.0, 1.0]


@pytest.mark.parametrize("measure", ["views", "gift_cards"])
def test_an_absent_column_keeps_and_an_empty_cell_erases(store: Store, measure: str) -> None:
    store.keep(batch("orders", [(SHOP, DAY, {"gmv": 5.0, measure: 7.0})]), NOW)
    kept = store.keep(batch("orders", [(SHOP, DAY, {"gmv": 6.0})]), LATER)
    assert kept.revised == 1
    assert value(store, measure) == 7.0
    store.keep(batch("orders", [(SHOP, DAY, {measure: NAN})]), LATER + timedelta(1))
    assert np.isnan(value(store, measure))
    assert value(store, "gmv") == 6.0


def test_a_team_s_own_measures_have_the_same_rights(store: Store) -> None:
    odd = "gift 'cards' 礼品卡:100% $.x"
    yesterday = DAY - timedelta(1)
    rows = [(SHOP, yesterday, {odd: 0.1}), (SHOP, DAY, {odd: 12.25, "second": 2.0})]
    store.keep(batch("template", rows), NOW)
    panel = store.panel(yesterday, DAY, [odd, "second"])
    np.testing.assert_array_equal(panel.measure(odd), [[0.1, 12.25]])
    np.testing.assert_array_equal(panel.measure("second"), [[NAN, 2.0]])
    kept = store.keep(batch("template", [(SHOP, DAY, {"second": 3.0})]), LATER)
    assert kept.revised == 1
    assert value(store, odd) == 12.25


def test_missing_is_never_zero(store: Store) -> None:
    store.keep(batch("orders", [(SHOP, DAY, {"gmv": 0.0, "orders": NAN})]), NOW)
    panel = store.panel(DAY - timedelta(2), DAY, ["gmv", "orders", "views"])
    np.testing.assert_array_equal(panel.measure("gmv"), [[NAN, NAN, 0.0]])
    assert np.isnan(panel.measure("orders")).all()
    assert panel.state.tolist() == [[State.MISSING, State.MISSING, State.FINAL]]
    only = store.panel(DAY, DAY, ["orders"], units=[SHOP.key])
    assert only.state.tolist() == [[State.MISSING]]


def test_an_empty_store_gives_an_empty_panel(store: Store) -> None:
    panel = store.panel(DAY, DAY, ["gmv"])
    assert panel.measure("gmv").shape == (0, 1)
    assert store.latest_day() is None
    assert list(store.facts(DAY, DAY)) == []


def test_feeds_are_merged_measure_by_measure_in_their_order(store: Store) -> None:
    store.keep(batch("affiliate_orders", [(SHOP, DAY, {"gmv": 3.0, "commission": 1.0})]), NOW)
    store.keep(batch("unheard_of", [(SHOP, DAY, {"views": 9.0, "commission": 8.0})]), NOW)
    store.keep(batch("orders", [(SHOP, DAY, {"gmv": 5.0, "views": NAN})]), NOW)
    panel = store.panel(DAY, DAY, ["gmv", "commission", "views"])
    assert [panel.measure(key)[0, 0] for key in panel.measures] == [5.0, 1.0, 9.0]
    store.keep(batch("template", [(SHOP, DAY, {"gmv": 6.0})]), LATER)
    assert value(store, "gmv") == 6.0
    assert value(store, "gmv", as_of=NOW) == 5.0


def test_the_state_is_the_weakest_of_the_feeds_that_were_believed(store: Store) -> None:
    store.keep(batch("orders", [(SHOP, DAY, {"gmv": 5.0})]), NOW)
    provisional = batch("live_studio", [(SHOP, DAY, {"gmv": 4.0, "views": 2.0})], state=State(1))
    store.keep(provisional, NOW)
    assert store.panel(DAY, DAY, ["gmv"]).state.tolist() == [[State.FINAL]]
    assert store.panel(DAY, DAY, ["gmv", "views"]).state.tolist() == [[State.PROVISIONAL]]


def test_becoming_final_is_a_revision(store: Store) -> None:
    rows = [(LIVE, DAY, {"gmv": 5.0})]
    store.keep(batch("live_studio", rows, state=State.PROVISIONAL), NOW)
    kept = store.keep(batch("live_studio", rows), LATER)
    assert (kept.same, kept.revised) == (0, 1)
    assert store.panel(DAY, DAY, ["gmv"], units=[LIVE.key]).state.tolist() == [[State.FINAL]]


def test_parts_add_up_where_the_shop_has_no_figure(store: Store) -> None:
    other = part("video", "video-2")
    foreign = part("video", "video-3", shop="us-apparel")
    day2 = DAY + timedelta(1)
    store.put_units([SHOP])
    parts = [
        (LIVE, DAY, {"views": 10.0, "viewers": 6.0}),
        (VIDEO, DAY, {"views": 100.0, "viewers": 60.0}),
        (other, DAY, {"views": NAN, "viewers": 1.0}),
        (other, day2, {"views": 1000.0, "viewers": 1.0}),
    ]
    store.keep(batch("video_details", parts, state=State.PROVISIONAL), NOW)
    store.keep(batch("video_details", [(foreign, DAY, {"views": 7.0})]), NOW)
    store.keep(batch("orders", [(SHOP, DAY, {"gmv": 5.0}), (SHOP, day2, {"views": 4.0})]), NOW)
    panel = store.panel(
        DAY,
        day2,
        ["gmv", "views", "viewers"],
        kinds=["shop"],
        roll_up={"views": ("video", "live"), "unasked": ("video",)},
    )
    assert [unit.key for unit in panel.units] == ["uk-beauty"]
    np.testing.assert_array_equal(panel.measure("views"), [[110.0, 4.0]])
    assert np.isnan(panel.measure("viewers")).all()
    assert panel.state.tolist() == [[State.PROVISIONAL, State.FINAL]]
    lives = store.panel(DAY, DAY, ["views"], units=[SHOP.key], roll_up={"views": ("live",)})
    assert lives.measure("views").tolist() == [[10.0]]


def test_exports_of_several_days_stay_apart_from_days(store: Store) -> None:
    week = batch("product_list", [(SHOP, DAY, {"gmv": 70.0, "orders": NAN})], span=7)
    store.keep(week, NOW)
    store.keep(batch("product_list", [(SHOP, DAY, {"gmv": 10.0})]), NOW)
    assert value(store, "gmv") == 10.0
    assert store.periods(SHOP.key, ["gmv", "orders"]) == [
        Period(date(2026, 3, 6), DAY, "product_list", State.FINAL, {"gmv": 70.0})
    ]
    assert store.periods(SHOP.key, ["gmv"], as_of=NOW - timedelta(1)) == []


def test_units_are_renewed_and_nothing_known_is_erased(store: Store) -> None:
    started = datetime(2026, 3, 12, 20, 0)  # noqa: DTZ001  the shop's wall clock
    store.put_units([Unit("s/l", "live", "live", shop="s", person="mia", started=started)])
    store.put_units([Unit("s/l", "live", "Evening live", shop="s", level="team")])
    assert store.units(keys=["s/l"]) == (
        Unit("s/l", "live", "Evening live", "s", person="mia", started=started, level="team"),
    )
    store.put_units([SHOP])
    assert [unit.key for unit in store.units()] == ["s/l", "uk-beauty"]
    assert store.units(shops=["s"], kinds=["shop"]) == ()
    assert store.units(kinds=["shop", "live"], shops=["uk-beauty"]) == (SHOP,)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("LIVE-0312", ["uk-beauty/live-0312", "us-apparel/live-0312"]),
        ("uk-beauty/Live-0312", ["uk-beauty/live-0312"]),
        (" evening GLOW ", ["uk-beauty/live-0313"]),
        ("uk-b", ["uk-beauty"]),
        ("video-8", ["uk-beauty/video-817203"]),
        ("live-03", ["uk-beauty/live-0313", "us-apparel/live-0312", "uk-beauty/live-0312"]),
        ("vidoe-817203", ["uk-beauty/video-817203"]),
        ("  ", []),
    ],
)
def test_a_unit_is_found_by_what_people_call_it(store: Store, word: str, found: list[str]) -> None:
    glow = Unit("uk-beauty/live-0313", "live", "Evening Glow", shop="uk-beauty")
    us_live = part("live", "live-0312", shop="us-apparel")
    store.put_units([SHOP, LIVE, VIDEO, glow, us_live])
    answer = [unit.key for unit in store.find_unit(word)]
    assert len(answer) <= 3
    if word in {"live-03", "uk-b"}:
        assert set(answer) >= set(found) or answer[0] in found
    elif word == "vidoe-817203":
        assert answer[0] == found[0]
        assert len(answer) == 3
    else:
        assert answer == found


def test_a_unit_is_looked_for_in_the_shops_named(store: Store) -> None:
    store.put_units([SHOP, LIVE, part("live", "live-0312", shop="us-apparel")])
    found = store.find_unit("live-0312", shops=["us-apparel"])
    assert [unit.key for unit in found] == ["us-apparel/live-0312"]
    assert store.find_unit("live-0312", shops=["nowhere"]) == ()


def test_a_feed_that_comes_daily_is_due(store: Store) -> None:
    for ago in range(5, 1, -1):
        store.keep(batch("orders", [(SHOP, DAY - timedelta(ago), {"gmv": 1.0})]), NOW)
    for ago in (9, 8):
        store.keep(batch("live_studio", [(LIVE, DAY - timedelta(ago), {"gmv": 1.0})]), NOW)
    store.keep(batch("template", [(SHOP, DAY, {"gmv": 1.0})]), LATER)
    arrivals = store.arrivals([SHOP.key], DAY)
    seen = {arrival.feed: (arrival.at, arrival.due) for arrival in arrivals}
    assert seen == {"orders": (None, True), "template": (LATER, False)}
    store.keep(batch("orders", [(SHOP, DAY, {"gmv": 1.0})]), LATER)
    store.keep(batch("orders", [(SHOP, DAY, {"gmv": 2.0})]), LATER + timedelta(1))
    at = {arrival.feed: arrival.at for arrival in store.arrivals([SHOP.key], DAY)}
    assert at["orders"] == LATER
    before = {arrival.feed: arrival.at for arrival in store.arrivals([SHOP.key], DAY, as_of=NOW)}
    assert before == {"orders": None}
    assert store.arrivals(["us-apparel"], DAY) == ()


def test_the_latest_day_is_that_of_the_shops_asked_for(store: Store) -> None:
    us = part("shop", "x", shop="us-apparel")
    store.keep(batch("orders", [(SHOP, DAY, {"gmv": 1.0})]), NOW)
    store.keep(batch("orders", [(us, DAY + timedelta(3), {"gmv": 1.0})]), NOW)
    assert store.latest_day() == DAY + timedelta(3)
    assert store.latest_day([SHOP.key]) == DAY
    assert store.latest_day(["nowhere"]) is None


def test_facts_go_out_as_they_are_known_now(store: Store) -> None:
    store.keep(batch("orders", [(SHOP, DAY, {"gmv": 1.0, "gift_cards": 2.0})]), NOW)
    store.keep(batch("orders", [(SHOP, DAY, {"gmv": 3.0})]), LATER)
    store.keep(batch("live_studio", [(LIVE, DAY, {"gmv": 4.0, "views": NAN})], span=2), NOW)
    rows = pd.concat(list(store.facts(DAY, DAY)), ignore_index=True)
    assert rows["unit"].tolist() == ["uk-beauty", "uk-beauty/live-0312"]
    assert rows["gmv"].tolist() == [3.0, 4.0]
    assert rows["span"].tolist() == [1, 2]
    assert rows["day"].tolist() == [pd.Timestamp(DAY)] * 2
    assert rows["known_at"].tolist() == [pd.Timestamp(LATER), pd.Timestamp(NOW)]
    assert list(rows.columns[-3:]) == ["views", "gmv", "gift_cards"]
    assert rows["gift_cards"].isna().tolist() == [False, True]
    (named,) = store.facts(DAY, DAY, shops=["uk-beauty"], measures=["orders"])
    assert named["orders"].isna().all()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ([(SHOP, DAY, {"gmv": 1.0}), (SHOP, DAY, {"gmv": 2.0})], "twice"),
        ([(SHOP, DAY, {"gmv": float("inf")})], "gmv holds infinite"),
        ([(SHOP, DAY, {'gift"cards': 1.0})], 'gift"cards may not have'),
    ],
)
def test_contradictions_are_refused_and_nothing_is_taken(
    store: Store, facts: list[tuple[Unit, date, dict[str, float]]], words: str
) -> None:
    with pytest.raises(StoreError, match=words):
        store.keep(batch("orders", facts), NOW)
    assert store.units() == ()
    assert store.latest_day() is None


def test_facts_of_a_unit_that_nobody_described_are_refused(store: Store) -> None:
    good = batch("orders", [(SHOP, DAY, {"gmv": 1.0})])
    stranger = Batch("orders", "uk-beauty", (SHOP,), good.facts.assign(unit="uk-beauty/ghost"))
    with pytest.raises(StoreError, match="uk-beauty/ghost"):
        store.keep(stranger, NOW)


def test_many_rows_come_in_chunks(store: Store) -> None:
    count = 2500
    units = tuple(part("video", f"video-{number}") for number in range(count))
    facts = pd.DataFrame(
        {
            "unit": [unit.key for unit in units],
            "day": pd.Timestamp(DAY),
            "span": 1,
            "state": 2,
            "views": np.arange(count, dtype=float),
        }
    )
    with writing(store.engine) as connection:
        kept = keep(connection, Batch("video_details", "uk-beauty", units, facts), NOW, 1000)
    assert kept == Kept(new=count, same=0, revised=0, units=count, days=(DAY,))
    facts.loc[count - 1, "views"] = -1.0
    with writing(store.engine) as connection:
        kept = keep(connection, Batch("video_details", "uk-beauty", units, facts), LATER, 1000)
    assert (kept.same, kept.revised) == (count - 1, 1)
    panel = store.panel(DAY, DAY, ["views"])
    assert len(panel.units) == count
    assert panel.measure("views").sum() == sum(range(count - 1)) - 1


def test_facts_of_a_unit_described_before_are_taken(store: Store) -> None:
    store.put_units([SHOP, LIVE])
    facts = batch("orders", [(LIVE, DAY, {"gmv": 1.0})]).facts
    kept = store.keep(Batch("orders", "uk-beauty", (SHOP,), facts), NOW)
    assert (kept.new, kept.units) == (1, 1)
    assert value(store, "gmv", LIVE) == 1.0
