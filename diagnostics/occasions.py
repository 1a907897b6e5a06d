"""Which days of a country are special: campaigns, holidays, paydays, their ramp and their dip."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import TYPE_CHECKING

from diagnostics.anomaly import Special

if TYPE_CHECKING:
    from diagnostics.book.rows import Book, CalendarRow


def special(rows: tuple[CalendarRow, ...], day: date, country: str) -> Special:
    """Return what the rows that touch a day say together.

    On a row's own days its kind and effect (several multiply); in its ramp before or dip after, a
    kind of its own without an effect until one is learnt.
    """
    own = [row for row in rows if row.covers(day, country)]
    if own:
        kinds = "+".join(sorted({row.kind for row in own}))
        return Special(kinds, math.prod(row.effect for row in own))
    return Special("around " + "+".join(sorted({row.kind for row in rows})))


def occasions(book: Book, country: str, first: date, last: date) -> dict[date, Special]:
    """Return the special days of a country from first to last."""
    answer: dict[date, Special] = {}
    for row in book.calendar:
        if country not in row.countries:
            continue
        begin = max(first, row.first - timedelta(row.before))
        end = min(last, row.last + timedelta(row.after))
        for offset in range((end - begin).days + 1):
            day = begin + timedelta(offset)
            answer.setdefault(day, special(book.days(day, country), day, country))
    return answer
