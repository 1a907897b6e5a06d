"""The road of one day: read, keep, judge, say, and hand over to the outbox in one transaction."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.cardjson import dumps
from bot.say import digest as saying
from bot.say import errors, notices
from bot.telling import alone, tell
from diagnostics.book.rows import Text
from storage.ledger import FindingRow, Post
from storage.sources import Note, SourceError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from bot.card import Card
    from bot.desk import Desk
    from bot.schedule import Occurrence
    from bot.team import ChannelRow
    from diagnostics.reading import Diagnosis, Finding
    from storage.ledger import Told

log = logging.getLogger("loudou.morning")

_REFUSED = Text("没能导入 {file}", "{file} could not be taken in")


@dataclass(frozen=True)
class Morning:
    """What a morning came to: the judgement, the digest, and all that is to be posted."""

    diagnosis: Diagnosis
    digest: Card
    posts: tuple[Post, ...]
    told: tuple[Told, ...]
    notes: tuple[Note, ...] = field(default=())

    @property
    def findings(self) -> tuple[FindingRow, ...]:
        """Return the findings as they are kept."""
        return tuple(finding_row(finding, self.diagnosis) for finding in self.diagnosis.findings)


def gather(desk: Desk, days: Collection[date], now: datetime) -> tuple[Note, ...]:
    """Read some days of every source and keep them; a source that fails is a note, not a stop."""
    notes: list[Note] = []
    for day, source in product(sorted(days), desk.sources):
        try:
            for batch in source.read(day, now):
                notes += batch.notes
                desk.store.keep(batch, now)
        except SourceError as error:
            notes += error.notes
        except OSError as error:
            text = f"{source.name}: {error.strerror or type(error).__name__}"
            notes.append(Note("error", source.name, text, text))
    for note in notes:
        if note.level != "info":
            log.warning("%s: %s", note.file, note.text_en)
    return tuple(notes)


def refused(desk: Desk, notes: Sequence[Note]) -> list[Post]:
    """Return what the team's first channel is told of files that could not be taken, once each."""
    if not desk.team.channel:
        return []
    channel = desk.team.channel[0]
    voice = desk.channel_voice(channel)
    posts = []
    for note in notes:
        if note.level == "error":
            why = note.text_zh if voice.lang == "zh" else note.text_en
            card = errors.problem(voice(_REFUSED, file=note.file), why, voice)
            mark = hashlib.sha256(why.encode()).hexdigest()[:12]
            key = f"refused:{channel.key}:{note.file}:{mark}"
            posts.append(Post(key, channel.platform, channel.id, dumps(card), "post"))
    return posts


def compose(
    desk: Desk,
    channel: ChannelRow,
    posting: date,
    now: datetime,
    *,
    day: date | None = None,
    at: datetime | None = None,
    late: datetime | None = None,
    dry: bool = False,
) -> Morning:
    """Judge and word a channel's morning; nothing is posted yet.

    `posting` is the business day on which it is told, `day` the day judged (default: each shop's
    own last day that was closed `at` a moment), `late` the local time at which it should have been
    said. A dry run opens no review.
    """
    diagnosis = desk.look(channel.shops, now, day, at=at)
    voice = desk.channel_voice(channel)
    alerts: Sequence[Post] = ()
    told: Sequence[Told] = ()
    if channel.alerts:
        alerts, told = tell(desk, channel, diagnosis, now, dry=dry)
    said = alone(desk, channel, diagnosis, told)
    card = saying.digest(said, voice, late=late, alerts=channel.alerts)
    key = digest_key(channel, posting)
    posts = [Post(key, channel.platform, channel.id, dumps(card), "post"), *alerts]
    return Morning(diagnosis, card, tuple(posts), tuple(told))


def digest_key(channel: ChannelRow, posting: date) -> str:
    """Return what makes a channel's digest of a business day unique."""
    return f"digest:{channel.key}:{posting.isoformat()}"


def run(desk: Desk, channel: ChannelRow, occurrence: Occurrence, now: datetime) -> bool:
    """Claim a due digest and bring it on its way; False when another has it or had it."""
    claimed = desk.ledger.claim("digest", occurrence.key, now)
    if claimed is None:
        return False
    fate = occurrence.fate(now)
    at = occurrence.at.astimezone(ZoneInfo(channel.zone))
    if fate == "skipped":
        card = notices.skipped(at, occurrence.day, desk.channel_voice(channel))
        key = f"skipped:{digest_key(channel, occurrence.day)}"
        post = Post(key, channel.platform, channel.id, dumps(card), "post")
        return desk.ledger.finish(claimed, now, posts=[post], outcome="skipped")
    notes = gather(desk, desk.closed_days(channel.shops, occurrence.at), now)
    late = at if fate == "late" else None
    morning = compose(desk, channel, occurrence.day, now, at=occurrence.at, late=late)
    return desk.ledger.finish(
        claimed,
        now,
        snapshot=dumps(morning.digest),
        posts=(*morning.posts, *refused(desk, notes)),
        outcome=fate,
        told=morning.told,
        findings=morning.findings,
    )


def finding_row(finding: Finding, diagnosis: Diagnosis) -> FindingRow:
    """Return a finding as it is kept for exports and for what was learnt."""
    unit = diagnosis.units[finding.unit]
    expected = finding.reading.expected
    return FindingRow(
        key=finding.key,
        day=finding.reading.day,
        shop=unit.shop or unit.key,
        unit=unit.key,
        scene=finding.scene,
        metric=finding.reading.metric,
        value=finding.reading.value,
        expected=expected.mid if expected else None,
        lost=finding.lost,
        currency=unit.currency,
        prescriptions=finding.prescriptions,
        sureness=finding.sureness,
    )
