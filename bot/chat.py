"""The platform port: what a chat must be able to do, and what arrives from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.card import Card

Platform = Literal["slack", "feishu", "console"]


@dataclass(frozen=True, slots=True)
class Ref:
    """Where a message stands. `thread` is the root message's id when it is a reply."""

    platform: Platform
    channel: str
    message: str
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """Something a person did, the same for every platform.

    `kind`: command (a word of the registry was called), reply (a message in a thread), edit,
    delete, button, form. `id` is unique for what happened (never for the delivery attempt).
    """

    kind: Literal["command", "reply", "edit", "delete", "button", "form"]
    id: str
    platform: Platform
    channel: str
    user: str
    """The platform's user id."""
    at: datetime
    """When it was said, with time zone."""
    text: str = ""
    """For a command: the words after the mention, such as "/funnel live-0312"."""
    message: str = ""
    """The id of the message itself (reply, edit, delete) or of the card (button, form)."""
    thread: str = ""
    """The id of the thread's root message; empty outside a thread."""
    action: str = ""
    value: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    """A form's answers by field name."""
    private: bool = False
    token: str = ""
    """What the platform needs to answer to the person alone (response URL, callback token)."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor: what was checked, whether it is well, and the remedy."""

    name: str
    ok: bool
    detail: str = ""
    remedy: str = ""


class ChatError(Exception):
    """A post or change that did not work; subclasses say what the sender does next."""


class Busy(ChatError):
    """The platform asks to wait `after` seconds; nothing was posted."""

    def __init__(self, after: float, detail: str = "") -> None:
        self.after = after
        super().__init__(detail or f"rate limited, {after:g} s")


class Unsure(ChatError):
    """Nobody knows whether it was posted (time-out, reset, 5xx): look it up before a retry."""


class Refused(ChatError):
    """The platform says no for good; `remedy` is one sentence for the operator."""

    def __init__(self, code: str, remedy: str) -> None:
        self.code = code
        self.remedy = remedy
        super().__init__(f"{code}: {remedy}")


Handler = "Callable[[Incoming], None]"


class Chat(Protocol):
    """A chat platform. Every call is synchronous and safe to make from several threads.

    `post`, `change` and `answer` raise Busy, Unsure or Refused; they never retry by themselves.
    """

    @property
    def platform(self) -> Platform:
        """Return which platform this is."""
        ...

    def post(self, channel: str, card: Card, *, key: str, thread: str = "") -> Ref:
        """Post a card, in a thread if one is named; the same `key` never makes two messages.

        A platform without an idempotency key stores `key` with the message, so that `find` can
        look it up.
        """
        ...

    def find(self, channel: str, key: str, since: datetime, *, thread: str = "") -> Ref | None:
        """Look up a message that was posted with a key; None when there is none."""
        ...

    def change(self, ref: Ref, card: Card) -> None:
        """Replace a message of our own."""
        ...

    def answer(self, incoming: Incoming, card: Card, *, key: str) -> Ref | None:
        """Answer where the question stood: in its thread, or to the person alone if it was so."""
        ...

    def replies(self, channel: str, thread: str, since: datetime) -> tuple[Incoming, ...]:
        """Return what people said in a thread since a moment: heals a time of being down."""
        ...

    def name(self, user: str) -> str:
        """Return a person's display name; the id itself when it is not to be had."""
        ...

    def listen(self, handler: Callable[[Incoming], None]) -> None:
        """Start receiving in the background; `handler` must return at once."""
        ...

    def stop(self) -> None:
        """Stop receiving and let go of connections."""
        ...

    def healthy(self) -> bool:
        """Say whether the connection is alive, as far as the platform lets one know."""
        ...

    def check(self, channels: tuple[str, ...]) -> tuple[Check, ...]:
        """Check token, scopes and membership of channels, each failure with its remedy."""
        ...
