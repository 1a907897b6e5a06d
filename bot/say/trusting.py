"""May these data be judged: what has arrived, one line per doubt, and the four checks in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.card import When
from bot.say import days, figures, readings
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.card import Line
    from bot.say.voice import Voice
    from diagnostics.reading import Check, Doubt, Trust

_DATA = Text("数据：{arrived}/{due} 个来源到齐", "Data: {arrived} of {due} sources in")
_LACKING = Text("数据：来源到了 {arrived}/{due}", "Data: {arrived} of {due} sources in")
_UNTIL = Text("{data}（截至 {when}）", "{data} (as of {when})")
_DOUBTS: dict[str, Text] = {
    "missing": Text("没有数据：{what}", "No figures: {what}"),
    "late": Text("还没到：{what}", "Not here yet: {what}"),
    "provisional": Text("还会修正：{what}", "Still settling: {what}"),
    "partial": Text("这一天没导全：{what}", "The day breaks off: {what}"),
    "copied": Text("和前一天一模一样，像是重复的导出：{what}", "The day before once more: {what}"),
    "currency": Text("币种可能变了：{what}", "Currency may have changed: {what}"),
    "total_off": Text("和平台合计对不上：{what}", "Off from the platform's own total: {what}"),
    "doubled": Text("有重复：{what}", "Doubled: {what}"),
    "vanished": Text("突然没有了：{what}", "Suddenly gone: {what}"),
    "jump": Text(
        "是 0 而往常不是，可能还没出数，不当作 0：{what}",
        "0 where it never is, perhaps not out yet, so not taken for 0: {what}",
    ),
    "definition": Text(
        "口径变了，不和以前比：{what}", "Definition changed, not compared with before: {what}"
    ),
    "recount": Text(
        "订单可能换了口径（含不含取消单），也可能是真的变化：{what}",
        "Orders may be counted otherwise (with or without cancelled ones), or it is a real change: {what}",
    ),
    "future": Text("日期在未来，未导入：{what}", "Days to come, left out: {what}"),
    "empty": Text("文件是空的：{what}", "Empty file: {what}"),
}
_DETAILS: Mapping[str, Text] = {
    "total_off": Text("{value}，平台 {other}", "{value}, platform {other}"),
    "doubled": Text("{value} 与 {other}，以 {file} 为准", "{value} against {other}, {file} stands"),
    "partial": Text("只到 {hour}:00", "up to {hour}:00 only"),
    "definition": Text("是以前的 {factor} 倍", "{factor} times what it was"),
    "currency": Text("是以前的 {factor} 倍，像 {code}", "{factor} times what it was, as in {code}"),
    "recount": Text(
        "和 GMV 一样是以前的 {factor} 倍，前面几步没变",
        "like GMV {factor} times what they were, the steps before are not",
    ),
    "jump": Text("往常约 {other}", "usually about {other}"),
}
_COMPARED = frozenset({"total_off", "jump"})
"""Doubts whose detail needs both figures."""
_ROWS = Text("{n} 行或订单只计一次", "{n} rows or orders count once")
_COLUMN = Text("{file}「{column}」", "{file} “{column}”")
_SIGN = Text(
    "{file} 写的是「{column}」，以前写得更明确", "{file} says “{column}”, it was plainer before"
)
_FROM = Text("{file}「{column}」列", "from “{column}” in {file}")
_IN_BRACKETS = Text("{what}（{detail}）", "{what} ({detail})")
_SINCE = Text("{day}起", "since {day}")
_SINCE_KINDS = frozenset({"definition", "currency", "recount"})
_MORE = Text("等 {n} 项", "and {n} more")
_SHOWN = 3

_NAMES: Mapping[str, Text] = {
    "data": Text("数据", "data"),
    "target": Text("目标", "target"),
    "action": Text("动作", "action"),
    "feedback": Text("反馈", "feedback"),
}
_ASKED = Text("四步核对：{checks}", "Four checks: {checks}")
_GOOD = Text("{name} ✓", "{name} ✓")
_DOUBTED = Text("{name}？", "{name} ?")
_WHY = Text("{name}？{why}", "{name}? {why}")
_REASONS: Mapping[str, Text] = {
    "never_met": Text(
        "{metric} {range} 近 {of} 天只达到 {count} 天，先看目标再看人",
        "{metric} {range} met on {count} of {of} days, check it before the team",
    ),
    "no_demand": Text(
        "{metric} {range} {of} 天都远好于目标，没有要求",
        "{metric} {range} beaten by far on all {of} days, it asks nothing",
    ),
    "open_action": Text("{count} 项自{day}起没结果", "{count} open since {day}"),
    "no_action": Text("{day}的复盘还没写动作", "review of {day} names no action"),
    "no_result": Text("{day}的复盘还没有结果", "review of {day} has no result"),
}


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


def checks(trust: Trust, voice: Voice, *, named: bool = False) -> Line:
    """Return the four checks in one line; empty where the last three raise nothing.

    What is doubtful about the data has lines of its own. Where the data block, they are all there
    is to say. `named`: of several shops, so that the unit is named.
    """
    if all(one.verdict in {"ok", "unknown"} for one in trust.checks[1:]):
        return ()
    said = [_check(one, voice, named=named) for one in trust.checks if one.verdict != "unknown"]
    return voice.line(_ASKED, checks=voice.dotted(said))


def _check(check: Check, voice: Voice, *, named: bool) -> str:
    name = voice(_NAMES[check.name])
    if check.verdict == "ok":
        return voice(_GOOD, name=name)
    text = _REASONS.get(check.reason)
    if text is None:
        return voice(_DOUBTED, name=name)
    why = voice(
        text,
        metric=voice.metric(check.metric),
        range=readings.bounds(check.range, check.unit, voice) if check.range else "",
        count=str(check.count),
        of=str(check.of),
        day=days.short(check.since, voice.lang) if check.since else "",
    )
    return voice(_WHY, name=name, why=voice.beside(voice.name(check.unit), why) if named else why)


def doubts(trust: Trust, voice: Voice) -> tuple[Line, ...]:
    """Return one line per kind of doubt, each with at most three of its places.

    Trouble with the base is said in the first line of a message, and not again.
    """
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
    """Return where a doubt is and what it stands on: shop, measure or source, both figures."""
    thing = voice.feed(doubt.feed) if doubt.feed else ""
    if doubt.measure:
        metric = voice.book.metrics.get(doubt.measure)
        thing = metric.name(voice.lang) if metric else voice.measure(doubt.measure)
    said = " ".join(part for part in (voice.name(doubt.unit) if doubt.unit else "", thing) if part)
    detail = voice.clauses(part for part in (_detail(doubt, voice), _begun(doubt, voice)) if part)
    return voice(_IN_BRACKETS, what=said, detail=detail) if detail else said


def _begun(doubt: Doubt, voice: Voice) -> str:
    """Return since when a measure means something else; a file's days are in its name."""
    if doubt.since is None or doubt.feed or doubt.kind not in _SINCE_KINDS:
        return ""
    return voice(_SINCE, day=days.short(doubt.since, voice.lang))


