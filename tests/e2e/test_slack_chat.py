"""A bot in a process of its own against the local Slack, in both modes with the same code."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers.slack import (
    APP_TOKEN,
    BOT,
    BOT_TOKEN,
    SECRET,
    LocalSlack,
    Mode,
    free_port,
    local_slack,
    wait_for,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

MODES: tuple[Mode, ...] = ("socket", "events")
WORDS_OF_PEOPLE = "freight rose 17 %"


@contextmanager
def bot(server: LocalSlack, mode: Mode, port: int, log: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.e2e.slack_bot", mode, server.api_url, str(port)]
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            wait_for(server.messages, "the bot's first post")
            yield
        finally:
            process.kill()


@pytest.fixture(params=MODES)
def slack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalSlack]:
    port = free_port()
    with (
        local_slack(request.param, f"http://127.0.0.1:{port}/slack/events") as server,
        bot(server, request.param, port, tmp_path / "bot.log"),
    ):
        yield server


def seen(server: LocalSlack, text: str) -> dict[str, Any]:
    """Return the message with a text, as soon as there is one."""

    def look() -> dict[str, Any]:
        return next((one for one in server.messages() if text in one.get("text", "")), {})

    return wait_for(look, f"a message with {text!r}")


def test_a_day_in_the_channel(slack: LocalSlack, tmp_path: Path) -> None:
    root = seen(slack, "Alert")
    slack.command("/funnel", "live-0312")
    assert "thread_ts" not in seen(slack, "Answer to /funnel live-0312")

    asked = slack.say(f"<@{BOT}> funnel uk-beauty")
    assert seen(slack, "Answer to /funnel uk-beauty")["thread_ts"] == asked

    form = root["blocks"][-1]["elements"][0]
    with slack.screen() as screen:
        slack.press(root["ts"], {"action_id": form["action_id"], "value": form["value"]})
        screen.wait("view")
        screen.submit({"problem": {"answer": {"type": "plain_text_input", "value": " "}}})
        assert "problem" in screen.wait("view_errors")["errors"]
        screen.submit({"problem": {"answer": {"type": "plain_text_input", "value": "too dear"}}})
        assert seen(slack, "Note: too dear")["thread_ts"] == root["ts"]

    slack.press(root["ts"], {"action_id": "ack", "value": "a1"})
    assert seen(slack, "ack by")["ts"] == root["ts"]

    reply = slack.say(WORDS_OF_PEOPLE, thread=root["ts"])
    assert seen(slack, f"Answers: {WORDS_OF_PEOPLE}")["ts"] == root["ts"]
    slack.edit(reply, "freight fell")
    seen(slack, "Answers: freight fell")
    slack.delete(reply)
    wait_for(
        lambda: [m for m in slack.messages() if m["text"].strip() == "Answers:"], "an empty list"
    )

    log = (tmp_path / "bot.log").read_text(encoding="utf-8")
    for secret in (BOT_TOKEN, APP_TOKEN, SECRET, WORDS_OF_PEOPLE, "live-0312"):
        assert secret not in log
    assert "Traceback" not in log


def test_events_flow_again_after_the_line_was_lost(tmp_path: Path) -> None:
    with local_slack("socket") as server, bot(server, "socket", 0, tmp_path / "bot.log"):
        server.kill()
        server.start()
        wait_for(
            lambda: (
                server.control("state")["apps"][0].get("connected", True)
                and "socket connected" in str(server.log())
            ),
            "the line to be dialled again",
        )
        server.say(f"<@{BOT}> funnel live-0312")
        seen(server, "Answer to /funnel live-0312")
