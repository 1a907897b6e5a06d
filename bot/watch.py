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
from bot.telling import tell
from storage.ledger import Post

if TYPE_CHECKING:
    from bot.desk import Desk
    from bot.team import ChannelRow
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
    findings: dict[tuple[str, date], FindingRow] = {}
    for channel in desk.team.channel:
        try:
            changed = corrections(desk, channel, now)
            alerts, memory, found = _alerts(desk, channel, now)
            Reviews(desk, lambda user: user).remind(channel, now)
        except Exception:
            log.exception("%s could not be watched; the next turn comes", channel.key)
            continue
        posts += [*changed, *alerts]
        told += memory
        findings |= {(one.key, one.day): one for one in found}
    return desk.ledger.finish(
        claimed, now, posts=posts, told=told, findings=tuple(findings.values())
    )


def _alerts(
    desk: Desk, channel: ChannelRow, now: datetime
) -> tuple[list[Post], list[Told], tuple[FindingRow, ...]]:
    """Return what a channel is told now; alerts begin with its first digest, not before it."""
    if not channel.alerts or desk.ledger.began("digest", f"{channel.key}:") is None:
        return [], [], ()
    diagnosis = desk.look(channel.shops, now)
    posts, memory = tell(desk, channel, diagnosis, now)
    return posts, memory, tuple(finding_row(one, diagnosis) for one in diagnosis.findings)


def corrections(desk: Desk, channel: ChannelRow, now: datetime) -> list[Post]:
    """Return the digests of the last day and a half that would be worded otherwise now."""
    posts = []
    for due in occurrences(channel, desk.book.calendar, now - CORRECTED_FOR, now):
        told = desk.ledger.run(due.job, due.key) if due.job == "digest" else None
        root = digest_key(channel, due.day)
        posted = desk.ledger.posted(root)
        if told is None or told.outcome not in {"on_time", "late"}:
            continue
        if posted is None or posted.state != "sent":
            continue
        diagnosis = desk.look(channel.shops, now, at=due.at)
        late = due.at.astimezone(ZoneInfo(channel.zone)) if told.outcome == "late" else None
        text = dumps(
            saying.digest(diagnosis, desk.channel_voice(channel), late=late, alerts=channel.alerts)
        )
        if text != desk.ledger.newest(root):
            key = f"{root}:{now.isoformat()}"
            posts.append(Post(key, channel.platform, channel.id, text, "change", root))
    return posts
