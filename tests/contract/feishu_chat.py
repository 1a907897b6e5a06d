"""Feishu as the contract's tests drive it: a local server with a group and a person in it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.feishu.chat import FeishuChat
from bot.feishu.settings import FeishuSettings
from bot.http import Web
from tests.contract.peers import CHATS, WORDS, Peer
from tests.servers.feishu import FeishuServer, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.feishu.settings import Mode


def frozen() -> datetime:
    """Return a moment so early that every look-up is within the hour in which keys are known."""
    return datetime(2020, 1, 1, tzinfo=UTC)


class FeishuPeer(Peer):
    """A listening chat, and what a person does in its group."""

    def __init__(self, server: FeishuServer, chat: FeishuChat) -> None:
        super().__init__()
        self.server = server
        self.chat = chat
        self.wsgi = chat.wsgi
        self.person = server.person("Mia")
        self.channel = server.group(self.person)
        chat.listen(self.hear)

    def seen(self, message: str) -> str:
        return texts(self.server.world.messages[message])

    def thread_of(self, message: str) -> str:
        return self.server.world.messages[message].root

    def count(self) -> int:
        return len(self.server.sent(self.channel))

    def command(self, words: str) -> None:
        bot = [self.server.world.bot]
        self.server.say(self.channel, self.person, f"@_user_1 {words}", mentions=bot)

    def reply(self, root: str, text: str) -> str:
        return self.server.say(self.channel, self.person, text, root=root)

    def edit(self, message: str, text: str) -> bool:
        """Edit a message; the platform tells nobody, so it is only found by `replies`."""
        self.server.edit(message, text)
        return False

    def delete(self, message: str) -> bool:
        return self.server.recall(message) is not None

    def press(self, message: str, action: str, value: str) -> None:
        self.server.press(message, action, self.person)


@contextmanager
def _peer(app_id: str, mode: Mode) -> Iterator[FeishuPeer]:
    with FeishuServer(app_id) as server:
        server.world.limits = False
        settings = FeishuSettings(app_id, server.world.app_secret, domain=server.url)
        if mode == "webhook":
            settings = replace(settings, mode=mode, encrypt_key="k", verification_token="t")
            chat = FeishuChat(settings, words=WORDS)
        else:
            chat = FeishuChat(settings, words=WORDS, now=frozen)
        peer = FeishuPeer(server, chat)
        try:
            yield peer
        finally:
            chat.stop()


@contextmanager
def feishu_socket() -> Iterator[FeishuPeer]:
    """Yield Feishu over its long connection."""
    with _peer("cli_contract0001", "socket") as peer:
        assert peer.server.line.connected.wait(20)
        yield peer


@contextmanager
def feishu_webhook() -> Iterator[FeishuPeer]:
    """Yield Feishu over its webhook; look-ups are left to the long connection."""
    with _peer("cli_contract0002", "webhook") as peer:
        peer.keeps_keys = False
        web = Web(0, {"/feishu/events": peer.wsgi}, peer.chat.healthy)
        url = f"http://127.0.0.1:{web.port}/feishu/events"
        try:
            assert peer.server.post.register(url, "k", "t")
            yield peer
        finally:
            web.stop()


CHATS["feishu, long connection"] = feishu_socket
CHATS["feishu, webhook"] = feishu_webhook
