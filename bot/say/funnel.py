"""The funnel of one unit: the verdict, one row per step, and a chart."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.card import Block, Button, Buttons, Card, Chart, Note, Series, Table, Words
from bot.say import basis, days, figures, readings, steps, verdict
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from bot.card import Line, State
    from bot.say.voice import Voice
    from diagnostics.reading import FunnelReading, Light, Reading, StepReading

_HEAD = Text("{scope}：{verdict}", "{scope}: {verdict}")
_LEAK = Text("最大漏点{where}", "biggest leak {where}")
_LEAK_MONEY = Text("最大漏点{where}，少卖 {money}", "biggest leak {where}, {money} of GMV lost")
_NO_LEAK = Text("没有明显漏点", "no step stands out")
_NOT_COMPARED = Text("历史不够，还看不出漏点", "too little history to tell a leak")
_COLUMNS = (
    Text("步骤", "Step"),
    Text("数量", "Count"),
    Text("转化", "Rate"),
    Text("目标", "Range"),
    Text("往常", "Usual"),
    Text("同类", "Peers"),
    Text("金额", "Money"),
)
_CAPTION = Text("{unit} 的漏斗", "Funnel of {unit}")
_CHART = Text("{unit} 漏斗", "Funnel of {unit}")
_NOTE = Text(
    "金额：这一步比往常多卖或少卖的 GMV。转化：这一步的数量除以上一步。",
    "Money: GMV won or lost at the step against the usual. Rate: the step's count over the one before.",
)
_USUAL = Text("往常：{what}", "Usual: {what}")
_NO_DATA = Text("没有数据的步骤不算进漏斗：{names}", "Steps without data are left out: {names}")
_WHY = Text("钱去哪了", "Where the money went")
_LIGHTS: dict[Light, State] = {"red": "red", "yellow": "yellow", "green": "green", "grey": "grey"}


def funnel(reading: FunnelReading, voice: Voice) -> Card:
    """Return the card of one unit's funnel on a day, or on `days` days that end with it."""
    name = voice.name(reading.unit)
    light = _light(reading)
    head = voice(_HEAD, scope=scope(reading, voice), verdict=_verdict(reading, voice))
    blocks: list[Block] = [
        Table(voice(_CAPTION, unit=name), _columns(voice), _rows(reading, voice)),
        _chart(reading, voice, name),
        Note(_notes(reading, voice)),
        Buttons((Button("why", voice(_WHY), reading.unit),)),
    ]
    return Card(
        state=_LIGHTS[light],
        title=(Words(head, bold=True, light=light),),
        summary=verdict.dotted(light, head),
        blocks=tuple(one for one in blocks if not (isinstance(one, Chart) and not one.categories)),
        lang=voice.lang,
    )


def scope(reading: FunnelReading, voice: Voice) -> str:
    """Return whose funnel it is, and of when: live-0312（英国美妆店）· 3月12日（周四） 20:00–22:40."""
    first = reading.day - timedelta(reading.days - 1)
    when = days.stretch(first, reading.day, voice.lang)
    unit = voice.unit(reading.unit)
    if unit.kind == "live" and unit.started is not None and reading.days == 1:
        when = f"{when} {days.clock(unit.started, unit.ended)}"
    return voice.dotted((voice.place(reading.unit), when))


def _light(reading: FunnelReading) -> Light:
    lights = [reading.value.light]
    lights += [step.rate.light for step in reading.steps if step.rate is not None and step.is_leak]
    return verdict.worst(lights)


def _verdict(reading: FunnelReading, voice: Voice) -> str:
    gmv = verdict.gmv(reading, voice)
    if reading.value.value is None:
        return gmv
    if reading.leak:
        where = steps.passage(reading, reading.leak, voice)
        lost = _lost_at(reading)
        if lost is None or lost <= 0:
            return voice.clauses((gmv, voice(_LEAK, where=where)))
        money = voice.money(lost, reading.unit)
        return voice.clauses((gmv, voice(_LEAK_MONEY, where=where, money=money)))
    compared = any(step.rate is not None and step.rate.expected for step in reading.steps)
    return voice.clauses((gmv, voice(_NO_LEAK if compared else _NOT_COMPARED)))


def _lost_at(reading: FunnelReading) -> float | None:
    if reading.leak == steps.BASKET:
        return reading.aov_lost
    return next((step.lost for step in reading.steps if step.step == reading.leak), None)


def _columns(voice: Voice) -> tuple[str, ...]:
    return tuple(voice(column) for column in _COLUMNS)


def _rows(reading: FunnelReading, voice: Voice) -> tuple[tuple[str, ...], ...]:
    rows = [_row(reading, step, voice) for step in reading.steps]
    if reading.aov is not None:
        name = steps.name(reading, steps.BASKET, voice)
        money = steps.lost(reading.aov_lost, reading.unit, voice)
        rows.append((name, figures.DASH, *_figures(reading.aov, voice), money))
    gmv = reading.value
    total = steps.lost(reading.lost, reading.unit, voice)
    named = (voice.metric(gmv.metric), readings.marked(gmv, voice), figures.DASH)
    rows.append((*named, *_figures(gmv, voice)[1:], total))
    return tuple(rows)


def _row(reading: FunnelReading, step: StepReading, voice: Voice) -> tuple[str, ...]:
    name = steps.name(reading, step.step, voice)
    rate = step.rate
    said = (figures.DASH,) * 4 if rate is None else _figures(rate, voice)
    money = steps.lost(step.lost, reading.unit, voice)
    return (name, readings.value(step.count, voice), *said, money)


def _figures(reading: Reading, voice: Voice) -> tuple[str, str, str, str]:
    """Return value, range, own history and peers, each alone: the headings say what they are."""

    def said(value: float | None) -> str:
        if not figures.known(value) or value is None:
            return figures.DASH
        return voice.value(reading.metric, value, reading.unit)

    value = figures.DASH if reading.why == "missing" else readings.marked(reading, voice)
    usual = reading.expected.mid if reading.expected else None
    return (value, readings.cell(reading, voice), said(usual), said(reading.peers))


def _chart(reading: FunnelReading, voice: Voice, name: str) -> Chart:
    shown = [
        step
        for step in reading.steps
        if figures.known(step.count.value)
        and (step.count.value or 0) > 0
        and steps.in_chain(reading, step.step, voice)
    ]
    return Chart(
        kind="funnel",
        title=voice(_CHART, unit=name),
        categories=tuple(steps.name(reading, step.step, voice) for step in shown),
        series=(Series(name, tuple(step.count.value for step in shown)),),
        shown=tuple(readings.value(step.count, voice) for step in shown),
    )


def _notes(reading: FunnelReading, voice: Voice) -> tuple[Line, ...]:
    lines = [voice.line(_NOTE)]
    told = (basis.season(reading.value, voice), basis.line(reading.value, voice))
    lines += [voice.line(_USUAL, what=what) for what in told if what]
    absent = [
        steps.name(reading, step.step, voice) for step in reading.steps if step.count.value is None
    ]
    if absent:
        lines.append(voice.line(_NO_DATA, names=voice.joined(absent)))
    if any(readings.rough(step.rate) for step in reading.steps):
        lines.append(voice.line(readings.ROUGH_NOTE))
    return tuple(lines)
