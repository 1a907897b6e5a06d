"""What people did in Feishu, read out of the platform's events and callbacks."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.chat import Incoming

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MESSAGE = "im.message.receive_v1"
RECALLED = "im.message.recalled_v1"
CALLBACK = "card.action.trigger"
MENU = "application.bot.menu_v6"
PLACEHOLDER = re.compile(r"@_user_\d+|@_all")
SLASH = re.compile(r"^[/／]\s*(\S+)\s*(.*)$", re.DOTALL)
MARK = "\ue000"
"""Stands where the bot itself was mentioned while a text is being read; a private character."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How to read: `bot` is the bot's own open_id, `words` the registered command words.

    A word may be called without its slash right after the mention ("@bot 漏斗 live-0312").
    """

    bot: str
    words: frozenset[str] = frozenset()

    def read(self, payload: Mapping[str, Any]) -> Incoming | None:
        """Return what a person did; None for everything that is not for the bot."""
        header, event = _part(payload, "header"), _part(payload, "event")
        kind = header.get("event_type")
        if kind == MESSAGE:
            return self._message(event)
        if kind == RECALLED:
            return _recalled(header, event)
        if kind == CALLBACK:
            return _callback(header, event)
        return _menu(header, event) if kind == MENU else None

    def _message(self, event: Mapping[str, Any]) -> Incoming | None:
        sender, message = _part(event, "sender"), _part(event, "message")
        if sender.get("sender_type") != "user":
            return None  # bots do not answer bots
        private = message.get("chat_type") == "p2p"
        said = written(str(message.get("message_type", "")), str(message.get("content", "")))
        mentioned, text = self.heard(said, message.get("mentions") or ())
        if not text:
            return None
        thread = str(message.get("root_id") or "")
        command = self.command(text) if mentioned or private else ""
        if not command and not thread:
            return None
        return Incoming(
            kind="command" if command else "reply",
            id=str(message.get("message_id", "")),
            platform="feishu",
            channel=str(message.get("chat_id", "")),
            user=str(_part(sender, "sender_id").get("open_id", "")),
            at=moment(message.get("create_time")),
            text=command or text,
            message=str(message.get("message_id", "")),
            thread=thread,
            private=private,
        )

    def heard(self, text: str, mentions: Sequence[Mapping[str, Any]]) -> tuple[bool, str]:
        """Return whether the bot was mentioned, and the text with people by name."""
        names = {}
        for one in mentions:
            own = bool(self.bot) and _open_id(one) == self.bot
            names[str(one.get("key"))] = MARK if own else f"@{one.get('name', '')}"
        named = PLACEHOLDER.sub(lambda found: names.get(found[0], ""), text)
        spaced = _spaced(named)
        return MARK in spaced, _spaced(spaced.replace(MARK, " "))

    def command(self, text: str) -> str:
        """Return "/word rest" when a text calls a command, else nothing."""
        slash = SLASH.match(text)
        if slash:
            return f"/{slash[1].lower()} {slash[2]}".strip()
        word, _, rest = text.partition(" ")
        if word.lower() in self.words:
            return f"/{word.lower()} {rest}".strip()
        return ""


def written(kind: str, content: str) -> str:
    """Return the text of a message of a kind; nothing for pictures, files and broken content."""
    try:
        data = json.loads(content)
    except ValueError:
        return ""
    if not isinstance(data, dict):
        return ""
    if kind == "text":
        return str(data.get("text") or "")
    return _post_text(data) if kind == "post" else ""


def _post_text(data: Mapping[str, Any]) -> str:
    body = data if "content" in data else next(iter(data.values()), {})
    rows = body.get("content") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        return ""
    lines = ["".join(_post_part(part) for part in row) for row in rows if isinstance(row, list)]
    title = str(body.get("title") or "") if isinstance(body, dict) else ""
    return "\n".join(line for line in (title, *lines) if line)


def _post_part(part: Any) -> str:
    if not isinstance(part, dict):
        return ""
    match part.get("tag"):
        case "text" | "a":
            return str(part.get("text") or "")
        case "at":
            return f"{part.get('user_id', '')} "
        case _:
            return ""


def _spaced(text: str) -> str:
    """Return text with every kind of space as one plain space, lines kept apart."""
    plain = "".join(
        " " if unicodedata.category(char) == "Zs" or char in "\t\u200b\ufeff" else char
        for char in text
    )
    lines = (re.sub(r" +", " ", line).strip() for line in plain.splitlines())
    return "\n".join(line for line in lines if line)


def _recalled(header: Mapping[str, Any], event: Mapping[str, Any]) -> Incoming:
    message = str(event.get("message_id", ""))
    return Incoming(
        kind="delete",
        id=f"{message}:recalled",
        platform="feishu",
        channel=str(event.get("chat_id", "")),
        user="",
        at=moment(event.get("recall_time") or header.get("create_time")),
        message=message,
    )


def _callback(header: Mapping[str, Any], event: Mapping[str, Any]) -> Incoming | None:
    action, context = _part(event, "action"), _part(event, "context")
    value, form = _part(action, "value"), action.get("form_value")
    if not value.get("action"):
        return None
    answers = {
        str(name): str(answer).strip()
        for name, answer in (form.items() if isinstance(form, dict) else ())
        if answer not in {None, ""}
    }
    return Incoming(
        kind="form" if isinstance(form, dict) else "button",
        id=str(header.get("event_id", "")),
        platform="feishu",
        channel=str(context.get("open_chat_id", "")),
        user=_person(event),
        at=moment(header.get("create_time")),
        message=str(context.get("open_message_id", "")),
        action=str(value["action"]),
        value=str(value.get("value", "")),
        answers=answers,
        token=str(event.get("token", "")),
    )


def _menu(header: Mapping[str, Any], event: Mapping[str, Any]) -> Incoming | None:
    """Return a touch of the bot's menu as a command; there is no chat in it, only a person."""
    key = str(event.get("event_key", "")).strip().lstrip("/")
    person = _person(event)
    if not key or not person:
        return None
    return Incoming(
        kind="command",
        id=str(header.get("event_id", "")),
        platform="feishu",
        channel=person,
        user=person,
        at=moment(event.get("timestamp") or header.get("create_time")),
        text=f"/{key}",
        private=True,
    )


def moment(stamp: Any) -> datetime:
    """Return a time that the platform writes in s, ms or µs, as a number or as text."""
    try:
        number = float(stamp)
    except (TypeError, ValueError):
        number = 0.0
    while number > 1e11:
        number /= 1000
    return datetime.fromtimestamp(number, UTC)


def _person(event: Mapping[str, Any]) -> str:
    operator = _part(event, "operator")
    return str(operator.get("open_id") or _part(operator, "operator_id").get("open_id") or "")


def _open_id(mention: Mapping[str, Any]) -> str:
    found = mention.get("id")
    return str(found.get("open_id", "") if isinstance(found, dict) else found or "")


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = whole.get(name)
    return part if isinstance(part, dict) else {}
