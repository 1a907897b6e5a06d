"""Which earlier sessions and videos a unit is to be compared with, and how much each counts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from diagnostics.panel import Panel, Unit

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

KEPT = 24
UNKNOWN = -(10**9)
LEAST = 5
"""Fewer siblings than this say nothing."""
HOURS = 3.0
"""Sessions that began so many hours apart are of another time of day."""
KERNEL = 2.0
"""The spread (hours) of the kernel by which nearer starts count more."""
MONTHS = 60.0
"""After so many days a sibling counts half."""


@dataclass(frozen=True, eq=False)
class Elders:
    """Earlier siblings of some units: `rows` and `at` (units, 24) point into the panel.

    A place is -1 where there are fewer; the youngest sibling stands last. `weight` (units, 24) is
    how much each counts. `whose` (units,) str is "account", "shop" or "peers" (of other shops);
    `like` what they share with the unit: "weekday", "daytype" (both weekend or both not), "hour",
    each with the hour where there is one, or nothing. `scale` (units, 24) is how much longer the
    unit lasted than the sibling, 1 where that is not known of both.
    """

    rows: Rows
    at: Rows
    weight: Floats
    scale: Floats
    whose: NDArray[np.str_]
    like: NDArray[np.str_]

    def take(self, values: Floats, ago: int = 0) -> Floats:
        """Return the siblings' values (units, 24), `ago` days before the same age, NaN for none."""
        at = self.at - ago
        there = (self.rows >= 0) & (at >= 0)
        return np.where(there, values[np.maximum(self.rows, 0), np.maximum(at, 0)], np.nan)


def births(panel: Panel, seen: NDArray[np.bool_], offset: int) -> Rows:
    """Return the day index (panel units,) on which each unit began; UNKNOWN where none tells.

    Its start where it is told, else its first day with a figure (`seen`, panel units x days from
    day index `offset`); a figure on the very first of these does not tell when the unit began.
    """
    first = np.where(seen.any(axis=1), seen.argmax(axis=1), 0)
    first = np.where(first == 0, UNKNOWN, first + offset)
    for row, unit in enumerate(panel.units):
        if unit.started is not None and len(panel.days):
            began = np.datetime64(unit.started.date(), "D")
            first[row] = int((began - panel.days[0]).astype(int))
    return first


class _Clock(NamedTuple):
    """When units began (panel units,): hour of the day and length in hours, NaN where unknown."""

    hour: Floats
    length: Floats

    @classmethod
    def of(cls, panel: Panel) -> _Clock:
        hour, length = np.full(len(panel.units), np.nan), np.full(len(panel.units), np.nan)
        for row, unit in enumerate(panel.units):
            if unit.started is not None and unit.kind == "live":
                hour[row] = unit.started.hour + unit.started.minute / 60.0
                if unit.ended is not None and unit.ended > unit.started:
                    length[row] = (unit.ended - unit.started).total_seconds() / 3600.0
        return cls(hour, length)


def _families(unit: Unit) -> Iterator[tuple[str, ...]]:
    """Yield whom a unit is compared with, the closest first; the last are other shops'."""
    yield ("account", unit.kind, unit.shop, unit.parent)
    yield ("shop", unit.kind, unit.shop)
    yield ("peers", unit.kind, unit.country, unit.category)


class _Chosen(NamedTuple):
    rows: Rows
    weight: Floats
    like: str


