"""How fast rows come in and a unit comes out: `pytest tests/bench --benchmark-enable -n 0 -s`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from time import process_time
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from diagnostics.panel import Unit
from storage.sources import Batch, Shop, Upload
from storage.sources.sheet import read_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_benchmark.fixture import BenchmarkFixture

    from storage.store import Store

pytestmark = pytest.mark.bench
T = TypeVar("T")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
SHOP = Shop("uk-beauty", "UK Beauty", "GB", "Europe/London", "GBP")
DAYS = 50
QUICK, MANY = 2_000, 100_000
"""Rows without and with `--benchmark-enable -n 0`."""


def rows_of(benchmark: BenchmarkFixture) -> int:
    return QUICK if benchmark.disabled else MANY


def facts(rows: int) -> Batch:
    names = [f"uk-beauty/video-{number:06d}" for number in range(rows // DAYS)]
    units = tuple(Unit(name, "video", name, shop="uk-beauty", currency="GBP") for name in names)
    days = pd.date_range("2026-01-01", periods=DAYS, name="day")
    keys = pd.MultiIndex.from_product([names, days], names=["unit", "day"])
    draw = np.random.default_rng(1)
    figures = {
        key: draw.poisson(100, len(keys)).astype(float) for key in ("views", "likes", "orders")
    }
    frame = pd.DataFrame({"span": 1, "state": np.int8(2), **figures}, index=keys)
    return Batch("video_details", "uk-beauty", units, frame.reset_index())


def template(path: Path, rows: int) -> Path:
    draw = np.random.default_rng(2)
    some = pd.DataFrame(draw.poisson(50, (rows, 4)), columns=["gmv", "orders", "views", "likes"])
    some.insert(
        0, "date", np.resize(pd.date_range("2026-01-01", periods=DAYS).strftime("%F"), rows)
    )
    some.insert(1, "unit", [f"video-{number // DAYS:06d}" for number in range(rows)])
    some.to_csv(path, index=False)
    return path


def seconds(work: Callable[[], object]) -> float:
    began = process_time()
    work()
    return max(process_time() - began, 1e-3)


def once(benchmark: BenchmarkFixture, work: Callable[[], T]) -> T:
    """Measure one round: the second would find everything known."""
    done: T = benchmark.pedantic(work, rounds=1, iterations=1)  # type: ignore[no-untyped-call]  # untyped there
    return done


def test_a_file_comes_in(benchmark: BenchmarkFixture, store: Store, tmp_path: Path) -> None:
    rows = rows_of(benchmark)
    path = template(tmp_path / "uk-beauty.csv", rows)

    def take() -> int:
        batches = read_file(Upload(path, SHOP), [SHOP], NOW.astimezone(ZoneInfo("UTC")))
        return sum(store.keep(batch, NOW).new for batch in batches)

    assert once(benchmark, take) == rows
    again = seconds(take)
    bare = seconds(lambda: pd.read_csv(path))  # noqa: TID251  the yardstick
    benchmark.extra_info["same again: times pandas.read_csv"] = round(again / bare, 1)


def test_facts_are_kept(benchmark: BenchmarkFixture, store: Store) -> None:
    batch = facts(rows_of(benchmark))
    kept = once(benchmark, lambda: store.keep(batch, NOW))
    assert kept.new == len(batch.facts)
    assert store.keep(batch, NOW).same == len(batch.facts)


def test_a_unit_is_read_among_many(benchmark: BenchmarkFixture, store: Store) -> None:
    batch = facts(rows_of(benchmark))
    store.keep(batch, NOW)
    unit = batch.units[7].key
    first, last = date(2026, 1, 1), date(2026, 2, 19)
    panel = benchmark(store.panel, first, last, ["views", "orders"], units=[unit])
    assert panel.measure("views").shape == (1, DAYS)
    assert np.isfinite(panel.values).all()
