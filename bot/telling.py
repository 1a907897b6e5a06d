"""Which alerts a channel is told now: the root card, its review's form, and what changes later."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from bot import reviewing
from bot.card import Mention
from bot.cardjson import dumps
from bot.grouping import MANY, MORE, Group, place, spent
from bot.remembering import left_of, recall, remembered, seen_of
from bot.say import together, updates
from bot.say.alert import Stand, alert, gone, grouped
from bot.schedule import quiet_until
from diagnostics import fingerprint, slides, stakes
from diagnostics.alerts import OVER, Left, Telling, joined, verdict
from diagnostics.reading import Reading
from storage.ledger import Post

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from typing import Literal

    from bot.card import Card, Line
    from bot.desk import Desk
    from bot.say.alert import Standing
    from bot.say.voice import Voice
    from bot.team import ChannelRow
    from diagnostics.alerts import Reason, State
    from diagnostics.patience import Patience
    from diagnostics.reading import Diagnosis, Finding, Slide
    from storage.ledger import Told

SLIDE_WEEK = timedelta(days=7)
GROUP_FROM = 5
"""So many new alerts at once become one message with the details in its thread."""


_BEGINS: frozenset[Reason] = frozenset({"first", "reopened", "graver", "parted"})
_END: dict[Reason, Standing] = {
    "settled": "settled", "withdrawn": "withdrawn", "joined": "joined",
}  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """What is told of one alert: its finding or, without one, what is left of it."""

    finding: Finding | None
    before: Told | None
    telling: Telling
    left: Left | None = None
    group: Finding | None = None
    """The finding of several shops that tells of it now."""


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
        roots: dict[str, None] = {}
        worse = 0
        for one in self._decisions():
            told = remembered(one.telling, one.before, self.channel.key)
            if told is not None and (one.before is None or told != one.before):
                memory.append(told)
            if not one.telling.tell or told is None:
                continue
            if one.telling.reason == "first" and one.finding is not None:
                new.append((one.finding, told.post_key))
            else:
                posts += self._update(one, told)
                worse += one.telling.reason in {"worse", "graver"} and not _begins(one)
                roots[place(self.desk, told)] = None
        known = {one.key: one for one in memory}
        opened = list(self._opened(new, worse, known))
        changed = {one.root for one in opened if one.kind == "change"}
        for root in roots:
            if root not in changed:
                posts += self._group(root, known).put_right()
        return [*opened, *posts], memory

    @cached_property
    def _patience(self) -> Patience:
        return self.desk.patience(self.desk.today(self.now, self.channel) - timedelta(1))

    @cached_property
    def _dears(self) -> Mapping[str, float]:
        amount = self.desk.team.team.alert_loss
        return stakes.dear(self.diagnosis, self.desk.rates, amount)

    def _decisions(self) -> Iterator[Decision]:
        """Yield every alert of the day, and every open one that the day had none of."""
        here: dict[str, Finding] = {}
        for one in self.diagnosis.findings:
            known = here.get(one.key)
            if one.alert and (known is None or one.reading.day > known.reading.day):
                here[one.key] = one
        week = self.desk.ledger.opened_since(self.channel.key, self.diagnosis.day - SLIDE_WEEK)
        room = slides.room(week, self.diagnosis.day, self.channel.slides_per_week)
        groups: list[Finding] = []
        for key, finding in here.items():
            before = self.desk.ledger.told(key, self.channel.key)
            day, factor = finding.reading.day, self._patience.get(key, 1.0)
            dear = stakes.of(finding, self.diagnosis, self._dears)
            telling = verdict(seen_of(before), finding, self.now, day, factor=factor, dear=dear)
            decision = Decision(finding, before, telling)
            if finding.slide is not None and _begins(decision):
                if not room or self._known(finding, finding.slide):
                    continue
                room -= 1
            if finding.scope and telling.seen is not None and telling.seen.state not in OVER:
                groups.append(finding)
            yield decision
        for before in self.desk.ledger.open_alerts(self.channel.key):
            day_judged = self._judged(before)
            if before.key not in here and day_judged is not None:
                yield from self._without(before, day_judged, groups, here)

    def _released(self, group: Told, here: Collection[str]) -> Iterator[Decision]:
        """Yield what becomes of alerts that were told with a group once there is no such group.

        What the day has a finding of (`here`) is told by itself. The rest was never so if it began
        that day; else it goes on as if it had not been joined.
        """
        for before in self.desk.ledger.joined(self.channel.key):
            if before.key in here or not self._was_with(group, before):
                continue
            reason: Reason = "withdrawn" if before.opened == before.last_day else "parted"
            state: State = "withdrawn" if reason == "withdrawn" else "open"
            seen = seen_of(replace(before, state=state, last_told=self.now))
            yield Decision(None, before, Telling(reason, tell=True, seen=seen, aloud=False))

    def _was_with(self, group: Told, told: Told) -> bool:
        """Say whether an alert was joined to a group: of its shops or units, of the same trouble."""
        about, of = fingerprint.read(told.key), fingerprint.read(group.key)
        country = fingerprint.circle(of.unit)
        unit = self.diagnosis.units.get(about.unit)
        inside = about.unit != of.unit and about.shop == of.shop
        if country is not None:
            inside = unit is not None and about.unit == about.shop
            inside = inside and country in {"", unit.country if unit else ""}
        alike = told.metric == group.metric or about.what == of.what
        return inside and alike and told.last_day >= group.first_day

    def _without(
        self, before: Told, day: date, groups: list[Finding], here: Collection[str]
    ) -> Iterator[Decision]:
        """Yield what becomes of an open alert on a judged day that does not have its finding.

        `groups` are what is told of several shops as one, `here` all keys that are found.
        """
        seen = seen_of(before)
        group = next((one for one in groups if _tells(one, before)), None)
        if group is not None and seen is not None:
            yield Decision(None, before, joined(seen, day, self.now), group=group)
            return
        left = self._left(before, day)
        if left != "unknown":
            telling = verdict(seen, None, self.now, day, left=left)
            yield Decision(None, before, telling, left)
            if telling.reason == "withdrawn" and before.size is not None:
                yield from self._released(before, here)

    def _left(self, before: Told, day: date) -> Left | Literal["unknown"] | None:
        """Return what is left of an alert; of a group's, that its shops do not move as one."""
        unit = fingerprint.read(before.key).unit
        if fingerprint.circle(unit) is None or before.metric is None:
            return left_of(self.desk, before, day, self.now)
        return Left(Reading(before.metric, unit, day, None))

    def _known(self, finding: Finding, slide: Slide) -> bool:
        """Say whether the channel was told of the unit when the slide began: that fall is known."""
        before = self.desk.ledger.opened_since(self.channel.key, slide.since - SLIDE_WEEK)
        return slides.known(finding, before)

    def _judged(self, told: Told) -> date | None:
        """Return the day on which the alert's shop was judged now, when that can say anything new.

        Of a group's alert: a day of which at least as many shops are judged as its card speaks of.
        """
        about = fingerprint.read(told.key)
        country = fingerprint.circle(about.unit)
        days = Counter(
            shop.funnel.day
            for shop in self.diagnosis.shops
            if shop.trust.judged
            and (
                shop.unit.key == about.shop
                if country is None
                else country in {"", shop.unit.country}
            )
        )
        day = max((day for day, n in days.items() if n >= (told.size or 1)), default=None)
        return day if day is not None and (day > told.last_day or day == told.opened) else None

    def _opened(
        self, new: list[tuple[Finding, str]], worse: int, memory: Mapping[str, Told]
    ) -> Iterator[Post]:
        """Yield new alerts, worst first: alone within the day's budget, the rest as one message.

        So many messages of the budget go to what is told beside them: alerts that got `worse`. One
        that tells many counts once. Slow slides have their own budget, by the week.
        """
        day = self.diagnosis.day
        slow = [one for one in new if one[0].slide is not None]
        new = [one for one in new if one[0].slide is None]
        for finding, key in slow:
            yield from self._root(finding, key)
        room = max(0, self.channel.alerts_per_day - worse - spent(self.desk, self.channel, day))
        if len(new) >= GROUP_FROM and room:
            root = f"{MANY}:{self.channel.key}:{day.isoformat()}:{new[0][0].key}"
            yield from self._grouped(root, new, memory)
            return
        for finding, key in new[:room]:
            yield from self._root(finding, key)
        if new[room:]:
            root = f"{MORE}:{self.channel.key}:{day.isoformat()}"
            yield from self._grouped(root, new[room:], memory, more=True)

    def _root(self, finding: Finding, key: str) -> Iterator[Post]:
        """Yield an alert's message and, in its thread, its review's form."""
        yield self._post(key, self._alert(finding))
        if not self.dry:
            units = self.diagnosis.units
            yield reviewing.opening(self.desk, self.channel, finding, key, self.now, units)

    def _grouped(
        self,
        root: str,
        new: list[tuple[Finding, str]],
        memory: Mapping[str, Told],
        *,
        more: bool = False,
    ) -> Iterator[Post]:
        """Yield one message for many alerts, and each of them with its buttons in its thread.

        What is more than the day's budget has one message a day: later ones join its thread, and
        the message counts them too.
        """
        found = [finding for finding, _key in new]
        if self.desk.ledger.posted(root) is None:
            yield self._post(root, grouped(found, self.diagnosis, self.voice, more=more))
        else:
            yield from self._group(root, memory).put_right(found)
        for finding, key in new:
            yield self._post(key, self._alert(finding), root=root)

    def _group(self, root: str, memory: Mapping[str, Told]) -> Group:
        return Group(self.desk, self.channel, root, self.diagnosis, self.now, memory)

    def _update(self, one: Decision, told: Told) -> Iterator[Post]:
        """Yield the changed root and, if said aloud, a line in its thread.

        Nobody is pinged again, but who is to look at what became graver.
        """
        mark = f"{told.post_key}:{one.telling.reason}:{self.now.isoformat()}"
        card = self._card(one, told)
        yield self._post(f"{mark}:card", card, root=told.post_key, change=True)
        if one.finding is not None and one.finding.scope:
            yield from self._joined(one.finding, told)
        if one.telling.aloud:
            note = updates.update(
                one.telling.reason,
                told.key,
                told.first_day,
                told.last_day,
                one.finding,
                self.voice.knowing(self.diagnosis.units),
                one.left,
                self._called(one, told),
                false=one.before is not None and one.before.state == "closed",
            )
            yield self._post(mark, note, root=told.post_key)

    def _joined(self, group: Finding, told: Told) -> Iterator[Post]:
        """Yield what cards of alerts that are told with a group say of it, where that has changed."""
        voice = self.voice.knowing(self.diagnosis.units)
        stand = Stand("joined", who=together.who(group, voice))
        for one in self.desk.ledger.joined(self.channel.key):
            card = gone(one.key, one.metric, one.last_day, stand, voice)
            since = one.last_day >= told.first_day
            if (
                since
                and _tells(group, one)
                and dumps(card) != self.desk.ledger.newest(one.post_key)
            ):
                mark = f"{one.post_key}:joined:{self.now.isoformat()}"
                yield self._post(mark, card, root=one.post_key, change=True)

    def _called(self, one: Decision, told: Told) -> Line:
        """Return who is to look at what became graver: who has it in hand, else its owner."""
        if one.telling.reason != "graver" or one.finding is None:
            return ()
        voice = self.voice.knowing(self.diagnosis.units)
        if told.state != "acked":
            return updates.free(one.finding, voice)
        named = [row for row in self.desk.team.person if row.name == told.acked_by]
        who = Mention(named[0].key, named[0].name) if len(named) == 1 else told.acked_by
        return updates.taken(who, voice)

    def _card(self, one: Decision, told: Told) -> Card:
        """Return the alert's card as it stands after a decision."""
        if one.finding is not None:
            stand = Stand("acked", told.acked_by) if told.state == "acked" else Stand()
            return self._alert(one.finding, stand)
        stand = Stand(_END.get(one.telling.reason, "recovered"), days=_length(told))
        if told.state == "open":
            stand = Stand()
        span = (told.first_day, told.last_day)
        voice = self.voice.knowing(self.diagnosis.units)
        if one.group is not None:
            stand = replace(stand, who=together.who(one.group, voice))
        if one.telling.reason in {"withdrawn", "joined"}:
            return gone(told.key, told.metric, told.last_day, stand, voice)
        recalled = recall(self.desk, told.key, *span, self.now, self.channel.shops)
        if recalled is None:
            return gone(told.key, told.metric, told.last_day, stand, voice)
        finding, diagnosis = recalled
        return alert(finding, diagnosis, self.voice, stand, self._patience.heard(told.key))

    def _alert(self, finding: Finding, stand: Stand | None = None) -> Card:
        heard = self._patience.heard(finding.key)
        return alert(finding, self.diagnosis, self.voice, stand, heard)

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


