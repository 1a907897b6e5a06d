"""The first line of a morning: scope, day, GMV against such a day, money, and where it leaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.card import DOTS
from bot.say import days, figures, readings, steps, together
from bot.say.findings import lost as said_lost
from diagnostics.book.rows import Text
from diagnostics.funnel import funnel_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.say.voice import Voice
    from diagnostics.reading import Diagnosis, Doubt, Finding, FunnelReading, Light, ShopDay

_HEAD = Text("{scope} · {day}：{verdict}", "{scope} · {day}: {verdict}")
_LESS = Text(
    "GMV {gmv}，比{usual}少 {money}（{change}）", "GMV {gmv}, {money} below {usual} ({change})"
)
_MORE = Text(
    "GMV {gmv}，比{usual}多 {money}（{change}）", "GMV {gmv}, {money} above {usual} ({change})"
)
_EVEN = Text("GMV {gmv}，和{usual}差不多", "GMV {gmv}, much like {usual}")
_ALONE = Text("GMV {gmv}", "GMV {gmv}")
_NO_GMV = Text("GMV {why}", "GMV: {why}")
_LEAKS = Text("主要漏在{where}", "leaking most at {where}")
_NO_STEP = Text("没有哪一步单独反常", "no single step stands out")
_CARRIED = Text("主要靠{where}", "carried by {where}")
_BUT = Text("但", "but")
_AT = Text("{joined}", "{what} at {unit}")
_WATCH = Text("留意{where}", "watch {where}")
_WELL = Text("没有要处理的问题", "nothing to act on")
_SHOPS = Text("{number} 家店", "{number} shops")
_COUNTS: dict[Light, Text] = {
    "red": Text("{n} 红", "{n} red"),
    "yellow": Text("{n} 黄", "{n} yellow"),
    "green": Text("{n} 绿", "{n} green"),
    "grey": Text("{n} 家不评判", "{n} not judged"),
}
_WORST_FIRST: tuple[Light, ...] = ("red", "yellow", "green", "grey")
_TOGETHER = Text("{counts}；{verdict}", "{counts}; {verdict}")
_AGAINST = Text("比{usual} {change}", "{change} against {usual}")
_MANY = Text("{counts}；{shop} {verdict}", "{counts}; {shop} {verdict}")
_LATE_DATA = Text(
    "数据没到齐（来源到了 {arrived}/{due}），先不评判",
    "data incomplete ({arrived} of {due} sources), not judged yet",
)
_NO_FIGURES = Text("这一天还没有数据，先不评判", "no figures of that day yet, not judged")
_BASE = Text(
    "账号或网络异常（{what}），先修好，漏斗不评判",
    "account or network trouble ({what}): mend that first, the funnel is not judged",
)
_NO_TRUST = Text("数据有疑问，先不评判", "the data are in doubt, not judged yet")


def worst(lights: Sequence[Light]) -> Light:
    """Return the worst light; grey for none."""
    return next((light for light in _WORST_FIRST if light in lights), "grey")


def light(shop: ShopDay) -> Light:
    """Return the shop's light; grey where its data may not be judged."""
    return shop.light if shop.trust.judged else "grey"


def ranked(diagnosis: Diagnosis, voice: Voice) -> tuple[ShopDay, ...]:
    """Return the shops: the worst light first, then most money lost, those not judged last."""
    money = {
        shop.unit.key: voice.reported(shop.funnel.lost or 0.0, shop.unit.key)
        for shop in diagnosis.shops
    }
    comparable = all(amount is not None for amount in money.values())

    def order(shop: ShopDay) -> tuple[int, float]:
        amount = money[shop.unit.key] if comparable else -(shop.funnel.value.change or 0.0)
        place = 0 if light(shop) in {"red", "yellow"} else 1
        return (place if shop.trust.judged else 2, -(amount or 0.0))

    return tuple(sorted(diagnosis.shops, key=order))


def gmv(funnel: FunnelReading, voice: Voice) -> str:
    """Return GMV against such a day: "GMV £8,412, £2,130 below a usual Thursday (−20%)"."""
    reading = funnel.value
    said = readings.value(reading, voice)
    if reading.value is None:
        return voice(_NO_GMV, why=said)
    if reading.expected is None:
        return voice(_ALONE, gmv=said)
    usual = readings.usual(reading, voice, funnel.days)
    gap = reading.value - reading.expected.mid
    change = gap / reading.expected.mid if reading.expected.mid else 0.0
    if abs(change) < 0.005 or _no_whole_one(funnel, voice):
        return voice(_EVEN, gmv=said, usual=usual)
    return voice(
        _LESS if gap < 0 else _MORE,
        gmv=said,
        usual=usual,
        money=voice.money(abs(gap), funnel.unit),
        change=figures.percent(change),
    )


def _no_whole_one(funnel: FunnelReading, voice: Voice) -> bool:
    """Say whether neither the day nor such a day brings one whole order: a shop's day off."""
    rows = funnel_of(voice.book, voice.unit(funnel.unit).kind)
    for row, told in zip(rows.steps, funnel.steps, strict=False):
        if row.count == rows.chain[-2]:
            value, expected = told.count.value, told.count.expected
            return value is not None and expected is not None and max(value, expected.mid) < 1.0
    return False


