"""Cards of what slides for weeks without a day that stands out."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

from bot.say.alert import alert
from bot.say.digest import digest
from bot.say.updates import update
from diagnostics.alerts import Left
from diagnostics.reading import Expected, Finding, Reading, Slide
from tests.cards import values
from tests.cards.values import THURSDAY, UK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.card import Card
    from bot.say.voice import Voice


def _found(unit: str = UK.key, *, step: str = "views") -> Finding:
    """Return a shop that has been sliding for nine days, by one step or by none."""
    change = -0.24 if step else None
    slide = Slide(date(2026, 3, 3), 24_100.0, 33_500.0, step, change, 7_900.0 if step else 0.0)
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
    "update_slide_worse": ("other", _worse),
    "update_slide_settled": ("other", _settled),
}
