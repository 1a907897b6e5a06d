"""What happens in the example: rows of incidents.toml and how far they bend a day's course."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Incident:
    """A planted row: from `first` to `last` the named factors multiply the ordinary course."""

    key: str
    kind: Literal["incident", "campaign"]
    scene: str
    shop: str
    unit: str
    first: date
    last: date
    where: str
    factors: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""
    """The reason that most of the added refunds give."""
    zh: str = ""
    en: str = ""

    def touches(self, place: str) -> bool:
        """Say whether a channel or product lies where the incident acts."""
        return self.where in {"all", place}


@cache
def incidents() -> tuple[Incident, ...]:
    """Return all rows, in the order of the file."""
    path = Path(__file__).with_name("incidents.toml")
    rows: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))
    blank = {"scene": "", "unit": ""}
    return tuple(Incident(key=key, **{**blank, **row}) for key, row in rows.items())


def bend(shop: str, place: str, name: str, days: Sequence[date]) -> NDArray[np.float64]:
    """Return the factor of one name per day (days,), 1 where nothing is planted."""
    result = np.ones(len(days))
    for row in incidents():
        if row.shop == shop and name in row.factors and row.touches(place):
            inside = np.array([row.first <= day <= row.last for day in days])
            result[inside] *= row.factors[name]
    return result
