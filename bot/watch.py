"""Between the digests: new figures are read, alerts told, digests corrected, people reminded."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.cardjson import dumps
from bot.learning import look_back
from bot.morning import digest_key, finding_row, gather, refused
from bot.reviewing import Reviews
from bot.say import digest as saying
from bot.schedule import occurrences
from bot.since import news
from bot.telling import alone, tell
from diagnostics import fingerprint
from diagnostics.alerts import OVER
from diagnostics.crowd import LEAST
from storage.ledger import Gone, Post

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bot.desk import Desk
    from bot.team import ChannelRow
    from diagnostics.reading import Diagnosis
    from storage.ledger import FindingRow, Told

log = logging.getLogger("loudou.watch")

CORRECTED_FOR = timedelta(hours=36)
"""How long a digest is put right where it was said, when figures come late or are revised."""


def slot(now: datetime, minutes: int) -> str:
    """Return the name of the present stretch of some minutes: one watch for each."""
    seconds = 60 * minutes
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC).isoformat()


def run(desk: Desk, occurrence: str, now: datetime) -> bool:
    """Claim a watch and bring what it finds on its way; False when another has or had it."""
    claimed = desk.ledger.claim("watch", occurrence, now, lease=300)
    if claimed is None:
        return False
    try:
        look_back(desk, now)
    except Exception:
        log.exception("what was prescribed could not be judged; the next turn comes")
    closed = desk.closed_days([row.key for row in desk.team.shop], now)
    notes = gather(desk, {day - timedelta(back) for day in closed for back in (0, 1)}, now)
    posts: list[Post] = refused(desk, notes)
    told: list[Told] = []
    looks: list[Diagnosis] = []
    for channel in desk.team.channel:
        try:
            alerts, memory, more = _alerts(desk, channel, now)
            changed, judged = corrections(desk, channel, now, memory)
            Reviews(desk, lambda user: user).remind(channel, now)
        except Exception:
            log.exception("%s could not be watched; the next turn comes", channel.key)
            continue
        posts += [*changed, *alerts]
        told += memory
        looks += [*judged, *more]
    rows = {
        (one.key, one.reading.day): finding_row(one, look)
        for look in looks
        for one in look.findings
    }
    gone = _gone(desk, looks, rows.keys(), told)
    findings = tuple(rows.values())
    return desk.ledger.finish(claimed, now, posts=posts, told=told, findings=findings, gone=gone)


def _gone(
    desk: Desk, looks: Sequence[Diagnosis], here: Collection[tuple[str, date]], told: Sequence[Told]
) -> tuple[Gone, ...]:
    """Return what was found of the days that were judged again and is not found any more.

    What an alert still stands by is kept. What another finding explains now is no withdrawal.
    """
    memory = {(one.key, one.channel): one for one in (*desk.ledger.open_alerts(), *told)}
    kept = {one.key for one in memory.values() if one.state not in OVER}
    hidden = {
        (one.reading.day, key) for look in looks for one in look.findings for key in one.hides
    }
    days = sorted({shop.funnel.day for look in looks for shop in look.shops})
    return tuple(
        Gone(row.key, day, not hidden.isdisjoint(_names(row)))
        for day in days
        for row in desk.findings.list(day, day)
        if (row.key, day) not in here
        and row.key not in kept
        and any(_asks(look, row) for look in looks)
    )


def _names(row: FindingRow) -> set[tuple[date, str]]:
    return {(row.day, row.unit), (row.day, f"{row.unit}|{row.metric}")}


def _asks(look: Diagnosis, row: FindingRow) -> bool:
    """Say whether a look would have found it: the shop's day is judged, of a group's enough."""
    country = fingerprint.circle(row.unit)
    there = [
        shop.unit.key
        for shop in look.shops
        if shop.trust.judged
        and shop.funnel.day == row.day
        and (not country or shop.unit.country == country)
    ]
    return row.shop in there and (country is None or len(there) >= LEAST)


def _alerts(
    desk: Desk, channel: ChannelRow, now: datetime
) -> tuple[list[Post], list[Told], tuple[Diagnosis, ...]]:
    """Return what a channel is told now; alerts begin with its first digest, not before it."""
    if not channel.alerts or desk.ledger.began("digest", f"{channel.key}:") is None:
        return [], [], ()
    diagnosis = desk.look(channel.shops, now)
    return (*tell(desk, channel, diagnosis, now), (diagnosis,))


def corrections(
    desk: Desk, channel: ChannelRow, now: datetime, memory: Sequence[Told] = ()
) -> tuple[list[Post], list[Diagnosis]]:
    """Return the digests of the last day and a half that would be worded otherwise now.

    What they did not have when they were said is added in their threads. With them comes how their days are judged now. `memory`: what was just told of alerts.
    """
    posts: list[Post] = []
    looks: list[Diagnosis] = []
    for due in occurrences(channel, desk.book.calendar, now - CORRECTED_FOR, now):
        told = desk.ledger.run(due.job, due.key) if due.job == "digest" else None
        root = digest_key(channel, due.day)
        posted = desk.ledger.posted(root)
        if told is None or told.outcome not in {"on_time", "late"}:
            continue
        if posted is None or posted.state != "sent":
            continue
        diagnosis = desk.look(channel.shops, now, at=due.at)
        looks.append(diagnosis)
        late = due.at.astimezone(ZoneInfo(channel.zone)) if told.outcome == "late" else None
        said = alone(desk, channel, diagnosis, memory)
        voice = desk.channel_voice(channel)
        text = dumps(saying.digest(said, voice, late=late, alerts=channel.alerts))
        if text != desk.ledger.newest(root):
            key = f"{root}:{now.isoformat()}"
            posts.append(Post(key, channel.platform, channel.id, text, "change", root))
        posts += news(desk, channel, root, told, said, now)
    return posts, looks
