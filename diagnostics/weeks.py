"""A week, or all days since a slide began, against the four weeks before: sums, rates, money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diagnostics import money
from diagnostics.book.rows import Term
from diagnostics.decompose import factors
from diagnostics.window import summed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from diagnostics.book.rows import Book, Funnel, Metric
    from diagnostics.panel import Panel

    Floats = NDArray[np.float64]

WEEK = 7
WEEKS = 4
"""Days are held against so many weeks before them."""


@dataclass(frozen=True, eq=False)
class Stretch:
    """Days `first` to `end` (panel indices) of a panel row; `ordinary` (days up to the end) teach."""

    panel: Panel
    book: Book
    row: int
    first: int
    end: int
    ordinary: NDArray[np.bool_]

    def sums(self, terms: tuple[Term, ...]) -> tuple[float, float]:
        """Return a sum of these days, and of such days in the four weeks before them.

        Such a day is the mean of the ordinary ones of its weekday; special days are taken to have
        changed as far as the ordinary ones, days that are not known count on neither side. NaN
        where no ordinary day is known, or none like one of them.
        """
        begin = self.first - WEEK * WEEKS
        if begin < 0:
            return float("nan"), float("nan")
        rows = np.array([self.row])
        values = summed(self.panel, self.panel.values, terms, rows, slice(0, self.end))[0]
        known = np.isfinite(values)
        teach = values[begin : self.first].reshape(WEEKS, WEEK)
        good = (known & self.ordinary)[begin : self.first].reshape(WEEKS, WEEK)
        count = good.sum(axis=0)
        mean = np.where(good, teach, 0.0).sum(axis=0) / np.where(count, count, np.nan)
        here = np.arange(self.first, self.end)
        plain = here[known[here] & self.ordinary[here]]
        special = here[known[here] & ~self.ordinary[here]]
        if not len(plain):
            return float("nan"), float("nan")
        new, old = float(values[plain].sum()), float(mean[(plain - begin) % WEEK].sum())
        more = float(values[special].sum())
        return new + more, old + (more * old / new if new > 0.0 else more)

    def complete(self, metric: Metric) -> bool:
        """Say whether all that a metric reads is known on each of these days."""
        days = slice(self.first, self.end)
        every = [self.panel.measure(key)[self.row, days] for key in metric.measures]
        return bool(np.isfinite(every).all())

    def rate(self, metric: Metric) -> tuple[float, float]:
        """Return a metric over these days and before them; of a rate the ratio of the sums."""
        new, old = self.sums(metric.of)
        if not metric.over:
            return metric.scale * new, metric.scale * old
        below, under = self.sums(metric.over)
        if not (below > 0.0 and under > 0.0):
            return float("nan"), float("nan")
        return metric.scale * new / below, metric.scale * old / under

    def parts(self, path: Funnel) -> Mapping[str, float]:
        """Return the change of the funnel's value (LMDI), by the measure at each link's end."""
        base, current = {}, {}
        for key in path.chain:
            new, old = self.sums((Term(key),))
            if np.isfinite([new, old]).all():
                base[key], current[key] = old, new
        if path.value not in base:
            return {}
        parts = factors(base, current, path.chain)
        return {name.partition("/")[0]: part for name, part in parts.items()}

    def part(self, measure: str, path: Funnel) -> float:
        """Return the value lost (>= 0) by the link of the chain that ends with a measure."""
        return 0.0 - self.parts(path).get(measure, float("nan"))

    def cost(self, metric: Metric, path: Funnel) -> float:
        """Return the value lost (>= 0) by a rate beside the chain: its events times their worth.

        Lost are the events that are too many or too few for the four weeks' rate, each with the
        value that one carries (`money.worth`).
        """
        of, _ = self.sums(metric.of)
        over, _ = self.sums(metric.over)
        value, _ = self.sums((Term(path.value),))
        now, before = self.rate(metric)
        kind = self.panel.units[self.row].kind
        each = money.worth(self.book, kind, metric, of, over, value)
        less = before - now if metric.direction == "up" else now - before
        return less / metric.scale * over * each
