"""The commands themselves: what each word answers, as a card."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

from bot import reviewing, snoozing
from bot.card import Card
from bot.commands import Ask, Command, Registry, Window, unit_of, unknown_metric, window
from bot.driving import answered, has, unknown_day
from bot.kin import beside
from bot.say import errors, heard
from bot.say.funnel import funnel
from bot.say.help import help_, unknown_command
from bot.say.kpi import kpi
from bot.say.metric import metric
from bot.say.trend import trend
from bot.say.why import why
from diagnostics import slides
from diagnostics.book.rows import Text
from diagnostics.diagnose import explain, unit_funnel
from diagnostics.diagnose import trend as trend_of
from diagnostics.expect import sum_of
from diagnostics.funnel import funnel_of
from diagnostics.ranges import applies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.panel import Panel, Unit

TREND_DAYS = 14


def answer(ask: Ask, text: str) -> Card:
    """Answer a text: the command that its first word calls, or what comes nearest."""
    command, args = REGISTRY.find(text)
    if command is None:
        if not args:
            return _help(ask)
        nearest = difflib.get_close_matches(args[0].casefold(), REGISTRY.words, 3, 0.5)
        return unknown_command(args[0], nearest, ask.voice)
    return command.run(replace(ask, args=args))


def _panel(ask: Ask, unit: Unit, days: Window) -> Panel:
    """Return a unit's panel with its shop and its kin, so that history and peers are seen."""
    return ask.desk.panel_of(unit, days.last, more=days.days, now=ask.now)


def _of_unit(ask: Ask) -> tuple[Unit, Window] | Card:
    """Read "<unit> [window]"; a live session or a video alone stands for its own last day."""
    try:
        rest, days = window(ask.args, ask.day)
    except ValueError:
        return errors.bad_window(ask.rest, ask.voice)
    if not rest:
        if len(ask.shops) == 1:
            return ask.desk.store.units(keys=ask.shops)[0], days
        return errors.unknown_unit("", ask.desk.store.units(keys=ask.shops), ask.voice)
    unit = unit_of(ask, " ".join(rest))
    if isinstance(unit, Card):
        return unit
    if len(rest) == len(ask.args) and unit.started is not None and unit.kind == "live":
        days = Window(unit.started.date(), 1)
    return unit, days


def _funnel(ask: Ask) -> Card:
    asked = _of_unit(ask)
    if not isinstance(asked, tuple):
        return asked
    unit, days = asked
    panel = _panel(ask, unit, days)
    if not has(panel, unit, days.last, days.days):
        return unknown_day(ask, panel, unit, days.last)
    reading = unit_funnel(panel, ask.desk.book, unit.key, days.last, days.days)
    return funnel(reading, ask.voice.knowing({one.key: one for one in panel.units}))


def _why(ask: Ask) -> Card:
    row = ask.desk.book.metric(ask.args[0]) if ask.args else None
    asked = _of_unit(ask if row is None else replace(ask, args=ask.args[1:]))
    if not isinstance(asked, tuple):
        return asked
    unit, days = asked
    if row is not None and row != sum_of(ask.desk.book, funnel_of(ask.desk.book, unit.kind).value):
        told = answered(ask, row, unit, days.last, None)
        return told if isinstance(told, Card) else told.card
    panel = _panel(ask, unit, days)
    if not has(panel, unit, days.last, days.days):
        return unknown_day(ask, panel, unit, days.last)
    reading = unit_funnel(panel, ask.desk.book, unit.key, days.last, days.days)
    found = explain(panel, ask.desk.book, unit.key, days.last)
    more, units = beside(ask.desk, panel, reading, found)
    voice = ask.voice.knowing(units)
    slow = slides.explain(panel, ask.desk.book, unit.key, days.last)
    card = why(reading, found, voice, more, slow)
    said = heard.note(found, ask.desk.patience(ask.desk.today(ask.now, shops=ask.shops)), voice)
    return replace(card, blocks=(*card.blocks, said)) if said else card


def _kpi(ask: Ask) -> Card:
    shops: Sequence[str] = ask.shops
    if ask.args:
        unit = unit_of(ask, ask.rest)
        if isinstance(unit, Card):
            return unit
        shops = (unit.shop or unit.key,)
    return kpi(ask.desk.look(shops, ask.now, ask.day), ask.voice)


