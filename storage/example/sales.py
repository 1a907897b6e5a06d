"""Which orders were placed and which came back: the lines behind the example's counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from storage.example.days import STEPS
from storage.example.planted import bend, incidents
from storage.example.shops import CHANNELS

if TYPE_CHECKING:
    from datetime import date

    from numpy.random import Generator
    from numpy.typing import NDArray

    from storage.example.days import Course
    from storage.example.shops import Plan, Product

REASONS = ("quality", "late", "mismatch", "other")
ORDINARY_REASONS = (0.30, 0.18, 0.27, 0.25)
SETTLING = (2, 9)
"""Youngest and oldest age in days of an order whose refund is asked for."""


@dataclass(frozen=True, eq=False)
class Sales:
    """Order arrays of one shop, all (orders,), in order of the day.

    `day`, `refund_day` and `reason` are indices (-1 = none), `paid` the amount of the order in the
    shop's currency, `second` the seconds after midnight, local time.
    """

    day: NDArray[np.int64]
    second: NDArray[np.int64]
    channel: NDArray[np.int64]
    product: NDArray[np.int64]
    quantity: NDArray[np.int64]
    off: NDArray[np.float64]
    paid: NDArray[np.float64]
    creator: NDArray[np.int64]
    buyer: NDArray[np.int64]
    late: NDArray[np.bool_]
    refund_day: NDArray[np.int64]
    reason: NDArray[np.int64]

    def per_day(self, days: int, weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Return a sum by order day (days,): a count, or the sum of the weights."""
        return np.bincount(self.day, weights, minlength=days).astype(float)


def sales(course: Course, chance: Generator) -> Sales:
    """Draw every paid order of a shop's course, and the refunds asked for afterwards."""
    plan, row = course.plan, STEPS.index("orders")
    numbers = np.stack([course.counts[channel][row] for channel in CHANNELS], axis=1)
    day = np.repeat(np.arange(len(course.days)), numbers.sum(axis=1))
    channel = np.concatenate([np.repeat(np.arange(len(CHANNELS)), line) for line in numbers])
    count = len(day)
    product = chance.choice(len(plan.products), count, p=[item.share for item in plan.products])
    quantity = chance.choice([1, 2, 3], count, p=[0.84, 0.12, 0.04])
    price = np.array([item.price for item in plan.products])[product]
    basket = bend(plan.shop.key, "card", "basket", course.days)[day]
    gross = price * quantity
    digits = 0 if plan.shop.currency == "IDR" else 2
    off = np.round(
        gross * (1 - basket * chance.choice([1.0, 0.9, 0.85], count, p=[0.6, 0.25, 0.15])), digits
    )
    late = (
        chance.random(count)
        < np.clip(0.015 * bend(plan.shop.key, "card", "late", course.days), 0, 0.9)[day]
    )
    refund_day, reason = _refunds(course, day, product, chance)
    return Sales(
        day, _seconds(plan, channel, chance), channel, product, quantity, off,
        np.round(gross - off, digits), chance.choice(len(plan.creators), count, p=_falling(len(plan.creators))),
        chance.integers(0, max(count // 2, 1), count), late, refund_day, reason,
    )  # fmt: skip


def _falling(count: int) -> NDArray[np.float64]:
    """Return shares that fall from the first to the last."""
    weights = 0.7 ** np.arange(count)
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _seconds(plan: Plan, channel: NDArray[np.int64], chance: Generator) -> NDArray[np.int64]:
    """Draw the time of each order: inside the session for the LIVE, else any waking hour."""
    count = len(channel)
    waking = (8 * 3600 + chance.beta(2.2, 1.6, count) * 15.5 * 3600).astype(np.int64)
    start = plan.live_start[0] * 3600 + plan.live_start[1] * 60
    airing = start + chance.integers(120, plan.live_minutes * 60, count)
    return np.where(channel == CHANNELS.index("live"), airing, waking)


def _refunds(
    course: Course, day: NDArray[np.int64], product: NDArray[np.int64], chance: Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Choose, day by day and product by product, which earlier orders are asked back and why."""
    refund_day = np.full(len(day), -1)
    reason = np.full(len(day), -1)
    bounds = np.searchsorted(day, np.arange(len(course.days) + 1))
    for number, item in enumerate(course.plan.products):
        rates = course.plan.refunds * _demand(course.plan, item, course.days)
        for at in range(SETTLING[1], len(course.days)):
            window = slice(bounds[at - SETTLING[1]], bounds[at - SETTLING[0] + 1])
            pool = np.flatnonzero((product[window] == number) & (refund_day[window] < 0))
            mean = (
                rates[at] * len(pool) / (SETTLING[1] - SETTLING[0] + 1) * chance.gamma(90, 1 / 90)
            )
            chosen = window.start + chance.choice(
                pool, min(chance.poisson(mean), len(pool)), replace=False
            )
            refund_day[chosen] = at
            shares = _reasons(course.plan, item, course.days[at])
            reason[chosen] = chance.choice(len(REASONS), len(chosen), p=shares)
    return refund_day, reason


def _demand(plan: Plan, item: Product, days: tuple[date, ...]) -> NDArray[np.float64]:
    """Return how many times the ordinary refund rate applies to a product per day."""
    return bend(plan.shop.key, item.name, "refunds", days)


def _reasons(plan: Plan, item: Product, day: date) -> tuple[float, ...]:
    """Return the shares of the reasons given: an incident's own reason takes over three fifths."""
    for row in incidents():
        if (
            row.shop == plan.shop.key
            and row.reason
            and row.touches(item.name)
            and row.first <= day <= row.last
        ):
            own = REASONS.index(row.reason)
            return tuple(
                0.4 * share + 0.6 * (at == own) for at, share in enumerate(ORDINARY_REASONS)
            )
    return ORDINARY_REASONS
