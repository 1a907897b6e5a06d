"""From which loss on a change matters: a share of what a shop brings, or what the team says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from diagnostics import stakes
from diagnostics.diagnose import diagnose
from diagnostics.reading import Diagnosis, Finding
from tests.diagnostics.rows import LAST, Shop, shipped, shops

if TYPE_CHECKING:
    from collections.abc import Mapping

RATES = {"USD": 1.0, "GBP": 1.25}


def told(**currencies: str) -> Diagnosis:
    """Return the day of shops alike but for their money."""
    panel = shops(*(Shop(key) for key in currencies))
    units = tuple(replace(one, currency=currencies[one.key]) for one in panel.units)
    return diagnose(replace(panel, units=units), shipped(), LAST)


def usual(found: Diagnosis, shop: str) -> float:
    day = found.shop(shop)
    assert day is not None
    assert day.funnel.value.expected is not None
    return day.funnel.value.expected.mid


def test_a_twentieth_of_what_one_shop_brings_however_many_there_are() -> None:
    alone, both = told(uk="GBP"), told(uk="GBP", us="GBP")
    mean = (usual(both, "uk") + usual(both, "us")) / 2.0
    assert stakes.dear(alone, RATES)["GBP"] == pytest.approx(0.05 * usual(alone, "uk"))
    assert stakes.dear(both, RATES)["GBP"] == pytest.approx(0.05 * mean)


def test_it_is_the_same_money_in_every_currency() -> None:
    found = told(uk="GBP", us="USD")
    dear = stakes.dear(found, RATES)
    mean = (1.25 * usual(found, "uk") + usual(found, "us")) / 2.0
    assert dear["USD"] == pytest.approx(0.05 * mean)
    assert dear["GBP"] == pytest.approx(dear["USD"] / 1.25)


@pytest.mark.parametrize("rates", [{}, None, {"USD": 1.0}])
def test_money_without_a_rate_is_measured_by_its_own_shops(
    rates: Mapping[str, float] | None,
) -> None:
    found = told(uk="GBP")
    assert stakes.dear(found, rates) == {"GBP": pytest.approx(0.05 * usual(found, "uk"))}
    assert stakes.dear(found, rates, 500.0).get("GBP") is None


def test_what_the_team_says_wins() -> None:
    assert stakes.dear(told(uk="GBP"), RATES, 500.0) == {"USD": 500.0, "GBP": 400.0}


def test_of_nothing_known_nothing_is_dear() -> None:
    found = replace(told(uk="GBP"), shops=())
    assert stakes.dear(found, RATES) == {}
    one = Finding(
        key="uk|S6", unit="uk", scene="S6", step="", reading=told(uk="GBP").shops[0].funnel.value,
        lost=1.0, lost_profit=None, since=date(2026, 3, 1), sureness="sure", controllable=True,
        alert=True,
    )  # fmt: skip
    assert stakes.of(one, found, {"GBP": 5.0}) == 5.0
    assert stakes.of(one, found, {}) is None
    assert stakes.of(replace(one, unit="gone"), found, {"GBP": 5.0}) is None
