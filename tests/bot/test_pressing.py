"""What the buttons of an alert do: once, for everybody, in place."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.bot.world import CAROL, DAY, World, at, channel, morning, shop, team
from tests.servers.slack import ALICE, BOB

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def world(alerted: Callable[..., World]) -> World:
    """Give the bot on the morning of an alert."""
    return alerted()


@pytest.fixture
def root(world: World) -> str:
    """Return the key of the alert that was posted this morning."""
    return world.told[0].post_key


def key(world: World) -> str:
    told = world.told[0]
    return told.key


def test_who_takes_it_on_stands_on_the_card(world: World, root: str) -> None:
    assert world.presses("ack", key(world)) == ""
    assert "Ani" in world.shown(root)
    assert world.told[0].state == "acked"
    shown = world.shown(root)
    assert world.presses("ack", key(world)) == ""
    assert "Ani" in world.presses("ack", key(world), user=BOB)
    assert world.told[0].acked_by == "Ani"
    assert world.shown(root) == shown
    assert [one.accepted_by for one in world.desk.findings.waiting()] == ["Ani"]


def test_an_acknowledged_alert_is_still_shown_worse(world: World, root: str) -> None:
    world.presses("ack", key(world))
    morning(world, 1, refunds=6)
    assert world.told[0].state == "acked"
    assert "Ani" in world.shown(root)
    assert len(world.replies(root)) == 2


def test_after_the_recovery_nothing_can_be_taken_on(world: World, root: str) -> None:
    known = key(world)
    for number in (1, 2):
        morning(world, number)
    world.turn(at(DAY + timedelta(4), "12:00"))
    assert world.told == ()
    shown = world.shown(root)
    for action in ("ack", "snooze"):
        value = f"{known} 1d" if action == "snooze" else known
        assert "expired" in world.presses(action, value)
    assert world.shown(root) == shown


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("ack", "teduh|S9"),
        ("ack", ""),
        ("snooze", "teduh|S9 1d"),
        ("snooze", "no days"),
        ("false_alarm", "teduh|S9"),
        ("good_catch", "teduh|S9"),
        ("review", "teduh|S9"),
        ("review", "elok|S4"),
        ("what is this", "x"),
    ],
)
def test_a_button_that_leads_nowhere_says_so(
    world: World, root: str, action: str, value: str
) -> None:
    posted = len(world.slack.posted)
    assert "expired" in world.presses(action, value)
    assert len(world.slack.posted) == posted


@pytest.mark.parametrize("days", [1, 3])
def test_snoozed_is_silent_until_then(world: World, root: str, days: int) -> None:
    assert world.presses("snooze", f"{key(world)} {days}d") == ""
    told = world.told[0]
    assert told.state == "snoozed"
    assert told.snoozed_until == world.now + timedelta(days=days)
    assert "Ani" in world.shown(root)
    replies = len(world.replies(root))
    morning(world, 2, refunds=9)
    assert (len(world.replies(root)) > replies) == (days == 1)


def opinions(world: World) -> list[tuple[str, bool]]:
    day = world.now.date()
    return [(one.user, one.good) for one in world.desk.findings.opinions(day, day)]


def test_opinions_are_noted_and_a_false_alarm_is_over(world: World, root: str) -> None:
    known = key(world)
    world.presses("good_catch", known)
    world.presses("good_catch", known)
    assert len(world.replies(root)) == 2
    world.presses("false_alarm", known, user=BOB)
    assert world.told == ()
    assert "Budi" in world.shown(root)
    assert "Acknowledge" not in world.shown(root)
    assert opinions(world) == [(f"slack:{ALICE}", True), (f"slack:{BOB}", False)]


def test_a_wrong_press_is_taken_back_by_the_other_button(world: World, root: str) -> None:
    known = key(world)
    world.presses("false_alarm", known)
    assert "Since 12 Mar: false alarm once; told only from 1.1× as sure" in world.shown(root)
    assert "Good catch" in world.shown(root)
    world.wake()
    world.presses("good_catch", known)
    assert opinions(world) == [(f"slack:{ALICE}", True)]
    assert [one.state for one in world.told] == ["open"]
    assert "Acknowledge" in world.shown(root)
    assert "Since 12 Mar: good catch once; told as before" in world.shown(root)


def test_a_false_alarm_is_silent_while_it_goes_on_and_back_when_worse(
    world: World, root: str
) -> None:
    known = key(world)
    world.presses("false_alarm", known)
    world.wake()
    replies = len(world.replies(root))
    morning(world, 1, refunds=3)
    assert world.told == ()
    assert len(world.replies(root)) == replies
    assert morning(world, 2, refunds=9) == root
    assert "Back again" in world.replies(root)[-1]
    assert "false alarm once" in world.shown(root)


def test_many_false_alarms_raise_what_the_next_one_needs(world: World, root: str) -> None:
    known = key(world)
    for user in (ALICE, BOB, CAROL):
        world.presses("false_alarm", known, user=user)
    today = world.now.date()
    assert world.desk.patience(today)[known] == pytest.approx(1.37, abs=0.01)
    assert world.desk.patience(today - timedelta(1)).get(known) is None
    assert "told only from 1.4× as sure" in str(world.slack.posted[-1])
    assert "The other button takes it back" in str(world.slack.posted[-1])
    assert "told only from 1.4× as sure" in world.asks("/why teduh 2026-03-11")


def test_a_review_is_opened_once_under_its_alert(world: World, root: str) -> None:
    world.desk.reviews.close(world.desk.reviews.list()[0].id, "", world.now)
    posted = len(world.slack.posted)
    for _ in range(2):
        assert world.presses("review", key(world), message=world.message(root)) == ""
    assert len(world.slack.posted) == posted
    assert len(world.desk.reviews.list()) == 1


def test_a_finding_without_alert_is_reviewed_under_its_digest(
    begin: Callable[..., World],
) -> None:
    world = begin(team(channel=[channel(alerts=False)]))
    morning(world, 0, refunds=3)
    digest = f"digest:standup:{DAY + timedelta(1)}"
    finding = world.desk.findings.list(DAY, DAY)[0].key
    for _ in range(2):
        assert world.presses("review", finding, message=world.message(digest)) == ""
    assert len(world.replies(digest)) == 1
    assert [one.root_key for one in world.desk.reviews.list()] == [digest]


@pytest.mark.parametrize(
    ("action", "value", "says"),
    [("why", "teduh", "Teduh"), ("funnel", "teduh", "Teduh"), ("review_list", "", "#1"),
     ("why", "elok", "not found")],
)  # fmt: skip
def test_a_button_may_ask(world: World, root: str, action: str, value: str, says: str) -> None:
    assert says in world.presses(action, value)


def test_what_was_under_way_for_too_long_is_not_carried_out(world: World, root: str) -> None:
    old = world.now - timedelta(minutes=11)
    assert "expired" in world.presses("ack", key(world), at=old)
    assert world.told[0].state == "open"
    assert "expired" in world.asks("/snooze teduh 3d", at=old)
    assert world.told[0].state == "open"


def test_a_channel_cannot_press_what_is_anothers(begin: Callable[..., World]) -> None:
    rows = [channel(), channel("other", "C0OTHER", shops=["elok"])]
    world = begin(team(shop=[shop(), shop("elok")], channel=rows))
    morning(world, 0, refunds=3)
    for action in ("ack", "review", "false_alarm", "why"):
        said = world.presses(action, "elok|S4", user=ALICE)
        assert "expired" in said or "not found" in said
    assert {one.state for one in world.told} == {"open"}


def test_snooze_by_command_shows_it_on_the_card(world: World, root: str) -> None:
    assert "Teduh" in world.asks("/snooze teduh 3d")
    assert world.told[0].state == "snoozed"
    assert "Ani" in world.shown(root)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("/snooze", "Usage"),
        ("/snooze teduh 99d", "Usage"),
        ("/snooze tedoh 3d", "not found"),
        ("/snooze elok 3d", "not found"),
        ("/snooze teduh 2026-99-99", "dates"),
    ],
)
def test_snooze_silences_nothing_by_a_guess(world: World, root: str, text: str, says: str) -> None:
    assert says in world.asks(text)
    assert world.told[0].state == "open"


@pytest.mark.parametrize(("clock", "day"), [("02:00", 1), ("12:00", 1), ("23:30", 1)])
def test_an_opinion_is_of_the_day_on_the_readers_wall(
    world: World, root: str, clock: str, day: int
) -> None:
    world.now = at(DAY + timedelta(1 + day), clock)
    world.presses("false_alarm", key(world))
    today = DAY + timedelta(1 + day)
    assert [one.day for one in world.desk.findings.opinions(DAY, DAY + timedelta(9))] == [today]
    world.now = at(today, "23:50")
    world.presses("good_catch", world.desk.ledger.opened_since("standup", DAY)[0].key)
    found = world.desk.findings.opinions(DAY, DAY + timedelta(9))
    assert [(one.day, one.good) for one in found] == [(today, True)]


def test_an_answer_counts_from_the_readers_next_day_on(world: World, root: str) -> None:
    known = key(world)
    world.now = at(DAY + timedelta(1), "23:00")
    world.presses("false_alarm", known)
    desk = world.desk
    before, after = (
        at(DAY + timedelta(number), clock) for number, clock in ((1, "23:59"), (2, "00:01"))
    )
    told = [
        desk.patience(desk.today(now, shops=["teduh"]) - timedelta(1)) for now in (before, after)
    ]
    assert [one.get(known, 1.0) > 1.0 for one in told] == [False, True]


@pytest.mark.parametrize("action", ["ack", "snooze", "false_alarm"])
def test_what_was_withdrawn_is_not_taken_on_by_an_old_card(
    world: World, root: str, action: str
) -> None:
    known = key(world)
    world.now = at(DAY + timedelta(1), "11:00")
    world.figures(DAY, refunds=1)
    world.turn(world.now)
    shown = world.shown(root)
    assert "Withdrawn" in shown
    said = world.presses(action, f"{known} 1d" if action == "snooze" else known)
    assert ("expired" in said) is (action != "false_alarm")
    assert world.told == ()
    assert world.shown(root) == shown


def test_presses_in_any_order_twice_and_after_a_restart_end_alike(world: World, root: str) -> None:
    known = key(world)
    for action in ("false_alarm", "false_alarm", "good_catch", "good_catch", "false_alarm"):
        world.presses(action, known)
        world.wake()
    assert world.told == ()
    assert "Marked as a false alarm by Ani" in world.shown(root)
    assert opinions(world) == [(f"slack:{ALICE}", False)]
    assert len(world.replies(root)) == 3


@pytest.mark.parametrize(("false", "reminded"), [(True, 0), (False, 1)])
def test_nobody_is_reminded_of_a_false_alarms_review(
    alerted: Callable[..., World], reminded: int, *, false: bool
) -> None:
    world = alerted(team(review={"remind_after_hours": 4}))
    told = world.told[0]
    if false:
        world.presses("false_alarm", told.key)
    world.turn(at(DAY + timedelta(1), "15:00"))
    said = [one for one in world.replies(told.post_key) if "needs your answer" in one]
    assert len(said) == reminded
