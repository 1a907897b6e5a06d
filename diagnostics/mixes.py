"""Whether a rate changed, or only the mix of those it is made of: the children as segments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diagnostics.decompose import rate_mix
from diagnostics.locate import search
from diagnostics.panel import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from diagnostics.book.rows import Metric
    from diagnostics.decompose import RateMix
    from diagnostics.locate import Search
    from diagnostics.panel import Panel, Unit

    Floats = NDArray[np.float64]

SPAN = 28
"""Days before that are the base where no other day is."""
COVERED, DOUBLE = 0.8, 1.2
"""Children stand for a unit when they make up this much of it, and do not count twice."""
HISTORY = 90
LEAST_SEGMENTS = 2


class Cut(NamedTuple):
    """One way to cut a unit into segments: which kinds of children, and by what."""

    key: str
    kinds: tuple[str, ...]
    by: Callable[[Unit], str]


CUTS = (
    Cut("product", ("product",), lambda unit: unit.key),
    Cut("content", ("live", "video"), lambda unit: unit.kind),
    Cut("account", ("live", "video"), lambda unit: unit.parent),
    Cut("account", ("account",), lambda unit: unit.key),
    Cut("creator", ("creator",), lambda unit: unit.key),
)


@dataclass(frozen=True, slots=True)
class Mix:
    """A rate's change split over segments: `cut` is by what (product, content, account, creator)."""

    metric: str
    cut: str
    before: float
    after: float
    split: RateMix
    """In the metric's own unit."""
    covered: float
    """The part of the unit's base that the segments make up."""

    @property
    def mostly_mix(self) -> bool:
        """Say whether the mix did at least half of it, and in its direction."""
        return self.split.mix * self.split.change > 0.0 and (
            self.split.simpson or abs(self.split.mix) >= 0.5 * abs(self.split.change)
        )


def children(panel: Panel, unit: Unit, cut: Cut) -> NDArray[np.int64]:
    """Return the panel rows of a unit's children that a cut speaks of."""
    mine = [
        row
        for row, one in enumerate(panel.units)
        if one.kind in cut.kinds
        and one.key != unit.key
        and (one.shop == unit.key if unit.kind == "shop" else one.parent == unit.key)
    ]
    return np.array(mine, dtype=np.int64)


def mix(
    panel: Panel, unit: Unit, metric: Metric, day: date, then: date | None = None
) -> Mix | None:
    """Return how much of a rate's change was the mix of its segments; None where none fit.

    `panel` holds the unit and its children. The base is `then`, or all settled days of the four
    weeks before. Of the cuts whose segments make up 80 % of the unit's counts, that with the most
    mix in it is told.
    """
    at = panel.at(day)
    past = _before(panel, at, then)
    try:
        own = panel.index(unit.key)
    except KeyError:
        return None
    found = [
        one
        for cut in CUTS
        if metric.over and (one := _mix(panel, own, metric, cut, at, past)) is not None
    ]
    return max(found, key=lambda one: abs(one.split.mix), default=None)


def _before(panel: Panel, at: int, then: date | None) -> NDArray[np.int64]:
    if then is not None:
        return np.array([panel.at(then)])
    return np.arange(max(0, at - SPAN), at)


def _mix(
    panel: Panel, own: int, metric: Metric, cut: Cut, at: int, past: NDArray[np.int64]
) -> Mix | None:
    unit = panel.units[own]
    rows = children(panel, unit, cut)
    if len(rows) < LEAST_SEGMENTS:
        return None
    of, over = metric.scale * panel.total(metric.of), panel.total(metric.over)
    names = [cut.by(panel.units[row]) for row in rows]
    days = np.array([at])
    now, base = (_segments(of[rows], over[rows], names, one) for one in (days, past))
    covers = [
        part
        for side, one in ((now, days), (base, past))
        for part in _covers(side, of[own], over[own], one)
    ]
    fits = all(COVERED <= part <= DOUBLE for part in covers)
    if len({*now, *base}) < LEAST_SEGMENTS or not fits:
        return None
    before, after = _pooled(base), _pooled(now)
    if math.isnan(before) or math.isnan(after):
        return None
    split = rate_mix(base, now, "of", "over")
    return Mix(metric.key, cut.key, before, after, split, min(covers))


