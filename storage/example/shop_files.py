"""What a shop knows about its whole day: the advertising report and the figures kept by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from storage.example.content_files import COMMISSION
from storage.example.order_files import money
from storage.example.planted import bend
from storage.example.sheets import csv_file, headings
from storage.example.shops import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from numpy.random import Generator
    from numpy.typing import NDArray

    from storage.example.contents import Table
    from storage.example.days import Course
    from storage.example.sales import Sales
    from storage.example.sheets import Cell

    Floats = NDArray[np.float64]

REVIEWS, BAD = 0.35, 0.045
"""Reviews per order, and the share of them with one or two stars."""


def ads_file(
    path: Path, course: Course, sold: Sales, chance: Generator, first: date, last: date
) -> Path:
    """Write the GMV Max report per day; the UK team's is in GBK, as a Chinese desktop saves it."""
    plan = course.plan
    gmv = sold.per_day(len(course.days), sold.paid)
    planned = _usual(course, gmv)
    noise = chance.lognormal(0, 0.04, (2, len(gmv)))
    cost = plan.ads * planned * noise[0] * bend(plan.shop.key, "card", "ad_cost", course.days)
    revenue = plan.ads * plan.roas * gmv * noise[1]
    orders = np.floor(sold.per_day(len(gmv)) * plan.ads * plan.roas)
    rows: list[Sequence[Cell]] = [headings("gmvmax_daily")]
    for at, day in enumerate(course.days):
        if first <= day <= last:
            rows.append([
                f"{day:%Y-%m-%d}", f"{cost[at]:.2f}", int(orders[at]), f"{cost[at] / orders[at]:.2f}",
                f"{revenue[at]:.2f}", f"{revenue[at] / cost[at]:.2f}", plan.shop.currency,
            ])  # fmt: skip
    return csv_file(path, rows, "gbk" if plan.shop.country == "GB" else "utf-8-sig")


def by_hand(
    course: Course, sold: Sales, table: Table, chance: Generator
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Return the figures no export has: the shop's (days,), and the products' (products, days)."""
    key, days = course.plan.shop.key, course.days
    noise = iter(chance.lognormal(0, 0.04, (16, len(days))))
    gmv, orders = sold.per_day(len(days), sold.paid), sold.per_day(len(days))
    views, clicks = (
        course.total("views").astype(float),
        course.total("product_clicks").astype(float),
    )
    filmed = sum(course.counts[channel][1] for channel in ("video", "creator")).astype(float)
    brought = sold.channel == CHANNELS.index("creator")
    reviews, bad = _reviews(course, table, chance)
    shop = {name: course.total(name).astype(float) for name in _COUNTED} | {
        "visitors": clicks * 0.81 * next(noise),
        "likes": views * 0.034 * next(noise),
        "comments": views * 0.0031 * next(noise),
        "shares": views * 0.0037 * next(noise),
        "saves": views * 0.0052 * next(noise),
        "watch_seconds": views * 13.5 * next(noise) * bend(key, "card", "watch", days),
        "views_3s": filmed * 0.62 * next(noise) * bend(key, "card", "retention", days),
        "completions": filmed * 0.31 * next(noise) * bend(key, "card", "watch", days),
        "shipped": orders,
        "shipped_late": np.bincount(sold.day[sold.late], minlength=len(days)).astype(float),
        "reviews": reviews.sum(axis=0),
        "bad_reviews": bad.sum(axis=0),
        "complaints": chance.poisson(orders * 0.006 * bend(key, "card", "complaints", days)),
        "chats": orders * 0.35 * next(noise),
        "chat_seconds": orders * 0.35 * 95 * next(noise),
        "customers": orders * 0.97,
        "repeat_customers": orders * 0.19 * next(noise),
        "cost_goods": gmv * course.plan.goods,
        "cost_shipping": gmv * course.plan.shipping * next(noise),
        "cost_platform": gmv * course.plan.fees,
        "commission": np.bincount(sold.day[brought], sold.paid[brought], len(days)) * COMMISSION,
        **{name: _planted(key, name, days) for name in ("disconnects", "login_failures", "throttles")},
    }  # fmt: skip
    return shop, {"reviews": reviews, "bad_reviews": bad}


_COUNTED = ("impressions", "views", "product_clicks", "add_to_cart", "checkouts")
_MONEY = {"cost_goods", "cost_shipping", "cost_platform", "commission"}


def _usual(course: Course, gmv: Floats) -> Floats:
    """Return what the team plans for: the middle GMV of each weekday (days,)."""
    weekday = np.array([day.weekday() for day in course.days])
    middle: Floats = np.array([np.median(gmv[weekday == number]) for number in range(7)])
    return np.take(middle, weekday)


def _planted(shop: str, name: str, days: Sequence[date]) -> Floats:
    """Return a count that is zero but where something is planted."""
    planted = bend(shop, "card", name, days)
    return np.where(planted > 1, planted, 0.0)


def _reviews(course: Course, table: Table, chance: Generator) -> tuple[Floats, Floats]:
    """Draw each product's reviews and how many of them are bad (products, days)."""
    reviews = chance.poisson(table.figures["orders"] * REVIEWS)
    strength = np.stack(
        [bend(course.plan.shop.key, name, "bad_reviews", course.days) for name in table.names]
    )
    return reviews.astype(float), chance.binomial(reviews, np.clip(BAD * strength, 0, 0.9)).astype(
        float
    )


def by_hand_file(
    path: Path,
    course: Course,
    sold: Sales,
    table: Table,
    chance: Generator,
    first: date,
    last: date,
) -> Path:
    """Write the plain template: a row per day for the shop and one for each of its products."""
    shop, product = by_hand(course, sold, table, chance)
    currency = course.plan.shop.currency
    names = tuple(shop)
    rows: list[Sequence[Cell]] = [("date", "unit", *names)]

    def row(day: date, unit: str, figures: dict[str, float]) -> list[Cell]:
        cells: list[Cell] = [f"{day:%Y-%m-%d}", unit]
        for name in names:
            value = figures.get(name)
            shown = None if value is None else money(value, currency if name in _MONEY else "IDR")
            cells.append(shown)
        return cells

    for at, day in enumerate(course.days):
        if not first <= day <= last:
            continue
        rows.append(row(day, course.plan.shop.key, {name: float(shop[name][at]) for name in names}))
        for number, id_ in enumerate(table.ids):
            figures = {name: float(values[number, at]) for name, values in product.items()}
            rows.append(row(day, f"{course.plan.shop.key}/product-{id_}", figures))
    return csv_file(path, rows)
