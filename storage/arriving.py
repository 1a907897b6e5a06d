"""Says which feeds have come for a day, and which ones one may expect."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from diagnostics.trust import Arrival
from storage.tables import fact
from storage.units import chosen, unit_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

LOOK_BACK = 14
"""Days before, over which a feed's habit is learnt."""
HABIT = 3
"""A feed that came on so many of them is due."""


def read_arrivals(
    connection: Connection, shops: Sequence[str], day: date, as_of: datetime | None
) -> tuple[Arrival, ...]:
    """Return the arrivals of a day by shop and feed, the first knowledge of the day as `at`."""
    of_day = fact.c.day == day
    week = tuple(day - timedelta(ago) for ago in range(7, LOOK_BACK + 1, 7))
    same = func.count(func.distinct(case((fact.c.day.in_(week), fact.c.day))))
    query = (
        select(
            unit_table.c.shop,
            fact.c.feed,
            func.min(case((of_day, fact.c.known_at))).label("at"),
            func.count(func.distinct(case((~of_day, fact.c.day)))).label("days"),
            same.label("same"),
        )
        .join(unit_table, unit_table.c.id == fact.c.unit_id)
        .where(fact.c.day.between(day - timedelta(LOOK_BACK), day), *chosen(shops, (), ()))
        .group_by(unit_table.c.shop, fact.c.feed)
        .order_by(unit_table.c.shop, fact.c.feed)
    )
    if as_of is not None:
        query = query.where(fact.c.known_at <= as_of)
    found = [
        (row, row.days >= HABIT and (row.feed not in by_weekday() or row.same == len(week)))
        for row in connection.execute(query)
    ]
    return tuple(
        Arrival(feed=row.feed, shop=row.shop, day=day, at=row.at, due=due)
        for row, due in found
        if row.at is not None or due
    )


@cache
def by_weekday() -> frozenset[str]:
    """Return the feeds that come only on some weekdays, those with a session."""
    text = resources.files("storage.sources").joinpath("feeds.toml").read_text(encoding="utf-8")
    return frozenset(key for key, row in tomllib.loads(text).items() if row.get("by_weekday"))
