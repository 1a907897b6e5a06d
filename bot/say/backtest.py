"""What the rules would have said on past days: how often, where, and how it looked then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.card import Block, Card, Note, Section, Table, Words
from bot.say import days, figures, findings, slide, trend
from diagnostics import fingerprint, slides
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.say.voice import Voice
    from diagnostics.backtest import Message, Played, Replay, Told
    from diagnostics.book.rows import Metric
    from diagnostics.reading import Finding, Light, Reading

MOST_ROWS = 25
"""So many days are listed; the rest is in --json."""
_HEAD = Text(
    "回测 · {metric} · {span}：{n} 个单元共 {judged} 天可判断，会提醒 {told} 天（每 100 天 {rate} 次）",
    "Backtest · {metric} · {span}: {told} of {judged} days of {n} would be told ({rate} per 100)",
)
_UNIT = Text(
    "{place}：{judged} 天里会提醒 {told} 天，合成 {stretches} 条消息",
    "{place}: {told} of {judged} days told, as {stretches}",
)
_BLIND = Text("还没有足够的历史来判断", "Not enough history to judge by yet")
_COLUMNS = (
    Text("日期", "day"),
    Text("数值", "value"),
    Text("往常", "usual"),
    Text("结论", "verdict"),
)
_TOLD: dict[Told, Text] = {
    "": Text("正常", "ordinary"),
    "unusual": Text("反常", "unusual"),
    "below": Text("低于区间", "below the range"),
    "above": Text("高于区间", "above the range"),
}
_CAPTION = Text("{place}会提醒的日子", "{place}: the days that would be told")
_MORE = Text("另有 {n} 天，见 --json", "{n} more, see --json")
_TODAY = Text(
    "按今天库里的数字算（含后来的更正），每天只用它之前的历史。",
    "With the figures as they stand today (later corrections are in them); each day from its own past.",
)
_MORNINGS = Text(
    "回测 · 现行规则 · {span}：{n} 家店 {mornings} 个早晨，告警 {alerts} 条（每天 {rate} 条），"
    "🔴 {red} · 🟡 {yellow} · 🟢 {green} · 未判断 {grey}",
    "Backtest · the rules as they stand · {span}: {n}, {mornings} mornings, {alerts} "
    "({rate} a day); 🔴 {red} · 🟡 {yellow} · 🟢 {green} · not judged {grey}",
)
_ALERTS = Text("会发出的告警", "The alerts that would be told")
_ALERT = Text("{day} · {why} · {what}", "{day} · {why} · {what}")
_FINDING = Text("{day} · {what}", "{day} · {what}")
_QUIET = Text("这段时间不会有告警。", "There would be no alert in this time.")
_FINDINGS = Text("日报里会写的问题", "What the digests would name")
_REASONS = {
    "first": Text("首次", "first"),
    "worse": Text("加重", "worse"),
    "still": Text("持续", "still"),
    "better": Text("好转", "better"),
    "recovered": Text("恢复", "recovered"),
    "reopened": Text("复发", "reopened"),
    "settled": Text("已成新常态", "the new level"),
}


def figure(tested: Sequence[Played], metric: Metric, voice: Voice) -> Card:
    """Return how often one figure would have been told, unit by unit."""
    judged, told = sum(one.judged for one in tested), sum(one.days_told for one in tested)
    span = tested[0].readings
    head = voice(
        _HEAD,
        metric=voice.label(metric.key),
        span=days.stretch(span[0].day, span[-1].day, voice.lang),
        n=_counted(len(tested), voice, "unit", "units"),
        judged=str(judged),
        told=str(told),
        rate=f"{100 * told / max(judged, 1):.1f}",
    )
    blocks: list[Block] = []
    for one in tested:
        blocks.append(_section(one, metric.key, voice))
        if one.days_told:
            blocks.append(_days(one, voice))
    blocks.append(Note((voice.line(_TODAY),)))
    return _card(head, blocks, voice)


def _section(one: Played, metric: str, voice: Voice) -> Section:
    title = voice(
        _UNIT,
        place=voice.place(one.unit),
        judged=str(one.judged),
        told=str(one.days_told),
        stretches=_counted(one.stretches, voice, "message", "messages"),
    )
    told = [
        (reading.day, drift.change)
        for reading, drift in zip(one.readings, one.drifts, strict=False)
        if drift.told and drift.change is not None
    ]
    slid = slide.drifts(told, voice) if one.drifts else ""
    lines = tuple((Words(said),) for said in (_seen(one, metric, voice), slid) if said)
    return Section((Words(title, bold=True),), lines)


def _seen(one: Played, metric: str, voice: Voice) -> str:
    """Return the smallest change that can be seen; nothing where a percentage says nothing."""
    if one.visible is not None:
        return trend.visible(metric, one.visible, voice)
    return "" if any(day.expected for day in one.readings) else voice(_BLIND)


def _days(one: Played, voice: Voice) -> Table:
    found = [(reading, word) for reading, word in zip(one.readings, one.told, strict=True) if word]
    rows = [_row(reading, word, voice) for reading, word in found[-MOST_ROWS:]]
    if len(found) > MOST_ROWS:
        rows.append((voice(_MORE, n=str(len(found) - MOST_ROWS)), "", "", ""))
    return Table(
        voice(_CAPTION, place=voice.place(one.unit)),
        tuple(text(voice.lang) for text in _COLUMNS),
        tuple(rows),
    )


def _row(reading: Reading, word: Told, voice: Voice) -> tuple[str, ...]:
    def said(value: float | None) -> str:
        known = value is not None and figures.known(value)
        return (
            voice.value(reading.metric, value, reading.unit) if known and value is not None else "–"
        )

    wish = reading.expected
    usual = "–" if wish is None else f"{said(wish.mid)} ({said(wish.low)} – {said(wish.high)})"
    return days.short(reading.day, voice.lang), said(reading.value), usual, _TOLD[word](voice.lang)


def mornings(replay: Replay, voice: Voice) -> Card:
    """Return what past mornings would have told: their lights, their alerts, their findings."""
    lights: list[Light] = [shop.light for day in replay.days for shop in day.shops]
    count = {light: lights.count(light) for light in ("red", "yellow", "green", "grey")}
    shops = {shop.unit.key for day in replay.days for shop in day.shops}
    head = voice(
        _MORNINGS,
        span=days.stretch(replay.days[0].day, replay.days[-1].day, voice.lang),
        n=_counted(len(shops), voice, "shop", "shops"),
        mornings=str(len(replay.days)),
        alerts=_counted(len(replay.messages), voice, "alert", "alerts"),
        rate=f"{len(replay.messages) / len(replay.days):.2f}",
        **{light: str(number) for light, number in count.items()},
    )
    blocks: list[Block] = [
        _alerts(replay.messages, voice),
        *slide.played(replay.slides, voice),
        *_named(replay, voice),
    ]
    return _card(head, [*blocks, Note((voice.line(_TODAY),))], voice)


def _alerts(messages: Sequence[Message], voice: Voice) -> Block:
    rows = [
        voice.line(
            _ALERT,
            day=days.short(one.day, voice.lang),
            why=_REASONS[one.reason](voice.lang) if one.reason in _REASONS else one.reason,
            what=_called(one, voice),
        )
        for one in messages[-MOST_ROWS:]
    ]
    return Section((Words(voice(_ALERTS), bold=True),), tuple(rows) or (voice.line(_QUIET),))


def _called(one: Message, voice: Voice) -> str:
    if one.finding is not None:
        return _short(one.finding, voice)
    unit, what = fingerprint.read(one.key)
    if slides.is_slide(what):
        return slide.over(one.key, voice)
    scene = voice.book.scenes.get(what)
    return f"{voice.place(unit)} · {scene.name(voice.lang) if scene else voice.metric(what)}"


def _short(finding: Finding, voice: Voice) -> str:
    """Return a finding in half a line, a slow slide by its week."""
    if finding.slide is not None:
        return slide.short(finding, finding.slide, voice)
    return findings.short(finding, voice, place=True)


def _named(replay: Replay, voice: Voice) -> tuple[Block, ...]:
    """Return the costliest finding of each day that has one; nothing where no day has any."""
    first = [
        (day.day, next((one for one in day.findings if one.slide is None), None))
        for day in replay.days
    ]
    rows = [
        voice.line(
            _FINDING,
            day=days.short(day, voice.lang),
            what=findings.short(one, voice, place=True),
        )
        for day, one in first
        if one is not None
    ]
    if not rows:
        return ()
    return (Section((Words(voice(_FINDINGS), bold=True),), tuple(rows[-MOST_ROWS:])),)


def _counted(number: int, voice: Voice, one: str, more: str) -> str:
    return str(number) if voice.lang == "zh" else days.many(number, one, more)


def _card(head: str, blocks: Sequence[Block], voice: Voice) -> Card:
    return Card(
        state="blue",
        title=(Words(head, bold=True),),
        summary=head,
        blocks=tuple(blocks),
        lang=voice.lang,
    )
