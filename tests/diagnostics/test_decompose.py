"""Where the money went: exact whatever the figures are, in whatever order they stand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnostics.decompose import (
    factors,
    factors_of_sums,
    log_mean,
    move,
    rate_mix,
    segments,
    split,
    sums,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

CHAIN = ("impressions", "clicks", "orders", "gmv")
PLAIN = st.floats(1e-3, 1e7)
SIZES = st.one_of(PLAIN, st.sampled_from([1e-110, 3e-105, 1e110, 1.0, 3.0]))
COUNTS = st.one_of(st.sampled_from([0.0, math.nan, 1e-110, 1e110, 3.0]), PLAIN)
MONEY = st.one_of(st.sampled_from([0.0, 1e-110, -1e-105, 1e110, -3.0]), st.floats(-1e7, 1e7))
DAY = st.tuples(COUNTS, COUNTS, COUNTS, MONEY).map(
    lambda row: {key: one for key, one in zip(CHAIN, row, strict=True) if not math.isnan(one)}
)
CHAINS = st.sampled_from([CHAIN, CHAIN[1:], CHAIN[2:], CHAIN[3:]])


def thorough(examples: int) -> settings:
    return settings(
        derandomize=True,
        deadline=None,
        max_examples=examples,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


def exact(parts: Mapping[str, float], change: float) -> bool:
    """Say whether parts sum to a change, to 1e-9 of it or to what the biggest part can hold."""
    biggest = max((abs(part) for part in parts.values()), default=0.0)
    gap = abs(math.fsum([*parts.values(), -change]))
    return gap <= 1e-9 * abs(change) or gap <= 4.0 * math.ulp(biggest)


@thorough(7_500)
@given(DAY, DAY, CHAINS)
def test_factors_sum_exactly_to_the_change_and_turn_with_time(
    base: dict[str, float], now: dict[str, float], chain: tuple[str, ...]
) -> None:
    parts = factors(base, now, chain)
    assert exact(parts, now["gmv"] - base["gmv"])
    assert all(math.isfinite(part) for part in parts.values())
    assert factors(now, base, chain) == {key: -part for key, part in parts.items()}


MOVES = st.lists(st.floats(-5, 5), min_size=1, max_size=6)


@thorough(500)
@given(st.floats(1e-3, 1e7), MOVES, st.data())
def test_no_part_depends_on_the_order_of_the_links(
    before: float, moves: list[float], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(moves))))
    after = before * math.exp(math.fsum(moves))
    plain = split(before, after, moves)
    turned = split(before, after, [moves[place] for place in order])
    size = max(map(abs, (*plain, before, after)))
    expected = [plain[place] for place in order]
    assert turned == pytest.approx(expected, rel=1e-9, abs=1e-9 * size)


def test_links_that_break_share_the_change_in_any_order() -> None:
    assert split(0.0, 6.0, [math.inf, 1.0, math.inf]) == [3.0, 0.0, 3.0]
    assert split(0.0, 6.0, [1.0, math.inf, math.inf]) == [0.0, 3.0, 3.0]


@thorough(300)
@given(SIZES, SIZES)
def test_the_log_mean_lies_between_its_two(one: float, other: float) -> None:
    mean = log_mean(one, other)
    assert min(one, other) * (1 - 1e-12) <= mean <= max(one, other) * (1 + 1e-12)
    assert mean == log_mean(other, one)
    assert log_mean(-one, -other) == -mean


@pytest.mark.parametrize("chain", [CHAIN, CHAIN[3:]])
def test_nothing_on_either_side_moves_nothing(chain: tuple[str, ...]) -> None:
    zero = dict.fromkeys(CHAIN, 0.0)
    assert set(factors(zero, zero, chain).values()) == {0.0}
    now = {"impressions": 10.0, "clicks": 5.0, "orders": 1.0, "gmv": 20.0}
    assert math.fsum(factors(zero, now, chain).values()) == 20.0


def test_a_move_of_huge_figures_does_not_overflow() -> None:
    assert move(1e-300, 1e300, 1e300, 1e-300) == pytest.approx(4 * 300 * math.log(10))
    assert move(1.0, 1.0 + 1e-15) == pytest.approx(1.11e-15, rel=0.01)
    assert move(0.0, 0.0, 5.0, 7.0) == 0.0
    assert move(3.0, 4.0, 0.0, 2.0) == 0.0
    assert move(3.0, -3.0) == math.inf == move(0.0, 1.0)


def test_one_factor_alone_carries_the_change() -> None:
    base = {"impressions": 1000.0, "clicks": 100.0, "orders": 10.0, "gmv": 200.0}
    now = {"impressions": 1000.0, "clicks": 50.0, "orders": 5.0, "gmv": 100.0}
    parts = factors(base, now, CHAIN)
    assert parts == pytest.approx(
        {"impressions": 0.0, "clicks/impressions": -100.0, "orders/clicks": 0.0, "gmv/orders": 0.0}
    )


def test_the_formula_of_ang() -> None:
    base = {"clicks": 100.0, "orders": 10.0, "gmv": 200.0}
    now = {"clicks": 150.0, "orders": 9.0, "gmv": 270.0}
    weight = 70.0 / math.log(270.0 / 200.0)
    assert factors(base, now, CHAIN) == pytest.approx({
        "clicks": weight * math.log(1.5),
        "orders/clicks": weight * math.log(0.6),
        "gmv/orders": weight * math.log(1.5),
    })  # fmt: skip


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


TERMS = {"gmv": 1, "refund_amount": -1, "cost_goods": -1, "ad_cost": -1}
SUMS = st.fixed_dictionaries(dict.fromkeys(TERMS, MONEY))


@thorough(700)
@given(SUMS, SUMS, DAY, DAY)
def test_a_profit_is_split_over_its_signed_parts(
    base: dict[str, float], now: dict[str, float], before: dict[str, float], after: dict[str, float]
) -> None:
    base, now = {**before, **base}, {**after, **now}
    parts = sums(base, now, TERMS)
    change = math.fsum(sign * now[key] for key, sign in TERMS.items()) - math.fsum(
        sign * base[key] for key, sign in TERMS.items()
    )
    assert exact(parts, change)
    deeper = factors_of_sums(base, now, TERMS, {"gmv": CHAIN})
    for key, part in parts.items():
        assert exact(deeper[key], part)
    assert list(deeper["gmv"])[-1].startswith("gmv")


def test_more_cost_is_less_profit() -> None:
    base = {"gmv": 100.0, "refund_amount": 5.0, "cost_goods": 30.0, "ad_cost": 20.0}
    now = {"gmv": 110.0, "refund_amount": 5.0, "cost_goods": 50.0, "ad_cost": 10.0}
    parts = sums(base, now, TERMS)
    assert parts == {"gmv": 10.0, "refund_amount": 0.0, "cost_goods": -20.0, "ad_cost": 10.0}


def test_a_cost_that_nobody_knows_is_not_zero() -> None:
    base = {"gmv": 100.0, "refund_amount": 5.0, "cost_goods": math.nan, "ad_cost": 20.0}
    with pytest.raises(ValueError, match="cost_goods, ad_cost missing"):
        sums(base, {"gmv": 90.0, "refund_amount": 5.0, "cost_goods": 30.0}, TERMS)


SHARES = st.dictionaries(
    st.sampled_from(["organic", "paid", "live", "video"]),
    st.fixed_dictionaries({"orders": st.floats(0, 1e5), "gmv": st.floats(0, 1e6)}),
    min_size=1,
)


@thorough(600)
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


RATES = st.dictionaries(
    st.sampled_from(["organic", "paid", "live", "video"]),
    st.fixed_dictionaries({"orders": st.floats(0, 1e5), "visitors": st.floats(1, 1e6)}),
    min_size=1,
)


@thorough(600)
@given(RATES, RATES)
def test_rate_and_mix_sum_to_the_change(
    base: dict[str, dict[str, float]], now: dict[str, dict[str, float]]
) -> None:
    found = rate_mix(base, now, "orders", "visitors")
    assert found.rate + found.mix == pytest.approx(found.change, rel=1e-9, abs=1e-12)
    whole = math.fsum(part for pair in found.segments.values() for part in pair)
    assert whole == pytest.approx(found.change, rel=1e-6, abs=1e-9 * max(1.0, abs(found.rate)))
    back = rate_mix(now, base, "orders", "visitors")
    assert back.rate == pytest.approx(-found.rate, rel=1e-9, abs=1e-9)
    if found.simpson:
        assert found.rate * found.change <= 1e-12 * abs(found.change)


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


def test_simpson_is_told_where_one_of_three_is_new_and_one_stands_still() -> None:
    base = {"a": {"orders": 80.0, "visitors": 800.0}, "b": {"orders": 4.0, "visitors": 200.0}}
    now = {
        "a": {"orders": 20.0, "visitors": 200.0},
        "b": {"orders": 18.0, "visitors": 800.0},
        "c": {"orders": 0.0, "visitors": 100.0},
    }
    assert rate_mix(base, now, "orders", "visitors").simpson
    assert not rate_mix(base, base, "orders", "visitors").simpson


def test_a_segment_without_a_base_has_no_rate_of_its_own() -> None:
    base = {"live": {"orders": 10.0, "visitors": 100.0}}
    now = {"live": {"orders": 10.0, "visitors": 100.0}, "video": {"orders": 1.0, "visitors": 100.0}}
    found = rate_mix(base, now, "orders", "visitors")
    assert found.rate == pytest.approx(0.0)
    assert found.mix == pytest.approx(found.change)
    with pytest.raises(ValueError, match="visitors is zero"):
        rate_mix({}, now, "orders", "visitors")
