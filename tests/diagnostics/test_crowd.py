"""All together or only this one: changes by hand, planted shops, and the healthy one more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import expm1, log

import numpy as np
import pytest

from diagnostics import fingerprint
from diagnostics.control import BUDGET
from diagnostics.crowd import Move, compare, group, past
from diagnostics.desk import Desk
from diagnostics.diagnose import diagnose
from diagnostics.findings import ranked
from diagnostics.merge import together as merged
from diagnostics.panel import Panel, State
from tests.diagnostics.rows import LAST, MEASURES, Shop, shipped, shops, unit

BOOK = shipped()
THAI = tuple(f"th-{number}" for number in range(6))
Change = dict[str, tuple[int, float]]


def moves(*changes: float, reach: float = 0.2) -> list[Move]:
    return [Move(name, change, reach) for name, change in zip("abcdefgh", changes, strict=False)]


def thai(*changes: Change, first: int = 30) -> Panel:
    """Return shops of one country, each with a change of its last day."""
    every = [
        Shop(key, seed=first + number, change=change)
        for number, (key, change) in enumerate(zip(THAI, changes, strict=False))
    ]
    found = shops(*every)
    units = tuple(replace(one, country="TH", currency="THB") for one in found.units)
    return replace(found, units=units)


def test_the_own_change_is_what_is_left_beside_the_others() -> None:
    found = compare(moves(log(0.6), 0.0, 0.02, -0.02, 0.01))["a"]
    assert found.own == pytest.approx(-0.4)
    assert found.others == pytest.approx(expm1(0.005))
    assert found.left == pytest.approx(0.6 / np.exp(0.005) - 1.0)
    reach = np.hypot(0.2, np.sqrt(np.pi / 2.0) / 2.0 * 0.2)
    assert found.low == pytest.approx(expm1(-reach))
    assert (found.count, found.verdict) == (4, "alone")


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ((-0.5, -0.45, -0.55, -0.5), "together"),
        ((-0.5, 0.0, 0.02, -0.02), "alone"),
        ((-1.5, -0.45, -0.55, -0.5), "unclear"),
        ((0.0, -0.45, -0.55, -0.5), "unclear"),
        ((-0.5, 0.0), "unclear"),
    ],
)
def test_the_verdict_names_who_moved(changes: tuple[float, ...], verdict: str) -> None:
    assert compare(moves(*changes))["a"].verdict == verdict


def test_one_shop_is_compared_with_nobody() -> None:
    assert compare(moves(-0.5)) == {}


def test_a_group_moves_as_one_without_those_who_went_further() -> None:
    found = group(moves(-0.5, -0.45, -0.55, -0.5, -0.4, -1.5))
    assert found is not None
    assert [one.unit for one in found.moved] == ["c", "a", "d", "b", "e"]
    assert found.change == pytest.approx(-0.5)
    assert found.count == 6
    assert found.moved[0].change == pytest.approx(expm1(-0.55))


@pytest.mark.parametrize("changes", [(-0.5, 0.0, 0.02, -0.02, 0.01), (-0.5, -0.5), (-0.05,) * 6])
def test_what_few_did_or_hardly_is_no_group(changes: tuple[float, ...]) -> None:
    assert group(moves(*changes)) is None


def test_a_group_that_swings_every_day_has_to_swing_further() -> None:
    past = tuple(0.5 * (-1.0) ** day for day in range(28))
    calm = [replace(one, past=(0.0,) * 28) for one in moves(*(-0.5,) * 6)]
    wild = [replace(one, past=past) for one in calm]
    assert group(calm) is not None
    assert group(wild) is None


def test_six_shops_whose_traffic_falls_are_one_finding() -> None:
    fall: Change = {"impressions": (1, 0.6)}
    (one,) = diagnose(thai(*(fall,) * 6), BOOK, LAST).findings
    assert (one.scope, one.step, one.reading.metric) == ("country", "impressions", "impressions")
    assert {other.unit for other in one.others} == set(THAI)
    assert one.asked == 6
    assert fingerprint.circle(one.unit) == "TH"
    assert one.reading.change == pytest.approx(-0.4, abs=0.05)
    assert not one.controllable
    assert one.prescriptions == ()
    assert one.lost > 0.0


def test_the_sum_of_a_group_is_that_of_its_shops() -> None:
    panel = thai(*({"impressions": (1, 0.6)},) * 6)
    found = diagnose(panel, BOOK, LAST)
    one = found.findings[0]
    assert one.reading.value == panel.measure("impressions")[:, -1].sum()
    assert one.reading.unit in found.units
    assert found.units[one.unit].currency == "THB"


def test_refunds_at_all_shops_are_one_alert() -> None:
    (one,) = diagnose(thai(*({"refund_rate": (1, 3.5)},) * 6), BOOK, LAST).findings
    assert (one.scope, one.scene, one.alert) == ("country", "S6", True)
    assert set(one.hides) == set(THAI)


def test_one_of_six_is_only_this_one() -> None:
    changes: list[Change] = [{}, {}, {"pay_rate": (1, 0.6)}, {}, {}, {}]
    (one,) = diagnose(thai(*changes), BOOK, LAST).findings
    assert (one.unit, one.scene, one.scope) == ("th-2", "S3", "")
    assert one.compared is not None
    assert (one.compared.verdict, one.compared.count) == ("alone", 5)
    assert one.compared.left < one.compared.low


def test_what_one_shop_has_beside_all_is_told_beside_it() -> None:
    fall: Change = {"impressions": (1, 0.6)}
    both: Change = fall | {"pay_rate": (1, 0.5)}
    found = diagnose(thai(*(fall,) * 5, both), BOOK, LAST).findings
    assert [(one.scope, one.scene) for one in found] == [("country", ""), ("", "S3")]
    assert found[1].unit == "th-5"


def test_two_shops_are_compared_without_a_claim() -> None:
    (one,) = diagnose(thai({"pay_rate": (1, 0.6)}, {}), BOOK, LAST).findings
    assert one.compared is not None
    assert (one.compared.count, one.compared.verdict) == (1, "unclear")


def test_shops_of_other_money_are_compared_but_not_added_up() -> None:
    fall: Change = {"impressions": (1, 0.5)}
    panel = thai(*(fall,) * 4)
    places = ("TH", "VN", "ID", "MY")
    units = tuple(
        replace(one, country=place, currency=place)
        for one, place in zip(panel.units, places, strict=True)
    )
    apart = diagnose(replace(panel, units=units), BOOK, LAST).findings
    assert {one.scope for one in apart} == {""}
    rates = dict.fromkeys(places, 1.0)
    (one,) = diagnose(replace(panel, units=units), BOOK, LAST, rates=rates).findings
    assert one.scope == "company"
    assert fingerprint.circle(one.unit) == ""


@pytest.mark.parametrize("seed", range(4))
def test_a_healthy_shop_more_adds_no_finding_to_another(seed: int) -> None:
    changes: list[Change] = [{"pay_rate": (1, 0.7)}, {}, {"aov": (1, 0.75)}, {}]
    few = diagnose(thai(*changes[:3], first=10 * seed), BOOK, LAST)
    more = diagnose(thai(*changes, first=10 * seed), BOOK, LAST)
    assert {one.key for one in more.findings if one.unit != "th-3"} <= {
        one.key for one in few.findings
    }


def with_videos(panel: Panel, share: float, count: int = 8, seed: int = 3) -> Panel:
    """Return a shop's panel with videos that add up to a share of it."""
    draw = np.random.default_rng(seed)
    parts = draw.dirichlet(np.full(count, 20.0))[:, None] * share
    wild = np.exp(draw.normal(0.0, 0.05, (len(MEASURES), count, panel.values.shape[2])))
    children = np.round(panel.values[:, :1] * parts[None] * wild, 2)
    units = [unit(f"{panel.units[0].key}/video-{at}", "video") for at in range(count)]
    state = np.full((1 + count, panel.values.shape[2]), State.FINAL, dtype=np.int8)
    values = np.concatenate([panel.values[:, :1], children], axis=1)
    return replace(panel, units=(panel.units[0], *units), values=values, state=state)