def _trend(ask: Ask) -> Card:
    if not ask.args:
        return unknown_metric(ask.voice, "")
    row = ask.desk.book.metric(ask.args[0])
    if row is None:
        return unknown_metric(ask.voice, ask.args[0])
    asked = _of_unit(replace(ask, args=ask.args[1:]))
    if not isinstance(asked, tuple):
        return asked
    unit, days = asked
    span = TREND_DAYS if days.days == 1 else days.days
    panel = _panel(ask, unit, Window(days.last, span))
    if not has(panel, unit, days.last, span):
        return unknown_day(ask, panel, unit, days.last)
    series = trend_of(panel, ask.desk.book, row.key, unit.key, days.last, span)
    return trend(series, ask.voice.knowing({unit.key: unit}))


def _metric(ask: Ask) -> Card:
    row = ask.desk.book.metric(ask.rest) if ask.args else None
    if row is None:
        return unknown_metric(ask.voice, ask.rest)
    shops = ask.desk.store.units(keys=ask.shops)
    found = [(shop, applies(ask.desk.book, row, shop, ask.day)) for shop in shops]
    return metric(row, ask.voice, [(shop, range_) for shop, range_ in found if range_ is not None])


_HOW = {
    "slack": Text(
        "讨论串里和中文命令要先 @我，例如「@Loudou 漏斗 live-0312」",
        "Inside a thread mention me instead: “@Loudou funnel live-0312”",
    ),
    "feishu": Text(
        "群里先 @我 再写命令，私聊直接写", "In a group mention me first; in private just write"
    ),
}


def _help(ask: Ask) -> Card:
    rows = [(command.word, command.usage, command.meaning) for command in REGISTRY.commands]
    channels = {row.key: row.platform for row in ask.desk.team.channel}
    how = _HOW.get(channels.get(ask.channel, ""))
    return help_(rows, ask.voice, note=ask.voice(how) if how else "")


REGISTRY = Registry(
    (
        Command(
            "funnel",
            ("漏斗",),
            Text("/漏斗 live-0312 [7d]", "/funnel live-0312 [7d]"),
            Text(
                "一场直播、一条视频、一个商品或一家店的漏斗：每一步的量、率、区间、往常和少赚的钱",
                "The funnel of a session, video, product or shop: counts, rates, ranges, money lost",
            ),
            _funnel,
        ),
        Command(
            "kpi",
            ("指标表",),
            Text("/kpi [店铺]", "/kpi [shop]"),
            Text("各店的关键指标与目标区间", "Each shop's key figures against their ranges"),
            _kpi,
        ),
        Command(
            "trend",
            ("趋势", "走势"),
            Text("/趋势 GMV [对象] [30d]", "/trend gmv [unit] [30d]"),
            Text("一个指标最近的走势和预期", "A metric's last days with what was expected"),
            _trend,
        ),
        Command(
            "metric",
            ("指标", "口径"),
            Text("/指标 退款率", "/metric ctr"),
            Text("一个指标的口径、涨跌含义和目标区间", "A metric's definition, meaning and ranges"),
            _metric,
        ),
        Command(
            "why",
            ("为什么", "原因"),
            Text("/为什么 [指标] [对象]", "/why [metric] [unit]"),
            Text(
                "钱少在哪一步、可能的原因和处方；写了指标，就说那个指标为什么变",
                "Where the money went, likely causes, what to do; or why one metric changed",
            ),
            _why,
        ),
        Command(
            "review",
            ("复盘",),
            Text(
                "/复盘 [list|show 3|找 运费|close 3 结论]",
                "/review [list|show 3|search freight|close 3 …]",
            ),
            Text(
                "团队的复盘：列表、单个、搜索、结束",
                "The team's reviews: list, show, search, close",
            ),
            reviewing.command,
        ),
        Command(
            "snooze",
            ("静默",),
            Text("/静默 live-0312 3d", "/snooze live-0312 3d"),
            Text("一个对象的告警静默几天", "Silence a unit's alerts for some days"),
            snoozing.command,
        ),
        Command(
            "help",
            ("帮助", "loudou"),
            Text("/帮助", "/help"),
            Text("所有能问的", "All that can be asked"),
            _help,
        ),
    )
)
"""Every word that can be called."""
