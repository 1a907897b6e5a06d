"""How many people reach each step of each channel, day by day: the example's latent funnel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from storage.example.planted import bend
from storage.example.shops import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.random import Generator
    from numpy.typing import NDArray

    from storage.example.shops import Channel, Flow, Plan

FIRST, LAST = date(2025, 12, 13), date(2026, 3, 12)
RUN_IN = 16
"""Days lived before the first day that is written, so that refunds have orders to come from."""
STEPS = ("impressions", "views", "product_clicks", "add_to_cart", "checkouts", "orders")
OFF_AIR = 1.5
"""On a day without a session the budget goes to the other channels: so much more traffic."""
RATES = ("view", "click", "cart", "checkout", "pay")


@dataclass(frozen=True, eq=False)
class Course:
    """A shop's counts: `counts[channel]` is int64 (steps, days), each step within the one before."""

    plan: Plan
    days: tuple[date, ...]
    counts: Mapping[Channel, NDArray[np.int64]]

    def total(self, step: str) -> NDArray[np.int64]:
        """Return the shop's count of a step over all channels (days,)."""
        row = STEPS.index(step)
        rows = np.stack([counts[row] for counts in self.counts.values()])
        return np.asarray(rows.sum(axis=0), dtype=np.int64)


def all_days() -> tuple[date, ...]:
    """Return the days of the story, with the run-in."""
    start = FIRST - timedelta(RUN_IN)
    return tuple(start + timedelta(at) for at in range((LAST - start).days + 1))


def course(plan: Plan, chance: Generator) -> Course:
    """Draw a shop's days: weekday pattern, over-dispersed noise and what is planted."""
    days = all_days()
    common = chance.lognormal(0, 0.03, len(days))
    return Course(plan, days, {key: _channel(plan, key, days, common, chance) for key in CHANNELS})


def _channel(
    plan: Plan,
    channel: Channel,
    days: tuple[date, ...],
    common: NDArray[np.float64],
    chance: Generator,
) -> NDArray[np.int64]:
    """Draw one channel: traffic first, then each step out of the one before."""
    flow: Flow = plan.flows[channel]
    week = np.array([plan.week[day.weekday()] for day in days])
    airs = np.array([day.weekday() in plan.live_weekdays for day in days])
    open_days = airs * 1.0 if channel == "live" else np.where(airs, 1.0, OFF_AIR)
    traffic = flow.impressions * week * common * chance.lognormal(0, 0.04, len(days))
    traffic *= bend(plan.shop.key, channel, "impressions", days) * open_days
    counts = [traffic.astype(np.int64)]
    for rate in RATES:
        usual = getattr(flow, rate) * chance.lognormal(0, 0.025, len(days))
        share = np.clip(usual * bend(plan.shop.key, channel, rate, days), 0, 0.98)
        counts.append(chance.binomial(counts[-1], share))
    return np.stack(counts)
