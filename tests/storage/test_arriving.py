"""Which feeds one may expect on a day: those that come daily, and sessions on their weekdays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from diagnostics.panel import State, Unit
from storage.arriving import by_weekday
from storage.sources import Batch
from storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHOP = Unit("uk-beauty", "shop", "UK beauty", "uk-beauty", country="GB", currency="GBP")
DAY = date(2026, 3, 12)
NOW = datetime(2026, 3, 13, 8, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    one = Store(f"sqlite:///{tmp_path / 'facts.db'}")
    one.migrate()
    yield one
    one.close()


def keep(store: Store, feed: str, agos: tuple[int, ...]) -> None:
    days = [pd.Timestamp(DAY - timedelta(ago)) for ago in agos]
    facts = pd.DataFrame({"unit": SHOP.key, "day": days, "span": 1, "state": State.FINAL})
    facts["state"] = facts["state"].astype(np.int8)
    facts["gmv"] = 1.0
    store.keep(Batch(feed, SHOP.key, (SHOP,), facts, origin=f"{feed}.csv"), NOW)


@pytest.mark.parametrize(
    ("feed", "agos", "due"),
    [
        ("orders", (1, 2, 3), True),
        ("orders", (1, 2), False),
        ("live_studio", (7, 9, 10, 14), True),
        ("live_studio", (1, 2, 3, 4, 7), False),
        ("live_studio", (1, 2, 3, 8, 9, 10), False),
        ("live_studio", (7, 14), False),
    ],
)
def test_a_feed_of_sessions_is_due_on_its_weekdays(
    store: Store, feed: str, agos: tuple[int, ...], due: bool
) -> None:
    keep(store, feed, agos)
    assert [(one.feed, one.at) for one in store.arrivals([SHOP.key], DAY)] == (
        [(feed, None)] if due else []
    )


def test_the_feeds_of_sessions_are_named_in_the_rows() -> None:
    assert by_weekday() == {"live_studio", "live_analysis", "gmvmax_hourly"}
