"""Cards of an alert's life: graver, fewer of many, and what late figures showed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bot.card import Mention
from bot.say.alert import all_over, grouped
from bot.say.since import since
from bot.say.updates import free, taken, update
from tests.cards import values
from tests.cards.values import LINEN, THURSDAY, UK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.card import Card
    from bot.say.voice import Voice


def _grouped(voice: Voice) -> Card:
    found = [values.refund_finding(), *(values.live_finding(number) for number in range(8))]
    return grouped(found, values.diagnosis([], found), voice)


def _fewer(voice: Voice) -> Card:
    found = [values.refund_finding(), values.live_finding()]
    day = found[0].reading.day
    return grouped(found, values.diagnosis([], found), voice, of=9, day=day)


def _over(voice: Voice) -> Card:
    return all_over((LINEN.key, UK.key), 9, THURSDAY, voice)


def _graver(voice: Voice) -> Card:
    found = values.refund_finding()
    called = free(found, voice)
    return update("graver", found.key, found.since, THURSDAY, found, voice, None, called)


def _graver_taken(voice: Voice) -> Card:
    found = values.refund_finding()
    called = taken(Mention("mia", "Mia"), voice)
    return update("graver", found.key, found.since, THURSDAY, found, voice, None, called)


def _since(voice: Voice) -> Card:
    found = values.live_finding()
    return since([found], (), THURSDAY, values.diagnosis([values.bad_day()], [found]), voice)


def _since_some(voice: Voice) -> Card:
    found = [values.live_finding(), values.refund_finding()]
    look = values.diagnosis([values.bad_day()], found)
    return since(found, (f"{UK.key}|S6",), THURSDAY, look, voice)


def _since_gone(voice: Voice) -> Card:
    look = values.diagnosis([values.bad_day()], [])
    return since((), (f"{UK.key}|S6", f"{UK.key}|S3"), THURSDAY, look, voice)


LIFE: Mapping[str, tuple[Literal["alert", "other"], Callable[[Voice], Card]]] = {
    "alert_grouped": ("alert", _grouped),
    "alert_grouped_fewer": ("alert", _fewer),
    "alert_grouped_over": ("alert", _over),
    "since_one": ("other", _since),
    "since_some": ("other", _since_some),
    "since_gone": ("other", _since_gone),
    "update_graver": ("other", _graver),
    "update_graver_taken": ("other", _graver_taken),
}
