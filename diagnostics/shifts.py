"""One factor on several figures at once: amounts in another currency, orders counted otherwise."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from diagnostics.panel import Panel

    Floats = NDArray[np.float64]

BASE, WEEK = 28, 7
"""Days that show how figures relate, before the last seven: a shift is told within a week."""
LEAST_DAYS = 14
LEAST = 20.0
"""Below so many a day relations swing by themselves."""
STANDS_OUT = 4.0
"""A shift counts from so many spreads on of as long a mean in the days before."""
ALONG, MOST = 3.0, 0.9
"""An amount goes along within so many spreads; so much of the weight must."""
LIKE_RATE, LIKE_RATE_NOISY = 0.02, 0.05
"""Log distance up to which a factor is an exchange rate, and the most that noise makes of it."""
NOISE = 1.5
STILL = 1.5
"""Counts lie where they lay within so many of their usual reaches."""
FLOOR = 0.003
RECOUNTED = 3
"""Days after which a new level of orders is one, and for so many mornings it is told."""
LARGEST = log(2.0)


class Shift(NamedTuple):
    """A common `factor` since `run` days (today included) on the measures, as of `other`."""

    measures: tuple[str, ...]
    factor: float
    run: int
    other: str = ""
    """The currency whose rate the factor is."""


class _Course(NamedTuple):
    """How far a relation lies from its middle, per day: base days, then the last week and today."""

    past: Floats
    late: Floats

    def spread(self, days: int = 1) -> float:
        """Return how far means of so many days ordinarily lie from the middle."""
        known = self.past[np.isfinite(self.past)]
        means = np.convolve(known, np.full(days, 1.0 / days), mode="valid")
        return max(float(np.sqrt(np.square(means).mean())), FLOOR)

    def moved(self, run: int) -> float:
        """Return where the relation lies on the last `run` days."""
        last = self.late[-run:]
        return float(last[np.isfinite(last)].mean())

    def step(self, run: int) -> float | None:
        """Return the size of a step that came `run` days ago and stayed; None for none."""
        size = self.moved(run)
        if abs(size) < STANDS_OUT * self.spread(run):
            return None
        part = np.nan_to_num(self.late[np.isfinite(self.late)] / size)
        since = int(np.isfinite(self.late[-run:]).sum())
        stayed, before = part[-since:], part[:-since]
        return size if (stayed > 0.5).all() and len(before) and (before < 0.5).all() else None


def in_other_currency(
    panel: Panel,
    row: int,
    at: int,
    money: Sequence[str],
    chain: Sequence[str],
    rates: Mapping[str, float],
) -> Shift | None:
    """Return the exchange rate by which the amounts of a unit left their counts; None for none.

    Each amount is taken per one of the counts, the one to which it holds closest. They must have
    moved by one factor (the mean, weighted by how closely they hold: nine tenths of the weight go
    along, and two amounts are beyond doubt), out of the noise, while the counts of the funnel's
    `chain` lie where they lay. The factor is that of a currency of `rates` (worth in the reporting
    one) against the unit's own within 2 %, with the noise of so many days 5 % at most.
    """
    own = panel.units[row].currency
    courses = _per_count(panel, row, at, money) if own in rates else {}
    if len(courses) < 2:
        return None
    common = _common(courses)
    for run in range(WEEK, 0, -1):
        size = common.step(run)
        if size is None or not _together(courses, size, run):
            continue
        noise = max(LIKE_RATE, min(NOISE * common.spread(run), LIKE_RATE_NOISY))
        gaps = {
            other: abs(size - log(rates[own] / worth))
            for other, worth in rates.items()
            if other != own
        }
        other = min(gaps, key=lambda key: gaps[key], default="")
        counts = [one for one in chain if one not in money]
        if other and gaps[other] <= noise and _still(panel, row, at, counts, run):
            return Shift(tuple(courses), exp(size), run, other)
    return None


def recounted(panel: Panel, row: int, at: int, chain: Sequence[str], after: str) -> Shift | None:
    """Return a new level of orders and value at once that nothing before or after them shares.

    As when cancelled orders are counted from one day on, or no longer: both leave the two steps
    before them by one factor and stay there, while the basket stays what it was and the count
    `after` them (refunds, where it is known) does not go along. Told from the third day on, for three
    mornings. It may be a real change as well.
    """
    there = [one for one in chain if one in panel.measures]
    if len(there) < 4 or there[-2:] != list(chain[-2:]):
        return None
    *steps, orders, value = there
    near, far = (_course(panel, row, at, orders, one) for one in steps[:-3:-1])
    basket = _course(panel, row, at, value, orders)
    later = _course(panel, row, at, after, steps[-1])
    if near is None or far is None or basket is None:
        return None
    for run in range(2 * RECOUNTED - 1, RECOUNTED - 1, -1):
        size, other = near.step(run), far.step(run)
        if size is None or other is None or abs(size) > LARGEST:
            continue
        calm = abs(basket.moved(run)) <= 2.0 * basket.spread(run)
        along = later is not None and later.moved(run) / size > 0.5
        if calm and not along:
            return Shift((orders, value), exp(size), run)
    return None


def _logs(panel: Panel, row: int, at: int, measures: Sequence[str]) -> Floats:
    """Return logarithms (measures, days) of the base, a week and today; NaN rows of what is small."""
    first = max(0, at - BASE - WEEK)
    places = [panel.measures.index(one) for one in measures]
    values = panel.values[places, row, first : at + 1]
    logs = np.log(np.where(values > 0.0, values, np.nan))
    known = np.isfinite(logs[:, : -WEEK - 1]).sum(axis=1)
    mean = np.nansum(values[:, : -WEEK - 1], axis=1) / np.maximum(known, 1)
    good = (known >= LEAST_DAYS) & (mean >= LEAST) & np.isfinite(logs[:, -1])
    return np.where(good[:, None], logs, np.nan)


def _course(panel: Panel, row: int, at: int, measure: str, per: str) -> _Course | None:
    if measure not in panel.measures:
        return None
    top, bottom = _logs(panel, row, at, (measure, per))
    return _relation(top - bottom)


def _relation(ratio: Floats) -> _Course | None:
    past = ratio[: -WEEK - 1]
    known = past[np.isfinite(past)]
    if len(known) < LEAST_DAYS or not np.isfinite(ratio[-1]):
        return None
    middle = float(np.median(known))
    return _Course(past - middle, ratio[-WEEK - 1 :] - middle)


def _per_count(panel: Panel, row: int, at: int, money: Sequence[str]) -> Mapping[str, _Course]:
    """Return each amount's course per the count to which it holds closest."""
    amounts = [one for one in money if one in panel.measures]
    counts = _logs(panel, row, at, [one for one in panel.measures if one not in amounts])
    counts = counts[np.isfinite(counts[:, : -WEEK - 1]).sum(axis=1) >= BASE - 1]
    found: dict[str, _Course] = {}
    if not len(counts):
        return found
    for key, logs in zip(amounts, _logs(panel, row, at, amounts), strict=True):
        if not np.isfinite(logs[-1]):
            continue
        ratio = logs - counts
        past = ratio[:, : -WEEK - 1]
        known = np.isfinite(past)
        size = np.maximum(known.sum(axis=1), 1)
        mean = np.where(known, past, 0.0).sum(axis=1) / size
        wide = np.where(known, np.square(past - mean[:, None]), 0.0).sum(axis=1) / size
        course = _relation(ratio[int(np.argmin(wide))])
        if course is not None:
            found[key] = course
    return found


