"""One turn of the clock: asks what is due in each channel, and brings it on its way."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot import morning, watch, weekly
from bot.schedule import CATCH_UP, LOOK_BACK, occurrences

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.desk import Desk
    from bot.schedule import Occurrence
    from bot.team import ChannelRow

log = logging.getLogger("loudou.round")

AGAIN = timedelta(minutes=5)
"""When a run that failed is tried once more."""
SOON = timedelta(seconds=5)
"""When a run that another process has taken is looked at again: that one may have died."""
OVER = LOOK_BACK + CATCH_UP
"""How long a run that is over is remembered: for so long it would be asked for again."""


@dataclass
class Round:
    """Remembers only what it need not ask the database again; the record is the database's."""

    desk: Desk
    posted: Callable[[], None]
    _over: dict[str, datetime] = field(default_factory=dict)
    _first: dict[str, datetime] = field(default_factory=dict)

    def __call__(self, now: datetime) -> None:
        """Do what is due now; a job that fails does not keep the others from their turn."""
        for channel in self.desk.team.channel:
            for occurrence in self._due(channel, now):
                work = partial(self._run, channel, occurrence, now)
                self._try(occurrence.job, occurrence.key, work, now)
        slot = watch.slot(now, self.desk.team.watch.every_minutes)
        self._try("watch", slot, lambda: watch.run(self.desk, slot, now), now)
        self.posted()

    def _due(self, channel: ChannelRow, now: datetime) -> list[Occurrence]:
        since = min(max(self._began(channel, now), now - LOOK_BACK), now - CATCH_UP)
        return list(occurrences(channel, self.desk.book.calendar, since, now))

    def _began(self, channel: ChannelRow, now: datetime) -> datetime:
        """Return when the channel had its first run: none can have been missed before it."""
        if channel.key not in self._first:
            began = self.desk.ledger.began("digest", f"{channel.key}:")
            if began is None:
                return now
            self._first[channel.key] = began
        return self._first[channel.key]

    def _run(self, channel: ChannelRow, occurrence: Occurrence, now: datetime) -> bool:
        match occurrence.job:
            case "digest":
                return morning.run(self.desk, channel, occurrence, now)
            case "weekly":
                return weekly.run(self.desk, channel, occurrence, now)

    def _try(self, job: str, occurrence: str, work: Callable[[], bool], now: datetime) -> None:
        key = f"{job}:{occurrence}"
        if now < self._over.get(key, now):
            return
        self._over = {one: when for one, when in self._over.items() if when > now}
        try:
            wait = OVER if work() or self._done(job, occurrence) else SOON
        except Exception:
            log.exception("%s failed; it is tried again in %s", key, AGAIN)
            wait = AGAIN
        self._over[key] = now + wait

    def _done(self, job: str, occurrence: str) -> bool:
        run = self.desk.ledger.run(job, occurrence)
        return run is not None and run.finished_at is not None
