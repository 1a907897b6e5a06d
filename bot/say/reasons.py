"""Why a figure moved, in words: what is out of the ordinary, the mix, the slice, the profit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.card import Words
from bot.say import figures, readings, steps, words
from diagnostics.book.rows import Text
from diagnostics.locate import FOUND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.card import Line
    from bot.say.voice import Voice
    from diagnostics.detail import Detail
    from diagnostics.drivers import Drivers, Factor
    from diagnostics.locate import Slice
    from diagnostics.mixes import Mix
    from diagnostics.reading import FunnelReading

_TOTAL = Text(
    "各步相加就是总差额 {total}。", "The steps add up to the whole difference of {total}. "
)
_STRANGE = Text("反常的是{named}；", "Out of the ordinary: {named}; ")
_STRANGE_ALL = Text("每一步都反常：{named}。", "Each step is out of the ordinary: {named}.")
_REST = Text(
    "其余合计 {rest}，属于平常波动。", "the others, {rest} together, are the usual to and fro."
)
_NONE = Text(
    "没有哪一步单独反常，都在平常波动里。",
    "No single step stands out: each is within its usual to and fro.",
)
_BAND = Text("{where} {effect}（至少 {least}）", "{where} {effect} (at least {least})")
_BARE = Text("{where} {effect}", "{where} {effect}")
_MIX_HEAD: Mapping[str, Text] = {
    "simpson": Text(
        "{metric} {before}→{after}，是结构变了：每{what}都没有变{worse}，只是更多来自本来就{low}的{those}（结构 {mix}，自身 {rate}{money}）",
        "{metric} {before} → {after} is the mix: no {what} itself went {worse}, but more now comes from {those} that always were {low} (mix {mix}, own rates {rate}{money})",
    ),
    "mostly": Text(
        "{metric} {before}→{after}，主要是结构变了：更多来自本来就{low}的{those}（结构 {mix}，自身 {rate}{money}）",
        "{metric} {before} → {after} is mostly the mix: more now comes from {those} that always were {low} (mix {mix}, own rates {rate}{money})",
    ),
}  # fmt: skip
_LOW, _HIGH = Text("偏低", "lower"), Text("偏高", "higher")
_WORSE = {True: Text("高", "higher"), False: Text("低", "lower")}
POINTS = Text("{number} 个百分点", "{number} points")
_MONEY = Text("，约 {money}", ", about {money}")
_CUTS = {
    "product": Text("个商品", "product"),
    "content": Text("种内容（直播、短视频）", "kind of content (LIVE, video)"),
    "account": Text("个账号", "account"),
    "creator": Text("位达人", "creator"),
}
_THOSE = {
    "product": Text("商品", "products"),
    "content": Text("内容", "content"),
    "account": Text("账号", "accounts"),
    "creator": Text("达人", "creators"),
}
_SLICE = Text(
    "和其他部分分开看：{where} {change}（{observed}，预期 {expected}）",
    "Apart from the rest: {where} {change} ({observed}, expected {expected})",
)
_PROFIT = {
    True: Text("{metric} {value}，比{usual}多 {change}：{parts}", "{metric} {value}, {change} above {usual}: {parts}"),
    False: Text("{metric} {value}，比{usual}少 {change}：{parts}", "{metric} {value}, {change} below {usual}: {parts}"),
}  # fmt: skip
_NO_COST = Text("{metric}说不出：缺{lacks}", "{metric} cannot be told: no data on {lacks}")
_WAITING = Text("{waiting}还会增加，没有算进比较", "{waiting} is still coming in and not compared")
_BESIDE = Text("{said}；{late}", "{said}; {late}")
_THEN = Text("那天", "that day")
_OTHERS = Text("其他 {effect}", "others {effect}")
_PARTS = 4


def won(effect: float, unit: str, voice: Voice) -> str:
    """Return an effect in money with its sign; what rounding left over is nothing."""
    return steps.lost(0.0 - round(effect, 2), unit, voice)


def where(one: Factor, reading: FunnelReading, voice: Voice) -> str:
    """Return where a factor sits in the funnel: 「加购→支付」."""
    return steps.passage(reading, one.step, voice)


def strange(told: Drivers, reading: FunnelReading, voice: Voice) -> Line:
    """Return which steps are out of the ordinary, with their bounds, and that the rest is not."""
    total = voice(_TOTAL, total=won(told.change or 0.0, told.unit, voice))
    if not told.named:
        return (Words(total + voice(_NONE)),)
    named = voice.joined(
        _banded(one, where(one, reading, voice), told, voice) for one in told.named
    )
    if len(told.named) == len(told.factors):
        return (Words(total + voice(_STRANGE_ALL, named=named)),)
    rest = voice(_REST, rest=won(told.rest, told.unit, voice))
    return (Words(total + voice(_STRANGE, named=named) + rest),)


def _banded(one: Factor, place: str, told: Drivers, voice: Voice) -> str:
    effect = won(one.effect, told.unit, voice)
    if one.low is None or one.high is None or one.low == one.high:
        return voice(_BARE, where=place, effect=effect)
    least = won(min(one.low, one.high, key=abs), told.unit, voice)
    return voice(_BAND, where=place, effect=effect, least=least)


def lines(detail: Detail, told: Drivers, reading: FunnelReading, voice: Voice) -> list[Line]:
    """Return mix, slice and profit, a line each, as far as there is something to say."""
    said = [mixed(one, told, voice) for one in detail.mixes]
    if detail.located is not None:
        said += [
            sliced(one, told.unit, voice)
            for one in detail.located.slices
            if one.score >= FOUND and one.change * (told.change or 0.0) > 0.0
        ]
    if detail.profit is not None:
        said.append(profit(detail.profit, reading, voice))
    return [(Words(one),) for one in said if one]


def mixed(one: Mix, told: Drivers | None, voice: Voice) -> str:
    """Return that a rate moved by its mix rather than by itself; empty where it did not."""
    if not one.mostly_mix:
        return ""
    up = one.split.change > 0.0
    return voice(
        _MIX_HEAD["simpson" if one.split.simpson else "mostly"],
        metric=voice.label(one.metric),
        before=_value(one.before, one, told, voice),
        after=_value(one.after, one, told, voice),
        what=_CUTS[one.cut](voice.lang),
        those=_THOSE[one.cut](voice.lang),
        worse=_WORSE[up](voice.lang),
        low=(_HIGH if up else _LOW)(voice.lang),
        mix=_points(one.split.mix, one, told, voice),
        rate=_points(one.split.rate, one, told, voice),
        money=_mix_money(one, told, voice),
    )


def _value(value: float, one: Mix, told: Drivers | None, voice: Voice) -> str:
    return voice.value(one.metric, value, told.unit if told else "")


def _points(value: float, one: Mix, told: Drivers | None, voice: Voice) -> str:
    """Return a part of a rate's change with its sign: −0.6 points; money in its currency."""
    row = voice.book.metrics.get(one.metric)
    if row is not None and row.unit == "ratio":
        return voice(POINTS, number=points(value))
    said = _value(value, one, told, voice)
    return f"+{said}" if value > 0.0 else said


