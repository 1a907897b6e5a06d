"""Which KPI range applies to a unit on a day, and where a value lies against it, if certain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from diagnostics.book.rows import Book, Metric, RangeRow, Scope
    from diagnostics.panel import Unit

    Floats = NDArray[np.float64]

CERTAIN = 0.95
"""A rate lies outside a range only when the posterior says so with more than this."""
NONE, BELOW, INSIDE, ABOVE = 0, -1, 1, 2


def proportion(book: Book, metric: Metric) -> bool:
    """Say whether a metric is a share of events: one count over one count, as it is."""
    if len(metric.of) != 1 or len(metric.over) != 1 or metric.scale != 1.0:
        return False
    pair = (metric.of[0].measure, metric.over[0].measure)
    return all(key in book.measures and book.measures[key].unit == "count" for key in pair)


def speaks_of(scope: Scope, unit: Unit) -> bool:
    """Say whether a scope includes a unit; an empty field of the scope means any."""
    pairs = (
        (scope.unit, unit.key),
        (scope.kind, unit.kind),
        (scope.level, unit.level),
        (scope.stage, unit.stage),
        (scope.category, unit.category),
        (scope.country, unit.country),
    )
    return all(not wanted or wanted.casefold() == had.casefold() for wanted, had in pairs)


def _rank(row: RangeRow) -> tuple[bool, int, bool, bool, bool, bool, date, str]:
    scope = row.scope
    return (
        bool(scope.unit),
        bool(scope.kind) + bool(scope.level),
        bool(scope.stage),
        bool(scope.category),
        bool(scope.country),
        row.grade == "own",
        row.valid_from,
        row.key,
    )


def _candidates(book: Book, metric: Metric, day: date) -> list[RangeRow]:
    rows = [
        row
        for row in book.ranges
        if row.metric == metric.key
        and row.valid_from <= day
        and (row.valid_to is None or day <= row.valid_to)
    ]
    return sorted(rows, key=_rank, reverse=True)


def _first(rows: Sequence[RangeRow], metric: Metric, unit: Unit) -> RangeRow | None:
    for row in rows:
        scope = row.scope
        own_size = metric.over or scope.unit or scope.kind or scope.level or unit.kind == "shop"
        if own_size and speaks_of(scope, unit):
            return row
    return None


def applies(book: Book, metric: Metric, unit: Unit, day: date) -> RangeRow | None:
    """Return the range that judges a unit's metric on a day; None where there is none.

    The most specific scope wins: unit, then kind or level, stage, category, country; among equals
    the team's own row, then the youngest. Only rows valid on that day count, so a day of March is
    judged by March's range. A plain sum (such as GMV) without unit, kind or level in the scope
    speaks of shops only: a shop's target does not judge its single videos.
    """
    return _first(_candidates(book, metric, day), metric, unit)


@dataclass(frozen=True, eq=False)
class Scopes:
    """The units' distinct scopes: `code` int (units,) points into `units`, one for each scope."""

    code: NDArray[np.int64]
    units: tuple[Unit, ...]

    @classmethod
    def of(cls, units: Sequence[Unit], named: frozenset[str]) -> Scopes:
        """Number the scopes of units once; units `named` by some range have one of their own."""
        seen: dict[tuple[str, ...], int] = {}
        first: list[Unit] = []
        codes = np.empty(len(units), dtype=np.int64)
        for row, unit in enumerate(units):
            own = unit.key if unit.key in named else ""
            key = (own, unit.kind, unit.level, unit.stage, unit.category, unit.country)
            codes[row] = seen.setdefault(key, len(seen))
            if len(seen) > len(first):
                first.append(unit)
        return cls(codes, tuple(first))


def bounds(
    book: Book, metric: Metric, scopes: Scopes, day: date
) -> tuple[tuple[RangeRow | None, ...], Floats, Floats]:
    """Return the range of each scope with its low and high (scopes,), infinite where open."""
    rows = _candidates(book, metric, day)
    found = tuple(_first(rows, metric, unit) for unit in scopes.units)
    low = [-np.inf if row is None or row.low is None else row.low for row in found]
    high = [np.inf if row is None or row.high is None else row.high for row in found]
    return found, np.array(low), np.array(high)


def position(
    value: Floats, of: Floats, over: Floats, low: Floats, high: Floats, *, share: bool
) -> tuple[NDArray[np.int8], Floats]:
    """Return where values (units,) lie (BELOW, INSIDE, ABOVE; NONE = not certain) and how surely.

    For a share of events the posterior of the true rate speaks, Beta(of + 1/2, over - of + 1/2)
    (Jeffreys): "below" only when P(true rate < low) > 0.95, so 3 refunds of 12 never break a range
    of 10 % while 300 of 1,200 do; that probability is the certainty. It speaks of this day's true
    rate, so how rates vary from day to day has no part in it. More hits than base count as all.
    Other values are compared as they are.
    """
    if share:
        misses = np.maximum(over - of, 0.0) + 0.5
        hits = np.maximum(of, 0.0) + 0.5
        under = special.betainc(hits, misses, np.clip(low, 0.0, 1.0))
        above = special.betaincc(hits, misses, np.clip(high, 0.0, 1.0))
    else:
        under, above = (value < low).astype(float), (value > high).astype(float)
    place = np.where((value >= low) & (value <= high), INSIDE, NONE)
    place = np.where(under > CERTAIN, BELOW, np.where(above > CERTAIN, ABOVE, place))
    place = np.where(np.isfinite(value), place, NONE)
    return place.astype(np.int8), np.nan_to_num(np.maximum(under, above))
