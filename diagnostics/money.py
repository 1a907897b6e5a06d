"""What a figure that is out costs: in GMV, and in contribution profit where costs are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from diagnostics.book.rows import Term
from diagnostics.funnel import funnel_of

if TYPE_CHECKING:
    from diagnostics.book.rows import Book, Metric
    from diagnostics.panel import Panel
    from diagnostics.reading import FunnelReading, Reading

SPAN = 28
"""The margin is that of the last four weeks: one day's costs are too rough."""


def lost(book: Book, kind: str, metric: Metric, told: Reading, funnel: FunnelReading) -> float:
    """Return the GMV lost (>= 0, the unit's currency) by a figure that is out.

    A funnel step: its LMDI part. Else the missing events (or those too many) against what was
    expected, or against the range where that is what is broken, times the GMV that one carries:
    events of a chain step carry their step's GMV, events per paid order an order's GMV (a refund),
    money counts as it is. Figures without such a link carry no money of their own.
    """
    step = _step_lost(book, kind, metric, funnel)
    if step is not None:
        return max(0.0, step)
    wish = wanted(told)
    if wish is None or told.value is None or told.over is None:
        return 0.0
    events = abs(wish - told.value) * told.over / metric.scale
    return events * worth(book, kind, metric, told.of, told.over, funnel.value.value)


def in_funnel(book: Book, kind: str, metric: Metric, funnel: FunnelReading) -> bool:
    """Say whether a metric's loss is a part of the funnel's own."""
    return _step_lost(book, kind, metric, funnel) is not None


def wanted(told: Reading) -> float | None:
    """Return what the figure should have been: the expected, or the range's bound it breaks."""
    if told.unusual and told.expected is not None:
        return told.expected.mid
    if told.range is not None:
        return told.range.low if told.position == "below" else told.range.high
    return None


def _step_lost(book: Book, kind: str, metric: Metric, funnel: FunnelReading) -> float | None:
    if funnel.aov is not None and funnel.aov.metric == metric.key:
        return funnel.aov_lost
    if funnel.value.metric == metric.key:
        return funnel.lost
    for row, told in zip(funnel_of(book, kind).steps, funnel.steps, strict=True):
        key = told.rate.metric if told.rate is not None else row.rate or row.count
        if row.in_chain and metric.key == key:
            return told.lost
    return None


def worth(
    book: Book,
    kind: str,
    metric: Metric,
    of: float | None,
    over: float | None,
    value: float | None,
) -> float:
    """Return the GMV that one event of a rate's numerator carries, from its sums and the value.

    Money counts as it is; events of a chain step carry their step's value, events per paid order
    an order's; others none.
    """
    rows = funnel_of(book, kind)
    measure, base = metric.of[0].measure, metric.over[0].measure
    if book.measures[measure].unit == "money":
        return 1.0
    if value is None or not of or not over:
        return 0.0
    if measure in rows.chain:
        return value / of
    return value / over if base == rows.chain[-2] else 0.0


def step_of(book: Book, kind: str, metric: Metric) -> str:
    """Return the funnel step at which a metric sits; empty when it is not a step."""
    for row in funnel_of(book, kind).steps:
        if metric.key == (row.rate or row.count):
            return row.key
    return ""


def margin(panel: Panel, book: Book, row: int, at: int, value: str) -> float | None:
    """Return a unit's contribution margin before ads over four weeks; None without cost data.

    It is the inverse of the break-even ROAS: sums of value less refunds and costs, over value.
    """
    for metric in book.metrics.values():
        if metric.of == (Term(value),) and any(term.sign < 0 for term in metric.over):
            days = slice(max(0, at + 1 - SPAN), at + 1)
            of = np.array(panel.total(metric.of)[row, days])
            over = np.array(panel.total(metric.over)[row, days])
            known = np.isfinite(of) & np.isfinite(over)
            top, bottom = over[known].sum(), of[known].sum()
            return float(top / bottom) if bottom > 0 else None
    return None
