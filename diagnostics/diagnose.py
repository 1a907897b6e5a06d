"""The one door: panel, book and day in, the day's meaning out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from diagnostics import control, findings, judge, scenes, slides, swing
from diagnostics.checks import checks
from diagnostics.checks import together as all_checks
from diagnostics.desk import Desk
from diagnostics.expect import sum_of
from diagnostics.funnel import EXPLAINED, doubtful, funnel, funnel_of
from diagnostics.occasions import rows_of
from diagnostics.panel import State
from diagnostics.reading import Diagnosis, Doubt, ShopDay, Trend, Trust
from diagnostics.remedies import ordered
from diagnostics.trust import Known, trust

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from diagnostics.book.rows import Book, Funnel, Metric
    from diagnostics.checks import Beside
    from diagnostics.findings import Suspects
    from diagnostics.panel import Panel
    from diagnostics.reading import Finding, FunnelReading, Light, Reading
    from diagnostics.trust import Arrival

TREND_DAYS = 14


def diagnose(
    panel: Panel,
    book: Book,
    day: date,
    *,
    arrivals: Sequence[Arrival] = (),
    rates: Mapping[str, float] | None = None,
    patience: Mapping[str, float] | None = None,
    beside: Beside | None = None,
) -> Diagnosis:
    """Return what a day means for the panel's shops and their units.

    `arrivals` tells which feeds were due; `rates` what a currency is worth in the reporting
    currency; `patience` by which factor (0.7 ... 1.6) people's answers moved the score that a
    finding (its key) needs; unknown keys are ignored; `beside` what imports left doubtful, what the team took on,
    and how often prescriptions worked. A shop whose data may not be judged gets no
    findings but the reason. What comparable shops share is told once. Raises KeyError when the
    panel has no such day.
    """
    at = panel.at(day)
    shops = [row for row, unit in enumerate(panel.units) if unit.kind == "shop"]
    there = [row for row in range(len(panel.units)) if panel.state[row, at] != State.MISSING]
    desk = Desk.of(panel, book, day, np.array(sorted({*shops, *there}), dtype=int))
    near = findings.suspects(desk, shops, patience)
    days: list[ShopDay] = []
    told: list[Finding] = []
    slid: list[Finding] = []
    for row in shops:
        known = Known(arrivals, beside.doubts if beside else (), rates=rates or {})
        trusted, found = _judged(near, row, known)
        trusted = replace(
            trusted, checks=checks(near.desk, row, trusted, beside.deeds if beside else ())
        )
        told.extend(found)
        if trusted.judged:
            slow = slides.find(desk, row, found)
            slid.extend(one for one in slow if not _changed(book, one, trusted))
        days.append(_shop_day(near.desk, row, trusted, found))
    judged = [row for row, one in zip(shops, days, strict=True) if one.trust.judged]
    once, groups, shared = swing.told(near.desk, judged, told, rates)
    every = {unit.key: unit for unit in (*panel.units, *groups)}
    order = findings.ranked((*once, *slid), every, rates)
    if beside and beside.past:
        order = tuple(ordered(one, book, beside.past) for one in order)
    named = {panel.units[row].key for row in shops} | {one.unit for one in order}
    named |= {other.unit for one in order for other in one.others}
    named |= {every[key].parent for key in named if key in every}
    return Diagnosis(
        day=day,
        shops=tuple(days),
        findings=order,
        units={key: unit for key, unit in every.items() if key in named},
        trust=_whole([shop.trust for shop in days]),
        control=control.whole((*(near.control(panel.units[row].key) for row in judged), *shared)),
    )


def _judged(near: Suspects, row: int, known: Known) -> tuple[Trust, tuple[Finding, ...]]:
    """Return a shop's trust and its findings; where the base is in trouble, only that."""
    desk = near.desk
    shop, path = desk.panel.units[row], funnel_of(desk.book, desk.panel.units[row].kind)
    known = known.of(desk.book, path)
    plain = trust(desk.panel, row, desk.day, _needed(desk.book, path), known)
    if not plain.judged:
        return plain, ()
    found = tuple(one for one in findings.find(near, shop) if not _changed(desk.book, one, plain))
    base = [
        one for one in found if one.scene in scenes.blocking(desk.book) and one.unit == shop.key
    ]
    if not base:
        return plain, found
    doubts = tuple(
        Doubt(
            "base_trouble",
            shop.key,
            desk.day,
            measure=one.reading.metric,
            blocks=True,
            value=one.reading.value,
            other=one.reading.expected.mid if one.reading.expected else None,
        )
        for one in base
    )
    return replace(plain, doubts=(*plain.doubts, *doubts)), tuple(base)


def _changed(book: Book, finding: Finding, trusted: Trust) -> bool:
    """Say whether a finding's figure stands on a measure of another meaning, or not out yet."""
    kinds = {"definition", "jump"}
    new = {one.measure for one in trusted.doubts if one.kind in kinds and not one.feed}
    metric = book.metrics.get(finding.reading.metric)
    return not new.isdisjoint(metric.measures if metric else (finding.reading.metric,))


def _needed(book: Book, path: Funnel) -> tuple[str, ...]:
    """Return the measures that a shop's day is told by: the value first, the chain, the headline."""
    headline = [metric for metric in book.metrics.values() if metric.headline]
    more = [measure for metric in headline for measure in metric.measures]
    return tuple(dict.fromkeys((path.value, *path.chain, *more)))


