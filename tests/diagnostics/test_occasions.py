"""Which calendar rows set a day apart, which have a ramp, and which are a season."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from diagnostics.anomaly import Calendars, Special, value_band
from diagnostics.book import load
from diagnostics.book.rows import CalendarRow
from diagnostics.occasions import AROUND, alike, occasions, rows_of, seasons
from tests.diagnostics.rows import NOTHING, shipped

DAY = date(2026, 3, 12)
BOOK = shipped()


def row(effect: float, ago: int = 0, lasts: int = 1, around: int = 0) -> CalendarRow:
    first = DAY - timedelta(ago)
    last = first + timedelta(lasts - 1)
    return CalendarRow(
        f"row-{effect}", NOTHING, ("GB",), first, last, "campaign", effect, around, around
    )


@pytest.mark.parametrize(
    ("rows", "keys", "special"),
    [
        ([row(1.08)], [], None),
        ([row(1.3)], ["row-1.3"], Special("campaign", 1.3)),
        ([row(0.6)], ["row-0.6"], Special("campaign", 0.6)),
        ([row(1.15, ago=-3, around=5)], [], None),
        ([row(2.0, ago=-3, around=5)], ["row-2.0"], Special("before campaign", unsure=AROUND)),
        ([row(1.3), row(1.08)], ["row-1.3", "row-1.08"], Special("campaign", 1.3 * 1.08)),
        ([row(1.3, ago=2, lasts=30)], ["row-1.3"], Special("campaign")),
        ([row(1.3, ago=9, lasts=30)], [], None),
        ([row(1.3, ago=9, lasts=30), row(1.4)], ["row-1.4"], Special("campaign", 1.4)),
    ],
)
def test_what_sets_a_day_apart(
    rows: list[CalendarRow], keys: list[str], special: Special | None
) -> None:
    book = replace(BOOK, calendar=tuple(rows))
    assert [one.key for one in rows_of(book, "GB", DAY)] == keys
    assert occasions(book, "GB", DAY, DAY).get(DAY) == special
    assert rows_of(book, "US", DAY) == ()


@pytest.mark.parametrize(
    ("ago", "effect", "label"),
    [(-2, 0.85, "before campaign"), (2, 0.88, "after campaign"), (0, 1.3, "campaign")],
)
def test_a_ramp_and_a_dip_have_effects_of_their_own(ago: int, effect: float, label: str) -> None:
    one = replace(row(1.3, ago=ago, around=3), before_effect=0.85, after_effect=0.88)
    book = replace(BOOK, calendar=(one,))
    assert occasions(book, "GB", DAY, DAY) == {
        DAY: Special(label, effect, AROUND) if ago else Special(label, effect)
    }


def test_days_alike_are_named_latest_first() -> None:
    rows = tuple(replace(row(1.3, ago=ago), key=f"sale-{ago}") for ago in (0, 10, 30))
    book = replace(BOOK, calendar=(*rows, replace(row(1.3, ago=20), kind="payday", key="pay")))
    found = occasions(book, "GB", DAY - timedelta(60), DAY)
    assert alike(found, book, "GB", DAY) == ("sale-10", "sale-30")


def test_the_shipped_sales_hold_back_before_and_after() -> None:
    book = load()
    before = occasions(book, "US", date(2026, 11, 8), date(2026, 11, 14))
    assert [before[date(2026, 11, 8 + day)].effect for day in (0, 2, 3, 4, 6)] == [
        0.85, 0.85, 2.0, 0.85, 0.85,
    ]  # fmt: skip


def test_a_season_lifts_its_own_days() -> None:
    book = replace(BOOK, calendar=(row(1.3, ago=9, lasts=12, around=5), row(1.4)))
    lifted = seasons(book, "GB", DAY - timedelta(20), DAY + timedelta(20))
    assert set(lifted.values()) == {1.3}
    assert (min(lifted), max(lifted)) == (DAY - timedelta(9), DAY + timedelta(2))


@pytest.mark.parametrize(("country", "least"), [("GB", 0.85), ("US", 0.85), ("ID", 0.75)])
def test_most_days_of_the_shipped_year_are_ordinary(country: str, least: float) -> None:
    found = occasions(load(), country, date(2026, 1, 1), date(2026, 12, 31))
    assert 1.0 - len(found) / 365.0 >= least


def test_ordinary_days_of_a_season_teach_on_its_level() -> None:
    days = np.arange(np.datetime64("2026-01-01"), np.datetime64("2026-03-12"))
    late = days >= np.datetime64("2026-02-20")
    values = np.where(late, 130.0, 100.0)[None, :]
    lift = dict.fromkeys(days[late], 1.3) | {np.datetime64("2026-03-12"): 1.3}
    calendars = Calendars(np.zeros(1, dtype=np.int64), ({},), (lift,))
    band = value_band(values, days, np.datetime64("2026-03-12"), calendar=calendars)
    assert band.mid[0] == pytest.approx(130.0, rel=0.01)
    assert band.score(np.array([100.0]))[0] > 1.0
    after = Calendars(np.zeros(1, dtype=np.int64), ({},), (dict.fromkeys(days[late], 1.3),))
    band = value_band(values, days, np.datetime64("2026-03-12"), calendar=after)
    assert band.mid[0] == pytest.approx(100.0, rel=0.01)
