"""A slow fall is told by the week and once; a known step, noise, a campaign's end are none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from diagnostics import slides
from diagnostics.book import load
from diagnostics.desk import Desk
from diagnostics.diagnose import diagnose
from diagnostics.slides import is_slide
from tests.diagnostics.rows import LAST, Shop, shipped, shops

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.panel import Panel
    from diagnostics.reading import Finding

BOOK = shipped()
CHAIN = ("impressions", "views", "product_clicks", "add_to_cart", "orders", "gmv")


def sliding(panel: Panel, days: int, *, row: int = 0, at: str = "impressions") -> Panel:
    """Return the panel with a fall of 30 % over 18 days from a step on, begun `days` ago."""
    values, last = panel.values.copy(), panel.values.shape[2]
    factors = np.ones(last)
    factors[last - days :] = 1.0 - 0.3 * np.minimum(np.arange(1, days + 1) / 18.0, 1.0)
    for key in CHAIN[CHAIN.index(at) :]:
        values[panel.measures.index(key), row] *= factors
    return replace(panel, values=values)


def of(panel: Panel, day: date = LAST) -> tuple[Finding, ...]:
    """Return the slides of the panel's only shop."""
    until = panel.until(day)
    return slides.find(Desk.of(until, BOOK, day, np.array([0])), 0, ())


def mornings(panel: Panel, first: int) -> list[tuple[Finding, ...]]:
    return [of(panel, LAST - timedelta(back)) for back in range(first, -1, -1)]


@pytest.mark.parametrize(("at", "step"), [("impressions", "impressions"), ("add_to_cart", "cart")])
def test_a_slide_is_told_with_its_step_and_its_money(at: str, step: str) -> None:
    found = of(sliding(shops(Shop(days=140, seed=2)), 24, at=at))
    assert [one.key for one in found] == ["uk-beauty|slide:gmv"]
    slide = found[0].slide
    assert slide is not None
    assert slide.step == step
    assert -0.33 < slide.change < -0.15
    assert found[0].lost == pytest.approx(slide.before - slide.week)
    assert slide.step_lost > 0.0
    assert found[0].alert


def test_a_slide_stays_one_finding_with_one_beginning() -> None:
    found = mornings(sliding(shops(Shop(days=140, seed=2)), 26), 28)
    there = [one for one in found if one]
    assert there
    assert {one.key for morning in there for one in morning} == {"uk-beauty|slide:gmv"}
    assert len({one.since for morning in there for one in morning}) <= 2
    assert not any(found[:6])


def test_ordinary_weeks_have_none() -> None:
    panel = shops(Shop(days=190, seed=5))
    assert not any(of(panel, LAST - timedelta(back)) for back in range(0, 91, 3))


def test_a_step_that_a_day_told_is_no_slide_later() -> None:
    panel = shops(Shop(days=140, seed=0, change={"pay_rate": (16, 0.6)}))
    assert not any(mornings(panel, 16))


def test_the_end_of_a_campaign_is_no_slide() -> None:
    book = load()
    day = date(2025, 11, 22)
    plain = shops(Shop(days=140, seed=4, last=day))
    values = plain.values.copy()
    for back in (11, 10):
        values[:, 0, -1 - back] *= 4.0
    panel = replace(plain, values=values)
    desk = Desk.of(panel, book, day, np.array([0]))
    assert slides.find(desk, 0, ()) == ()


def test_little_history_says_nothing() -> None:
    assert of(sliding(shops(Shop(days=34, seed=2)), 20)) == ()


def test_the_order_of_the_units_changes_nothing() -> None:
    panel = shops(
        Shop("uk-beauty", days=120, seed=2),
        Shop("id-home", days=120, seed=3),
        Shop("us-apparel", days=120, seed=4),
    )
    panel = sliding(panel, 24)
    other = replace(
        panel,
        units=panel.units[::-1],
        values=panel.values[:, ::-1].copy(),
        state=panel.state[::-1].copy(),
    )

    def told(one: Panel) -> Sequence[Finding]:
        found = diagnose(one, BOOK, LAST).findings
        return [two for two in found if two.slide is not None]

    assert [one.key for one in told(panel)] == ["uk-beauty|slide:gmv"]
    assert told(panel) == told(other)


def test_what_is_told_of_the_day_is_not_told_of_the_week() -> None:
    panel = sliding(shops(Shop(days=140, seed=2)), 24)
    desk = Desk.of(panel, BOOK, LAST, np.array([0]))
    (one,) = slides.find(desk, 0, ())
    assert slides.find(desk, 0, (replace(one, step="views"),)) == ()


def test_what_is_left_of_a_slide_is_told_against_the_weeks_before_it() -> None:
    panel = sliding(shops(Shop(days=140, seed=2)), 24)
    since = LAST - timedelta(24)
    found = slides.left(panel, BOOK, "uk-beauty", "gmv", LAST, since)
    assert found is not None
    assert found.before is not None
    assert found.reading.value is not None
    assert found.reading.value / found.before == pytest.approx(0.72, abs=0.06)
    assert found.score(-0.3) >= 0.5
    assert is_slide("slide:gmv")
    assert not is_slide("gmv")
