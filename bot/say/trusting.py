"""May these data be judged: one honest line on what has arrived, and one per doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.card import When
from bot.say import figures
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from bot.card import Line
    from bot.say.voice import Voice
    from diagnostics.reading import Doubt, Trust

_DATA = Text("数据：{arrived}/{due} 个来源到齐", "Data: {arrived} of {due} sources in")
_LACKING = Text("数据：来源到了 {arrived}/{due}", "Data: {arrived} of {due} sources in")
_UNTIL = Text("{data}（截至 {when}）", "{data} (as of {when})")
_DOUBTS: dict[str, Text] = {
    "missing": Text("没有数据：{what}", "No figures: {what}"),
    "late": Text("还没到：{what}", "Not here yet: {what}"),
    "provisional": Text("还会修正：{what}", "Still settling: {what}"),
    "total_off": Text("和平台合计对不上：{what}", "Off from the platform's own total: {what}"),
    "vanished": Text("突然没有了：{what}", "Suddenly gone: {what}"),
    "jump": Text("口径可能变了：{what}", "Definition may have changed: {what}"),
    "base_trouble": Text(
        "账号或网络异常，当天漏斗不可信：{what}",
        "Account or network trouble, do not trust that day's funnel: {what}",
    ),
    "empty": Text("文件是空的：{what}", "Empty file: {what}"),
}
_AGAINST = Text("{what}（{value}，平台 {other}）", "{what} ({value}, platform {other})")
_MORE = Text("等 {n} 项", "and {n} more")
_SHOWN = 3


def data(trust: Trust, voice: Voice) -> Line:
    """Return how many sources have arrived, and as of when; empty where none is due."""
    if not trust.feeds_due:
        return ()
    full = trust.feeds_in >= trust.feeds_due
    said = voice(_DATA if full else _LACKING, arrived=str(trust.feeds_in), due=str(trust.feeds_due))
    if trust.as_of is None:
        return voice.line(Text("{data}", "{data}"), data=said)
    when = When(int(trust.as_of.timestamp()), f"{trust.as_of:%H:%M}")
    return voice.line(_UNTIL, data=said, when=when)


def doubts(trust: Trust, voice: Voice) -> tuple[Line, ...]:
    """Return one line per kind of doubt, each with at most three of its places."""
    lines = []
    for kind, text in _DOUBTS.items():
        names = list(dict.fromkeys(_what(one, voice) for one in trust.doubts if one.kind == kind))
        if not names:
            continue
        what = voice.joined(names[:_SHOWN])
        if len(names) > _SHOWN:
            what += " " + voice(_MORE, n=str(len(names) - (0 if voice.lang == "zh" else _SHOWN)))
        lines.append(voice.line(text, what=what))
    return tuple(lines)


def _what(doubt: Doubt, voice: Voice) -> str:
    thing = voice.feed(doubt.feed) if doubt.feed else ""
    if doubt.measure:
        metric = voice.book.metrics.get(doubt.measure)
        thing = metric.name(voice.lang) if metric else voice.measure(doubt.measure)
    said = " ".join(part for part in (voice.name(doubt.unit) if doubt.unit else "", thing) if part)
    if doubt.kind != "total_off" or doubt.value is None or doubt.other is None:
        return said
    if not (figures.known(doubt.value) and figures.known(doubt.other)):
        return said
    value, other = (_amount(doubt, one, voice) for one in (doubt.value, doubt.other))
    return voice(_AGAINST, what=said, value=value, other=other)


def _amount(doubt: Doubt, value: float, voice: Voice) -> str:
    row = voice.book.measures.get(doubt.measure)
    currency = voice.unit(doubt.unit).currency
    return figures.figure(value, row.unit if row else "count", currency, voice.lang)
