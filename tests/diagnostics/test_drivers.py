"""What drove a figure: a factor is named only when it is itself out of the ordinary."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from diagnostics.ages import with_early
from diagnostics.detail import driven, profit_of
from diagnostics.diagnose import read, unit_funnel
from diagnostics.drivers import drivers
from diagnostics.mixes import mix, slices
from tests.diagnostics.rows import COSTS, LAST, Shop, panel, shipped, shops, unit

if TYPE_CHECKING:
    from diagnostics.panel import Panel

BOOK = shipped()
GMV = BOOK.metrics["gmv"]
SHOP = "uk-beauty"


def without(found: Panel, *measures: str) -> Panel:
    values = found.values.copy()
    for key in measures:
        values[found.measures.index(key)] = np.nan
    return replace(found, values=values)


def test_the_step_that_fell_is_named_and_no_other() -> None:
    days = shops(Shop(change={"pay_rate": (1, 0.6)}))
    path = unit_funnel(days, BOOK, SHOP, LAST)
    told = drivers(BOOK, "shop", path)
    (pay,) = told.named
    assert (pay.key, pay.step) == ("orders/add_to_cart", "pay")
    assert pay.low is not None
    assert pay.high is not None
    assert pay.low < pay.effect < pay.high < 0.0
    assert pay.before is not None
    assert pay.after == pytest.approx(0.6 * pay.before, rel=0.15)
    assert told.change == pytest.approx(math.fsum(one.effect for one in told.factors), rel=1e-9)
    assert told.rest + pay.effect == pytest.approx(told.change)
    losses = {step.step: step.lost for step in path.steps if step.lost is not None}
    assert losses["pay"] == pytest.approx(-pay.effect)
    assert path.leak == "pay"


@pytest.mark.parametrize("seed", range(6))
def test_on_an_ordinary_day_nothing_is_named(seed: int) -> None:
    path = unit_funnel(shops(Shop(seed=40 + seed)), BOOK, SHOP, LAST)
    told = drivers(BOOK, "shop", path)
    assert len(told.named) <= 1
    for one in told.factors:
        if not one.named:
            assert one.low is None or one.low <= 0.0 or one.effect < 0.0
    assert path.leak in {"", *(one.step for one in told.named)}


def test_a_step_without_data_joins_its_neighbours_and_can_still_be_named() -> None:
    days = without(shops(Shop(change={"pay_rate": (1, 0.5)})), "add_to_cart")
    path = unit_funnel(days, BOOK, SHOP, LAST)
    told = drivers(BOOK, "shop", path)
    (ctor,) = told.named
    assert (ctor.key, ctor.step) == ("orders/product_clicks", "pay")
    assert path.leak == "pay"
    step = next(one for one in path.steps if one.step == "pay")
    assert step.rate is not None
    assert step.rate.metric == "ctor"


def test_orders_are_split_by_the_chain_that_ends_with_them() -> None:
    days = shops(Shop(change={"click_rate": (1, 0.5)}))
    told = driven(days, BOOK, BOOK.metrics["orders"], SHOP, LAST)
    assert [one.key for one in told.named] == ["product_clicks/views"]
    assert [one.key for one in told.factors][-1] == "orders/add_to_cart"


def test_against_another_day_both_days_counts_are_told() -> None:
    then = LAST - timedelta(7)
    days = shops(Shop(change={"pay_rate": (1, 0.5)}))
    told = driven(days, BOOK, GMV, SHOP, LAST, then)
    at = days.at(then)
    assert told.base == days.measure("gmv")[0, at]
    assert told.factors[0].before == days.measure("impressions")[0, at]
    assert [one.step for one in told.named] == ["pay"]
    back = driven(days, BOOK, GMV, SHOP, then, LAST)
    assert [one.effect for one in back.factors] == pytest.approx(
        [-one.effect for one in told.factors]
    )
    assert [one.step for one in back.named] == ["pay"]


def test_a_profit_is_driven_by_its_signed_parts() -> None:
    profit = profit_of(BOOK)
    assert profit is not None
    days = shops(Shop(change={"pay_rate": (1, 0.5)}))
    told = driven(days, BOOK, profit, SHOP, LAST)
    assert {one.key for one in told.factors} == {"gmv", *COSTS} - {"refund_amount"}
    assert told.value is not None
    assert told.base is not None
    assert told.change == pytest.approx(told.value - told.base)
    assert told.change == pytest.approx(math.fsum(one.effect for one in told.factors))
    assert told.named[0].key == "gmv"
    assert told.value == pytest.approx(read(days, BOOK, "profit", SHOP, LAST).value)


def refunded(days: Panel, last: int, factor: float) -> Panel:
    """Return a shop's days whose last ones have only so much of their refunds yet."""
    values = days.values.copy()
    values[days.measures.index("refund_amount"), 0, -last:] *= factor
    return replace(days, values=values)


def test_refunds_that_are_still_to_come_are_no_gain() -> None:
    profit = profit_of(BOOK)
    assert profit is not None
    whole = refunded(shops(Shop()), 1, 0.1)
    told = driven(whole, BOOK, profit, SHOP, LAST)
    assert told.waiting == ("refund_amount",)
    assert "refund_amount" not in {one.key for one in told.factors}
    full = driven(shops(Shop()), BOOK, profit, SHOP, LAST)
    assert told.change == pytest.approx(full.change)
    other = driven(whole, BOOK, profit, SHOP, LAST, LAST - timedelta(7))
    assert other.waiting == ("refund_amount",)
    assert other.change == pytest.approx(math.fsum(one.effect for one in other.factors))


