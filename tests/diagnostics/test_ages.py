"""Figures that grow for days are compared with other days at the same age, never as if they stood."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnostics.ages import LEAST_PAIRS, at_age
from diagnostics.diagnose import read
from diagnostics.expect import outlook
from diagnostics.panel import Panel, State
from tests.diagnostics.rows import LAST, panel, shipped, unit

BOOK = shipped()
GMV, SLOW = BOOK.metrics["gmv"], BOOK.metrics["refund_rate_cohort"]
DAYS = 90


def shop(today: float = 70.0, pairs: int = DAYS, state: State = State.FINAL) -> Panel:
    """Return a shop of 100 a day, of which 70 are known on the first morning."""
    gmv = np.full((1, DAYS), 100.0)
    gmv[0, -1] = today
    one = panel([unit("uk-beauty")], {"gmv": gmv.tolist()})
    one.state[0, -1] = state
    early = np.full(one.values.shape, np.nan)
    early[:, :, DAYS - pairs :] = 70.0
    early[:, :, -1] = today
    return replace(one, early=early)


@pytest.mark.parametrize("state", [State.FINAL, State.PROVISIONAL])
def test_a_day_that_still_grows_is_held_against_days_of_its_age(state: State) -> None:
    found = outlook(shop(state=state), BOOK, GMV, LAST)
    assert found.mid[0] == pytest.approx(70.0, rel=0.01)
    assert found.age[0] == 1
    assert found.score[0] < 1.0
    plain = outlook(replace(shop(state=state), early=None), BOOK, GMV, LAST)
    assert plain.mid[0] == pytest.approx(100.0)
    assert plain.age[0] == -1


def test_days_of_which_no_early_figure_is_known_are_completed() -> None:
    found = outlook(shop(pairs=20), BOOK, GMV, LAST)
    assert found.mid[0] == pytest.approx(70.0, rel=0.05)
    assert found.days[0] == DAYS - 1


def test_with_too_few_pairs_the_final_figures_stay_and_the_day_is_provisional() -> None:
    one = shop(pairs=LEAST_PAIRS - 1, state=State.PROVISIONAL)
    assert outlook(one, BOOK, GMV, LAST).mid[0] == pytest.approx(100.0)
    assert read(one, BOOK, "gmv", "uk-beauty", LAST).why == "provisional"


def test_a_provisional_day_is_judged_at_its_age_and_says_so() -> None:
    fine = read(shop(state=State.PROVISIONAL), BOOK, "gmv", "uk-beauty", LAST)
    assert (fine.why, fine.value, fine.unusual) == ("", 70.0, False)
    assert fine.expected is not None
    assert fine.expected.learnt is not None
    assert fine.expected.learnt.age == 1
    bad = read(shop(30.0, state=State.PROVISIONAL), BOOK, "gmv", "uk-beauty", LAST)
    assert bad.unusual
    assert bad.light == "red"


def test_figures_that_never_change_are_not_called_young() -> None:
    one = shop(today=100.0)
    steady = replace(one, early=one.values.copy())
    assert outlook(steady, BOOK, GMV, LAST).age[0] == -1


def test_a_refund_rate_that_settles_in_a_month_is_compared_at_its_age() -> None:
    orders = np.full((1, DAYS), 200.0)
    final, early = np.full((1, DAYS), 20.0), np.full((1, DAYS), 2.0)
    final[0, -1] = 2.0
    one = panel([unit("uk-beauty")], {"orders": orders.tolist(), "refund_orders": final.tolist()})
    one = replace(one, early=np.stack([orders, early]))
    told = read(one, BOOK, SLOW.key, "uk-beauty", LAST)
    assert told.expected is not None
    assert told.expected.mid == pytest.approx(0.01, rel=0.1)
    assert (told.value, told.why, told.position) == (0.01, "", "unknown")
    blind = read(replace(one, early=None), BOOK, SLOW.key, "uk-beauty", LAST)
    assert (blind.value, blind.why) == (None, "provisional")


def test_an_older_day_of_the_panel_is_not_mistaken_for_a_young_one() -> None:
    one = shop()
    yesterday = one.days[-2].item()
    assert outlook(one, BOOK, GMV, yesterday).mid[0] == pytest.approx(100.0)


def test_the_own_growth_is_pulled_to_that_of_all() -> None:
    final = np.full((2, 31), 100.0)
    early = np.full((2, 31), 50.0)
    early[1] = np.nan
    found = at_age(early, final, np.ones((2, 31), dtype=bool))
    assert found.values[0, 0] == 50.0
    assert found.values[1, 0] == pytest.approx(50.0)
    assert found.values[1, -1] == 100.0
    early[1, :2] = 80.0
    mixed = at_age(early, final, np.ones((2, 31), dtype=bool))
    assert 50.0 < mixed.values[1, 5] < 65.0


@pytest.mark.parametrize("state", [State.MISSING, State.FINAL])
def test_a_day_without_a_figure_is_missing_and_never_zero(state: State) -> None:
    one = shop(np.nan)
    one.state[0, -1] = state
    for made in (one, replace(one, early=None)):
        told = read(made, BOOK, "gmv", "uk-beauty", LAST)
        assert (told.value, told.why, told.unusual) == (None, "missing", False)


def test_gaps_in_the_past_teach_nothing() -> None:
    one = replace(shop(100.0), early=None)
    one.values[0, 0, 40:70:3] = np.nan
    one.state[0, 40:70:3] = State.MISSING
    found = outlook(one, BOOK, GMV, LAST)
    assert found.mid[0] == pytest.approx(100.0)
    assert found.days[0] == DAYS - 1 - 10


def test_a_zero_that_was_told_is_a_fall() -> None:
    assert read(replace(shop(0.0), early=None), BOOK, "gmv", "uk-beauty", LAST).unusual
