"""What was shown: the example's live sessions, videos and products with their figures of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from storage.example.days import STEPS
from storage.example.planted import bend
from storage.example.shops import CHANNELS

if TYPE_CHECKING:
    from datetime import date

    from numpy.random import Generator
    from numpy.typing import NDArray

    from storage.example.days import Course
    from storage.example.sales import Sales

PRODUCT_CTR = 0.042
"""Clicks per impression of a product, all places together."""
VIDEO_LIFE = 30
"""Days after which a video is no longer counted."""
_LIVE, _VIDEO = CHANNELS.index("live"), CHANNELS.index("video")


@dataclass(frozen=True, eq=False)
class Table:
    """Figures of things (things, days) by name; a thing is a session, a video or a product."""

    names: tuple[str, ...]
    ids: tuple[str, ...]
    posted: tuple[datetime, ...]
    figures: dict[str, NDArray[np.float64]]


def lives(course: Course, sold: Sales, chance: Generator) -> dict[str, NDArray[np.float64]]:
    """Return the figures of the one session a day (days,); all zero on days without one."""
    counts = dict(zip(STEPS, course.counts["live"].astype(float), strict=True))
    views = counts["views"]
    airs, days = sold.channel == _LIVE, len(course.days)
    own = bend(course.plan.shop.key, "live", "watch", course.days)
    noise = chance.lognormal(0, 0.06, (6, days))
    counts |= {
        "gmv": np.bincount(sold.day[airs], sold.paid[airs], minlength=days),
        "items_sold": np.bincount(sold.day[airs], sold.quantity[airs], minlength=days).astype(
            float
        ),
        "watch": np.round(46 * own * noise[0], 1),
        "likes": np.floor(views * 0.9 * noise[1]),
        "comments": np.floor(views * 0.035 * noise[2]),
        "shares": np.floor(views * 0.006 * noise[3]),
        "new_followers": np.floor(views * 0.011 * noise[4]),
        "product_impressions": np.floor(counts["product_clicks"] / 0.055 * noise[5]),
        "viewers": np.floor(views * 0.72),
    }
    return counts


def videos(course: Course, sold: Sales, chance: Generator) -> Table:
    """Return the shop's own videos: one every three days, each fading over a month."""
    plan, days = course.plan, course.days
    posted = [day for at, day in enumerate(days) if at % 3 == 0]
    age = np.array([[(day - born).days for day in days] for born in posted])
    strength = chance.lognormal(0, 0.6, (len(posted), 1)) * np.exp(-np.clip(age, 0, None) / 9)
    strength = np.where((age >= 0) & (age < VIDEO_LIFE), strength, 0)
    share = strength / strength.sum(axis=0)
    counts = course.counts["video"]
    figures = {
        step: _spread(counts[row], share, chance) for row, step in enumerate(STEPS) if row in {1, 2}
    }
    shown = np.flatnonzero(sold.channel == _VIDEO)
    edges = share.cumsum(axis=0)[:, sold.day[shown]]
    which = (chance.random(len(shown)) * 0.999999 > edges).sum(axis=0)
    for name, weight in (("orders", None), ("gmv", sold.paid), ("items_sold", sold.quantity)):
        figures[name] = _table(
            which,
            sold.day[shown],
            len(posted),
            len(days),
            None if weight is None else weight[shown],
        )
    views = figures["views"]
    for name, rate in (
        ("likes", 0.031),
        ("comments", 0.0021),
        ("shares", 0.0034),
        ("new_followers", 0.0012),
    ):
        figures[name] = chance.poisson(views * rate).astype(float)
    figures["product_impressions"] = np.floor(figures["product_clicks"] / 0.045)
    stem = int(plan.products[0].id) % 10**9
    names = tuple(plan.products[at % len(plan.products)].name for at in range(len(posted)))
    return Table(
        names,
        tuple(str(7_500_000_000_000_000_000 + stem * 1000 + at) for at in range(len(posted))),
        tuple(datetime(born.year, born.month, born.day, 18) for born in posted),  # noqa: DTZ001  shop-local
        figures,
    )


def products(course: Course, sold: Sales, chance: Generator) -> Table:
    """Return each product's own funnel per day; orders and money are the sums of its orders."""
    plan, days = course.plan, course.days
    share = np.array([[item.share] for item in plan.products]) * np.ones(len(days))
    size = len(plan.products), len(days)
    figures = {
        "orders": _table(sold.product, sold.day, *size),
        "items_sold": _table(sold.product, sold.day, *size, sold.quantity),
        "gmv": _table(sold.product, sold.day, *size, sold.paid),
    }
    for at, channel in enumerate(CHANNELS):
        own = sold.channel == at
        figures[f"gmv_{channel}"] = _table(sold.product[own], sold.day[own], *size, sold.paid[own])
    for step in ("product_clicks", "add_to_cart"):
        spread = _spread(course.total(step), share, chance)
        figures[step] = np.maximum(spread, figures["orders"])
    usual = PRODUCT_CTR * chance.lognormal(0, 0.04, size)
    figures["product_impressions"] = np.floor(figures["product_clicks"] / usual)
    return Table(
        tuple(item.name for item in plan.products),
        tuple(item.id for item in plan.products),
        (),
        figures,
    )


def session(course: Course, day: date) -> tuple[datetime, datetime] | None:
    """Return a day's session as start and end in local time; None on a day without one."""
    plan = course.plan
    if day.weekday() not in plan.live_weekdays:
        return None
    start = datetime(day.year, day.month, day.day, *plan.live_start)  # noqa: DTZ001  shop-local
    return start, start + timedelta(minutes=plan.live_minutes)


def _spread(
    counts: NDArray[np.int64], share: NDArray[np.float64], chance: Generator
) -> NDArray[np.float64]:
    """Split counts (days,) over things (things, days) by uneven luck, keeping every sum."""
    lucky = share * chance.lognormal(0, 0.05, share.shape)
    lucky /= lucky.sum(axis=0)
    return chance.multinomial(counts, lucky.T).T.astype(float)


def _table(
    thing: NDArray[np.int64], day: NDArray[np.int64], things: int, days: int,
    weight: NDArray[np.float64] | NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:  # fmt: skip
    """Sum by thing and day into (things, days)."""
    flat = np.bincount(thing * days + day, weight, minlength=things * days)
    return flat.reshape(things, days).astype(float)
