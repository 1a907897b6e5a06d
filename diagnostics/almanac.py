"""What the calendar does to a metric of the units at hand: special days, seasons, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diagnostics.band import Calendars, Special
from diagnostics.occasions import alike, occasions, rows_of, seasons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diagnostics.book.rows import Book, Metric

    Floats = NDArray[np.float64]
    Days = NDArray[np.datetime64]


def moves(book: Book, metric: Metric) -> bool:
    """Say whether the calendar's effect is on it: a sum of which a part is in some funnel."""
    chains = {key for funnel in book.funnels.values() for key in funnel.chain}
    return not metric.over and any(term.measure in chains for term in metric.of)


@dataclass(frozen=True, eq=False)
class Almanac:
    """The special days of units' countries up to a day.

    `calendars` by unit; `today` (units,) says for whom the day itself is special. `rows` maps a
    country to the keys of the calendar rows whose effect is in the day, `taught` to those of
    earlier days like it; both are empty where the calendar does not move the metric.
    """

    calendars: Calendars
    today: NDArray[np.bool_]
    rows: dict[str, tuple[str, ...]]
    taught: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, book: Book, metric: Metric, countries: Sequence[str], days: Days) -> Almanac:
        """Look the days (the last is the one to judge) up for units of these countries."""
        names = tuple(sorted(set(countries)))
        moved, first, day = moves(book, metric), days[0].item(), days[-1].item()
        every: list[dict[np.datetime64, Special]] = []
        lifts: list[dict[np.datetime64, float]] = []
        told: dict[str, tuple[str, ...]] = {}
        taught: dict[str, tuple[str, ...]] = {}
        for country in names:
            found = occasions(book, country, first, day)
            lift = seasons(book, country, first, day) if moved else {}
            lifts.append({np.datetime64(one, "D"): effect for one, effect in lift.items()})
            every.append({
                np.datetime64(one, "D"): special if moved else Special(special.label)
                for one, special in found.items()
            })  # fmt: skip
            if moved and day in found:
                told[country] = tuple(row.key for row in rows_of(book, country, day))
                taught[country] = alike(found, book, country, day)
        place = {country: code for code, country in enumerate(names)}
        code = np.array([place[country] for country in countries], dtype=np.int64)
        calendars = Calendars(code, tuple(every), tuple(lifts))
        return cls(calendars, calendars.special(days[-1:])[:, 0], told, taught)

    def ordinary(self, day: np.datetime64) -> Calendars:
        """Return the calendars in which the day itself is a day like any other."""
        every = tuple(
            {one: special for one, special in found.items() if one != day}
            for found in self.calendars.every
        )
        return Calendars(self.calendars.code, every, self.calendars.seasons)

    def effects(self, days: Days) -> Floats:
        """Return the logarithm of the book's multiplier (units, days): seasons and special days."""
        lists = [
            [np.log(max(found[day].effect, 1e-6)) if day in found else 0.0 for day in days]
            for found in self.calendars.every
        ]
        book = np.array(lists).reshape(len(lists), len(days))[self.calendars.code]
        total: Floats = self.calendars.lift(days) + book
        return total
