"""Which alerts a channel is told now: the root card, its review's form, and what changes later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import reviewing
from bot.cardjson import dumps
from bot.say import updates
from bot.say.alert import Stand, alert, grouped
from bot.schedule import quiet_until
from diagnostics import fingerprint
from diagnostics.alerts import Seen, verdict
from storage.ledger import Post, Told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from bot.card import Card
    from bot.desk import Desk
    from bot.say.voice import Voice
    from bot.team import ChannelRow
    from diagnostics.alerts import Telling
    from diagnostics.reading import Diagnosis, Finding

GROUP_FROM = 5
"""So many new alerts at once become one message with the details in its thread."""


@dataclass(frozen=True)
class Teller:
    """One channel's alerts of one look at the data."""

    desk: Desk
    channel: ChannelRow
    diagnosis: Diagnosis
    now: datetime
    dry: bool = False

    @property
    def voice(self) -> Voice:
        """Return the channel's voice."""
        return self.desk.channel_voice(self.channel)

    def tell(self) -> tuple[list[Post], list[Told]]:
        """Return what is to be posted and what is remembered of it; nothing is written here."""
        posts: list[Post] = []
        memory: list[Told] = []
        new: list[tuple[Finding, str]] = []
        for finding, before, telling in self._decisions():
            told = self._remembered(finding, before, telling)
            if told is not None and (before is None or told != before):
                memory.append(told)
            if not telling.tell or told is None:
                continue
            if telling.reason in {"first", "reopened"} and finding is not None:
                new.append((finding, told.post_key))
            else:
                posts += self._update(finding, told, telling)
        return [*self._opened(new), *posts], memory

    def _decisions(self) -> Iterator[tuple[Finding | None, Told | None, Telling]]:
        """Yield every alert of the day, and every open one that the day had none of."""
        here = {one.key: one for one in self.diagnosis.findings if one.alert}
        for key, finding in here.items():
            before = self.desk.ledger.told(key, self.channel.key)
            day = finding.reading.day
            yield finding, before, verdict(_seen(before), finding, self.now, day)
        for before in self.desk.ledger.open_alerts(self.channel.key):
            day_judged = self._judged(before)
            if before.key not in here and day_judged is not None:
                yield None, before, verdict(_seen(before), None, self.now, day_judged)

    def _judged(self, told: Told) -> date | None:
        """Return the day on which the alert's shop was judged now; None when it was not."""
        shop = self.diagnosis.shop(fingerprint.read(told.key).shop)
        return shop.funnel.day if shop is not None and shop.trust.judged else None

    def _remembered(
        self, finding: Finding | None, before: Told | None, telling: Telling
    ) -> Told | None:
        seen = telling.seen
        if seen is None:
            return before
        fresh = telling.reason in {"first", "reopened"}
        key = f"alert:{self.channel.key}:{seen.key}:{seen.first_day.isoformat()}"
        if fresh and finding is not None:
            key = f"alert:{self.channel.key}:{seen.key}:{finding.reading.day.isoformat()}"
        return Told(
            key=seen.key,
            channel=self.channel.key,
            state=seen.state,
            first_day=seen.first_day,
            last_day=seen.last_day,
            last_told=seen.last_told,
            worst=seen.worst,
            post_key=key if fresh or before is None else before.post_key,
            acked_by="" if fresh or before is None else before.acked_by,
            snoozed_until=seen.snoozed_until,
            quiet_days=seen.quiet_days,
            was=before.was if before else "",
        )

    def _opened(self, new: list[tuple[Finding, str]]) -> Iterator[Post]:
        if len(new) >= GROUP_FROM:
            found = [finding for finding, _key in new]
            day = self.diagnosis.day.isoformat()
            root = f"alerts:{self.channel.key}:{day}:{found[0].key}"
            yield self._post(root, grouped(found, self.diagnosis, self.voice))
            for finding, key in new:
                yield self._post(key, alert(finding, self.diagnosis, self.voice), root=root)
            return
        for finding, key in new:
            yield self._post(key, alert(finding, self.diagnosis, self.voice))
            if not self.dry:
                yield reviewing.opening(self.desk, self.channel, finding, key, self.now)

    def _update(self, finding: Finding | None, told: Told, telling: Telling) -> Iterator[Post]:
        """Yield the changed root and a line in its thread; nobody is pinged again."""
        day = told.last_day
        mark = f"{told.post_key}:{telling.reason}:{told.last_told.isoformat()}"
        note = updates.update(telling.reason, told.key, told.first_day, day, finding, self.voice)
        shown = finding
        stand = Stand("acked", told.acked_by) if told.state == "acked" else Stand()
        diagnosis = self.diagnosis
        if shown is None:
            recalled = recall(self.desk, told.key, told.first_day, told.last_day, self.now)
            if recalled is not None:
                shown, diagnosis = recalled
            stand = Stand("recovered", days=(day - told.first_day).days)
        if shown is not None:
            yield self._post(
                f"{mark}:card",
                alert(shown, diagnosis, self.voice, stand),
                root=told.post_key,
                change=True,
            )
        yield self._post(mark, note, root=told.post_key)

    def _post(self, key: str, card: Card, *, root: str = "", change: bool = False) -> Post:
        return Post(
            key,
            self.channel.platform,
            self.channel.id,
            dumps(card),
            "change" if change else "post",
            root,
            quiet_until(self.channel, self.now),
        )


def tell(
    desk: Desk, channel: ChannelRow, diagnosis: Diagnosis, now: datetime, *, dry: bool = False
) -> tuple[list[Post], list[Told]]:
    """Return the posts and the memory of a channel's alerts; a dry run opens no review."""
    return Teller(desk, channel, diagnosis, now, dry).tell()


def show(desk: Desk, channel: ChannelRow, told: Told, stand: Stand, now: datetime) -> None:
    """Change an alert's card to how it stands now."""
    recalled = recall(desk, told.key, told.first_day, told.last_day, now)
    if recalled is None:
        return
    finding, diagnosis = recalled
    card = dumps(alert(finding, diagnosis, desk.channel_voice(channel), stand))
    key = f"{told.post_key}:{stand.state}:{now.isoformat()}"
    post = Post(key, channel.platform, channel.id, card, "change", told.post_key)
    desk.ledger.enqueue([post], now)


def recall(
    desk: Desk, key: str, first: date, last: date, now: datetime
) -> tuple[Finding, Diagnosis] | None:
    """Return a finding's last day within some days, judged again; None when it is gone."""
    rows = [row for row in desk.findings.list(first, last) if row.key == key]
    if not rows:
        return None
    row = max(rows, key=lambda one: one.day)
    diagnosis = desk.look((row.shop,), now, row.day)
    found = next((one for one in diagnosis.findings if one.key == key), None)
    return (found, diagnosis) if found is not None else None


def _seen(told: Told | None) -> Seen | None:
    if told is None:
        return None
    return Seen(
        told.key,
        told.state,
        told.first_day,
        told.last_day,
        told.last_told,
        told.worst,
        told.quiet_days,
        told.snoozed_until,
    )
