"""The four questions before a team is blamed: are the data right, the target fair, was it done, seen?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from diagnostics import ranges
from diagnostics.reading import Check

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from typing import Literal

    from numpy.typing import NDArray

    from diagnostics.book.rows import Metric, RangeRow
    from diagnostics.desk import Desk
    from diagnostics.reading import Doubt, Trust

LEAST_DAYS = 14
"""Fewer days with a figure say nothing about a target."""
RARELY = 0.1
"""A range met on this share of days or less is doubted before the team is."""
FAR_ABOVE, FAR_BELOW = 1.25, 0.5
"""A range asks nothing where every day is so far beyond its far edge."""
ACT, LEARN = timedelta(3), timedelta(7)
"""A review names its action within the first, and its result within the second."""
KEPT = timedelta(14)
"""What was left open for longer is not brought up again."""
_WORST = ("block", "doubt", "ok", "unknown")


@dataclass(frozen=True, slots=True)
class Deed:
    """Something a team took on for a unit: an action, or a review.

    `acted`: the action is named (a review) or was looked at; `ended`: there is a result.
    """

    shop: str
    unit: str
    kind: Literal["action", "review"]
    begun: date
    due: date
    acted: bool
    ended: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known beside the figures: imports' doubts, what was taken on, how remedies did.

    `past`: prescription -> how often it worked, how often that could be judged.
    """

    doubts: Sequence[Doubt] = ()
    deeds: Sequence[Deed] = ()
    past: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def checks(desk: Desk, row: int, trust: Trust, deeds: Sequence[Deed]) -> tuple[Check, ...]:
    """Return the four checks of a shop's day (panel row) in their order.

    A later question has no answer (unknown) where an earlier one blocks: whether a target is fair
    cannot be said from figures that are not right.
    """
    shop = desk.panel.units[row].key
    data = _data(trust, shop)
    if data.verdict == "block":
        rest = (_unknown(2, shop), _unknown(3, shop), _unknown(4, shop))
        return (data, *rest)
    mine = [one for one in deeds if one.shop == shop and one.begun >= desk.day - KEPT]
    return (
        data,
        _target(desk, row),
        _action(mine, desk.day, shop),
        _feedback(mine, desk.day, shop),
    )


def together(every: Iterable[Sequence[Check]]) -> tuple[Check, ...]:
    """Return the checks of several shops as one: each the worst of its kind, the oldest first."""
    found: dict[int, list[Check]] = {}
    for some in every:
        for one in some:
            found.setdefault(one.order, []).append(one)
    return tuple(min(found[order], key=_severity) for order in sorted(found))


def _severity(check: Check) -> tuple[int, int]:
    return _WORST.index(check.verdict), check.since.toordinal() if check.since else 0


_NAMES: Mapping[int, Literal["data", "target", "action", "feedback"]] = {
    1: "data", 2: "target", 3: "action", 4: "feedback",
}  # fmt: skip


def _unknown(order: int, shop: str) -> Check:
    return Check(order, _NAMES[order], "unknown", "", shop)


def _data(trust: Trust, shop: str) -> Check:
    if not trust.doubts:
        return Check(1, "data", "ok", "", shop)
    verdict: Literal["doubt", "block"] = "doubt" if trust.judged else "block"
    return Check(1, "data", verdict, "doubts", shop, count=len(trust.doubts))


def _target(desk: Desk, row: int) -> Check:
    """Ask whether the ranges of the headline figures can be met, and ask anything.

    Rough benchmarks (grade C) are no targets that anybody set.
    """
    shop = desk.panel.units[row]
    headline = sorted((one for one in desk.book.metrics.values() if one.headline), key=_place)
    asked = 0
    for metric in headline:
        own = ranges.applies(desk.book, metric, shop, desk.day)
        if own is None or own.grade == "C":
            continue
        found = desk.judged(metric).outlook
        at = found.place(row)
        values = np.append(found.past_value[at], found.value[at])
        known = values[np.isfinite(values)]
        if len(known) < LEAST_DAYS:
            continue
        asked += 1
        met = int(_met(metric, own, known).sum())
        why: Literal["", "never_met", "no_demand"] = ""
        if met <= RARELY * len(known):
            why = "never_met"
        elif _no_demand(metric, own, known):
            why = "no_demand"
        if why:
            of = len(known)
            return Check(2, "target", "doubt", why, shop.key, metric.key, own, count=met, of=of)
    return Check(2, "target", "ok", "", shop.key) if asked else _unknown(2, shop.key)


def _place(metric: Metric) -> int:
    return metric.headline


def _met(metric: Metric, row: RangeRow, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say of each day whether it was not on the bad side of a range."""
    low = -np.inf if row.low is None or metric.direction == "down" else row.low
    high = np.inf if row.high is None or metric.direction == "up" else row.high
    return np.asarray((values >= low) & (values <= high))


def _no_demand(metric: Metric, row: RangeRow, values: NDArray[np.float64]) -> bool:
    """Say whether every day lies far beyond the whole range on the good side."""
    if metric.direction == "up":
        edge = row.low if row.high is None else row.high
        return edge is not None and edge > 0.0 and bool(values.min() > FAR_ABOVE * edge)
    edge = row.high if row.low is None else row.low
    return (
        metric.direction == "down"
        and edge is not None
        and edge > 0.0
        and bool(values.max() < FAR_BELOW * edge)
    )


def _action(deeds: Sequence[Deed], day: date, shop: str) -> Check:
    """Ask whether what was taken on was carried out: its day has passed and nothing came of it.

    A review of which nobody took an action on is brought up for some days, then no more.
    """
    if not deeds:
        return _unknown(3, shop)
    actions = [one for one in deeds if one.kind == "action" and not one.ended and one.due < day]
    if actions:
        return _open(3, "open_action", actions, shop)
    acted = {one.unit for one in deeds if one.kind == "action"}
    silent = [
        one
        for one in deeds
        if one.kind == "review"
        and not (one.acted or one.ended or one.unit in acted)
        and one.begun + ACT < day <= one.begun + LEARN
    ]
    return _open(3, "no_action", silent, shop) if silent else Check(3, "action", "ok", "", shop)


def _feedback(deeds: Sequence[Deed], day: date, shop: str) -> Check:
    """Ask whether the figure was looked at after the action: a review that acted has its result."""
    reviews = [one for one in deeds if one.kind == "review"]
    if not reviews:
        return _unknown(4, shop)
    waiting = [one for one in reviews if one.acted and not one.ended and one.begun + LEARN < day]
    return _open(4, "no_result", waiting, shop) if waiting else Check(4, "feedback", "ok", "", shop)


def _open(
    order: int,
    reason: Literal["open_action", "no_action", "no_result"],
    some: Sequence[Deed],
    shop: str,
) -> Check:
    oldest = min(some, key=lambda one: one.begun)
    unit = oldest.unit if len(some) == 1 else shop
    return Check(order, _NAMES[order], "doubt", reason, unit, count=len(some), since=oldest.begun)
