"""What a day was to bring, as values: the band, its score, and the calendar it knows of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

import numpy as np
from scipy.special import stdtrit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Days = NDArray[np.datetime64]
    Day = date | np.datetime64

TAIL = 5.0
"""Degrees of freedom of the errors' tail: real days are heavier-tailed than a normal law."""
LEAST_DAYS = 5
"""With fewer days of history there is no band."""
SHOWN = 28
"""So many past days keep their middle and score."""


class Special(NamedTuple):
    """What the calendar says of a day: its kind, and the multiplier where none is learnt yet."""

    label: str
    effect: float = 1.0


Calendar: TypeAlias = "Mapping[date, Special | str] | Mapping[date, Special]"


@dataclass(frozen=True, eq=False)
class Calendars:
    """Several countries' special days at once: `code` int (units,) points into `every`.

    `seasons` tells of the days of long seasons by how much (a multiplier) they lift everything:
    they are ordinary days on another level.
    """

    code: NDArray[np.int64]
    every: tuple[Mapping[np.datetime64, Special], ...]
    seasons: tuple[Mapping[np.datetime64, float], ...] = ()

    @classmethod
    def of(cls, calendar: Calendars | Calendar | Iterable[date] | None, units: int) -> Calendars:
        """Return the special days of all units; a bare list of days is of one kind."""
        if isinstance(calendar, Calendars):
            return calendar
        days = (
            calendar if isinstance(calendar, Mapping) else dict.fromkeys(calendar or (), "special")
        )
        found = {
            as_day(day): word if isinstance(word, Special) else Special(word)
            for day, word in days.items()
        }
        return cls(np.zeros(units, dtype=np.int64), (found,))

    def special(self, days: Days) -> NDArray[np.bool_]:
        """Say which days are special for which unit (units, days)."""
        lists = [[day in one for day in days] for one in self.every]
        return np.array(lists, dtype=bool).reshape(len(self.every), len(days))[self.code]

    def lift(self, days: Days) -> Floats:
        """Return the logarithm of the seasons' multipliers (units, days)."""
        if not any(self.seasons):
            return np.zeros((len(self.code), len(days)))
        lists = [[log(one.get(day, 1.0)) for day in days] for one in self.seasons]
        return np.array(lists).reshape(len(lists), len(days))[self.code]


class Score(Protocol):
    """Answers per unit how far an observed value (units,) is out of band: 1 and more is out."""

    def __call__(self, observed: Floats) -> Floats:
        """Return scores (units,), NaN where nothing can be said."""
        ...


@dataclass(frozen=True, eq=False)
class Band:
    """What the day was to bring: `low`, `mid`, `high` (units,), NaN where nothing can be said.

    `days` and `same` (units,) count the history and the judged weekday in it; `past_mid` and
    `past_score` (units, up to 28) tell of the latest past days (score signed, below is negative).
    """

    low: Floats
    mid: Floats
    high: Floats
    score: Score
    days: NDArray[np.int64]
    same: NDArray[np.int64]
    past_mid: Floats
    past_score: Floats
    learnt: NDArray[np.int64]
    """Past days of the same calendar label (units,); 0 on ordinary days or without any."""


def as_day(day: Day) -> np.datetime64:
    """Return a day as datetime64[D]."""
    one: np.datetime64 = np.datetime64(day).astype("datetime64[D]")
    return one


def past(days: Days, day: Day) -> int:
    """Return how many of the days lie before a day."""
    return int(np.searchsorted(days, as_day(day)))


def weekdays(days: Days, day: Day) -> NDArray[np.int64]:
    """Return the weekdays (days + 1,) of the days and the day, Monday is 0."""
    every = np.append(days, as_day(day))
    return (every.astype("datetime64[D]").astype(np.int64) + 3) % 7


def limit(alerts_per_100: float) -> float:
    """Return how many spreads out of the middle give so many alerts on 100 ordinary days."""
    quantile = float(stdtrit(TAIL, 1.0 - alerts_per_100 / 200.0))
    return quantile * float(np.sqrt((TAIL - 2.0) / TAIL))


def log(effect: float) -> float:
    """Return the logarithm of a multiplier."""
    return float(np.log(max(effect, 1e-6)))
