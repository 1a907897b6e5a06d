"""The other side of a chat: a server with a person in it, driven by the contract's tests.

A platform joins with a module `tests/contract/<platform>_chat.py` that puts context managers
into `CHATS`; each yields a `Peer` whose chat listens, with `hear` as its handler.
"""

from __future__ import annotations

import queue
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from bot.chat import Chat, Incoming

WORDS = ("funnel", "漏斗", "help")
"""The commands that a peer's chat is told of."""
PATIENCE = 15.0


class Peer(ABC):
    """A chat that listens, and one person who does things in one of its channels."""

    chat: Chat
    channel: str
    person: str
    keeps_keys = True
    """Whether the server keeps the key that a message was posted with."""

    def __init__(self) -> None:
        self._heard: queue.Queue[Incoming] = queue.Queue()
        self._known: set[str] = set()

    def hear(self, incoming: Incoming) -> None:
        """Take what the chat hears; the same thing twice counts once, as in the inbox."""
        if incoming.id not in self._known:
            self._known.add(incoming.id)
            self._heard.put(incoming)

    def heard(self, kind: str) -> Incoming:
        """Return the next thing heard, which must be of this kind."""
        incoming = self._heard.get(timeout=PATIENCE)
        assert incoming.kind == kind, incoming
        return incoming

    def nothing_more(self, seconds: float = 0.3) -> bool:
        """Say whether nothing else is heard for a moment."""
        time.sleep(seconds)
        return self._heard.empty()

    @abstractmethod
    def seen(self, message: str) -> str:
        """Return the text of a message as the server has it now."""

    @abstractmethod
    def thread_of(self, message: str) -> str:
        """Return the id of the root in whose thread a message stands."""

    @abstractmethod
    def count(self) -> int:
        """Return how many messages there are."""

    @abstractmethod
    def command(self, words: str) -> None:
        """Call the bot in the channel."""

    @abstractmethod
    def reply(self, root: str, text: str) -> str:
        """Reply in a thread; returns the reply's id."""

    @abstractmethod
    def press(self, message: str, action: str, value: str) -> None:
        """Press a button of a card."""

    def edit(self, message: str, text: str) -> bool:
        """Edit an own reply; False where the platform cannot, or does not tell."""
        return False

    def delete(self, message: str) -> bool:
        """Take an own reply back; False where the platform cannot, or does not tell."""
        return False


CHATS: dict[str, Callable[[], AbstractContextManager[Peer]]] = {}
