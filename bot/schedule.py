"""When things happen: which occurrences are due, by each channel's own wall clock and calendar."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from bot.team import WEEKDAYS, ChannelRow, clock_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diagnostics.book.rows import CalendarRow

CATCH_UP = timedelta(hours=4)
"""A run missed by up to this is made up for, and marked late; a later one is said to be skipped."""
LATE = timedelta(minutes=5)
LOOK_BACK = timedelta(days=3)
_REACH = 26 * 3600
"""Seconds around a moment in which a gap ends, even one of a whole day."""

Job = Literal["digest", "weekly"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One due date of a job in a channel. `day` is the local business day it belongs to."""

    job: Job
    channel: str
    day: date
    at: datetime

    @property
    def key(self) -> str:
        """Return what makes it unique: the same day in the same channel runs once."""
        return f"{self.channel}:{self.day.isoformat()}"

    def fate(self, now: datetime) -> Literal["on_time", "late", "skipped", "early"]:
        """Say what is to become of it now."""
        if now < self.at:
            return "early"
        delay = now - self.at
        return "on_time" if delay <= LATE else "late" if delay <= CATCH_UP else "skipped"


def wall_clock(day: date, at: time, zone: str) -> datetime:
    """Return the first UTC moment at which a zone's clock shows a time on a day.

    In a gap (the clock jumps over it) it is the first moment after the gap; in a fold (the clock
    shows it twice) the first of the two. A day that a zone skips altogether gives the moment at
    which the next one begins.
    """
    tz = ZoneInfo(zone)
    wanted = datetime.combine(day, at)
    moment = wanted.replace(tzinfo=tz, fold=0).astimezone(UTC)
    if moment.astimezone(tz).replace(tzinfo=None) == wanted:
        return moment
    start = int(moment.timestamp()) - _REACH
    seconds = bisect_left(
        range(2 * _REACH),
        wanted,
        key=lambda second: datetime.fromtimestamp(start + second, tz).replace(tzinfo=None),
    )
    return datetime.fromtimestamp(start + seconds, UTC)


def works(channel: ChannelRow, day: date, calendar: Sequence[CalendarRow]) -> bool:
    """Say whether a channel's team works on a day: own dates, make-up days, holidays, weekdays."""
    if day in channel.work:
        return True
    if day in channel.off:
        return False
    rows = (
        [row for row in calendar if channel.holidays in row.countries] if channel.holidays else []
    )
    if any(day in row.makeup for row in rows):
        return True
    if any(row.office_closed and row.covers(day, channel.holidays) for row in rows):
        return False
    return WEEKDAYS[day.weekday()] in channel.days


def occurrences(
    channel: ChannelRow, calendar: Sequence[CalendarRow], since: datetime, until: datetime
) -> Iterator[Occurrence]:
    """Yield what is due in a channel after `since` up to and with `until`, in time order."""
    zone = ZoneInfo(channel.zone)
    day = since.astimezone(zone).date() - timedelta(1)
    last = until.astimezone(zone).date() + timedelta(1)
    found = []
    while day <= last:
        for job, clock, wanted in (
            ("digest", channel.digest, works(channel, day, calendar)),
            ("weekly", channel.weekly_at, channel.weekly == WEEKDAYS[day.weekday()]),
        ):
            at = wall_clock(day, clock_time(clock), channel.zone)
            if wanted and since < at <= until:
                found.append(Occurrence(job, channel.key, day, at))  # type: ignore[arg-type]  # the two words above are the jobs
        day += timedelta(1)
    yield from sorted(found, key=lambda occurrence: occurrence.at)


def quiet_until(channel: ChannelRow, now: datetime) -> datetime | None:
    """Return when the channel's quiet hours end, if it is in them now."""
    start, end = clock_time(channel.quiet_from), clock_time(channel.quiet_to)
    if start == end:
        return None
    local = now.astimezone(ZoneInfo(channel.zone))
    at = local.time()
    inside = start <= at < end if start < end else at >= start or at < end
    if not inside:
        return None
    day = local.date() + timedelta(1 if start > end and at >= start else 0)
    return wall_clock(day, end, channel.zone)
