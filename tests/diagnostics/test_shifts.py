"""One factor on several figures at once: a near currency, another count of orders; trade is neither."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from diagnostics.diagnose import diagnose
from diagnostics.shifts import in_other_currency, recounted
from tests.diagnostics.rows import LAST, Shop, shipped, shops

if TYPE_CHECKING:
    from diagnostics.panel import Panel

BOOK = shipped()
CHAIN = BOOK.funnels["shop"].chain
MONEY = tuple(key for key, row in BOOK.measures.items() if row.unit == "money")
RATES = {"GBP": 1.0, "USD": 0.79, "EUR": 0.86, "SGD": 0.58, "MYR": 0.18, "IDR": 0.00005}
SEEDS = range(12)


def bent(whole: Panel, days: int, factor: float, *measures: str) -> Panel:
    values = whole.values.copy()
    for measure in measures:
        if measure in whole.measures:
            values[whole.measures.index(measure), 0, -days:] *= factor
    return replace(whole, values=values)


def caught(other: str, days: int) -> int:
    """Return for how many of twelve shops the other currency is told."""
    count = 0
    for seed in SEEDS:
        whole = bent(shops(Shop(seed=seed)), days, 1.0 / RATES[other], *MONEY)
        found = in_other_currency(whole, 0, len(whole.days) - 1, MONEY, CHAIN, RATES)
        count += found is not None and (found.other, found.run) == (other, days)
    return count


@pytest.mark.parametrize(("other", "first", "third"), [("USD", 6, 9), ("SGD", 8, 9), ("EUR", 3, 7)])
def test_a_near_currency_is_told_by_its_rate(other: str, first: int, third: int) -> None:
    assert caught(other, 1) >= first
    assert caught(other, 3) >= third


def test_ordinary_days_and_trade_are_no_currency_and_no_other_count() -> None:
    for seed in SEEDS:
        whole = shops(Shop(seed=seed))
        for at in range(50, 84):
            assert in_other_currency(whole, 0, at, MONEY, CHAIN, RATES) is None
            assert recounted(whole, 0, at, CHAIN, "refund_requests") is None
        end = len(whole.days) - 1
        busy = bent(whole, 1, 2.5, *CHAIN, *MONEY)
        cheap = bent(whole, 2, 0.79, "gmv", "cost_platform", "commission", "refund_amount")
        other = bent(whole, 2, 1.5, *MONEY)
        for one in (busy, cheap, other):
            assert in_other_currency(one, 0, end, MONEY, CHAIN, RATES) is None


def test_without_a_rate_or_with_one_amount_nothing_is_said() -> None:
    whole = bent(shops(Shop()), 2, 1.0 / 0.79, *MONEY)
    assert in_other_currency(whole, 0, 83, MONEY, CHAIN, RATES) is not None
    assert in_other_currency(whole, 0, 83, MONEY, CHAIN, {"USD": 0.79}) is None
    assert in_other_currency(whole, 0, 83, MONEY, CHAIN, {"GBP": 1.0}) is None
    assert in_other_currency(whole, 0, 83, ("gmv",), CHAIN, RATES) is None


@pytest.mark.parametrize("factor", [0.75, 1.3])
@pytest.mark.parametrize("days", [3, 5])
def test_orders_that_are_counted_otherwise_are_told_for_three_mornings(
    factor: float, days: int
) -> None:
    count = 0
    for seed in SEEDS:
        one = bent(shops(Shop(seed=seed)), days, factor, "orders", "gmv")
        found = recounted(one, 0, 83, CHAIN, "refund_requests")
        count += found is not None and (found.measures, found.run) == (("orders", "gmv"), days)
        if found is not None:
            assert found.factor == pytest.approx(factor, rel=0.1)
    assert count >= 9


def test_what_refunds_baskets_or_clicks_go_along_with_is_no_other_count() -> None:
    for seed in SEEDS:
        whole = shops(Shop(seed=seed, refund_rate=0.1))
        real = bent(whole, 4, 1.4, "orders", "gmv", "refund_requests")
        dear = bent(whole, 4, 1.3, "gmv")
        traffic = bent(whole, 4, 1.3, *CHAIN)
        first, late = (bent(whole, days, 1.3, "orders", "gmv") for days in (1, 7))
        for one in (real, dear, traffic, first, late):
            assert recounted(one, 0, 83, CHAIN, "refund_requests") is None


def test_a_near_currency_is_a_doubt_that_blocks_nothing() -> None:
    day = diagnose(bent(shops(Shop()), 3, 1.0 / 0.79, *MONEY), BOOK, LAST, rates=RATES)
    (doubt,) = [one for one in day.trust.doubts if one.kind == "currency"]
    assert (doubt.measure, doubt.column, doubt.blocks) == ("gmv", "USD", False)
    assert doubt.value == pytest.approx(1.27, rel=0.05)
    assert doubt.since == LAST - np.timedelta64(2, "D").astype(object)


def test_another_count_of_orders_is_a_doubt_and_the_finding_stays() -> None:
    day = diagnose(bent(shops(Shop(seed=3)), 3, 0.7, "orders", "gmv"), BOOK, LAST)
    (doubt,) = day.trust.doubts
    assert (doubt.kind, doubt.measure, doubt.blocks) == ("recount", "orders", False)
    assert doubt.value == pytest.approx(0.7, rel=0.1)
    assert [one.step for one in day.findings] == ["pay"]
