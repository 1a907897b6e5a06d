"""Short notices: a skipped digest, who took an alert, how long it is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.card import Block, Card, Note, Words
from bot.say import days
from bot.say.heard import line
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from datetime import date, datetime

    from bot.card import State
    from bot.say.voice import Voice
    from diagnostics.patience import Heard

_SKIPPED = Text(
    "{day}{at} 的日报没有发：晚了太久，再发会和今天的混在一起",
    "The {at} digest of {day} was skipped: it was too late to be of use",
)
_SKIPPED_HOW = Text("要看那天：/kpi、/why", "To see that day: /kpi, /why")
_ACKED_ALREADY = Text("{who} 已经认领了", "{who} has taken it on already")
_SNOOZED = Text("已静默到 {until}：{what}", "Snoozed until {until}: {what}")
_SNOOZE_NOTE = Text("到时候还在，会再报", "If it is still there then, it is told again")
_FALSE = Text("记下了：{who} 认为是误报", "Noted: {who} calls it a false alarm")
_GOOD = Text("记下了：{who} 说报得好", "Noted: {who} calls it a good catch")
_TAKE_BACK = Text(
    "点错了？今天之内点另一个按钮就改过来",
    "Pressed the wrong one? The other button takes it back today",
)


def skipped(at: datetime, day: date, voice: Voice) -> Card:
    """Return that a digest was skipped. `at`: the local time at which it was due."""
    head = voice(_SKIPPED, day=days.full(day, voice.lang), at=f"{at:%H:%M}")
    return _card(head, "grey", voice, Note((voice.line(_SKIPPED_HOW),)))


def acked_already(who: str, voice: Voice) -> Card:
    """Return, to a second person who clicks, who was first."""
    return _card(voice(_ACKED_ALREADY, who=who), "grey", voice)


def snoozed(until: date, what: str, voice: Voice) -> Card:
    """Return until when an alert is silent."""
    head = voice(_SNOOZED, until=days.full(until, voice.lang), what=what)
    return _card(head, "grey", voice, Note((voice.line(_SNOOZE_NOTE),)))


def judged(who: str, voice: Voice, *, good: bool, heard: Heard | None = None) -> Card:
    """Return that somebody's opinion of an alert was noted, and what follows from all of them."""
    blocks = (Note(((Words(line(heard, voice)),), voice.line(_TAKE_BACK))),) if heard else ()
    return _card(voice(_GOOD if good else _FALSE, who=who), "grey", voice, *blocks)


def _card(head: str, state: State, voice: Voice, *blocks: Block) -> Card:
    return Card(state, (Words(head, bold=True),), head, tuple(blocks), voice.lang)
