"""Where the money went: GMV against such a day, split by funnel factor, unit and cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.card import Block, Card, Chart, Note, Paragraph, Section, Series, Words
from bot.say import findings, funnel, reasons, slide, verdict
from diagnostics.book.rows import Text
from diagnostics.detail import Detail
from diagnostics.drivers import drivers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.card import Line, State
    from bot.say.voice import Voice
    from diagnostics.drivers import Drivers
    from diagnostics.reading import Finding, FunnelReading, Light

_HEAD = Text("{scope}：{verdict}", "{scope}: {verdict}")
_MOST = Text("主要在{where}（{money}）", "mainly at {where} ({money})")
_NO_STEP = Text("没有哪一步单独反常", "no single step stands out")
_CHART = Text("{unit}：GMV 比往常多或少在哪一步", "{unit}: GMV won or lost per step")
_UNSPLIT = Text(
    "没有足够的历史或步骤数据，拆不出差在哪一步。",
    "Too little history, or no counts of the steps, to split the difference by step.",
)
_UNITS = Text("主要出在这些地方", "Mostly here")
_NOTHING = Text(
    "没有单独出问题的直播、视频或商品。", "No single LIVE, video or product stands out."
)
_SHOWN = 5
_STATES: dict[Light, State] = {"red": "red", "yellow": "yellow", "green": "green", "grey": "grey"}


def why(
    reading: FunnelReading,
    found: Sequence[Finding],
    voice: Voice,
    detail: Detail | None = None,
    slow: Sequence[Finding] = (),
) -> Card:
    """Return where a unit's GMV went: by step, then the findings of the unit, costliest first.

    A step is named only when it is itself out of what such a day brings. `detail` adds what its
    children tell (mix, slice) and its profit by parts; `slow` are the unit's slow slides, which
    no single day tells.
    """
    told = drivers(voice.book, voice.unit(reading.unit).kind, reading)
    light = verdict.worst([reading.value.light, *(one.reading.light for one in found)])
    head = voice(_HEAD, scope=funnel.scope(reading, voice), verdict=_verdict(reading, told, voice))
    blocks: list[Block] = []
    if len(told.factors) > 1:
        blocks += [_chart(reading, told, voice), Note((reasons.strange(told, reading, voice),))]
    else:
        blocks.append(Paragraph((voice.line(_UNSPLIT),)))
    more = reasons.lines(detail or Detail(), told, reading, voice)
    blocks += [Paragraph(tuple(more))] if more else []
    called = findings.Called()
    if found or not (more or slow):
        blocks += _findings(reading, found, voice, called)
    blocks += slide.told(slow, voice, called)
    return Card(
        state=_STATES[light],
        title=(Words(head, bold=True, light=light),),
        summary=verdict.dotted(light, head),
        blocks=tuple(blocks),
        lang=voice.lang,
    )


def _verdict(reading: FunnelReading, told: Drivers, voice: Voice) -> str:
    gmv = verdict.gmv(reading, voice)
    change = told.change or 0.0
    if len(told.factors) <= 1:
        return gmv
    main = next((one for one in told.named if one.effect * change > 0.0), None)
    if main is not None:
        money = reasons.won(main.effect, reading.unit, voice)
        where = reasons.where(main, reading, voice)
        return voice.clauses((gmv, voice(_MOST, where=where, money=money)))
    return voice.clauses((gmv, voice(_NO_STEP))) if reading.value.unusual else gmv


def _chart(reading: FunnelReading, told: Drivers, voice: Voice) -> Chart:
    names = [reasons.where(one, reading, voice).strip("「」") for one in told.factors]
    effects = tuple(round(one.effect, 2) for one in told.factors)
    return Chart(
        kind="bar",
        title=voice(_CHART, unit=voice.name(reading.unit)),
        categories=tuple(names),
        series=(Series(voice.metric(reading.value.metric), effects),),
        unit=voice.unit(reading.unit).currency,
        shown=tuple(reasons.won(one.effect, reading.unit, voice) for one in told.factors),
    )


def _findings(
    reading: FunnelReading, found: Sequence[Finding], voice: Voice, called: findings.Called
) -> list[Block]:
    if not found:
        return [Paragraph((voice.line(_NOTHING),))]
    place = any(voice.unit(one.unit).shop != voice.unit(reading.unit).shop for one in found)
    blocks: list[Block] = [Paragraph(((Words(voice(_UNITS), bold=True),),))]
    for number, one in enumerate(found[:_SHOWN], start=1):
        lines: list[Line] = [line for line in (findings.causes(one, voice),) if line]
        lines += [
            findings.prescription(row, one, voice, called, number=place_)
            for place_, row in enumerate(findings.rows(one, voice)[:2], start=1)
        ]
        blocks.append(Section(findings.title(one, voice, number=number, place=place), tuple(lines)))
    return blocks
