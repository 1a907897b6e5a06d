"""What a large panel taught is kept whole, and not believed once its figures were corrected."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import func, select, update

from diagnostics.memory import Memory
from diagnostics.panel import State, Unit
from storage.engine import StoreError, reading, writing
from storage.memories import MOST, MemoryStore, memory
from storage.sources import Batch

if TYPE_CHECKING:
    from storage.store import Store

NOW = datetime(2026, 4, 1, 8, tzinfo=UTC)
FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
SHOPS = ("uk-beauty", "th-toys")


def take(store: Store, shop: str, first: date, last: date, gmv: float = 100.0) -> None:
    days = pd.date_range(first, last)
    facts = pd.DataFrame({"unit": shop, "day": days, "span": 1, "state": np.int8(State.FINAL)})
    facts["gmv"] = gmv + days.day_of_year.to_numpy(float)
    unit = Unit(shop, "shop", shop, shop, country="GB", currency="GBP")
    store.keep(Batch("orders", shop, (unit,), facts), NOW)


def learn(store: Store, shop: str) -> Memory:
    panel = store.panel(FIRST, LAST, ["gmv"], shops=[shop])
    return Memory.after(panel.measure("gmv"), panel.days, units=(shop,))


@pytest.fixture
def kept(store: Store) -> MemoryStore:
    for shop in SHOPS:
        take(store, shop, FIRST, LAST)
    memories = MemoryStore(store)
    for shop in SHOPS:
        memories.keep(shop, learn(store, shop), memories.mark(), [shop])
    return memories


def test_it_comes_back_as_it_was(store: Store, kept: MemoryStore) -> None:
    loaded = kept.load("uk-beauty")
    assert loaded is not None
    assert loaded.units == ("uk-beauty",)
    assert (loaded.state == learn(store, "uk-beauty").state).all()
    assert loaded.band(LAST + timedelta(1)).mid[0] == pytest.approx(190, rel=0.05)
    assert kept.load("nobody") is None


def test_a_new_day_is_no_correction(store: Store, kept: MemoryStore) -> None:
    take(store, "uk-beauty", LAST + timedelta(1), LAST + timedelta(1))
    take(store, "uk-beauty", FIRST - timedelta(9), FIRST - timedelta(1))
    assert kept.load("uk-beauty") is not None


def test_the_same_figures_again_are_no_correction(store: Store, kept: MemoryStore) -> None:
    take(store, "uk-beauty", FIRST, LAST)
    assert kept.load("uk-beauty") is not None


def test_a_correction_is_noticed(store: Store, kept: MemoryStore) -> None:
    take(store, "uk-beauty", date(2026, 2, 2), date(2026, 2, 2), gmv=5.0)
    assert kept.load("uk-beauty") is None
    assert kept.load("th-toys") is not None
    kept.keep("uk-beauty", learn(store, "uk-beauty"), kept.mark(), ["uk-beauty"])
    assert kept.load("uk-beauty") is not None


def test_of_all_shops_any_correction_counts(store: Store, kept: MemoryStore) -> None:
    kept.keep("all", learn(store, "uk-beauty"), kept.mark())
    take(store, "th-toys", LAST, LAST, gmv=5.0)
    assert kept.load("all") is None


def test_a_batch_after_the_mark_is_not_in_it(store: Store, kept: MemoryStore) -> None:
    mark = kept.mark()
    learnt = learn(store, "uk-beauty")
    take(store, "uk-beauty", LAST, LAST, gmv=7.0)
    kept.keep("uk-beauty", learnt, mark, ["uk-beauty"])
    assert kept.load("uk-beauty") is None


def test_a_large_one_is_kept_in_parts_and_replaced_whole(store: Store, kept: MemoryStore) -> None:
    draw = np.random.default_rng(1)
    days = np.datetime64("2026-01-01") + np.arange(3)
    for series in (60_000, 10):
        learnt = Memory.after(draw.random((series, 3)), days)
        kept.keep("large", learnt, kept.mark())
        loaded = kept.load("large")
        assert loaded is not None
        assert (loaded.state == learnt.state).all()
        with reading(store.engine) as connection:
            of_name = select(func.count(), func.max(func.length(memory.c.content)))
            parts, longest = connection.execute(of_name.where(memory.c.name == "large")).one()
        assert parts == (2 if series > 10 else 1)
        assert longest <= 8 * 2**20


def test_one_of_other_rules_or_in_part_is_learnt_anew(store: Store, kept: MemoryStore) -> None:
    with writing(store.engine) as connection:
        connection.execute(update(memory).values(content=b'{"rules": "older"}\n'))
    assert kept.load("uk-beauty") is None


def test_it_may_be_forgotten(kept: MemoryStore) -> None:
    kept.forget("uk-beauty")
    kept.forget("uk-beauty")
    assert kept.load("uk-beauty") is None


def test_what_is_too_large_is_refused(kept: MemoryStore) -> None:
    short = Memory.after(np.ones((1, 5)), np.datetime64("2026-01-01") + np.arange(5))
    huge = np.broadcast_to(short.state, (short.state.shape[0], MOST // 4 // 40))
    with pytest.raises(StoreError, match="keep one for each shop"):
        kept.keep("huge", Memory(short.first, short.last, huge), kept.mark())