def _detail(doubt: Doubt, voice: Voice) -> str:
    if doubt.feed and doubt.kind in {"definition", "currency"}:
        named = _FROM if doubt.kind == "definition" else _SIGN
        return voice(named, file=doubt.file, column=doubt.column)
    if doubt.value is None or not figures.known(doubt.value):
        return ""
    if doubt.kind == "doubled" and doubt.other is None:
        return voice(_ROWS, n=f"{doubt.value:.0f}")
    text = _DETAILS.get(doubt.kind)
    if text is None or (doubt.kind in _COMPARED and not figures.known(doubt.other)):
        return ""
    found = voice(
        text,
        value=_amount(doubt, doubt.value, voice),
        other=_amount(doubt, doubt.other or 0.0, voice),
        file=doubt.file,
        hour=f"{doubt.value:.0f}",
        factor=_times(doubt.value),
        code=doubt.column,
    )
    place = doubt.kind == "total_off" and doubt.column
    where = voice(_COLUMN, file=doubt.file, column=doubt.column) if place else ""
    return voice.clauses((where, found))


def _times(factor: float) -> str:
    """Return a factor: 20,500, 3.4, 1.27, 1/20,500."""
    if 0.0 < factor < 0.1:
        return f"1/{1 / factor:,.0f}"
    if factor < 2.0:
        return f"{factor:.2f}"
    return f"{factor:,.0f}" if factor >= 10.0 else f"{factor:.1f}"


def _amount(doubt: Doubt, value: float, voice: Voice) -> str:
    row = voice.book.measures.get(doubt.measure)
    currency = voice.unit(doubt.unit).currency
    return figures.figure(value, row.unit if row else "count", currency, voice.lang)
