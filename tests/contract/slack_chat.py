"""Slack as a peer: over Socket Mode and over signed HTTP, against the local Slack."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from bot.http import Web
from bot.slack.chat import SlackChat, SlackSettings
from tests.contract.peers import CHATS, WORDS, Peer
from tests.servers.slack import (
    ALICE,
    APP_TOKEN,
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
    from collections.abc import Iterator


class SlackPeer(Peer):
    """Alice in #standup."""

    channel = CHANNEL
    person = ALICE
    keeps_keys = False

    def __init__(self, chat: SlackChat, server: LocalSlack) -> None:
        super().__init__()
        self.chat = chat
        self._server = server

    def seen(self, message: str) -> str:
        return json.dumps(self._message(message), ensure_ascii=False)

    def thread_of(self, message: str) -> str:
        return str(self._message(message).get("thread_ts") or "")

    def count(self) -> int:
        return len(self._server.messages())

    def command(self, words: str) -> None:
        self._server.say(f"<@{BOT}> {words}")

    def reply(self, root: str, text: str) -> str:
        return self._server.say(text, thread=root)

    def press(self, message: str, action: str, value: str) -> None:
        self._server.press(message, {"action_id": action, "value": value}, user=ALICE)

    def edit(self, message: str, text: str) -> bool:
        self._server.edit(message, text)
        return True

    def delete(self, message: str) -> bool:
        self._server.delete(message)
        return True

    def _message(self, message: str) -> dict[str, object]:
        return next(one for one in self._server.messages() if one["ts"] == message)


@contextmanager
def slack(mode: Mode) -> Iterator[Peer]:
    """Run a local Slack with a listening chat in one of the two modes."""
    port = free_port()
    with ExitStack() as stack:
        server = stack.enter_context(local_slack(mode, f"http://127.0.0.1:{port}/slack/events"))
        settings = SlackSettings(
            BOT_TOKEN,
            APP_TOKEN if mode == "socket" else "",
            SECRET if mode == "events" else "",
            server.api_url,
        )
        chat = SlackChat(settings, words=WORDS, users={"alice": ALICE})
        peer = SlackPeer(chat, server)
        chat.listen(peer.hear)
        stack.callback(chat.stop)
        if mode == "events":
            stack.callback(Web(port, {"/slack/events": chat.wsgi}, chat.healthy).stop)
        wait_for(chat.healthy, "the line to the local Slack")
        yield peer


CHATS["slack over Socket Mode"] = lambda: slack("socket")
CHATS["slack over HTTP"] = lambda: slack("events")
