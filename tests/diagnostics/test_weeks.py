"""A week against four, by hand: weekdays alike, special days aside, rates as ratios of sums."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.book.rows import Term
from diagnostics.funnel import funnel_of
from diagnostics.weeks import Stretch
from tests.diagnostics.rows import panel, shipped, unit

BOOK = shipped()
DAYS = 35
ORDERS = (Term("orders"),)


def stretch(special: int | None = None, missing: int | None = None, first: int = 28) -> Stretch:
    """Return 35 days of which Mondays bring twice as much; the last week brings three quarters."""
    orders = np.array([20.0 if day % 7 == 0 else 10.0 for day in range(DAYS)])
    orders[28:] *= 0.75
    ordinary = np.ones(DAYS, dtype=bool)
    if special is not None:
        orders[special], ordinary[special] = 60.0, False
    if missing is not None:
        orders[missing] = np.nan
    rows = {
        "product_clicks": [[100.0] * DAYS],
        "orders": [orders.tolist()],
        "gmv": [(20.0 * orders).tolist()],
        "refund_requests": [[1.0] * 28 + [2.0] * 7],
    }
    made = panel([unit("uk-beauty")], rows)
    return Stretch(made, BOOK, 0, first, DAYS, ordinary)


def test_a_week_is_held_against_such_weekdays() -> None:
    assert stretch().sums(ORDERS) == pytest.approx((60.0, 80.0))
    assert stretch(first=33).sums(ORDERS) == pytest.approx((15.0, 20.0))


def test_a_special_day_is_taken_to_have_changed_like_the_others() -> None:
    new, old = stretch(special=30).sums(ORDERS)
    assert new == pytest.approx(60.0 - 7.5 + 60.0)
    assert new / old == pytest.approx(0.75)


def test_a_special_day_before_teaches_nothing() -> None:
    assert stretch(special=9).sums(ORDERS) == pytest.approx((60.0, 80.0))


def test_a_missing_day_counts_on_neither_side() -> None:
    one = stretch(missing=30)
    assert one.sums(ORDERS) == pytest.approx((52.5, 70.0))
    assert not one.complete(BOOK.metrics["orders"])
    assert stretch().complete(BOOK.metrics["orders"])


def test_too_short_a_past_says_nothing() -> None:
    assert np.isnan(stretch(first=27).sums(ORDERS)).all()


def test_a_rate_is_a_ratio_of_sums_and_costs_by_the_event() -> None:
    one, metric = stretch(), BOOK.metrics["refund_rate"]
    path = funnel_of(BOOK, "shop")
    assert one.rate(metric) == pytest.approx((14.0 / 60.0, 7.0 / 80.0))
    assert one.cost(metric, path) == pytest.approx((14.0 - 60.0 * 7.0 / 80.0) * 20.0)


def test_the_parts_of_the_chain_add_up() -> None:
    one, path = stretch(), funnel_of(BOOK, "shop")
    parts = one.parts(path)
    assert sum(parts.values()) == pytest.approx(-0.25 * 1600.0)
    assert one.part("orders", path) == pytest.approx(400.0)
    assert one.part("product_clicks", path) == pytest.approx(0.0)
    assert np.isnan(one.part("views", path))
