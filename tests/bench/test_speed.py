"""How long a morning takes as units grow: `pytest tests/bench --benchmark-enable -n 0`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from diagnostics.anomaly import rate_band, value_band
from diagnostics.diagnose import diagnose
from diagnostics.memory import Memory
from tests.bench import speed
from tests.diagnostics.rows import LAST, shipped

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
    panel = speed.videos(5000)
    found = benchmark(diagnose, panel, shipped(), LAST)
    assert found.day == LAST
