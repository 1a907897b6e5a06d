"""Whether all shops moved together, or only this one: each change beside that of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from diagnostics.band import limit
from diagnostics.reading import Compared, Moved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Verdict = Literal["alone", "together", "unclear"]
LEAST = 3
"""Fewer units than this are compared without a claim."""
MOST_MOVED = 2.0 / 3.0
"""A group moved as one when at least this share of it did, and the others not against it."""
LEARNT = 10
"""Past days from which a group's own unrest is learnt."""
FIRM = limit(0.2) / limit(1.0)
"""A group is told from this many reaches on: on one ordinary day in 500."""
MEDIAN = float(np.sqrt(np.pi / 2.0))
"""The spread of a median of n against that of one, times the root of n (normal errors)."""


@dataclass(frozen=True, slots=True)
class Move:
    """A unit's log change against what was expected, and the log reach of its band that way.

    `past` are the log changes of the past days, oldest first, NaN = missing.
    """

    unit: str
    change: float
    reach: float
    past: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A group's common movement: `change` (log) beside the `reach` of an ordinary day."""

    change: float
    reach: float
    score: float
    """The change in reaches; 1 and more is out."""
    count: int
    moved: tuple[Moved, ...]
    """Who went that way no less and no more than the group, the biggest change first."""


def compare(moves: Sequence[Move]) -> dict[str, Compared]:
    """Return each unit's movement beside that of the others; empty for a single unit.

    Difference in differences: d = own log change - median of the others' (without the own one).
    The band of d adds the own reach and that of the others' median (sqrt(pi/2) / sqrt(n) of a
    usual reach) in quadrature. "alone": out of its own band, d is too, and the others are not;
    "together": the others are out with it and d is ordinary. Two units are compared without a
    claim.
    """
    return {one.unit: _beside(one, _without(moves, one)) for one in moves if len(moves) > 1}


def _without(moves: Sequence[Move], one: Move) -> list[Move]:
    return [other for other in moves if other.unit != one.unit]


def _beside(one: Move, others: Sequence[Move]) -> Compared:
    middle, reach = _middle(others), _reach(others)
    left, ordinary = one.change - middle, float(np.hypot(one.reach, reach))
    return Compared(
        own=float(np.expm1(one.change)),
        others=float(np.expm1(middle)),
        left=float(np.expm1(left)),
        low=float(np.expm1(-ordinary)),
        high=float(np.expm1(ordinary)),
        count=len(others),
        verdict=_verdict(one, middle, reach, ordinary) if len(others) + 1 >= LEAST else "unclear",
    )


def _verdict(one: Move, middle: float, reach: float, ordinary: float) -> Verdict:
    left = one.change - middle
    if abs(middle) > reach and middle * one.change > 0.0 and abs(left) <= ordinary:
        return "together"
    if abs(one.change) >= one.reach and abs(left) >= ordinary and abs(middle) <= reach:
        return "alone"
    return "unclear"


def _middle(moves: Sequence[Move]) -> float:
    return float(np.median([one.change for one in moves]))


def _reach(moves: Sequence[Move]) -> float:
    """Return how far the median of some units goes on an ordinary day (log), one in a hundred.

    From their own reaches, and no less than the medians of the past days went (1.48 times the
    median absolute deviation): what moves all of them each week is no news.
    """
    alone = MEDIAN / float(np.sqrt(len(moves))) * float(np.median([one.reach for one in moves]))
    past = _past(moves)
    if len(past) < LEARNT:
        return alone
    spread = 1.4826 * float(np.median(np.abs(past - np.median(past))))
    return max(alone, limit(1.0) * spread)


def _past(moves: Sequence[Move]) -> NDArray[np.float64]:
    """Return the medians of the past days on which at least half of the units have a figure."""
    days = min((len(one.past) for one in moves), default=0)
    if not days:
        return np.zeros(0)
    table = np.array([one.past[-days:] for one in moves])
    enough = np.isfinite(table).sum(axis=0) * 2 >= len(moves)
    return np.asarray(np.nanmedian(table[:, enough], axis=0), dtype=float)


def past(moves: Sequence[Move]) -> NDArray[np.float64]:
    """Return how far the group's median went on its past days, in reaches and signed, as in group."""
    found, reach = _past(moves), _reach(moves) if moves else 0.0
    if len(found) < LEARNT or reach <= 0.0:
        return np.zeros(0)
    return np.asarray((found - np.median(found)) / reach, dtype=float)


def group(moves: Sequence[Move], firm: float = FIRM) -> Group | None:
    """Return how a group moved as one; None where it did not, or has fewer than three units.

    The group's median change, less its usual one of the past days, is `firm` times as far as such
    medians go, or more; two thirds of the units went along: that way, by at least half of it, and no further than
    their own band allows beside the others. Those who went further are left out of `moved`: theirs
    is another story.
    """
    if len(moves) < LEAST:
        return None
    before, reach = _past(moves), _reach(moves)
    usual = float(np.median(before)) if len(before) >= LEARNT else 0.0
    change = _middle(moves)
    score = abs(change - usual) / reach if reach > 0.0 else 0.0
    along = [
        one for one in moves if one.change * change > 0.0 and 2.0 * abs(one.change) >= abs(change)
    ]
    needed = max(LEAST, int(np.ceil(MOST_MOVED * len(moves))))
    if score < firm or len(along) < needed:
        return None
    moved = [one for one in along if not _further(one, moves, change)]
    order = sorted(moved, key=lambda one: (-abs(one.change), one.unit))
    told = tuple(Moved(one.unit, float(np.expm1(one.change))) for one in order)
    return Group(change, reach, score, len(moves), told) if len(told) >= LEAST else None


def _further(one: Move, moves: Sequence[Move], change: float) -> bool:
    """Say whether a unit went beyond the group by more than its own band allows."""
    others = _without(moves, one)
    left = one.change - _middle(others)
    return left * change > 0.0 and abs(left) > float(np.hypot(one.reach, _reach(others)))