def test_refunds_of_an_old_day_and_of_days_of_one_age_are_compared() -> None:
    profit = profit_of(BOOK)
    assert profit is not None
    old = driven(replace(shops(Shop()), age=31), BOOK, profit, SHOP, LAST)
    assert old.waiting == ()
    assert "refund_amount" in {one.key for one in old.factors}
    days = shops(Shop())
    young = refunded(days, len(days.days), 0.1)
    same = driven(with_early(refunded(days, 1, 0.1), (young,)), BOOK, profit, SHOP, LAST)
    assert same.waiting == ()
    (refund,) = [one for one in same.factors if one.key == "refund_amount"]
    assert refund.before == pytest.approx(refund.after, rel=0.5)


def test_without_a_cost_there_is_no_profit_to_tell() -> None:
    profit = profit_of(BOOK)
    assert profit is not None
    told = driven(without(shops(Shop()), "cost_goods"), BOOK, profit, SHOP, LAST)
    assert (told.why, told.lacks, told.value, told.factors) == (
        "no_cost",
        ("cost_goods",),
        None,
        (),
    )
    told = driven(without(shops(Shop()), "gmv"), BOOK, profit, SHOP, LAST)
    assert (told.why, told.lacks) == ("missing", ("gmv",))


def test_a_rate_is_driven_by_the_counts_above_and_below_its_line() -> None:
    days = shops(Shop(change={"refund_rate": (1, 4.0)}))
    told = driven(days, BOOK, BOOK.metrics["refund_rate"], SHOP, LAST)
    assert [one.key for one in told.named] == ["refund_requests"]
    assert told.change == pytest.approx(math.fsum(one.effect for one in told.factors))


def test_a_part_within_its_bounds_is_not_named_with_the_rate() -> None:
    days = shops(Shop(change={"impressions": (1, 1.6), "pay_rate": (1, 0.55)}))
    told = driven(days, BOOK, BOOK.metrics["ctor"], SHOP, LAST)
    orders, clicks = told.factors
    assert orders.low is not None
    assert orders.high is not None
    assert orders.low < 0.0 < orders.high
    assert (orders.named, clicks.named) == (False, True)
    assert told.rest == orders.effect


def test_a_rate_says_which_costs_it_lacks() -> None:
    days = without(shops(Shop()), "cost_goods")
    told = driven(days, BOOK, BOOK.metrics["margin"], SHOP, LAST)
    assert (told.why, told.lacks) == ("no_cost", ("cost_goods",))


def test_a_day_without_figures_is_not_told() -> None:
    days = without(shops(Shop()), "gmv")
    told = driven(days, BOOK, GMV, SHOP, LAST)
    assert (told.why, told.change, told.factors, told.rest) == ("missing", None, (), 0.0)


def family(last: dict[str, tuple[float, float]], noise: float = 0.05) -> Panel:
    """Return a shop with two products: clicks and orders as ever, but on the last day as told."""
    chance = np.random.default_rng(9)
    usual = {"a": (1000.0, 240.0), "b": (1000.0, 100.0)}
    days = 60
    values: dict[str, list[list[float]]] = {"product_clicks": [], "orders": [], "gmv": []}
    rows = {}
    for key, (clicks, orders) in usual.items():
        swing = np.exp(noise * chance.standard_normal(days))
        plain = np.stack([clicks * swing, orders * swing])
        plain[:, -1] = last[key]
        rows[key] = plain
    rows["shop"] = rows["a"] + rows["b"]
    for key in ("shop", "a", "b"):
        values["product_clicks"].append(list(rows[key][0]))
        values["orders"].append(list(rows[key][1]))
        values["gmv"].append(list(20.0 * rows[key][1]))
    units = [unit(SHOP), *(unit(f"{SHOP}/product-{key}", "product", stage=key) for key in "ab")]
    return panel(units, values)


def test_a_rate_that_fell_by_its_mix_alone_is_simpsons_case() -> None:
    days = family({"a": (200.0, 50.0), "b": (1800.0, 184.0)})
    found = mix(days, days.units[0], BOOK.metrics["ctor"], LAST)
    assert found is not None
    assert found.cut == "product"
    assert found.after < found.before
    assert found.split.simpson
    assert found.mostly_mix
    assert found.split.rate > 0.0 > found.split.mix
    assert found.split.rate + found.split.mix == pytest.approx(found.split.change)


def test_a_rate_that_fell_everywhere_is_no_mix() -> None:
    days = family({"a": (1000.0, 120.0), "b": (1000.0, 50.0)})
    found = mix(days, days.units[0], BOOK.metrics["ctor"], LAST)
    assert found is not None
    assert not found.mostly_mix
    assert abs(found.split.mix) < 0.02 * abs(found.split.change)


def test_against_another_day_the_mix_is_that_of_both_days() -> None:
    days = family({"a": (200.0, 50.0), "b": (1800.0, 184.0)}, noise=0.0)
    found = mix(days, days.units[0], BOOK.metrics["ctor"], LAST, LAST - timedelta(1))
    assert found is not None
    assert found.before == pytest.approx(0.17)
    assert found.after == pytest.approx(234.0 / 2000.0)


def test_children_that_do_not_make_a_shop_up_say_nothing() -> None:
    days = family({"a": (1000.0, 240.0), "b": (1000.0, 100.0)})
    values = days.values.copy()
    values[:, 0] *= 2.0
    half = replace(days, values=values)
    assert mix(half, half.units[0], BOOK.metrics["ctor"], LAST) is None
    assert slices(half, half.units[0], "gmv", LAST) is None
    assert mix(days, days.units[1], BOOK.metrics["ctor"], LAST) is None
