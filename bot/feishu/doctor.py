"""What the operator has to mend in the Feishu app, found by asking the platform itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat import Check
from bot.feishu.errors import Trouble
from bot.feishu.scopes import THREAD_SCOPE, events
from bot.feishu.sending import MESSAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.feishu.wire import Wire

BOT_INFO = "/open-apis/bot/v3/info"
IN_CHAT = "/open-apis/im/v1/chats/:chat_id/members/is_in_chat"
NO_SCOPE = "230027"
ADD_BOT = "Open the group in Feishu > Settings > Bots > Add Bot, and choose this app."
ADD_SCOPE = (
    f"Developer console > Permissions & Scopes: add {THREAD_SCOPE}, then Version Management > "
    "publish a new version. Until then people answer a review by its form or by @ the bot."
)


def check(wire: Wire, channels: tuple[str, ...]) -> tuple[Check, ...]:
    """Return one line for each thing that has to be right; never raises."""
    try:
        wire.token()
    except Trouble as trouble:
        return (_failed("Feishu credentials", trouble),)
    return (
        Check("Feishu credentials", ok=True),
        _bot(wire),
        *(_member(wire, channel) for channel in channels),
        *_threads(wire, channels),
        _subscribed(),
    )


def own_id(wire: Wire) -> str:
    """Return the bot's own open_id; raises Trouble."""
    return str((wire.call("GET", BOT_INFO).get("bot") or {}).get("open_id") or "")


def _bot(wire: Wire) -> Check:
    try:
        found = wire.call("GET", BOT_INFO).get("bot") or {}
    except Trouble as trouble:
        return _failed("Feishu bot", trouble)
    return Check("Feishu bot", ok=bool(found.get("open_id")), detail=str(found.get("app_name", "")))


def _member(wire: Wire, channel: str) -> Check:
    name = f"Feishu group {channel}"
    if channel.startswith("ou_"):
        return Check(name, ok=True, detail="a private chat")
    try:
        data = wire.call("GET", IN_CHAT, paths={"chat_id": channel}).get("data") or {}
    except Trouble as trouble:
        return _failed(name, trouble)
    inside = bool(data.get("is_in_chat"))
    return Check(name, ok=inside, remedy="" if inside else ADD_BOT)


def _threads(wire: Wire, channels: tuple[str, ...]) -> Iterator[Check]:
    """Find out whether replies without @ can be read, by reading one message of a group."""
    groups = [channel for channel in channels if not channel.startswith("ou_")]
    if not groups:
        return
    name = "Feishu replies in threads without @"
    query = {"container_id_type": "chat", "container_id": groups[0], "page_size": "1"}
    try:
        wire.call("GET", MESSAGES, query=query)
    except Trouble as trouble:
        missing = trouble.code == NO_SCOPE
        remedy = ADD_SCOPE if missing else trouble.remedy
        yield Check(name, ok=False, detail=trouble.code, remedy=remedy)
    else:
        yield Check(name, ok=True)


def _subscribed() -> Check:
    needed = ", ".join(one.key for one in events() if one.required)
    return Check(
        "Feishu events",
        ok=True,
        detail=f"cannot be asked for; Developer console > Events & Callbacks must list {needed}",
    )


def _failed(name: str, trouble: Trouble) -> Check:
    return Check(name, ok=False, detail=f"{trouble.code}: {trouble.detail}", remedy=trouble.remedy)