def day(shop: ShopDay, findings: Sequence[Finding], voice: Voice) -> str:
    """Return one shop's verdict: GMV, and where it leaks, what else is wrong, or what carried it."""
    funnel = shop.funnel
    said = gmv(funnel, voice)
    fell = (funnel.lost or 0.0) > 0
    if shop.light in {"red", "yellow"} and fell and funnel.leak:
        return voice.clauses((said, voice(_LEAKS, where=steps.passage(funnel, funnel.leak, voice))))
    own = next((one for one in findings if voice.unit(one.unit).shop == shop.unit.key), None)
    if shop.light in {"red", "yellow"} and own is not None:
        return voice.clauses((said, _wrong(own, shop, voice)))
    if shop.light == "green" and fell and funnel.leak:
        return voice.clauses((said, voice(_WATCH, where=steps.passage(funnel, funnel.leak, voice))))
    if fell and funnel.value.unusual:
        return voice.clauses((said, voice(_NO_STEP)))
    carrier = "" if fell else steps.carrier(funnel)
    if carrier:
        return voice.clauses((said, voice(_CARRIED, where=steps.passage(funnel, carrier, voice))))
    return voice.clauses((said, voice(_WELL))) if shop.light == "green" else said


def _wrong(finding: Finding, shop: ShopDay, voice: Voice) -> str:
    """Return what else is wrong, in half a sentence; "but" where GMV did not fall."""
    reading = finding.reading
    unit = voice.name(finding.unit) if finding.unit != shop.unit.key else ""
    figure = (voice.metric(reading.metric), readings.marked(reading, voice))
    said = voice.beside(*figure)
    if unit:
        said = voice(_AT, joined=voice.beside(unit, *figure), what=said, unit=unit)
    if (shop.funnel.value.change or 0.0) >= 0:
        said = voice.beside(voice(_BUT), said)
    return voice.clauses((said, readings.target(reading, voice)))


def counts(lights: Sequence[Light], voice: Voice) -> str:
    """Return how many shops stand how: 1 red, 2 green."""
    said = [voice(_COUNTS[one], n=str(lights.count(one))) for one in _WORST_FIRST if one in lights]
    return (" " if voice.lang == "zh" else ", ").join(said)


def scope(diagnosis: Diagnosis, voice: Voice) -> str:
    """Return of whom a digest speaks: a shop's name, or how many shops."""
    if len(diagnosis.shops) == 1:
        return voice.name(diagnosis.shops[0].unit.key)
    return voice(_SHOPS, number=str(len(diagnosis.shops)))


def headline(diagnosis: Diagnosis, voice: Voice) -> tuple[Light, str]:
    """Return the digest's light and first line, without its dot."""
    judged = [shop for shop in ranked(diagnosis, voice) if shop.trust.judged]
    if not judged:
        return "grey", _head(diagnosis, unjudged(diagnosis, voice), voice)
    findings = diagnosis.findings
    if len(diagnosis.shops) == 1:
        return judged[0].light, _head(diagnosis, day(judged[0], findings, voice), voice)
    lights = [light(shop) for shop in diagnosis.shops]
    said = counts(lights, voice)
    if findings and findings[0].scope in {"country", "company"}:
        verdict = voice(_TOGETHER, counts=said, verdict=_together(findings[0], voice))
    else:
        shop = voice.name(judged[0].unit.key)
        verdict = voice(_MANY, counts=said, shop=shop, verdict=day(judged[0], findings, voice))
    return worst(lights), _head(diagnosis, verdict, voice)


def _together(finding: Finding, voice: Voice) -> str:
    """Return what moved many shops at once: who, the figure, its change, the money."""
    reading = finding.reading
    figure = f"{voice.metric(reading.metric)} {readings.marked(reading, voice)}"
    change = figures.percent(reading.change) if reading.change is not None else ""
    usual = voice(_AGAINST, change=change, usual=readings.usual(reading, voice)) if change else ""
    said = together.headed(finding, figure, voice)
    return voice.clauses((said, usual, said_lost(finding, voice)))


def unjudged(diagnosis: Diagnosis, voice: Voice) -> str:
    """Return why there is no verdict today."""
    trust = diagnosis.trust
    base = [one for one in trust.doubts if one.kind == "base_trouble"]
    if base:
        return voice(_BASE, what=voice.joined(dict.fromkeys(_base(one, voice) for one in base)))
    if trust.feeds_in < trust.feeds_due:
        return voice(_LATE_DATA, arrived=str(trust.feeds_in), due=str(trust.feeds_due))
    empty = any(one.kind == "missing" and not one.measure for one in trust.doubts)
    return voice(_NO_FIGURES if empty else _NO_TRUST)


def _base(doubt: Doubt, voice: Voice) -> str:
    """Return what shows that the base is in trouble: LIVE disconnects 6."""
    value = doubt.value
    said = "" if value is None else voice.value(doubt.measure, value, doubt.unit)
    return voice.beside(voice.metric(doubt.measure), said)


def _head(diagnosis: Diagnosis, verdict: str, voice: Voice) -> str:
    return voice(
        _HEAD,
        scope=scope(diagnosis, voice),
        day=days.full(diagnosis.day, voice.lang),
        verdict=verdict,
    )


def dotted(light: Light, text: str) -> str:
    """Return a notification text: the dot, then the words."""
    return f"{DOTS[light]} {text}"