def alone(
    desk: Desk, channel: ChannelRow, diagnosis: Diagnosis, memory: Sequence[Told] = ()
) -> Diagnosis:
    """Return a diagnosis whose findings are alerts only where the channel has that alert.

    `memory` is what this run remembers of alerts; what waits for the digest is told in it whole.
    """
    fresh = {one.key: one for one in memory}
    findings = []
    for one in diagnosis.findings:
        told = fresh.get(one.key) or (desk.ledger.told(one.key, channel.key) if one.alert else None)
        has = told is not None and told.state not in {"withdrawn", "joined"}
        there = told is not None and has and told.last_day >= one.reading.day
        findings.append(replace(one, alert=one.alert and there))
    return replace(diagnosis, findings=tuple(findings))


def show(desk: Desk, channel: ChannelRow, told: Told, stand: Stand, now: datetime) -> None:
    """Change an alert's card to how it stands now."""
    recalled = recall(desk, told.key, told.first_day, told.last_day, now, channel.shops)
    voice = desk.channel_voice(channel)
    if recalled is None:
        units = {one.key: one for one in desk.store.units(keys=(fingerprint.read(told.key).unit,))}
        card = dumps(gone(told.key, told.metric, told.last_day, stand, voice.knowing(units)))
    else:
        finding, diagnosis = recalled
        heard = desk.patience(desk.today(now, channel)).heard(told.key)
        card = dumps(alert(finding, diagnosis, voice, stand, heard))
    key = f"{told.post_key}:{stand.state}:{now.isoformat()}"
    post = Post(key, channel.platform, channel.id, card, "change", told.post_key)
    desk.ledger.enqueue([post], now)


def _begins(one: Decision) -> bool:
    """Say whether a decision begins an alert, or begins it anew."""
    return one.telling.reason in _BEGINS and (one.before is None or one.before.state in OVER)


def _tells(group: Finding, told: Told) -> bool:
    """Say whether a finding of several shops tells of what one of them was told of before."""
    about = fingerprint.read(told.key)
    same = group.reading.metric == told.metric or (group.scene and about.what == group.scene)
    return bool(same) and about.unit in {one.unit for one in group.others}


def _length(told: Told) -> int:
    return (told.last_day - told.first_day).days