def _shop_day(desk: Desk, row: int, trusted: Trust, found: Sequence[Finding]) -> ShopDay:
    shop, book = desk.panel.units[row], desk.book
    value = sum_of(book, funnel_of(book, shop.kind).value)
    path = funnel(desk, row, trusted=trusted.judged)
    headline = dict(_headline(desk, row, trusted=trusted.judged))
    if _explained(path, found):
        path = replace(path, value=doubtful(path.value))
    if path.value.light == "yellow":
        headline = {
            key: one if book.metrics[key].over else doubtful(one) for key, one in headline.items()
        }
    return ShopDay(
        unit=shop,
        headline=headline,
        funnel=path,
        trend=_trend(desk, value, row, TREND_DAYS),
        trust=trusted,
        calendar=rows_of(book, shop.country, desk.day),
        light=_light(path, headline, found, trusted),
    )


def _headline(desk: Desk, row: int, *, trusted: bool) -> Iterable[tuple[str, Reading]]:
    """Yield the headline figures in their order; of several with one place, the first known."""
    places: dict[int, list[Metric]] = {}
    for metric in desk.book.metrics.values():
        if metric.headline:
            places.setdefault(metric.headline, []).append(metric)
    for _, metrics in sorted(places.items()):
        told = [desk.reading(metric, row, trusted=trusted) for metric in metrics]
        best = next((one for one in told if one.value is not None), told[0])
        yield best.metric, best


def _explained(path: FunnelReading, found: Sequence[Finding]) -> bool:
    """Say whether sure findings make up half of what the value lacks: then it lacks it for sure."""
    sure = sum(one.lost for one in found if one.step and one.sureness == "sure")
    return path.lost is not None and 0.0 < path.lost <= sure / EXPLAINED


def _light(
    path: FunnelReading, headline: Mapping[str, Reading], found: Sequence[Finding], trusted: Trust
) -> Light:
    if not trusted.judged or path.value.value is None:
        return "grey"
    if path.value.light == "red" or any(one.alert for one in found):
        return "red"
    doubtful = any(one.light in {"red", "yellow"} for one in headline.values())
    return "yellow" if doubtful or found else "green"


def _whole(every: Sequence[Trust]) -> Trust:
    moments = [one.as_of for one in every if one.as_of is not None]
    return Trust(
        feeds_in=sum(one.feeds_in for one in every),
        feeds_due=sum(one.feeds_due for one in every),
        as_of=max(moments, default=None),
        doubts=tuple(doubt for one in every for doubt in one.doubts),
        checks=all_checks(one.checks for one in every),
    )


def _desk(panel: Panel, book: Book, unit: str, day: date, days: int = 1) -> tuple[Desk, int]:
    row = panel.index(unit)
    return Desk.of(panel, book, day, np.array([row]), days), row


def _metric(book: Book, key: str) -> Metric:
    found = book.metrics.get(key) or book.metric(key)
    return found if found is not None else sum_of(book, key)


def unit_funnel(panel: Panel, book: Book, unit: str, day: date, days: int = 1) -> FunnelReading:
    """Return the funnel of one unit on a day, or summed over `days` days that end with it.

    Raises KeyError when the panel lacks the unit or the day.
    """
    desk, row = _desk(panel, book, unit, day, days)
    return funnel(desk, row)


def read(panel: Panel, book: Book, metric: str, unit: str, day: date) -> Reading:
    """Return one figure of one unit; `metric` is a key, name or alias of the dictionary.

    Raises KeyError when the panel lacks the unit or the day, or the book the metric.
    """
    desk, row = _desk(panel, book, unit, day)
    return desk.reading(_metric(book, metric), row)


def trend(
    panel: Panel, book: Book, metric: str, unit: str, day: date, days: int = TREND_DAYS
) -> Trend:
    """Return the last `days` days of one figure, as far as the panel goes back.

    What was expected is told of the last four weeks; of days before them it is None.
    """
    desk, row = _desk(panel, book, unit, day)
    return _trend(desk, _metric(book, metric), row, days)


def _trend(desk: Desk, metric: Metric, row: int, days: int) -> Trend:
    judged = desk.judged(metric)
    found, unit = judged.outlook, desk.panel.units[row]
    index = found.place(row)
    values = [*found.past_value[index], found.value[index]]
    wishes = [*found.past_mid[index], found.mid[index]]
    older = _older(desk, metric, row, len(values), days)
    values, wishes = [*older, *values][-days:], [np.nan] * len(older) + wishes
    wishes = wishes[-days:]
    first = len(values) - 1
    return Trend(
        metric=metric.key,
        unit=unit.key,
        days=tuple(desk.day - timedelta(first - step) for step in range(len(values))),
        values=tuple(float(one) if np.isfinite(one) else None for one in values),
        expected=tuple(float(one) if np.isfinite(one) else None for one in wishes),
        visible=judge.visible(metric, found.low[index], found.mid[index], found.high[index]),
        last=judge.reading(judged, index, unit),
    )


def _older(desk: Desk, metric: Metric, row: int, known: int, days: int) -> list[float]:
    """Return the figures of the days before the last `known` ones, so that there are `days`."""
    end = desk.panel.at(desk.day) + 1 - known
    if days <= known or end <= 0:
        return []
    alone = desk.panel.only([desk.panel.units[row].key])
    return [float(one) for one in alone.rate(metric)[0, max(0, end + known - days) : end]]


def explain(panel: Panel, book: Book, unit: str, day: date) -> tuple[Finding, ...]:
    """Return the findings of one unit, the costliest first; empty when it is as it should be.

    Raises KeyError when the panel lacks the unit or the day.
    """
    desk, row = _desk(panel, book, unit, day)
    own = panel.units[row]
    found = findings.find(findings.suspects(desk, [row]), own)
    return findings.ranked(found, {own.key: own}, None)
