"""Lays facts out as a panel of units and days, shops summed from their parts where need be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isnan
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import and_, or_, select

from diagnostics.panel import Panel, State, days_between
from storage.engine import columns, joined
from storage.facts import Wanted, dates, floats, read_cells, text_of, valid, value_of
from storage.tables import fact
from storage.units import chosen, numbered_units, unit_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from numpy.typing import NDArray
    from sqlalchemy import Connection, Engine

    from diagnostics.panel import Unit
    from storage.facts import Cells


@dataclass(frozen=True, slots=True)
class Selection:
    """Whose facts: an empty tuple means any."""

    shops: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """Figures that an export gave for several days at once; `values` holds what is known."""

    first: date
    last: date
    feed: str
    state: State
    values: Mapping[str, float]


def read_panel(
    engine: Engine,
    connection: Connection,
    selection: Selection,
    wanted: Wanted,
    feeds: Sequence[str],
    roll_up: Mapping[str, tuple[str, ...]],
) -> Panel:
    """Return the panel of a selection; `wanted.units` is filled in here. See Store.panel."""
    picked = chosen(selection.shops, selection.kinds, selection.units)
    units = numbered_units(connection, picked)
    shops = [unit.key for unit in units.values() if unit.kind == "shop"]
    kinds = sorted({kind for measure in wanted.measures for kind in roll_up.get(measure, ())})
    parts = numbered_units(connection, chosen(shops, kinds, ())) if shops and kinds else {}
    anyone = [and_(*picked)] if picked else []
    if anyone and parts:
        anyone.append(and_(*chosen(shops, kinds, ())))
    numbers = select(unit_table.c.id).where(or_(*anyone)) if anyone else None
    asked = replace(wanted, units=numbers)
    cells = read_cells(engine, asked, feeds)
    panel = _lay_out(cells, units, selection, asked)
    for measure, of_kinds in roll_up.items():
        if measure in wanted.measures:
            _roll_up(panel, cells, {n: u for n, u in parts.items() if u.kind in of_kinds}, measure)
    return panel


def widened(panel: Panel, measures: tuple[str, ...]) -> Panel:
    """Return a panel with these measures, all missing where it had none of them."""
    if panel.measures == measures:
        return panel
    values = np.full((len(measures), *panel.state.shape), np.nan)
    for at, measure in enumerate(panel.measures):
        values[measures.index(measure)] = panel.values[at]
    return replace(panel, measures=measures, values=values)


def _lay_out(
    cells: Cells, units: Mapping[int, Unit], selection: Selection, wanted: Wanted
) -> Panel:
    """Put the cells of the units into arrays; of units without facts only those asked for stay."""
    spoken = set(np.unique(cells.unit).tolist())
    kept = [
        number
        for number, unit in units.items()
        if number in spoken or unit.kind == "shop" or unit.key in selection.units
    ]
    days = days_between(wanted.first, wanted.last)
    rows = _rows(cells.unit, {number: row for row, number in enumerate(kept)})
    mine = rows >= 0
    values = np.full((len(wanted.measures), len(kept), len(days)), np.nan)
    values[:, rows[mine], cells.day[mine]] = cells.values[:, mine]
    state = np.zeros((len(kept), len(days)), np.int8)
    state[rows[mine], cells.day[mine]] = cells.state[mine]
    return Panel(tuple(units[number] for number in kept), days, wanted.measures, values, state)


def _rows(numbers: NDArray[np.int64], row_of: Mapping[int, int]) -> NDArray[np.int64]:
    """Return the row of each number, -1 where it has none."""
    if not row_of or not len(numbers):
        return np.full(len(numbers), -1, np.int64)
    known = np.array(sorted(row_of), np.int64)
    rows = np.array([row_of[number] for number in known.tolist()], np.int64)
    at = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
    return np.where(known[at] == numbers, rows[at], -1)


def _roll_up(panel: Panel, cells: Cells, parts: Mapping[int, Unit], measure: str) -> None:
    """Fill a shop's missing days of one measure with the sum of its parts' known values.

    The day's state becomes the weakest of the shop's own and of the parts that gave a figure.
    """
    shop_row = {unit.key: row for row, unit in enumerate(panel.units) if unit.kind == "shop"}
    part_row = {number: shop_row[unit.shop] for number, unit in parts.items()}
    offered = cells.values[panel.measures.index(measure)]
    rows = _rows(cells.unit, part_row)
    use = (rows >= 0) & ~np.isnan(offered)
    count = len(panel.units) * len(panel.days)
    place = rows[use] * len(panel.days) + cells.day[use]
    sums = np.bincount(place, weights=offered[use], minlength=count)
    weakest = np.full(count, State.FINAL, np.int8)
    np.minimum.at(weakest, place, cells.state[use])
    target = panel.measure(measure).reshape(-1)
    state = panel.state.reshape(-1)
    fill = np.isnan(target) & (np.bincount(place, minlength=count) > 0)
    target[fill] = sums[fill]
    state[fill] = np.where(
        state[fill] == State.MISSING, weakest[fill], np.minimum(state[fill], weakest[fill])
    )


def read_periods(
    engine: Engine, unit: str, measures: Sequence[str], feeds: Sequence[str], as_of: datetime | None
) -> list[Period]:
    """Return a unit's figures over several days, oldest first, the feed with precedence first."""
    dialect = engine.dialect.name
    number = select(unit_table.c.id).where(unit_table.c.key == unit)
    query = select(
        fact.c.day,
        fact.c.span,
        fact.c.feed,
        fact.c.state,
        *(value_of(measure, dialect) for measure in measures),
    ).where(fact.c.unit_id.in_(number), fact.c.span > 1, valid(as_of))
    rows = joined(columns(engine, text_of(query, dialect)))
    if not rows:
        return []
    lasts = dates(rows["day"]).astype("datetime64[D]").tolist()
    spans = rows["span"].tolist()
    known = {measure: floats(rows[measure]).tolist() for measure in measures}
    found = [
        Period(
            first=(np.datetime64(last, "D") - (spans[row] - 1)).item(),
            last=last,
            feed=rows["feed"][row],
            state=State(rows["state"][row]),
            values={m: v[row] for m, v in known.items() if not isnan(v[row])},
        )
        for row, last in enumerate(lasts)
    ]
    order = {feed: place for place, feed in enumerate(feeds)}
    return sorted(found, key=lambda p: (p.last, p.first, order.get(p.feed, len(order)), p.feed))
