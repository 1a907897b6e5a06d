"""A slow fall is told by the week and once; a known step, noise, a campaign's end are none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from diagnostics import slides
from diagnostics.book import load
from diagnostics.desk import Desk
from diagnostics.diagnose import diagnose
from diagnostics.slides import is_slide
from tests.diagnostics.rows import LAST, Shop, shipped, shops, unit
from tests.diagnostics.test_occasions import row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.book.rows import Kind
    from diagnostics.panel import Panel
    from diagnostics.reading import Finding

BOOK = shipped()
BIG = Shop(days=140, seed=2, impressions=4_000_000.0)
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


def creeping(panel: Panel, *, row: int = 0, **shares: float) -> Panel:
    """Return the panel with measures moved by a share within 18 days, begun 24 days ago."""
    values, last = panel.values.copy(), panel.values.shape[2]
    for key, share in shares.items():
        values[panel.measures.index(key), row, last - 24 :] *= 1.0 + share * np.minimum(
            np.arange(1, 25) / 18.0, 1.0
        )
    return replace(panel, values=values)


def test_a_refund_rate_that_creeps_up_is_told_with_what_it_costs() -> None:
    panel = creeping(shops(BIG), refund_requests=0.5)
    (one,) = of(panel)
    assert one.key == "uk-beauty|slide:refund_rate"
    assert one.slide is not None
    assert 0.2 < one.slide.change < 0.5
    week = slice(-7, None)
    refunds, orders, gmv = (
        panel.measure(key)[0, week].sum() for key in ("refund_requests", "orders", "gmv")
    )
    assert one.slide.week == pytest.approx(refunds / orders)
    extra = refunds - one.slide.before * orders
    assert one.lost == pytest.approx(extra * gmv / orders)
    assert one.slide.total > one.lost


def test_a_refund_rate_that_falls_is_none() -> None:
    assert of(creeping(shops(Shop(days=140, seed=2)), refund_requests=-0.6)) == ()


def test_a_conversion_that_more_traffic_hides_is_told() -> None:
    panel = creeping(
        shops(Shop(days=140, seed=2)),
        impressions=0.35,
        views=0.35,
        product_clicks=0.35,
        add_to_cart=0.35,
    )
    (one,) = of(panel)
    assert (one.key, one.reading.metric) == ("uk-beauty|slide:gmv", "cart_to_pay")
    assert one.step == "pay"
    assert one.slide is not None
    assert one.slide.step == ""
    assert one.lost > 0.1 * panel.measure("gmv")[0, -7:].sum()


def test_returns_on_ads_and_refunds_are_rows_and_two_kinds_of_slide() -> None:
    panel = creeping(
        sliding(shops(Shop(days=140, seed=2)), 24), refund_requests=0.9, ad_revenue=-0.35
    )
    found = of(panel)
    assert found[0].key == "uk-beauty|slide:gmv"
    assert len(found) == 2
    book = replace(
        BOOK,
        metrics={key: replace(one, headline=0) for key, one in BOOK.metrics.items()},
    )
    desk = Desk.of(panel, book, LAST, np.array([0]))
    assert [one.key for one in slides.find(desk, 0, ())] == ["uk-beauty|slide:gmv"]


def with_parts(panel: Panel, *kinds: Kind) -> Panel:
    """Return a shop's panel with two units of each kind, with 40 % and 20 % of its figures."""
    names = [f"uk-beauty/{kind}-{number}" for kind in kinds for number in (1, 2)]
    shares = [0.4, 0.2] * len(kinds)
    parts = [panel.values[:, :1] * share for share in shares]
    return replace(
        panel,
        units=(*panel.units, *(unit(name, name[10:].split("-")[0]) for name in names)),  # type: ignore[arg-type]  # a kind by its name
        values=np.concatenate([panel.values, *parts], axis=1),
        state=np.concatenate([panel.state] * (len(names) + 1)),
    )


def test_the_shop_explains_its_units_and_a_unit_s_own_slide_is_told() -> None:
    panel = with_parts(shops(BIG), "product", "video")
    (one,) = of(sliding(panel, 24))
    assert one.unit == "uk-beauty"
    (one,) = of(creeping(panel, row=1, gmv=-0.4, orders=-0.4))
    assert (one.unit, one.reading.metric) == ("uk-beauty/product-1", "gmv")
    often = with_parts(shops(replace(BIG, refund_rate=0.1)), "product")
    rising = creeping(often, row=1, refund_requests=0.4)
    assert [one.key for one in of(rising)] == ["uk-beauty/product-1|slide:refund_rate"]


def test_videos_fade_by_nature_but_who_asks_is_answered() -> None:
    panel = creeping(with_parts(shops(Shop(days=140, seed=2)), "video"), row=1, gmv=-0.4)
    assert of(panel) == ()
    (one,) = slides.explain(panel, BOOK, "uk-beauty/video-1", LAST)
    assert one.reading.metric == "gmv"
    assert slides.explain(panel, BOOK, "uk-beauty", LAST) == ()


def test_who_asks_hears_of_a_slide_that_the_day_s_findings_left_out() -> None:
    panel = shops(Shop(days=140, seed=0, change={"pay_rate": (16, 0.6)}))
    assert of(panel) == ()
    (one,) = slides.explain(panel, BOOK, "uk-beauty", LAST)
    assert one.slide is not None
    assert one.slide.step == "pay"
    assert one.slide.total >= one.lost


@dataclass(frozen=True)
class Told:
    """What was told, as far as a budget looks at it."""

    key: str
    opened: date | None


def test_the_week_s_budget_counts_slides_of_seven_days() -> None:
    told = [
        Told("a|slide:gmv", LAST - timedelta(6)),
        Told("b|slide:gmv", LAST - timedelta(7)),
        Told("c|S6", LAST),
        Told("d|slide:gmv", None),
    ]
    assert [slides.room(told, LAST, budget) for budget in (0, 1, 2, 3)] == [0, 0, 1, 2]


def test_what_is_left_of_a_rate_is_a_ratio_of_sums() -> None:
    panel = creeping(shops(BIG), refund_requests=0.9)
    found = slides.left(panel, BOOK, "uk-beauty", "refund_rate", LAST, LAST - timedelta(24))
    assert found is not None
    refunds, orders = (panel.measure(key)[0, -7:].sum() for key in ("refund_requests", "orders"))
    assert found.reading.value == pytest.approx(refunds / orders)
    assert found.score(0.6) >= 0.5
    better = creeping(shops(BIG), refund_requests=-0.5)
    found = slides.left(better, BOOK, "uk-beauty", "refund_rate", LAST, LAST - timedelta(24))
    assert found is not None
    assert found.score(0.6) == 0.0


def test_a_campaign_ends_no_slide() -> None:
    panel, since = sliding(shops(Shop(days=140, seed=2)), 24), LAST - timedelta(24)
    week = replace(row(2.0, ago=5, lasts=5), countries=("UK",))
    busy = replace(BOOK, calendar=(week,))
    assert slides.left(panel, busy, "uk-beauty", "gmv", LAST, since) is None
    assert slides.left(panel, BOOK, "uk-beauty", "gmv", LAST, since) is not None


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
