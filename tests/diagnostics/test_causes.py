"""Which causes are told, with which evidence, and what is prescribed for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from diagnostics.desk import Desk
from diagnostics.diagnose import diagnose, read, unit_funnel
from diagnostics.scenes import Weighed, applying, hypotheses, prescriptions
from tests.diagnostics.rows import LAST, Shop, panel, shipped, shops, unit

if TYPE_CHECKING:
    from diagnostics.reading import Diagnosis

BOOK = shipped()


def judged(**change: tuple[int, float]) -> Diagnosis:
    return diagnose(shops(Shop(change=change)), BOOK, LAST)


def test_what_happened_is_no_evidence_for_its_cause() -> None:
    (one,) = judged(pay_rate=(1, 0.6)).findings
    assert one.reading.metric == "cart_to_pay"
    (told,) = one.hypotheses
    assert told.cause == "freight_returns"
    assert {(part.reading.metric, part.supports) for part in told.evidence} == {
        ("add_to_cart_rate", True)
    }


def test_a_cause_without_a_sign_for_it_is_not_told_and_one_ruled_out_not_treated() -> None:
    scene = BOOK.scenes["S6"]
    weights = {"new_content": 0.0, "bad_batch": -1.0, "delivery_jam": 0.0, "service_silent": 1.0}
    causes = sorted(
        (Weighed(one, weights[one.key], ()) for one in scene.causes), key=lambda one: -one.weight
    )
    assert [one.cause for one in hypotheses(scene, causes)] == ["service_silent"]
    assert prescriptions(scene, causes) == ("call_back", "pull_claim", "switch_carrier")
    nothing = [Weighed(one, -1.0, ()) for one in scene.causes]
    assert hypotheses(scene, nothing) == ()
    assert len(prescriptions(scene, nothing)) == len(scene.prescriptions)


def test_ads_that_sell_less_because_all_sells_less_are_not_told_beside_it() -> None:
    found = judged(view_rate=(1, 0.5), roas=(1, 0.5)).findings
    assert [one.scene for one in found] == ["S1"]
    dear = judged(view_rate=(1, 0.8), ad_cost=(1, 4.0), roas=(1, 0.2)).findings
    assert "S7" in [one.scene for one in dear]


def test_the_key_says_where_and_which_scene() -> None:
    (one,) = judged(pay_rate=(1, 0.6)).findings
    assert one.key == "uk-beauty|S3"
    (bare,) = judged(impressions=(1, 0.4)).findings
    assert bare.key == "uk-beauty|impressions"


@pytest.mark.parametrize(("days", "told"), [(1, False), (2, True)])
def test_a_second_day_of_the_same_needs_no_more_than_to_be_out(days: int, told: bool) -> None:
    one = shops(Shop(change={"pay_rate": (days, 0.6)}))
    desk = Desk.of(one, BOOK, LAST, np.array([0]))
    out_of_reach = np.array([99.0])
    assert applying(desk, out_of_reach)["S3"].tolist() == [told]


def test_what_has_not_settled_has_no_value() -> None:
    rows = {"orders": [[200.0] * 40], "delivered": [[190.0] * 39 + [0.0]]}
    young = read(panel([unit("uk-beauty")], rows), BOOK, "delivery_rate", "uk-beauty", LAST)
    assert (young.value, young.why, young.change) == (None, "provisional", None)
    path = unit_funnel(panel([unit("uk-beauty")], rows), BOOK, "uk-beauty", LAST)
    (step,) = [one for one in path.steps if one.step == "delivered"]
    assert (step.count.value, step.count.why) == (None, "provisional")


@pytest.mark.parametrize(("factor", "light"), [(0.75, "yellow"), (1.0, "green")])
def test_a_fall_that_one_step_surely_explains_is_not_well(factor: float, light: str) -> None:
    path = unit_funnel(
        shops(Shop(change={"pay_rate": (1, factor)}, noise=0.15)), BOOK, "uk-beauty", LAST
    )
    assert not path.value.unusual
    assert path.value.light == light
