"""The terminal as a chat: prints what is posted, and takes what is typed as if it were a channel."""

from __future__ import annotations

import shutil
import sys
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from bot import clock
from bot.card import Buttons
from bot.chat import Check, Incoming, Platform, Ref, Refused
from bot.console.render import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from typing import TextIO

    from bot.card import Button, Card

_WIDEST = 110
_REPLY, _PRESS = ">", "!"
_MARKS = {"reply": "↳ ", "change": "↻ "}


@dataclass(frozen=True, slots=True)
class Shown:
    """A card that was printed: where, under which key, when, and as it stands now."""

    ref: Ref
    key: str
    at: datetime
    card: Card


class ConsoleChat:
    """A channel in the terminal.

    A typed line is a command; `> text` replies in the thread of the last alert or digest, and
    `!word` presses the button of that action or label on the last card that has one. Without
    streams it is the process's own terminal, as wide as that is, coloured if it is one.
    """

    def __init__(
        self,
        out: TextIO | None = None,
        lines: TextIO | None = None,
        *,
        channel: str = "console",
        user: str = "you",
        width: int = 0,
        color: bool | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._out, self._in = out or sys.stdout, lines or sys.stdin
        self._channel, self._user = channel, user
        self._width = width or min(_WIDEST, shutil.get_terminal_size().columns)
        self._color = self._out.isatty() if color is None else color
        self._now = now
        self._shown: dict[str, Shown] = {}
        self._said: list[Incoming] = []
        self._lock = threading.RLock()
        self._stopped = threading.Event()

    @property
    def platform(self) -> Platform:
        """Return which platform this is."""
        return "console"

    def post(self, channel: str, card: Card, *, key: str, thread: str = "") -> Ref:
        """Print a card once; the same key in the same channel prints nothing more."""
        with self._lock:
            for shown in self._shown.values():
                if shown.key == key and shown.ref.channel == channel:
                    return shown.ref
            ref = Ref("console", channel, uuid4().hex[:8], thread)
            self._shown[ref.message] = Shown(ref, key, self._now(), card)
            self._print(card, _MARKS["reply"] if thread else "")
            return ref

    def find(self, channel: str, key: str, since: datetime, *, thread: str = "") -> Ref | None:
        """Look up a card that was printed with a key; None when there is none."""
        with self._lock:
            for shown in self._shown.values():
                same = (shown.ref.channel, shown.key, shown.ref.thread) == (channel, key, thread)
                if same and shown.at >= since:
                    return shown.ref
        return None

    def change(self, ref: Ref, card: Card) -> None:
        """Print the new state of a card that was printed before."""
        with self._lock:
            shown = self._shown.get(ref.message)
            if shown is None:
                raise Refused("unknown_message", "This terminal has not printed that message.")
            self._shown[ref.message] = replace(shown, card=card)
            self._print(card, _MARKS["change"])

    def answer(self, incoming: Incoming, card: Card, *, key: str) -> Ref | None:
        """Print an answer where the question stood."""
        return self.post(incoming.channel, card, key=key, thread=incoming.thread)

    def replies(self, channel: str, thread: str, since: datetime) -> tuple[Incoming, ...]:
        """Return what was typed in a thread since a moment."""
        with self._lock:
            return tuple(
                said
                for said in self._said
                if (said.channel, said.thread) == (channel, thread) and said.at >= since
            )

    def name(self, user: str) -> str:
        """Return a person's name: in a terminal it is what it is."""
        return user

    def listen(self, handler: Callable[[Incoming], None]) -> None:
        """Start reading lines in the background, until the end of input or `stop`."""
        threading.Thread(target=self._read, args=(handler,), daemon=True).start()

    def stop(self) -> None:
        """Stop reading; a line that is being waited for is dropped."""
        self._stopped.set()

    def healthy(self) -> bool:
        """Say whether lines are still read."""
        return not self._stopped.is_set()

    def check(self, channels: tuple[str, ...]) -> tuple[Check, ...]:
        """Return that a terminal needs nothing: no token, no membership."""
        return tuple(Check(f"console {channel}", ok=True) for channel in channels)

    def _read(self, handler: Callable[[Incoming], None]) -> None:
        for line in self._in:
            if self._stopped.is_set():
                return
            incoming = self._incoming(line.strip())
            if incoming is not None:
                if incoming.kind == "reply":
                    with self._lock:
                        self._said.append(incoming)
                handler(incoming)
        self._stopped.set()

    def _incoming(self, line: str) -> Incoming | None:
        """Return what a line means; None for an empty one and for a button that is not there."""
        said = Incoming(
            "command", uuid4().hex, "console", self._channel, self._user, self._now(), text=line
        )
        if line.startswith(_REPLY):
            root = self._last_root()
            text = line.removeprefix(_REPLY).strip()
            if not root or not text:
                return None
            return replace(said, kind="reply", text=text, message=said.id[:8], thread=root)
        if line.startswith(_PRESS):
            return self._pressed(said, line.removeprefix(_PRESS).strip().casefold())
        return said if line else None

    def _pressed(self, said: Incoming, word: str) -> Incoming | None:
        with self._lock:
            for shown in reversed(self._shown.values()):
                for button in buttons(shown.card):
                    if word in {button.action, button.label.casefold()}:
                        return replace(
                            said,
                            kind="button",
                            text="",
                            message=shown.ref.message,
                            thread=shown.ref.thread,
                            action=button.action,
                            value=button.value,
                        )
        return None

    def _last_root(self) -> str:
        """Return the last card in whose thread it can be replied: one with a thread, or buttons."""
        with self._lock:
            for shown in reversed(self._shown.values()):
                if shown.ref.thread:
                    return shown.ref.thread
                if any(buttons(shown.card)):
                    return shown.ref.message
        return ""

    def _print(self, card: Card, mark: str) -> None:
        text = render(card, self._width - len(mark), color=self._color)
        lead = " " * len(mark)
        lines = text.splitlines()
        self._out.write("".join(f"{lead if n else mark}{one}\n" for n, one in enumerate(lines)))
        self._out.write("\n")
        self._out.flush()


def buttons(card: Card) -> Iterator[Button]:
    """Yield every button of a card, shown or behind the overflow."""
    for block in card.blocks:
        if isinstance(block, Buttons):
            yield from block.items
