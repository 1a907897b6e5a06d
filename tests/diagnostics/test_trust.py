"""What keeps a shop's day from being judged, and what is only worth a line."""

from __future__ import annotations

import numpy as np

from diagnostics.panel import State
from diagnostics.trust import Known, trust
from tests.diagnostics.rows import LAST, panel, unit

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
