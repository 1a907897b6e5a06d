"""A day copied from the one before, a measure that changed meaning: told, and never a fall in trade."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from diagnostics.diagnose import diagnose
from diagnostics.jumps import copied, currency, jumps
from tests.diagnostics.rows import LAST, Shop, shipped, shops

if TYPE_CHECKING:
    from diagnostics.panel import Panel

BOOK = shipped()
CHAIN = BOOK.funnels["shop"].chain


def bent(days: int, **factors: float) -> Panel:
    """Return a shop whose last days are multiplied in some measures."""
    whole = shops(Shop())
    values = whole.values.copy()
    for measure, factor in factors.items():
        values[whole.measures.index(measure), 0, -days:] *= factor
    return replace(whole, values=values)


def found(panel: Panel) -> list[tuple[str, int]]:
    return [(one.measure, one.run) for one in jumps(panel, 0, len(panel.days) - 1, CHAIN)]


def test_ordinary_days_have_no_jump_and_no_copy() -> None:
    for seed in range(20):
        whole = shops(Shop(seed=seed))
        for at in range(40, 84):
            assert list(jumps(whole, 0, at, CHAIN)) == []
            assert copied(whole, 0, at) == ()


@pytest.mark.parametrize("measure", ["impressions", "views", "product_clicks", "add_to_cart"])
@pytest.mark.parametrize("days", [1, 3])
def test_a_measure_that_leaves_both_neighbours_changed_its_meaning(measure: str, days: int) -> None:
    assert found(bent(days, **{measure: 10.0})) == [(measure, days)]
    (one,) = jumps(bent(days, **{measure: 10.0}), 0, 83, CHAIN)
    assert one.factor == pytest.approx(10.0, rel=0.2)


@pytest.mark.parametrize("measure", ["views", "product_clicks", "add_to_cart"])
def test_a_tenth_of_one_measure_alone_is_no_trade_either(measure: str) -> None:
    assert found(bent(1, **{measure: 0.1})) == [(measure, 1)]


def test_what_passes_on_down_the_chain_is_trade() -> None:
    assert found(bent(1, orders=0.1, gmv=0.1)) == []
    assert found(bent(1, **dict.fromkeys(CHAIN, 0.1))) == []
    assert found(bent(1, **dict.fromkeys(CHAIN, 6.0))) == []
    assert found(bent(1, views=0.3, product_clicks=0.3, add_to_cart=0.3, orders=0.3, gmv=0.3)) == []
    assert found(bent(2, gmv=0.6)) == []


def test_after_a_week_the_new_relation_is_the_known_one() -> None:
    assert found(bent(7, views=10.0)) == [("views", 7)]
    assert found(bent(9, views=10.0)) == []
    assert found(bent(20, views=10.0)) == []


def test_a_handful_of_orders_says_nothing() -> None:
    whole = bent(1, gmv=5.0)
    few = whole.values.copy()
    few[whole.measures.index("orders")] = 3.0
    assert found(replace(whole, values=few)) == []


def test_the_jump_is_that_of_an_exchange_rate() -> None:
    rates = {"GBP": 1.0, "USD": 0.79, "IDR": 0.00005}
    assert currency("GBP", 20_500.0, rates) == "IDR"
    assert currency("IDR", 0.00005, rates) == "GBP"
    assert currency("GBP", 4.0, rates) == ""
    assert currency("THB", 4.0, rates) == ""


def test_money_of_another_currency_is_not_judged() -> None:
    whole = bent(1, gmv=20_000.0)
    day = diagnose(whole, BOOK, LAST, rates={"GBP": 1.0, "IDR": 0.00005})
    (doubt,) = day.trust.doubts
    assert (doubt.kind, doubt.measure, doubt.column) == ("currency", "gmv", "IDR")
    assert doubt.blocks
    assert day.findings == ()


def test_a_rate_of_another_definition_is_no_finding_and_the_rest_is_judged() -> None:
    day = diagnose(bent(1, views=0.1), BOOK, LAST)
    assert [(one.kind, one.measure, one.blocks) for one in day.trust.doubts] == [
        ("definition", "views", False)
    ]
    assert [one.key for one in day.findings] == []
    assert day.trust.judged


def test_the_day_before_once_more_is_not_judged() -> None:
    whole = shops(Shop())
    values = whole.values.copy()
    values[:, 0, -1] = values[:, 0, -2]
    again = replace(whole, values=values)
    assert len(copied(again, 0, 83)) > 5
    day = diagnose(again, BOOK, LAST)
    assert [(one.kind, one.blocks) for one in day.trust.doubts] == [("copied", True)]


def test_one_source_copied_is_told_and_blocks_nothing() -> None:
    whole = shops(Shop())
    values = whole.values.copy()
    for measure in ("ad_cost", "ad_revenue", "commission"):
        at = whole.measures.index(measure)
        values[at, 0, -1] = values[at, 0, -2]
    day = diagnose(replace(whole, values=values), BOOK, LAST)
    assert [(one.kind, one.blocks) for one in day.trust.doubts] == [("copied", False)]


def test_a_fixed_budget_and_small_counts_are_no_copy() -> None:
    whole = shops(Shop())
    values = whole.values.copy()
    for measure in ("ad_cost", "ad_revenue", "commission"):
        values[whole.measures.index(measure), 0] = 500.0
    values[whole.measures.index("disconnects"), 0] = np.tile([1.0, 2.0], 42)
    assert copied(replace(whole, values=values), 0, 83) == ()