def test_videos_that_fall_together_are_one_finding_where_the_shop_is_silent() -> None:
    panel = with_videos(shops(Shop()), 0.4)
    values = panel.values.copy()
    values[:, 1:, -1] *= 0.4
    (one,) = diagnose(replace(panel, values=values), BOOK, LAST).findings
    assert (one.scope, one.unit, one.asked) == ("kind", "uk-beauty", 8)
    assert {other.unit for other in one.others} <= {one.key for one in panel.units[1:]}
    assert one.reading.change == pytest.approx(-0.6, abs=0.08)


def test_a_gap_in_the_shop_mutes_all_below_it() -> None:
    panel = with_videos(shops(Shop(change={"pay_rate": (1, 0.4)})), 0.9)
    assert diagnose(panel, BOOK, LAST).findings
    values, state = panel.values.copy(), panel.state.copy()
    values[:, 0, -1], state[0, -1] = np.nan, State.MISSING
    found = diagnose(replace(panel, values=values, state=state), BOOK, LAST)
    assert found.findings == ()
    assert [one.kind for one in found.trust.doubts] == ["missing"]


def test_a_gap_in_an_account_mutes_its_videos_only() -> None:
    panel = with_videos(shops(Shop()), 0.9)
    account = unit("uk-beauty/account-a", "account")
    rows = [replace(one, parent=account.key) for one in panel.units[1:5]]
    units = (panel.units[0], *rows, *panel.units[5:], account)
    values = np.concatenate([panel.values, panel.values[:, :1] * 0.5], axis=1)
    orders = MEASURES.index("orders")
    values[orders:, 1, -1] *= 0.1
    state = np.concatenate([panel.state, panel.state[:1]])
    whole = Panel(units, panel.days, panel.measures, values, state)
    told = {one.unit for one in diagnose(whole, BOOK, LAST).findings}
    assert units[1].key in told
    values[:, -1, -1], state[-1, -1] = np.nan, State.MISSING
    muted = diagnose(replace(whole, values=values, state=state), BOOK, LAST)
    assert units[1].key not in {one.unit for one in muted.findings}


