"""Posting, replying, changing and reading messages as the platform does it, with its refusals."""

from __future__ import annotations

import json
from typing import Any

from tests.cards.feishu_rules import problems
from tests.servers.feishu_world import (
    APP_PER_SECOND,
    CHAT_PER_SECOND,
    HOUR,
    ApiError,
    Chat,
    Message,
    World,
)

CARD_BYTES = 30 * 1024
TEXT_BYTES = 150 * 1024
CARD_AGE = 14 * 24 * HOUR * 1000
HIDDEN = json.dumps({"title": "请升级至最新版本客户端，以查看内容"}, ensure_ascii=False)


def create(world: World, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST /im/v1/messages."""
    receiver = str(body.get("receive_id", ""))
    if kind == "open_id":
        if receiver not in world.people:
            raise ApiError(99992361, "open_id cross app")
        chat = world.private_chat(receiver)
    else:
        chat = _chat(world, receiver)
    return _put(world, chat, body, None, in_thread=False)


def reply(world: World, root: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST /im/v1/messages/:id/reply."""
    parent = _message(world, root)
    chat = _chat(world, parent.chat)
    in_thread = bool(body.get("reply_in_thread"))
    if in_thread and not chat.threads:
        raise ApiError(230071, "The current chat does not support replying in thread")
    if parent.deleted:
        raise ApiError(230011, "The message was recalled")
    return _put(world, chat, body, parent, in_thread=in_thread)


def patch(world: World, message_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """PATCH /im/v1/messages/:id."""
    message = _own(world, message_id)
    limit = ApiError(230020, "request trigger frequency limit, ext=message rate limit")
    world.throttle(f"patch {message_id}", CHAT_PER_SECOND, limit)
    if message.kind != "interactive":
        raise ApiError(230054, "This message type does not support this operation")
    if world.time() * 1000 - message.created > CARD_AGE:
        raise ApiError(230031, "The message is too old to be updated")
    check_content(world, "interactive", str(body.get("content", "")))
    message.content = str(body["content"])
    message.updated = int(world.time() * 1000)
    return {}


def update(world: World, message_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """PUT /im/v1/messages/:id."""
    message = _own(world, message_id)
    if message.kind not in {"text", "post"}:
        raise ApiError(230054, "This message type does not support this operation")
    if message.edits >= 20:
        raise ApiError(230072, "The message has reached the number of times it can be edited")
    check_content(world, str(body.get("msg_type", "")), str(body.get("content", "")))
    message.content, message.edits = str(body["content"]), message.edits + 1
    message.updated = int(world.time() * 1000)
    return shown(world, message)


def listed(world: World, query: dict[str, str]) -> dict[str, Any]:
    """GET /im/v1/messages."""
    container, kind = query.get("container_id", ""), query.get("container_id_type", "")
    if kind == "thread":
        found = [one for one in world.messages.values() if one.thread == container]
        chat = _chat(world, found[0].chat) if found else None
    else:
        chat = _chat(world, container)
        found = [one for one in world.messages.values() if one.chat == container and not one.root]
    if chat and not chat.private and "im:message.group_msg" not in world.scopes:
        raise ApiError(230027, "Lack of necessary permissions")
    size, start = int(query.get("page_size", "20")), int(query.get("page_token") or 0)
    page = found[start : start + size]
    more = start + size < len(found)
    items = [shown(world, one) for one in page]
    return {
        "items": items,
        "has_more": more,
        **({"page_token": str(start + size)} if more else {}),
    }


def read(world: World, message_id: str) -> dict[str, Any]:
    """GET /im/v1/messages/:id."""
    return {"items": [shown(world, _message(world, message_id))]}


def shown(world: World, message: Message) -> dict[str, Any]:
    """Return a message as the API shows it; a card's content is never shown."""
    content = HIDDEN if message.kind == "interactive" else message.content
    if message.deleted:
        content = json.dumps({"text": "This message was recalled"})
    links = {"root_id": message.root, "parent_id": message.parent, "thread_id": message.thread}
    sender_type = "app" if message.by_bot else "user"
    return {
        "message_id": message.id,
        "msg_type": message.kind,
        "chat_id": message.chat,
        "create_time": str(message.created),
        "update_time": str(message.updated or message.created),
        "deleted": message.deleted,
        "updated": bool(message.updated) and not message.deleted,
        "sender": {
            "id": message.sender,
            "id_type": "app_id" if message.by_bot else "open_id",
            "sender_type": sender_type,
            "tenant_key": "local",
        },
        "body": {"content": content},
        "mentions": [
            {**one, "id": one["id"]["open_id"], "id_type": "open_id"} for one in message.mentions
        ],
        **{name: value for name, value in links.items() if value},
    }


def check_content(world: World, kind: str, content: str) -> None:
    """Refuse what the platform refuses."""
    size = len(content.encode())
    if size > (TEXT_BYTES if kind == "text" else CARD_BYTES):
        raise ApiError(230025, "The length of the message content reaches its limit")
    for refusal in world.refusals:
        if refusal.times > 0 and refusal.path in {kind, ""}:
            refusal.times -= 1
            raise ApiError(refusal.code, refusal.message, refusal.status)
    try:
        data = json.loads(content)
    except ValueError:
        raise ApiError(230001, "content is not a JSON string") from None
    found = problems(data, world.people) if kind == "interactive" else []
    if found:
        code, _, text = found[0].partition(" ")
        raise ApiError(
            230099, f"Failed to create card content, ext=ErrCode: {code}; ErrMsg: {text};"
        )


def _put(
    world: World, chat: Chat, body: dict[str, Any], parent: Message | None, *, in_thread: bool
) -> dict[str, Any]:
    uuid = str(body.get("uuid") or "")
    if len(uuid) > 50:
        raise ApiError(230001, "uuid is too long")
    known = world.uuids.get(uuid)
    if uuid and known and world.time() - known[1] < HOUR:
        return shown(world, world.messages[known[0]])
    _may_speak(chat)
    reset = {"x-ogw-ratelimit-limit": str(APP_PER_SECOND), "x-ogw-ratelimit-reset": "1"}
    world.throttle(
        "app", APP_PER_SECOND, ApiError(99991400, "request trigger frequency limit", 429, reset)
    )
    limit = ApiError(230020, "request trigger frequency limit, ext=chat rate limit")
    world.throttle(chat.id, CHAT_PER_SECOND, limit)
    kind, content = str(body.get("msg_type", "")), str(body.get("content", ""))
    check_content(world, kind, content)
    message = Message(
        world.number("om_"), chat.id, world.app_id, kind, content, int(world.time() * 1000)
    )
    link(world, message, parent, in_thread=in_thread)
    world.messages[message.id] = message
    if uuid:
        world.uuids[uuid] = (message.id, world.time())
    return shown(world, message)


def link(world: World, message: Message, parent: Message | None, *, in_thread: bool) -> None:
    """Put a message under its parent; a thread is opened once for each root."""
    if parent is None:
        return
    root = world.messages.get(parent.root, parent)
    message.root, message.parent = root.id, parent.id
    if in_thread or root.thread:
        root.thread = root.thread or world.number("omt_")
        message.thread = root.thread


def _may_speak(chat: Chat) -> None:
    if chat.dissolved:
        raise ApiError(232009, "The chat was dissolved")
    if not chat.bot_inside:
        raise ApiError(230002, "The bot can not be outside the group.")
    if chat.muted:
        raise ApiError(230018, "The operation is prohibited by the group's settings")


def _chat(world: World, chat: str) -> Chat:
    if chat not in world.chats:
        raise ApiError(230034, "The receive_id is invalid")
    return world.chats[chat]


def _message(world: World, message: str) -> Message:
    if message not in world.messages:
        raise ApiError(230001, "invalid message_id")
    return world.messages[message]


def _own(world: World, message: str) -> Message:
    found = _message(world, message)
    if not found.by_bot:
        raise ApiError(230013, "not the sender of the message")
    if found.deleted:
        raise ApiError(230011, "The message was recalled")
    return found
