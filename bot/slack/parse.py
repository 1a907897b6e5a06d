"""What arrives from Slack, read into what somebody did: pure, and the same for both modes."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.chat import Incoming
from bot.slack.buttons import OVERFLOW, chosen, pressed
from bot.slack.forms import OPENS, submitted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    Json = Mapping[str, Any]

SPOKEN = frozenset({"", "file_share", "thread_broadcast", "me_message"})
"""The subtypes of a message that a person has said something with."""
HELP = "/help"

_SPACES = re.compile(r"\s+")
_TAG = re.compile(r"<([@#!]|(?=(?:https?|mailto|tel):))([^<>|]*)(?:\|([^<>]*))?>")
_SLASHES = "/／"


def moment(ts: str) -> datetime:
    """Return a Slack time stamp, such as "1718000000.000100", as a moment in UTC."""
    return datetime.fromtimestamp(float(ts), UTC)


def plain(text: str) -> str:
    """Return what a person wrote as they saw it: links and mentions as words, entities resolved."""

    def shown(tag: re.Match[str]) -> str:
        sign, target, label = tag.groups()
        return f"{sign.replace('!', '@')}{label or target}" if sign else str(label or target)

    return html.unescape(_TAG.sub(shown, text))


def command(text: str, words: Collection[str]) -> tuple[str, bool]:
    """Return a command as "/word rest" and whether its word is one of `words`.

    Wide and unbreakable spaces are spaces, a wide slash is a slash or none at all, and a Chinese
    word needs no space after it.
    """
    said = _SPACES.sub(" ", text).strip().lstrip(_SLASHES).strip()
    if not said:
        return HELP, False
    known = {word.strip(_SLASHES).casefold() for word in words}
    first = said.partition(" ")[0]
    if first.casefold() in known:
        return f"/{said}", True
    glued = [word for word in known if not word.isascii() and said.casefold().startswith(word)]
    if glued:
        word = max(glued, key=len)
        return f"/{word} {said[len(word) :].strip()}".strip(), True
    return f"/{said}" if text.strip()[:1] in _SLASHES else said, False


def slash(body: Json, now: datetime) -> Incoming:
    """Read a slash command. Its payload has no time: `now` is when it arrived."""
    text, _ = command(f"{body['command']} {plain(body.get('text') or '')}", ())
    channel = str(body["channel_id"])
    return Incoming(
        kind="command",
        id=str(body["trigger_id"]),
        platform="slack",
        channel=channel,
        user=str(body["user_id"]),
        at=now,
        text=text,
        private=channel.startswith("D"),
        token=str(body.get("response_url") or ""),
    )


def event(event: Json, words: Collection[str], bot: str) -> Incoming | None:
    """Read an event; None for what nobody needs, such as the bot's own words.

    `words` are the commands, `bot` is the bot's user id.
    """
    match event.get("type"), event.get("subtype") or "":
        case "app_mention", _:
            return _message(event, words, bot)
        case "message", "message_changed":
            return _edit(event, bot)
        case "message", "message_deleted":
            return _delete(event, event.get("previous_message") or {}, bot)
        case "message", subtype if subtype in SPOKEN:
            return _message(event, words, bot)
        case _:
            return None


def _by_machine(message: Json, bot: str) -> bool:
    user = message.get("user")
    return bool(message.get("bot_id")) or not user or user in {bot, "USLACKBOT"}


def _message(message: Json, words: Collection[str], bot: str) -> Incoming | None:
    """Read a message: for the bot it is a command, in a thread it is a reply, else it is talk."""
    if _by_machine(message, bot):
        return None
    said, mention = str(message.get("text") or ""), f"<@{bot}>"
    private = message.get("channel_type") == "im" or str(message["channel"]).startswith("D")
    thread = _thread(message)
    called = mention in said or private
    if called:
        asked = said.replace(mention, " ", 1) if said.lstrip().startswith(mention) else said
        text, known = command(plain(asked.replace(mention, " ")), words)
        if known or not thread:
            return _incoming(message, "command", text, thread, private=private)
    if not thread:
        return None
    text = plain(said.replace(mention, " ")).strip()
    return _incoming(message, "reply", text, thread, private=private)


def _thread(message: Json) -> str:
    """Return the root's id, empty for a root itself."""
    root = str(message.get("thread_ts") or "")
    return "" if root == str(message.get("ts")) else root


