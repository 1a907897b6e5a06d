"""One suite for every chat: what the bot may rely on, whichever platform it speaks to."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot import clock
from bot.card import Button, Buttons, Card, Paragraph, line
from tests.contract.peers import CHATS, Peer

if TYPE_CHECKING:
    from collections.abc import Iterator

BEFORE = datetime(2020, 1, 1, tzinfo=UTC)

for _module in sorted(Path(__file__).parent.glob("*_chat.py")):
    if not _module.stem.startswith("test_"):
        importlib.import_module(f"tests.contract.{_module.stem}")


@pytest.fixture(params=sorted(CHATS), scope="module")
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    with CHATS[request.param]() as made:
        yield made


def card(text: str) -> Card:
    return Card(
        "red",
        line(text),
        f"{text} · 12 Mar",
        (Paragraph((line("one line"),)), Buttons((Button("ack", "Ack", "a1"),))),
        "en",
    )


def test_a_card_is_seen_where_it_was_posted(peer: Peer) -> None:
    ref = peer.chat.post(peer.channel, card("First verdict"), key="c-1")
    assert (ref.platform, ref.channel, ref.thread) == (peer.chat.platform, peer.channel, "")
    assert "First verdict" in peer.seen(ref.message)


def test_a_reply_stands_in_its_thread(peer: Peer) -> None:
    root = peer.chat.post(peer.channel, card("Root"), key="c-2")
    reply = peer.chat.post(peer.channel, card("Detail"), key="c-3", thread=root.message)
    assert reply.thread == root.message
    assert peer.thread_of(reply.message) == root.message


def test_a_changed_card_stays_one_message(peer: Peer) -> None:
    ref = peer.chat.post(peer.channel, card("Before"), key="c-4")
    count = peer.count()
    peer.chat.change(ref, card("After"))
    assert "After" in peer.seen(ref.message)
    assert "Before" not in peer.seen(ref.message)
    assert peer.count() == count


def test_a_message_is_found_by_its_key_or_made_once_by_it(peer: Peer) -> None:
    if not peer.keeps_keys:
        pytest.skip("this server forgets the key that the platform itself keeps")
    ref = peer.chat.post(peer.channel, card("Keyed"), key="c-5")
    found = peer.chat.find(peer.channel, "c-5", BEFORE)
    assert peer.chat.find(peer.channel, "c-6", BEFORE) is None
    if found is None:
        assert peer.chat.post(peer.channel, card("Keyed"), key="c-5").message == ref.message
    else:
        assert found == ref


def test_a_command_is_heard_and_answered(peer: Peer) -> None:
    peer.command("funnel live-0312")
    heard = peer.heard("command")
    assert heard.text == "/funnel live-0312"
    assert (heard.platform, heard.channel) == (peer.chat.platform, peer.channel)
    assert heard.user == peer.person
    assert abs(clock.now() - heard.at) < timedelta(days=1)
    before = peer.count()
    peer.chat.answer(heard, card("The funnel"), key="c-7")
    assert peer.count() == before + 1


def test_the_same_word_in_chinese_is_heard_too(peer: Peer) -> None:
    peer.command("漏斗 live-0312")
    assert peer.heard("command").text == "/漏斗 live-0312"


def test_an_answer_in_a_thread_is_heard_edited_and_taken_back(peer: Peer) -> None:
    root = peer.chat.post(peer.channel, card("Review"), key="c-8")
    message = peer.reply(root.message, "freight rose & so on")
    reply = peer.heard("reply")
    assert (reply.text, reply.thread) == ("freight rose & so on", root.message)
    assert reply.user == peer.person
    told = peer.chat.replies(peer.channel, root.message, BEFORE)
    assert [one.message for one in told] == [reply.message]
    if peer.edit(message, "freight fell"):
        edit = peer.heard("edit")
        assert (edit.text, edit.message, edit.thread) == (
            "freight fell",
            reply.message,
            root.message,
        )
        assert edit.id != reply.id
    if peer.delete(message):
        assert peer.heard("delete").message == reply.message


def test_a_pressed_button_brings_its_action_and_its_card(peer: Peer) -> None:
    ref = peer.chat.post(peer.channel, card("Alert"), key="c-9")
    peer.press(ref.message, "ack", "a1")
    heard = peer.heard("button")
    assert (heard.action, heard.value, heard.message) == ("ack", "a1", ref.message)
    assert heard.user == peer.person


def test_its_own_words_are_never_heard(peer: Peer) -> None:
    root = peer.chat.post(peer.channel, card("Own words"), key="c-10")
    peer.chat.post(peer.channel, card("Own reply"), key="c-11", thread=root.message)
    peer.chat.change(root, card("Own words, changed"))
    assert peer.nothing_more()


def test_a_name_is_always_something(peer: Peer) -> None:
    assert peer.chat.name(peer.person)
    assert peer.chat.name("nobody-9") == "nobody-9"


def test_it_is_healthy_while_it_listens_and_its_checks_are_well(peer: Peer) -> None:
    assert peer.chat.healthy()
    checks = peer.chat.check((peer.channel,))
    assert checks
    assert [check for check in checks if not check.ok] == []
