"""A slow slide in words: since when, how far by the week, what slid with it, who looks where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.card import Section, Words
from bot.say import days, figures, findings
from bot.say.voice import inner
from diagnostics import fingerprint, slides
from diagnostics.book.rows import Text
from diagnostics.funnel import BASKET, basket, funnel_of
from diagnostics.weeks import WEEK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bot.card import Line, Span
    from bot.say.findings import Called
    from bot.say.voice import Voice
    from diagnostics.backtest import Slid
    from diagnostics.book.rows import Metric
    from diagnostics.reading import Finding, Slide

DAY = timedelta(days=1)
SHOWN = 3
"""How many slides the digest names."""

_HEAD = Text(
    "{place} · 持续下滑（{since}看出来）：{week}",
    "{place} · sliding, first seen {since}: {week}",
)
_HEAD_UP = Text(
    "{place} · 慢慢走高（{since}看出来）：{week}",
    "{place} · creeping up, first seen {since}: {week}",
)
_WEEK = Text(
    "近 7 天 {metric} {week}，比前四周的水平{change}{money}",
    "{metric} of the last 7 days {week}, {change} against the four weeks before{money}",
)
_MONEY = Text("（每周少约 {money}）", " (about {money} a week)")
_SHORT = Text(
    "{place} {metric} {change}（{since}看出来）", "{place} {metric} {change} (first seen {since})"
)
_LESS = Text("低 {percent}", "−{percent}")
_MORE_THAN = Text("高 {percent}", "+{percent}")
_TOTAL = Text(
    "从看出来的那一周算起，一共少约 {money}",
    "About {money} less in all, counted from the week in which it was first seen",
)
_BEGAN = Text(
    "{day}开始：{place} {metric} {change}{money}", "Since {day}: {place} {metric} {change}{money}"
)
_ENDED = Text("结束：{place} {metric}，前后 {length}", "Over: {place} {metric}, after {length}")
_CAME_BACK = Text(
    "已恢复：{place} {metric}，前后 {length}", "Recovered: {place} {metric}, after {length}"
)
_STAYED = Text(
    "没回到原来：{place} {metric}，{length}后停在新水平，以后按新水平比较",
    "Not back: {place} {metric} settled at a new level after {length}, which counts from here on",
)
_WEEKLY = Text("慢慢变差，这周开始或结束的", "Slow slides that began or ended")
_SO_FAR = Text("慢慢变差的", "Slow slides")
_NAMED = Text("只在日报里一行带过", "only in the digest's line")
_ALONE = Text("{day}单独告警", "alert of its own on {day}")
_PLAYED = Text(
    "{span} · {place} {metric} {change}{money} · {told}",
    "{span} · {place} {metric} {change}{money} · {told}",
)
_OVER = Text("慢慢变差：{what}", "Slow slide of {what}")
_DRIFTS = Text("慢慢变差会在这些天提醒：{days}", "Slow slides would be told on {days}")
_NO_DRIFT = Text("没有慢慢变差", "No slow slide")
_DRIFT = Text("{day}（{change}）", "{day} ({change})")
_STEP = Text(
    "跟着下滑的是{step}：{change}，占其中约 {money}",
    "What slid with it: {step} {change}, about {money} of it a week",
)
_EVERY = Text(
    "没有哪一步单独下滑，是各步一起少了一点",
    "No step slid by itself: each one lacks a little",
)
_DO = Text(
    "处方：把近 7 天的{what}和{since}之前几周对比，找出变了的那一件事，先改回来（{who}）·"
    " 明天前做 · 7 天后看一周的{metric}",
    "Do: compare {what} in the last 7 days with the weeks before {since}, find the one thing that"
    " changed and put it back ({who}) · by tomorrow · judged by the next 7 days' {metric}",
)
_DO_EVERY = Text(
    "处方：把近 7 天和{since}之前几周的排期、投放、价格、库存对比，找出变了的那一件事（{who}）·"
    " 明天前做 · 7 天后看一周的{metric}",
    "Do: compare schedule, ads, prices and stock of the last 7 days with the weeks before {since},"
    " find the one thing that changed ({who}) · by tomorrow · judged by the next 7 days' {metric}",
)
_DIGEST = Text(
    "慢慢变差（近 7 天对比前四周）：{what}", "Slow slides (7 days against four weeks): {what}"
)
_MORE = Text("{what} ，另有 {n} 个", "{what} and {n} more")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A slide from the first to the last day that had it, as it stood on the last."""

    unit: str
    metric: str
    first: date
    last: date
    change: float
    """Of the last seven days against the four weeks before: -0.3 is 30 % less."""
    lost: float
    """What a week lacks, in the unit's currency."""
    began: bool
    """Whether it is told as one that began in the week; else as one that ended."""
    back: bool | None = None
    """Of one that ended: whether the figure came back, else it is the new level; None: not known."""