def _incoming(message: Json, kind: Any, text: str, thread: str, *, private: bool) -> Incoming:
    channel, ts = str(message["channel"]), str(message["ts"])
    return Incoming(
        kind=kind,
        id=f"{channel}:{ts}",
        platform="slack",
        channel=channel,
        user=str(message["user"]),
        at=moment(ts),
        text=text,
        message=ts,
        thread=thread,
        private=private,
    )


def _edit(event: Json, bot: str) -> Incoming | None:
    """Read a changed reply; a link that unfolds changes a message too, but says nothing new."""
    now, before = event.get("message") or {}, event.get("previous_message") or {}
    if now.get("subtype") == "tombstone":
        return _delete(event, before, bot)
    thread = _thread(now)
    if _by_machine(now, bot) or not thread or now.get("text") == before.get("text", object()):
        return None
    channel, ts = str(event["channel"]), str(now["ts"])
    stamp = str((now.get("edited") or {}).get("ts") or event.get("ts") or event["event_ts"])
    return Incoming(
        kind="edit",
        id=f"{channel}:{ts}:{stamp}",
        platform="slack",
        channel=channel,
        user=str(now["user"]),
        at=moment(stamp),
        text=plain(str(now.get("text") or "").replace(f"<@{bot}>", " ")).strip(),
        message=ts,
        thread=thread,
        private=channel.startswith("D"),
    )


def _delete(event: Json, before: Json, bot: str) -> Incoming | None:
    """Read a deletion; what is deleted without trace of its author is passed on as well."""
    if before.get("bot_id") or before.get("user") == bot:
        return None
    channel = str(event["channel"])
    ts = str(event.get("deleted_ts") or before.get("ts") or "")
    if not ts:
        return None
    return Incoming(
        kind="delete",
        id=f"{channel}:{ts}:deleted",
        platform="slack",
        channel=channel,
        user=str(before.get("user") or ""),
        at=moment(str(event.get("event_ts") or event.get("ts") or ts)),
        message=ts,
        thread=_thread(before),
        private=channel.startswith("D"),
    )


def opens_form(body: Json) -> bool:
    """Whether a click opens a form."""
    return str(body["actions"][0].get("action_id", "")).startswith(OPENS)


def click(body: Json) -> Incoming:
    """Read a click on a button or a choice of the overflow."""
    done = body["actions"][0]
    channel, message, thread = where(body)
    action, value = pressed(str(done["action_id"])), str(done.get("value") or "")
    if action == OVERFLOW:
        action, value = chosen(str(done["selected_option"]["value"]))
    user, stamp = str(body["user"]["id"]), str(done["action_ts"])
    return Incoming(
        kind="button",
        id=f"{stamp}:{user}:{done['action_id']}",
        platform="slack",
        channel=channel,
        user=user,
        at=moment(stamp),
        message=message,
        thread=thread,
        action=action,
        value=value,
        private=bool((body.get("container") or {}).get("is_ephemeral")) or channel[:1] == "D",
        token=str(body.get("response_url") or ""),
    )


def where(body: Json) -> tuple[str, str, str]:
    """Return channel, message and thread of the card that was clicked."""
    container, message = body.get("container") or {}, body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    ts = str(message.get("ts") or container.get("message_ts") or "")
    root = str(message.get("thread_ts") or container.get("thread_ts") or "")
    return channel, ts, "" if root == ts else root


def form(body: Json, now: datetime) -> tuple[Incoming, Mapping[str, str]]:
    """Read a submitted form and what is wrong with it, a sentence by field name."""
    view = body["view"]
    given = submitted(view)
    incoming = Incoming(
        kind="form",
        id=f"form:{view['id']}",
        platform="slack",
        channel=given.place.channel,
        user=str(body["user"]["id"]),
        at=now,
        message=given.place.message,
        thread=given.place.thread,
        action=given.action,
        value=given.value,
        answers=given.answers,
        private=given.place.channel.startswith("D"),
    )
    return incoming, given.faults
