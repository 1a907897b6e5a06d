"""How a past day stood when it was as old as the judged day is now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diagnostics.panel import Panel

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

LEAST_PAIRS = 8
"""So many days must be known both early and settled before the growth between is believed."""
PULL = 8.0
"""A unit's own growth counts like that of all after so many days."""
GROWS = 0.005
"""A mean growth below this is none."""


class Aged(NamedTuple):
    """Sums at an age (rows, days); `grows` (rows,) where they change later, `known` where told."""

    values: Floats
    grows: Flags
    known: Flags


def at_age(early: Floats, final: Floats, settled: Flags) -> Aged:
    """Return sums (rows, days) as they stood at the age of the last day.

    `early` is what stood then, NaN where nobody looked so early; those days are the `settled`
    `final` figure times the completion, early over final, of the days that have both: a ratio of
    sums, each row's own pulled by eight days towards that of all. With fewer than eight such days
    in all nothing is known. The last day stays what it is.
    """
    both = np.isfinite(early) & np.isfinite(final) & settled
    both[:, -1] = False
    size = np.where(both, np.abs(final), 0.0).sum(axis=1)
    count = both.sum(axis=1)
    some = (count > 0) & (size > 0)
    part = np.where(both, early, 0.0).sum(axis=1)
    own = np.where(some, part / np.where(some, size, 1.0), 1.0)
    pairs = int(count[some].sum())
    everyone = float((own * count)[some].sum() / pairs) if pairs else 1.0
    known = np.full(len(early), pairs >= LEAST_PAIRS)
    done = (own * count + PULL * everyone) / (count + PULL)
    values = np.where(np.isfinite(early), early, np.where(settled, final * done[:, None], np.nan))
    values[:, -1] = final[:, -1]
    return Aged(values, np.abs(done - 1.0) > GROWS, known)


def with_early(panel: Panel, young: Sequence[Panel], age: int = 1) -> Panel:
    """Return a panel that knows how its days stood at the last day's age (in days).

    `young` are the same days of some of the units each, as they stood so early: shops of several
    time zones are read apart. All end with the same day; days, units and measures that they lack
    were not known so early.
    """
    early = np.full(panel.values.shape, np.nan)
    for part in young:
        late = early[:, :, -len(part.days) :]
        place = {unit.key: row for row, unit in enumerate(part.units)}
        pairs = [(row, place[one.key]) for row, one in enumerate(panel.units) if one.key in place]
        mine, theirs = (list(one) for one in zip(*pairs, strict=True)) if pairs else ([], [])
        for at, measure in enumerate(panel.measures):
            late[at, mine] = part.measure(measure)[theirs]
    return replace(panel, early=early, age=age)
