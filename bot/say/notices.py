"""Short notices: a late or skipped digest, who took an alert, what an import brought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.card import Block, Card, Fold, Note, Paragraph, Words
from bot.say import days, figures
from bot.say.width import clip
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from bot.card import Line, State
    from bot.say.voice import Voice

_LATE = Text("{day}{at} 的日报要晚一点：{reason}", "The {at} digest of {day} is late: {reason}")
_LATE_WAITS = Text("还没到：{feeds}", "still waiting for {feeds}")
_LATE_WAS_DOWN = Text("我中断过，刚恢复", "I was down and have just come back")
_SKIPPED = Text(
    "{day}{at} 的日报没有发：晚了太久，再发会和今天的混在一起",
    "The {at} digest of {day} was skipped: it was too late to be of use",
)
_SKIPPED_HOW = Text("要看那天：/kpi、/why", "To see that day: /kpi, /why")
_ACK = Text("{who} 认领了：{what}", "{who} took it on: {what}")
_ACKED_ALREADY = Text("{who} 已经认领了", "{who} has taken it on already")
_SNOOZED = Text("已静默到 {until}：{what}", "Snoozed until {until}: {what}")
_SNOOZE_NOTE = Text("到时候还在，会再报", "If it is still there then, it is told again")
_FALSE = Text("记下了：{who} 认为是误报", "Noted: {who} calls it a false alarm")
_GOOD = Text("记下了：{who} 说报得好", "Noted: {who} calls it a good catch")

_IMPORTED = Text("已导入 {shop} · {span}：{new}", "Imported {shop} · {span}: {new}")
_NOTHING_NEW = Text("没有新内容（之前已导入过）", "nothing new (imported before)")
_NEW = Text("新增 {n} 行", "{n} new rows")
_REVISED = Text("更正 {n} 行", "{n} corrected")
_SAME = Text("{n} 行没变", "{n} unchanged")
_NO_DATA = Text("没有数据", "no data")
_NOTES = Text("{n} 处要看一下", "{n} things to look at")
_WHERE = Text("{file} 第 {row} 行「{column}」：{text}", "{file} row {row}, “{column}”: {text}")
_WHERE_ROW = Text("{file} 第 {row} 行：{text}", "{file} row {row}: {text}")
_WHERE_FILE = Text("{file}：{text}", "{file}: {text}")
_FOLDED = 20


@dataclass(frozen=True, slots=True)
class Import:
    """What one import brought, in rows. `remarks` are (file, row, column, text) to look at."""

    shop: str
    first: date | None
    last: date | None
    new: int
    revised: int
    same: int
    remarks: tuple[tuple[str, int | None, str, str], ...] = ()


def late(
    at: datetime, day: date, voice: Voice, *, feeds: Sequence[str] = (), reason: str = ""
) -> Card:
    """Return that a digest is late, and why: feeds that are awaited, or a reason in words."""
    why = reason or voice(_LATE_WAS_DOWN)
    if feeds:
        why = voice(_LATE_WAITS, feeds=voice.joined(voice.feed(one) for one in feeds[:3]))
    head = voice(_LATE, day=days.full(day, voice.lang), at=f"{at:%H:%M}", reason=why)
    return _card(head, "yellow", voice)


def skipped(at: datetime, day: date, voice: Voice) -> Card:
    """Return that a digest was skipped. `at`: the local time at which it was due."""
    head = voice(_SKIPPED, day=days.full(day, voice.lang), at=f"{at:%H:%M}")
    return _card(head, "grey", voice, Note((voice.line(_SKIPPED_HOW),)))


def acked(who: str, what: str, voice: Voice) -> Card:
    """Return who took an alert on."""
    return _card(voice(_ACK, who=who, what=what), "orange", voice)


def acked_already(who: str, voice: Voice) -> Card:
    """Return, to a second person who clicks, who was first."""
    return _card(voice(_ACKED_ALREADY, who=who), "grey", voice)


def snoozed(until: date, what: str, voice: Voice) -> Card:
    """Return until when an alert is silent."""
    head = voice(_SNOOZED, until=days.full(until, voice.lang), what=what)
    return _card(head, "grey", voice, Note((voice.line(_SNOOZE_NOTE),)))


def judged(who: str, voice: Voice, *, good: bool) -> Card:
    """Return that somebody's opinion of an alert was noted."""
    return _card(voice(_GOOD if good else _FALSE, who=who), "grey", voice)


def imported(result: Import, voice: Voice) -> Card:
    """Return what an import brought, and in a fold what should be looked at."""
    counts = [
        voice(text, n=figures.count(number, voice.lang))
        for text, number in ((_NEW, result.new), (_REVISED, result.revised), (_SAME, result.same))
        if number
    ]
    said = voice.clauses(counts)
    if result.same and not (result.new or result.revised):
        said = voice(_NOTHING_NEW)
    span = voice(_NO_DATA)
    if result.first and result.last:
        span = days.stretch(result.first, result.last, voice.lang)
    head = voice(_IMPORTED, shop=voice.name(result.shop), span=span, new=said or voice(_NO_DATA))
    blocks: list[Block] = []
    if result.remarks:
        title = voice(_NOTES, n=str(len(result.remarks)))
        lines = tuple(_remark(*one, voice) for one in result.remarks[:_FOLDED])
        blocks.append(Fold(title, (Paragraph(lines),)))
    state: State = "yellow" if result.remarks else "green"
    return _card(head, state, voice, *blocks)


def _remark(file: str, row: int | None, column: str, text: str, voice: Voice) -> Line:
    parts = {"file": clip(file, 60), "row": str(row), "column": column, "text": text}
    if row is None:
        return voice.line(_WHERE_FILE, **parts)
    return voice.line(_WHERE if column else _WHERE_ROW, **parts)


def _card(head: str, state: State, voice: Voice, *blocks: Block) -> Card:
    return Card(state, (Words(head, bold=True),), head, tuple(blocks), voice.lang)
