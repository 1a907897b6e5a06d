"""What keeps a shop's day from being judged, and what is only worth a line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnostics.diagnose import diagnose
from diagnostics.panel import State
from diagnostics.reading import Doubt
from diagnostics.trust import Known, trust
from tests.diagnostics.rows import LAST, Shop, panel, shipped, shops, unit

SHOP = unit("uk-beauty")


def doubts(
    gmv: list[float], orders: list[float], state: int = State.FINAL
) -> list[tuple[str, str, bool]]:
    states = [[int(State.FINAL)] * (len(gmv) - 1) + [int(state)]]
    one = panel([SHOP], {"gmv": [gmv], "orders": [orders]}, state=states)
    found = trust(one, 0, LAST, ("gmv", "orders"), Known())
    return [(doubt.kind, doubt.measure, doubt.blocks) for doubt in found.doubts]


def test_an_ordinary_day_is_trusted() -> None:
    assert doubts([9.0] * 20, [3.0] * 20) == []


def test_a_final_day_of_zeros_after_a_living_history_blocks() -> None:
    assert doubts([9.0] * 19 + [0.0], [3.0] * 19 + [0.0]) == [("jump", "gmv", True)]


def test_a_shop_that_knows_zeros_may_have_one() -> None:
    assert (
        doubts([9.0] * 15 + [0.0] + [9.0] * 3 + [0.0], [3.0] * 15 + [0.0] + [3.0] * 3 + [0.0]) == []
    )


def test_a_new_shop_has_no_usual() -> None:
    assert doubts([9.0, 9.0, 0.0], [3.0, 3.0, 0.0]) == []


def test_one_measure_at_zero_is_a_line_and_blocks_only_when_it_is_the_value() -> None:
    assert doubts([9.0] * 20, [3.0] * 19 + [0.0]) == [("jump", "orders", False)]
    assert doubts([9.0] * 19 + [0.0], [3.0] * 20) == [("jump", "gmv", True)]


def test_a_measure_that_is_missing_today_is_told() -> None:
    assert doubts([9.0] * 20, [3.0] * 19 + [np.nan]) == [("missing", "orders", False)]
    assert doubts([9.0] * 19 + [np.nan], [3.0] * 20) == [("missing", "gmv", True)]


def test_what_the_day_is_not_told_by_is_no_doubt() -> None:
    one = panel([SHOP], {"gmv": [[9.0] * 20], "on_air": [[3.0] * 19 + [np.nan]]})
    assert trust(one, 0, LAST, ("gmv",), Known()).doubts == ()


def test_what_was_missing_on_that_weekday_before_may_be_missing() -> None:
    session = [3.0] * 20
    session[-1] = session[-8] = session[-15] = np.nan
    assert doubts([9.0] * 20, session) == []
    session[-8] = session[-15] = 3.0
    assert doubts([9.0] * 20, session) == [("missing", "orders", False)]


def test_missing_and_provisional_days_block() -> None:
    assert doubts([9.0] * 19 + [np.nan], [3.0] * 19 + [np.nan]) == [("missing", "", True)]
    assert doubts([9.0] * 20, [3.0] * 20, State.PROVISIONAL) == [("provisional", "", True)]


def test_units_that_vanished_are_told() -> None:
    units = [SHOP, *(unit(f"uk-beauty/product-{number}", "product") for number in range(8))]
    rows = np.full((9, 35), 5.0)
    rows[4:, -1] = np.nan
    found = trust(panel(units, {"gmv": rows.tolist()}), 0, LAST, ("gmv", "orders"), Known())
    assert [(one.kind, one.measure, one.value, one.other) for one in found.doubts] == [
        ("vanished", "product", 3.0, 8.0)
    ]
    assert found.judged


@pytest.mark.parametrize("days", [1, 2, 3])
def test_zeros_of_the_last_days_are_not_out_yet(days: int) -> None:
    living = 20 - days
    assert doubts([9.0] * living + [0.0] * days, [3.0] * living + [0.0] * days) == [
        ("jump", "gmv", True)
    ]
    assert doubts([9.0] * 20, [3.0] * living + [0.0] * days) == [("jump", "orders", False)]


def test_a_shop_that_closed_has_true_zeros() -> None:
    assert doubts([9.0] * 16 + [0.0] * 4, [3.0] * 16 + [0.0] * 4) == []


def test_money_of_nothing_for_many_orders_is_no_figure_even_of_a_new_shop() -> None:
    one = panel([SHOP], {"gmv": [[9.0, 0.0]], "orders": [[3.0, 3.0]]})
    known = Known(chain=("orders", "gmv"))
    (doubt,) = trust(one, 0, LAST, ("gmv", "orders"), known).doubts
    assert (doubt.kind, doubt.measure, doubt.blocks) == ("jump", "gmv", True)
    gifts = panel([SHOP], {"gmv": [[9.0, 0.0]], "orders": [[3.0, 2.0]]})
    assert trust(gifts, 0, LAST, ("gmv", "orders"), known).doubts == ()


def test_a_day_that_breaks_off_is_told_once() -> None:
    half = Doubt("partial", SHOP.key, LAST, feed="sql", blocks=True, value=14.0, other=24.0)
    one = panel([SHOP], {"gmv": [[9.0] * 20]}, state=[[2] * 19 + [int(State.PROVISIONAL)]])
    assert trust(one, 0, LAST, ("gmv",), Known(kept=(half,))).doubts == (half,)
    other = replace(half, unit="de-home")
    (plain,) = trust(one, 0, LAST, ("gmv",), Known(kept=(other,))).doubts
    assert plain.kind == "provisional"


def test_a_figure_that_is_not_out_yet_is_no_finding() -> None:
    whole = shops(Shop())
    values = whole.values.copy()
    values[whole.measures.index("product_clicks"), 0, -1] = 0.0
    day = diagnose(replace(whole, values=values), shipped(), LAST)
    assert [(one.kind, one.measure) for one in day.trust.doubts] == [("jump", "product_clicks")]
    assert day.trust.judged
    assert day.findings == ()


def test_refunds_that_have_not_come_in_yet_are_no_doubt() -> None:
    one = panel([SHOP], {"gmv": [[9.0] * 20], "refund_amount": [[3.0] * 19 + [0.0]]})
    known = Known().of(shipped(), shipped().funnels["shop"])
    assert "refund_amount" in known.settling
    assert trust(one, 0, LAST, ("gmv", "refund_amount"), known).doubts == ()


def test_counts_that_hang_together_agree_by_chance_and_amounts_do_not() -> None:
    whole = shops(Shop())
    known = Known().of(shipped(), shipped().funnels["shop"])

    def kinds(*measures: str) -> list[str]:
        values = whole.values.copy()
        for measure in measures:
            at = whole.measures.index(measure)
            values[at, 0, -1] = values[at, 0, -2]
        again = replace(whole, values=values)
        return [one.kind for one in trust(again, 0, LAST, ("gmv", "orders"), known).doubts]

    assert kinds("add_to_cart", "orders", "product_clicks") == []
    assert kinds("add_to_cart", "orders", "ad_cost") == ["copied"]
