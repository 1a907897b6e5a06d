"""What a day was to bring, as values: the band, its score, and the calendar it knows of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

import numpy as np
from scipy.special import stdtrit

if TYPE_CHECKING:
    from collections.abc import Sequence
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
    """What the calendar says of a day: its kind, and the multiplier where none is learnt yet.

    `unsure` (log) is how far that multiplier may be off.
    """

    label: str
    effect: float = 1.0
    unsure: float = 0.35


Calendar: TypeAlias = (
    "Mapping[date, Special | str] | Mapping[date, Special] | Mapping[date, str] "
    "| Iterable[date | np.datetime64] | NDArray[np.bool_]"
)
TOUCHED = "around special"
"""The day before and after a special day of which no more is known than its date."""
CLOSED, BESIDE = 1.0, 0.5
"""How far (log) such a day, and the days beside it, may be off: the shop may even be closed."""


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
    def of(
        cls, calendar: Calendars | Calendar | None, units: int, days: Days | None = None
    ) -> Calendars:
        """Return the special days of all units, from whatever form they come in.

        A mapping gives each day its label, or its Special (then it is taken as it stands); a bare
        list of days, or a bool array (units, days) or (days,) over `days`, is of one kind. Plain
        labels and bare days touch the day before and after them too.
        """
        match calendar:
            case Calendars():
                return calendar
            case np.ndarray() if calendar.dtype == np.bool_:
                return cls._of_flags(np.atleast_2d(calendar), units, days)
            case Mapping():
                found = {as_day(day): _special(word) for day, word in calendar.items()}
                bare = [as_day(day) for day, word in calendar.items() if isinstance(word, str)]
            case _:
                bare = [as_day(day) for day in (() if calendar is None else calendar)]
                found = dict.fromkeys(bare, _special("special"))
        return cls(np.zeros(units, dtype=np.int64), (_touched(found, bare),))

    @classmethod
    def joined(cls, parts: Sequence[Calendars]) -> Calendars:
        """Return the calendars of several sets of units as one, one set below the other."""
        starts = np.cumsum([0, *(len(one.every) for one in parts[:-1])])
        code = np.concatenate([one.code + at for one, at in zip(parts, starts, strict=True)])
        none: list[Mapping[np.datetime64, float]] = [{}]
        seasons = [one.seasons or none * len(one.every) for one in parts]
        return cls(code, tuple(chain(*(one.every for one in parts))), tuple(chain(*seasons)))

    @classmethod
    def _of_flags(cls, flags: NDArray[np.bool_], units: int, days: Days | None) -> Calendars:
        """Return the calendars of a bool array (units or 1, days): one per kind of row."""
        rows, code = np.unique(flags, axis=0, return_inverse=True)
        every = []
        for row in rows:
            bare = (
                [] if days is None else [as_day(day) for day in days[: len(row)][row[: len(days)]]]
            )
            every.append(_touched(dict.fromkeys(bare, _special("special")), bare))
        spread = np.broadcast_to(code.reshape(-1), (units,)).astype(np.int64)
        return cls(spread, tuple(every))

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

    @property
    def visible(self) -> Floats:
        """Return the smallest relative fall that can be seen here (units,): 1 − low / mid.

        0.45 says that a day must bring 45 % less than usual before it stands out of the unit's own
        noise; 1 says that not even a day of nothing does. NaN where nothing is expected.
        """
        size = np.where(np.abs(self.mid) > 0, np.abs(self.mid), np.nan)
        return (self.mid - self.low) / size


def _special(word: Special | str) -> Special:
    return word if isinstance(word, Special) else Special(word, unsure=CLOSED)


def _touched(
    found: dict[np.datetime64, Special], bare: list[np.datetime64]
) -> dict[np.datetime64, Special]:
    """Return the days with those before and after the bare ones among them."""
    beside = {day + step: Special(TOUCHED, unsure=BESIDE) for day in bare for step in (-1, 1)}
    return beside | found


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


def alarming(alerts_per_100: float) -> float:
    """Return the share of days that alarm; raises ValueError unless it is between none and all."""
    if not 0.0 < alerts_per_100 < 100.0:
        raise ValueError(f"alerts_per_100: {alerts_per_100} is not between 0 and 100")
    return alerts_per_100 / 100.0


def limit(alerts_per_100: float) -> float:
    """Return how many spreads out of the middle give so many alerts on 100 ordinary days."""
    quantile = float(stdtrit(TAIL, 1.0 - alarming(alerts_per_100) / 2.0))
    return quantile * float(np.sqrt((TAIL - 2.0) / TAIL))


def log(effect: float) -> float:
    """Return the logarithm of a multiplier."""
    return float(np.log(max(effect, 1e-6)))
