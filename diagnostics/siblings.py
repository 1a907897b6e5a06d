"""What earlier sessions and videos of the same account brought at the same age."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from diagnostics.panel import Panel, Unit

KEPT = 24
UNKNOWN = -(10**9)
LEAST = 5
"""Fewer siblings than this say nothing."""


@dataclass(frozen=True, eq=False)
class Elders:
    """Earlier siblings of some units: `rows` and `at` (units, 24) point into the panel.

    A place is -1 where there are fewer; the youngest sibling stands last. `weekday` (units,) says
    whether they began on the same weekday; `far` whether they are peers of other shops.
    """

    rows: NDArray[np.int64]
    at: NDArray[np.int64]
    weekday: NDArray[np.bool_]
    far: NDArray[np.bool_]

    def take(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the siblings' values (units, 24) out of (panel units, days), NaN for none."""
        there = self.rows >= 0
        return np.where(there, values[np.maximum(self.rows, 0), np.maximum(self.at, 0)], np.nan)


def births(panel: Panel, seen: NDArray[np.bool_], offset: int) -> NDArray[np.int64]:
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


def _families(unit: Unit) -> Iterator[tuple[str, ...]]:
    """Yield whom a unit is compared with, the closest first; the last are other shops'."""
    yield ("parent", unit.kind, unit.shop, unit.parent)
    yield ("shop", unit.kind, unit.shop)
    yield ("peers", unit.kind, unit.country, unit.category)


def elders(
    panel: Panel, wanted: NDArray[np.int64], born: NDArray[np.int64], day: int, *, abroad: bool
) -> Elders:
    """Return the earlier siblings of the units `wanted` (panel rows) for a day index.

    Siblings are of the same kind and parent, else shop, else (`abroad`, for rates only) country
    and category; they must have reached the same age before the day. The same weekday of birth is
    preferred where there are at least five. All units of one family and age share one look-up.
    """
    shape = (len(wanted), KEPT)
    rows, at = np.full(shape, -1, dtype=np.int64), np.full(shape, -1, dtype=np.int64)
    weekday, far = np.zeros(len(wanted), dtype=bool), np.zeros(len(wanted), dtype=bool)
    members = _members(panel, born, {panel.units[row].kind for row in wanted})
    known: dict[tuple[tuple[str, ...], int], tuple[NDArray[np.int64], bool] | None] = {}
    for place, row in enumerate(wanted):
        if born[row] == UNKNOWN:
            continue
        for family in _families(panel.units[row]):
            if family[0] == "peers" and not abroad:
                break
            key = (family, int(born[row]))
            if key not in known:
                known[key] = _earlier(members[family], born, int(born[row]))
            found = known[key]
            if found is not None:
                group, weekday[place] = found
                rows[place, -len(group) :] = group
                at[place, -len(group) :] = born[group] + day - born[row]
                far[place] = family[0] == "peers"
                break
    rows[(at < 0) | (at >= day)] = -1
    return Elders(rows, at, weekday, far)


def _members(
    panel: Panel, born: NDArray[np.int64], kinds: set[str]
) -> defaultdict[tuple[str, ...], NDArray[np.int64]]:
    groups: dict[tuple[str, ...], list[int]] = {}
    for row, unit in enumerate(panel.units):
        if unit.kind in kinds and born[row] != UNKNOWN:
            for family in _families(unit):
                groups.setdefault(family, []).append(row)
    answer: defaultdict[tuple[str, ...], NDArray[np.int64]] = defaultdict(
        lambda: np.empty(0, dtype=np.int64)
    )
    for family, rows in groups.items():
        array = np.array(rows, dtype=np.int64)
        answer[family] = array[np.argsort(born[array], kind="stable")]
    return answer


def _earlier(
    group: NDArray[np.int64], born: NDArray[np.int64], before: int
) -> tuple[NDArray[np.int64], bool] | None:
    older = group[: int(np.searchsorted(born[group], before))]
    same = older[(born[older] - before) % 7 == 0]
    if len(same) >= LEAST:
        return same[-KEPT:], True
    return (older[-KEPT:], False) if len(older) >= LEAST else None
