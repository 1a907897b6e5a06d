"""What a button does: take an alert on, start its review, silence it, say whether it was right."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.asking import answer
from bot.cardjson import dumps
from bot.commands import Ask
from bot.grouping import Group, place
from bot.remembering import recall
from bot.reviewing import opening
from bot.say import errors, notices
from bot.say.alert import Stand
from bot.snoozing import snooze
from bot.telling import show
from diagnostics import fingerprint
from diagnostics.alerts import OVER
from storage.findings import Opinion
from storage.ledger import Post

if TYPE_CHECKING:
    from datetime import datetime

    from bot.card import Card
    from bot.chat import Incoming
    from bot.desk import Desk
    from bot.team import ChannelRow
    from storage.ledger import Told

RECENT = timedelta(days=14)
"""How old a finding may be whose review is started."""
_SNOOZE = re.compile(r"(?P<key>.+) (?P<days>\d{1,2})d")


def press(
    desk: Desk, channel: ChannelRow, incoming: Incoming, who: str, now: datetime
) -> Card | None:
    """Carry out a click; None when the changed card itself is the answer."""
    voice = desk.channel_voice(channel)
    match incoming.action:
        case "why" | "funnel" | "kpi" | "review_list":
            ask = Ask(desk, voice, channel.shops, (), now, channel.key, who)
            return answer(ask, f"/{incoming.action.replace('_', ' ')} {incoming.value}")
        case "review":
            return _review(desk, channel, incoming, now)
        case "ack":
            return _ack(desk, channel, incoming, who, now)
        case "snooze":
            return _snooze(desk, channel, incoming, who, now)
        case "false_alarm" | "good_catch":
            return _opinion(desk, channel, incoming, who, now)
        case _:
            return errors.expired(voice)


def _told(desk: Desk, channel: ChannelRow, key: str) -> Told | None:
    return desk.ledger.told(key, channel.key)


def _ack(
    desk: Desk, channel: ChannelRow, incoming: Incoming, who: str, now: datetime
) -> Card | None:
    voice = desk.channel_voice(channel)
    told = _told(desk, channel, incoming.value)
    if told is None or told.state in OVER:
        return errors.expired(voice)
    if told.acked_by and told.state == "acked":
        return None if told.acked_by == who else notices.acked_already(told.acked_by, voice)
    changed = replace(told, state="acked", acked_by=who)
    if not desk.ledger.tell(changed):
        now_told = _told(desk, channel, incoming.value)
        if now_told is None or now_told.state != "acked":
            return errors.expired(voice)
        return notices.acked_already(now_told.acked_by, voice)
    _accept(desk, changed, who, now)
    at = now.astimezone(ZoneInfo(channel.zone))
    show(desk, channel, changed, Stand("acked", who, f"{at:%H:%M}"), now)
    return None


def _accept(desk: Desk, told: Told, who: str, now: datetime) -> None:
    """Note that the first prescription is being tried: later it is judged by its figure."""
    rows = [row for row in desk.findings.list(told.first_day, told.last_day) if row.key == told.key]
    if rows and rows[-1].prescriptions:
        last = rows[-1]
        desk.findings.accept(last.prescriptions[0], last.key, last.day, by=who, at=now)


def _snooze(
    desk: Desk, channel: ChannelRow, incoming: Incoming, who: str, now: datetime
) -> Card | None:
    voice = desk.channel_voice(channel)
    match = _SNOOZE.fullmatch(incoming.value)
    told = _told(desk, channel, match["key"]) if match else None
    if match is None or told is None or told.state in OVER:
        return errors.expired(voice)
    snooze(desk, channel, told, int(match["days"]), who, now)
    return None


def _opinion(
    desk: Desk, channel: ChannelRow, incoming: Incoming, who: str, now: datetime
) -> Card | None:
    voice = desk.channel_voice(channel)
    told = _told(desk, channel, incoming.value)
    if told is None:
        return errors.expired(voice)
    good, today = incoming.action == "good_catch", desk.today(now, channel)
    user = f"{incoming.platform}:{incoming.user}"
    desk.findings.say(Opinion(told.key, user, today, told.post_key, good, now))
    heard = desk.patience(today).heard(told.key)
    if not good and told.state not in OVER:
        changed = replace(told, state="closed")
        if desk.ledger.tell(changed):
            show(desk, channel, changed, Stand("false_alarm", who), now)
            _count(desk, channel, changed, now)
    elif good and told.state == "closed":
        changed = replace(told, state="open", acked_by="")
        if desk.ledger.tell(changed):
            show(desk, channel, changed, Stand(), now)
            _count(desk, channel, changed, now)
    note = notices.judged(who, voice, good=good, heard=heard)
    key = f"{told.post_key}:{incoming.action}:{incoming.user}:{today.isoformat()}"
    post = Post(key, channel.platform, channel.id, dumps(note), "post", told.post_key)
    desk.ledger.enqueue([post], now)
    return None


def _count(desk: Desk, channel: ChannelRow, told: Told, now: datetime) -> None:
    """Let the message in whose thread an alert stands count what is open there now."""
    root = place(desk, told)
    if root:
        look = desk.look(channel.shops, now)
        group = Group(desk, channel, root, look, now, {told.key: told})
        desk.ledger.enqueue(tuple(group.put_right()), now)


def _review(desk: Desk, channel: ChannelRow, incoming: Incoming, now: datetime) -> Card | None:
    """Open the review of a finding: under its alert, else under the card that was clicked."""
    voice = desk.channel_voice(channel)
    if fingerprint.read(incoming.value).shop not in channel.shops:
        return errors.expired(voice)
    told = _told(desk, channel, incoming.value)
    here = desk.ledger.by_message(incoming.platform, incoming.channel, incoming.message)
    root = told.post_key if told is not None else here.key if here is not None else ""
    last = desk.today(now, channel)
    first = last - RECENT
    found = recall(desk, incoming.value, first, last, now, channel.shops)
    if not root or found is None:
        return errors.expired(voice)
    finding, diagnosis = found
    desk.ledger.enqueue([opening(desk, channel, finding, root, now, diagnosis.units)], now)
    return None
