"""`loudou backtest`: the rules as they stand, tried on past days before they are saved."""

from __future__ import annotations

import difflib
import sys
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from bot import clock
from bot.app import book_folders
from bot.card import Card
from bot.commandline import as_json as print_json
from bot.commandline import open_home, settings_in, show
from bot.commands import Ask, unit_of, unknown_metric
from bot.say import backtest as saying
from bot.say.voice import Voice
from bot.sliding import as_row as slide_json
from bot.team import TeamError, read
from diagnostics import backtest
from diagnostics.backtest import Replay
from diagnostics.book import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.desk import Desk
    from bot.settings import Settings
    from diagnostics.backtest import Message, Played
    from diagnostics.book.rows import Book, Lang, Metric
    from diagnostics.reading import Diagnosis


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be tried: a figure or (empty) the whole rules, on a unit, over some days."""

    metric: str = ""
    unit: str = ""
    days: int = 60
    file: Path | None = None
    low: float | None = None
    high: float | None = None
    lang: Lang | None = None


def run(home: Path, wish: Wish, *, as_json: bool) -> int:
    """Try the rules on the database, or on a table of figures; 2 where the question is wrong."""
    if wish.days < 1:
        raise TeamError(("--days: at least 1",))
    settings = settings_in(home)
    if wish.file is not None:
        return _file(_voice(settings, wish.lang), wish, wish.file, as_json=as_json)
    _, desk = open_home(home)
    with closing(desk.store):
        if wish.metric:
            return _figure(desk, wish, as_json=as_json)
        return _mornings(desk, wish, as_json=as_json)


def _voice(settings: Settings, lang: Lang | None) -> Voice:
    """Return how a table is told of: it needs no team, but the team's language counts."""
    book = load(*book_folders(settings))
    if lang is None:
        lang = read(settings.loudou_team).team.lang if settings.loudou_team.exists() else "en"
    return Voice(lang, book)


def _ask(desk: Desk, wish: Wish) -> Ask:
    shops = tuple(row.key for row in desk.team.shop)
    return Ask(desk, desk.voice(wish.lang), shops, (), clock.now(), "")


def _tried(book: Book, metric: Metric, wish: Wish, first: date) -> Book:
    """Return the rows with the range that is to be tried; raises TeamError for one that is none."""
    if wish.low is None and wish.high is None:
        return book
    if wish.low is not None and wish.high is not None and wish.low > wish.high:
        raise TeamError((f"--low {wish.low:g} lies above --high {wish.high:g}: exchange them",))
    far = max((one for one in (wish.low, wish.high) if one is not None), default=0.0)
    if metric.unit == "ratio" and far > 1.0:
        raise TeamError((f"{metric.key} is a share: write {far / 100:g} for {far:g} %, 1 at most",))
    return backtest.trial(book, metric, wish.low, wish.high, first)


def _span(last: date, days: int) -> tuple[date, ...]:
    return tuple(last - timedelta(back) for back in range(days - 1, -1, -1))


def _file(voice: Voice, wish: Wish, path: Path, *, as_json: bool) -> int:
    from storage.sources.series import read_series

    series = read_series(path, clock.now().date())
    lent = voice.book.metric(wish.metric) if wish.metric else None
    if wish.metric and lent is None:
        show(unknown_metric(voice, wish.metric), as_json=as_json)
        return 2
    if lent is not None and bool(lent.over) != (series.over is not None):
        needed = "unit, day, of, over" if lent.over else "unit, day, value"
        raise TeamError((f"{path.name}: {lent.key} needs the columns {needed}",))
    panel, book, metric = backtest.own_series(
        voice.book, series.units, series.days, series.of, series.over, lent
    )
    units = series.units if not wish.unit else tuple(u for u in series.units if u == wish.unit)
    if not units:
        near = difflib.get_close_matches(wish.unit, series.units, 3, 0.0)
        sys.stderr.write(f"loudou: --unit: {path.name} has no {wish.unit!r}; near it: {near}\n")
        return 2
    last = series.days[-1].item()
    days = [day for day in _span(last, wish.days) if np.datetime64(day, "D") >= series.days[0]]
    tested = backtest.figure(panel, _tried(book, metric, wish, days[0]), metric, units, days)
    named = Voice(lang=voice.lang, book=book, units={one.key: one for one in panel.units})
    return _out(
        saying.figure(tested, metric, named), [_json(one) for one in tested], as_json=as_json
    )


def _units(desk: Desk, wish: Wish) -> tuple[str, ...] | Card:
    shops = tuple(row.key for row in desk.team.shop)
    if not shops:
        raise TeamError(("there is no [[shop]] yet: write one into loudou.toml",))
    if not wish.unit:
        return shops
    found = unit_of(_ask(desk, wish), wish.unit)
    return found if isinstance(found, Card) else (found.key,)


