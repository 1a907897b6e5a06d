"""How many alarms are chance: the measured tail, the past mornings, and sixty noisy products."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import inf

import numpy as np
import pytest

from diagnostics import control
from diagnostics.control import BUDGET, FURTHEST, Firm, Tail, alone, by_law, threshold
from diagnostics.diagnose import diagnose
from diagnostics.panel import Panel, State
from diagnostics.reading import Control
from tests.diagnostics.rows import LAST, MEASURES, Shop, shipped, shops, unit

BOOK = shipped()


def noise(
    rows: int, scale: float = 1.0, seed: int = 1
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return scores of ordinary days (rows, 28): the bands' own law, wider by `scale`."""
    draw = np.random.default_rng(seed)
    return scale * draw.standard_t(5.0, (rows, 28)) / 4.0321


def test_without_a_past_the_law_speaks() -> None:
    law = Tail.of(np.full((4, 28), np.nan))
    assert law.chance(1.0) == pytest.approx(0.01, rel=0.02)
    assert law.score(0.01) == pytest.approx(1.0, rel=0.01)
    assert by_law(2.0) == pytest.approx(law.chance(2.0))


def test_scores_of_the_law_give_the_law_and_heavier_ones_a_heavier_tail() -> None:
    same, heavy = Tail.of(noise(400)), Tail.of(noise(400, 2.0))
    assert same.chance(1.0) == pytest.approx(0.01, rel=0.25)
    assert heavy.chance(2.0) == pytest.approx(0.01, rel=0.4)
    assert heavy.score(0.001) > 1.5 * same.score(0.001)


def test_few_scores_hardly_move_the_law() -> None:
    assert Tail.of(noise(2, 3.0)).score(0.002) < 1.15 * by_score(0.002)


def by_score(chance: float) -> float:
    return Tail.of(np.empty(0)).score(chance)


def test_the_rarer_the_further() -> None:
    tail = Tail.of(noise(300))
    scores = [tail.score(chance) for chance in (0.1, 0.01, 1e-3, 1e-4, 1e-5)]
    assert scores == sorted(scores)
    assert 0.0 < tail.chance(inf) <= tail.chance(FURTHEST)


def test_many_figures_need_more_than_one() -> None:
    scores = noise(60)
    few, many = threshold([scores], [scores], 60, 10), threshold([scores], [scores], 60, 1_000)
    assert 1.0 <= few.once < many.once
    assert few.twice <= many.twice < many.once
    assert many.control.expected_false == pytest.approx(BUDGET, rel=0.2)


def test_past_mornings_with_too_many_alarms_raise_the_threshold_but_two_bad_ones_do_not() -> None:
    calm = np.zeros((50, 28))
    bad, often = calm.copy(), calm.copy()
    bad[:20, [5, 12]] = 2.5
    often[:3, ::3] = 2.5
    plain = threshold([], [calm], 50, 50)
    assert threshold([], [bad], 50, 50).once == plain.once
    assert threshold([], [often], 50, 50).once > 2.4


def test_precision_is_said_where_the_past_had_alarms() -> None:
    past = np.zeros((50, 28))
    past[:2, [5, 12]] = 5.0
    told = threshold([], [past], 50, 50).control
    assert told.past_alarms == pytest.approx(4 / 28)
    assert told.precision == pytest.approx(1.0 - told.expected_false / told.past_alarms)
    assert threshold([], [past * 0.0], 50, 50).control.precision is None


def test_the_further_out_the_less_it_is_chance() -> None:
    found = threshold([], [np.zeros((50, 28))], 50, 50)
    once = [found.chance(score, 0.0) for score in (1.5, 2.5, 5.0)]
    assert once == sorted(once, reverse=True)
    assert found.chance(1.5, 1.5) < found.chance(1.5, 0.0)


def test_patience_never_makes_an_ordinary_figure_a_symptom() -> None:
    firm = Firm(np.array([2.0, 2.0]), np.array([1.2, 1.2])).times(np.array([0.7, 1.6]))
    assert firm.once.tolist() == pytest.approx([1.4, 3.2])
    assert firm.twice.tolist() == pytest.approx([1.0, 1.92])


def test_numbers_of_several_shops_add_up() -> None:
    parts = [Control(0.01, 0.01, 0.1, 0.9), Control(0.02, 0.02, 0.0), None]
    whole = control.whole(parts)
    assert whole is not None
    assert (whole.budget, whole.expected_false) == pytest.approx((0.03, 0.03))
    assert whole.precision == pytest.approx(0.7)
    assert control.whole([None]) is None


@pytest.mark.parametrize(("factor", "scenes"), [(1.0, ["S3"]), (1.6, []), (0.7, ["S3"])])
def test_answers_shift_what_a_unit_needs(factor: float, scenes: list[str]) -> None:
    panel = shops(Shop(change={"pay_rate": (1, 0.72)}))
    found = diagnose(panel, BOOK, LAST, patience={"uk-beauty|S3": factor, "who|S9": 0.1})
    assert [one.scene for one in found.findings if one.scene] == scenes


def products(count: int, days: int) -> Panel:
    """Return a shop of many products with nothing but noise, some of it their own weather."""
    draw = np.random.default_rng(11)
    shop = shops(Shop(days=days, impressions=4_000_000.0))
    share = draw.dirichlet(np.full(count, 3.0))[:, None]
    impressions = draw.poisson(shop.measure("impressions")[:1] * share)
    rows = {"impressions": impressions, "product_impressions": impressions * 2}
    rates = (
        ("views", "impressions", 0.28),
        ("product_clicks", "views", 0.05),
        ("add_to_cart", "product_clicks", 0.14),
        ("orders", "add_to_cart", 0.5),
        ("refund_requests", "orders", 0.04),
    )
    for name, base, rate in rates:
        weather = np.exp(draw.normal(0.0, 0.08, (count, days)))
        rows[name] = draw.binomial(rows[base], np.minimum(rate * weather, 1.0))
    rows["gmv"] = rows["orders"] * 21
    children = np.stack([rows.get(key, np.full((count, days), np.nan)) for key in MEASURES])
    units = [unit(f"uk-beauty/product-{number}", "product") for number in range(count)]
    values = np.concatenate([shop.values, children], axis=1)
    state = np.full((1 + count, days), State.FINAL, dtype=np.int8)
    return replace(shop, units=(*shop.units, *units), values=values, state=state)


def test_sixty_products_of_noise_stay_within_the_budget() -> None:
    mornings = 12
    panel = products(60, 84 + mornings)
    told, promised = 0, 0.0
    for ago in range(mornings):
        day = LAST - timedelta(ago)
        found = diagnose(panel.until(day), BOOK, day)
        told += len(found.findings)
        assert found.control is not None
        promised += found.control.expected_false
        assert found.control.expected_false <= 1.3 * found.control.budget
    assert promised < 0.5
    assert told <= promised + 3.0 * promised**0.5


def test_what_stands_alone_needs_as_much_as_its_past_mornings_ask() -> None:
    calm, often = np.zeros((1, 28)), np.zeros((1, 28))
    often[0, ::3] = 2.5
    assert alone([calm], [calm], 1.5)[0] == 1.5
    firm, told = alone([often], [often], 1.5)
    assert firm > 2.5
    assert told.past_alarms == 0.0
    some = calm.copy()
    some[0, [3, 9, 15]] = 9.0
    firm, told = alone([], [some], 1.5)
    assert told.past_alarms == pytest.approx(3 / 28)
    assert told.precision == pytest.approx(1.0 - told.expected_false / told.past_alarms)
    assert alone([], [], 1.5)[0] == 1.5
