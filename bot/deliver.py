"""The outbox's sender: posts what is due, once, and knows what to do when a platform stumbles."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.cardjson import loads
from bot.chat import Busy, Chat, ChatError, Ref, Refused, Unsure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from storage.ledger import Ledger, Parcel

log = logging.getLogger("loudou.deliver")

LOOK_UP_AFTER = timedelta(seconds=60)
"""An ambiguous send is looked up only after this, so that a late acceptance is seen."""
FIRST_WAIT = 2.0
LONGEST_WAIT = 900.0
TRIES = 8
TURN = 20
"""So many are sent in one go, each leased by itself: a slow platform lets no lease run out."""


def deliver(ledger: Ledger, chats: Mapping[str, Chat], clock: Callable[[], datetime]) -> int:
    """Send what is due now; return how many messages went out or were changed."""
    sent = 0
    for _ in range(TURN):
        leased = ledger.lease(clock(), limit=1, platforms=tuple(chats))
        if not leased:
            break
        sent += _send(ledger, chats[leased[0].post.platform], leased[0], clock)
    return sent


def _send(ledger: Ledger, chat: Chat, parcel: Parcel, clock: Callable[[], datetime]) -> int:
    try:
        message = _hand_over(chat, parcel)
    except Busy as busy:
        ledger.again(parcel, clock() + timedelta(seconds=busy.after), str(busy))
    except Unsure as unsure:
        log.warning("%s: not sure whether it was posted; it is looked up first", parcel.post.key)
        ledger.unsure(parcel, clock() + LOOK_UP_AFTER, str(unsure))
    except Refused as refused:
        log.error("%s: %s", parcel.post.key, refused)
        ledger.dead(parcel, str(refused))
    except ChatError as error:
        _later(ledger, parcel, clock(), str(error))
    except Exception as error:
        log.exception("%s could not be sent", parcel.post.key)
        _later(ledger, parcel, clock(), type(error).__name__)
    else:
        ledger.sent(parcel, message, clock())
        return 1
    return 0


def _hand_over(chat: Chat, parcel: Parcel) -> str:
    post = parcel.post
    card = loads(post.card)
    if post.kind == "change":
        chat.change(Ref(chat.platform, post.channel, parcel.root_message, parcel.root_thread), card)
        return parcel.root_message
    thread = parcel.root_thread or parcel.root_message
    if parcel.unsure_since is not None:
        found = chat.find(post.channel, post.key, parcel.unsure_since, thread=thread)
        if found is not None:
            return found.message
    return chat.post(post.channel, card, key=post.key, thread=thread).message


def _later(ledger: Ledger, parcel: Parcel, now: datetime, error: str) -> None:
    if parcel.attempts >= TRIES:
        log.error("%s: given up after %d tries: %s", parcel.post.key, parcel.attempts, error)
        ledger.dead(parcel, error)
        return
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2**parcel.attempts)
    ledger.again(parcel, now + timedelta(seconds=wait), error)
