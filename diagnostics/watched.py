"""Which figures of a shop and its bigger units are watched for slow slides, and how they stand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from diagnostics import kin
from diagnostics.almanac import Almanac
from diagnostics.band import Calendars
from diagnostics.drift import BASE, WEEK, drift
from diagnostics.funnel import funnel_of, link
from diagnostics.panel import State
from diagnostics.window import signed, sum_of, window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from diagnostics.book.rows import Book, Kind, Metric
    from diagnostics.desk import Desk
    from diagnostics.drift import Drift
    from diagnostics.panel import Panel
    from diagnostics.window import Window

    Floats = NDArray[np.float64]
    Place = Literal["value", "chain", "beside", "asked"]

KINDS: tuple[Kind, ...] = ("account", "product", "creator")
"""Units of a shop that are watched beside it, where they are big enough.

A session is a day's matter, and videos fade by nature: what they bring is watched in their sum.
"""
PER_100_WEEKS = 0.5
"""So many messages in 100 ordinary weeks of a unit's value; as many of all its chain's links
together, and of all rates beside it.
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """A metric of a panel row: the funnel's value, a link of its chain, a rate beside it.

    "asked" is what nobody watches, but somebody asked about.
    """

    metric: Metric
    row: int
    place: Place


@dataclass(frozen=True, eq=False)
class Looked:
    """What is watched, up to the day: `ordinary` (series, days) may teach; and its drift."""

    every: tuple[Watched, ...]
    days: NDArray[np.datetime64]
    ordinary: NDArray[np.bool_]
    found: Drift

    def slid(self) -> Iterator[int]:
        """Yield the series that slide now, the bad way."""
        for at, one in enumerate(self.every):
            change, since = self.found.change[at], self.found.since[at]
            if not np.isnat(since) and worse(one.metric, change):
                yield at


def worse(metric: Metric, change: float) -> bool:
    """Say whether a change of a metric is one to the worse."""
    return change > 0.0 if metric.direction == "down" else change < 0.0


def rows(desk: Desk, head: int) -> NDArray[np.int64]:
    """Return a shop's row and those of its units that bring enough of its value to matter."""
    panel, at = desk.panel, desk.panel.at(desk.day)
    value = funnel_of(desk.book, panel.units[head].kind).value
    days = slice(max(0, at + 1 - WEEK - BASE), at + 1)
    size = np.nan_to_num(panel.measure(value)[:, days]).sum(axis=1)
    shop = panel.units[head].key
    mine = [
        row
        for row, unit in enumerate(panel.units)
        if unit.kind in KINDS and unit.shop == shop and size[row] >= kin.LEAST_SHARE * size[head]
    ]
    return np.array([head, *sorted(mine, key=lambda row: panel.units[row].key)], dtype=np.int64)


def values(book: Book, panel: Panel, some: Sequence[int]) -> list[Watched]:
    """Return the value of each of some rows."""
    paths = {row: funnel_of(book, panel.units[row].kind) for row in some}
    return [Watched(sum_of(book, paths[row].value), row, "value") for row in some]


def rates(desk: Desk, some: Sequence[int]) -> list[Watched]:
    """Return the links of each row's chain, and the headline rates beside it that can cost money."""
    found: list[Watched] = []
    for row in some:
        links = list(_links(desk, row))
        found += [Watched(metric, row, "chain") for metric in links]
        found += [
            Watched(metric, row, "beside") for metric in _beside(desk, row) if metric not in links
        ]
    return found


def _links(desk: Desk, row: int) -> Iterator[Metric]:
    """Yield the head of a chain and the rates of its links, as far as there are figures."""
    book, panel = desk.book, desk.panel
    path, end = funnel_of(book, panel.units[row].kind), panel.at(desk.day) + 1
    lately = slice(max(0, end - WEEK), end)
    there = [key for key in path.chain if np.isfinite(panel.measure(key)[row, lately]).any()]
    if there and there[0] != path.value:
        yield sum_of(book, there[0])
    for above, count in pairwise(there):
        metric = link(book, count, above)
        if metric is not None and metric.direction != "none":
            yield metric


def _beside(desk: Desk, row: int) -> Iterator[Metric]:
    """Yield the headline rates that are out within the week: of several with one place the first.

    What is itself a sum of gains and costs is left to its parts.
    """
    panel, places = desk.panel, set[int]()
    for metric in desk.book.metrics.values():
        if not (metric.headline and metric.over) or metric.direction == "none" or signed(metric):
            continue
        if metric.settles_after >= WEEK or metric.headline in places:
            continue
        if np.isfinite(panel.total(metric.over)[row]).any():
            places.add(metric.headline)
            yield metric


def look(desk: Desk, every: Sequence[Watched]) -> Looked:
    """Return how some figures have drifted up to the desk's day, all in one walk.

    Figures of one unit and place among these share a budget of messages.
    """
    panel, at = desk.panel, desk.panel.at(desk.day)
    stacks: dict[Metric, list[Watched]] = {}
    for one in every:
        stacks.setdefault(one.metric, []).append(one)
    order = [one for stack in stacks.values() for one in stack]
    series, calendars, groups = [], [], []
    days = panel.days[:0]
    for number, (metric, stack) in enumerate(stacks.items()):
        mine = np.array([one.row for one in stack], dtype=np.int64)
        past = window(panel, metric, mine, at)
        usable, days = past.usable.copy(), past.days
        usable[:, -1] |= panel.state[mine, at] != State.MISSING
        series.append(np.where(usable, _steady(desk.book, past), np.nan))
        countries = [panel.units[row].country for row in mine]
        calendars.append(Almanac.of(desk.book, metric, countries, days).calendars)
        groups.append(number * len(panel.units) + desk.siblings[mine])
    stacked, calendar = np.concatenate(series), Calendars.joined(calendars)
    count = Counter((one.row, one.place) for one in order)
    found = drift(
        stacked,
        days,
        desk.day,
        groups=np.concatenate(groups),
        calendar=calendar,
        per_100_weeks=np.array([PER_100_WEEKS / count[one.row, one.place] for one in order]),
    )
    ordinary = np.isfinite(stacked) & ~calendar.special(days)
    return Looked(tuple(order), days, ordinary, found)


def _steady(book: Book, past: Window) -> Floats:
    """Return a metric's days (rows, days); a share of few events is held steady.

    With one event more of the rate that holds on the whole, so that no day of none jumps out; and
    a week must have the base that the metric's row calls enough.
    """
    metric, of = past.metric, past.of
    if past.over is None:
        return past.value
    enough = max(metric.smallest_base / WEEK, 1e-9)
    over = np.where(past.over >= enough, past.over, np.nan)
    if any(book.measures[term.measure].unit != "count" for term in (*metric.of, *metric.over)):
        return np.asarray(metric.scale * of / over)
    known = np.isfinite(of) & np.isfinite(over)
    total = np.where(known, of, 0.0).sum(axis=1, keepdims=True)
    base = np.where(known, over, 0.0).sum(axis=1, keepdims=True)
    each = np.where(total > 0.0, base / np.maximum(total, 1e-9), np.inf)
    return np.asarray(metric.scale * (of + 1.0) / (over + each))
