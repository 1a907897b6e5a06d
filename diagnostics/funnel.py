"""Where a unit's funnel leaks, and what each leak costs in money."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from diagnostics.book.rows import Term
from diagnostics.decompose import factors
from diagnostics.expect import sum_of
from diagnostics.reading import FunnelReading, StepReading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from diagnostics.book.rows import Book, Funnel, Metric, Step
    from diagnostics.desk import Desk
    from diagnostics.reading import Reading

BASKET = "aov"
EXPLAINED = 0.5
"""What is surely wrong and makes up so much of a fall makes the fall sure."""


def funnel_of(book: Book, kind: str) -> Funnel:
    """Return the funnel of a kind of unit; kinds without one of their own are read as a shop."""
    return book.funnels.get(kind) or book.funnels["shop"]


def basket(book: Book, rows: Funnel) -> Metric | None:
    """Return the metric of the chain's last link: value per count of the last step."""
    return link(book, rows.chain[-1], rows.chain[-2])


def funnel(desk: Desk, row: int, *, trusted: bool = True) -> FunnelReading:
    """Return the funnel of a unit (panel row) with the money lost per step.

    The gap between expected and actual value is split over the chain's factors by LMDI (Ang 2005),
    so the steps' and the basket's losses sum exactly to it; a step without data is left out and its
    neighbours join and its rate is that of the joined link. The leak is the step that loses the
    most of those that are themselves out of what such a day brings.
    """
    book, unit = desk.book, desk.panel.units[row]
    rows = funnel_of(book, unit.kind)
    steps: list[StepReading] = []
    for step in rows.steps:
        rate = _rate_of(book, rows, step, steps)
        count = desk.reading(_counted(book, step, rate), row, trusted=trusted)
        told = None if rate is None else desk.reading(rate, row, trusted=trusted)
        steps.append(StepReading(step.key, count, told, None))
    value = desk.reading(sum_of(book, rows.value), row, trusted=trusted)
    purse = basket(book, rows)
    aov = None if purse is None else desk.reading(purse, row, trusted=trusted)
    losses = _losses(rows, steps, value)
    lost = [losses.get(step.count) for step in rows.steps]
    costed = [
        replace(told, lost=amount if step.in_chain else None)
        for step, told, amount in zip(rows.steps, steps, lost, strict=True)
    ]
    leak = _leak(costed, losses.get(rows.value), aov)
    lacks = _gap(value) if losses else None
    surely = sum(told.lost or 0.0 for told in costed if told.rate and _surely_bad(told.rate))
    if lacks is not None and 0.0 < lacks <= surely / EXPLAINED:
        value = doubtful(value)
    return FunnelReading(
        unit=unit.key,
        day=desk.day,
        days=desk.days,
        steps=tuple(replace(told, is_leak=told.step == leak) for told in costed),
        value=value,
        aov=aov,
        lost=lacks,
        aov_lost=losses.get(rows.value),
        leak=leak,
    )


def asked(book: Book, kind: str) -> Iterator[Metric]:
    """Yield the metrics that the funnel of a kind of unit is read from, where no step lacks data."""
    rows = funnel_of(book, kind)
    for step in rows.steps:
        rate = book.metrics.get(step.rate)
        yield _counted(book, step, rate)
        if rate is not None:
            yield rate
    yield sum_of(book, rows.value)
    purse = basket(book, rows)
    if purse is not None:
        yield purse


def _counted(book: Book, step: Step, rate: Metric | None) -> Metric:
    """Return the count of a step; beside the chain it settles when its rate does."""
    count = sum_of(book, step.count, step.plus)
    if rate is None or step.in_chain:
        return count
    return replace(count, settles_after=rate.settles_after)


def doubtful(told: Reading) -> Reading:
    """Return a reading that fell with what is surely wrong: it is no longer well."""
    return replace(told, light="yellow") if told.light == "green" and told.better is False else told


def _surely_bad(told: Reading) -> bool:
    return told.unusual and told.better is False and told.sureness == "sure"


def _gap(value: Reading) -> float | None:
    if value.expected is None or value.value is None or value.why:
        return None
    return value.expected.mid - value.value


def _losses(rows: Funnel, steps: list[StepReading], value: Reading) -> Mapping[str, float]:
    """Return the money lost by the measure that stands at the end of each link."""
    if _gap(value) is None or value.expected is None or value.value is None:
        return {}
    base, current = {rows.value: value.expected.mid}, {rows.value: value.value}
    for step, told in zip(rows.steps, steps, strict=True):
        count = told.count
        if step.in_chain and count.expected is not None and count.value is not None:
            base[step.count], current[step.count] = count.expected.mid, count.value
    parts = factors(base, current, rows.chain)
    return {name.partition("/")[0]: 0.0 - amount for name, amount in parts.items()}


def _rate_of(book: Book, rows: Funnel, step: Step, before: Sequence[StepReading]) -> Metric | None:
    """Return the rate of a step; where the step before has no data, that from the last one with."""
    own = book.metrics.get(step.rate)
    if own is None or not step.in_chain:
        return own
    above = [
        row.count
        for row, told in zip(rows.steps, before, strict=False)
        if row.in_chain and told.count.value is not None
    ]
    if not above or own.over == (Term(above[-1]),):
        return own
    return link(book, step.count, above[-1]) or own


def link(book: Book, measure: str, above: str) -> Metric | None:
    """Return the metric that is the plain ratio of two measures; None where the book has none."""
    for metric in book.metrics.values():
        plain = metric.of == (Term(measure),) and metric.over == (Term(above),)
        if plain and metric.scale == 1.0:
            return metric
    return None


def _leak(steps: list[StepReading], basket_lost: float | None, aov: Reading | None) -> str:
    """Return the step that loses the most of those that are unusual themselves; else none."""
    losses = [(told.lost or 0.0, told.step, told.rate or told.count) for told in steps]
    if aov is not None:
        losses.append((basket_lost or 0.0, BASKET, aov))
    bad = [
        (lost, step)
        for lost, step, told in losses
        if lost > 0 and told.unusual and told.better is False
    ]
    return max(bad)[1] if bad else ""