def _last(desk: Desk, shops: Sequence[str]) -> date:
    day = desk.store.latest_day(shops)
    if day is None:
        raise TeamError(("there are no figures yet: loudou import exports/",))
    return day


def _figure(desk: Desk, wish: Wish, *, as_json: bool) -> int:
    metric = desk.book.metric(wish.metric)
    if metric is None:
        show(unknown_metric(desk.voice(wish.lang), wish.metric), as_json=as_json)
        return 2
    units = _units(desk, wish)
    if not isinstance(units, tuple):
        show(units, as_json=as_json)
        return 2
    last = _last(desk, [key.split("/", 1)[0] for key in units])
    days = _span(last, wish.days)
    if wish.unit:
        panel = desk.panel_of(desk.store.units(keys=units)[0], last, more=wish.days)
    else:
        panel = desk.panel(last, units, kinds=("shop",), more=wish.days)
    known = tuple(key for key in units if key in {one.key for one in panel.units})
    tested = backtest.figure(panel, _tried(desk.book, metric, wish, days[0]), metric, known, days)
    voice = desk.voice(wish.lang).knowing({one.key: one for one in panel.units})
    return _out(
        saying.figure(tested, metric, voice), [_json(one) for one in tested], as_json=as_json
    )


def _mornings(desk: Desk, wish: Wish, *, as_json: bool) -> int:
    if wish.low is not None or wish.high is not None:
        raise TeamError(("--low and --high try a range: name its figure with --metric",))
    units = _units(desk, wish)
    if not isinstance(units, tuple):
        show(units, as_json=as_json)
        return 2
    shops = tuple(dict.fromkeys(key.split("/", 1)[0] for key in units))
    last = _last(desk, shops)
    panel = desk.panel(last, shops, more=wish.days)
    found: list[Diagnosis] = []
    messages: list[Message] = []
    for diagnosis, told in backtest.mornings(
        panel,
        desk.book,
        _span(last, wish.days),
        rates=desk.rates,
        slides_per_week=_slides_per_week(desk, shops),
    ):
        found.append(diagnosis)
        messages.extend(told)
    replay = Replay(tuple(found), tuple(messages))
    voice = desk.voice(wish.lang).knowing({one.key: one for one in panel.units})
    return _out(saying.mornings(replay, voice), _replay_json(replay), as_json=as_json)


def _slides_per_week(desk: Desk, shops: Sequence[str]) -> int:
    """Return how many slides a week the most open channel of some shops tells by themselves."""
    rows = [row for row in desk.team.channel if not set(shops).isdisjoint(row.shops)]
    return max((row.slides_per_week for row in rows), default=backtest.SLIDES_PER_WEEK)


def _out(card: Card, rows: object, *, as_json: bool) -> int:
    if as_json:
        print_json({"summary": card.summary, "result": rows})
    else:
        show(card)
    return 0


def _json(one: Played) -> dict[str, object]:
    return {
        "unit": one.unit,
        "judged": one.judged,
        "told": one.days_told,
        "messages": one.stretches,
        "smallest_visible_fall": one.visible,
        "days": [
            {
                "day": reading.day.isoformat(),
                "value": reading.value,
                "low": reading.expected.low if reading.expected else None,
                "expected": reading.expected.mid if reading.expected else None,
                "high": reading.expected.high if reading.expected else None,
                "position": reading.position,
                "why": reading.why,
                "told": word,
                "drift": asdict(drift),
            }
            for reading, word, drift in zip(one.readings, one.told, one.drifts, strict=True)
        ],
        "slides_told": [
            reading.day.isoformat()
            for reading, drift in zip(one.readings, one.drifts, strict=True)
            if drift.told
        ],
    }


def _replay_json(replay: Replay) -> dict[str, object]:
    return {
        "alerts": [
            {
                "day": one.day.isoformat(),
                "reason": one.reason,
                "key": one.key,
                "lost": one.finding.lost if one.finding else None,
            }
            for one in replay.messages
        ],
        "slides": [
            {
                "first": one.first.isoformat(),
                "last": one.last.isoformat(),
                "told": one.told.isoformat() if one.told else None,
                **slide_json(one.finding),
            }
            for one in replay.slides
        ],
        "days": [
            {
                "day": day.day.isoformat(),
                "shops": {shop.unit.key: shop.light for shop in day.shops},
                "findings": [
                    {"key": one.key, "lost": one.lost, "alert": one.alert, "sureness": one.sureness}
                    for one in day.findings
                ],
            }
            for day in replay.days
        ],
    }
