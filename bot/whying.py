"""`loudou why`: why a figure is what it is, against such a day or another one."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from bot import clock
from bot.asking import unknown_metric
from bot.card import Card
from bot.commandline import as_json as print_json
from bot.commandline import open_home, show
from bot.commands import Ask, unit_of
from bot.kin import beside, kin
from bot.say import errors, slide
from bot.say.compare import compare
from bot.say.findings import Called
from bot.say.why import why
from bot.sliding import as_row
from bot.team import TeamError
from diagnostics import slides
from diagnostics.detail import Detail, detail, driven
from diagnostics.diagnose import explain, unit_funnel
from diagnostics.drivers import drivers
from diagnostics.expect import sum_of
from diagnostics.funnel import funnel_of
from diagnostics.mixes import mix

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from diagnostics.book.rows import Book, Lang, Metric
    from diagnostics.drivers import Drivers
    from diagnostics.panel import Panel, Unit
    from diagnostics.reading import Finding


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a figure (key, alias or name) of a unit on a day, against another day."""

    metric: str
    unit: str = ""
    day: date | None = None
    against: date | None = None
    lang: Lang | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A question answered: the factors, what is told beside them, and the card."""

    told: Drivers
    detail: Detail
    card: Card
    slides: tuple[Finding, ...] = ()
    """What slides slowly there, whichever day is asked about."""


def run(home: Path, question: Question, *, as_json: bool) -> int:
    """Answer in the terminal or as JSON; 2 where metric, unit or day are not known."""
    settings, desk = open_home(home)
    with closing(desk.store):
        shops = tuple(row.key for row in desk.team.shop)
        if not shops:
            raise TeamError((f"{settings.loudou_team}: there is no [[shop]] yet",))
        ask = Ask(desk, desk.voice(question.lang), shops, (), clock.now())
        found = _asked(ask, question)
        if isinstance(found, Card):
            show(found, as_json=as_json)
            return 2
        metric, unit, day = found
        answer = answered(ask, metric, unit, day, question.against)
        if isinstance(answer, Card):
            show(answer, as_json=as_json)
            return 2
        if as_json:
            print_json(as_rows(answer, unit, day, question.against))
        else:
            show(answer.card)
    return 0


def _asked(ask: Ask, question: Question) -> tuple[Metric, Unit, date] | Card:
    metric = ask.desk.book.metric(question.metric)
    if metric is None:
        return unknown_metric(ask, question.metric)
    if question.unit:
        unit = unit_of(ask, question.unit)
    elif len(ask.shops) == 1:
        unit = ask.desk.store.units(keys=ask.shops)[0]
    else:
        unit = errors.unknown_unit("", ask.desk.store.units(keys=ask.shops), ask.voice)
    if isinstance(unit, Card):
        return unit
    own = unit.started.date() if unit.kind == "live" and unit.started is not None else None
    return metric, unit, question.day or own or ask.day


def answered(ask: Ask, metric: Metric, unit: Unit, day: date, then: date | None) -> Answer | Card:
    """Return what drove a figure; the card that says so where a day has no figures."""
    far = abs((day - then).days) if then else 1
    panel = ask.desk.panel_of(unit, max(day, then or day), more=far, now=ask.now)
    for one in (day, then):
        if one is not None and not _has(panel, unit, one):
            near_days = _nearest(ask, panel, unit, one)
            voice = ask.voice.knowing({unit.key: unit})
            return errors.no_data(unit.key, one, voice, near_days)
    book = ask.desk.book
    if metric == sum_of(book, funnel_of(book, unit.kind).value) and then is None:
        return _funnel(ask, panel, unit, day)
    told = driven(panel, book, metric, unit.key, day, then)
    near = kin(ask.desk, panel, unit, max(day, then or day), (metric,), min(day, then or day))
    if metric.over:
        own = mix(near, unit, metric, day, then)
        more = Detail(mixes=(own,) if own is not None else ())
    else:
        more = detail(panel, near, book, told, day, (), then)
    units = {one.key: one for one in (*near.units, *panel.units)}
    slow = () if then is not None else _slow(panel, book, unit, day, metric)
    voice = ask.voice.knowing(units)
    card = compare(told, metric, day, then, more, voice)
    card = replace(card, blocks=(*card.blocks, *slide.told(slow, voice, Called())))
    return Answer(told, more, card, slow)


def _slow(panel: Panel, book: Book, unit: Unit, day: date, metric: Metric) -> tuple[Finding, ...]:
    """Return the unit's slides that are about one figure."""
    found = slides.explain(panel, book, unit.key, day)
    return tuple(one for one in found if one.reading.metric == metric.key)


