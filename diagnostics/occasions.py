"""Which days of a country are special: campaigns, holidays, paydays, their ramp and their dip."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING

from diagnostics.band import Special

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from diagnostics.book.rows import Book, CalendarRow

APART = math.log(1.12)
"""A row whose effect is smaller leaves its days ordinary: they vary by as much anyway."""
BIG = math.log(1.5)
"""So strong a row is felt in its ramp before and its dip after, of whatever size these are."""
AROUND = 0.2
"""How far (log) the book's effect of a ramp or a dip may be off: less than that of the day itself."""
SEASON = 10
"""What lasts so many days or more is a season: ordinary days on another level."""
FRESH = 3
"""So many first days of a season are special: its own effect has yet to show."""


def rows_of(book: Book, country: str, day: date) -> tuple[CalendarRow, ...]:
    """Return the rows that set a day apart in a country; none for an ordinary day."""
    return tuple(_felt(book.days(day, country), country, day))


def _felt(rows: Iterable[CalendarRow], country: str, day: date) -> list[CalendarRow]:
    """Return the rows on whose own days it lies; without one, those whose ramp or dip it is."""
    near = [row for row in rows if not _settled(row, day)]
    own = [row for row in near if row.covers(day, country)]
    if any(_strength(row) >= APART for row in own):
        return own
    return [row for row in near if row not in own and _felt_around(row, day)]


def _strength(row: CalendarRow) -> float:
    return _size(row.effect)


def _size(effect: float) -> float:
    return abs(math.log(max(effect, 1e-6)))


def _felt_around(row: CalendarRow, day: date) -> bool:
    return _strength(row) >= BIG or _size(_around(row, day)) >= APART


def _around(row: CalendarRow, day: date) -> float:
    """Return the book's effect in a row's ramp or dip (a multiplier)."""
    return row.before_effect if day < row.first else row.after_effect


def _lasts(row: CalendarRow) -> bool:
    return (row.last - row.first).days + 1 >= SEASON


def _settled(row: CalendarRow, day: date) -> bool:
    """Say whether a season has gone on for long enough to be learnt from."""
    return _lasts(row) and row.first + timedelta(FRESH) <= day <= row.last


def _touched(
    book: Book, country: str, first: date, last: date
) -> defaultdict[date, list[CalendarRow]]:
    touched: defaultdict[date, list[CalendarRow]] = defaultdict(list)
    for row in book.calendar:
        if country in row.countries:
            begin = max(first, row.first - timedelta(row.before))
            end = min(last, row.last + timedelta(row.after))
            for offset in range((end - begin).days + 1):
                touched[begin + timedelta(offset)].append(row)
    return touched


def occasions(book: Book, country: str, first: date, last: date) -> dict[date, Special]:
    """Return the special days of a country from first to last.

    On a row's own days its kind and effect (several multiply; a season's is in `seasons`); in its
    ramp before and its dip after, a kind of its own each, with the effect that the row states.
    """
    answer: dict[date, Special] = {}
    for day, rows in _touched(book, country, first, last).items():
        felt = _felt(rows, country, day)
        if felt:
            answer[day] = _special(felt, day, country)
    return answer


def seasons(book: Book, country: str, first: date, last: date) -> dict[date, float]:
    """Return by how much each day of a long season in a country is lifted (a multiplier)."""
    answer: dict[date, float] = {}
    for day, rows in _touched(book, country, first, last).items():
        effects = [row.effect for row in rows if _lasts(row) and row.covers(day, country)]
        if effects:
            answer[day] = math.prod(effects)
    return answer


def alike(found: Mapping[date, Special], book: Book, country: str, day: date) -> tuple[str, ...]:
    """Return the keys of the rows of earlier days that are special as this one is, latest first.

    `found` are the country's special days. They are what the day's effect is learnt from.
    """
    label = found[day].label
    earlier = sorted(
        (one for one in found if one < day and found[one].label == label), reverse=True
    )
    keys = [row.key for one in earlier for row in rows_of(book, country, one)]
    today = {row.key for row in rows_of(book, country, day)}
    return tuple(key for key in dict.fromkeys(keys) if key not in today)


def _special(rows: Iterable[CalendarRow], day: date, country: str) -> Special:
    rows = list(rows)
    kinds = "+".join(sorted({row.kind for row in rows}))
    if any(row.covers(day, country) for row in rows):
        return Special(kinds, math.prod(row.effect for row in rows if not _lasts(row)))
    before = any(day < row.first for row in rows)
    word = "before" if before else "after"
    effect = math.prod(_around(row, day) for row in rows if (day < row.first) == before)
    return Special(f"{word} {kinds}", effect, AROUND)
