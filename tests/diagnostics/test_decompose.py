"""Where the money went: exact whatever the figures are."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.decompose import factors, rate_mix, segments

CHAIN = ("impressions", "clicks", "orders", "gmv")
COUNTS = st.one_of(st.just(0.0), st.just(math.nan), st.floats(1e-3, 1e7))
MONEY = st.one_of(st.just(0.0), st.floats(-1e7, 1e7))
DAY = st.fixed_dictionaries(
    {"impressions": COUNTS, "clicks": COUNTS, "orders": COUNTS, "gmv": MONEY}
)
THOROUGH = settings(derandomize=True, deadline=None, max_examples=500)


def near(parts: float, change: float, size: float) -> bool:
    return abs(parts - change) <= 1e-9 * abs(change) + 1e-13 * size


@THOROUGH
@given(DAY, DAY)
def test_factors_sum_exactly_to_the_change(base: dict[str, float], now: dict[str, float]) -> None:
    parts = factors(base, now, CHAIN)
    size = abs(base["gmv"]) + abs(now["gmv"])
    assert near(math.fsum(parts.values()), now["gmv"] - base["gmv"], size)
    assert all(math.isfinite(part) for part in parts.values())


def test_one_factor_alone_carries_the_change() -> None:
    base = {"impressions": 1000.0, "clicks": 100.0, "orders": 10.0, "gmv": 200.0}
    now = {"impressions": 1000.0, "clicks": 50.0, "orders": 5.0, "gmv": 100.0}
    parts = factors(base, now, CHAIN)
    assert parts == pytest.approx(
        {"impressions": 0.0, "clicks/impressions": -100.0, "orders/clicks": 0.0, "gmv/orders": 0.0}
    )


def test_the_order_of_a_halving_and_a_doubling_does_not_matter() -> None:
    base = {"impressions": 1000.0, "clicks": 100.0, "orders": 10.0, "gmv": 200.0}
    now = {"impressions": 2000.0, "clicks": 100.0, "orders": 10.0, "gmv": 200.0}
    parts = factors(base, now, CHAIN)
    assert parts["impressions"] == pytest.approx(-parts["clicks/impressions"])


def test_no_orders_is_the_fault_of_the_step_that_went_to_zero() -> None:
    base = {"impressions": 1000.0, "clicks": 100.0, "orders": 10.0, "gmv": 200.0}
    now = {"impressions": 1500.0, "clicks": 150.0, "orders": 0.0, "gmv": 0.0}
    parts = factors(base, now, CHAIN)
    assert parts["orders/clicks"] == -200.0
    assert parts["impressions"] == parts["gmv/orders"] == 0.0


def test_a_missing_step_joins_its_neighbours() -> None:
    base = {"impressions": 1000.0, "orders": 10.0, "gmv": 200.0}
    now = {"impressions": 1000.0, "clicks": 70.0, "orders": 5.0, "gmv": 100.0}
    parts = factors(base, now, CHAIN)
    assert list(parts) == ["impressions", "orders/impressions", "gmv/orders"]
    assert parts["orders/impressions"] == pytest.approx(-100.0)


def test_a_missing_value_cannot_be_split() -> None:
    with pytest.raises(ValueError, match="gmv is missing"):
        factors({"impressions": 1.0}, {"impressions": 1.0, "gmv": 2.0}, CHAIN)


def test_a_profit_that_turns_to_loss_is_the_last_links() -> None:
    parts = factors(
        {"orders": 10.0, "profit": 50.0}, {"orders": 12.0, "profit": -6.0}, ("orders", "profit")
    )
    assert parts == {"orders": 0.0, "profit/orders": -56.0}


SHARES = st.dictionaries(
    st.sampled_from(["organic", "paid", "live", "video"]),
    st.fixed_dictionaries({"orders": st.floats(0, 1e5), "gmv": st.floats(0, 1e6)}),
    min_size=1,
)


@THOROUGH
@given(SHARES, SHARES)
def test_segments_sum_exactly_to_the_change(
    base: dict[str, dict[str, float]], now: dict[str, dict[str, float]]
) -> None:
    parts = segments(base, now, "orders", "gmv")
    whole = math.fsum(part for segment in parts.values() for part in segment.values())
    change = math.fsum(one["gmv"] for one in now.values()) - math.fsum(
        one["gmv"] for one in base.values()
    )
    size = max(one["gmv"] for side in (base, now) for one in side.values())
    assert abs(whole - change) <= 1e-9 * max(abs(change), size)


def test_a_segment_that_appears_is_mix() -> None:
    base = {"live": {"orders": 10.0, "gmv": 100.0}}
    now = {"live": {"orders": 10.0, "gmv": 100.0}, "video": {"orders": 5.0, "gmv": 60.0}}
    parts = segments(base, now, "orders", "gmv")
    assert parts["video"] == {"volume": 0.0, "mix": 60.0, "yield": 0.0}
    assert math.fsum(parts["live"].values()) == pytest.approx(0.0, abs=1e-9)


def test_simpson_is_told() -> None:
    base = {
        "live": {"orders": 80.0, "visitors": 800.0},
        "video": {"orders": 4.0, "visitors": 200.0},
    }
    now = {
        "live": {"orders": 22.0, "visitors": 200.0},
        "video": {"orders": 20.0, "visitors": 800.0},
    }
    found = rate_mix(base, now, "orders", "visitors")
    assert found.simpson
    assert found.rate > 0 > found.change
    assert found.rate + found.mix == pytest.approx(found.change)
    assert sum(map(sum, found.segments.values())) == pytest.approx(found.change)


def test_a_rate_change_without_a_change_of_mix() -> None:
    base = {
        "live": {"orders": 10.0, "visitors": 100.0},
        "video": {"orders": 2.0, "visitors": 100.0},
    }
    now = {"live": {"orders": 5.0, "visitors": 100.0}, "video": {"orders": 2.0, "visitors": 100.0}}
    found = rate_mix(base, now, "orders", "visitors")
    assert found.mix == pytest.approx(0.0)
    assert found.segments["live"][0] == pytest.approx(-0.025)
    assert not found.simpson


def test_a_segment_without_a_base_has_no_rate_of_its_own() -> None:
    base = {"live": {"orders": 10.0, "visitors": 100.0}}
    now = {"live": {"orders": 10.0, "visitors": 100.0}, "video": {"orders": 1.0, "visitors": 100.0}}
    found = rate_mix(base, now, "orders", "visitors")
    assert found.rate == pytest.approx(0.0)
    assert found.mix == pytest.approx(found.change)
    with pytest.raises(ValueError, match="visitors is zero"):
        rate_mix({}, now, "orders", "visitors")
