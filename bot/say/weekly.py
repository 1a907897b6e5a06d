"""The week in one message: each shop's seven days, what cost most, what was reviewed and learnt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.card import Button, Buttons, Card, Note, Paragraph, Section, Words
from bot.say import days, figures, slide, steps, verdict
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from bot.card import Block, Line
    from bot.say.slide import Stretch
    from bot.say.voice import Voice
    from diagnostics.patience import Precision
    from diagnostics.reading import FunnelReading

_SHOWN = 5
_HEAD = Text("{scope} · {week} 周复盘：{verdict}", "{scope} · week {week}: {verdict}")
_SHOPS = Text("{n} 家店", "{n} shops")
_LEAK = Text("主要漏在{where}（{money}）", "leaking most at {where} ({money})")
_COSTLY = Text("这周最贵的问题", "What cost most this week")
_COST = Text(
    "{unit}：{what} · {days} 天 · GMV 少约 {money}",
    "{unit}: {what} · {days} · about {money} of GMV lost",
)
_FREE = Text("{unit}：{what} · {days} 天", "{unit}: {what} · {days}")
_NONE = Text("这周没有报过问题", "Nothing was found wrong this week")
_REVIEWS = Text(
    "复盘：新开 {opened}，结束 {closed}，还在进行 {open}",
    "Reviews: {opened} opened, {closed} closed, {open} open",
)
_ALERTS = Text("告警：这周 {n} 条{answers}", "Alerts this week: {n}{answers}")
_WITHDRAWN = Text(
    "数据补齐或更正后撤回 {n} 条，不计在内",
    "Withdrawn once the figures were in or corrected: {n}, not counted here",
)
_ANSWERS = Text("，报得好 {good}，误报 {false}", ", good catches {good}, false alarms {false}")
_RIGHT = Text(
    "回答过的告警近 60 天报对 {right}/{all}（{share}）{worst}",
    "Right over 60 days, of those answered: {right} of {all} ({share}){worst}",
)
_WORST = Text("；最不准：{what} {right}/{all}", "; least right: {what} {right} of {all}")
_LEARNT = Text("处方有效 {worked}/{tried}", "Prescriptions that worked: {worked} of {tried}")
_TASK = Text(
    "会上定：保留什么、改一个什么、回退什么（回复 /review 看全部）",
    "Decide: what to keep, which one thing to change, what to roll back (/review shows all)",
)
_EMPTY = Text("{week} 周复盘：没有数据", "Week {week}: no figures")
_ALL = Text("复盘列表", "All reviews")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A finding over the week: where, what, on how many days, for how much GMV and of which money."""

    unit: str
    scene: str
    metric: str
    days: int
    lost: float
    currency: str


@dataclass(frozen=True, slots=True)
class Week:
    """What a week came to; `funnels` are the shops' seven days, the costliest first."""

    first: date
    last: date
    funnels: tuple[FunnelReading, ...]
    troubles: tuple[Trouble, ...]
    opened: int
    closed: int
    open: int
    alerts: int = 0
    """Alerts that began, or came back, in these days; none that was withdrawn or is told with others."""
    withdrawn: int = 0
    """Findings of these days that the corrected figures do not show any more."""
    answered: Mapping[str, Precision] = field(default_factory=dict)
    """What people said of alerts in these days, by scene or metric; "" is of all."""
    lately: Mapping[str, Precision] = field(default_factory=dict)
    """The same over the last two months."""
    slides: tuple[Stretch, ...] = ()
    """Slow slides that began or ended in these days."""


