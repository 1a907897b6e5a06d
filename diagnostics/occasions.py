"""Which days of a country are special: campaigns, holidays, paydays, their ramp and their dip."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING

from diagnostics.anomaly import Special

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnostics.book.rows import Book, CalendarRow

APART = math.log(1.12)
"""A row whose effect is smaller leaves its days ordinary: they vary by as much anyway."""
BIG = math.log(1.5)
"""Only so strong a row is felt in its ramp before and its dip after."""
SEASON = 10
"""What lasts longer than so many days is a season, in which rates settle down and are learnt."""


def rows_of(book: Book, country: str, day: date) -> tuple[CalendarRow, ...]:
    """Return the rows that set a day apart in a country; none for an ordinary day."""
    return tuple(_felt(book.days(day, country), country, day, seasons=True))


def _felt(
    rows: Iterable[CalendarRow], country: str, day: date, *, seasons: bool
) -> list[CalendarRow]:
    """Return the rows on whose own days it lies; without one, those whose ramp or dip it is."""
    strong = [row for row in rows if seasons or (row.last - row.first).days < SEASON]
    own = [row for row in strong if row.covers(day, country)]
    if any(_strength(row) >= APART for row in own):
        return own
    return [row for row in strong if row not in own and _strength(row) >= BIG]


def _strength(row: CalendarRow) -> float:
    return abs(math.log(max(row.effect, 1e-6)))


def occasions(
    book: Book, country: str, first: date, last: date, *, seasons: bool = True
) -> dict[date, Special]:
    """Return the special days of a country from first to last; without seasons, the short ones.

    On a row's own days its kind and effect (several multiply); in its ramp before or dip after, a
    kind of its own without an effect until one is learnt.
    """
    touched: defaultdict[date, list[CalendarRow]] = defaultdict(list)
    for row in book.calendar:
        if country in row.countries:
            begin = max(first, row.first - timedelta(row.before))
            end = min(last, row.last + timedelta(row.after))
            for offset in range((end - begin).days + 1):
                touched[begin + timedelta(offset)].append(row)
    answer: dict[date, Special] = {}
    for day, rows in touched.items():
        felt = _felt(rows, country, day, seasons=seasons)
        if felt:
            answer[day] = _special(felt, day, country)
    return answer


def _special(rows: Iterable[CalendarRow], day: date, country: str) -> Special:
    kinds = "+".join(sorted({row.kind for row in rows}))
    if any(row.covers(day, country) for row in rows):
        return Special(kinds, math.prod(row.effect for row in rows))
    return Special(f"around {kinds}")
