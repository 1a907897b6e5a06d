"""A made-up team's figures: what a day brings, and the batches in which it comes in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from diagnostics.panel import State, Unit
from storage.sources import Batch

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOP = Unit(
    "teduh", "shop", "Teduh", "teduh", country="ID", category="home", stage="mature",
    level="store", currency="IDR",
)  # fmt: skip
RAMADAN = date(2026, 2, 18)
WEEK = (0.95, 0.97, 1.0, 1.0, 1.02, 1.04, 1.02)
RATES = {
    "views": 0.24,
    "product_clicks": 0.07,
    "add_to_cart": 0.16,
    "checkouts": 0.55,
    "orders": 0.32,
}
BASKET = 120_000.0
SHARES = {
    "cost_goods": 0.42, "cost_shipping": 0.08, "cost_platform": 0.06, "commission": 0.03,
    "ad_cost": 0.14, "ad_revenue": 0.55, "refund_amount": 0.03,
}  # fmt: skip
REFUNDS = 0.045
FEEDS = {
    "orders": ("orders", "gmv", "refund_amount"),
    "returns": ("refund_requests", "refunds_quality", "refunds_late", "refunds_mismatch", "refunds_other"),
    "gmvmax_daily": ("ad_cost", "ad_revenue"),
    "template": (
        "impressions", "views", "product_clicks", "add_to_cart", "checkouts", "reviews",
        "bad_reviews", "cost_goods", "cost_shipping", "cost_platform", "commission",
    ),
}  # fmt: skip


def figures(day: date, factors: Mapping[str, float]) -> dict[str, float]:
    """Return a day's measures: weekday, Ramadan, a little noise, and what happens."""
    chance = np.random.default_rng(day.toordinal())
    season = 1.3 if day >= RAMADAN else 1.0
    count = 700_000 * WEEK[day.weekday()] * season * factors.get("traffic", 1.0)
    count *= chance.lognormal(0, 0.03)
    known = {"impressions": float(round(count))}
    for step, rate in RATES.items():
        bend = factors.get("pay", 1.0) if step == "orders" else 1.0
        count = float(round(count * rate * bend * chance.lognormal(0, 0.02)))
        known[step] = count
    known["gmv"] = float(round(known["orders"] * BASKET * chance.lognormal(0, 0.02)))
    known |= {name: share * known["gmv"] for name, share in SHARES.items()}
    asked = round(known["orders"] * REFUNDS * chance.lognormal(0, 0.1))
    more = round(asked * (factors.get("refunds", 1.0) - 1))
    known |= {
        "refunds_quality": float(round(asked * 0.3)),
        "refunds_late": float(round(asked * 0.2)),
        "refunds_mismatch": float(round(asked * 0.25) + more),
        "reviews": float(round(known["orders"] * 0.3)),
        "bad_reviews": float(round(known["orders"] * 0.3 * 0.04)),
    }
    known["refunds_other"] = float(
        asked - round(asked * 0.3) - round(asked * 0.2) - round(asked * 0.25)
    )
    known["refund_requests"] = float(asked + more)
    return known


def batch(feed: str, days: Mapping[date, Mapping[str, float]], short: float = 1.0) -> Batch:
    """Return one feed's facts of some days; `short` is the part of the day that is in the file."""
    names = FEEDS[feed]
    facts = pd.DataFrame(
        [[known[name] * short for name in names] for known in days.values()], columns=list(names)
    )
    facts.insert(0, "unit", SHOP.key)
    facts.insert(1, "day", pd.to_datetime(list(days)))
    facts.insert(2, "span", 1)
    facts.insert(3, "state", np.int8(State.FINAL))
    return Batch(feed, SHOP.key, (SHOP,), facts, origin=f"{feed}.csv")


def days_before(first: date, count: int) -> dict[date, Mapping[str, float]]:
    """Return ordinary days up to the day before the first."""
    return {day: figures(day, {}) for day in (first - timedelta(count - at) for at in range(count))}
