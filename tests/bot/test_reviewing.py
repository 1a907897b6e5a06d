"""A review from its form to its end: answers kept, edited, taken back; who has not answered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.healing import heal
from bot.inbox import keep, work
from tests.bot.world import CAROL, DAY, World, at, channel, morning, shop, team
from tests.servers.slack import ALICE, BOB

if TYPE_CHECKING:
    from collections.abc import Callable

NEXT = DAY + timedelta(1)


@pytest.fixture
def world(alerted: Callable[..., World]) -> World:
    """Give the bot on the morning of an alert, with its review open."""
    return alerted(team(review={"remind_after_hours": 4}))


@pytest.fixture
def form(world: World) -> str:
    return f"{world.told[0].post_key}:review"


def reply(
    world: World, text: str, user: str = ALICE, message: str = "1.1", kind: str = "reply"
) -> str:
    thread = world.message(world.told[0].post_key)
    return world.says(kind, user, text=text, message=message, thread=thread)


def answers(world: World) -> list[str]:
    return [one.text for one in world.desk.reviews.list()[0].answers]


def test_answers_stand_in_the_form_at_once_and_follow_what_people_do(
    world: World, form: str
) -> None:
    reply(world, "Hypothesis: the new batch is see-through")
    assert "see-through" in world.shown(form)
    assert "Ani" in world.shown(form)
    reply(world, "Action: fabric weight on the page", BOB, "1.2")
    reply(world, "Hypothesis: the light in the video", kind="edit")
    assert "see-through" not in world.shown(form)
    assert "light in the video" in world.shown(form)
    world.says("delete", message="1.2")
    assert "fabric weight" not in world.shown(form)
    assert answers(world) == ["Hypothesis: the light in the video"]
    assert len(world.replies(world.told[0].post_key)) == 1


def test_the_same_message_twice_is_one_answer(world: World) -> None:
    thread = world.message(world.told[0].post_key)
    for _ in range(2):
        world.says("reply", id="Ev1", text="Action: x", message="1.1", thread=thread)
    assert answers(world) == ["Action: x"]


def test_replies_elsewhere_and_in_other_channels_are_no_answers(world: World) -> None:
    thread = world.message(world.told[0].post_key)
    before = len(world.slack.calls)
    digest = world.message(f"digest:standup:{NEXT}")
    for values in (
        {"thread": digest},
        {"thread": "9.9"},
        {"thread": ""},
        {"thread": thread, "channel": "C0OTHER"},
    ):
        assert world.says("reply", text="hello", message="1.1", **values) == ""
    assert world.says("delete", message="7.7") == ""
    assert len(world.slack.calls) == before
    assert answers(world) == []


def test_a_person_whom_nobody_set_up_is_shown_by_name(world: World, form: str) -> None:
    world.slack.users[CAROL] = {"id": CAROL, "profile": {"display_name": "Carol"}}
    reply(world, "Result: better", CAROL)
    assert "Carol" in world.shown(form)


def test_a_form_answers_several_questions_and_sends_again_in_place(world: World, form: str) -> None:
    number = str(world.desk.reviews.list()[0].id)
    filled = {"hypotheses": "price", "action": " ", "verdict": "keep"}
    world.says("form", value=number, answers=filled, message=world.message(form))
    assert answers(world) == ["hypotheses: price", "conclusion: keep"]
    assert "price" in world.shown(form)
    for value in ("999", "", "x", "9" * 40):
        assert world.says("form", value=value, answers=filled) == ""
    world.says("form", value=number, answers=filled, channel="C0OTHER")
    assert len(answers(world)) == 2


def test_those_who_have_not_answered_are_reminded_once(world: World) -> None:
    root = world.told[0].post_key
    reply(world, "Hypothesis: x", ALICE)
    world.turn(at(NEXT, "12:30"))
    assert len(world.replies(root)) == 1
    for clock in ("13:10", "13:40", "17:00"):
        world.turn(at(NEXT, clock))
    assert len(world.replies(root)) == 2
    said = [one for one in world.slack.posted if one.get("thread_ts")][-1]
    assert f"<@{BOB}>" in str(said)
    assert f"<@{ALICE}>" not in str(said)


def test_nobody_is_reminded_who_has_answered_or_of_what_is_closed(world: World) -> None:
    root = world.told[0].post_key
    reply(world, "Hypothesis: x", ALICE)
    reply(world, "Action: y", BOB, "1.2")
    world.turn(at(NEXT, "13:10"))
    assert len(world.replies(root)) == 1


def test_an_alert_of_the_night_counts_from_the_morning(begin: Callable[..., World]) -> None:
    world = begin(team(review={"remind_after_hours": 4}))
    morning(world, 0)
    day = NEXT + timedelta(1)
    world.now = at(day, "00:10")
    world.figures(NEXT, refunds=3)
    for clock in ("00:10", "07:40", "11:00"):
        world.turn(at(day, clock))
    root = world.told[0].post_key
    assert len(world.replies(root)) == 1
    world.turn(at(day, "11:40"))
    assert len(world.replies(root)) == 2


def test_a_review_whose_alert_was_never_posted_reminds_nobody(world: World) -> None:
    world.desk.reviews.open("teduh|S1", "C01GEN", "never", ["action"], ["ani"], at(NEXT))
    world.turn(at(NEXT, "13:10"))
    assert not any("#2" in text for text in world.texts)


def test_the_reviews_are_listed_shown_searched_and_closed(world: World, form: str) -> None:
    reply(world, "Action: freight shown")
    assert "#1" in world.asks("/review")
    assert "freight shown" in world.asks("/review show 1")
    assert "freight shown" in world.asks("/复盘 #1")
    assert "#1" in world.asks("/review search freight")
    assert "#1" not in world.asks("/review search nothing-of-it")
    assert "keep it" in world.asks("/review close 1 keep it")
    assert "keep it" in world.shown(form)
    assert "closed already" in world.asks("/review close 1 again")
    assert world.desk.reviews.list()[0].conclusion == "keep it"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("/review show 99", "no review #99"),
        ("/review show " + "9" * 30, "number"),
        ("/review close", "number"),
        ("/review show", "number"),
        ("/review what", "number"),
        ("/review export", "command line"),
    ],
)
def test_a_review_that_is_not_there(world: World, text: str, says: str) -> None:
    assert says in world.asks(text)


def test_reviews_of_other_shops_are_not_shown(begin: Callable[..., World]) -> None:
    rows = [channel(), channel("other", "C0OTHER", shops=["elok"])]
    world = begin(team(shop=[shop(), shop("elok")], channel=rows))
    morning(world, 0, refunds=3)
    mine = {one.alert_key: one.id for one in world.desk.reviews.list()}
    theirs = mine["elok|S4"]
    for text in (
        "/review",
        f"/review {theirs}",
        "/review search elok",
        f"/review close {theirs} x",
    ):
        said = world.asks(text)
        assert "Elok" not in said
        assert "elok ·" not in said
    assert world.desk.reviews.get(theirs).closed_at is None  # type: ignore[union-attr]  # it is there
    assert "Elok" in world.asks("/review", channel="C0OTHER")


def test_what_was_said_while_the_bot_was_down_is_taken_once(world: World, form: str) -> None:
    thread = world.message(world.told[0].post_key)
    said = {
        "channel": "C01GEN", "user": BOB, "text": "Action: from the night", "type": "message",
        "ts": f"{world.now.timestamp() + 60:.6f}", "thread_ts": thread,
    }  # fmt: skip
    world.slack.posted.append(said)
    chats = {"slack": world.chat}
    assert heal(world.desk, chats, world.now) == 1
    assert heal(world.desk, chats, world.now) == 0
    work(world.desk.ledger, world.answering, lambda: world.now)
    assert answers(world) == ["Action: from the night"]
    again = world.chat.replies("C01GEN", thread, world.now - timedelta(days=1))
    assert not any(keep(world.desk.ledger, one, world.now) for one in again)


def test_a_closed_review_is_not_looked_up_any_more(world: World) -> None:
    world.asks("/review close 1 done")
    before = len(world.slack.calls)
    assert heal(world.desk, {"slack": world.chat}, world.now) == 0
    assert len(world.slack.calls) == before
