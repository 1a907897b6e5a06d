"""All figures of some shops with their ranges, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.card import DOTS, Block, Card, Fold, Note, Table, Words
from bot.say import days, figures, headline, readings, trusting, verdict
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.card import State
    from bot.say.voice import Voice
    from diagnostics.reading import Diagnosis, Light, Reading, ShopDay

_HEAD = Text("KPI · {scope} · {day}：{verdict}", "KPI · {scope} · {day}: {verdict}")
_RED = Text("{n} 项不达标（{names}）", "{n} off ({names})")
_YELLOW = Text("{n} 项临界（{names}）", "{n} close ({names})")
_FINE = Text("{n} 项都在目标内", "all {n} within range")
_NONE = Text("没有可评判的指标", "no figure that can be judged")
_COLUMNS = (
    Text("指标", "Metric"),
    Text("数值", "Value"),
    Text("目标", "Range"),
    Text("往常", "Usual"),
    Text("判断", "Verdict"),
)
_VERDICTS: dict[Light, Text] = {
    "green": Text("达标", "fine"),
    "yellow": Text("临界", "close"),
    "red": Text("不达标", "off"),
    "grey": Text("不评判", "not judged"),
}
_SHOP_DAY = Text("{name}（{day}）", "{name}, {day}")
_STATES: dict[Light, State] = {"red": "red", "yellow": "yellow", "green": "green", "grey": "grey"}
_NAMED = 3
_TABLES = 3
"""How many shops get a table of their own; a platform shows only a few tables in a message."""


def kpi(diagnosis: Diagnosis, voice: Voice) -> Card:
    """Return the figures of all shops of a diagnosis: headline first, then each step's rate."""
    voice = voice.knowing({shop.unit.key: shop.unit for shop in diagnosis.shops})
    ranked = verdict.ranked(diagnosis, voice)
    lights = [verdict.light(shop) for shop in ranked]
    light = verdict.worst(lights)
    words = _verdict(ranked, voice) if len(ranked) == 1 else verdict.counts(lights, voice)
    head = voice(
        _HEAD,
        scope=verdict.scope(diagnosis, voice),
        day=days.full(diagnosis.day, voice.lang),
        verdict=words,
    )
    blocks: list[Block] = []
    for place, shop in enumerate(ranked):
        table = _table(shop, voice)
        first = place == 0
        blocks.append(table if first else Fold(_named(shop, voice), (table,)))
    del blocks[_TABLES:]
    small = trusting.data(diagnosis.trust, voice)
    lines = [small] if small else []
    if any(readings.rough(one) for shop in ranked for one in _readings(shop)):
        lines.append(voice.line(readings.ROUGH_NOTE))
    if lines:
        blocks.append(Note(tuple(lines)))
    return Card(
        state=_STATES[light],
        title=(Words(head, bold=True, light=light),),
        summary=verdict.dotted(light, head),
        blocks=tuple(blocks),
        lang=voice.lang,
    )


def _named(shop: ShopDay, voice: Voice) -> str:
    said = f"{voice.name(shop.unit.key)} · {_verdict((shop,), voice)}"
    return verdict.dotted(verdict.light(shop), said)


def _readings(shop: ShopDay) -> tuple[Reading, ...]:
    rates = (step.rate for step in shop.funnel.steps if step.rate is not None)
    every = (*headline.others(shop), *rates)
    return tuple({one.metric: one for one in every}.values())


def _verdict(shops: Sequence[ShopDay], voice: Voice) -> str:
    if not all(shop.trust.judged for shop in shops):
        return voice(_VERDICTS["grey"])
    every = [one for shop in shops for one in _readings(shop)]
    by_light = {
        light: [voice.metric(one.metric) for one in every if one.light == light]
        for light in ("red", "yellow", "green")
    }
    parts = [
        voice(text, n=str(len(names)), names=_some(names, voice))
        for text, names in ((_RED, by_light["red"]), (_YELLOW, by_light["yellow"]))
        if names
    ]
    if parts:
        return voice.clauses(parts)
    fine = len(by_light["green"])
    return voice(_FINE, n=str(fine)) if fine else voice(_NONE)


def _some(names: Sequence[str], voice: Voice) -> str:
    return voice.joined(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")


def _table(shop: ShopDay, voice: Voice) -> Table:
    name = voice.name(shop.unit.key)
    caption = voice(_SHOP_DAY, name=name, day=days.full(shop.funnel.day, voice.lang))
    rows = tuple(_row(one, voice, judged=shop.trust.judged) for one in _readings(shop))
    return Table(caption, tuple(voice(column) for column in _COLUMNS), rows)


def _row(reading: Reading, voice: Voice, *, judged: bool) -> tuple[str, ...]:
    expected = reading.expected
    usual = figures.DASH
    if expected is not None and figures.known(expected.mid):
        usual = voice.value(reading.metric, expected.mid, reading.unit)
    light = reading.light if judged else "grey"
    value = readings.marked(reading, voice) if judged else readings.value(reading, voice)
    row = voice.book.metrics.get(reading.metric)
    judges = row is None or row.direction != "none"
    said = f"{DOTS[light]} {voice(_VERDICTS[light])}" if judges else figures.DASH
    return (voice.label(reading.metric), value, readings.cell(reading, voice), usual, said)
