"""Why a figure is what it is: against what such a day brings, or against another day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.kin import beside, kin
from bot.say import errors, slide
from bot.say.compare import compare
from bot.say.findings import Called
from bot.say.why import why
from diagnostics import slides
from diagnostics.detail import Detail, detail, driven
from diagnostics.diagnose import explain, read, unit_funnel
from diagnostics.drivers import drivers
from diagnostics.expect import sum_of
from diagnostics.funnel import funnel_of
from diagnostics.mixes import mix

if TYPE_CHECKING:
    from datetime import date

    from bot.card import Card
    from bot.commands import Ask
    from diagnostics.book.rows import Book, Metric
    from diagnostics.drivers import Drivers
    from diagnostics.panel import Panel, Unit
    from diagnostics.reading import Finding


@dataclass(frozen=True, slots=True)
class Answer:
    """A question answered: the factors, what is told beside them, and the card."""

    told: Drivers
    detail: Detail
    card: Card
    slides: tuple[Finding, ...] = ()
    """What slides slowly there, whichever day is asked about."""


def answered(ask: Ask, metric: Metric, unit: Unit, day: date, then: date | None) -> Answer | Card:
    """Return what drove a figure; the card that says so where a day has no figures."""
    far = abs((day - then).days) if then else 1
    panel = ask.desk.panel_of(unit, max(day, then or day), more=far, now=ask.now)
    for one in (day, then):
        if one is not None and not has(panel, unit, one):
            return unknown_day(ask, panel, unit, one)
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
    reading = read(panel, book, metric.key, unit.key, day) if then is None else None
    card = compare(told, metric, day, then, more, voice, reading)
    card = replace(card, blocks=(*card.blocks, *slide.told(slow, voice, Called())))
    return Answer(told, more, card, slow)


def _slow(panel: Panel, book: Book, unit: Unit, day: date, metric: Metric) -> tuple[Finding, ...]:
    """Return the unit's slides that are about one figure."""
    found = slides.explain(panel, book, unit.key, day)
    return tuple(one for one in found if one.reading.metric == metric.key)


def has(panel: Panel, unit: Unit, day: date, days: int = 1) -> bool:
    """Say whether a panel knows anything of a unit on a day, or on one of `days` that end with it."""
    try:
        row, at = panel.index(unit.key), panel.at(day)
    except KeyError:
        return False
    return bool(panel.state[row, max(0, at + 1 - days) : at + 1].any())


def unknown_day(ask: Ask, panel: Panel, unit: Unit, day: date) -> Card:
    """Return that a unit has no figures on a day, with the days that have."""
    voice = ask.voice.knowing({one.key: one for one in (unit, *panel.units)})
    return errors.no_data(unit.key, day, voice, _nearest(ask, panel, unit, day))


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
