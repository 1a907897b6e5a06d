"""The week in one message: once, late or skipped as said; with and without findings."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.weekly import compose
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
