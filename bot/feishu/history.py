"""What was said in a thread while nobody listened, read page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from bot.chat import Incoming
from bot.feishu.parse import Reader, moment, written
from bot.feishu.sending import MESSAGES, ONE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.feishu.wire import Wire

PAGE = 50


def replies(
    wire: Wire, reader: Reader, channel: str, root: str, since: datetime
) -> tuple[Incoming, ...]:
    """Return what people wrote, edited or recalled since a moment, oldest first."""
    found = wire.call("GET", ONE, paths={"message_id": root})
    items = (found.get("data") or {}).get("items") or [{}]
    container = str(items[0].get("thread_id") or "")
    if not container:
        return ()
    heard = (_incoming(item, reader, channel, root) for item in _pages(wire, container))
    return tuple(one for one in heard if one is not None and one.at >= since)


def _pages(wire: Wire, container: str) -> Iterator[dict[str, Any]]:
    query = {
        "container_id_type": "thread",
        "container_id": container,
        "sort_type": "ByCreateTimeAsc",
        "page_size": str(PAGE),
    }
    while True:
        data = wire.call("GET", MESSAGES, query=query).get("data") or {}
        yield from data.get("items") or ()
        if not data.get("has_more") or not data.get("page_token"):
            return
        query = {**query, "page_token": str(data["page_token"])}


def _incoming(item: dict[str, Any], reader: Reader, channel: str, root: str) -> Incoming | None:
    message, sender = str(item.get("message_id", "")), item.get("sender") or {}
    if message == root or sender.get("sender_type") != "user":
        return None
    said = written(str(item.get("msg_type", "")), str((item.get("body") or {}).get("content", "")))
    mentioned, text = reader.heard(said, item.get("mentions") or ())
    command = reader.command(text) if mentioned else ""
    deleted, edited = bool(item.get("deleted")), bool(item.get("updated"))
    if not text and not deleted:
        return None
    changed = item.get("update_time") or item.get("create_time")
    kind: Literal["command", "reply", "edit", "delete"] = "command" if command else "reply"
    mark = ""
    if deleted:
        kind, mark = "delete", ":recalled"
    elif edited:
        kind, mark = "edit", f":{changed}"
    return Incoming(
        kind=kind,
        id=f"{message}{mark}",
        platform="feishu",
        channel=channel,
        user=str(sender.get("id", "")),
        at=moment(changed if mark else item.get("create_time")),
        text="" if deleted else command or text,
        message=message,
        thread=root,
    )
