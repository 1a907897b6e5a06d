"""The whole bot as a process on a local Slack: a morning, questions, clicks, a review, a power cut."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.team import BotProcess, bot, example_morning
from tests.servers.slack import (
    ALICE,
    APP_TOKEN,
    BOB,
    BOT,
    BOT_TOKEN,
    CHANNEL,
    SECRET,
    LocalSlack,
    Mode,
    free_port,
    local_slack,
    wait_for,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

Json = dict[str, Any]
MODES: tuple[Mode, ...] = ("socket", "events")
USERS = {"mia": ALICE, "hao": BOB}
PROMISE, BATCH = "the video promises thick linen", "hold the batch until it is checked"


@dataclass(frozen=True)
class Workspace:
    """A Slack, the bot on it, and what is seen in the channel."""

    slack: LocalSlack
    bot: BotProcess

    def one(self, text: str, fits: Callable[[Json], bool] = lambda _: True) -> Json:
        """Return the bot's only message in which a text stands, as soon as it is there."""

        def look() -> list[Json]:
            return [one for one in self.posts() if text in words(one) and fits(one)]

        found = wait_for(look, f"a message with {text!r}", 30)
        assert len(found) == 1, found
        return found[0]

    def posts(self) -> list[Json]:
        return [one for one in self.slack.messages() if one.get("user") == BOT]


def words(message: Json) -> str:
    """Return all that a message shows, with what its buttons carry."""
    return json.dumps(message, ensure_ascii=False)


def button(message: Json, action: str) -> Json:
    """Return a message's button."""
    elements = [one for block in message["blocks"] for one in block.get("elements", ())]
    found = next(one for one in elements if one.get("action_id") == action)
    return {"action_id": action, "value": found["value"]}


@pytest.fixture(params=MODES)
def workspace(request: pytest.FixtureRequest, home: Path) -> Iterator[Workspace]:
    mode: Mode = request.param
    port = free_port()
    own = {"SLACK_APP_TOKEN": APP_TOKEN} if mode == "socket" else {"SLACK_SIGNING_SECRET": SECRET}
    with ExitStack() as stack:
        slack = stack.enter_context(local_slack(mode, f"http://127.0.0.1:{port}/slack/events"))
        settings = {
            **own,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_API_URL": slack.api_url,
            "LOUDOU_HTTP_PORT": str(port),
        }
        running = stack.enter_context(bot(home, "slack", CHANNEL, USERS, settings))
        yield Workspace(slack, running)


def test_a_team_and_its_bot(workspace: Workspace) -> None:
    slack, running = workspace.slack, workspace.bot
    root, form = the_example_is_told_once(workspace)
    running.start()
    today = todays_digest_says_that_it_is_late(workspace)
    questions_are_answered(workspace)
    an_alert_is_taken_on_once(workspace, root)
    first, second = replies_are_gathered(workspace, root, form)

    running.kill()
    slack.say(f"action: {BATCH}", thread=root["ts"])
    running.start()
    workspace.one(BATCH, lambda one: one["ts"] == form["ts"])
    answers_follow_their_messages(workspace, form, first, second)

    assert [one["ts"] for one in workspace.posts() if "not judged" in words(one)] == [today["ts"]]
    workspace.one("2 shops · Thu 12 Mar")
    code, seconds = running.stop()
    assert code == 0
    assert seconds < 10
    log = running.said()
    assert "Traceback" not in log
    for secret in (BOT_TOKEN, APP_TOKEN, SECRET, PROMISE, BATCH, "live-0312"):
        assert secret not in log.partition("running: ")[2]


def the_example_is_told_once(workspace: Workspace) -> tuple[Json, Json]:
    """Tell the example's last day; return an alert and its review's form."""
    code, said = workspace.bot.command(*example_morning())
    assert code == 0, said
    number = len(workspace.posts())
    form = workspace.one("Review #1")
    assert "US apparel" in form["text"]
    root = workspace.one("", lambda one: one["ts"] == form["thread_ts"])
    assert root["text"].startswith("🔴")
    assert "<@U0" in words(root)
    digest = workspace.one("2 shops · Thu 12 Mar")
    assert "thread_ts" not in digest

    code, said = workspace.bot.command(*example_morning())
    assert code == 0, said
    assert "told before" in said
    assert len(workspace.posts()) == number
    return root, form


def todays_digest_says_that_it_is_late(workspace: Workspace) -> Json:
    digest = workspace.one("not judged yet")
    assert "thread_ts" not in digest
    assert f"was due at {workspace.bot.due:%H:%M}" in words(digest)
    return digest


def questions_are_answered(workspace: Workspace) -> None:
    slack = workspace.slack
    slack.command("/funnel", "uk-beauty/live-0312")
    workspace.one("biggest leak add to cart", lambda one: "thread_ts" not in one)
    asked = slack.say(f"<@{BOT}> 漏斗 uk-beauty/live-0312")
    answer = workspace.one("biggest leak add to cart", lambda one: "thread_ts" in one)
    assert answer["thread_ts"] == asked
    slack.command("/funnel", "live-9999")
    unknown = workspace.one("“live-9999” was not found")
    assert words(unknown).count("live-0") == 3
    assert unknown["ephemeral_to"] == ALICE


def an_alert_is_taken_on_once(workspace: Workspace, root: Json) -> None:
    ack = button(root, "ack")
    workspace.slack.press(root["ts"], ack, user=BOB)
    changed = workspace.one("Acknowledged by 郝 Hao")
    assert changed["ts"] == root["ts"]
    assert "🔴" not in words(changed)
    workspace.slack.press(root["ts"], ack, user=ALICE)
    assert workspace.one("郝 Hao has taken it on already")["ephemeral_to"] == ALICE


def replies_are_gathered(workspace: Workspace, root: Json, form: Json) -> tuple[str, str]:
    """Let two people answer; return their messages."""
    slack = workspace.slack
    first = slack.say(f"3. {PROMISE}", user=ALICE, thread=root["ts"])
    workspace.one(PROMISE, lambda one: one["ts"] == form["ts"])
    second = slack.say("action: a photo against the light", user=BOB, thread=root["ts"])
    gathered = workspace.one("a photo against the light")
    assert gathered["ts"] == form["ts"]
    assert PROMISE in words(gathered)
    assert "郝 Hao" in words(gathered)
    return first, second


def answers_follow_their_messages(
    workspace: Workspace, form: Json, first: str, second: str
) -> None:
    workspace.slack.edit(first, "3. the linen is see-through", user=ALICE)
    edited = workspace.one("the linen is see-through")
    assert edited["ts"] == form["ts"]
    assert PROMISE not in words(edited)
    workspace.slack.delete(second, user=BOB)
    left = workspace.one("Review #1", lambda one: "against the light" not in words(one))
    assert "the linen is see-through" in words(left)
    assert BATCH in words(left)