def _common(courses: Mapping[str, _Course]) -> _Course:
    """Return the amounts' course together, each weighted by how closely it holds."""
    weight = np.array([one.spread() ** -2 for one in courses.values()])[:, None]

    def mean(rows: Floats) -> Floats:
        known = np.isfinite(rows)
        total = (weight * known).sum(axis=0)
        sums = (weight * np.where(known, rows, 0.0)).sum(axis=0)
        return np.where(total > 0.0, sums / np.maximum(total, 1e-9), np.nan)

    every = list(courses.values())
    return _Course(
        mean(np.stack([one.past for one in every])), mean(np.stack([one.late for one in every]))
    )


def _together(courses: Mapping[str, _Course], size: float, run: int) -> bool:
    """Say whether the amounts moved by that factor, and two of them beyond doubt."""
    sure, along, whole = 0, 0.0, 0.0
    for one in courses.values():
        spread, moved, weight = one.spread(run), one.moved(run), one.spread() ** -2
        near = abs(moved - size) <= max(ALONG * spread, LIKE_RATE)
        whole += weight
        along += weight * near
        sure += near and abs(moved) >= STANDS_OUT * spread
    return sure > 1 and along >= MOST * whole


def _still(panel: Panel, row: int, at: int, counts: Sequence[str], run: int) -> bool:
    """Say whether counts lie where they lay."""
    for logs in _logs(panel, row, at, [one for one in counts if one in panel.measures]):
        course = _relation(logs)
        if course is not None:
            known = course.past[np.isfinite(course.past)]
            if abs(course.moved(run)) > STILL * float(np.quantile(np.abs(known), 0.95)):
                return False
    return True
