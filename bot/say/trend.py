"""How a figure ran over the last days: highest, lowest, and the last day against its habit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.card import Block, Card, Chart, Note, Paragraph, Series, Words
from bot.say import basis, days, figures
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from datetime import date

    from bot.say.voice import Voice
    from diagnostics.reading import Trend

_HEAD = Text("{metric} · {place} · {span}：{verdict}", "{metric} · {place} · {span}: {verdict}")
_LAST = Text("{day}为 {value}", "{value} on {day}")
_BELOW = Text("{day}为 {value}，比预期低 {change}", "{value} on {day}, {change} below expected")
_ABOVE = Text("{day}为 {value}，比预期高 {change}", "{value} on {day}, {change} above expected")
_AS = Text("{day}为 {value}，和预期一样", "{value} on {day}, as expected")
_HELD = Text("{day}为 {value}，预期 {expected}", "{value} on {day}, expected {expected}")
_NOTHING = Text("这段时间没有数据", "no data in this time")
_MISSING_DAY = Text("{day} 还没有数据", "no data yet for {day}")
_HIGH_LOW = Text(
    "最高 {high}（{high_day}），最低 {low}（{low_day}）",
    "Highest {high} ({high_day}), lowest {low} ({low_day})",
)
_GAPS = Text("{n} 天没有数据，图上留空", "{n} without data, left empty in the chart")
_STANDS = Text("预期依据：{basis}", "Expectation: {basis}")
_FALL = Text(
    "这里能看出的最小跌幅约 {percent}，更小的变化和平常波动分不开",
    "Smallest fall that can be seen here: about {percent}; less is its usual to and fro",
)
_RISE = Text(
    "这里能看出的最小升幅约 {percent}，更小的变化和平常波动分不开",
    "Smallest rise that can be seen here: about {percent}; less is its usual to and fro",
)
_RATE_FALL = Text(
    "这里能看出的最小降幅约为本身的 {percent}，更小的变化和平常波动分不开",
    "Smallest fall that can be seen here: by about {percent} of the rate itself; less is its usual to and fro",
)
_RATE_RISE = Text(
    "这里能看出的最小升幅约为本身的 {percent}，更小的变化和平常波动分不开",
    "Smallest rise that can be seen here: by about {percent} of the rate itself; less is its usual to and fro",
)
_NOT_EVEN = Text(
    "波动太大：哪怕一天归零也看不出来",
    "So restless that not even a day of none would stand out",
)
_CHART = Text("{name} {metric}，近 {n} 天", "{name} {metric}, last {n} days")
_ACTUAL = Text("实际", "actual")
_EXPECTED = Text("预期", "expected")


def trend(series: Trend, voice: Voice) -> Card:
    """Return the line of a metric with its highest and lowest day."""
    known = [
        (value, day)
        for value, day in zip(series.values, series.days, strict=True)
        if value is not None and figures.known(value)
    ]
    head = voice(
        _HEAD,
        metric=voice.label(series.metric),
        place=voice.place(series.unit),
        span=days.stretch(series.days[0], series.days[-1], voice.lang) if series.days else "",
        verdict=_verdict(series, known, voice),
    )
    blocks: list[Block] = []
    if known:
        blocks = [Paragraph(((Words(_extremes(series, known, voice)),),)), chart(series, voice)]
    notes = [] if series.visible is None else [visible(series.metric, series.visible, voice)]
    stands = basis.whole(series.last, voice) if series.last else ""
    notes += [voice(_STANDS, basis=stands)] if stands else []
    gaps = len(series.days) - len(known)
    if known and gaps:
        said = str(gaps) if voice.lang == "zh" else days.many(gaps, "day", "days")
        notes.append(voice(_GAPS, n=said))
    if known and notes:
        blocks.append(Note(tuple((Words(text),) for text in notes)))
    return Card(
        state="blue" if known else "grey",
        title=(Words(head, bold=True),),
        summary=head,
        blocks=tuple(blocks),
        lang=voice.lang,
    )


def visible(metric: str, change: float, voice: Voice) -> str:
    """Return which change to the worse stands out from a figure's usual to and fro."""
    row = voice.book.metrics.get(metric)
    falls = row is None or row.direction != "down"
    if falls and change >= 1.0:
        return voice(_NOT_EVEN)
    if row is not None and row.unit == "ratio":
        return voice(_RATE_FALL if falls else _RATE_RISE, percent=f"{100 * change:.0f}%")
    return voice(_FALL if falls else _RISE, percent=f"{100 * change:.0f}%")


def chart(series: Trend, voice: Voice) -> Chart:
    """Return some days of a metric as a line, with what was expected beside it.

    Ratios are given in percent (unit "%"), money in its currency (unit: the code).
    """
    row = voice.book.metrics.get(series.metric)
    ratio = row is not None and row.unit == "ratio"
    money = row is not None and row.unit == "money"
    unit = "%" if ratio else voice.unit(series.unit).currency if money else ""
    lines = [Series(voice(_ACTUAL), _scaled(series.values, ratio=ratio))]
    expected = _scaled(series.expected, ratio=ratio)
    if any(value is not None for value in expected):
        lines.append(Series(voice(_EXPECTED), expected))
    return Chart(
        kind="line",
        title=voice(
            _CHART,
            name=voice.name(series.unit),
            metric=voice.metric(series.metric),
            n=str(len(series.days)),
        ),
        categories=tuple(days.tick(day) for day in series.days),
        series=tuple(lines),
        unit=unit,
    )


def _scaled(values: tuple[float | None, ...], *, ratio: bool) -> tuple[float | None, ...]:
    return tuple(
        None
        if value is None or not figures.known(value)
        else round(value * 100, 4)
        if ratio
        else round(value, 4)
        for value in values
    )


def _verdict(series: Trend, known: list[tuple[float, date]], voice: Voice) -> str:
    if not known:
        return voice(_NOTHING)
    value, expected = series.values[-1], series.expected[-1]
    day = days.full(series.days[-1], voice.lang)
    if value is None or not figures.known(value):
        return voice(_MISSING_DAY, day=day)
    said = voice.value(series.metric, value, series.unit)
    if expected is None or not figures.known(expected) or not expected:
        return voice(_LAST, day=day, value=said)
    row = voice.book.metrics.get(series.metric)
    if row is not None and row.unit == "ratio":
        usual = voice.value(series.metric, expected, series.unit)
        return voice(_HELD, day=day, value=said, expected=usual)
    change = value / expected - 1
    text = _AS if abs(change) < 0.005 else _BELOW if change < 0 else _ABOVE
    return voice(text, day=day, value=said, change=figures.percent(abs(change)).lstrip("+"))


def _extremes(series: Trend, known: list[tuple[float, date]], voice: Voice) -> str:
    (high, high_day), (low, low_day) = max(known), min(known)
    return voice(
        _HIGH_LOW,
        high=voice.value(series.metric, high, series.unit),
        high_day=days.short(high_day, voice.lang),
        low=voice.value(series.metric, low, series.unit),
        low_day=days.short(low_day, voice.lang),
    )
