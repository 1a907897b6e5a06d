"""The frame that all maths runs on: units x days x summable measures, missing never zero."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from diagnostics.book.rows import Kind, Metric, Term

Floats = "NDArray[np.float64]"


class State(IntEnum):
    """How far a day's figures can be trusted."""

    MISSING = 0
    PROVISIONAL = 1
    FINAL = 2


@dataclass(frozen=True, slots=True)
class Unit:
    """Anything of the business that has a funnel. `key` is unique over all shops."""

    key: str
    kind: Kind
    name: str
    shop: str = ""
    """The key of the shop it belongs to; a shop's own key for a shop."""
    parent: str = ""
    country: str = ""
    category: str = ""
    stage: str = ""
    level: str = ""
    currency: str = ""
    person: str = ""
    """The person (key in the settings) who answers for it, if any."""
    started: datetime | None = None
    """A live session's start in the shop's local time; a video's time of posting."""
    ended: datetime | None = None


@dataclass(frozen=True, eq=False)
class Panel:
    """`values` is float64 (measures, units, days), NaN = missing; `state` int8 (units, days)."""

    units: tuple[Unit, ...]
    days: NDArray[np.datetime64]
    measures: tuple[str, ...]
    values: NDArray[np.float64]
    state: NDArray[np.int8]
    early: NDArray[np.float64] | None = None
    """The values as each day stood when it was as old as the last one is now, where that is known."""
    age: int = 1
    """How old the last day is in days, for `early`: the morning after it is 1."""

    def __post_init__(self) -> None:
        """Refuse arrays whose shapes do not fit the axes."""
        shape = (len(self.measures), len(self.units), len(self.days))
        if self.values.shape != shape or self.state.shape != shape[1:]:
            raise ValueError(f"panel: values {self.values.shape} do not fit the axes {shape}")

    def measure(self, key: str) -> NDArray[np.float64]:
        """Return one measure, float64 (units, days); all NaN where the panel has none."""
        if key in self.measures:
            found: NDArray[np.float64] = self.values[self.measures.index(key)]
            return found
        return np.full(self.state.shape, np.nan)

    def total(self, terms: Sequence[Term]) -> NDArray[np.float64]:
        """Return a signed sum of measures (units, days); missing where any part is missing."""
        result = np.zeros(self.state.shape)
        for term in terms:
            result = result + term.sign * self.measure(term.measure)
        return result

    def rate(self, metric: Metric) -> NDArray[np.float64]:
        """Return a metric per unit and day; NaN where a part is missing or the base is zero."""
        of = self.total(metric.of)
        if not metric.over:
            return metric.scale * of
        over = self.total(metric.over)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(over > 0, metric.scale * of / over, np.nan)

    def at(self, day: date) -> int:
        """Return the index of a day on the days axis; raises KeyError outside the panel."""
        index = int((np.datetime64(day, "D") - self.days[0]).astype(int)) if len(self.days) else -1
        if not 0 <= index < len(self.days):
            raise KeyError(f"the panel has no {day}")
        return index

    def index(self, key: str) -> int:
        """Return the row of a unit by its key; raises KeyError where there is none."""
        for row, unit in enumerate(self.units):
            if unit.key == key:
                return row
        raise KeyError(key)

    def only(self, keys: Iterable[str]) -> Panel:
        """Return the panel of some units, in the panel's own order."""
        wanted = set(keys)
        rows = [row for row, unit in enumerate(self.units) if unit.key in wanted]
        return replace(
            self,
            units=tuple(self.units[row] for row in rows),
            values=self.values[:, rows, :],
            state=self.state[rows, :],
            early=None if self.early is None else self.early[:, rows, :],
        )

    def until(self, day: date) -> Panel:
        """Return the panel's days up to and with a day: the past that a morning may see."""
        end = self.at(day) + 1
        return replace(
            self,
            days=self.days[:end],
            values=self.values[:, :, :end],
            state=self.state[:, :end],
            early=self.early if end == len(self.days) else None,
        )


def days_between(first: date, last: date) -> NDArray[np.datetime64]:
    """Return every day from first to last, both included, as datetime64[D]."""
    return np.arange(
        np.datetime64(first, "D"), np.datetime64(last + timedelta(1), "D"), dtype="datetime64[D]"
    )
