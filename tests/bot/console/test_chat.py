"""The terminal prints what is posted and takes typed lines for what they are."""

from __future__ import annotations

import io
import queue
from datetime import UTC, datetime, timedelta

import pytest

from bot.card import Button, Buttons, Card, Words
from bot.chat import Incoming, Ref, Refused
from bot.console.chat import ConsoleChat

NOW = datetime(2026, 3, 13, 9, 0, tzinfo=UTC)


def card(text: str, *buttons: Button) -> Card:
    return Card("red", (Words(text),), text, (Buttons(buttons),) if buttons else (), "en")


def chat(typed: str = "") -> tuple[ConsoleChat, io.StringIO]:
    out = io.StringIO()
    made = ConsoleChat(out, io.StringIO(typed), width=60, color=False, now=lambda: NOW)
    return made, out


def heard(made: ConsoleChat, number: int) -> list[Incoming]:
    found: queue.Queue[Incoming] = queue.Queue()
    made.listen(found.put)
    return [found.get(timeout=5) for _ in range(number)]


def test_the_same_key_is_printed_once() -> None:
    made, out = chat()
    first = made.post("c", card("GMV fell"), key="digest:1")
    assert made.post("c", card("GMV fell"), key="digest:1") == first
    assert out.getvalue().count("GMV fell") == 1
    assert made.find("c", "digest:1", NOW) == first
    assert made.find("c", "digest:1", NOW + timedelta(1)) is None
    assert made.find("c", "other", NOW) is None


def test_a_reply_and_a_change_are_marked() -> None:
    made, out = chat()
    root = made.post("c", card("root"), key="a")
    made.post("c", card("below"), key="b", thread=root.message)
    made.change(root, card("root changed"))
    assert "↳ ▌ below" in out.getvalue()
    assert "↻ ▌ root changed" in out.getvalue()


def test_an_unknown_message_cannot_be_changed() -> None:
    made, _out = chat()
    with pytest.raises(Refused, match="not printed"):
        made.change(Ref("console", "c", "nothing"), card("x"))


def test_lines_are_commands_replies_and_buttons() -> None:
    made, _out = chat("/funnel live-0312\n\n> 3. freight\n!ack\n!no such button\n!good catch\n")
    buttons = (Button("ack", "Take it", "key"), Button("good_catch", "Good catch", "key 1"))
    root = made.post("console", card("alert", *buttons), key="a")
    command, reply, pressed, liked = heard(made, 4)
    assert (command.kind, command.text, command.at) == ("command", "/funnel live-0312", NOW)
    assert (reply.kind, reply.text, reply.thread) == ("reply", "3. freight", root.message)
    assert (pressed.kind, pressed.action, pressed.value) == ("button", "ack", "key")
    assert (pressed.message, liked.action) == (root.message, "good_catch")
    assert len({one.id for one in (command, reply, pressed, liked)}) == 4
    assert made.replies("console", root.message, NOW) == (reply,)
    assert made.replies("console", root.message, NOW + timedelta(1)) == ()


def test_without_a_thread_a_reply_goes_nowhere() -> None:
    made, _out = chat("> lost\n/help\n")
    assert [one.kind for one in heard(made, 1)] == ["command"]


def test_an_answer_stands_in_the_thread_of_the_question() -> None:
    made, out = chat("/help\n")
    (asked,) = heard(made, 1)
    ref = made.answer(asked, card("help"), key="k")
    assert ref is not None
    assert ref.thread == ""
    assert "help" in out.getvalue()


def test_it_needs_no_set_up_and_ends_with_its_input() -> None:
    made, _out = chat()
    assert all(check.ok for check in made.check(("a", "b")))
    assert made.name("you") == "you"
    assert made.healthy()
    made.stop()
    assert not made.healthy()
