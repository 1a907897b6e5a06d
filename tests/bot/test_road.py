"""Every due digest once: restarts, two at a time, late, skipped, crashed, corrected."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot import morning, watch
from bot.deliver import deliver
from bot.round import Round
from bot.schedule import Occurrence
from storage.store import Store
from tests.bot.world import DAY, World, at, channel, sit, team
from tests.servers.slack import CHANNEL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from storage.sources import Batch

NEXT = DAY + timedelta(1)


def digests(world: World) -> list[str]:
    return [text for text in world.texts if "GMV" in text]


def test_a_digest_is_posted_once_over_rounds_and_restarts(world: World) -> None:
    world.figures(DAY)
    world.turn(at(NEXT, "08:59"))
    assert world.texts == []
    world.turn(at(NEXT, "09:00"))
    world.turn(at(NEXT, "09:01"))
    world.wake()
    world.turn(at(NEXT, "09:02"))
    assert len(digests(world)) == len(world.texts) == 1
    assert "Late" not in world.shown(f"digest:standup:{NEXT}")


def test_two_processes_at_once_post_one_digest(world: World) -> None:
    world.figures(DAY)
    now = at(NEXT)
    address = str(world.desk.store.engine.url)
    start = threading.Barrier(2)

    def replica() -> None:
        with closing(Store(address)) as store:
            desk = sit(store, world.desk.team)
            start.wait(10)
            Round(desk, lambda: None)(now)
            while deliver(desk.ledger, {"slack": world.chat}, lambda: now):
                pass

    threads = [threading.Thread(target=replica) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    world.turn(now + timedelta(seconds=30))
    assert len(digests(world)) == len(world.slack.of("chat.postMessage")) == 1


def test_a_digest_missed_by_less_than_four_hours_is_marked_late(world: World) -> None:
    world.figures(DAY)
    world.turn(at(NEXT, "12:59"))
    assert len(digests(world)) == 1
    assert "09:00" in world.shown(f"digest:standup:{NEXT}")


def test_digests_missed_by_more_are_said_to_be_skipped(world: World) -> None:
    world.figures(DAY)
    world.turn(at(NEXT))
    world.figures(NEXT)
    world.wake()
    world.turn(at(NEXT + timedelta(1), "14:00"))
    world.wake()
    world.turn(at(NEXT + timedelta(1), "14:01"))
    assert len(world.texts) == 2
    assert "skipped" in world.texts[-1]


def test_a_new_channel_hears_nothing_of_the_days_before_it(world: World) -> None:
    world.figures(DAY)
    world.turn(at(NEXT, "20:00"))
    assert world.texts == []
    world.turn(at(NEXT + timedelta(1)))
    assert len(world.texts) == 1


@pytest.mark.parametrize(
    ("changes", "day", "posts"),
    [
        ({}, date(2026, 3, 14), 0),
        ({"days": ["sat"]}, date(2026, 3, 14), 1),
        ({"work": ["2026-03-14"]}, date(2026, 3, 14), 1),
        ({"off": ["2026-03-12"]}, date(2026, 3, 12), 0),
        ({"holidays": "CN"}, date(2026, 2, 14), 1),  # a Saturday, made up for Spring Festival
        ({"holidays": "CN"}, date(2026, 2, 18), 0),
    ],
)
def test_only_working_days_have_a_digest(
    begin: Callable[..., World], changes: dict[str, Any], day: date, posts: int
) -> None:
    world = begin(team(channel=[channel(alerts=False, **changes)]))
    world.turn(at(day))
    assert len(world.texts) == posts


@pytest.mark.parametrize(
    ("day", "clock"), [(date(2026, 3, 29), "01:30"), (date(2026, 10, 25), "01:30")]
)
def test_a_day_on_which_the_clock_is_changed_has_one_digest(
    begin: Callable[..., World], day: date, clock: str
) -> None:
    row = channel(zone="Europe/London", digest=clock, days=["sun"], alerts=False)
    world = begin(team(channel=[row], watch={"every_minutes": 1440}))
    midnight = at(day, "07:00")
    for half in range(-4, 10):
        world.turn(midnight + timedelta(minutes=30 * half))
    assert len(world.texts) == 1


def test_a_claim_whose_owner_died_is_taken_over_after_its_lease(world: World) -> None:
    world.figures(DAY)
    now = at(NEXT)
    assert world.desk.ledger.claim("digest", f"standup:{NEXT}", now)
    world.turn(now + timedelta(seconds=30))
    assert world.texts == []
    world.turn(now + timedelta(seconds=65))
    assert len(digests(world)) == 1


@dataclass
class Surprise:
    """A source that does something unexpected when it is read, and yields nothing."""

    happens: Callable[[], None]
    name: str = "surprise"

    def read(self, day: date | None, now: datetime) -> Iterator[Batch]:
        self.happens()
        return iter(())


def test_one_who_lost_the_claim_writes_nothing(world: World) -> None:
    world.figures(DAY)
    due = Occurrence("digest", "standup", NEXT, at(NEXT))

    def other() -> None:
        assert world.desk.ledger.claim("digest", due.key, due.at + timedelta(minutes=2))

    desk = replace(world.desk, sources=(Surprise(other),))
    assert not morning.run(desk, desk.team.channel[0], due, due.at)
    assert desk.ledger.posted(f"digest:standup:{NEXT}") is None


def test_a_job_that_fails_keeps_no_other_from_its_turn(begin: Callable[..., World]) -> None:
    rows = [channel("first", "C0FIRST", alerts=False), channel(alerts=False)]
    world = begin(team(channel=rows))
    world.figures(DAY)
    failing = iter((RuntimeError("a row that nobody expected"),))

    def once() -> None:
        for error in failing:
            raise error

    world.desk = replace(world.desk, sources=(Surprise(once),))
    world.wake()
    world.turn(at(NEXT))
    assert len(digests(world)) == 1
    world.turn(at(NEXT, "09:04"))
    assert len(digests(world)) == 1
    world.turn(at(NEXT, "09:06"))
    assert [one["channel"] for one in world.slack.posted] == [CHANNEL, "C0FIRST"]


def test_late_figures_are_told_and_put_right_in_place(world: World) -> None:
    world.figures(DAY, "returns", "gmvmax_daily", "template")
    world.turn(at(NEXT))
    first = world.texts[0]
    assert "not judged" in first
    world.turn(at(NEXT, "09:40"))
    assert world.slack.of("chat.update") == []
    world.figures(DAY, "orders")
    world.turn(at(NEXT, "10:10"))
    assert len(world.texts) == 1
    assert world.texts[0] != first
    assert "GMV" in world.texts[0]
    for clock in ("10:40", "11:10"):
        world.turn(at(NEXT, clock))
    assert len(world.slack.of("chat.update")) == 1


def test_a_correction_that_is_taken_back_is_shown_too(world: World) -> None:
    world.figures(DAY)
    world.turn(at(NEXT))
    first = world.texts[0]
    seen = [first]
    for clock, pay in (("09:40", 0.5), ("10:10", 1.0), ("10:40", 0.5)):
        world.now = at(NEXT, clock)
        world.figures(DAY, pay=pay)
        world.turn(at(NEXT, clock))
        seen.append(world.texts[0])
    assert seen[1] != first
    assert seen[2] == first
    assert seen[3] == seen[1]


def test_what_was_said_two_days_ago_stays(world: World) -> None:
    world.figures(DAY)
    world.turn(at(NEXT))
    said = world.texts[0]
    world.now = at(NEXT + timedelta(2), "08:00")
    world.figures(DAY, pay=0.5)
    world.turn(world.now)
    assert world.texts[0] == said


@pytest.mark.parametrize("minutes", [5, 7, 30, 45, 60, 90, 1440])
def test_each_moment_has_one_watch_and_each_watch_its_length(minutes: int) -> None:
    start = at(DAY)
    slots = [watch.slot(start + timedelta(minutes=n), minutes) for n in range(2 * minutes)]
    lengths = [slots.count(one) for one in dict.fromkeys(slots)]
    assert max(lengths) == minutes
    assert len(lengths) <= 3
