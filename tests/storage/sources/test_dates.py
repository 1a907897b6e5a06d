"""Days and times as exports write them; which of day and month comes first."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from storage.sources.cells import UnreadableError
from storage.sources.dates import Stamps, name_range, title_range

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("2023/11/11/ 19:00", date(2023, 11, 11), 19 * 3600),
        ("2026-07-23 05:06:07", date(2026, 7, 23), 5 * 3600 + 367),
        ("2026-07-23T05:06:07", date(2026, 7, 23), 5 * 3600 + 367),
        ("2026年3月1日 8:05", date(2026, 3, 1), 8 * 3600 + 300),
        ("20260312", date(2026, 3, 12), 0),
        ("13/02/2026 23:59:59\t", date(2026, 2, 13), 86399),
        ("02/13/2026 11:59:59 PM", date(2026, 2, 13), 86399),
        ("02/13/2026 12:05:00 AM", date(2026, 2, 13), 300),
        ("Mar 12, 2026 18:00", date(2026, 3, 12), 18 * 3600),
        ("12 Mei 2026", date(2026, 5, 12), 0),
    ],
)
def test_moments(text: str, day: date, clock: int) -> None:
    stamps = Stamps()
    code, seconds = stamps.code(text)
    assert (stamps.days("GB", TODAY)[code], seconds) == (day, clock)


def test_cells_that_are_dates_already() -> None:
    stamps = Stamps()
    code, clock = stamps.code(datetime(2026, 3, 12, 20, 0, 5))  # noqa: DTZ001  as Excel has it
    assert (stamps.days("US", TODAY)[code], clock) == (date(2026, 3, 12), 72005)


@pytest.mark.parametrize(
    ("texts", "country", "first"),
    [
        (["03/04/2026", "13/04/2026"], "US", date(2026, 4, 3)),
        (["03/04/2026", "04/13/2026"], "GB", date(2026, 3, 4)),
        (["03/04/2026"], "US", date(2026, 3, 4)),
        (["03/04/2026"], "ID", date(2026, 4, 3)),
        (["11/12/2026"], "ID", date(2026, 11, 12)),
        (["10/11/2026"], "US", date(2026, 10, 11)),
        (["12/11/2026"], "US", date(2026, 11, 12)),
    ],
)
def test_day_or_month_first(texts: list[str], country: str, first: date) -> None:
    stamps = Stamps()
    codes = [stamps.code(text)[0] for text in texts]
    assert stamps.days(country, TODAY)[codes[0]] == first


@pytest.mark.parametrize("text", ["soon", "12:30", "1.73E+18", "31-12"])
def test_no_date(text: str) -> None:
    with pytest.raises(UnreadableError):
        Stamps().code(text)


def test_a_date_that_does_not_exist() -> None:
    stamps = Stamps()
    code, _ = stamps.code("2026-02-30")
    assert stamps.days("GB", TODAY)[code] is None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("[日期范围]: 2026-01-01 ~ 2026-01-31", date(2026, 1, 1), date(2026, 1, 31)),
        ("Date Range: 2023-11-11 ~ 2023-11-11\n", date(2023, 11, 11), date(2023, 11, 11)),
        ("Date range: 10/09/2026 ~ 12/09/2026", date(2026, 9, 10), date(2026, 9, 12)),
        ("2026/03/12", date(2026, 3, 12), date(2026, 3, 12)),
        ("Rentang Tanggal: 25/12/2025 - 26/12/2025", date(2025, 12, 25), date(2025, 12, 26)),
    ],
)
def test_titles(text: str, first: date, last: date) -> None:
    assert title_range(text, TODAY) == (first, last)


def test_file_names() -> None:
    assert name_range("uk-product_list_20260312.xlsx", TODAY) == (date(2026, 3, 12),) * 2
    found = name_range("Creators_20260301-20260307 (1).xlsx", TODAY)
    assert found == (date(2026, 3, 1), date(2026, 3, 7))
    assert name_range("video_7000000000000000101.csv", TODAY) is None
    assert name_range("creators_old_2025.csv", TODAY) is None
