"""The one message that told many alerts: whom it counts, and how its first line is put right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from bot.cardjson import dumps
from bot.remembering import recall
from bot.say.alert import all_over, grouped
from bot.schedule import quiet_until
from diagnostics import fingerprint, slides
from diagnostics.alerts import OVER
from storage.ledger import Post

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from bot.desk import Desk
    from bot.team import ChannelRow
    from diagnostics.reading import Diagnosis, Finding
    from storage.ledger import Told

MANY, MORE = "alerts", "more"
"""How the key of such a message begins: of many at once, of what is beyond the day's budget."""


def place(desk: Desk, told: Told) -> str:
    """Return the key of the message in whose thread an alert stands; empty where it is alone."""
    post = desk.ledger.posted(told.post_key)
    return post.root if post is not None else ""


def spent(desk: Desk, channel: ChannelRow, day: date) -> int:
    """Return in how many messages a day's alerts were told; slides have a budget of their own."""
    told = desk.ledger.opened_since(channel.key, day)
    mine = [one for one in told if not slides.is_slide(fingerprint.read(one.key).what)]
    return len({place(desk, one) or one.post_key for one in mine})


@dataclass(frozen=True)
class Group:
    """A message of many alerts as a look at the data sees it; `memory` is what that look decided."""

    desk: Desk
    channel: ChannelRow
    root: str
    diagnosis: Diagnosis
    now: datetime
    memory: Mapping[str, Told]

    def put_right(self, new: Sequence[Finding] = ()) -> Iterator[Post]:
        """Yield the change by which it counts what is open of its thread; none where it does.

        `new` is what is added to the thread now.
        """
        kind = self.root.partition(":")[0]
        if kind not in {MANY, MORE}:
            return
        day = date.fromisoformat(self.root.removeprefix(f"{kind}:{self.channel.key}:")[:10])
        posts = set(self.desk.ledger.thread(self.root))
        since = {one.key: one for one in self.desk.ledger.opened_since(self.channel.key, day)}
        there = [one for one in {**since, **self.memory}.values() if one.post_key in posts]
        found = self._found([one for one in there if one.state not in OVER], new)
        voice, of = self.desk.channel_voice(self.channel), len(posts) + len(new)
        if found:
            more = kind == MORE
            card = grouped(found, self.diagnosis, voice, more=more, of=of, day=day)
        else:
            units = [fingerprint.read(one.key).unit for one in there]
            card = all_over(units, of, day, voice.knowing(self.diagnosis.units))
        text = dumps(card)
        if text != self.desk.ledger.newest(self.root):
            yield Post(
                f"{self.root}:{self.now.isoformat()}",
                self.channel.platform,
                self.channel.id,
                text,
                "change",
                self.root,
                quiet_until(self.channel, self.now),
            )

    def _found(self, left: Sequence[Told], new: Sequence[Finding]) -> list[Finding]:
        """Return what is open, costliest first: as it stands today, else on its last day."""
        keys = {one.key for one in left} | {one.key for one in new}
        found = [one for one in self.diagnosis.findings if one.key in keys]
        here = {one.key for one in found}
        for told in left:
            span = (told.first_day, told.last_day)
            if told.key not in here:
                shops = self.channel.shops
                recalled = recall(self.desk, told.key, *span, self.now, shops)
                found += [recalled[0]] if recalled is not None else []
        return found
