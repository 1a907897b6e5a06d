"""Recorded payloads and what somebody did with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.chat import Incoming
from bot.slack import parse

WORDS = ("funnel", "漏斗", "help", "/why", "review")
NOW = datetime(2026, 3, 13, 9, 0, tzinfo=UTC)
AT = datetime(2026, 3, 13, 8, 0, 0, 100, tzinfo=UTC)
TS = f"{int(AT.timestamp())}.000100"
ROOT = "1773380000.000001"


def event(**fields: Any) -> dict[str, Any]:
    return {"type": "message", "channel": "C1", "user": "U1", "ts": TS, "channel_type": "channel",
            **fields}  # fmt: skip


def said(kind: Any, text: str, **fields: Any) -> Incoming:
    made = Incoming(kind, f"C1:{TS}", "slack", "C1", "U1", AT, text, message=TS)
    return replace(made, **fields)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("<@U0BOT> funnel live-0312", "/funnel live-0312"),
        ("<@U0BOT>\u00a0Funnel\u3000live-0312", "/Funnel live-0312"),
        ("<@U0BOT> ／漏斗 live-0312 7d", "/漏斗 live-0312 7d"),
        ("<@U0BOT> 漏斗live-0312", "/漏斗 live-0312"),
        ("<@U0BOT> /why uk-beauty", "/why uk-beauty"),
        ("<@U0BOT>", "/help"),
        ("<@U0BOT> good morning &amp; hello", "good morning & hello"),
        ("please funnel live-0312 <@U0BOT>", "please funnel live-0312"),
    ],
)
def test_a_mention_is_a_command(text: str, command: str) -> None:
    assert parse.event(event(type="app_mention", text=text), WORDS, "U0BOT") == said(
        "command", command
    )


def test_a_mention_and_its_message_are_one_thing() -> None:
    text = "<@U0BOT> funnel live-0312"
    told = {type_: parse.event(event(type=type_, text=text), WORDS, "U0BOT")
            for type_ in ("app_mention", "message")}  # fmt: skip
    assert told["app_mention"] == told["message"]


def test_in_a_thread_only_a_known_word_is_a_command() -> None:
    known = parse.event(event(text="<@U0BOT> funnel x", thread_ts=ROOT), WORDS, "U0BOT")
    talk = parse.event(event(text="<@U0BOT> freight rose", thread_ts=ROOT), WORDS, "U0BOT")
    assert known == said("command", "/funnel x", thread=ROOT)
    assert talk == said("reply", "freight rose", thread=ROOT)


@pytest.mark.parametrize("subtype", ["", "file_share", "thread_broadcast", "me_message"])
def test_words_in_a_thread_are_a_reply(subtype: str) -> None:
    text = "see <https://x.io/a|the page>, <@U2|mia> &lt;3"
    found = parse.event(event(text=text, thread_ts=ROOT, subtype=subtype), WORDS, "U0BOT")
    assert found == said("reply", "see the page, @mia <3", thread=ROOT)


def test_a_private_message_needs_no_mention() -> None:
    found = parse.event(event(text="漏斗 x", channel="D1", channel_type="im"), WORDS, "U0BOT")
    assert found == said("command", "/漏斗 x", channel="D1", id=f"D1:{TS}", private=True)


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "talk in the channel"},
        {"text": "own words", "user": "U0BOT", "thread_ts": ROOT},
        {"text": "another bot", "bot_id": "B9", "thread_ts": ROOT},
        {"text": "<@U0BOT> funnel", "bot_id": "B9", "type": "app_mention"},
        {"text": "joined", "subtype": "channel_join", "thread_ts": ROOT},
        {"text": "bot", "subtype": "bot_message", "user": None, "thread_ts": ROOT},
        {"type": "reaction_added", "reaction": "eyes"},
    ],
)
def test_what_nobody_needs_is_passed_over(fields: dict[str, Any]) -> None:
    assert parse.event(event(**fields), WORDS, "U0BOT") is None


def changed(message: dict[str, Any], before: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"type": "message", "subtype": "message_changed", "channel": "C1", "ts": "1773388900.5",
            "message": {"user": "U1", "ts": TS, "thread_ts": ROOT, **message},
            "previous_message": {"user": "U1", "ts": TS, "thread_ts": ROOT, **before},
            **fields}  # fmt: skip


def test_an_edited_reply_keeps_its_id_and_has_one_of_its_own() -> None:
    edit = {"text": "new", "edited": {"user": "U1", "ts": "1773388888.000000"}}
    found = parse.event(changed(edit, {"text": "old"}), WORDS, "U0BOT")
    assert found == said(
        "edit",
        "new",
        id=f"C1:{TS}:1773388888.000000",
        at=datetime.fromtimestamp(1773388888, UTC),
        thread=ROOT,
    )


def test_an_unfolded_link_and_a_changed_card_are_no_edits() -> None:
    assert parse.event(changed({"text": "x"}, {"text": "x"}), WORDS, "U0BOT") is None
    own = {"text": "card 2", "bot_id": "B0BOT"}
    assert parse.event(changed(own, {"text": "card"}), WORDS, "U0BOT") is None


def test_a_deleted_reply_is_told_by_its_id_alone() -> None:
    gone = {"type": "message", "subtype": "message_deleted", "channel": "C1", "deleted_ts": TS,
            "event_ts": "1773388999.0", "previous_message": {"user": "U1", "ts": TS,
            "thread_ts": ROOT, "text": "secret"}}  # fmt: skip
    found = parse.event(gone, WORDS, "U0BOT")
    assert found == said(
        "delete",
        "",
        id=f"C1:{TS}:deleted",
        at=datetime.fromtimestamp(1773388999, UTC),
        thread=ROOT,
    )
    bare = {key: value for key, value in gone.items() if key != "previous_message"}
    assert parse.event(bare, WORDS, "U0BOT") is not None
    tombstone = changed({"subtype": "tombstone", "text": "deleted"}, {"text": "secret"})
    told = parse.event(tombstone, WORDS, "U0BOT")
    assert told is not None
    assert (told.kind, told.message) == ("delete", TS)


def test_a_slash_command_brings_its_answering_address() -> None:
    body = {"command": "/funnel", "text": " live-0312　7d ", "trigger_id": "13.7.ab", "user_id": "U1",
            "channel_id": "C1", "response_url": "https://hooks.slack.com/commands/1"}  # fmt: skip
    assert parse.slash(body, NOW) == Incoming(
        "command", "13.7.ab", "slack", "C1", "U1", NOW, "/funnel live-0312 7d",
        token="https://hooks.slack.com/commands/1",
    )  # fmt: skip
    assert parse.slash({**body, "channel_id": "D1", "text": None}, NOW).private is True


def clicked(action: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"type": "block_actions", "user": {"id": "U2"}, "channel": {"id": "C1"},
            "container": {"type": "message", "message_ts": TS, "channel_id": "C1"},
            "message": {"ts": TS}, "response_url": "https://hooks.slack.com/actions/1",
            "actions": [{"action_ts": "1773388800.000200", **action}], **fields}  # fmt: skip


@pytest.mark.parametrize(
    "action",
    [
        {"type": "button", "action_id": "ack", "value": "a1"},
        {"type": "button", "action_id": "ack#2", "value": "a1"},
        {"type": "overflow", "action_id": "overflow#2", "selected_option": {"value": "ack a1"}},
    ],
)
def test_a_click_is_the_same_from_a_button_and_from_the_overflow(action: dict[str, Any]) -> None:
    found = parse.click(clicked(action))
    assert (found.kind, found.action, found.value, found.message) == ("button", "ack", "a1", TS)
    assert (found.user, found.thread, found.private) == ("U2", "", False)
    assert found.id == f"1773388800.000200:U2:{action['action_id']}"


def test_a_click_in_a_thread_and_one_seen_by_one_person_alone() -> None:
    action = {"type": "button", "action_id": "ack", "value": "a1"}
    assert parse.click(clicked(action, message={"ts": TS, "thread_ts": ROOT})).thread == ROOT
    alone = {"message_ts": TS, "channel_id": "C1", "is_ephemeral": True}
    assert parse.click(clicked(action, container=alone)).private is True
