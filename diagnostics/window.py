"""The last half year of one metric as sums, and which of its days may teach."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from diagnostics import ages
from diagnostics.band import SHOWN
from diagnostics.book.rows import Metric, Term
from diagnostics.panel import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diagnostics.book.rows import Book
    from diagnostics.panel import Panel

    Floats = NDArray[np.float64]

HISTORY = 182
"""No more days of the past than this are read."""


def sum_of(book: Book, measure: str, plus: Sequence[str] = ()) -> Metric:
    """Return the metric that is the plain sum of measures: the book's own, else one made of it."""
    terms = tuple(Term(key) for key in (measure, *plus))
    own = book.metrics.get(measure)
    if own is not None and not own.over and own.of == terms:
        return own
    row = book.measures[measure]
    return Metric(
        key=measure,
        name=row.name,
        of=terms,
        over=(),
        unit=row.unit,
        direction="up",
        stage="",
        owner="",
        definition=row.name,
        rise=row.name,
        fall=row.name,
        clock=row.clock,
    )


def on_day(panel: Panel, metric: Metric, rows: NDArray[np.int64], day: int) -> Floats:
    """Return a metric of some panel rows (n,) on a day index, NaN where it is missing."""
    of = summed(panel, panel.values, metric.of, rows, slice(day, day + 1))[:, 0]
    if not metric.over:
        return metric.scale * of
    over = summed(panel, panel.values, metric.over, rows, slice(day, day + 1))[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(over > 0, metric.scale * of / over, np.nan)


def lately(panel: Panel, metric: Metric, rows: NDArray[np.int64], day: int) -> Floats:
    """Return a metric of some panel rows (n,) over the four weeks up to a day: a ratio of sums."""
    days = slice(max(0, day + 1 - SHOWN), day + 1)
    of = summed(panel, panel.values, metric.of, rows, days)
    over = summed(panel, panel.values, metric.over, rows, days) if metric.over else of * 0.0 + 1.0
    known = np.isfinite(of) & np.isfinite(over)
    top, bottom = np.where(known, of, 0.0).sum(axis=1), np.where(known, over, 0.0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(bottom > 0, metric.scale * top / bottom, np.nan)


def signed(metric: Metric) -> bool:
    """Say whether a metric subtracts anything: it may then be negative."""
    return any(term.sign < 0 for term in (*metric.of, *metric.over))


def summed(
    panel: Panel, values: Floats, terms: Sequence[Term], rows: NDArray[np.int64], days: slice
) -> Floats:
    """Return a signed sum of measures (rows, days) out of values laid out like the panel's."""
    total = np.zeros((len(rows), len(panel.days[days])))
    for term in terms:
        if term.measure not in panel.measures:
            return np.full(total.shape, np.nan)
        total += term.sign * values[panel.measures.index(term.measure)][rows, days]
    return total


@dataclass(frozen=True, eq=False)
class Window:
    """A metric's sums over the last half year and the day (rows, days); `usable` may teach.

    Where figures grow for days after their day, the past is as it stood at the age that the day
    to judge has now (`age` days); `aged` (rows,) says for which rows it is.
    """

    metric: Metric
    of: Floats
    over: Floats | None
    usable: NDArray[np.bool_]
    days: NDArray[np.datetime64]
    aged: NDArray[np.bool_]
    age: int = 1

    @cached_property
    def value(self) -> Floats:
        """Return the metric (rows, days), NaN where a part is missing or the base is none."""
        return self.latest(self.of.shape[1])

    def latest(self, days: int) -> Floats:
        """Return the metric of the last so many days, at least one (rows, days)."""
        of = self.of[:, -days:]
        if self.over is None:
            return self.metric.scale * of
        over = self.over[:, -days:]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(over > 0, self.metric.scale * of / over, np.nan)

    def past(self, values: Floats) -> Floats:
        """Return values of the days before the day, NaN where they may not teach."""
        return np.where(self.usable[:, :-1], values[:, :-1], np.nan)

    def some(self, keep: NDArray[np.int64]) -> Window:
        """Return the window of some of its rows."""
        over = None if self.over is None else self.over[keep]
        return replace(
            self, of=self.of[keep], over=over, usable=self.usable[keep], aged=self.aged[keep]
        )


def window(panel: Panel, metric: Metric, rows: NDArray[np.int64], end: int) -> Window:
    """Return a metric's half year up to a day index, at the day's own age where that is known."""
    span = slice(max(0, end - HISTORY), end + 1)
    days = panel.days[span]
    settled = (panel.days[-1] - days).astype(int) >= metric.settles_after
    usable = (panel.state[rows, span] == State.FINAL) & settled
    over = summed(panel, panel.values, metric.over, rows, span) if metric.over else None
    of = summed(panel, panel.values, metric.of, rows, span)
    plain = Window(metric, of, over, usable, days, np.zeros(len(rows), dtype=bool), panel.age)
    if panel.early is None or end != len(panel.days) - 1:
        return plain
    return _at_age(plain, panel, panel.early, rows, span)


def _at_age(
    plain: Window, panel: Panel, early: Floats, rows: NDArray[np.int64], span: slice
) -> Window:
    """Put the past at the age of the day where enough days tell how they grew."""
    metric = plain.metric
    young = panel.state[rows, span.stop - 1] == State.PROVISIONAL
    of = ages.at_age(summed(panel, early, metric.of, rows, span), plain.of, plain.usable)
    grows, known, over = of.grows, of.known, plain.over
    if over is not None:
        base = ages.at_age(summed(panel, early, metric.over, rows, span), over, plain.usable)
        grows, known, over = grows | base.grows, known & base.known, base.values
    aged = known & (grows | young | (metric.settles_after > 0))
    if not aged.any():
        return plain
    keep = ~aged[:, None]
    final_over = plain.over
    return replace(
        plain,
        of=np.where(keep, plain.of, of.values),
        over=None if over is None or final_over is None else np.where(keep, final_over, over),
        usable=np.where(keep, plain.usable, np.isfinite(of.values)),
        aged=aged,
    )
