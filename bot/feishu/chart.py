"""How a chart is drawn in Feishu: a VChart description without gaps that the platform refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from bot.card import Words
from bot.feishu.text import clean

if TYPE_CHECKING:
    from bot.card import Chart, Line

FUNNEL_SMALLEST = "25%"
"""Width of the narrowest step: real funnels lose 99 %, and would be a needle otherwise."""


def element(chart: Chart) -> dict[str, Any]:
    """Return the chart as a card element; places without data are left out, never drawn as 0."""
    return {
        "tag": "chart",
        "aspect_ratio": "4:3" if chart.kind == "funnel" else "16:9",
        "color_theme": "brand",
        "preview": True,
        "chart_spec": _spec(chart),
    }


def drawable(chart: Chart) -> bool:
    """Say whether there is anything to draw."""
    return any(value is not None for one in chart.series for value in one.values)


def lines(chart: Chart) -> tuple[Line, ...]:
    """Return what the chart shows as lines of words, for where charts are not possible."""
    heading: Line = (Words(_title(chart), bold=True),)
    return (heading, *((Words(_told(chart, one)),) for one in range(len(chart.categories))))


def _told(chart: Chart, place: int) -> str:
    if place < len(chart.shown):
        return f"{chart.categories[place]}: {chart.shown[place]}"
    values = (
        "–" if place >= len(one.values) or one.values[place] is None else f"{one.values[place]:,g}"
        for one in chart.series
    )
    return f"{chart.categories[place]}: {' / '.join(values)}"


def _title(chart: Chart) -> str:
    return clean(f"{chart.title} ({chart.unit})" if chart.unit else chart.title)


def _spec(chart: Chart) -> dict[str, Any]:
    spec: dict[str, Any] = {"title": {"text": _title(chart)}}
    match chart.kind:
        case "funnel":
            return spec | _funnel(chart)
        case "line":
            return spec | _axes(chart) | {"type": "line", "point": {"visible": True}}
        case "bar":
            return spec | _axes(chart) | {"type": "bar"}
        case _:
            assert_never(chart.kind)


def _funnel(chart: Chart) -> dict[str, Any]:
    steps = chart.series[0].values if chart.series else ()
    rows = [
        {"name": clean(chart.categories[place]), "value": round(value)}
        for place, value in enumerate(steps[: len(chart.categories)])
        if value is not None
    ]
    return {
        "type": "funnel",
        "categoryField": "name",
        "valueField": "value",
        "isTransform": True,
        "minSize": FUNNEL_SMALLEST,
        "label": {"visible": True},
        "transformLabel": {"visible": True},
        "outerLabel": {"visible": False},
        "data": {"values": rows},
    }


def _axes(chart: Chart) -> dict[str, Any]:
    rows = [  # place by place: the axis takes its order from the rows
        {"x": clean(category), "y": round(value, 4), "series": clean(one.name)}
        for place, category in enumerate(chart.categories)
        for one in chart.series
        for value in one.values[place : place + 1]
        if value is not None
    ]
    return {
        "xField": "x",
        "yField": "y",
        "seriesField": "series",
        "legends": {"visible": len(chart.series) > 1, "orient": "bottom"},
        "data": {"values": rows},
    }
