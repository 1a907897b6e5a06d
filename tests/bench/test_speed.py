"""How long a morning takes as units grow: `pytest tests/bench --benchmark-enable`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from diagnostics.anomaly import rate_band, value_band
from diagnostics.diagnose import diagnose
from diagnostics.panel import Panel, State
from tests.diagnostics.rows import LAST, Shop, shipped, shops, unit

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

pytestmark = pytest.mark.bench
UNITS, DAYS = 20_000, 90
FIRST = np.datetime64("2026-01-01")


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
