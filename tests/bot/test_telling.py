"""What a channel hears of a finding, from the first day to the last: once, and in place."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.desk import shop_units
from diagnostics import fingerprint
from diagnostics.panel import Unit
from storage.ledger import FindingRow, Told
from tests.bot.conftest import SHOPS
from tests.bot.world import DAY, World, at, channel, morning, shop, team

if TYPE_CHECKING:
    from collections.abc import Callable

NEXT = DAY + timedelta(1)


def test_a_first_alert_has_its_review_in_its_thread_and_comes_once(world: World) -> None:
    root = morning(world, 0, refunds=3)
    assert len(world.texts) == 3
    assert "refund rate" in world.shown(root).casefold()
    assert len(world.replies(root)) == 1
    assert world.desk.reviews.list()[0].root_key == root
    for clock in ("09:40", "10:10", "15:00"):
        world.turn(at(NEXT, clock))
    assert len(world.texts) == 3


def test_worse_changes_the_card_adds_a_line_and_pings_nobody_again(world: World) -> None:
    root = morning(world, 0, refunds=3)
    before = world.shown(root)
    assert "<@U" in before
    assert morning(world, 1, refunds=6) == root
    assert world.shown(root) != before
    assert len(world.replies(root)) == 2
    assert "worse" in world.replies(root)[1].casefold()
    line = [one for one in world.slack.posted if one.get("thread_ts")][-1]
    assert "<@U" not in str(line)


def test_worse_twice_on_one_day_is_shown_twice(world: World) -> None:
    root = morning(world, 0, refunds=3)
    seen = [world.shown(root)]
    for clock, refunds in (("09:40", 6), ("10:10", 12)):
        world.now = at(NEXT, clock)
        world.figures(DAY, refunds=refunds)
        world.turn(world.now)
        seen.append(world.shown(root))
    assert len(set(seen)) == 3
    assert len(world.replies(root)) == 3


def test_what_goes_on_is_told_again_after_three_days_and_its_end_is_told(world: World) -> None:
    root = morning(world, 0, refunds=3)
    for number in (1, 2):
        morning(world, number, refunds=3)
    assert len(world.replies(root)) == 1
    morning(world, 3, refunds=3)  # a Sunday: no digest, but alerts
    assert len(world.replies(root)) == 2
    assert world.told[0].state == "open"
    morning(world, 4)
    assert world.told
    morning(world, 5)
    assert world.told == ()
    assert any("recovered" in one.casefold() for one in world.replies(root)[1:])
    assert "recovered" in world.shown(root).casefold()


def test_five_at_once_are_one_message_with_each_in_its_thread(
    begin: Callable[..., World],
) -> None:
    rows = team(shop=[shop(key) for key in SHOPS], channel=[channel(shops=list(SHOPS))])
    world = begin(rows)
    morning(world, 0, refunds=3)
    roots = [one for one in world.slack.posted if not one.get("thread_ts")]
    assert len(roots) == 2
    assert len(world.slack.posted) == 2 + len(SHOPS)
    thread = str(roots[1]["ts"])
    told = world.told[0]

    said = world.presses("review", told.key, message=world.message(told.post_key), thread=thread)
    assert "expired" not in said
    review = world.desk.reviews.list()[0]
    assert review.alert_key == told.key
    world.says("reply", text="Hypothesis: the new batch", message="1.1", thread=thread)
    review = world.desk.reviews.list()[0]
    assert [one.text for one in review.answers] == ["Hypothesis: the new batch"]


def test_alerts_wait_until_the_quiet_hours_are_over(world: World) -> None:
    morning(world, 0)
    world.now = at(NEXT + timedelta(1), "01:00")
    world.figures(NEXT, refunds=3)
    world.turn(world.now)
    assert len(world.texts) == 1
    world.turn(at(NEXT + timedelta(1), "07:29"))
    assert len(world.texts) == 1
    world.turn(at(NEXT + timedelta(1), "07:31"))
    assert len(world.texts) == 3


def test_a_channel_may_have_digests_only(begin: Callable[..., World]) -> None:
    world = begin(team(channel=[channel(alerts=False)]))
    morning(world, 0, refunds=6)
    world.turn(at(NEXT, "12:00"))
    assert len(world.texts) == 1
    assert world.told == ()


def test_a_day_that_is_not_judged_ends_no_alert(world: World) -> None:
    root = morning(world, 0, refunds=3)
    for number in (1, 2):
        day = DAY + timedelta(number)
        world.now = at(day + timedelta(1), "06:00")
        world.figures(day, "template")
        world.turn(at(day + timedelta(1)))
    assert world.told[0].state == "open"
    assert "recovered" not in world.shown(root).casefold()


@pytest.mark.parametrize("slug", ["creator-a|b", "creator-a/b", "creator-|"])
def test_signs_in_a_units_name_do_not_confuse_whose_it_is(world: World, slug: str) -> None:
    unit = Unit(f"teduh/{slug}", "creator", slug, "teduh", currency="IDR")
    key = str(fingerprint.Fingerprint(unit.key, "S4"))
    assert fingerprint.read(key) == (unit.key, "S4")
    assert fingerprint.read(key).shop == "teduh"
    world.desk.store.put_units([unit])
    told = Told(key, "standup", "open", DAY, DAY, world.now, 1.0, "")
    world.desk.ledger.tell(told)
    assert slug in world.asks(f"/snooze {slug} 2d")
    assert world.desk.ledger.told(key, "standup") != told


def test_a_channel_is_told_of_its_own_shops_only(begin: Callable[..., World]) -> None:
    rows = [channel(), channel("other", "C0OTHER", shops=["elok"])]
    world = begin(team(shop=[shop(), shop("elok")], channel=rows))
    morning(world, 0, refunds=3)
    for one in world.slack.posted:
        name = "Elok" if one["channel"] != "C0OTHER" else "Teduh"
        assert name not in str(one)
    assert len({one.channel for one in world.told}) == 2


def test_findings_are_kept_for_exports(world: World) -> None:
    morning(world, 0, refunds=3)
    found = world.desk.findings.list(DAY, DAY)
    assert all(isinstance(one, FindingRow) for one in found)
    assert world.told[0].key in {one.key for one in found}
    assert shop_units(world.desk.team.shops())[0].currency == found[0].currency
