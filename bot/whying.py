"""`loudou why`: why a figure is what it is, against such a day or another one."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bot import clock
from bot.card import Card
from bot.commandline import as_json as print_json
from bot.commandline import open_home, show
from bot.commands import Ask, unit_of, unknown_metric
from bot.driving import answered
from bot.say import errors
from bot.sliding import as_row
from bot.team import TeamError

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from bot.driving import Answer
    from diagnostics.book.rows import Lang, Metric
    from diagnostics.drivers import Drivers
    from diagnostics.panel import Unit


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a figure (key, alias or name) of a unit on a day, against another day."""

    metric: str
    unit: str = ""
    day: date | None = None
    against: date | None = None
    lang: Lang | None = None


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
        return unknown_metric(ask.voice, question.metric)
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