def test_children_that_fell_no_more_than_the_shop_are_told_by_it() -> None:
    panel = with_videos(shops(Shop(change={"pay_rate": (1, 0.5)})), 0.9)
    (one,) = diagnose(panel, BOOK, LAST).findings
    assert (one.unit, one.scene) == ("uk-beauty", "S3")


def test_what_the_siblings_did_excuses_a_unit_but_never_accuses_it() -> None:
    panel = with_videos(shops(Shop()), 0.9)
    gmv, value = BOOK.metrics["gmv"], MEASURES.index("gmv")
    still, fallen = panel.values.copy(), panel.values.copy()
    still[value, 2:, -1] *= 2.0
    fallen[value, 1:, -1] *= 0.3
    rows = np.arange(len(panel.units))
    alone = Desk.of(replace(panel, values=still), BOOK, LAST, rows).judged(gmv)
    assert not alone.unusual[1]
    together = Desk.of(replace(panel, values=fallen), BOOK, LAST, rows)
    only = Desk.of(replace(panel, values=fallen), BOOK, LAST, rows)
    only.siblings[:] = rows
    plain, beside = only.judged(gmv).outlook.score, together.judged(gmv).outlook.score
    assert (plain[1:] >= 1.0).all()
    assert beside[1:].mean() < 0.7 * plain[1:].mean()
    assert (beside <= plain + 1e-9).all()
    assert beside[0] == pytest.approx(plain[0])


def test_findings_are_ranked_by_what_is_expected_to_be_lost() -> None:
    changes: list[Change] = [{"pay_rate": (1, 0.6)}, {"pay_rate": (1, 0.6)}]
    first, second = diagnose(thai(*changes), BOOK, LAST).findings
    units = {one: unit(one) for one in (first.unit, second.unit)}
    doubtful = replace(first, chance=0.9)
    order = ranked([doubtful, second], units, None)
    assert [one.unit for one in order] == [second.unit, first.unit]


