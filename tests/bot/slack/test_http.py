"""The signed door: what gets in, and what never reaches a handler."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from bot.slack.chat import SlackChat, SlackSettings
from tests.servers.slack import BOT_TOKEN, SECRET, StubSlack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.chat import Incoming

NOW = datetime(2026, 3, 13, 9, 0, tzinfo=UTC)
EVENT = {
    "type": "event_callback",
    "event_id": "Ev1",
    "team_id": "T01TEST",
    "event": {"type": "app_mention", "channel": "C1", "user": "U1", "ts": "1773388800.000100",
              "text": "<@U0BOT> funnel live-0312"},
}  # fmt: skip


def signed(body: str, stamp: str, secret: str = SECRET) -> str:
    base = f"v0:{stamp}:{body}".encode()
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class Door:
    """A chat behind its door, with what it heard."""

    def __init__(self, chat: SlackChat) -> None:
        self.chat = chat
        self.heard: list[Incoming] = []
        self.broken = False
        self.thread = ""

    def handler(self, incoming: Incoming) -> None:
        self.thread = threading.current_thread().name
        if self.broken:
            raise RuntimeError("the database is away")
        self.heard.append(incoming)

    def knock(self, body: str, kind: str = "application/json", **headers: str) -> tuple[str, str]:
        """Send a request; returns its status and body."""
        stamp = headers.pop("stamp", str(int(NOW.timestamp())))
        given = {
            "HTTP_X_SLACK_REQUEST_TIMESTAMP": stamp,
            "HTTP_X_SLACK_SIGNATURE": signed(body, stamp),
            **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        }
        data = body.encode()
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "POST", "PATH_INFO": "/slack/events", "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(data)), "wsgi.input": io.BytesIO(data), **given,
        }  # fmt: skip
        status: list[str] = []

        def start(code: str, _: list[tuple[str, str]], __: Any = None) -> Any:
            status.append(code)

        answer = b"".join(self.chat.wsgi(environ, start)).decode()
        return status[0][:3], answer


@pytest.fixture
def door(stub: StubSlack) -> Iterator[Door]:
    settings = SlackSettings(BOT_TOKEN, signing_secret=SECRET, api_url=stub.api_url)
    chat = SlackChat(settings, words=("funnel",), now=lambda: NOW)
    made = Door(chat)
    assert made.knock("{}")[0] == "503"
    chat.listen(made.handler)
    yield made
    chat.stop()
    assert made.knock("{}")[0] == "503"


BODY = json.dumps(EVENT)
STAMP = int(NOW.timestamp())


def test_a_genuine_event_is_heard_once(door: Door) -> None:
    assert door.knock(BODY)[0] == "200"
    assert [one.text for one in door.heard] == ["/funnel live-0312"]
    assert door.chat.healthy()


@pytest.mark.parametrize(
    "headers",
    [
        {"x_slack_signature": signed(BODY, str(STAMP), "another secret")},
        {"x_slack_signature": signed(BODY + " ", str(STAMP))},
        {"x_slack_signature": ""},
        {"x_slack_signature": "v0=ü"},
        {"x_slack_request_timestamp": ""},
        {"stamp": str(STAMP - 301)},
        {"stamp": str(STAMP + 301)},
        {"stamp": "abc"},
        {"stamp": "-1"},
        {"stamp": "١٧٧٣٣٨٨٨٠٠"},
        {"stamp": f"{STAMP}, {STAMP}"},
        {"stamp": "0"},
    ],
    ids=str,
)
def test_a_forged_or_stale_request_is_turned_away(door: Door, headers: dict[str, str]) -> None:
    assert door.knock(BODY, **headers)[0] == "401"
    assert door.heard == []


def test_a_copy_of_a_request_is_dropped(door: Door) -> None:
    assert [door.knock(BODY)[0] for _ in range(3)] == ["200"] * 3
    assert len(door.heard) == 1


def test_what_could_not_be_kept_is_not_acknowledged_and_may_come_again(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    door.broken = True
    assert door.knock(BODY)[0] == "500"
    door.broken = False
    assert door.knock(BODY)[0] == "200"
    assert len(door.heard) == 1
    assert "RuntimeError" in caplog.text
    assert "live-0312" not in caplog.text


def test_a_slash_command_is_acknowledged_without_a_word(door: Door) -> None:
    form = {"command": "/funnel", "text": "live-0312", "trigger_id": "1.2.a", "user_id": "U1",
            "channel_id": "C1", "team_id": "T01TEST", "response_url": "https://hooks.slack.com/x"}  # fmt: skip
    answer = door.knock(urlencode(form), "application/x-www-form-urlencoded")
    assert answer == ("200", "")
    assert [(one.kind, one.text) for one in door.heard] == [("command", "/funnel live-0312")]


def test_slack_may_ask_whose_address_this_is(door: Door) -> None:
    challenge = json.dumps({"type": "url_verification", "challenge": "xyz"})
    assert door.knock(challenge) == ("200", '{"challenge": "xyz"}')


def test_what_is_no_post_or_too_large_is_turned_away(door: Door) -> None:
    def ask(**environ: Any) -> str:
        status: list[str] = []

        def start(code: str, _: list[tuple[str, str]], __: Any = None) -> Any:
            status.append(code)

        door.chat.wsgi({"wsgi.input": io.BytesIO(), **environ}, start)
        return status[0][:3]

    assert ask(REQUEST_METHOD="GET") == "405"
    assert ask(REQUEST_METHOD="POST", CONTENT_LENGTH="9999999") == "413"
    assert ask(REQUEST_METHOD="POST", CONTENT_LENGTH="x") == "413"


def test_an_unknown_kind_of_event_is_taken_and_passed_over(door: Door) -> None:
    other = json.dumps({**EVENT, "event": {"type": "reaction_added", "user": "U1"}})
    assert door.knock(other)[0] == "200"
    assert door.heard == []
