"""What an import left doubtful is kept with its days until the same comes in anew."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from diagnostics.panel import State, Unit
from diagnostics.reading import Doubt
from storage.sources import Batch
from storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOP = Unit("uk-beauty", "shop", "UK beauty", "uk-beauty", country="GB", currency="GBP")
LIVES = tuple(
    Unit(f"uk-beauty/live-{day}", "live", day, "uk-beauty", "uk-beauty") for day in ("a", "b")
)
DAY = date(2026, 3, 12)
NOW = datetime(2026, 3, 13, 8, tzinfo=UTC)


@pytest.fixture
def store(empty_url: str) -> Iterator[Store]:
    one = Store(empty_url)
    one.migrate()
    yield one
    one.close()


def keep(
    store: Store,
    days: int = 1,
    *doubts: Doubt,
    unit: Unit = SHOP,
    at: datetime = NOW,
    last: date = DAY,
    **columns: str,
) -> None:
    """Keep GMV of some days of one unit."""
    every = [pd.Timestamp(last - timedelta(ago)) for ago in range(days)]
    facts = pd.DataFrame({"unit": unit.key, "day": every, "span": 1, "state": State.FINAL})
    facts = facts.astype({"state": np.int8}).assign(gmv=1.0)
    batch = Batch(
        "orders",
        "uk-beauty",
        (SHOP, unit),
        facts,
        origin="orders.csv",
        doubts=doubts,
        columns=columns,
    )
    store.keep(batch, at)


def off(first: date = DAY) -> Doubt:
    return Doubt(
        "total_off", "uk-beauty", DAY, measure="gmv", feed="orders", blocks=True, value=9.0,
        other=10.0, since=first, file="orders.csv", column="GMV (£)",
    )  # fmt: skip


def of(store: Store, day: date = DAY, at: datetime | None = None) -> list[str]:
    return [one.kind for one in store.doubts(["uk-beauty"], day, as_of=at)]


def test_a_doubt_comes_back_as_it_was_for_each_of_its_days(store: Store) -> None:
    keep(store, 3, off(DAY - timedelta(2)))
    (found,) = store.doubts(["uk-beauty"], DAY - timedelta(1))
    assert found == Doubt(
        "total_off", "uk-beauty", DAY - timedelta(1), measure="gmv", feed="orders", blocks=True,
        value=9.0, other=10.0, since=DAY - timedelta(2), file="orders.csv", column="GMV (£)",
    )  # fmt: skip
    assert of(store, DAY - timedelta(3)) == []
    assert of(store, DAY + timedelta(1)) == []
    assert store.doubts(["id-home"], DAY) == ()


def test_what_comes_anew_is_settled_and_what_does_not_stays(store: Store) -> None:
    keep(store, 3, off(DAY - timedelta(2)))
    later = NOW + timedelta(hours=2)
    keep(store, 1, at=later, last=DAY - timedelta(1))
    assert [of(store, DAY - timedelta(ago)) for ago in range(3)] == [
        ["total_off"],
        [],
        ["total_off"],
    ]
    assert of(store, DAY - timedelta(1), at=NOW) == ["total_off"]
    assert of(store, DAY - timedelta(1), at=later) == []
    assert of(store, DAY, at=NOW - timedelta(hours=1)) == []


def test_another_session_of_the_same_day_settles_nothing(store: Store) -> None:
    keep(store, 1, off(), unit=LIVES[0])
    keep(store, 1, unit=LIVES[1], at=NOW + timedelta(hours=1))
    assert of(store) == ["total_off"]
    keep(store, 1, unit=LIVES[0], at=NOW + timedelta(hours=2))
    assert of(store) == []


def test_a_measure_from_another_column_is_another_definition(store: Store) -> None:
    keep(store, 2, gmv="net+paid_at", last=DAY - timedelta(1))
    assert of(store, DAY - timedelta(1)) == []
    keep(store, 1, gmv="net+status")
    (found,) = store.doubts(["uk-beauty"], DAY)
    assert (found.kind, found.measure, found.feed, found.blocks) == (
        "definition", "gmv", "orders", False,
    )  # fmt: skip
    assert (found.file, found.column) == ("orders.csv", "net+status")
    keep(store, 1, gmv="net+status", last=DAY + timedelta(1))
    assert of(store, DAY + timedelta(1)) == []


def test_a_batch_without_facts_leaves_everything_as_it_is(store: Store) -> None:
    keep(store, 1, off())
    keep(store, 0, off(), at=NOW + timedelta(hours=1))
    assert of(store) == ["total_off"]


def test_a_currency_that_is_named_less_plainly_than_before_is_in_doubt(store: Store) -> None:
    keep(store, currency="s$", gmv="gmv")
    keep(store, currency="sgd", gmv="gmv", at=NOW + timedelta(hours=1))
    assert store.doubts(("uk-beauty",), DAY) == ()
    keep(store, currency="$", gmv="gmv", at=NOW + timedelta(hours=2))
    (doubt,) = store.doubts(("uk-beauty",), DAY)
    assert (doubt.kind, doubt.measure, doubt.column) == ("currency", "", "$")
    assert doubt.file == "orders.csv"
    keep(store, currency="sgd", gmv="gmv", at=NOW + timedelta(hours=3))
    assert store.doubts(("uk-beauty",), DAY) == ()
