"""Charts made of block characters: columns over days, bars, a funnel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.console.wrap import Styled
from bot.say import figures
from bot.say.width import clip, pad, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.card import Chart, Series
    from diagnostics.book.rows import Lang

HEIGHT = 6
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_BAR = "█"
_PARTS = " ▏▎▍▌▋▊▉"
_EXPECTED = "╌"
_LABEL = 22
_INK, _DIM, _BOLD, _LOSS, _GAIN = "36", "2", "1", "31", "32"

Drawn = list[list[Styled]]


def drawn(chart: Chart, room: int, lang: Lang) -> Drawn:
    """Return a chart as lines of at most `room` columns, its title first."""
    head = [Styled(clip(chart.title, room), _BOLD)]
    match chart.kind:
        case "line":
            return [head, *_columns(chart, room, lang)]
        case "bar":
            return [head, *_bars(chart, room, lang)]
        case "funnel":
            return [head, *_funnel(chart, room)]


def said(value: float, unit: str, lang: Lang) -> str:
    """Return a value of an axis with its unit: %, a currency, or nothing."""
    if unit == "%":
        return figures.rate(value / 100)
    if len(unit) == 3 and unit.isupper():
        return figures.money(value, unit, lang)
    return (
        f"{value:.2f}" if abs(value) < 10 and value != round(value) else figures.count(value, lang)
    )


def _top(series: Sequence[Series]) -> float:
    values = [value for one in series for value in one.values if value is not None]
    return max(values, default=0.0)


def _columns(chart: Chart, room: int, lang: Lang) -> Drawn:
    top = _top(chart.series)
    if top <= 0 or not chart.categories:
        return []
    labels = (said(top, chart.unit, lang), said(top / 2, chart.unit, lang), "0")
    margin = max(width(label) for label in labels) + 1
    step = max(1, min(4, (room - margin - 1) // len(chart.categories)))
    last = max(1, (room - margin - 1) // step)
    actual = chart.series[0].values[-last:]
    usual = chart.series[1].values[-last:] if len(chart.series) > 1 else ()
    lines: Drawn = []
    for row in range(HEIGHT, 0, -1):
        label = {HEIGHT: labels[0], HEIGHT // 2: labels[1]}.get(row, "")
        line = [Styled(pad(label, margin - 1, right=True) + "│", _DIM)]
        for place, value in enumerate(actual):
            line += _cell(value, usual[place] if usual else None, row, top, step)
        lines.append(line)
    lines.append(
        [Styled(pad("0", margin - 1, right=True) + "└" + "─" * (step * len(actual)), _DIM)]
    )
    lines.append([Styled(" " * margin + _ticks(chart.categories[-last:], step), _DIM)])
    if usual:
        legend = f"{_BAR} {chart.series[0].name}  {_EXPECTED * 2} {chart.series[1].name}"
        lines.append([Styled(" " * margin + legend, _DIM)])
    return lines


def _cell(
    value: float | None, usual: float | None, row: int, top: float, step: int
) -> list[Styled]:
    """Return one column's part of a row: a block, or the mark of what was expected."""
    wide = max(1, step - 1)
    gap = Styled(" " * (step - wide))
    level = 0 if value is None else round(value / top * HEIGHT * 8) - (row - 1) * 8
    if level > 0:
        return [Styled(_EIGHTHS[min(8, level)] * wide, _INK), gap]
    if value is None and row == 1:
        return [Styled(pad("·", wide), _DIM), gap]
    if usual is not None and usual > 0 and min(HEIGHT, int(usual / top * HEIGHT) + 1) == row:
        return [Styled(_EXPECTED * wide, _DIM), gap]
    return [Styled(" " * wide), gap]


def _ticks(categories: Sequence[str], step: int) -> str:
    """Return as many categories under the axis as there is room for, evenly, the last one always."""
    wide = max(width(category) for category in categories)
    every = -(-(wide + 1) // step)
    end = len(categories) * step
    line = ""
    for place in range((len(categories) - 1) % every, len(categories), every):
        start = min(place * step, end - wide)
        if start > width(line) or not line:
            line = pad(line, start) + categories[place]
    return line


def _bars(chart: Chart, room: int, lang: Lang) -> Drawn:
    lines: Drawn = []
    several = len(chart.series) > 1
    for one in chart.series:
        if several:
            lines.append([Styled(one.name, _DIM)])
        shown = [
            figures.DASH if value is None else said(value, chart.unit, lang) for value in one.values
        ]
        if chart.shown and not several:
            shown = list(chart.shown)
        top = max((abs(value) for value in one.values if value is not None), default=0.0)
        signed = any(value is not None and value < 0 for value in one.values)
        names = _names(chart.categories)
        margin = max((width(text) for text in shown), default=0)
        for name, value, text in zip(names, one.values, shown, strict=True):
            bar = _bar(abs(value) / top if value and top else 0.0, room - width(name) - margin - 2)
            style = _INK if not signed else _LOSS if (value or 0) < 0 else _GAIN
            figure = pad(text, margin, right=True)
            lines.append([Styled(f"{name} "), Styled(f"{figure} "), Styled(bar, style)])
    return lines


def _funnel(chart: Chart, room: int) -> Drawn:
    values = chart.series[0].values if chart.series else ()
    top = _top(chart.series)
    names = _names(chart.categories)
    shown = chart.shown or tuple("" if v is None else f"{v:,.0f}" for v in values)
    margin = max((width(text) for text in shown), default=0)
    lines: Drawn = []
    for name, value, text in zip(names, values, shown, strict=True):
        share = (value / top) ** 0.5 if value and top else 0.0
        bar = _bar(share, room - width(name) - margin - 2)
        figure = pad(text, margin, right=True)
        lines.append([Styled(f"{name} "), Styled(f"{figure} "), Styled(bar, _INK)])
    return lines


def _names(categories: Sequence[str]) -> list[str]:
    names = [clip(category, _LABEL) for category in categories]
    wide = max((width(name) for name in names), default=0)
    return [pad(name, wide) for name in names]


def _bar(share: float, room: int) -> str:
    """Return a bar of a share of the room, to an eighth of a column; never quite nothing."""
    eighths = round(max(0.0, min(1.0, share)) * max(1, room) * 8)
    if share > 0:
        eighths = max(1, eighths)
    return (_BAR * (eighths // 8) + _PARTS[eighths % 8]).rstrip()
