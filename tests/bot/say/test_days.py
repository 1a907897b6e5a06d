"""Days and durations as they are said."""

from __future__ import annotations

from datetime import date, timedelta

from bot.say import days

THURSDAY = date(2026, 3, 12)


def test_a_day_with_its_weekday() -> None:
    assert days.full(THURSDAY, "zh") == "3月12日（周四）"
    assert days.full(THURSDAY, "en") == "Thu 12 Mar"
    assert days.dated(THURSDAY, "zh") == "2026年3月12日"


def test_some_days() -> None:
    assert days.stretch(date(2026, 3, 6), THURSDAY, "zh") == "3月6日–12日"
    assert days.stretch(date(2026, 3, 6), THURSDAY, "en") == "6–12 Mar"
    assert days.stretch(date(2026, 2, 27), THURSDAY, "en") == "27 Feb – 12 Mar"
    assert days.stretch(THURSDAY, THURSDAY, "en") == "Thu 12 Mar"


def test_how_long_it_lasted() -> None:
    assert days.lasting(timedelta(days=1), "en") == "1 day"
    assert days.lasting(timedelta(days=3, hours=4, minutes=5), "en") == "3 days 4 h"
    assert days.lasting(timedelta(minutes=25), "zh") == "25 分钟"
    assert days.lasting(timedelta(0), "en") == "0 min"


def test_a_year_and_more_is_dated() -> None:
    assert days.stretch(date(2025, 3, 6), THURSDAY, "en") == "6 Mar 2025 – 12 Mar 2026"
    assert days.stretch(date(2025, 3, 6), THURSDAY, "zh") == "2025年3月6日 – 2026年3月12日"
    assert days.stretch(date(2025, 12, 27), date(2026, 1, 5), "en") == "27 Dec – 5 Jan"
