"""The four questions before a team is blamed, in their order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from diagnostics.checks import Beside, Deed, together
from diagnostics.diagnose import diagnose
from diagnostics.reading import Check, Doubt
from tests.diagnostics.rows import LAST, Shop, shipped, shops, span

PANEL = shops(Shop())
BOOK = replace(shipped(), ranges=())


def asked(*deeds: Deed, doubts: tuple[Doubt, ...] = (), **bounds: float) -> tuple[Check, ...]:
    """Return the checks of the last day with a team's own range of GMV."""
    own = (span("gmv", bounds.get("low"), bounds.get("high")),) if bounds else ()
    book = replace(BOOK, ranges=own)
    return diagnose(PANEL, book, LAST, beside=Beside(doubts, deeds)).trust.checks


def short(checks: tuple[Check, ...]) -> list[tuple[int, str, str]]:
    return [(one.order, one.verdict, one.reason) for one in checks]


def test_where_nothing_is_asked_nothing_is_said() -> None:
    assert short(asked()) == [
        (1, "ok", ""),
        (2, "unknown", ""),
        (3, "unknown", ""),
        (4, "unknown", ""),
    ]


@pytest.mark.parametrize(
    ("low", "high", "verdict", "reason"),
    [
        (10_000.0, 20_000.0, "ok", ""),
        (60_000.0, 90_000.0, "doubt", "never_met"),
        (1_000.0, 3_000.0, "doubt", "no_demand"),
    ],
)
def test_a_target_is_doubted_before_the_team(
    low: float, high: float, verdict: str, reason: str
) -> None:
    found = asked(low=low, high=high)[1]
    assert (found.name, found.verdict, found.reason) == ("target", verdict, reason)
    if reason:
        values = PANEL.measure("gmv")[0, -29:]
        assert (found.of, found.metric, found.unit) == (29, "gmv", "uk-beauty")
        assert found.count == int(np.sum(values >= low))
        assert found.range is not None


def test_a_rough_benchmark_is_no_target() -> None:
    book = replace(BOOK, ranges=(span("gmv", 60_000.0, 90_000.0, own=False),))
    assert diagnose(PANEL, book, LAST).trust.checks[1].verdict == "unknown"


def test_where_less_is_better_the_high_end_is_met() -> None:
    for high, reason in ((0.01, "never_met"), (0.05, ""), (0.4, "no_demand")):
        book = replace(BOOK, ranges=(span("refund_rate", None, high),))
        assert diagnose(PANEL, book, LAST).trust.checks[1].reason == reason


def deed(
    kind: str,
    ago: int,
    *,
    due: int = 3,
    acted: bool = False,
    ended: bool = False,
    shop: str = "uk-beauty",
) -> Deed:
    begun = LAST - timedelta(ago)
    assert kind in {"action", "review"}
    what = "action" if kind == "action" else "review"
    return Deed(shop, f"{shop}/live-1", what, begun, begun + timedelta(due), acted, ended)  # type: ignore[arg-type]  # one of the two


@pytest.mark.parametrize(
    ("deeds", "action", "feedback"),
    [
        ((deed("action", 9),), "open_action", ""),
        ((deed("action", 9, ended=True),), "", ""),
        ((deed("action", 2),), "", ""),
        ((deed("action", 20),), "", ""),
        ((deed("review", 9),), "", ""),
        ((deed("review", 5), deed("action", 5, ended=True)), "", ""),
        ((deed("action", 9, shop="id-home"),), "", ""),
        ((deed("review", 5),), "no_action", ""),
        ((deed("review", 2),), "", ""),
        ((deed("review", 9, acted=True),), "", "no_result"),
        ((deed("review", 6, acted=True),), "", ""),
        ((deed("review", 9, acted=True, ended=True),), "", ""),
        ((deed("review", 5), deed("action", 9)), "open_action", ""),
    ],
)
def test_what_was_taken_on_and_left_is_said(
    deeds: tuple[Deed, ...], action: str, feedback: str
) -> None:
    found = asked(*deeds)
    assert (found[2].reason, found[3].reason) == (action, feedback)


def test_several_are_counted_from_the_oldest_on() -> None:
    found = asked(deed("action", 9), deed("action", 12), deed("action", 1))[2]
    assert (found.count, found.since, found.unit) == (2, LAST - timedelta(12), "uk-beauty")
    assert asked(deed("action", 9))[2].unit == "uk-beauty/live-1"


def test_after_data_that_block_nothing_more_is_asked() -> None:
    off = Doubt("total_off", "uk-beauty", LAST, measure="gmv", value=1.0, other=2.0, blocks=True)
    found = asked(deed("action", 9), doubts=(off,), low=60_000.0)
    assert [one.verdict for one in found] == ["block", "unknown", "unknown", "unknown"]
    noted = asked(deed("action", 9), doubts=(replace(off, blocks=False),), low=60_000.0)
    assert [one.verdict for one in noted] == ["doubt", "doubt", "doubt", "unknown"]


def test_a_doubt_about_what_the_day_is_not_told_by_never_blocks() -> None:
    off = Doubt("total_off", "uk-beauty", LAST, measure="saves", value=1.0, other=2.0, blocks=True)
    assert asked(doubts=(off,))[0].verdict == "doubt"
    assert asked(doubts=(replace(off, unit="id-home"),))[0].verdict == "ok"


def test_of_several_shops_the_worst_is_told() -> None:
    old = Check(3, "action", "doubt", "open_action", "a", count=1, since=date(2026, 3, 1))
    young = replace(old, unit="b", since=date(2026, 3, 8))
    fine = Check(3, "action", "ok", "", "c")
    first = Check(1, "data", "unknown", "", "c")
    assert together([(first, fine), (young,), (old,)]) == (first, old)
    assert together([]) == ()