def elders(panel: Panel, wanted: Rows, born: Rows, day: int, *, abroad: bool) -> Elders:
    """Return the earlier siblings of the units `wanted` (panel rows) for a day index.

    Siblings are of the same kind and parent, else shop, else (`abroad`, for rates only) country
    and category; they must have reached the same age before the day. Of sessions those of the
    same weekday that began within three hours, where there are five; else of the same type of day
    (weekend or not); else of the same hour; else all. Nearer hours and later days count more. All
    units of one family, day and hour share one look-up.
    """
    shape = (len(wanted), KEPT)
    rows, at = np.full(shape, -1, dtype=np.int64), np.full(shape, -1, dtype=np.int64)
    weight = np.zeros(shape)
    whose, like = np.full(len(wanted), "", "<U7"), np.full(len(wanted), "", "<U7")
    clock = _Clock.of(panel)
    monday = (int(panel.days[0].astype(int)) + 3) % 7 if len(panel.days) else 0
    members = _members(panel, born, {panel.units[row].kind for row in wanted})
    known: dict[tuple[tuple[str, ...], int, float], _Chosen | None] = {}
    for place, row in enumerate(wanted):
        if born[row] == UNKNOWN:
            continue
        for family in _families(panel.units[row]):
            if family[0] == "peers" and not abroad:
                break
            hour = float(clock.hour[row])
            key = (family, int(born[row]), -1.0 if np.isnan(hour) else hour)
            if key not in known:
                known[key] = _earlier(members[family], born, int(born[row]), hour, clock, monday)
            found = known[key]
            if found is not None:
                rows[place, -len(found.rows) :] = found.rows
                weight[place, -len(found.rows) :] = found.weight
                at[place, -len(found.rows) :] = born[found.rows] + day - born[row]
                whose[place], like[place] = family[0], found.like
                break
    rows[(at < 0) | (at >= day)] = -1
    weight[rows < 0] = 0.0
    return Elders(rows, at, weight, _scale(rows, wanted, clock), whose, like)


def _scale(rows: Rows, wanted: Rows, clock: _Clock) -> Floats:
    """Return how much longer each unit lasted than its siblings (units, 24), 1 where unknown."""
    mine, theirs = clock.length[wanted][:, None], clock.length[np.maximum(rows, 0)]
    with np.errstate(invalid="ignore"):
        return np.where((rows >= 0) & np.isfinite(mine) & np.isfinite(theirs), mine / theirs, 1.0)


def _members(panel: Panel, born: Rows, kinds: set[str]) -> defaultdict[tuple[str, ...], Rows]:
    groups: dict[tuple[str, ...], list[int]] = {}
    for row, unit in enumerate(panel.units):
        if unit.kind in kinds and born[row] != UNKNOWN:
            for family in _families(unit):
                groups.setdefault(family, []).append(row)
    answer: defaultdict[tuple[str, ...], Rows] = defaultdict(lambda: np.empty(0, dtype=np.int64))
    for family, rows in groups.items():
        array = np.array(rows, dtype=np.int64)
        answer[family] = array[np.argsort(born[array], kind="stable")]
    return answer


def _earlier(
    group: Rows, born: Rows, before: int, hour: float, clock: _Clock, monday: int
) -> _Chosen | None:
    """Return the siblings of a family that count for a unit born on a day index at an hour."""
    older = group[: int(np.searchsorted(born[group], before))]
    if len(older) < LEAST:
        return None
    weekday, mine = (born[older] + monday) % 7, (before + monday) % 7
    same, alike = weekday == mine, (weekday >= 5) == (mine >= 5)
    apart = np.abs(clock.hour[older] - hour)
    apart = np.minimum(apart, 24.0 - apart)
    timed = np.isfinite(apart)
    everyone = np.ones(len(older), dtype=bool)
    ways = [(same, "weekday"), (everyone, "")]
    if not np.isnan(hour):
        near = ~timed | (apart <= HOURS)
        ways = [(same & near, "weekday"), (alike & near, "daytype"), (near, "hour"), ways[1]]
    for use, like in ways:
        if int(use.sum()) >= LEAST:
            kept = np.flatnonzero(use)[-KEPT:]
            late = 0.5 ** ((before - born[older[kept]]) / MONTHS)
            closer = np.exp(-0.5 * np.square(np.where(timed[kept], apart[kept], 0.0) / KERNEL))
            return _Chosen(older[kept], late * np.maximum(closer, 0.05), like)
    return None
