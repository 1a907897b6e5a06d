"""Looks up what was said in open reviews' threads while nobody listened, or what is never pushed."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import inbox
from bot.chat import ChatError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.chat import Chat
    from bot.desk import Desk

log = logging.getLogger("loudou.healing")

OPEN_FOR = timedelta(days=14)
"""How long a review's thread is looked at; what is said later must reach the bot by itself."""
MOST = 20
"""Threads in one turn and channel, so that the platform's limits are never near."""


def heal(desk: Desk, chats: Mapping[str, Chat], now: datetime) -> int:
    """Keep what the threads of open reviews hold and the inbox does not; return how much it was.

    What was kept before is not taken twice: a message's id is the same however it reaches us.
    """
    number = 0
    for channel in desk.team.channel:
        chat = chats.get(channel.platform)
        if chat is None:
            continue
        for review in desk.reviews.list(MOST, channel=channel.id, unfinished=True):
            root = desk.ledger.posted(review.root_key)
            if root is None or not root.message or now - review.opened_at > OPEN_FOR:
                continue
            above = desk.ledger.posted(root.root) if root.root else None
            try:
                said = chat.replies(channel.id, (above or root).message, review.opened_at)
            except ChatError as error:
                log.warning("the thread of review #%d could not be read: %s", review.id, error)
                continue
            number += sum(inbox.keep(desk.ledger, one, now) for one in said)
    return number
