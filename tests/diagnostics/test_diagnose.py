"""The one door: planted incidents are told with their scene, step and money; ordinary days not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from diagnostics.diagnose import diagnose, explain, read, trend, unit_funnel
from diagnostics.panel import Panel, State
from diagnostics.trust import Arrival
from tests.diagnostics.rows import LAST, Shop, live, shipped, shops, span

if TYPE_CHECKING:
    from diagnostics.panel import Unit

BOOK = shipped()


@pytest.mark.parametrize(
    ("change", "scene", "step"),
    [
        ({"view_rate": (1, 0.6)}, "S1", "views"),
        ({"click_rate": (1, 0.6)}, "S2", "clicks"),
        ({"pay_rate": (1, 0.6)}, "S3", "pay"),
        ({"disconnects": (1, 80.0)}, "S5", ""),
        ({"refund_rate": (1, 3.5)}, "S6", ""),
        ({"roas": (1, 0.4)}, "S7", ""),
        ({"aov": (1, 0.7)}, "S8", ""),
        ({"impressions": (1, 0.4)}, "", "impressions"),
    ],
)
def test_an_incident_is_told_by_its_scene(
    change: dict[str, tuple[int, float]], scene: str, step: str
) -> None:
    found = diagnose(shops(Shop(change=change)), BOOK, LAST)
    assert [(one.scene, one.step) for one in found.findings] == [(scene, step)]
    assert found.findings[0].since == LAST
    assert found.findings[0].unit in found.units


@pytest.mark.parametrize("seed", range(8))
def test_an_ordinary_day_has_no_findings(seed: int) -> None:
    found = diagnose(shops(Shop(seed=20 + seed)), BOOK, LAST)
    assert found.findings == ()
    assert found.shops[0].light in {"green", "yellow"}
    assert found.trust.judged


def test_an_incident_of_three_days_began_three_days_ago() -> None:
    found = diagnose(shops(Shop(change={"pay_rate": (3, 0.6)})), BOOK, LAST)
    assert found.findings[0].since == LAST - timedelta(2)


def test_the_money_lost_is_the_steps_part_of_the_gap() -> None:
    found = diagnose(shops(Shop(change={"pay_rate": (1, 0.6)})), BOOK, LAST)
    path = found.shops[0].funnel
    pay = next(step for step in path.steps if step.step == "pay")
    assert path.leak == "pay"
    assert pay.is_leak
    assert found.findings[0].lost == pay.lost
    assert path.lost is not None
    assert path.aov_lost is not None
    parts = [step.lost for step in path.steps if step.lost is not None]
    assert sum(parts) + path.aov_lost == pytest.approx(path.lost, abs=1e-9)
    assert found.findings[0].lost_profit == pytest.approx(0.36 * found.findings[0].lost, rel=0.1)


def test_findings_are_ranked_by_money_in_one_currency() -> None:
    small = Shop("us-apparel", change={"pay_rate": (1, 0.6)}, impressions=100_000)
    panel = shops(Shop("uk-beauty", change={"pay_rate": (1, 0.6)}), small)
    units = (panel.units[0], replace(panel.units[1], currency="USD"))
    panel = replace(panel, units=units)
    plain = diagnose(panel, BOOK, LAST, rates={"GBP": 1.0, "USD": 1.0})
    dear = diagnose(panel, BOOK, LAST, rates={"GBP": 1.0, "USD": 100.0})
    assert [one.unit for one in plain.findings] == ["uk-beauty", "us-apparel"]
    assert [one.unit for one in dear.findings] == ["us-apparel", "uk-beauty"]


def test_causes_are_two_at_most_with_evidence_and_prescriptions_fit_them() -> None:
    one = diagnose(shops(Shop(change={"pay_rate": (1, 0.6)})), BOOK, LAST).findings[0]
    assert 1 <= len(one.hypotheses) <= 2
    assert any(part.supports for part in one.hypotheses[0].evidence)
    scene = BOOK.scenes[one.scene]
    first = next(row for row in scene.prescriptions if row.key == one.prescriptions[0])
    assert first.cause in {cause.cause for cause in one.hypotheses}
    assert first.controllable


def test_base_trouble_mutes_everything_else_of_that_shop_only() -> None:
    change = {"disconnects": (1, 80.0), "pay_rate": (1, 0.5)}
    panel = shops(Shop("uk-beauty", change=change), Shop("id-home", change={"pay_rate": (1, 0.5)}))
    found = diagnose(panel, BOOK, LAST)
    assert {(one.unit, one.scene) for one in found.findings} == {
        ("uk-beauty", "S5"),
        ("id-home", "S3"),
    }
    shop = found.shop("uk-beauty")
    assert shop is not None
    assert [doubt.kind for doubt in shop.trust.doubts] == ["base_trouble"]
    assert shop.light == "grey"
    assert shop.headline["gmv"].why == "not_trusted"
    assert shop.headline["gmv"].value is not None
    assert shop.funnel.leak == ""


def blank(panel: Panel, row: int, value: float, state: State) -> Panel:
    values, states = panel.values.copy(), panel.state.copy()
    values[:, row, -1] = value
    states[row, -1] = state
    return replace(panel, values=values, state=states)


@pytest.mark.parametrize(
    ("value", "state", "doubt"),
    [
        (np.nan, State.MISSING, "missing"),
        (0.0, State.FINAL, "jump"),
        (1.0, State.PROVISIONAL, "provisional"),
    ],
)
def test_a_day_that_is_not_there_is_no_fall(value: float, state: State, doubt: str) -> None:
    panel = blank(shops(Shop("uk-beauty"), Shop("id-home")), 0, value, state)
    found = diagnose(panel, BOOK, LAST)
    assert found.findings == ()
    assert [(one.kind, one.unit) for one in found.trust.doubts] == [(doubt, "uk-beauty")]
    assert [shop.trust.judged for shop in found.shops] == [False, True]
    assert found.shops[0].light == "grey"


def test_late_feeds_are_counted() -> None:
    at = datetime(2026, 3, 13, 8, 5, tzinfo=UTC)
    arrivals = [
        Arrival("orders", "uk-beauty", LAST, at, due=True),
        Arrival("gmvmax_daily", "uk-beauty", LAST, None, due=True),
        Arrival("settlement", "uk-beauty", LAST, None, due=False),
    ]
    found = diagnose(shops(Shop()), BOOK, LAST, arrivals=arrivals)
    assert (found.trust.feeds_in, found.trust.feeds_due, found.trust.as_of) == (1, 2, at)
    assert [(one.kind, one.feed) for one in found.trust.doubts] == [("late", "gmvmax_daily")]
    assert found.trust.judged


def test_without_costs_profit_says_so() -> None:
    panel = shops(Shop(change={"pay_rate": (1, 0.6)}))
    panel.values[panel.measures.index("cost_goods")] = np.nan
    found = diagnose(panel, BOOK, LAST)
    assert found.shops[0].headline["profit"].why == "no_cost"
    assert found.shops[0].headline["profit"].value is None
    assert found.findings[0].lost_profit is None


def test_headline_falls_back_to_the_next_of_its_place() -> None:
    panel = shops(Shop())
    assert list(diagnose(panel, BOOK, LAST).shops[0].headline)[:2] == ["gmv", "orders"]
    assert "refund_rate" in diagnose(panel, BOOK, LAST).shops[0].headline


def test_too_few_is_never_an_alarm() -> None:
    tiny = Shop(impressions=900, change={"pay_rate": (1, 0.0), "refund_rate": (1, 5.0)})
    found = diagnose(shops(tiny), BOOK, LAST)
    assert found.findings == ()
    assert read(shops(tiny), BOOK, "refund_rate", "uk-beauty", LAST).why == "too_few"


def with_lives(change: float, count: int = 14) -> Panel:
    """Return a shop with a live each third day; the last one converts `change` times as well."""
    plain = Shop(change={"pay_rate": (1, 1 - 0.5 * (1 - change))})
    panel = shops(plain)
    days = [LAST - timedelta(3 * step) for step in range(count)][::-1]
    units: list[Unit] = [live(f"uk-beauty/live-{day:%m%d}", day) for day in days]
    values = np.full((len(panel.measures), count, len(panel.days)), np.nan)
    for row, day in enumerate(days):
        at = panel.at(day)
        values[:, row, at] = 0.5 * panel.values[:, 0, at]
        factor = change / (1 - 0.5 * (1 - change)) if row == count - 1 else 1.0
        for key in ("orders", "gmv"):
            values[panel.measures.index(key), row, at] *= factor
    state = np.where(np.isfinite(values).any(axis=0), State.FINAL, State.MISSING).astype(np.int8)
    return Panel(
        (*panel.units, *units),
        panel.days,
        panel.measures,
        np.concatenate([panel.values, values], axis=1),
        np.concatenate([panel.state, state]),
    )


def test_a_live_that_carries_the_loss_is_told_instead_of_the_shop() -> None:
    found = diagnose(with_lives(0.25), BOOK, LAST)
    assert [(one.unit, one.scene) for one in found.findings] == [("uk-beauty/live-0312", "S3")]
    assert found.findings[0].hides == ("uk-beauty",)
    assert found.findings[0].reading.expected is not None
    assert found.findings[0].reading.expected.basis == "sessions"
    assert {"uk-beauty", "uk-beauty/live-0312"} <= set(found.units)


def test_explain_and_funnel_speak_of_one_unit() -> None:
    panel = with_lives(0.25)
    found = explain(panel, BOOK, "uk-beauty/live-0312", LAST)
    assert found[0].scene == "S3"
    path = unit_funnel(panel, BOOK, "uk-beauty/live-0312", LAST)
    assert path.leak == "pay"
    assert explain(panel, BOOK, "uk-beauty/live-0309", LAST) == ()
    with pytest.raises(KeyError):
        unit_funnel(panel, BOOK, "nobody", LAST)


def test_a_funnel_of_a_week_sums_the_week() -> None:
    panel = shops(Shop())
    week = unit_funnel(panel, BOOK, "uk-beauty", LAST, days=7)
    assert week.value.value == pytest.approx(panel.measure("gmv")[0, -7:].sum())
    assert week.days == 7
    assert week.lost is not None
    parts = [step.lost or 0.0 for step in week.steps]
    assert sum(parts) + (week.aov_lost or 0.0) == pytest.approx(week.lost, abs=1e-6)


def test_a_step_without_data_is_left_out_and_its_neighbours_join() -> None:
    panel = shops(Shop(change={"pay_rate": (1, 0.6)}))
    panel.values[panel.measures.index("add_to_cart")] = np.nan
    path = unit_funnel(panel, BOOK, "uk-beauty", LAST)
    steps = {step.step: step for step in path.steps}
    assert steps["cart"].lost is None
    assert steps["cart"].count.why == "missing"
    assert steps["pay"].lost is not None
    assert steps["pay"].lost > 1000


def test_a_trend_has_its_expectation_and_its_holes() -> None:
    panel = shops(Shop())
    panel.values[:, :, -3] = np.nan
    found = trend(panel, BOOK, "GMV", "uk-beauty", LAST)
    assert found.metric == "gmv"
    assert len(found.values) == len(found.days) == len(found.expected) == 14
    assert found.days[-1] == LAST
    assert found.values[-3] is None
    assert all(value is not None for value in found.expected)


def test_a_reading_is_never_alone() -> None:
    panel = shops(*(Shop(f"uk-{number}", seed=number) for number in range(5)))
    book = replace(BOOK, ranges=(span("cvr", 0.1), span("cart_to_pay", 0.9)))
    found = read(panel, book, "cart_to_pay", "uk-0", LAST)
    assert found.position == "below"
    assert found.light == "red"
    assert found.sureness == "sure"
    assert found.peer_count == 4
    assert found.peers == pytest.approx(0.5, rel=0.1)
    assert found.expected is not None
    assert found.of is not None
    assert found.over is not None
    assert found.value == pytest.approx(found.of / found.over)


def test_a_benchmark_of_a_blog_makes_no_finding() -> None:
    rows = (span("view_rate", 0.9, own=False),)
    assert diagnose(shops(Shop()), replace(BOOK, ranges=rows), LAST).findings == ()
    own = (span("view_rate", 0.9),)
    found = diagnose(shops(Shop()), replace(BOOK, ranges=own), LAST).findings
    assert [one.scene for one in found] == ["S1"]


def test_the_same_panel_gives_the_same_diagnosis() -> None:
    panel = with_lives(0.25)
    assert diagnose(panel, BOOK, LAST) == diagnose(panel, BOOK, LAST)


def test_a_trend_knows_what_its_last_expectation_stands_on() -> None:
    found = trend(shops(Shop(days=9)), shipped(), "gmv", "uk-beauty", LAST)
    assert found.last is not None
    assert found.last.expected is not None
    assert found.last.expected.mid == found.expected[-1]
    assert found.last.expected.learnt is not None
