"""A slow slide in words: since when, how far by the week, what slid with it, who looks where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.card import Words
from bot.say import days, figures, findings
from bot.say.voice import inner
from diagnostics.book.rows import Text
from diagnostics.funnel import BASKET, basket, funnel_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.card import Line, Span
    from bot.say.findings import Called
    from bot.say.voice import Voice
    from diagnostics.book.rows import Metric
    from diagnostics.reading import Finding, Slide

SHOWN = 3
"""How many slides the digest names."""

_HEAD = Text(
    "{place} · {since}起持续下滑：{week}",
    "{place} · sliding since {since}: {week}",
)
_WEEK = Text(
    "近 7 天 {metric} {week}，比前四周的水平{change}{money}",
    "{metric} of the last 7 days {week}, {change} against the four weeks before{money}",
)
_MONEY = Text("（每周少约 {money}）", " (about {money} a week)")
_SHORT = Text("{place} {metric} {change}（{since}起）", "{place} {metric} {change} since {since}")
_LESS = Text("低 {percent}", "−{percent}")
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
    "慢慢下滑（近 7 天对比前四周）：{what}", "Slow slides (7 days against four weeks): {what}"
)
_MORE = Text("{what} ，另有 {n} 个", "{what} and {n} more")


def headline(finding: Finding, slide: Slide, voice: Voice) -> str:
    """Return where, since when, the week's figure, its change, what a week lacks, how surely."""
    since = days.short(slide.since, voice.lang)
    week = figure(finding, slide, voice)
    said = voice(_HEAD, place=voice.place(finding.unit), since=since, week=week)
    return voice.dotted((said, findings.sureness(finding, voice)))


def figure(finding: Finding, slide: Slide, voice: Voice) -> str:
    """Return the week's figure, its change and what a week lacks, for an alert's thread."""
    return voice(
        _WEEK,
        metric=voice.metric(finding.reading.metric),
        week=voice.value(finding.reading.metric, slide.week, finding.unit),
        change=voice(_LESS, percent=_percent(slide.change)),
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
    since = days.short(slide.since, voice.lang)
    text = _DO if slide.step else _DO_EVERY
    return voice.line(text, since=since, what=name, who=who, metric=name)


def digest(found: Sequence[Finding], voice: Voice) -> Line:
    """Return the slides of a morning in one line; empty for none."""
    said = [
        voice(
            _SHORT,
            place=voice.place(one.unit),
            metric=voice.metric(one.reading.metric),
            change=figures.percent(one.slide.change),
            since=days.short(one.slide.since, voice.lang),
        )
        for one in found
        if one.slide is not None
    ]
    if not said:
        return ()
    what = voice.joined(said[:SHOWN])
    if len(said) > SHOWN:
        what = voice(_MORE, what=what, n=str(len(said) - SHOWN))
    return voice.line(_DIGEST, what=what)


def _value(finding: Finding, voice: Voice) -> str:
    return funnel_of(voice.book, voice.unit(finding.unit).kind).value


def _percent(change: float) -> str:
    return f"{round(abs(change) * 100)}%"


def _money(amount: float, finding: Finding, voice: Voice) -> str:
    return voice.money(round(amount) if amount >= 10 else amount, finding.unit)


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
