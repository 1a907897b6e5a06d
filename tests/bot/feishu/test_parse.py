"""What is read out of events: commands however they are typed, replies, buttons, forms."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.feishu.parse import Reader, moment

BOT = "ou_bot"
READER = Reader(BOT, frozenset({"funnel", "漏斗", "help"}))
AT_BOT = {"key": "@_user_1", "id": {"open_id": BOT}, "name": "Loudou"}
AT_LIN = {"key": "@_user_2", "id": {"open_id": "ou_lin"}, "name": "林"}


def said(text: str, **changes: Any) -> dict[str, Any]:
    kind = changes.pop("message_type", "text")
    content = text if kind != "text" else json.dumps({"text": text})
    sender_type = changes.pop("sender_type", "user")
    message = {
        "message_id": "om_1",
        "chat_id": "oc_1",
        "chat_type": "group",
        "message_type": kind,
        "content": content,
        "create_time": "1773300000000",
        "mentions": [AT_BOT],
        **changes,
    }
    sender = {"sender_id": {"open_id": "ou_mia"}, "sender_type": sender_type}
    return {
        "schema": "2.0",
        "header": {"event_id": "ev_1", "event_type": "im.message.receive_v1"},
        "event": {"sender": sender, "message": message},
    }


POST = json.dumps(
    {
        "title": "",
        "content": [[{"tag": "at", "user_id": "@_user_1"}, {"tag": "text", "text": " /funnel x"}]],
    }
)
POST_ZH = json.dumps(
    {
        "zh_cn": {
            "title": "",
            "content": [[{"tag": "at", "user_id": "@_user_1"}, {"tag": "text", "text": "/漏斗 x"}]],
        }
    }
)


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        pytest.param(said("@_user_1 /funnel x"), "/funnel x", id="plain"),
        pytest.param(said("@_user_1/funnel x"), "/funnel x", id="no space"),
        pytest.param(said("@_user_1\u00a0/funnel\u00a0x"), "/funnel x", id="no-break space"),
        pytest.param(said("@_user_1\u3000／funnel\u3000x"), "/funnel x", id="full width"),
        pytest.param(said("@_user_1 /FUNNEL Live-0312"), "/funnel Live-0312", id="upper case"),
        pytest.param(said("/funnel x", chat_type="p2p", mentions=[]), "/funnel x", id="private"),
        pytest.param(said(POST, message_type="post"), "/funnel x", id="post"),
        pytest.param(said(POST_ZH, message_type="post"), "/漏斗 x", id="post with a locale"),
        pytest.param(said("@_user_1 /漏斗 live-0312"), "/漏斗 live-0312", id="Chinese word"),
        pytest.param(said("@_user_1 漏斗 live-0312"), "/漏斗 live-0312", id="word without slash"),
        pytest.param(said("@_user_1 / funnel x"), "/funnel x", id="space after the slash"),
        pytest.param(said("/funnel x @_user_1"), "/funnel x", id="mention at the end"),
        pytest.param(
            said("@_user_1 /nonsense"), "/nonsense", id="unknown word is for the registry"
        ),
        pytest.param(
            said("@_user_1 /why @_user_2", mentions=[AT_BOT, AT_LIN]),
            "/why @林",
            id="a colleague too",
        ),
        pytest.param(
            said(
                "@_user_10 /funnel x",
                mentions=[{**AT_BOT, "key": "@_user_10"}, {**AT_LIN, "key": "@_user_1"}],
            ),
            "/funnel x",
            id="user 10 is not user 1",
        ),
    ],
)
def test_command(payload: dict[str, Any], text: str) -> None:
    incoming = READER.read(payload)
    assert incoming is not None
    assert (incoming.kind, incoming.text, incoming.id) == ("command", text, "om_1")
    assert (incoming.user, incoming.channel) == ("ou_mia", "oc_1")
    assert incoming.at == datetime(2026, 3, 12, 7, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(
            said("@_user_1 /funnel x", mentions=[{**AT_LIN, "key": "@_user_1"}]), id="another bot"
        ),
        pytest.param(
            said("@_user_10 /funnel x", mentions=[{**AT_LIN, "key": "@_user_10"}]),
            id="user 10 alone",
        ),
        pytest.param(said("@_user_1 please run /funnel x"), id="in the middle of a text"),
        pytest.param(said("/funnel x", mentions=[]), id="group without mention"),
        pytest.param(said('{"image_key":"img_1"}', message_type="image"), id="picture"),
        pytest.param(said("@_user_1"), id="mention alone"),
        pytest.param(said(""), id="empty"),
        pytest.param(said("not json", message_type="post"), id="broken content"),
        pytest.param(said("[1]", message_type="post"), id="content of another shape"),
        pytest.param(said("@_user_1 /funnel x", sender_type="app"), id="a bot speaks"),
        pytest.param(
            {"header": {"event_type": "im.message.message_read_v1"}, "event": {}}, id="unknown"
        ),
        pytest.param({}, id="nothing"),
        pytest.param({"header": [], "event": "x"}, id="of another shape"),
    ],
)
def test_not_for_the_bot(payload: dict[str, Any]) -> None:
    assert READER.read(payload) is None


def test_bot_without_an_id_is_never_mentioned() -> None:
    nobody = said("@_user_1 /funnel x", mentions=[{"key": "@_user_1", "id": {}, "name": "x"}])
    assert Reader("").read(nobody) is None


def test_reply_in_a_thread() -> None:
    incoming = READER.read(said("运费说明改过 @_user_2", mentions=[AT_LIN], root_id="om_root"))
    assert incoming is not None
    assert (incoming.kind, incoming.thread, incoming.text) == (
        "reply",
        "om_root",
        "运费说明改过 @林",
    )


def test_reply_that_mentions_the_bot_is_still_a_reply() -> None:
    incoming = READER.read(said("@_user_1 new freight text", root_id="om_root"))
    assert incoming is not None
    assert (incoming.kind, incoming.text) == ("reply", "new freight text")


def test_command_in_a_thread_knows_its_thread() -> None:
    incoming = READER.read(said("@_user_1 /funnel x", root_id="om_root"))
    assert incoming is not None
    assert (incoming.kind, incoming.thread) == ("command", "om_root")


def test_recalled() -> None:
    payload = {
        "header": {
            "event_id": "ev",
            "event_type": "im.message.recalled_v1",
            "create_time": "1773300000000",
        },
        "event": {"message_id": "om_9", "chat_id": "oc_1", "recall_time": "1773300000000"},
    }
    incoming = READER.read(payload)
    assert incoming is not None
    assert (incoming.kind, incoming.message, incoming.id) == ("delete", "om_9", "om_9:recalled")


def callback(**action: Any) -> dict[str, Any]:
    return {
        "header": {
            "event_id": "ev_7",
            "event_type": "card.action.trigger",
            "create_time": "1773300000000000",
        },
        "event": {
            "operator": {"open_id": "ou_mia"},
            "token": "c-1",
            "action": {"tag": "button", **action},
            "context": {"open_message_id": "om_card", "open_chat_id": "oc_1"},
        },
    }


def test_button() -> None:
    incoming = READER.read(callback(value={"action": "ack", "value": "a1"}))
    assert incoming is not None
    assert (incoming.kind, incoming.action, incoming.value) == ("button", "ack", "a1")
    assert (incoming.id, incoming.message, incoming.token) == ("ev_7", "om_card", "c-1")
    assert incoming.at == datetime(2026, 3, 12, 7, 20, tzinfo=UTC)


def test_form() -> None:
    form = {"problem": " 加购低 ", "cause": "price", "empty": "", "none": None}
    incoming = READER.read(callback(value={"action": "answer", "value": "r1"}, form_value=form))
    assert incoming is not None
    assert incoming.kind == "form"
    assert incoming.answers == {"problem": "加购低", "cause": "price"}


@pytest.mark.parametrize("value", ["ack", None, {}, {"other": 1}])
def test_callback_that_is_not_ours(value: Any) -> None:
    assert READER.read(callback(value=value)) is None


def test_menu_is_a_private_command() -> None:
    payload = {
        "header": {"event_id": "ev_3", "event_type": "application.bot.menu_v6"},
        "event": {
            "operator": {"operator_id": {"open_id": "ou_mia"}},
            "event_key": "help",
            "timestamp": 1773300000,
        },
    }
    incoming = READER.read(payload)
    assert incoming is not None
    assert (incoming.text, incoming.channel, incoming.private) == ("/help", "ou_mia", True)


@pytest.mark.parametrize("stamp", [1773300000, "1773300000", "1773300000000", 1773300000000000])
def test_moment(stamp: Any) -> None:
    assert moment(stamp) == datetime(2026, 3, 12, 7, 20, tzinfo=UTC)


@pytest.mark.parametrize("stamp", [None, "", "soon"])
def test_moment_that_is_none_is_long_ago(stamp: Any) -> None:
    assert moment(stamp).year == 1970
