"""A figure against another day, or any figure against what was expected: by its factors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.card import Block, Card, Note, Paragraph, Table, Words
from bot.say import days, figures, reasons, verdict
from bot.say.voice import inner
from diagnostics.book.rows import Text
from diagnostics.funnel import link

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bot.card import State
    from bot.say.voice import Voice
    from diagnostics.book.rows import Metric
    from diagnostics.detail import Detail
    from diagnostics.drivers import Drivers, Factor
    from diagnostics.reading import Light, Reading, Why

_HEAD = Text("{place} · {day} 对比 {base}：{said}", "{place} · {day} against {base}: {said}")
_EXPECTED = Text("这样的日子", "such a day")
_MORE = Text(
    "{metric} {value}，多 {change}（{percent}）", "{metric} {value}, {change} more ({percent})"
)
_LESS = Text(
    "{metric} {value}，少 {change}（{percent}）", "{metric} {value}, {change} less ({percent})"
)
_POINTS = Text("{metric} {value}（{before} → {value}）", "{metric} {value} (from {before})")
_EVEN = Text("{metric} {value}，没有变化", "{metric} {value}, no change")
_UNTOLD = Text("{metric}没法比：{why}", "{metric} cannot be compared: {why}")
_WHY: dict[Why, Text] = {
    "": Text("没有数据", "no data"),
    "missing": Text("没有数据", "no data"),
    "provisional": Text("还没结算", "not settled yet"),
    "too_few": Text("样本太少", "too few to say"),
    "no_history": Text("历史不够", "too little history"),
    "no_range": Text("没有目标", "no range set"),
    "no_cost": Text("缺{lacks}", "no data on {lacks}"),
    "not_trusted": Text("数据不可信", "data not trusted"),
}
_COLUMNS = (
    Text("部分", "Part"),
    Text("基准", "Base"),
    Text("当天", "That day"),
    Text("影响{unit}", "Effect{unit}"),
    Text("从…到", "From … to"),
)
_IN_POINTS = Text("（百分点）", " (points)")
_CAPTION = Text("{metric}：每一部分的影响", "{metric}: what each part did")
_LINK = Text("{above}→{name}", "{above} → {name}")
_NOTE = Text(
    "影响相加就是总差额。▲▼：超出平常波动；其余合计 {rest}，属于平常波动。",
    "The effects add up to the whole difference. ▲▼: beyond the usual to and fro; the others, {rest} together, are within it.",
)
_ALL = Text(
    "影响相加就是总差额。▲▼：超出平常波动，每一部分都是。",
    "The effects add up to the whole difference. ▲▼: beyond the usual to and fro, as each part is.",
)
_PLAIN = Text(
    "影响相加就是总差额；每一部分都在平常波动里。",
    "The effects add up to the whole difference; each part is within its usual to and fro.",
)
_LIGHTS: dict[bool, Light] = {True: "green", False: "yellow"}
_STATES: dict[Light, State] = {"red": "red", "yellow": "yellow", "green": "green", "grey": "grey"}


def compare(
    told: Drivers,
    metric: Metric,
    day: date,
    then: date | None,
    detail: Detail,
    voice: Voice,
    reading: Reading | None = None,
) -> Card:
    """Return what made a figure what it is, against `then` or what was expected of the day.

    `reading` is the figure as the digest tells it: a red one is red here too.
    """
    red = reading is not None and reading.light == "red"
    light = "red" if red else _light(told, metric)
    head = voice(
        _HEAD,
        place=voice.place(told.unit),
        day=days.full(day, voice.lang),
        base=days.full(then, voice.lang) if then else voice(_EXPECTED),
        said=_said(told, metric, voice),
    )
    blocks: list[Block] = []
    if told.factors:
        caption = voice(_CAPTION, metric=voice.label(metric.key))
        rows = tuple(_row(one, told, metric, voice) for one in told.factors)
        unit = voice(_IN_POINTS) if metric.unit == "ratio" else ""
        heads = tuple(voice(one, unit=unit) for one in _COLUMNS)
        note = _note(told, metric, voice)
        late = reasons.waiting(told, voice)
        blocks = [
            Table(caption, heads, rows),
            Note(tuple((Words(one),) for one in (note, late) if one)),
        ]
    more = _more(told, detail, voice)
    blocks += [Paragraph(tuple((Words(one),) for one in more))] if more else []
    return Card(
        state=_STATES[light],
        title=(Words(head, bold=True, light=light),),
        summary=verdict.dotted(light, head),
        blocks=tuple(blocks),
        lang=voice.lang,
    )


def _note(told: Drivers, metric: Metric, voice: Voice) -> str:
    if not told.named:
        return voice(_PLAIN)
    if len(told.named) == len(told.factors):
        return voice(_ALL)
    rest = amount(told.rest, metric, told.unit, voice)
    if metric.unit == "ratio":
        rest = voice(reasons.POINTS, number=rest)
    return voice(_NOTE, rest=rest)


def _more(told: Drivers, detail: Detail, voice: Voice) -> Sequence[str]:
    said = [reasons.mixed(one, told, voice) for one in detail.mixes]
    if detail.profit is not None:
        said.append(reasons.profit(detail.profit, None, voice))
    return [one for one in said if one]


def _light(told: Drivers, metric: Metric) -> Light:
    if not told.change or metric.direction == "none" or not told.named:
        return "grey"
    return _LIGHTS[(told.change > 0.0) == (metric.direction == "up")]


def _said(told: Drivers, metric: Metric, voice: Voice) -> str:
    name = voice.label(metric.key)
    if told.change is None or told.value is None or told.base is None:
        lacks = voice.joined(voice.measure(key) for key in told.lacks)
        return voice(_UNTOLD, metric=name, why=voice(_WHY[told.why], lacks=lacks))
    value = voice.value(metric.key, told.value, told.unit)
    before = voice.value(metric.key, told.base, told.unit)
    if not told.change or (metric.over and value == before):
        return voice(_EVEN, metric=name, value=value)
    if metric.over:
        return voice(_POINTS, metric=name, value=value, before=before)
    change = told.change / abs(told.base) if told.base else 0.0
    return voice(
        _MORE if told.change > 0.0 else _LESS,
        metric=name,
        value=value,
        change=voice.value(metric.key, abs(told.change), told.unit),
        percent=figures.percent(change) if told.base else figures.DASH,
    )


def _row(one: Factor, told: Drivers, metric: Metric, voice: Voice) -> tuple[str, ...]:
    mark = figures.arrow(one.effect) if one.named else ""
    bounds = figures.DASH
    if one.low is not None and one.high is not None:
        low, high = (amount(end, metric, told.unit, voice) for end in (one.low, one.high))
        bounds = f"{low} … {high}"
    return (
        named(one.key, voice),
        figure(one.before, one.key, told.unit, voice),
        figure(one.after, one.key, told.unit, voice),
        f"{amount(one.effect, metric, told.unit, voice)} {mark}".rstrip(),
        bounds,
    )


def named(key: str, voice: Voice) -> str:
    """Return what a factor is called: impressions; add to cart → orders."""
    top, _, bottom = key.partition("/")
    if not bottom:
        return voice.metric(top)
    ratio = link(voice.book, top, bottom)
    if ratio is not None:
        return voice.metric(ratio.key)
    return voice(_LINK, above=inner(voice.measure(bottom)), name=inner(voice.measure(top)))


def figure(value: float | None, key: str, unit: str, voice: Voice) -> str:
    """Return a factor's own figure: a count, money, or the rate of a link."""
    if value is None or not figures.known(value):
        return figures.DASH
    top, _, bottom = key.partition("/")
    ratio = link(voice.book, top, bottom) if bottom else None
    if ratio is not None:
        return voice.value(ratio.key, value, unit)
    if bottom:
        return figures.rate(value)
    row = voice.book.measures.get(top)
    if row is not None:
        return figures.figure(value, row.unit, voice.unit(unit).currency, voice.lang)
    return voice.value(top, value, unit)


def amount(value: float, metric: Metric, unit: str, voice: Voice) -> str:
    """Return an effect with its sign, in the metric's own unit; a share in points of percent."""
    match metric.unit:
        case "money":
            return reasons.won(value, unit, voice)
        case "ratio":
            return reasons.points(value)
        case _:
            said = voice.value(metric.key, abs(value), unit)
            zero = not any(digit in said for digit in "123456789")
            return said if zero else f"{'+' if value > 0.0 else figures.MINUS}{said}"
