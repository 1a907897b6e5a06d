"""Where the money went: GMV against such a day, split by funnel factor, unit and cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.card import Block, Card, Chart, Note, Paragraph, Section, Series, Words
from bot.say import figures, findings, funnel, steps, verdict
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.card import Line, State
    from bot.say.voice import Voice
    from diagnostics.reading import Finding, FunnelReading, Light

_HEAD = Text("{scope}：{verdict}", "{scope}: {verdict}")
_MOST = Text("最大的一块在{where}（{money}）", "the largest part at {where} ({money})")
_CHART = Text("{unit}：GMV 比往常多或少在哪一步", "{unit}: GMV won or lost per step")
_REST = Text(
    "各步相加就是总差额 {total}；正的是多卖，负的是少卖。",
    "The steps add up to the whole difference of {total}; plus is won, minus is lost.",
)
_UNSPLIT = Text(
    "没有足够的历史，拆不出差在哪一步。", "Too little history to split the difference by step."
)
_UNITS = Text("主要出在这些地方", "Mostly here")
_NOTHING = Text(
    "没有单独出问题的直播、视频或商品。", "No single LIVE, video or product stands out."
)
_SHOWN = 5
_STATES: dict[Light, State] = {"red": "red", "yellow": "yellow", "green": "green", "grey": "grey"}


def why(reading: FunnelReading, found: Sequence[Finding], voice: Voice) -> Card:
    """Return where a unit's GMV went: by step, then the findings of the unit, costliest first."""
    parts = _parts(reading, voice)
    light = verdict.worst([reading.value.light, *(one.reading.light for one in found)])
    head = voice(_HEAD, scope=funnel.scope(reading, voice), verdict=_verdict(reading, parts, voice))
    blocks: list[Block] = []
    if parts:
        total = steps.lost(reading.lost, reading.unit, voice)
        blocks += [
            _chart(reading, parts, voice),
            Note((voice.line(_REST, total=total),)),
        ]
    else:
        blocks.append(Paragraph((voice.line(_UNSPLIT),)))
    blocks += _findings(reading, found, voice)
    return Card(
        state=_STATES[light],
        title=(Words(head, bold=True, light=light),),
        summary=verdict.dotted(light, head),
        blocks=tuple(blocks),
        lang=voice.lang,
    )


def _parts(reading: FunnelReading, voice: Voice) -> list[tuple[str, str, float]]:
    """Return each factor's key, name and GMV won (negative: lost), in the funnel's order."""
    parts = [
        (step.step, steps.passage(reading, step.step, voice), -(step.lost or 0.0))
        for step in reading.steps
        if figures.known(step.lost) and steps.in_chain(reading, step.step, voice)
    ]
    if reading.aov_lost is not None and figures.known(reading.aov_lost):
        parts.append((steps.BASKET, steps.name(reading, steps.BASKET, voice), -reading.aov_lost))
    return parts


def _verdict(reading: FunnelReading, parts: Sequence[tuple[str, str, float]], voice: Voice) -> str:
    gmv = verdict.gmv(reading, voice)
    lost = (reading.lost or 0.0) > 0
    ranked = sorted(parts, key=lambda part: part[2], reverse=not lost)
    if not ranked or (ranked[0][2] < 0) is not lost:
        return gmv
    _key, where, won = ranked[0]
    money = steps.lost(-won, reading.unit, voice)
    return voice.clauses((gmv, voice(_MOST, where=where, money=money)))


def _chart(reading: FunnelReading, parts: Sequence[tuple[str, str, float]], voice: Voice) -> Chart:
    return Chart(
        kind="bar",
        title=voice(_CHART, unit=voice.name(reading.unit)),
        categories=tuple(name.strip("「」") for _key, name, _won in parts),
        series=(Series(voice.metric(reading.value.metric), tuple(round(p[2], 2) for p in parts)),),
        unit=voice.unit(reading.unit).currency,
        shown=tuple(steps.lost(-won, reading.unit, voice) for _key, _name, won in parts),
    )


def _findings(reading: FunnelReading, found: Sequence[Finding], voice: Voice) -> list[Block]:
    if not found:
        return [Paragraph((voice.line(_NOTHING),))]
    place = any(voice.unit(one.unit).shop != voice.unit(reading.unit).shop for one in found)
    called = findings.Called()
    blocks: list[Block] = [Paragraph(((Words(voice(_UNITS), bold=True),),))]
    for number, one in enumerate(found[:_SHOWN], start=1):
        lines: list[Line] = [line for line in (findings.causes(one, voice),) if line]
        lines += [
            findings.prescription(row, one, voice, called, number=place_)
            for place_, row in enumerate(findings.rows(one, voice)[:2], start=1)
        ]
        blocks.append(Section(findings.title(one, voice, number=number, place=place), tuple(lines)))
    return blocks
