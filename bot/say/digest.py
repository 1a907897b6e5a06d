"""The morning's message: the verdict, the figures, the leak, what to do, and how sure the data are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.card import (
    Block,
    Button,
    Buttons,
    Card,
    Chart,
    Facts,
    Fold,
    Note,
    Paragraph,
    Section,
    State,
    Words,
    plain,
)
from bot.say import (
    basis,
    days,
    figures,
    findings,
    headline,
    readings,
    slide,
    steps,
    together,
    trend,
    trusting,
    verdict,
)
from bot.say.voice import merged
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.card import Line
    from bot.say.findings import Called
    from bot.say.voice import Voice
    from diagnostics.reading import Diagnosis, Finding, Light, Reading, ShopDay

TOLD = 5
"""How many findings are told in full; the rest is one line and a fold."""
_SHOPS_SHOWN = 3
_SURELY = 0.95
"""From this share on hardly any finding is chance: not worth a line."""
_FOLDED = 20
_STATES: dict[Light, State] = {"red": "red", "yellow": "yellow", "green": "green", "grey": "grey"}

_MORE = Text("另外 {n} 条，影响较小", "{n} smaller findings")
_ONE_MORE = Text("另外 1 条，影响较小", "1 smaller finding")
_SAME = Text("处方：同 {number}", "Do: as in {number}")
_SHOP = Text("{name} {figures}", "{name}: {figures}")
_OWN_DAY = Text("{name}（{day}）", "{name} ({day})")
_CHANGED = Text("{value}（{change}）", "{value} ({change})")
_REST = Text("其余 {n} 家：{counts}", "{n} other shops: {counts}")
_NOT_JUDGED = Text("数据没到齐，不评判", "data incomplete, not judged")
_INCOMPLETE = frozenset({"missing", "provisional", "partial", "late", "jump"})
_IN_DOUBT = Text("数据有疑问，不评判", "data in doubt, not judged")
_IN_TROUBLE = Text("账号或网络异常，不评判", "account or network trouble, not judged")
_ON_DAY = Text(
    "{name}：预期已按平日 ×{effect} 算", "{name}: compared with ×{effect} of a plain day"
)
_NEAR_DAY = Text(
    "临近{name}，前后几天本来就会偏", "close to {name}, which shifts the days around it"
)
_CHANCE = Text("这样的发现，大约每 {n} 条有 1 条只是偶然", "About 1 in {n} such findings is chance")
_IN_ALERT = Text("原因和处方在它自己的告警里", "Causes and what to do: in its own alert")
_REVIEW = Text("复盘第 1 条", "Review no. 1")
_WHY = Text("钱去哪了", "Where the money went")
_LATE = Text("原定 {at} 发出", "was due at {at}")


def digest(
    diagnosis: Diagnosis,
    voice: Voice,
    *,
    late: datetime | None = None,
    alerts: bool = False,
) -> Card:
    """Return the day's digest. `late`: the local time at which it should have been sent.

    `alerts`: the channel gets its alerts as messages of their own, so that what they say is not
    said twice, and nobody is pinged twice.
    """
    voice = voice.knowing(diagnosis.units).knowing({s.unit.key: s.unit for s in diagnosis.shops})
    slow = [one for one in diagnosis.findings if one.slide is not None]
    diagnosis = replace(
        diagnosis, findings=tuple(one for one in diagnosis.findings if one.slide is None)
    )
    light, head = verdict.headline(diagnosis, voice)
    ranked = verdict.ranked(diagnosis, voice)
    judged = bool(ranked) and ranked[0].trust.judged
    blocks: list[Block] = []
    if ranked:
        blocks += _figures(ranked[0], voice, judged=judged, named=len(ranked) > 1)
    shown = replace(diagnosis, findings=named(diagnosis, voice))
    if shown.findings and ranked:
        blocks += _findings(shown, ranked[0], voice, alerts=alerts)
    slides = slide.digest(slow, voice)
    if slides:
        blocks.append(Paragraph((slides,)))
    if len(ranked) > 1:
        blocks.append(Paragraph(_shops(ranked, diagnosis, voice)))
    if judged:
        blocks.append(trend.chart(ranked[0].trend, voice))
    blocks.append(Note(_notes(diagnosis, ranked, voice, late)))
    if judged:
        blocks += _buttons(diagnosis, ranked[0], voice)
    return Card(
        state=_STATES[light],
        title=(Words(head, bold=True, light=light),),
        summary=verdict.dotted(light, head),
        blocks=tuple(block for block in blocks if _says(block)),
        lang=voice.lang,
        tells=tuple(one.key for one in shown.findings),
    )


def named(diagnosis: Diagnosis, voice: Voice) -> tuple[Finding, ...]:
    """Return what a digest tells of one by one: all but slides, costliest first.

    Where no shop is judged, only what keeps them from it.
    """
    scenes = {key for key, scene in voice.book.scenes.items() if scene.blocks_judgement}
    judged = any(shop.trust.judged for shop in diagnosis.shops)
    found = [one for one in diagnosis.findings if one.slide is None]
    return tuple(one for one in found if judged or one.scene in scenes)


def _says(block: Block) -> bool:
    """Say whether a block has anything in it."""
    match block:
        case Paragraph(lines) | Note(lines):
            return bool(lines)
        case Facts(items) | Buttons(items):
            return bool(items)
        case Chart(series=series):
            return any(value is not None for one in series for value in one.values)
        case _:
            return True


def _figures(shop: ShopDay, voice: Voice, *, judged: bool, named: bool) -> list[Block]:
    funnel = steps.line(shop.funnel, voice, judged=judged)
    name = Words(voice.name(shop.unit.key) if named else "", bold=True)
    season = _calendar(shop, voice) if judged else ""
    joint = " · " if name.text and season else ""
    head = merged((name, Words(joint + season)))
    return [
        Paragraph((head,) if head else ()),
        Facts(headline.facts(shop, voice, judged=judged)),
        Paragraph((funnel,) if funnel else ()),
    ]


def _calendar(shop: ShopDay, voice: Voice) -> str:
    """Return the campaign or holiday of the day, and what it does to the expectation."""
    learnt = basis.season(shop.funnel.value, voice)
    if learnt:
        return learnt
    for row in shop.calendar:
        covers = row.covers(shop.funnel.day, shop.unit.country)
        text = _ON_DAY if covers and row.effect != 1 else _NEAR_DAY
        if covers and row.effect == 1:
            continue
        return voice(text, name=row.name(voice.lang), effect=f"{row.effect:g}")
    return ""


def _findings(diagnosis: Diagnosis, head: ShopDay, voice: Voice, *, alerts: bool) -> list[Block]:
    called, told = findings.Called(), dict[str, int]()
    many = len(diagnosis.shops) > 1
    full = 2 if many else 3
    seen = (*head.headline.values(), *(s.rate for s in head.funnel.steps if s.rate))
    blocks: list[Block] = [
        _alerted(one, number, voice, place=many)
        if alerts and one.alert
        else _finding(one, number, voice, called, seen, told, full=number <= full, place=many)
        for number, one in enumerate(diagnosis.findings[:TOLD], start=1)
    ]
    rest = diagnosis.findings[TOLD:]
    if rest:
        said = voice(_ONE_MORE if len(rest) == 1 else _MORE, n=str(len(rest)))
        lines = tuple(
            (Words(findings.short(one, voice, place=many), light=one.reading.light),)
            for one in rest[:_FOLDED]
        )
        chance = _by_chance(diagnosis, voice)
        blocks.append(Fold(said, (Paragraph((*lines, chance) if chance else lines),)))
    return blocks


def _by_chance(diagnosis: Diagnosis, voice: Voice) -> Line:
    """Return how many of such findings were chance on the past mornings; empty where unknown."""
    precision = diagnosis.control.precision if diagnosis.control else None
    if precision is None or not 0.0 < precision <= _SURELY:
        return ()
    return voice.line(_CHANCE, n=str(max(2, round(1.0 / (1.0 - precision)))))


def _alerted(finding: Finding, number: int, voice: Voice, *, place: bool) -> Section:
    title = findings.title(finding, voice, number=number, place=place)
    return Section(title, (voice.line(_IN_ALERT),))


def _finding(
    finding: Finding,
    number: int,
    voice: Voice,
    called: Called,
    seen: Sequence[Reading],
    told: dict[str, int],
    *,
    full: bool,
    place: bool,
) -> Section:
    lines = list(together.members(finding, voice))
    causes = findings.causes(finding, voice) if full else ()
    if causes and plain(causes) not in told:
        told[plain(causes)] = number
        lines.append(causes)
    own = [one for one in seen if one.unit == finding.unit]
    for row in findings.rows(finding, voice)[:1]:
        first = told.setdefault(row.key, number)
        if first != number:
            lines.append(voice.line(_SAME, number=findings.NUMBERS[first - 1]))
        else:
            lines.append(findings.prescription(row, finding, voice, called, seen=own))
    return Section(findings.title(finding, voice, number=number, place=place), tuple(lines))


def _shops(ranked: Sequence[ShopDay], diagnosis: Diagnosis, voice: Voice) -> tuple[Line, ...]:
    """Return the shops side by side, one line each, and the rest of many in one."""
    shown, rest = ranked, ranked[:0]
    if len(ranked) > _SHOPS_SHOWN + 1:
        shown, rest = ranked[:_SHOPS_SHOWN], ranked[_SHOPS_SHOWN:]
    lines = [(Words(_shop(shop, diagnosis, voice), light=verdict.light(shop)),) for shop in shown]
    if rest:
        lights = [verdict.light(shop) for shop in rest]
        said = voice(_REST, n=str(len(rest)), counts=verdict.counts(lights, voice))
        lines.append((Words(said, light=verdict.worst(lights)),))
    return tuple(lines)


def _shop(shop: ShopDay, diagnosis: Diagnosis, voice: Voice) -> str:
    name = voice.name(shop.unit.key)
    if shop.funnel.day != diagnosis.day:
        name = voice(_OWN_DAY, name=name, day=days.short(shop.funnel.day, voice.lang))
    if not shop.trust.judged:
        return voice(_SHOP, name=name, figures=voice(_unjudged(shop)))
    reading = shop.funnel.value
    said = f"{voice.metric(reading.metric)} {readings.value(reading, voice)}"
    if reading.change is not None and reading.value is not None:
        said = voice(_CHANGED, value=said, change=figures.percent(reading.change))
    off = [
        one
        for one in headline.others(shop)
        if readings.mark(one) in {"▲", "▼"}
        and one.light != "green"
        and one.metric != reading.metric
    ]
    off.sort(key=lambda one: one.range is None)
    wrong = (f"{voice.metric(one.metric)} {readings.marked(one, voice)}" for one in off[:2])
    return voice.dotted((voice(_SHOP, name=name, figures=said), *wrong))


def _unjudged(shop: ShopDay) -> Text:
    """Return why a shop is not judged, in half a line."""
    kinds = {one.kind for one in shop.trust.doubts if one.blocks}
    if "base_trouble" in kinds:
        return _IN_TROUBLE
    lacking = shop.trust.feeds_in < shop.trust.feeds_due
    return _NOT_JUDGED if lacking or kinds & _INCOMPLETE else _IN_DOUBT


def _notes(
    diagnosis: Diagnosis, ranked: Sequence[ShopDay], voice: Voice, late: datetime | None
) -> tuple[Line, ...]:
    """Return the small print: what has arrived; doubts and rough ranges; the four checks."""
    first = list(trusting.data(diagnosis.trust, voice))
    if late is not None:
        first.append(Words((" · " if first else "") + voice(_LATE, at=f"{late:%H:%M}")))
    second = [plain(one) for one in trusting.doubts(diagnosis.trust, voice)]
    shown = [one for shop in ranked[:1] for one in shop.headline.values()]
    shown += [one.reading for one in diagnosis.findings[:TOLD]]
    if any(readings.rough(one) for one in shown):
        second.append(voice(readings.ROUGH_NOTE))
    small = (Words(voice.dotted(second)),) if second else ()
    asked = trusting.checks(diagnosis.trust, voice, named=len(ranked) > 1)
    return tuple(line for line in (tuple(first), small, asked) if line)


def _buttons(diagnosis: Diagnosis, head: ShopDay, voice: Voice) -> list[Block]:
    items = []
    if diagnosis.findings:
        key = diagnosis.findings[0].key
        items.append(Button("review", voice(_REVIEW), key, style="primary"))
    items.append(Button("why", voice(_WHY), head.unit.key))
    return [Buttons(tuple(items))]
