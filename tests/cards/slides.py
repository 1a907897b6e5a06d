"""Cards of what slides for weeks without a day that stands out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from bot.say.alert import alert
from bot.say.backtest import mornings
from bot.say.digest import digest
from bot.say.slide import Stretch
from bot.say.updates import update
from bot.say.weekly import Week, weekly
from bot.say.why import why
from diagnostics.alerts import Left
from diagnostics.backtest import Message, Replay
from diagnostics.reading import Expected, Finding, Reading, Slide
from tests.cards import values
from tests.cards.values import THURSDAY, UK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.card import Card
    from bot.say.voice import Voice


def _rate() -> Finding:
    """Return a shop whose refund rate has been creeping up for a week."""
    slide = Slide(date(2026, 3, 5), 0.058, 0.041, total=1_270.0)
    wish = Expected(slide.before, slide.before, slide.before, 28, "recent")
    change = slide.change
    reading = Reading(
        "refund_rate", UK.key, THURSDAY, slide.week, expected=wish, change=change, light="red"
    )
    return replace(
        _found(step=""),
        key=f"{UK.key}|slide:refund_rate",
        reading=reading,
        lost=980.0,
        since=slide.since,
        slide=slide,
    )


def _found(unit: str = UK.key, *, step: str = "views") -> Finding:
    """Return a shop that has been sliding for nine days, by one step or by none."""
    change = -0.24 if step else None
    slide = Slide(
        date(2026, 3, 3), 24_100.0, 33_500.0, step, change, 7_900.0 if step else 0.0, 13_600.0
    )
    wish = Expected(slide.before, slide.before, slide.before, 28, "recent")
    return Finding(
        f"{unit}|slide:gmv",
        unit,
        "",
        step,
        Reading("gmv", unit, THURSDAY, slide.week, expected=wish, change=slide.change, light="red"),
        lost=slide.lost,
        lost_profit=None,
        since=slide.since,
        sureness="likely",
        controllable=True,
        alert=True,
        slide=slide,
    )


def _alert(voice: Voice) -> Card:
    found = _found()
    return alert(found, values.diagnosis([values.bad_day()], [found]), voice)


def _plain(voice: Voice) -> Card:
    found = _found(step="")
    return alert(found, values.diagnosis([values.bad_day()], [found]), voice)


def _digest(voice: Voice) -> Card:
    found = [values.live_finding(), _found()]
    return digest(values.diagnosis([values.bad_day()], found), voice, alerts=True)


def _creeping(voice: Voice) -> Card:
    found = _rate()
    return alert(found, values.diagnosis([values.bad_day()], [found]), voice)


def _why(voice: Voice) -> Card:
    return why(values.bad_day().funnel, [], voice, None, [_found(), _rate()])


def _weekly(voice: Voice) -> Card:
    funnels = (replace(values.good_day(UK, 10_540, 10_500).funnel, days=7),)
    first, last = date(2026, 3, 6), THURSDAY
    turned = (
        Stretch(UK.key, "gmv", date(2026, 3, 9), last, -0.28, 9_400.0, began=True),
        Stretch(UK.key, "refund_rate", date(2026, 2, 20), first, 0.41, 980.0, began=False),
        Stretch(UK.key, "orders", date(2026, 2, 18), first, -0.2, 700.0, began=False, back=True),
        Stretch(UK.key, "ctor", date(2026, 2, 19), first, -0.2, 600.0, began=False, back=False),
    )
    return weekly(Week(first, last, funnels, (), 0, 0, 0, slides=turned), voice)


def _played(voice: Voice) -> Card:
    found, rate = _found(), _rate()
    days = tuple(
        replace(values.diagnosis([values.bad_day()], [found, rate]), day=THURSDAY - timedelta(back))
        for back in (2, 1, 0)
    )
    first = Message(days[0].day, "first", found.key, found)
    return mornings(Replay(days, (first, Message(THURSDAY, "settled", rate.key, None))), voice)


def _worse(voice: Voice) -> Card:
    found = _found()
    return update("worse", found.key, found.since, THURSDAY, found, voice)


def _settled(voice: Voice) -> Card:
    left = Left(Reading("gmv", UK.key, THURSDAY, 24_100.0, better=False), before=33_500.0)
    return update("settled", _found().key, date(2026, 2, 3), THURSDAY, None, voice, left)


SLIDES: Mapping[str, tuple[Literal["alert", "digest", "other"], Callable[[Voice], Card]]] = {
    "alert_slide": ("alert", _alert),
    "alert_slide_plain": ("alert", _plain),
    "digest_slide": ("digest", _digest),
    "alert_slide_rate": ("alert", _creeping),
    "why_slide": ("other", _why),
    "weekly_slides": ("other", _weekly),
    "backtest_slides": ("other", _played),
    "update_slide_worse": ("other", _worse),
    "update_slide_settled": ("other", _settled),
}