def test_the_past_of_a_group_is_told_in_its_reaches() -> None:
    days = tuple(0.3 if day == 20 else 0.05 * (-1.0) ** day for day in range(28))
    found = past([replace(one, past=days) for one in moves(*(-0.1,) * 6)])
    assert int(np.argmax(np.abs(found))) == 20
    assert found[20] > 1.0 > np.abs(np.delete(found, 20)).max()
    assert len(past(moves(*(-0.1,) * 6))) == 0
    assert len(past([])) == 0


def test_what_a_group_needs_can_be_raised() -> None:
    some = moves(*(-0.5,) * 6)
    plain = group(some)
    assert plain is not None
    assert group(some, plain.score) == plain
    assert group(some, 1.01 * plain.score) is None


def test_the_groups_have_their_own_share_of_the_noise_budget() -> None:
    every = thai(*({},) * 6)
    apart = replace(
        every,
        units=tuple(
            replace(one, country=country)
            for one, country in zip(every.units, ("TH", "TH", "VN", "VN", "MY", "MY"), strict=True)
        ),
    )
    controls = {}
    for name, panel in (("one", every), ("three", apart)):
        found = diagnose(panel, BOOK, LAST).control
        assert found is not None
        controls[name] = found
    shop = diagnose(every.only(["th-0"]), BOOK, LAST).control
    assert shop is not None
    assert shop.budget == pytest.approx(BUDGET)
    for found in controls.values():
        assert found.budget == pytest.approx(7 * BUDGET)
        assert 0.0 < found.expected_false < found.budget


@pytest.mark.parametrize("late", [("th-0",), ("th-0", "th-1", "th-2"), ()])
def test_a_group_is_known_by_the_same_name_whoever_is_in(late: tuple[str, ...]) -> None:
    fall: Change = {"impressions": (1, 0.6)}
    panel = thai(*(fall,) * 6)
    state = panel.state.copy()
    values = panel.values.copy()
    for key in late:
        state[panel.index(key), -1] = State.MISSING
        values[:, panel.index(key), -1] = np.nan
    found = diagnose(replace(panel, values=values, state=state), BOOK, LAST).findings
    assert [one.key for one in found] == ["th-0/all-th|impressions"]
    assert found[0].asked == 6 - len(late)


def test_shops_that_closed_at_different_hours_are_one_group_by_name() -> None:
    fall: Change = {"impressions": (1, 0.6)}
    panel = thai(*(fall,) * 6)
    early, late = panel.only(THAI[3:]), panel.only(THAI[:3])
    parts = [
        diagnose(early, BOOK, LAST),
        diagnose(late.until(LAST - timedelta(1)), BOOK, LAST - timedelta(1)),
    ]
    assert [one.key for one in parts[0].findings] == ["th-3/all-th|impressions"]
    found = merged(parts)
    assert [one.key for one in found.findings] == ["th-0/all-th|impressions"]
    (one,) = found.findings
    assert (one.unit, one.reading.unit) == ("th-0/all-th", "th-0/all-th")
    assert found.units[one.unit].shop == "th-0"
    assert one.asked == 3


@pytest.mark.parametrize("count", [4, 6])
def test_the_money_of_several_currencies_is_told_in_the_reporting_one(count: int) -> None:
    fall: Change = {"impressions": (1, 0.5)}
    panel = thai(*(fall,) * count)
    places = ("TH", "VN", "ID", "MY", "TH", "VN")
    units = tuple(
        replace(one, country=place, currency=place)
        for one, place in zip(panel.units, places, strict=False)
    )
    mixed = replace(panel, units=units)
    rates = dict.fromkeys(places, 0.5) | {"USD": 1.0}
    found = diagnose(mixed, BOOK, LAST, rates=rates)
    one = next(one for one in found.findings if one.scope == "company")
    assert found.units[one.unit].currency == "USD"
    plain = diagnose(panel, BOOK, LAST).findings[0]
    assert one.lost == pytest.approx(0.5 * plain.lost, rel=0.01)
