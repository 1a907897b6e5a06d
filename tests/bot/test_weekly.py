"""The week in one message: once, late or skipped as said; with and without findings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.say.weekly import weekly
from bot.weekly import compose
from storage.ledger import FindingRow
from tests.bot.world import DAY, World, at, channel, morning, team
from tests.servers.slack import ALICE, BOB

if TYPE_CHECKING:
    from collections.abc import Callable

MONDAY = DAY + timedelta(5)
SUNDAY = MONDAY - timedelta(1)


@pytest.fixture
def world(begin: Callable[..., World]) -> World:
    """Give the bot of a channel that has its weekly review on Mondays at ten."""
    row = channel(weekly="mon", weekly_at="10:00", days=["wed", "thu", "fri"])
    return begin(team(channel=[row]))


def week(world: World, **factors: float) -> None:
    for number in range(5):
        morning(world, number, **factors)


def test_the_week_is_told_once_with_what_it_cost(world: World) -> None:
    week(world, refunds=3)
    world.now = at(MONDAY, "09:00")
    world.figures(SUNDAY)
    said = len(world.texts)
    for clock in ("09:59", "10:00", "10:05"):
        world.turn(at(MONDAY, clock))
        world.wake()
    assert len(world.texts) == said + 1
    assert "week" in world.texts[-1]
    shown = world.shown(f"weekly:standup:{MONDAY}")
    assert "Bought, then refunded" in shown
    assert "1 opened, 0 closed, 1 open" in shown


def test_the_week_tells_how_right_its_alerts_were(world: World) -> None:
    morning(world, 0, refunds=3)
    told = world.told[0]
    for user in (ALICE, BOB):
        world.presses("false_alarm", told.key, user=user)
    for number in range(1, 5):
        morning(world, number)
    world.now = at(MONDAY, "09:00")
    world.figures(SUNDAY)
    world.turn(at(MONDAY, "10:00"))
    shown = world.shown(f"weekly:standup:{MONDAY}")
    assert "Alerts this week: 1, good catches 0, false alarms 1" in shown
    assert "0 of 1 (0%); least right: Bought, then refunded 0 of 1" in shown


def test_a_calm_week_says_so(world: World) -> None:
    week(world)
    made = compose(world.desk, world.desk.team.channel[0], SUNDAY, at(MONDAY))
    assert made.last - made.first == timedelta(6)
    assert [one.unit for one in made.funnels] == ["teduh"]
    assert (made.opened, made.closed, made.open) == (0, 0, 0)


def test_a_week_that_is_hours_late_is_not_told_any_more(world: World) -> None:
    morning(world, 0)
    said = len(world.texts)
    world.turn(at(MONDAY, "14:30"))
    assert len(world.texts) == said
    assert [one.outcome for one in world.desk.ledger.runs("weekly")] == ["skipped"]


def test_what_was_withdrawn_is_not_counted_and_the_week_says_so(world: World) -> None:
    morning(world, 0, refunds=3)
    for clock in ("11:00", "11:30"):
        world.now = at(DAY + timedelta(1), clock)
        world.figures(DAY, refunds=1)
        world.turn(world.now)
        world.wake()
    assert world.told == ()
    for number in range(1, 5):
        morning(world, number)
    world.now = at(MONDAY, "09:00")
    world.figures(SUNDAY)
    world.turn(at(MONDAY, "10:00"))
    shown = world.shown(f"weekly:standup:{MONDAY}")
    assert "Bought, then refunded" not in shown
    assert "Nothing was found wrong this week" in shown
    assert "Withdrawn once the figures were in or corrected: 1, not counted here" in shown
    assert "Alerts this week" not in shown


def test_what_comes_back_after_a_withdrawal_counts_again(world: World) -> None:
    morning(world, 0, refunds=3)
    for clock, refunds in (("11:00", 1), ("12:00", 3)):
        world.now = at(DAY + timedelta(1), clock)
        world.figures(DAY, refunds=refunds)
        world.turn(world.now)
        world.wake()
    for number in range(1, 5):
        morning(world, number)
    made = compose(world.desk, world.desk.team.channel[0], SUNDAY, at(MONDAY))
    assert [one.scene for one in made.troubles] == ["S4"]
    assert (made.alerts, made.withdrawn) == (1, 0)


def test_a_day_that_nobody_looks_at_any_more_keeps_what_was_found(world: World) -> None:
    morning(world, 0, refunds=3)
    found = world.desk.findings.list(DAY, DAY)
    world.now = at(DAY + timedelta(2), "00:30")
    world.turn(world.now)
    assert world.desk.findings.list(DAY, DAY) == found
    assert world.desk.findings.list(DAY, DAY, withdrawn=True) == ()


def test_what_several_shops_lost_is_told_in_its_own_money(world: World) -> None:
    rows = [
        FindingRow("teduh/all|S4", DAY, "teduh", "teduh/all", "S4", "refund_rate", 0.1, 0.05,
                   900.0, "USD"),
        FindingRow("teduh|S7", DAY, "teduh", "teduh", "S7", "roas", 1.0, 2.0, 1000.0, "IDR"),
    ]  # fmt: skip
    run = world.desk.ledger.claim("watch", "by hand", world.now)
    assert run is not None
    assert world.desk.ledger.finish(run, world.now, findings=rows)
    desk = replace(world.desk, team=team(team={"currency": "IDR", "rates": {"USD": 16000.0}}))
    made = compose(desk, world.desk.team.channel[0], SUNDAY, at(MONDAY))
    assert [(one.unit, one.currency, one.lost) for one in made.troubles] == [
        ("teduh/all", "USD", 900.0),
        ("teduh", "IDR", 1000.0),
    ]
    shown = str(weekly(made, desk.channel_voice(world.desk.team.channel[0])))
    assert "all shops: Bought, then refunded · 1 day · about $900 of GMV lost" in shown
