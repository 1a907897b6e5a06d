"""What late figures show is told in the digest's thread: once, with who is to act, and put right."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, update

from bot.cardjson import dumps, loads
from bot.say.digest import named
from bot.say.since import since
from storage.tables import RunRow, table_of
from tests.bot.world import DAY, World, at, channel, morning, team
from tests.cards import values

if TYPE_CHECKING:
    from collections.abc import Callable

NEXT = DAY + timedelta(1)
runs = table_of(RunRow)
ROOT = f"digest:standup:{NEXT}"


def late(world: World, clock: str = "10:40", **factors: Any) -> None:
    """Let the digest go out at nine without the orders, which come later."""
    world.now = at(NEXT, "06:00")
    world.figures(DAY, "returns", "gmvmax_daily", "template", **factors)
    world.turn(at(NEXT))
    world.now = at(NEXT, clock)
    world.figures(DAY, "orders", **factors)
    world.turn(world.now)


def test_a_leak_that_late_figures_show_is_told_in_the_thread_once(world: World) -> None:
    late(world, pay=0.5)
    assert "leaking most at" in world.texts[0]
    (line,) = world.replies(ROOT)
    (whole,) = world.thread(ROOT)
    assert line.startswith("🔴")
    assert "of profit lost" in line
    assert "Do: " in whole
    assert "<@U" in whole
    assert "Seen only in figures that came after the digest" in whole
    for clock in ("11:10", "15:00"):
        world.wake()
        world.turn(at(NEXT, clock))
    assert len(world.slack.posted) == 2


def test_what_the_digest_told_itself_is_told_no_second_time(world: World) -> None:
    morning(world, 0, pay=0.5)
    assert "leaking most at" in world.texts[0]
    world.now = at(NEXT, "10:40")
    world.figures(DAY, pay=0.45)
    world.turn(world.now)
    assert len(world.slack.posted) == 1
    assert len(world.slack.of("chat.update")) == 1


def test_what_has_an_alert_of_its_own_is_told_there_alone(world: World) -> None:
    late(world, refunds=3)
    assert len(world.told) == 1
    assert world.replies(ROOT) == []


def test_what_corrected_figures_do_not_show_is_taken_back_where_it_was_said(world: World) -> None:
    late(world, pay=0.5)
    before = world.replies(ROOT)
    world.now = at(NEXT, "12:10")
    world.figures(DAY)
    world.turn(world.now)
    (after,) = world.replies(ROOT)
    assert before != [after]
    assert after.startswith("Withdrawn: the corrected figures do not show it")
    world.now = at(NEXT, "13:10")
    world.figures(DAY, pay=0.5)
    world.turn(world.now)
    assert world.replies(ROOT) == before
    assert len(world.slack.posted) == 2


def test_its_review_is_opened_under_it(world: World) -> None:
    late(world, pay=0.5)
    (key,) = loads(world.desk.ledger.newest(f"{ROOT}:since:1")).tells or ()
    message = world.message(f"{ROOT}:since:1")
    assert "expired" not in world.presses(
        "review", key, message=message, thread=world.message(ROOT)
    )
    (review,) = world.desk.reviews.list()
    assert review.alert_key == key
    assert len(world.replies(ROOT)) == 2


def test_a_channel_of_digests_only_hears_nothing_between_them(
    begin: Callable[..., World],
) -> None:
    world = begin(team(channel=[channel(alerts=False)]))
    late(world, pay=0.5)
    assert len(world.slack.posted) == 1
    assert "leaking most at" in world.texts[0]


def test_a_digest_of_an_older_version_is_not_told_anew(world: World) -> None:
    world.now = at(NEXT, "06:00")
    world.figures(DAY)
    world.turn(at(NEXT))
    kept = update(runs).where(runs.c.job == "digest")
    older = func.replace(runs.c.snapshot, '"tells":[]', '"tells":null')
    with world.desk.store.engine.begin() as connection:
        assert connection.execute(kept.values(snapshot=older)).rowcount == 1
    world.now = at(NEXT, "10:40")
    world.figures(DAY, pay=0.5)
    world.turn(world.now)
    assert "leaking most at" in world.texts[0]
    assert world.replies(ROOT) == []


@pytest.mark.parametrize(("lang", "says"), [("zh", "又发现 2 条"), ("en", "2 more findings")])
def test_several_are_one_message_each_with_its_deed(lang: str, says: str) -> None:
    voice = values.voice("zh" if lang == "zh" else "en")
    one = values.live_finding()
    other = replace(one, key="uk-beauty|S1", unit="uk-beauty")
    diagnosis = values.diagnosis([values.bad_day()], [one, other])
    found = named(diagnosis, voice)
    card = since(found, ("uk-beauty|S8",), one.reading.day, diagnosis, voice)
    assert says in card.summary
    assert card.tells == (one.key, other.key, "uk-beauty|S8")
    assert dumps(card).count('"is":"Section"') == 2
    assert ("已撤回" if lang == "zh" else "Withdrawn") in dumps(card)
    assert loads(dumps(card)) == card