def points(value: float) -> str:
    """Return a share's change in points of percent: −0.6; two decimals under a tenth."""
    size = abs(value) * 100.0
    digits = f"{size:.1f}" if size >= 0.095 or not size else f"{size:.2f}"
    if float(digits) == 0.0:
        return digits
    return f"{'+' if value > 0.0 else figures.MINUS}{digits}"


def _mix_money(one: Mix, told: Drivers | None, voice: Voice) -> str:
    """Return what the mix did in money: its share of the link's own effect."""
    row = voice.book.metrics.get(one.metric)
    if told is None or row is None or not row.over or not one.split.change:
        return ""
    key = f"{row.of[0].measure}/{row.over[0].measure}"
    effect = next((factor.effect for factor in told.factors if factor.key == key), None)
    if effect is None or effect * one.split.change < 0.0:
        return ""
    money = effect * one.split.mix / one.split.change
    return voice(_MONEY, money=won(money, told.unit, voice))


def sliced(one: Slice, unit: str, voice: Voice) -> str:
    """Return which slice moved apart from the rest."""
    return voice(
        _SLICE,
        where=voice.joined(_label(key, value, voice) for key, value in one.where.items()),
        change=won(one.change, unit, voice),
        observed=voice.money(one.observed, unit),
        expected=voice.money(one.expected, unit),
    )


def _label(key: str, value: str, voice: Voice) -> str:
    match key:
        case "unit" | "account":
            return voice.name(value)
        case "category":
            return words.category(value, voice.lang)
        case "country":
            return words.country(value, voice.lang)
        case "kind":
            found = next((text for kind, text in words.KINDS.items() if kind == value), None)
            return found(voice.lang) if found else value
        case _:
            return words.stage(value, voice.lang)


def profit(told: Drivers, reading: FunnelReading | None, voice: Voice) -> str:
    """Return the change of the contribution profit by its signed parts, or what it lacks.

    Without a reading the base is another day.
    """
    metric = voice.label(told.metric)
    if told.change is None or told.value is None:
        lacks = voice.joined(voice.measure(key) for key in told.lacks)
        return voice(_NO_COST, metric=metric, lacks=lacks) if told.why == "no_cost" else ""
    shown = [one for one in sorted(told.factors, key=lambda one: -abs(one.effect)) if one.effect]
    parts = [
        voice(_BARE, where=voice.measure(one.key), effect=won(one.effect, told.unit, voice))
        for one in shown[:_PARTS]
    ]
    others = sum(one.effect for one in shown[_PARTS:])
    if others:
        parts.append(voice(_OTHERS, effect=won(others, told.unit, voice)))
    said = voice(
        _PROFIT[told.change > 0.0],
        metric=metric,
        value=voice.money(told.value, told.unit),
        change=voice.money(abs(told.change), told.unit),
        usual=readings.usual(reading.value, voice, reading.days) if reading else voice(_THEN),
        parts=voice.joined(parts),
    )
    late = waiting(told, voice)
    return voice(_BESIDE, said=said, late=late) if late else said


def waiting(told: Drivers, voice: Voice) -> str:
    """Return what was left out because more of it is to come; empty where nothing was."""
    names = voice.joined(voice.measure(key) for key in told.waiting)
    return voice(_WAITING, waiting=names) if names else ""
