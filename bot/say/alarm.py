"""An alert's first line: what, where, which day, how far out, what it costs, how sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.say import days, findings, readings, slide, together
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from bot.say.voice import Voice
    from diagnostics.reading import Finding

_HEAD = Text("{what}：{figure}", "{what}: {figure}")
_FIGURE = Text("{value}（{context}）", "{value} ({context})")
_LOW = Text("{metric}偏低", "Low {metric}")
_HIGH = Text("{metric}偏高", "High {metric}")
_SINCE = Text("{since}以来{money}", "{money} since {since}")
_SINCE_ONLY = Text("从{since}开始", "since {since}")


def headline(finding: Finding, voice: Voice) -> str:
    """Return what, where, which day, how far from range and habit, money, since when, how sure."""
    if finding.slide is not None:
        return slide.headline(finding, finding.slide, voice)
    reading = finding.reading
    day = days.full(reading.day, voice.lang)
    where = together.who(finding, voice) if finding.scope else voice.place(finding.unit)
    what = voice.dotted((scene(finding, voice), where, day))
    figure = f"{voice.metric(reading.metric)} {readings.marked(reading, voice)}"
    context = readings.context(reading, voice, whose=True)
    if context:
        figure = voice(_FIGURE, value=figure, context=context)
    said = (voice(_HEAD, what=what, figure=figure), _cost(finding, voice))
    return voice.dotted((*said, together.beside(finding, voice), findings.sureness(finding, voice)))


def scene(finding: Finding, voice: Voice) -> str:
    """Return what kind of trouble it is: the scene's name, or the metric being low or high."""
    row = voice.book.scenes.get(finding.scene)
    if row is not None:
        return row.name(voice.lang)
    change = finding.reading.change or 0.0
    low = finding.reading.position == "below" or (
        finding.reading.position != "above" and change < 0
    )
    said = voice(_LOW if low else _HIGH, metric=voice.metric(finding.reading.metric))
    return said[:1].upper() + said[1:]


def _cost(finding: Finding, voice: Voice) -> str:
    money, since = findings.lost(finding, voice), findings.since(finding, voice)
    if money and since:
        return voice(_SINCE, since=since, money=money)
    return voice(_SINCE_ONLY, since=since) if since else money
