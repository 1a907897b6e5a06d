"""How long a morning takes as units grow: `pytest tests/bench --benchmark-enable -n 0`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from diagnostics.anomaly import rate_band, value_band
from diagnostics.diagnose import diagnose
from diagnostics.memory import Memory
from diagnostics.panel import Panel, State
from tests.bench import speed
from tests.diagnostics.rows import LAST, Shop, shipped, shops, unit

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

pytestmark = pytest.mark.bench
UNITS, DAYS = 20_000, 90
FIRST = np.datetime64("2026-01-01")


def test_all_ways_say_the_same() -> None:
    values, days = speed.panel(400), speed.FIRST + np.arange(speed.DAYS)
    today = speed.panel(400, 1, seed=2)[0].astype(float)
    plain = value_band(values.T.astype(float), days, speed.TODAY)
    for compiled in (False, True):
        band = Memory.after(values.T, days, compiled=compiled).band(speed.TODAY)
        np.testing.assert_allclose(band.score(today), plain.score(today), rtol=2e-4, atol=1e-4)
    middle, off = speed.in_pandas(values).to_numpy().T
    z = np.abs(today - middle) / np.maximum(1.4826 * off, 1e-6)
    np.testing.assert_allclose(speed.weekday_medians(values, today), z, rtol=1e-4)


def test_the_table_tells_what_was_measured() -> None:
    lines = speed.table(quick=True).splitlines()
    rows = [line for line in lines if line.startswith("| ") and "seconds" not in line]
    assert len(rows) >= 10
    assert lines[-1].startswith("Peak memory")


@pytest.mark.benchmark(max_time=5, min_rounds=1)
def test_many_values(benchmark: BenchmarkFixture) -> None:
    draw = np.random.default_rng(5)
    values = np.exp(draw.normal(5.0, 0.2, (UNITS, DAYS)))
    days = FIRST + np.arange(DAYS)
    band = benchmark(value_band, values, days, FIRST + DAYS)
    assert np.isfinite(band.mid).all()


@pytest.mark.benchmark(max_time=5, min_rounds=1)
def test_many_rates(benchmark: BenchmarkFixture) -> None:
    draw = np.random.default_rng(6)
    over = draw.poisson(300, (UNITS, DAYS)).astype(float)
    of = draw.binomial(over.astype(int), 0.05).astype(float)
    days = FIRST + np.arange(DAYS)
    band = benchmark(rate_band, of, over, days, FIRST + DAYS, over[:, -1])
    assert np.isfinite(band.mid).all()


@pytest.mark.benchmark(max_time=10, min_rounds=1)
def test_a_morning_with_many_videos(benchmark: BenchmarkFixture) -> None:
    shop = shops(Shop(days=DAYS))
    draw = np.random.default_rng(7)
    share = draw.dirichlet(np.ones(5000))[:, None]
    children = np.round(shop.values * share[None, :, :])
    units = [unit(f"uk-beauty/video-{number:06d}", "video") for number in range(5000)]
    state = np.full((5001, DAYS), State.FINAL, dtype=np.int8)
    values = np.concatenate([shop.values, children], axis=1)
    panel = Panel((*shop.units, *units), shop.days, shop.measures, values, state)
    found = benchmark(diagnose, panel, shipped(), LAST)
    assert found.day == LAST
