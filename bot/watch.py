"""Between the digests: new figures are read, alerts told, digests corrected, people reminded."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.cardjson import dumps
from bot.learning import look_back
from bot.morning import digest_key, finding_row, gather
from bot.reviewing import Reviews
from bot.say import digest as saying
from bot.schedule import wall_clock
from bot.team import clock_time
from bot.telling import tell
from storage.ledger import Post

if TYPE_CHECKING:
    from bot.desk import Desk
    from bot.team import ChannelRow
    from storage.ledger import FindingRow, Told

CORRECTED_FOR = timedelta(hours=36)
"""How long a digest is put right where it was said, when figures come late or are revised."""


def slot(now: datetime, minutes: int) -> str:
    """Return the name of the present stretch of some minutes: one watch for each."""
    start = now.replace(
        minute=now.minute - now.minute % minutes if minutes < 60 else 0, second=0, microsecond=0
    )
    if minutes >= 60:
        start = start.replace(hour=start.hour - start.hour % max(1, minutes // 60))
    return start.isoformat()


def run(desk: Desk, occurrence: str, now: datetime) -> bool:
    """Claim a watch and bring what it finds on its way; False when another has or had it."""
    claimed = desk.ledger.claim("watch", occurrence, now, lease=300)
    if claimed is None:
        return False
    look_back(desk, now)
    gather(desk, min(desk.closed_days([row.key for row in desk.team.shop], now), default=None), now)
    posts: list[Post] = []
    told: list[Told] = []
    findings: dict[tuple[str, date], FindingRow] = {}
    for channel in desk.team.channel:
        posts += corrections(desk, channel, now)
        posts += Reviews(desk, lambda user: user).reminders(channel, now)
        if not channel.alerts or not _started(desk, channel):
            continue
        diagnosis = desk.look(channel.shops, now)
        more, memory = tell(desk, channel, diagnosis, now)
        posts += more
        told += memory
        for finding in diagnosis.findings:
            findings[finding.key, finding.reading.day] = finding_row(finding, diagnosis)
    return desk.ledger.finish(
        claimed, now, posts=posts, told=told, findings=tuple(findings.values())
    )


def _started(desk: Desk, channel: ChannelRow) -> bool:
    """Say whether the channel ever had a digest: alerts begin with it, not before it."""
    return any(
        run.occurrence.startswith(f"{channel.key}:") and run.finished_at is not None
        for run in desk.ledger.runs("digest")
    )


def corrections(desk: Desk, channel: ChannelRow, now: datetime) -> list[Post]:
    """Return the digests of the last day and a half that would be worded otherwise now."""
    posts = []
    for run_ in desk.ledger.runs("digest", since=now - CORRECTED_FOR):
        key, _, day = run_.occurrence.rpartition(":")
        if (
            key != channel.key
            or run_.finished_at is None
            or run_.outcome not in {"on_time", "late"}
        ):
            continue
        root = digest_key(channel, date.fromisoformat(day))
        posted = desk.ledger.posted(root)
        if posted is None or posted.state != "sent":
            continue
        at = wall_clock(date.fromisoformat(day), clock_time(channel.digest), channel.zone)
        diagnosis = desk.look(channel.shops, now, at=at)
        late = at.astimezone(ZoneInfo(channel.zone)) if run_.outcome == "late" else None
        text = dumps(
            saying.digest(diagnosis, desk.channel_voice(channel), late=late, alerts=channel.alerts)
        )
        if text == run_.snapshot:
            continue
        mark = hashlib.sha256(text.encode()).hexdigest()[:12]
        posts.append(Post(f"{root}:{mark}", channel.platform, channel.id, text, "change", root))
    return posts