def _pooled(side: Mapping[str, Mapping[str, float]]) -> float:
    bottom = math.fsum(row["over"] for row in side.values())
    return math.fsum(row["of"] for row in side.values()) / bottom if bottom > 0.0 else math.nan


def _segments(
    of: Floats, over: Floats, names: Sequence[str], days: NDArray[np.int64]
) -> dict[str, dict[str, float]]:
    """Return the sums of each segment over some days; days where either count misses are left out."""
    answer: dict[str, dict[str, float]] = {}
    for row, name in enumerate(names):
        known = days[np.isfinite(of[row, days]) & np.isfinite(over[row, days])]
        if len(known):
            side = answer.setdefault(name, {"of": 0.0, "over": 0.0})
            side["of"] += float(of[row, known].sum())
            side["over"] += float(over[row, known].sum())
    return answer


def _covers(
    side: Mapping[str, Mapping[str, float]], of: Floats, over: Floats, days: NDArray[np.int64]
) -> Iterator[float]:
    """Yield how much of the unit's own counts the segments make up."""
    known = days[np.isfinite(of[days]) & np.isfinite(over[days])]
    for key, own in (("of", of), ("over", over)):
        whole = float(own[known].sum())
        yield math.fsum(row[key] for row in side.values()) / whole if whole else math.nan


def slices(panel: Panel, unit: Unit, measure: str, day: date) -> Search | None:
    """Return which slice of a unit's children moved; None where they do not make it up.

    The leaves are its products, else its sessions and videos by kind and account; what they differ
    in (category, stage, account, kind, country, itself) are the dimensions.
    """
    at = panel.at(day)
    values = np.where(panel.state == State.MISSING, np.nan, panel.measure(measure))
    values = values[:, max(0, at - HISTORY) : at + 1]
    own = values[panel.index(unit.key), -1]
    found = [
        one
        for cut in CUTS[:2]
        if (one := _searched(panel, values, children(panel, unit, cut), own)) is not None
    ]
    return max(found, key=_surest, default=None)


def _surest(one: Search) -> float:
    return max((slice_.score for slice_ in one.slices), default=-math.inf)


def _searched(panel: Panel, values: Floats, rows: NDArray[np.int64], own: float) -> Search | None:
    leaves, names = _leaves(panel, rows)
    if len(leaves) <= LEAST_SEGMENTS or not own > 0.0:
        return None
    sums = np.array([_sum(values[group]) for group in leaves])
    known = np.isfinite(sums[:, -1])
    dimensions = {
        key: np.array(column)[known] for key, column in names.items() if len(set(column)) > 1
    }
    covered = COVERED <= float(np.nansum(sums[:, -1])) / own <= DOUBLE
    if not covered or not dimensions:
        return None
    return search(sums[known, -1], dimensions, sums[known, :-1])


def _leaves(panel: Panel, rows: NDArray[np.int64]) -> tuple[list[list[int]], dict[str, list[str]]]:
    """Group children into leaves that last: each product itself, sessions by kind and account."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for row in rows:
        unit = panel.units[row]
        labels = (unit.category, unit.stage, unit.parent, unit.kind, unit.country)
        groups.setdefault((*labels, unit.key if unit.started is None else ""), []).append(int(row))
    keys = ("category", "stage", "account", "kind", "country", "unit")
    names = {key: [group[place] for group in groups] for place, key in enumerate(keys)}
    return list(groups.values()), names


def _sum(values: Floats) -> Floats:
    total: Floats = np.nansum(values, axis=0)
    return np.where(np.isfinite(values).any(axis=0), total, np.nan)


def first_day(day: date) -> date:
    """Return the first day that is read for mixes and slices of a day."""
    return day - timedelta(HISTORY)
