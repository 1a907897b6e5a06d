"""What a unit's children tell about its day: read only where somebody asks why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from diagnostics.detail import Detail, detail
from diagnostics.drivers import drivers
from diagnostics.funnel import funnel_of
from diagnostics.mixes import first_day

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from bot.desk import Desk
    from diagnostics.book.rows import Book, Metric
    from diagnostics.panel import Panel, Unit
    from diagnostics.reading import Finding, FunnelReading

CHILDREN = ("account", "live", "video", "product", "creator")
PARENTS = ("shop", "account")
MOST = 3_000
"""With more children than this a question would wait too long for what they tell."""


def kin(
    desk: Desk,
    panel: Panel,
    unit: Unit,
    day: date,
    metrics: Sequence[Metric],
    then: date | None = None,
) -> Panel:
    """Return a unit with its children over the last weeks (and `then`), in a few measures.

    The unit's own figures are those of `panel`, where a shop's are added up if need be.
    """
    first = min(first_day(day), then or day)
    value = funnel_of(desk.book, unit.kind).value
    measures = tuple(dict.fromkeys((value, *(key for row in metrics for key in row.measures))))
    below = desk.store.units(shops=(unit.shop or unit.key,), kinds=CHILDREN)
    keys = [one.key for one in below if unit.kind == "shop" or one.parent == unit.key]
    if unit.kind not in PARENTS or not keys or len(keys) > MOST:
        return _alone(panel, unit, measures, first)
    found = desk.store.panel(first, day, measures, units=(*keys, unit.key))
    return _with_own(found, _alone(panel, unit, measures, first))


def _alone(panel: Panel, unit: Unit, measures: tuple[str, ...], first: date) -> Panel:
    one = panel.only([unit.key])
    start = max(0, int((np.datetime64(first, "D") - one.days[0]).astype(int)))
    values = np.stack([one.measure(key) for key in measures])[:, :, start:]
    return replace(
        one, measures=measures, values=values, days=one.days[start:], state=one.state[:, start:]
    )


def _with_own(found: Panel, own: Panel) -> Panel:
    """Put a unit's figures in place of those that were read; the days that both know."""
    first = max(found.days[0], own.days[0])
    last = min(found.days[-1], own.days[-1])
    here, there = (
        slice(int((first - one.days[0]).astype(int)), int((last - one.days[0]).astype(int)) + 1)
        for one in (found, own)
    )
    row = found.index(own.units[0].key)
    values, state = found.values[:, :, here].copy(), found.state[:, here].copy()
    values[:, row], state[row] = own.values[:, 0, there], own.state[0, there]
    return replace(found, values=values, state=state, days=found.days[here])


def rates_of(book: Book, unit: Unit) -> tuple[Metric, ...]:
    """Return the rates whose mix may be asked for: the funnel's, the basket's, the headline's."""
    chain = funnel_of(book, unit.kind).chain
    return tuple(
        one
        for one in book.metrics.values()
        if one.over and (one.headline or all(key in chain for key in one.measures))
    )


def beside(
    desk: Desk,
    panel: Panel,
    reading: FunnelReading,
    found: Sequence[Finding],
    then: date | None = None,
) -> tuple[Detail, Mapping[str, Unit]]:
    """Return what is told beside a unit's funnel of one day, and the units that it names."""
    unit = panel.units[panel.index(reading.unit)]
    known = {one.key: one for one in panel.units}
    if reading.days > 1:
        return Detail(), known
    told = drivers(desk.book, unit.kind, reading)
    rates = [desk.book.metrics.get(one.reading.metric) for one in found]
    wanted = dict.fromkeys((*rates_of(desk.book, unit), *(one for one in rates if one)))
    near = kin(desk, panel, unit, reading.day, tuple(wanted), then)
    own = [one for one in found if one.unit == unit.key]
    more = detail(panel, near, desk.book, told, reading.day, own, then)
    return more, {**{one.key: one for one in near.units}, **known}
