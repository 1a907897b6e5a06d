"""Which range judges a day, and when a value certainly lies outside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from diagnostics import ranges
from diagnostics.book.rows import Book, Measure
from tests.diagnostics.rows import NOTHING, metric, span, unit

MARCH, APRIL = date(2026, 3, 12), date(2026, 4, 12)
CVR = metric("cvr", "orders", "visitors", smallest_base=10)
GMV = metric("gmv", "gmv")
SHOP = replace(unit("uk-beauty"), stage="mature", level="store")
LIVE = replace(unit("uk-beauty/live-0312", "live"), stage="mature")
BOOK = Book(
    measures={
        key: Measure(key, NOTHING, "money" if key == "gmv" else "count")
        for key in ("orders", "visitors", "gmv")
    },
    metrics={"cvr": CVR, "gmv": GMV},
    funnels={},
    ranges=(
        span("cvr", 0.01, key="any"),
        span("cvr", 0.02, key="uk", country="UK"),
        span("cvr", 0.03, key="beauty", category="beauty"),
        span("cvr", 0.04, key="mature", stage="mature"),
        span("cvr", 0.05, key="live", kind="live"),
        span("cvr", 0.06, key="this", unit="uk-beauty/live-0312"),
        span("gmv", 100.0, key="floor", country="UK"),
    ),
    scenes={},
    calendar=(),
    roles={},
)


@pytest.mark.parametrize(
    ("leaves_out", "wins"),
    [
        ((), "this"),
        (("this",), "live"),
        (("this", "live"), "mature"),
        (("this", "live", "mature"), "beauty"),
        (("this", "live", "mature", "beauty"), "uk"),
        (("this", "live", "mature", "beauty", "uk"), "any"),
    ],
)
def test_the_most_specific_scope_wins(leaves_out: tuple[str, ...], wins: str) -> None:
    book = replace(BOOK, ranges=tuple(row for row in BOOK.ranges if row.key not in leaves_out))
    found = ranges.applies(book, CVR, LIVE, MARCH)
    assert found is not None
    assert found.key == wins


def test_another_country_is_judged_by_no_row_of_this_one() -> None:
    book = replace(BOOK, ranges=(span("cvr", 0.02, country="UK"),))
    assert ranges.applies(book, CVR, replace(SHOP, country="ID"), MARCH) is None


def test_a_march_day_is_judged_by_marchs_range() -> None:
    old = span("cvr", 0.02, key="old", until=date(2026, 3, 31))
    new = span("cvr", 0.03, key="new", since=date(2026, 4, 1))
    book = replace(BOOK, ranges=(old, new))
    assert ranges.applies(book, CVR, SHOP, MARCH) == old
    assert ranges.applies(book, CVR, SHOP, APRIL) == new
    assert ranges.applies(book, CVR, SHOP, date(2025, 12, 31)) is None


def test_the_teams_own_row_wins_among_equals() -> None:
    own, seed = span("cvr", 0.02, key="a"), span("cvr", 0.05, key="b", own=False)
    book = replace(BOOK, ranges=(seed, own))
    assert ranges.applies(book, CVR, SHOP, MARCH) == own


def test_a_shops_sum_does_not_judge_its_lives() -> None:
    assert ranges.applies(BOOK, GMV, SHOP, MARCH) is not None
    assert ranges.applies(BOOK, GMV, LIVE, MARCH) is None


def test_bounds_tell_the_same_as_one_by_one() -> None:
    units = (SHOP, LIVE, replace(SHOP, key="id-home", country="ID", category="home"), SHOP)
    scopes = ranges.Scopes.of(units, frozenset({"uk-beauty/live-0312"}))
    rows, low, high = ranges.bounds(BOOK, CVR, scopes, MARCH)
    for index, one in enumerate(units):
        found = ranges.applies(BOOK, CVR, one, MARCH)
        assert rows[scopes.code[index]] == found
        assert low[scopes.code[index]] == (found.low if found else -np.inf)
        assert high[scopes.code[index]] == np.inf
    assert len(scopes.units) == 3


@pytest.mark.parametrize(
    ("of", "over", "low", "high", "place"),
    [
        (3, 12, -np.inf, 0.10, ranges.NONE),
        (300, 1200, -np.inf, 0.10, ranges.ABOVE),
        (0, 12, 0.05, np.inf, ranges.NONE),
        (0, 1200, 0.05, np.inf, ranges.BELOW),
        (60, 1200, 0.04, 0.10, ranges.INSIDE),
        (1, 1, -np.inf, 0.5, ranges.NONE),
    ],
)
def test_a_share_lies_outside_only_when_that_is_certain(
    of: float, over: float, low: float, high: float, place: int
) -> None:
    one = [np.array([value], dtype=float) for value in (of / over, of, over, low, high)]
    found, sure = ranges.position(*one, share=True)
    assert found[0] == place
    assert 0 <= sure[0] <= 1


@pytest.mark.parametrize(
    ("of", "over", "low", "high", "sure"),
    [
        (3, 12, 0.0, 0.10, 0.94),
        (300, 1200, 0.0, 0.10, 1.0),
        (0, 59, 0.05, 1.0, 0.986),
        (15, 12, 0.0, 0.9, 0.927),
        (0, 0, 0.2, 0.8, 0.295),
    ],
)
def test_the_certainty_is_the_posteriors_probability(
    of: float, over: float, low: float, high: float, sure: float
) -> None:
    draw = np.random.default_rng(1).beta(of + 0.5, max(over - of, 0) + 0.5, 400_000)
    drawn = max(np.mean(draw < low), np.mean(draw > high))
    one = [np.array([value], dtype=float) for value in (of / max(over, 1), of, over, low, high)]
    place, found = ranges.position(*one, share=True)
    assert found[0] == pytest.approx(drawn, abs=0.003)
    assert found[0] == pytest.approx(sure, abs=0.01)
    assert (place[0] in {ranges.BELOW, ranges.ABOVE}) == (found[0] > ranges.CERTAIN)


def test_money_is_compared_as_it_is() -> None:
    value = np.array([90.0, 110.0, 130.0, np.nan])
    low, high = np.full(4, 100.0), np.full(4, 120.0)
    found, _ = ranges.position(value, value, value, low, high, share=False)
    assert found.tolist() == [ranges.BELOW, ranges.INSIDE, ranges.ABOVE, ranges.NONE]


def test_only_one_count_over_one_count_is_a_share() -> None:
    assert ranges.proportion(BOOK, CVR)
    assert not ranges.proportion(BOOK, metric("aov", "gmv", "orders"))
    assert not ranges.proportion(BOOK, metric("orders", "orders"))
    assert not ranges.proportion(BOOK, metric("gpm", "orders", "visitors", scale=1000.0))
