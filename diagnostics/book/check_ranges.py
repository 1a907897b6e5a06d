"""Can each KPI range be met, and is there one answer to which range holds on a day?"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from diagnostics.book.row import EPOCH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.book.known import Known
    from diagnostics.book.rows import Book, RangeRow, Scope


def check_ranges(book: Book, known: Known) -> Iterator[str]:
    """Yield what does not fit in the ranges."""
    same: dict[tuple[str, Scope], list[RangeRow]] = defaultdict(list)
    for one in book.ranges:
        if one.valid_from != EPOCH:
            same[one.metric, one.scope].append(one)
        yield from _references(one, known)
        yield from _order(one, known)
        yield from _share(one, book, known)
    for group in same.values():
        yield from _overlap(group, known)


def _references(one: RangeRow, known: Known) -> Iterator[str]:
    row = ("ranges", one.key)
    yield from known.refer(row, "metric", one.metric, "metrics")
    if one.low_from:
        yield from known.refer(row, "low_from", one.low_from, "metrics")
        if one.low_from == one.metric:
            yield known.say(row, "low_from", "names the range's own metric; name another")
    if one.scope.country:
        yield from known.country((*row, "scope"), "country", one.scope.country)


def _order(one: RangeRow, known: Known) -> Iterator[str]:
    row = ("ranges", one.key)
    low, target, high = one.low, one.target, one.high
    if low is None and high is None and target is None and not one.low_from:
        yield known.say(row, "low", "the range has no bound; give low, target, high or low_from")
    if low is not None and high is not None and low > high:
        field = known.newest(row, "low", "high")
        yield known.say(row, field, f"low {low:g} is above high {high:g}; swap or correct them")
    elif target is not None and (
        (low is not None and target < low) or (high is not None and target > high)
    ):
        bounds = {"low": low, "high": high}
        there = {name: bound for name, bound in bounds.items() if bound is not None}
        told = " and ".join(f"{name} {bound:g}" for name, bound in there.items())
        field = known.newest(row, "target", *there)
        yield known.say(row, field, f"target {target:g} is outside {told}; move it inside")
    if one.valid_to is not None and one.valid_to < one.valid_from:
        field = known.newest(row, "valid_to", "valid_from")
        yield known.say(
            row,
            field,
            f"valid_to {one.valid_to} lies before valid_from {one.valid_from}; correct one of them",
        )


def _share(one: RangeRow, book: Book, known: Known) -> Iterator[str]:
    metric = book.metrics.get(one.metric)
    if metric is None or metric.unit != "ratio":
        return
    for field, bound in (("low", one.low), ("target", one.target), ("high", one.high)):
        if bound is not None and bound > 1:
            yield known.say(
                ("ranges", one.key),
                field,
                f"{bound:g} is more than the whole; write {bound:g} % as {bound / 100:g}",
            )


def _overlap(group: list[RangeRow], known: Known) -> Iterator[str]:
    for before, after in pairwise(sorted(group, key=lambda one: one.valid_from)):
        if after.valid_from <= (before.valid_to or date.max):
            yield known.say(
                ("ranges", after.key),
                "valid_from",
                f"{after.valid_from} lies within the validity of {before.key}, which has the same"
                f" metric and scope; end that one with valid_to before",
            )
