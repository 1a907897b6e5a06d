"""The whole bot as a process on a local Slack: a morning, questions, clicks, a review, a power cut."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.clock import now
from storage.example import people
from tests.e2e.team import BotProcess, bot, example_morning, leave_example_unsent
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
USERS = {person.key: ALICE for person in people()} | {"hao": BOB}
PROMISE, BATCH = "the video promises thick linen", "hold the batch until it is checked"
PHOTO, THIN = "a photo against the light", "the linen is see-through"


@dataclass(frozen=True)
class Workspace:
    """A Slack, the bot on it, and what is seen in the channel."""

    slack: LocalSlack
    bot: BotProcess
    url: str
    """Where the bot listens in HTTP mode."""

    def one(self, text: str, fits: Callable[[Json], bool] = lambda _: True) -> Json:
        """Return the bot's only message in which a text stands, as soon as it is there."""

        def look() -> list[Json]:
            return [one for one in self.posts() if text in words(one) and fits(one)]

        found = wait_for(look, f"a message with {text!r}", 30)
        assert len(found) == 1, found
        return found[0]

    def new(self, before: list[Json]) -> Json:
        """Return the one message that the bot has posted since, as soon as it is there."""
        known = [one["ts"] for one in before]

        def look() -> list[Json]:
            return [one for one in self.posts() if one["ts"] not in known]

        found = wait_for(look, f"a new message besides {len(known)}", 30)
        assert len(found) == 1, found
        return found[0]

    def posts(self) -> list[Json]:
        return [one for one in self.slack.messages() if one.get("user") == BOT]


def words(message: Any) -> str:
    """Return all that a message shows, with what its buttons carry."""
    return json.dumps(message, ensure_ascii=False)


def button(message: Json, action: str) -> Json:
    """Return a message's button."""
    elements = [one for block in message["blocks"] for one in block.get("elements", ())]
    found = next(one for one in elements if one.get("action_id") == action)
    return {"action_id": action, "value": found["value"]}


@contextmanager
def workspace(mode: Mode, home: Path) -> Iterator[Workspace]:
    """Run a Slack, and prepare a bot for it."""
    port = free_port()
    own = {"SLACK_APP_TOKEN": APP_TOKEN} if mode == "socket" else {"SLACK_SIGNING_SECRET": SECRET}
    with local_slack(mode, f"http://127.0.0.1:{port}/slack/events") as slack:
        settings = {
            **own,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_API_URL": slack.api_url,
            "LOUDOU_HTTP_PORT": str(port),
        }
        with bot(home, "slack", CHANNEL, USERS, settings) as running:
            yield Workspace(slack, running, f"http://127.0.0.1:{port}")


def test_a_team_by_socket_mode(home: Path) -> None:
    with workspace("socket", home) as here:
        the_example_is_told_once(here)
        root, form = the_example_is_seen(here)
        told = here.posts()
        here.bot.start()
        today = here.new(told)
        assert "thread_ts" not in today
        assert f"was due at {here.bot.due:%H:%M}" in words(today)
        questions_are_answered(here)
        an_alert_is_taken_on_once(here, root)
        first, second = replies_are_gathered(here, root, form)

        told = here.posts()
        here.bot.kill()
        here.slack.say(f"action: {BATCH}", thread=root["ts"])
        here.bot.start()
        here.one(BATCH, lambda one: one["ts"] == form["ts"])
        here.slack.edit(first, f"3. {THIN}", user=ALICE)
        edited = here.one(THIN)
        assert edited["ts"] == form["ts"]
        assert PROMISE not in words(edited)
        here.slack.delete(second, user=BOB)
        left = here.one("Review #1", lambda one: PHOTO not in words(one))
        assert THIN in words(left)
        assert BATCH in words(left)

        assert [one["ts"] for one in here.posts()] == [one["ts"] for one in told]
        it_ends_well(here)


def test_a_team_by_signed_requests(home: Path) -> None:
    with workspace("events", home) as here:
        leave_example_unsent(home)
        here.bot.start()
        root, form = the_example_is_seen(here)
        here.one(f"was due at {here.bot.due:%H:%M}")
        with urlopen(f"{here.url}/health", timeout=10) as answer:
            assert answer.read() == b"ok"
        questions_are_answered(here)
        an_alert_is_taken_on_once(here, root)
        first, second = replies_are_gathered(here, root, form)

        gathered = here.one(PHOTO)
        here.slack.delete(second, user=BOB)
        left = here.one("Review #1", lambda one: PHOTO not in words(one))
        assert words(left["blocks"]) != words(gathered["blocks"])
        number = len(here.posts())
        for text in (PHOTO, PROMISE, "live-0312"):
            assert send_again(here, text) == HTTPStatus.OK
        here.slack.edit(first, f"3. {THIN}", user=ALICE)
        after = here.one(THIN)
        assert PHOTO not in words(after)
        assert PROMISE not in words(after)
        assert len(here.posts()) == number
        it_ends_well(here)


