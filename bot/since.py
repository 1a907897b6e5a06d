"""Tells in a digest's thread what was found in figures that came after it, and puts that right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cardjson import dumps, loads
from bot.say import digest as saying
from bot.say.since import since
from bot.schedule import quiet_until
from diagnostics import fingerprint
from storage.ledger import Post

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.desk import Desk
    from bot.team import ChannelRow
    from diagnostics.reading import Diagnosis
    from storage.ledger import Run


def news(
    desk: Desk, channel: ChannelRow, root: str, run: Run, diagnosis: Diagnosis, now: datetime
) -> Iterator[Post]:
    """Yield what is added to a digest's thread: findings that it did not have when it was said.

    An edited message rings for nobody, and the next digest is about another day: without a line of
    its own a leak that late figures show would be seen by chance. What has an alert of its own is
    told there; smaller findings and slides wait in the digest. `diagnosis` is as the digest says it.
    """
    first = loads(run.snapshot).tells if run.snapshot and channel.alerts else None
    if first is None:
        return
    voice = desk.channel_voice(channel)
    there = {one.key: one for one in saying.named(diagnosis, voice)}
    judged = {shop.unit.key for shop in diagnosis.shops if shop.trust.judged}
    told, number = set(first), 1
    while desk.ledger.posted(key := f"{root}:since:{number}") is not None:
        before = loads(desk.ledger.newest(key)).tells or ()
        told.update(before)
        number += 1
        lost = [one for one in before if one not in there]
        if any(fingerprint.read(one).shop not in judged for one in lost):
            continue
        found = [there[one] for one in before if one in there]
        text = dumps(since(found, lost, diagnosis.day, diagnosis, voice))
        if text != desk.ledger.newest(key):
            mark = f"{key}:{now.isoformat()}"
            yield Post(mark, channel.platform, channel.id, text, "change", key)
    new = [
        one for one in list(there.values())[: saying.TOLD] if one.key not in told and not one.alert
    ]
    if new:
        text = dumps(since(new, (), diagnosis.day, diagnosis, voice))
        wait = quiet_until(channel, now)
        yield Post(key, channel.platform, channel.id, text, "post", root, wait)