def headline(finding: Finding, slide: Slide, voice: Voice) -> str:
    """Return where, since when, the week's figure, its change, what a week lacks, how surely."""
    since = days.short(slide.since, voice.lang)
    week = figure(finding, slide, voice)
    head = _HEAD_UP if slide.change > 0.0 else _HEAD
    said = voice(head, place=voice.place(finding.unit), since=since, week=week)
    return voice.dotted((said, findings.sureness(finding, voice)))


def figure(finding: Finding, slide: Slide, voice: Voice) -> str:
    """Return the week's figure, its change and what a week lacks, for an alert's thread."""
    return voice(
        _WEEK,
        metric=voice.metric(finding.reading.metric),
        week=voice.value(finding.reading.metric, slide.week, finding.unit),
        change=voice(_MORE_THAN if slide.change > 0.0 else _LESS, percent=_percent(slide.change)),
        money=voice(_MONEY, money=_money(finding.lost, finding, voice)) if finding.lost else "",
    )


def why(finding: Finding, slide: Slide, voice: Voice) -> Line:
    """Return the funnel's step that slid with it and its part; that none did by itself."""
    if not slide.step:
        return voice.line(_EVERY) if finding.reading.metric == _value(finding, voice) else ()
    return voice.line(
        _STEP,
        step=_step(finding, slide, voice),
        change=figures.percent(slide.step_change or 0.0),
        money=_money(slide.step_lost, finding, voice),
    )


def action(finding: Finding, slide: Slide, voice: Voice, called: Called) -> Line:
    """Return what the step's owner does, and by which weekly figure it is judged."""
    metric = _judged(finding, slide, voice)
    owner = (metric.owner if metric else "") or "operator"
    who: list[Span] = [Words(voice.role(owner))]
    for span in called.spans(voice.people(owner, voice.unit(finding.unit))):
        who += (Words(" "), span)
    name = voice.metric(metric.key if metric else finding.reading.metric)
    since = days.short(slide.since - (WEEK - 1) * DAY, voice.lang)
    one = slide.step or finding.reading.metric != _value(finding, voice)
    text = _DO if one else _DO_EVERY
    return voice.line(text, since=since, what=name, who=who, metric=name)


def short(finding: Finding, slide: Slide, voice: Voice) -> str:
    """Return where, what, how far and since when, in half a line."""
    return voice(
        _SHORT,
        place=voice.place(finding.unit),
        metric=voice.metric(finding.reading.metric),
        change=figures.percent(slide.change),
        since=days.short(slide.since, voice.lang),
    )


def told(found: Sequence[Finding], voice: Voice, called: Called) -> tuple[Section, ...]:
    """Return a unit's slides, for who asks why: week, money by the week and in all, step, deed."""
    sections = []
    for one in found:
        if one.slide is None:
            continue
        more = round(one.slide.total) > round(one.lost)
        total = voice(_TOTAL, money=_money(one.slide.total, one, voice)) if more else ""
        lines = (
            (Words(total),) if total else (),
            why(one, one.slide, voice),
            action(one, one.slide, voice, called),
        )
        title = (Words(headline(one, one.slide, voice), bold=True, light=one.reading.light),)
        sections.append(Section(title, tuple(line for line in lines if line)))
    return tuple(sections)


def digest(found: Sequence[Finding], voice: Voice) -> Line:
    """Return the slides of a morning in one line; empty for none."""
    said = [short(one, one.slide, voice) for one in found if one.slide is not None]
    if not said:
        return ()
    what = voice.joined(said[:SHOWN])
    if len(said) > SHOWN:
        what = voice(_MORE, what=what, n=str(len(said) - SHOWN))
    return voice.line(_DIGEST, what=what)


