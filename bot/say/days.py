"""How a day, a time and a duration are said: 3月12日（周四）, Thu 12 Mar."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from diagnostics.book.rows import Lang

_WEEKDAYS: dict[Lang, tuple[str, ...]] = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_YEAR = timedelta(days=365)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def weekday(day: date, lang: Lang) -> str:
    """Return the weekday's full name: 周四, Thursday."""
    return _WEEKDAYS[lang][day.weekday()]


def short(day: date, lang: Lang) -> str:
    """Return a day without its weekday: 3月12日, 12 Mar."""
    return f"{day.month}月{day.day}日" if lang == "zh" else f"{day.day} {_MONTHS[day.month - 1]}"


def full(day: date, lang: Lang) -> str:
    """Return a day with its weekday: 3月12日（周四）, Thu 12 Mar."""
    name = weekday(day, lang)
    return f"{short(day, lang)}（{name}）" if lang == "zh" else f"{name[:3]} {short(day, lang)}"


def dated(day: date, lang: Lang) -> str:
    """Return a day with its year: 2026年3月12日, 12 Mar 2026."""
    said = short(day, lang)
    return f"{day.year}年{said}" if lang == "zh" else f"{said} {day.year}"


def tick(day: date) -> str:
    """Return a day as short as an axis needs it: 3/12 reads wrong in half the world, 03-12 not."""
    return f"{day:%m-%d}"


def stretch(first: date, last: date, lang: Lang) -> str:
    """Return some days: 3月6日–12日, 27 Feb – 5 Mar; one day as `full`; a year and more dated."""
    if first == last:
        return full(first, lang)
    if (first.year, first.month) == (last.year, last.month):
        if lang == "zh":
            return f"{short(first, lang)}–{last.day}日"
        return f"{first.day}–{short(last, lang)}"
    if last - first >= _YEAR:
        return f"{dated(first, lang)} – {dated(last, lang)}"
    return f"{short(first, lang)} – {short(last, lang)}"


def clock(start: datetime, end: datetime | None) -> str:
    """Return a session's hours: 20:00–22:40."""
    return f"{start:%H:%M}" if end is None else f"{start:%H:%M}–{end:%H:%M}"


def lasting(length: timedelta, lang: Lang) -> str:
    """Return a length in its two largest parts: 3 天 4 小时, 3 days 4 h, 25 min."""
    minutes = max(0, round(length.total_seconds() / 60))
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    if lang == "zh":
        parts = ((days, f"{days} 天"), (hours, f"{hours} 小时"), (minutes, f"{minutes} 分钟"))
    else:
        parts = (
            (days, many(days, "day", "days")),
            (hours, f"{hours} h"),
            (minutes, f"{minutes} min"),
        )
    said = [text for number, text in parts if number][:2]
    return " ".join(said) if said else parts[2][1]


def many(number: int, one: str, more: str) -> str:
    """Return an English number with its noun: 1 day, 3 days."""
    return f"{number:,} {one if number == 1 else more}"
