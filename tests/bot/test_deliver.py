"""The sender against a Slack that stumbles: nothing twice, nothing lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import pytest

from bot.card import Card, line
from bot.cardjson import dumps
from bot.deliver import LOOK_UP_AFTER, TRIES, deliver
from bot.slack.chat import SlackChat, SlackSettings
from storage.ledger import Ledger, Post
from tests.servers.slack import CHANNEL, Fault, StubSlack, stub_slack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.store import Store

START = datetime.fromtimestamp(1_700_000_000, UTC)
"""The moment at which the stub's own clock begins."""


class Scene:
    """A ledger, a Slack and a clock that is moved by hand."""

    def __init__(self, store: Store, slack: StubSlack) -> None:
        self.ledger = Ledger(store)
        self.slack = slack
        self.chat = SlackChat(SlackSettings("xoxb-x", api_url=slack.api_url))
        self.now = START

    def post(self, key: str, text: str, *, root: str = "", change: bool = False) -> None:
        card = Card("blue", line(text), text, (), "en")
        kind: Literal["post", "change"] = "change" if change else "post"
        self.ledger.enqueue([Post(key, "slack", CHANNEL, dumps(card), kind, root)], self.now)

    def turn(self, seconds: float = 0) -> int:
        self.now += timedelta(seconds=seconds)
        return deliver(self.ledger, {"slack": self.chat}, lambda: self.now)

    @property
    def texts(self) -> list[str]:
        return [str(one["text"]) for one in self.slack.posted]

    def state(self, key: str) -> str:
        posted = self.ledger.posted(key)
        return posted.state if posted else ""


@pytest.fixture
def scene(store: Store) -> Iterator[Scene]:
    with stub_slack() as slack:
        yield Scene(store, slack)


def test_a_post_a_reply_and_a_change(scene: Scene) -> None:
    scene.post("root", "digest")
    scene.post("reply", "form", root="root")
    scene.post("change", "digest, corrected", root="root", change=True)
    while scene.turn():
        pass
    assert scene.texts == ["digest, corrected", "form"]
    assert scene.slack.posted[1]["thread_ts"] == scene.slack.posted[0]["ts"]


def test_a_rate_limit_is_waited_for(scene: Scene) -> None:
    scene.slack.fail("chat.postMessage", Fault(status=429, headers=(("Retry-After", "7"),)))
    scene.post("one", "digest")
    assert scene.turn() == 0
    assert scene.turn(6) == 0
    assert len(scene.slack.of("chat.postMessage")) == 1
    assert scene.turn(1) == 1
    assert scene.texts == ["digest"]


def test_a_post_that_may_have_worked_is_looked_up_first(scene: Scene) -> None:
    scene.slack.fail("chat.postMessage", Fault(carried_out=True, reset=True))
    scene.post("one", "digest")
    assert scene.turn() == 0
    assert scene.state("one") == "unsure"
    assert scene.turn(LOOK_UP_AFTER.total_seconds()) == 1
    assert scene.texts == ["digest"]
    assert len(scene.slack.of("chat.postMessage")) == 1


def test_a_post_that_never_arrived_is_posted_after_the_look_up(scene: Scene) -> None:
    scene.slack.fail("chat.postMessage", Fault(reset=True))
    scene.post("one", "digest")
    scene.turn()
    assert scene.turn(LOOK_UP_AFTER.total_seconds()) == 1
    assert scene.texts == ["digest"]


def test_a_refusal_is_final_and_does_not_block_others(scene: Scene) -> None:
    scene.slack.fail("chat.postMessage", Fault(error="not_in_channel"))
    scene.post("one", "refused")
    scene.post("two", "digest")
    while scene.turn():
        pass
    scene.turn(1)
    assert scene.state("one") == "dead"
    assert scene.texts == ["digest"]


def test_what_is_given_up_is_told(scene: Scene) -> None:
    scene.slack.fail("chat.postMessage", *[Fault(status=429)] * 3)
    scene.post("one", "digest")
    for _ in range(TRIES + 4):
        scene.turn(1000)
    assert scene.texts == ["digest"]


def test_a_change_that_nobody_has_seen_yet_gives_way_to_a_newer_one(scene: Scene) -> None:
    scene.post("root", "form")
    scene.turn()
    scene.post("a", "one answer", root="root", change=True)
    scene.post("b", "two answers", root="root", change=True)
    while scene.turn():
        pass
    assert len(scene.slack.of("chat.update")) == 1
    assert scene.texts == ["two answers"]
