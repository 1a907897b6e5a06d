"""What arrives is kept first and worked on after: a retry or a restart finds it only once."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.chat import ChatError, Incoming, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.ledger import Ledger

log = logging.getLogger("loudou.inbox")

TRIES = 5
TURN = 20
"""So much is worked on in one go, each leased by itself: a slow one lets no other's lease run out."""
EXPIRES = timedelta(minutes=10)
"""A command or a click that was under way for longer is answered as expired, not carried out."""


def dumps(incoming: Incoming) -> str:
    """Return what arrived as JSON."""
    return json.dumps(asdict(incoming) | {"at": incoming.at.isoformat()}, ensure_ascii=False)


def loads(text: str) -> Incoming:
    """Return what arrived, from JSON."""
    rows = json.loads(text)
    return Incoming(**rows | {"at": datetime.fromisoformat(rows["at"])})


def keep(ledger: Ledger, incoming: Incoming, now: datetime) -> bool:
    """Keep what arrived; False when it was kept before."""
    return ledger.receive(dumps(incoming), incoming.platform, incoming.id, now)


def work(ledger: Ledger, handle: Callable[[Incoming], None], clock: Callable[[], datetime]) -> int:
    """Work on what was kept, in order; return how much it was.

    A platform that stumbles is asked again when the lease is over; any other error is logged.
    """
    number = 0
    while number < TURN and (taken := ledger.take(clock(), limit=1)):
        arrived = taken[0]
        number += 1
        error = ""
        try:
            handle(loads(arrived.body))
        except Refused as refused:
            log.error("no. %s could not be answered: %s", arrived.id, refused)
            error = str(refused)
        except ChatError as stumble:
            if arrived.attempts < TRIES:
                log.warning("no. %s is answered later: %s", arrived.id, stumble)
                continue
            error = str(stumble)
        except Exception as problem:
            log.exception("no. %s could not be answered", arrived.id)
            error = type(problem).__name__
        ledger.done(arrived.id, clock(), error)
    return number


def stale(incoming: Incoming, now: datetime) -> bool:
    """Say whether a command or click is too old to be carried out."""
    return incoming.kind in {"command", "button"} and now - incoming.at > EXPIRES
