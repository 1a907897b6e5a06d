"""Small books and panels, written as compactly as a table of days."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from diagnostics.book import load
from diagnostics.book.rows import Book, Metric, RangeRow, Scope, Term, Text
from diagnostics.panel import Panel, State, Unit, days_between

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diagnostics.book.rows import Kind

LAST = date(2026, 3, 12)
"""A Thursday: the last day of most panels."""
NOTHING = Text("", "")
MEASURES = (
    "impressions",
    "views",
    "likes",
    "product_impressions",
    "product_clicks",
    "add_to_cart",
    "orders",
    "gmv",
    "refund_requests",
    "refund_amount",
    "cost_goods",
    "cost_shipping",
    "cost_platform",
    "commission",
    "ad_cost",
    "ad_revenue",
    "disconnects",
)
COSTS = ("refund_amount", "cost_goods", "cost_shipping", "cost_platform", "commission", "ad_cost")


@cache
def shipped() -> Book:
    """Return the shipped book without its calendar: days that are ordinary unless a test says."""
    return replace(load(), calendar=())


def unit(key: str, kind: Kind = "shop", **fields: str) -> Unit:
    shop = key.partition("/")[0]
    plain = {"country": "UK", "category": "beauty", "currency": "GBP", "shop": shop, **fields}
    parent = plain.pop("parent", "" if kind == "shop" else shop)
    one = Unit(key=key, kind=kind, name=key, parent=parent)
    return replace(one, **plain)  # type: ignore[arg-type]  # only text fields are passed


def live(key: str, day: date, **fields: str) -> Unit:
    start = datetime.combine(day, datetime.min.time()) + timedelta(hours=20)
    return replace(unit(key, "live", **fields), started=start)


def metric(
    key: str,
    of: str,
    over: str = "",
    *,
    direction: str = "up",
    smallest_base: float = 0.0,
    scale: float = 1.0,
) -> Metric:
    def terms(words: str) -> tuple[Term, ...]:
        return tuple(
            Term(word.lstrip("-"), -1 if word.startswith("-") else 1) for word in words.split()
        )

    assert direction in {"up", "down", "none"}
    return Metric(
        key=key,
        name=NOTHING,
        of=terms(of),
        over=terms(over),
        unit="ratio" if over else "count",
        direction="up" if direction == "up" else "down" if direction == "down" else "none",
        stage="",
        owner="",
        definition=NOTHING,
        rise=NOTHING,
        fall=NOTHING,
        smallest_base=smallest_base,
        scale=scale,
    )


def span(
    metric: str,
    low: float | None = None,
    high: float | None = None,
    *,
    key: str = "",
    since: date = date(2026, 1, 1),
    until: date | None = None,
    own: bool = True,
    **scope: str,
) -> RangeRow:
    return RangeRow(
        key=key or f"{metric}-{sorted(scope.items())}-{since}",
        metric=metric,
        scope=Scope(**scope),
        low=low,
        target=None,
        high=high,
        source="",
        grade="own" if own else "C",
        valid_from=since,
        reason=NOTHING,
        valid_to=until,
    )


def panel(
    units: Sequence[Unit],
    values: Mapping[str, Sequence[Sequence[float]]],
    last: date = LAST,
    state: Sequence[Sequence[int]] | None = None,
) -> Panel:
    """Return a panel of measure -> rows of days (per unit), ending with `last`."""
    array = np.array([values[key] for key in values], dtype=float)
    days = days_between(last - timedelta(array.shape[2] - 1), last)
    known = np.isfinite(array).any(axis=0)
    plain = np.where(known, int(State.FINAL), int(State.MISSING)).astype(np.int8)
    given = plain if state is None else np.array(state, dtype=np.int8)
    return Panel(tuple(units), days, tuple(values), array, given)


@dataclass
class Shop:
    """A shop whose days one can write: sizes and rates of an ordinary day, and what to change."""

    key: str = "uk-beauty"
    days: int = 84
    seed: int = 7
    last: date = LAST
    impressions: float = 400_000.0
    view_rate: float = 0.28
    click_rate: float = 0.05
    cart_rate: float = 0.14
    pay_rate: float = 0.5
    aov: float = 21.0
    refund_rate: float = 0.04
    noise: float = 0.06
    change: dict[str, tuple[int, float]] = field(default_factory=dict)
    """name -> (days it lasts, up to the last day; factor)."""

    def rows(self) -> dict[str, list[float]]:
        """Return every measure's days, drawn with day noise on the rates and counts on top."""
        draw = np.random.default_rng(self.seed)
        week = np.array([0.9, 0.92, 0.95, 1.0, 1.1, 1.25, 1.15])
        first = self.last - timedelta(self.days - 1)
        weekday = (np.arange(self.days) + first.weekday()) % 7

        def level(
            name: str, base: float, noise: float
        ) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
            days, factor = self.change.get(name, (0, 1.0))
            change = np.where(np.arange(self.days) >= self.days - days, factor, 1.0)
            out: np.ndarray[tuple[int], np.dtype[np.float64]] = (
                base * change * np.exp(draw.normal(0.0, noise, self.days))
            )
            return out

        impressions = draw.poisson(
            level("impressions", self.impressions, self.noise) * week[weekday]
        )
        views = draw.binomial(impressions, level("view_rate", self.view_rate, 0.02))
        clicks = draw.binomial(views, level("click_rate", self.click_rate, 0.03))
        carts = draw.binomial(clicks, level("cart_rate", self.cart_rate, 0.03))
        orders = draw.binomial(carts, np.minimum(level("pay_rate", self.pay_rate, 0.03), 1.0))
        gmv = orders * level("aov", self.aov, 0.03)
        refunds = draw.binomial(orders, level("refund_rate", self.refund_rate, 0.03))
        ads = level("ad_cost", 0.1 * float(gmv.mean()), 0.03)
        trouble = draw.poisson(level("disconnects", 0.2, 0.0))
        made = {
            "impressions": impressions,
            "views": views,
            "likes": draw.binomial(views, 0.04),
            "product_impressions": views * 2,
            "product_clicks": clicks,
            "add_to_cart": carts,
            "orders": orders,
            "gmv": gmv,
            "refund_requests": refunds,
            "refund_amount": refunds * self.aov,
            "cost_goods": 0.35 * gmv,
            "cost_shipping": 2.0 * orders,
            "cost_platform": 0.06 * gmv,
            "commission": 0.1 * gmv,
            "ad_cost": ads,
            "ad_revenue": ads * level("roas", 3.5, 0.06),
            "disconnects": trouble,
        }
        return {key: [float(one) for one in values] for key, values in made.items()}

    def unit(self) -> Unit:
        return unit(self.key)


def shops(*every: Shop) -> Panel:
    """Return the panel of some shops."""
    rows = [one.rows() for one in every]
    values = {key: [one[key] for one in rows] for key in MEASURES}
    return panel([one.unit() for one in every], values, every[0].last)