def send_again(here: Workspace, text: str) -> int:
    """Send the event that brought a text once more, freshly signed; return the answer's status."""
    sent = (one["detail"] for one in here.slack.log() if one["direction"] == "to_bot")
    body = next(one for one in sent if text in one and '"event_callback"' in one)
    stamp = str(int(now().timestamp()))
    seal = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=body)
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": str(seal),
        "X-Slack-Retry-Num": "1",
        "X-Slack-Retry-Reason": "http_timeout",
    }
    request = Request(f"{here.url}/slack/events", data=body.encode(), headers=headers)
    with urlopen(request, timeout=10) as answer:
        status: int = answer.status
        return status


def it_ends_well(here: Workspace) -> None:
    """Stop the bot: quickly, in order, and with nothing in the log that must not be there."""
    code, seconds = here.bot.stop()
    assert code == 0, here.bot.said()
    assert seconds < 10
    log = here.bot.said()
    assert "Traceback" not in log, log
    for secret in (BOT_TOKEN, APP_TOKEN, SECRET, PROMISE, BATCH, "live-0312"):
        assert secret not in log.partition("running: ")[2]


def the_example_is_told_once(here: Workspace) -> None:
    """Tell the example's last day by hand, and once more in vain."""
    code, said = here.bot.command(*example_morning())
    assert code == 0, said
    number = len(here.posts())
    assert number

    code, said = here.bot.command(*example_morning())
    assert code == 0, said
    assert "told before" in said
    assert len(here.posts()) == number


def the_example_is_seen(here: Workspace) -> tuple[Json, Json]:
    """Look at the example's digest; return an alert and its review's form."""
    form = here.one("Review #1")
    assert "US apparel" in form["text"]
    root = here.one("", lambda one: one["ts"] == form["thread_ts"])
    assert root["text"].startswith("🔴")
    assert "<@U0" in words(root)
    digest = here.posts()[0]
    assert "UK beauty" in digest["text"]
    assert "thread_ts" not in digest
    return root, form


def questions_are_answered(here: Workspace) -> None:
    slack, before = here.slack, here.posts()
    slack.command("/funnel", "uk-beauty/live-0312")
    answer = here.new(before)
    assert "live-0312" in words(answer)
    assert "add to cart" in words(answer)
    assert "thread_ts" not in answer

    before = here.posts()
    asked = slack.say(f"<@{BOT}> 漏斗 uk-beauty/live-0312")
    again = here.new(before)
    assert again["thread_ts"] == asked
    assert again["text"] == answer["text"]

    before = here.posts()
    slack.command("/funnel", "live-9999")
    unknown = here.new(before)
    assert "live-9999" in unknown["text"]
    assert words(unknown["blocks"]).count("live-") == 4
    assert unknown["ephemeral_to"] == ALICE


def an_alert_is_taken_on_once(here: Workspace, root: Json) -> None:
    ack = button(root, "ack")
    here.slack.press(root["ts"], ack, user=BOB)
    changed = here.one("Acknowledged by 郝 Hao")
    assert changed["ts"] == root["ts"]
    assert "🔴" not in words(changed)
    here.slack.press(root["ts"], ack, user=ALICE)
    assert here.one("郝 Hao has taken it on already")["ephemeral_to"] == ALICE


def replies_are_gathered(here: Workspace, root: Json, form: Json) -> tuple[str, str]:
    """Let two people answer; return their messages."""
    slack = here.slack
    first = slack.say(f"3. {PROMISE}", user=ALICE, thread=root["ts"])
    here.one(PROMISE, lambda one: one["ts"] == form["ts"])
    second = slack.say(f"action: {PHOTO}", user=BOB, thread=root["ts"])
    gathered = here.one(PHOTO)
    assert gathered["ts"] == form["ts"]
    assert PROMISE in words(gathered)
    assert "郝 Hao" in words(gathered)
    return first, second
