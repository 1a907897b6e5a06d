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
"""When a run that failed, or that another process had taken, is looked at once more."""


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
                self._try(
                    f"{occurrence.job}:{occurrence.key}",
                    partial(self._run, channel, occurrence, now),
                    now,
                )
        slot = watch.slot(now, self.desk.team.watch.every_minutes)
        self._try(f"watch:{slot}", lambda: watch.run(self.desk, slot, now), now)
        self.posted()

    def _due(self, channel: ChannelRow, now: datetime) -> list[Occurrence]:
        since = min(max(self._began(channel, now), now - LOOK_BACK), now - CATCH_UP)
        return list(occurrences(channel, self.desk.book.calendar, since, now))

    def _began(self, channel: ChannelRow, now: datetime) -> datetime:
        """Return when the channel had its first run: none can have been missed before it."""
        if channel.key not in self._first:
            prefix = f"{channel.key}:"
            for run in self.desk.ledger.runs("digest"):
                if run.occurrence.startswith(prefix):
                    self._first[channel.key] = run.claimed_at
                    break
        return self._first.get(channel.key, now)

    def _run(self, channel: ChannelRow, occurrence: Occurrence, now: datetime) -> bool:
        match occurrence.job:
            case "digest":
                return morning.run(self.desk, channel, occurrence, now)
            case "weekly":
                return weekly.run(self.desk, channel, occurrence, now)

    def _try(self, key: str, work: Callable[[], bool], now: datetime) -> None:
        if now < self._over.get(key, now):
            return
        self._over = {one: when for one, when in self._over.items() if when > now}
        try:
            done = work()
        except Exception:
            log.exception("%s failed; it is tried again in %s", key, AGAIN)
            done = False
        self._over[key] = now + (LOOK_BACK + CATCH_UP if done else AGAIN)
