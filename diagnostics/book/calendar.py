"""Campaigns, holidays and paydays: one row of the book, expanded to dated calendar rows."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING

from diagnostics.book.rows import CalendarRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.book.row import Row


def calendar_rows(key: str, row: Row) -> Iterator[CalendarRow]:
    """Yield the dated rows: one for `first`/`last`, many for `monthly` or `yearly`.

    `monthly` is a day of the month or "last"; `yearly` is "MM-DD"; both run between `from`
    and `to` and last `lasts` days. Their keys carry the date: payday-id-2026-03, mega-1111-2026.
    """
    spans = list(_spans(key, row))
    name, countries = row.name(), row.words("countries")
    kind = row.choice("kind", ("campaign", "holiday", "payday"))
    effect, before, after = row.number("effect"), row.whole("before", 0), row.whole("after", 0)
    ramp, dip = row.number("before_effect", 1.0), row.number("after_effect", 1.0)
    closed = row.yes("office_closed", default=False)
    makeup, source = row.days("makeup"), row.word("source")
    for dated, first, last in spans:
        yield CalendarRow(
            dated, name, countries, first, last, kind, effect, before, after, closed, makeup,
            source, ramp, dip,
        )  # fmt: skip


def _spans(key: str, row: Row) -> Iterator[tuple[str, date, date]]:
    ways = [way for way in ("first", "monthly", "yearly") if row.has(way)]
    if len(ways) != 1:
        found = " and ".join(ways) or "none of them"
        row.wrong("first", f"needs exactly one of first/last, monthly, yearly; found {found}")
    if row.has("first") or not ways:
        yield key, row.day("first"), row.day("last")
        return
    start, end = row.day("from"), row.day("to")
    length = timedelta(max(row.whole("lasts", 1), 1) - 1)
    if end < start:
        row.wrong("to", f"{end} lies before from {start}; swap them")
    for dated, first in _dates(key, row, start, end):
        if start <= first <= end:
            yield dated, first, first + length


def _dates(key: str, row: Row, start: date, end: date) -> Iterator[tuple[str, date]]:
    if row.has("yearly"):
        month, day = _month_day(row)
        for year in range(start.year, end.year + 1):
            yield f"{key}-{year}", date(year, month, min(day, monthrange(year, month)[1]))
        return
    wanted = _day_of_month(row)
    for month in range(start.year * 12 + start.month - 1, end.year * 12 + end.month):
        year, number = month // 12, month % 12 + 1
        last = monthrange(year, number)[1]
        yield f"{key}-{year}-{number:02}", date(year, number, min(wanted, last))


def _month_day(row: Row) -> tuple[int, int]:
    text = row.word("yearly")
    try:
        found = date.fromisoformat(f"2024-{text}")
    except ValueError:
        row.wrong("yearly", f'{text!r} is no day of the year; write it like "11-11"')
        return 1, 1
    return found.month, found.day


def _day_of_month(row: Row) -> int:
    if row.fields.get("monthly") == "last":
        row.seen.add("monthly")
        return 31
    day = row.whole("monthly")
    if not 1 <= day <= 31:
        row.wrong("monthly", f'{day} is no day of a month; use 1 to 31 or "last"')
        return 1
    return day
