"""Which day it was: dates and times as exports write them, and ranges in titles and file names."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from storage.sources.cells import UnreadableError
from storage.sources.rows import plain, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.sources.cells import Cell

_ISO = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?[/,]?")
_PLAIN = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)")
_EITHER = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})[,]?")
_NAMED = re.compile(
    r"(?:([^\W\d_]+)\.?\s+(\d{1,2})|(\d{1,2})[\s-]+([^\W\d_]+)\.?),?[\s-]+(\d{4}),?"
)
_TIME = re.compile(r"[t\s]*(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?\s*(am|pm|上午|下午)?")
_ALONE = re.compile(r"(?<!\d)(20\d{2})[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d)")

Written = tuple[int, int, int]
"""(year, month, day), or with a negative year: (-year, first number, second number)."""


class Stamps:
    """The dates of one file; which of day and month comes first is decided by all of them."""

    def __init__(self) -> None:
        self._written: dict[Written, int] = {}
        self._seen: dict[str, tuple[int, int]] = {}

    def code(self, cell: Cell) -> tuple[int, int]:
        """Return a number for the date of a cell, and its seconds since midnight."""
        if isinstance(cell, datetime):
            clock = cell.hour * 3600 + cell.minute * 60 + cell.second
            return self._add((cell.year, cell.month, cell.day)), clock
        if isinstance(cell, date):
            return self._add((cell.year, cell.month, cell.day)), 0
        text = str(cell).strip()
        head, rest = text[:10], text[10:]
        known = self._seen.get(head)
        if known is not None and known[1] == len(head):
            return known[0], _clock(rest)
        written, length = written_date(text)
        number = self._add(written)
        if length == len(head):
            self._seen[head] = (number, length)
        return number, _clock(text[length:])

    def _add(self, written: Written) -> int:
        return self._written.setdefault(written, len(self._written))

    def days(self, country: str, today: date) -> list[date | None]:
        """Return the date of every number; None for a date that does not exist.

        Where both readings are possible: those dates that are certain decide, then the one
        without days to come, then the habit of the country.
        """
        open_pairs = [(a, b) for year, a, b in self._written if year < 0]
        day_first = any(a > 12 for a, _ in open_pairs)
        month_first = any(b > 12 for _, b in open_pairs)
        if day_first == month_first:
            month_first = country in words().month_first
            if self._ahead(today, month_first=month_first) and not self._ahead(
                today, month_first=not month_first
            ):
                month_first = not month_first
        return [_real(written, month_first=month_first) for written in self._written]

    def _ahead(self, today: date, *, month_first: bool) -> bool:
        days = [_real(written, month_first=month_first) for written in self._written]
        return any(day is None or day > today for day in days)


def written_date(text: str) -> tuple[Written, int]:
    """Return the date at the start of a text and how many signs it takes; raises Unreadable."""
    for pattern in (_ISO, _PLAIN):
        found = pattern.match(text)
        if found:
            return (int(found[1]), int(found[2]), int(found[3])), found.end()
    found = _EITHER.match(text)
    if found:
        return (-int(found[3]), int(found[1]), int(found[2])), found.end()
    found = _NAMED.match(text)
    if found:
        month = words().months.get(plain(found[1] or found[4])[:9])
        if month:
            return (int(found[5]), month, int(found[2] or found[3])), found.end()
    raise UnreadableError(text)


def _clock(rest: str) -> int:
    """Return the seconds since midnight that follow a date."""
    text = plain(rest)
    if not text:
        return 0
    found = _TIME.match(text)
    if found is None:
        raise UnreadableError(rest)
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        hour = hour % 12 + (12 if found[4] in {"pm", "下午"} else 0)
    if hour > 24 or minute > 59 or second > 59:
        raise UnreadableError(rest)
    return min(hour * 3600 + minute * 60 + second, 86399)


def _real(written: Written, *, month_first: bool) -> date | None:
    year, first, second = written
    month, day = (first, second) if year > 0 or month_first else (second, first)
    try:
        return date(abs(year), month, day)
    except ValueError:
        return None


def title_range(text: str, today: date) -> tuple[date, date] | None:
    """Return the days that a title row names ("[日期范围]: a ~ b"), None if it names none.

    Titles write the day first unless that is impossible, whatever the country.
    """
    found = [match.group(0) for match in re.finditer(rf"{_ISO.pattern}|{_EITHER.pattern}", text)]
    if not found or len(found) > 2:
        return None
    return _range(found, today)


def name_range(name: str, today: date) -> tuple[date, date] | None:
    """Return the days that a file name ends with (…20260301-20260307, …2026-03-01)."""
    found = ["-".join(match.groups()) for match in _ALONE.finditer(name)]
    try:
        return _range(found[-2:], today) if found else None
    except UnreadableError:
        return None


def _range(found: Sequence[str], today: date) -> tuple[date, date] | None:
    stamps = Stamps()
    codes = [stamps.code(text)[0] for text in found]
    days = stamps.days("", today)
    first, last = days[codes[0]], days[codes[-1]]
    if first is None or last is None or last < first:
        return None
    return first, last


def moment(day: date, clock: int) -> datetime:
    """Return a day and the seconds since its midnight as a time without zone."""
    return datetime.combine(day, time()) + timedelta(seconds=clock)
