"""Charts as Slack draws them: lines and bars, with what cannot be drawn said in words.

Slack wants every series to have a value for every category. A missing value is never drawn as
zero: the categories without a value of the first series are left out, further series that are
then incomplete too, and both are named beneath the chart.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from bot.slack import limits
from bot.slack.text import raw
from bot.slack.words import word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.card import Chart, Series
    from diagnostics.book.rows import Lang


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _clipped(text: str, limit: int) -> str:
    shown = raw(text).strip()
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _labels(texts: Iterable[str]) -> list[str]:
    """Return short labels that are all different, as Slack demands."""
    taken: list[str] = []
    for text in texts:
        label = _clipped(text, limits.CHART_LABEL) or "–"
        number = 2
        while label in taken:
            tail = f" {number}"
            label = _clipped(text, limits.CHART_LABEL - len(tail)) + tail
            number += 1
        taken.append(label)
    return taken


def _window(chart: Chart, places: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return the places to draw and those that are too many: a funnel's end, a line's start."""
    most = limits.CHART_CATEGORIES
    if len(places) <= most:
        return list(places), []
    if chart.kind == "funnel":
        return list(places[:most]), list(places[most:])
    return list(places[-most:]), list(places[:-most])


def _category(chart: Chart, place: int) -> str:
    name = chart.categories[place]
    has_count = chart.kind == "funnel" and place < len(chart.shown)
    return f"{name} {chart.shown[place]}" if has_count else name


def _height(chart: Chart, value: float | None) -> float | None:
    """Return how high to draw a value; a funnel's bars by square root, or its end would vanish."""
    return round(math.sqrt(max(value, 0.0)), 2) if value and chart.kind == "funnel" else value


def _axis(chart: Chart, labels: list[str]) -> dict[str, Any]:
    axis: dict[str, Any] = {"categories": labels}
    if unit := _clipped(chart.unit, limits.CHART_AXIS):
        axis["y_label"] = unit
    return axis


def _not_drawn(chart: Chart, gaps: Sequence[int], rest: Sequence[int], lost: Sequence[Series],
               lang: Lang) -> str:  # fmt: skip
    parts = []
    if gaps:
        names = ", ".join(chart.categories[place] for place in gaps)
        parts.append(f"{names} ({word('no_data', lang)})")
    parts += [one.name for one in lost]
    if rest:
        parts.append(word("further" if chart.kind == "funnel" else "earlier", lang, n=len(rest)))
    if not parts:
        return ""
    return word("not_drawn", lang) + word("colon", lang) + " · ".join(parts)


def draw(chart: Chart, lang: Lang) -> tuple[dict[str, Any] | None, str]:
    """Return the chart's block (None when there is nothing to draw) and what it leaves out."""
    drawable = [one for one in chart.series if any(map(_known, one.values))]
    if not drawable:
        return None, word("no_data", lang)
    places = range(min(len(chart.categories), *(len(one.values) for one in drawable)))
    with_value = [place for place in places if _known(drawable[0].values[place])]
    gaps = [place for place in range(len(chart.categories)) if place not in with_value]
    kept, rest = _window(chart, with_value)
    whole = [one for one in drawable if all(_known(one.values[place]) for place in kept)]
    whole = whole[: limits.CHART_SERIES]
    lost = [one for one in chart.series if one not in whole]
    labels = _labels(_category(chart, place) for place in kept)
    names = _labels(one.name for one in whole)
    block = {
        "type": "data_visualization",
        "title": _clipped(chart.title, limits.CHART_TITLE) or "–",
        "chart": {
            "type": "line" if chart.kind == "line" else "bar",
            "series": [
                {
                    "name": name,
                    "data": [
                        {"label": label, "value": _height(chart, one.values[place])}
                        for label, place in zip(labels, kept, strict=True)
                    ],
                }
                for name, one in zip(names, whole, strict=True)
            ],
            "axis_config": _axis(chart, labels),
        },
    }
    return block, _not_drawn(chart, gaps, rest, lost, lang)


def told(chart: Chart, lang: Lang) -> list[str]:
    """Return the chart's values in words, one line per series, for where no chart can be."""
    lines = []
    for one in chart.series:
        values = []
        for place, (name, value) in enumerate(zip(chart.categories, one.values, strict=False)):
            if chart.kind == "funnel" and place < len(chart.shown):
                said = chart.shown[place]
            else:
                said = _number(value, chart.unit, lang)
            values.append(f"{name} {said}")
        lines.append(f"{one.name}{word('colon', lang)}" + " · ".join(values))
    return lines or [word("no_data", lang)]


def _number(value: float | None, unit: str, lang: Lang) -> str:
    if value is None or not math.isfinite(value):
        return word("no_data", lang)
    shown = f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.4g}"
    return shown + ("%" if unit == "%" else "")
