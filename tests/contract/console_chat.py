"""The terminal as a peer: lines typed through a pipe, and what is printed."""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.console.chat import ConsoleChat
from tests.contract.peers import CHATS, Peer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from bot.card import Card
    from bot.chat import Incoming, Ref


class ConsolePeer(Peer):
    """A person at the keyboard. What was printed for a message is what was printed last for it."""

    channel = "console"
    person = "you"

    def __init__(self, typed: TextIO, lines: TextIO) -> None:
        super().__init__()
        self._typed = typed
        self._screen = io.StringIO()
        self.chat = _Noting(self._screen, lines)
        self._noting = self.chat

    def seen(self, message: str) -> str:
        return self._noting.printed[message]

    def thread_of(self, message: str) -> str:
        return self._noting.threads[message]

    def count(self) -> int:
        return len(self._noting.printed)

    def command(self, words: str) -> None:
        self._type(f"/{words}")

    def reply(self, root: str, text: str) -> str:
        self._type(f"> {text}")
        return root

    def press(self, message: str, action: str, value: str) -> None:
        self._type(f"!{action}")

    def _type(self, line: str) -> None:
        self._typed.write(line + "\n")
        self._typed.flush()


class _Noting(ConsoleChat):
    """A terminal that notes which message each piece of its screen belongs to."""

    def __init__(self, screen: io.StringIO, lines: TextIO) -> None:
        super().__init__(screen, lines, color=False)
        self._screen = screen
        self.printed: dict[str, str] = {}
        self.threads: dict[str, str] = {}

    def post(self, channel: str, card: Card, *, key: str, thread: str = "") -> Ref:
        start = self._screen.tell()
        ref = super().post(channel, card, key=key, thread=thread)
        self.printed.setdefault(ref.message, self._screen.getvalue()[start:])
        self.threads[ref.message] = ref.thread
        return ref

    def change(self, ref: Ref, card: Card) -> None:
        start = self._screen.tell()
        super().change(ref, card)
        self.printed[ref.message] = self._screen.getvalue()[start:]

    def answer(self, incoming: Incoming, card: Card, *, key: str) -> Ref | None:
        return self.post(incoming.channel, card, key=key, thread=incoming.thread)


@contextmanager
def console() -> Iterator[Peer]:
    """Open a terminal."""
    reading, writing = os.pipe()
    with (
        os.fdopen(reading, encoding="utf-8") as lines,
        os.fdopen(writing, "w", encoding="utf-8") as typed,
    ):
        peer = ConsolePeer(typed, lines)
        peer.chat.listen(peer.hear)
        yield peer
        peer.chat.stop()
        typed.close()


CHATS["console"] = console
