"""Silence for some days: by a button on an alert, or by a command for all alerts of a unit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.card import Card
from bot.commands import unit_of, window
from bot.say import errors, notices
from bot.say.alert import Stand
from bot.telling import show
from diagnostics import fingerprint
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from datetime import datetime

    from bot.commands import Ask
    from bot.desk import Desk
    from bot.team import ChannelRow
    from storage.ledger import Told

LONGEST = 30
"""Days; whoever wants silence for longer wants another range."""

_NOTHING = Text("「{word}」现在没有进行中的告警", "“{word}” has no open alert now")
_HOW = Text("用法：/静默 live-0312 3d，最多 30 天", "Usage: /snooze live-0312 3d, 30 days at most")


def snooze(desk: Desk, channel: ChannelRow, told: Told, days: int, who: str, now: datetime) -> None:
    """Remember that an alert is silent for some days, and show it on its card."""
    until = now + timedelta(days=days)
    changed = replace(told, state="snoozed", snoozed_until=until, acked_by=who or told.acked_by)
    desk.ledger.tell(changed)
    last = desk.today(until, channel)
    show(desk, channel, changed, Stand("snoozed", who, until=last), now)


def command(ask: Ask) -> Card:
    """Answer /snooze <unit> [days]: silences a unit's open alerts, here or (in private) everywhere."""
    try:
        rest, days = window(ask.args, ask.day)
    except ValueError:
        return errors.bad_window(ask.rest, ask.voice)
    word = " ".join(rest)
    if not word or days.days > LONGEST:
        return errors.problem(ask.voice(_HOW), "", ask.voice)
    channels = {row.key: row for row in ask.desk.team.channel}
    unit = unit_of(ask, word)
    if isinstance(unit, Card):
        return unit
    found = [
        told
        for told in ask.desk.ledger.open_alerts(ask.channel)
        if fingerprint.read(told.key).unit == unit.key and told.channel in channels
    ]
    if not found:
        return errors.problem(ask.voice(_NOTHING, word=word), ask.voice(_HOW), ask.voice)
    for told in found:
        snooze(ask.desk, channels[told.channel], told, days.days, ask.user, ask.now)
    known = ask.voice.knowing({unit.key: unit})
    last = ask.desk.today(ask.now + timedelta(days.days), channels[found[0].channel])
    return notices.snoozed(last, known.place(unit.key), ask.voice)
