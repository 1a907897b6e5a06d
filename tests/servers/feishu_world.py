"""What the local Feishu remembers: people, chats, messages, tokens, its clock and its moods."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.clock import now

HOUR = 3600.0
CHAT_PER_SECOND = 5
APP_PER_SECOND = 50
FaultKind = Literal["code", "500_before", "500_after", "html", "reset_after", "hang_after"]
ALL_SCOPES = frozenset(
    {
        "im:message:send_as_bot",
        "im:message:readonly",
        "im:message.group_msg",
        "im:chat:readonly",
        "contact:user.base:readonly",
    }
)


class ApiError(Exception):
    """A business error as the platform words it."""

    def __init__(
        self, code: int, message: str, status: int = 400, headers: dict[str, str] | None = None
    ) -> None:
        self.code = code
        self.message = message
        self.status = status
        self.headers = headers or {}
        super().__init__(f"{code} {message}")


@dataclass
class Chat:
    """A group or a private chat."""

    id: str
    private: bool = False
    threads: bool = True
    members: set[str] = field(default_factory=set)
    bot_inside: bool = True
    muted: bool = False
    dissolved: bool = False


@dataclass
class Message:
    """A message; times in milliseconds."""

    id: str
    chat: str
    sender: str
    kind: str
    content: str
    created: int
    root: str = ""
    parent: str = ""
    thread: str = ""
    updated: int = 0
    deleted: bool = False
    edits: int = 0
    mentions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def by_bot(self) -> bool:
        return self.sender.startswith("cli_")


@dataclass
class Fault:
    """What goes wrong with the next calls whose path ends so; `times` counts down."""

    path: str
    kind: FaultKind
    times: int = 1
    code: int = 0
    message: str = ""
    status: int = 400
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """A request that came in, for the tests to look at."""

    method: str
    path: str
    body: dict[str, Any]
    headers: dict[str, str]


class World:
    """The state behind the server; every access is under `lock`."""

    def __init__(self, app_id: str, app_secret: str) -> None:
        self.lock = threading.RLock()
        self.app_id = app_id
        self.app_secret = app_secret
        self.bot = f"ou_bot{app_id[-6:]}"
        self.scopes = set(ALL_SCOPES)
        self.people: dict[str, str] = {}
        self.chats: dict[str, Chat] = {}
        self.messages: dict[str, Message] = {}
        self.uuids: dict[str, tuple[str, float]] = {}
        self.tokens: set[str] = set()
        self.token_fetches = 0
        self.faults: list[Fault] = []
        self.refusals: list[Fault] = []
        self.calls: list[Call] = []
        self.released = threading.Event()
        self.offset = 0.0
        self.limits = True
        self._numbers = 0
        self._recent: dict[str, deque[float]] = {}

    def time(self) -> float:
        return now().timestamp() + self.offset

    def number(self, prefix: str) -> str:
        with self.lock:
            self._numbers += 1
            return f"{prefix}{self._numbers:08d}"

    def throttle(self, key: str, per_second: int, error: ApiError) -> None:
        """Raise `error` when a key was used too often within the last second."""
        if not self.limits:
            return
        recent = self._recent.setdefault(key, deque())
        while recent and recent[0] <= self.time() - 1:
            recent.popleft()
        if len(recent) >= per_second:
            raise error
        recent.append(self.time())

    def fault(self, path: str) -> Fault | None:
        with self.lock:
            for one in self.faults:
                if one.times > 0 and path.endswith(one.path):
                    one.times -= 1
                    return one
        return None

    def private_chat(self, person: str) -> Chat:
        """Return a person's chat with the bot, opened at need."""
        for chat in self.chats.values():
            if chat.private and person in chat.members:
                return chat
        chat = Chat(self.number("oc_p2p"), private=True, members={person})
        self.chats[chat.id] = chat
        return chat

    def thread_of(self, root: str) -> list[Message]:
        """Return the replies under a root, oldest first."""
        with self.lock:
            return [one for one in self.messages.values() if one.root == root]
