"""Silence for some days: by a button on an alert, or by a command for all alerts of a unit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.commands import window
from bot.say import errors, notices
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from datetime import datetime

    from bot.card import Card
    from bot.commands import Ask
    from bot.desk import Desk
    from storage.ledger import Told

LONGEST = 30
"""Days; whoever wants silence for longer wants another range."""

_NOTHING = Text("「{word}」现在没有进行中的告警", "“{word}” has no open alert now")
_HOW = Text("用法：/静默 live-0312 3d，最多 30 天", "Usage: /snooze live-0312 3d, 30 days at most")


def snooze(desk: Desk, told: Told, days: int, who: str, now: datetime) -> Told:
    """Remember that an alert is silent for some days, and return how it stands."""
    until = now + timedelta(days=days)
    changed = replace(told, state="snoozed", snoozed_until=until, acked_by=who or told.acked_by)
    desk.ledger.tell(changed)
    return changed


def command(ask: Ask) -> Card:
    """Answer /snooze <unit> [days]: silences all open alerts of a unit in this channel."""
    try:
        rest, days = window(ask.args, ask.day)
    except ValueError:
        return errors.bad_window(ask.rest, ask.voice)
    word = " ".join(rest)
    if not word or days.days > LONGEST:
        return errors.problem(ask.voice(_HOW), "", ask.voice)
    units = {unit.key for unit in ask.desk.store.find_unit(word, shops=ask.shops)}
    found = [
        told
        for told in ask.desk.ledger.open_alerts(ask.channel)
        if told.key.split("|", maxsplit=1)[0] in units
    ]
    if not found:
        return errors.problem(ask.voice(_NOTHING, word=word), ask.voice(_HOW), ask.voice)
    for told in found:
        snooze(ask.desk, told, days.days, ask.user, ask.now)
    known = ask.voice.knowing({unit.key: unit for unit in ask.desk.store.units(keys=tuple(units))})
    what = known.joined(known.place(told.key.split("|", maxsplit=1)[0]) for told in found)
    return notices.snoozed((ask.now + timedelta(days.days)).date(), what, ask.voice)