def weekly(week: Week, voice: Voice) -> Card:
    """Return the card of a week."""
    stretch = days.stretch(week.first, week.last, voice.lang)
    scope = (
        voice.name(week.funnels[0].unit)
        if len(week.funnels) == 1
        else voice(_SHOPS, n=str(len(week.funnels)))
    )
    said = [_shop(funnel, voice, named=len(week.funnels) > 1) for funnel in week.funnels]
    light = verdict.worst([funnel.value.light for funnel in week.funnels])
    head = voice(_EMPTY, week=stretch)
    if said:
        head = voice(_HEAD, scope=scope, week=stretch, verdict=said[0])
    blocks: list[Block] = [
        Paragraph(
            tuple(
                (Words(text, light=funnel.value.light),)
                for text, funnel in zip(said[1:], week.funnels[1:], strict=True)
            )
        ),
        *_costly(week, voice),
        *slide.weekly(week.slides, voice),
        Note(
            (
                voice.line(
                    _REVIEWS, opened=str(week.opened), closed=str(week.closed), open=str(week.open)
                ),
                *_alerts(week, voice),
                *_learnt(voice),
                voice.line(_TASK),
            )
        ),
        Buttons((Button("review_list", voice(_ALL), ""),)),
    ]
    return Card(
        state="blue",
        title=(Words(head, bold=True, light=light),),
        summary=verdict.dotted(light, head),
        blocks=tuple(one for one in blocks if not (isinstance(one, Paragraph) and not one.lines)),
        lang=voice.lang,
    )


def _shop(funnel: FunnelReading, voice: Voice, *, named: bool) -> str:
    said = verdict.gmv(funnel, voice)
    leak = next((step for step in funnel.steps if step.step == funnel.leak), None)
    if leak is not None and leak.lost:
        where = steps.passage(funnel, funnel.leak, voice)
        said = voice.clauses(
            (said, voice(_LEAK, where=where, money=voice.money(leak.lost, funnel.unit)))
        )
    return f"{voice.name(funnel.unit)} {said}" if named else said


def _costly(week: Week, voice: Voice) -> tuple[Section, ...]:
    """Return what cost most; a week without any figure says nothing of what was wrong."""
    if not (week.funnels or week.troubles):
        return ()
    told = _troubles(week.troubles[:_SHOWN], voice) or ((Words(voice(_NONE)),),)
    return (Section((Words(voice(_COSTLY), bold=True),), told),)


def _troubles(troubles: Sequence[Trouble], voice: Voice) -> tuple[Line, ...]:
    lines = []
    for one in troubles:
        scene = voice.book.scenes.get(one.scene)
        what = scene.name(voice.lang) if scene else voice.metric(one.metric)
        number = str(one.days) if voice.lang == "zh" else days.many(one.days, "day", "days")
        text = _COST if figures.known(one.lost) and one.lost > 0 else _FREE
        lines.append(
            (
                Words(
                    voice(
                        text,
                        unit=voice.place(one.unit),
                        what=what,
                        days=number,
                        money=figures.money(one.lost, one.currency, voice.lang),
                    )
                ),
            )
        )
    return tuple(lines)


def _alerts(week: Week, voice: Voice) -> tuple[Line, ...]:
    """Return how many alerts there were, what people said of them, and how right they have been."""
    lines: list[Line] = []
    said, all_ = week.answered.get(""), week.lately.get("")
    if week.alerts or said:
        answers = voice(_ANSWERS, good=str(said.good), false=str(said.false)) if said else ""
        lines.append(voice.line(_ALERTS, n=str(week.alerts), answers=answers))
    if week.withdrawn:
        lines.append(voice.line(_WITHDRAWN, n=str(week.withdrawn)))
    if all_ is not None and all_.share is not None:
        right = {"right": str(all_.good), "all": str(all_.good + all_.false)}
        share, worst = figures.rate(round(all_.share, 2)), _worst(week.lately, voice)
        lines.append(voice.line(_RIGHT, **right, share=share, worst=worst))
    return tuple(lines)


def _worst(lately: Mapping[str, Precision], voice: Voice) -> str:
    """Return what was wrong more often than right, the worst of it; empty where nothing was."""
    found = sorted(
        (one.good - one.false, key) for key, one in lately.items() if key and one.false > one.good
    )
    if not found:
        return ""
    key = found[0][1]
    one, scene = lately[key], voice.book.scenes.get(key)
    what = scene.name(voice.lang) if scene else slide.named(key, voice)
    return voice(_WORST, what=what, right=str(one.good), all=str(one.good + one.false))


def _learnt(voice: Voice) -> tuple[Line, ...]:
    tried = sum(tries for _worked, tries in voice.past.values())
    worked = sum(good for good, _tries in voice.past.values())
    return (voice.line(_LEARNT, worked=str(worked), tried=str(tried)),) if tried else ()