def _has(panel: Panel, unit: Unit, day: date) -> bool:
    try:
        return bool(panel.state[panel.index(unit.key), panel.at(day)])
    except KeyError:
        return False


def _nearest(ask: Ask, panel: Panel, unit: Unit, day: date) -> list[date]:
    """Return the days with figures of a unit that lie nearest to a day; else its shop's last."""
    if any(one.key == unit.key for one in panel.units):
        there = panel.days[panel.state[panel.index(unit.key)] > 0].tolist()
        if there:
            return sorted(sorted(there, key=lambda one: abs((one - day).days))[:3])
    last = ask.desk.store.latest_day((unit.shop or unit.key,))
    return [last] if last else []


def _funnel(ask: Ask, panel: Panel, unit: Unit, day: date) -> Answer:
    """Return the card of /why: GMV against such a day."""
    reading = unit_funnel(panel, ask.desk.book, unit.key, day)
    told = drivers(ask.desk.book, unit.kind, reading)
    found = explain(panel, ask.desk.book, unit.key, day)
    more, units = beside(ask.desk, panel, reading, found)
    slow = slides.explain(panel, ask.desk.book, unit.key, day)
    card = why(reading, found, ask.voice.knowing(units), more, slow)
    return Answer(told, more, card, slow)


def as_rows(answer: Answer, unit: Unit, day: date, then: date | None) -> dict[str, Any]:
    """Return an answer for programs: money in the unit's currency, None for what is not known."""
    told, more = answer.told, answer.detail
    return {
        "unit": unit.key,
        "day": day.isoformat(),
        "against": then.isoformat() if then else "expected",
        "metric": told.metric,
        "value": told.value,
        "base": told.base,
        "change": told.change,
        "currency": unit.currency,
        "why": told.why,
        "lacks": list(told.lacks),
        "waiting": list(told.waiting),
        "factors": _factors(told),
        "rest": told.rest if told.factors else None,
        "mix": [
            {
                "metric": one.metric,
                "by": one.cut,
                "from": one.before,
                "to": one.after,
                "change": one.split.change,
                "rate": one.split.rate,
                "mix": one.split.mix,
                "simpson": one.split.simpson,
                "covered": one.covered,
                "segments": {
                    key: {"rate": part[0], "mix": part[1]}
                    for key, part in one.split.segments.items()
                },
            }
            for one in more.mixes
        ],
        "slice": [asdict(one) for one in more.located.slices] if more.located else [],
        "slice_reason": more.located.reason if more.located else "",
        "profit": _profit(more.profit),
        "slides": [as_row(one) for one in answer.slides],
    }


def _factors(told: Drivers) -> list[dict[str, Any]]:
    return [
        {
            "key": one.key,
            "step": one.step,
            "from": one.before,
            "to": one.after,
            "effect": one.effect,
            "low": one.low,
            "high": one.high,
            "named": one.named,
        }
        for one in told.factors
    ]


def _profit(told: Drivers | None) -> dict[str, Any] | None:
    if told is None:
        return None
    return {
        "value": told.value,
        "base": told.base,
        "change": told.change,
        "why": told.why,
        "lacks": list(told.lacks),
        "waiting": list(told.waiting),
        "factors": _factors(told),
    }
