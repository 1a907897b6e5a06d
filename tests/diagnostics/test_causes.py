"""Which causes are told, with which evidence, and what is prescribed for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from diagnostics.control import Firm
from diagnostics.desk import Desk
from diagnostics.diagnose import diagnose, read, unit_funnel
from diagnostics.reading import Evidence
from diagnostics.scenes import Weighed, applying, hypotheses, prescriptions, symptoms
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


def test_a_cause_with_as_much_against_it_comes_last_and_shows_both() -> None:
    scene = BOOK.scenes["S6"]
    reading = judged(pay_rate=(1, 0.6)).findings[0].reading
    both = (Evidence(reading, supports=True), Evidence(reading, supports=False))
    weights = {"new_content": 0.0, "bad_batch": 2.0, "delivery_jam": 0.0, "service_silent": -1.0}
    shown = {"new_content": both, "bad_batch": both[:1]}
    causes = sorted(
        (Weighed(one, weights[one.key], shown.get(one.key, ())) for one in scene.causes),
        key=lambda one: -one.weight,
    )
    told = hypotheses(scene, causes)
    assert [(one.cause, one.weight) for one in told] == [("bad_batch", 2.0), ("new_content", 0.0)]
    assert [part.supports for part in told[1].evidence] == [True, False]


def test_what_such_a_day_never_brings_needs_only_its_range() -> None:
    """Six LIVE disconnects after weeks of none: no score has a scale beside nothing."""
    calm = shops(Shop())
    values = calm.values.copy()
    row = values[calm.measures.index("disconnects"), 0]
    row[:] = 0.0
    row[-1] = 6.0
    desk = Desk.of(replace(calm, values=values), BOOK, LAST, np.array([0]))
    far = np.array([99.0])
    out_of_reach = dict.fromkeys(BOOK.scenes, Firm(far, far))
    assert applying(desk, out_of_reach)["S5"].tolist() == [True]
    row[-1] = 1.0
    mild = Desk.of(replace(calm, values=values), BOOK, LAST, np.array([0]))
    assert applying(mild, out_of_reach)["S5"].tolist() == [False]


def test_one_firm_symptom_opens_the_case_for_those_that_are_only_out() -> None:
    one = shops(Shop(change={"pay_rate": (1, 0.6)}))
    desk = Desk.of(one, BOOK, LAST, np.array([0]))
    scene = BOOK.scenes["S3"]
    out = {key for key in ("cart_to_pay", "ctor") if desk.judged(BOOK.metrics[key]).unusual[0]}
    assert out == {"cart_to_pay", "ctor"}
    least = min(float(desk.judged(BOOK.metrics[key]).outlook.score[0]) for key in out)
    between = Firm(np.array([least + 0.01]), np.array([99.0]))
    assert out <= {one.metric for one in symptoms(desk, scene, 0, between)}
    assert symptoms(desk, scene, 0, Firm(np.array([99.0]), np.array([99.0]))) == []


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
    out_of_reach = Firm(once=np.array([99.0]), twice=np.array([1.0]))
    firm = dict.fromkeys(BOOK.scenes, out_of_reach)
    assert applying(desk, firm)["S3"].tolist() == [told]


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
