"""What a question of why is answered with beside the funnel: profit, mix, slice, another day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diagnostics.desk import Desk
from diagnostics.drivers import drivers, of_rate, of_sum
from diagnostics.funnel import funnel, funnel_of, link
from diagnostics.mixes import mix, slices

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from diagnostics.book.rows import Book, Metric
    from diagnostics.drivers import Drivers
    from diagnostics.locate import Search
    from diagnostics.mixes import Mix
    from diagnostics.panel import Panel
    from diagnostics.reading import Finding


@dataclass(frozen=True, slots=True)
class Detail:
    """What is told of a unit's day beside its funnel: profit, rates by their segments, slices."""

    profit: Drivers | None = None
    mixes: tuple[Mix, ...] = ()
    located: Search | None = None


def driven(
    panel: Panel, book: Book, metric: Metric, unit: str, day: date, then: date | None = None
) -> Drivers:
    """Return what drove a figure of a unit: against what was expected of the day, or `then`.

    A measure of the unit's funnel by the chain that ends with it, a signed sum by its measures, a
    rate by the counts above and below its line. Raises KeyError when the panel lacks the unit or
    one of the days.
    """
    row = panel.index(unit)
    desks = [
        None if one is None else Desk.of(panel, book, one, np.array([row])) for one in (day, then)
    ]
    desk, other = desks
    assert desk is not None
    if metric.over:
        return of_rate(desk, row, metric, other)
    kind = panel.units[row].kind
    if len(metric.of) == 1 and metric.of[0].measure in funnel_of(book, kind).chain:
        past = None if other is None else funnel(other, row)
        return drivers(book, kind, funnel(desk, row), past, metric.of[0].measure)
    return of_sum(desk, row, metric, other)


def profit_of(book: Book) -> Metric | None:
    """Return the headline figure that is a signed sum of money: the contribution profit."""
    return next(
        (
            one
            for one in book.metrics.values()
            if one.headline and not one.over and any(term.sign < 0 for term in one.of)
        ),
        None,
    )


def detail(
    panel: Panel,
    kin: Panel,
    book: Book,
    told: Drivers,
    day: date,
    found: Iterable[Finding] = (),
    then: date | None = None,
) -> Detail:
    """Return profit, mixes and slices of a unit's day.

    `panel` judges the unit, `kin` holds it with its children. Mixes are looked for where a link is
    named, and where a finding speaks of a rate. Profit is a shop's.
    """
    unit = panel.units[panel.index(told.unit)]
    profit = profit_of(book)
    named = [
        metric
        for one in told.named
        if "/" in one.key and (metric := link(book, *one.key.split("/"))) is not None
    ]
    named += [
        book.metrics[one.reading.metric] for one in found if one.reading.metric in book.metrics
    ]
    mixes = [
        one
        for metric in dict.fromkeys(named)
        if metric.over and (one := mix(kin, unit, metric, day, then)) is not None
    ]
    whole = profit is not None and unit.kind == "shop" and profit.key != told.metric
    return Detail(
        driven(panel, book, profit, unit.key, day, then) if whole and profit is not None else None,
        tuple(mixes),
        slices(kin, unit, funnel_of(book, unit.kind).value, day) if then is None else None,
    )