def over(key: str, voice: Voice) -> str:
    """Return what a slide's key is about, where it is over: the place and the figure."""
    about = fingerprint.read(key)
    metric = voice.metric(slides.subject(about.what))
    return voice(_OVER, what=voice.beside(voice.place(about.unit), metric))


def named(what: str, voice: Voice, metric: str | None = None) -> str:
    """Return the second half of a finding's key in words, where it is no scene: a figure, a slide.

    `metric` is the figure that told it, where that is remembered.
    """
    if slides.is_slide(what):
        return voice(_OVER, what=voice.metric(slides.subject(what)))
    return voice.metric(metric or what)


def weekly(found: Sequence[Stretch], voice: Voice) -> tuple[Section, ...]:
    """Return the slides that began or ended in a week, a line each; empty for none."""
    lines = [_turned(one, voice) for one in found]
    return (Section((Words(voice(_WEEKLY), bold=True),), tuple(lines)),) if lines else ()


def _turned(one: Stretch, voice: Voice) -> Line:
    place, metric = voice.place(one.unit), voice.metric(one.metric)
    if one.began:
        return voice.line(
            _BEGAN,
            day=days.short(one.first, voice.lang),
            place=place,
            metric=metric,
            change=figures.percent(one.change),
            money=_a_week(one.lost, one.unit, voice),
        )
    length = days.lasting(one.last - one.first + DAY, voice.lang)
    text = {True: _CAME_BACK, False: _STAYED, None: _ENDED}[one.back]
    return voice.line(text, place=place, metric=metric, length=length)


def played(found: Sequence[Slid], voice: Voice) -> tuple[Section, ...]:
    """Return the slides that past mornings would have named, and when one was told by itself."""
    lines = [_played(one, one.finding.slide, voice) for one in found if one.finding.slide]
    return (Section((Words(voice(_SO_FAR), bold=True),), tuple(lines)),) if lines else ()


def _played(one: Slid, slide: Slide, voice: Voice) -> Line:
    finding = one.finding
    return voice.line(
        _PLAYED,
        span=days.stretch(one.first, one.last, voice.lang),
        place=voice.place(finding.unit),
        metric=voice.metric(finding.reading.metric),
        change=figures.percent(slide.change),
        money=_a_week(finding.lost, finding.unit, voice),
        told=voice(_ALONE, day=days.short(one.told, voice.lang)) if one.told else voice(_NAMED),
    )


def drifts(days_told: Sequence[tuple[date, float]], voice: Voice) -> str:
    """Return on which days a slide of one figure would have been told, and how far it was then."""
    if not days_told:
        return voice(_NO_DRIFT)
    said = [
        voice(_DRIFT, day=days.short(day, voice.lang), change=figures.percent(change))
        for day, change in days_told
    ]
    return voice(_DRIFTS, days=voice.joined(said))


def _a_week(amount: float, unit: str, voice: Voice) -> str:
    """Return what a week lacks, in brackets; empty for nothing."""
    return voice(_MONEY, money=_rounded(amount, unit, voice)) if amount > 0.0 else ""


def _rounded(amount: float, unit: str, voice: Voice) -> str:
    return voice.money(round(amount) if amount >= 10 else amount, unit)


def _value(finding: Finding, voice: Voice) -> str:
    return funnel_of(voice.book, voice.unit(finding.unit).kind).value


def _percent(change: float) -> str:
    return f"{round(abs(change) * 100)}%"


def _money(amount: float, finding: Finding, voice: Voice) -> str:
    return _rounded(amount, finding.unit, voice)


def _judged(finding: Finding, slide: Slide, voice: Voice) -> Metric | None:
    """Return the metric of the step that slid; else the figure itself."""
    book = voice.book
    path = funnel_of(book, voice.unit(finding.unit).kind)
    if slide.step == BASKET:
        return basket(book, path)
    for row in path.steps:
        if row.key == slide.step:
            return book.metrics.get(row.rate or row.count)
    return book.metrics.get(finding.reading.metric)


def _step(finding: Finding, slide: Slide, voice: Voice) -> str:
    """Return what the step that slid is called: by its rate; the first step by its name."""
    metric = _judged(finding, slide, voice)
    if metric is not None:
        return voice.metric(metric.key)
    row = voice.step(finding.unit, slide.step)
    return inner(row.name(voice.lang)) if row else slide.step
