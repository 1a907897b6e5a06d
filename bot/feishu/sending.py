"""How a card gets out: in its full look if the platform takes it, else the same facts simpler."""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING, Any, Literal

from bot.feishu.errors import Trouble
from bot.feishu.post import masked, post
from bot.feishu.render import content, render

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.card import Card, Mention
    from bot.feishu.text import Who
    from bot.feishu.wire import Wire

    Send = Callable[[dict[str, Any]], str]
    """Sends a message body and returns the message's id; raises Trouble."""

log = logging.getLogger("loudou.feishu")

Rung = Literal["card", "bare", "post"]
RUNGS: tuple[Rung, ...] = ("card", "bare", "post")
"""The full card; the card without tables and charts; a plain post."""
BAD_MENTION = "100290"
MESSAGES = "/open-apis/im/v1/messages"
ONE = f"{MESSAGES}/:message_id"
NO_CARD = "230054"


def say(card: Card, key: str, who: Who, send: Send) -> str:
    """Send a card down the ladder of looks until the platform takes one; return the message.

    Each look has a uuid of its own that is made of the key, so that a retry of the whole finds
    each attempt again. Raises Busy, Unsure or Refused.
    """
    shown, people, mark = card, who, ""
    rungs = list(RUNGS)
    while True:
        rung = rungs[0]
        body = {**_body(shown, rung, people), "uuid": uuid(key, f"{rung}{mark}")}
        try:
            return send(body)
        except Trouble as trouble:
            log.warning("a message was refused as %s: %s %s", rung, trouble.code, trouble.detail)
            if trouble.kind == "mask" and not mark:
                shown, mark = masked(card), "*"
            elif trouble.kind == "degrade" and len(rungs) > 1:
                people = _nobody if BAD_MENTION in trouble.code else people
                rungs.pop(0)
            else:
                raise trouble.error() from None


def uuid(key: str, look: str) -> str:
    """Return the platform's idempotency key: 32 characters, the same for the same key and look."""
    full = key if look == "card" else f"{key}|{look}"
    return hashlib.sha1(full.encode(), usedforsecurity=False).hexdigest()[:32]


def _body(card: Card, rung: Rung, who: Who) -> dict[str, Any]:
    if rung == "post":
        return {"msg_type": "post", "content": content(post(card, who))}
    return {"msg_type": "interactive", "content": content(render(card, who, rich=rung == "card"))}


def _nobody(_: Mention) -> str:
    return ""


def send_new(wire: Wire, channel: str, body: dict[str, Any]) -> str:
    """Post into a chat (oc_…) or to a person (ou_…)."""
    kind = "open_id" if channel.startswith("ou_") else "chat_id"
    answer = wire.call(
        "POST",
        MESSAGES,
        query={"receive_id_type": kind},
        body={"receive_id": channel, **body},
    )
    return str(answer["data"]["message_id"])


def send_reply(wire: Wire, root: str, body: dict[str, Any]) -> str:
    """Reply in the thread of a message; where threads are not possible, reply without one."""
    paths = {"message_id": root}
    try:
        answer = wire.call(
            "POST", f"{ONE}/reply", paths=paths, body={**body, "reply_in_thread": True}
        )
    except Trouble as trouble:
        if trouble.kind != "outside":
            raise
        answer = wire.call("POST", f"{ONE}/reply", paths=paths, body=body)
    return str(answer["data"]["message_id"])


def replace(wire: Wire, message: str, body: dict[str, Any]) -> str:
    """Change a card of our own; a message that is no card is edited as a post."""
    paths = {"message_id": message}
    edited = {"msg_type": body["msg_type"], "content": body["content"]}
    if body["msg_type"] == "post":
        wire.call("PUT", ONE, paths=paths, body=edited)
        return message
    try:
        wire.call("PATCH", ONE, paths=paths, body={"content": body["content"]})
    except Trouble as trouble:
        if trouble.code != NO_CARD:
            raise
        raise Trouble("degrade", trouble.code, trouble.detail, remedy=trouble.remedy) from None
    return message
