"""A finding's fingerprint: the words by which the same trouble is known again the next day."""

from __future__ import annotations

from typing import NamedTuple


class Fingerprint(NamedTuple):
    """What a finding is about. Written "unit|what"; a unit's own name may hold any sign."""

    unit: str
    what: str
    """The scene's key, or the metric's where no scene fits."""

    def __str__(self) -> str:
        """Return it as it is kept."""
        return "|".join(self)

    @property
    def shop(self) -> str:
        """Return the key of the unit's shop."""
        return self.unit.partition("/")[0]


def whole(anchor: str, country: str) -> str:
    """Return the key of the unit that stands for all shops, or for a country's; see circle."""
    return f"{anchor}/all-{country.lower()}" if country else f"{anchor}/all"


def circle(unit: str) -> str | None:
    """Return the country of a unit that stands for several shops, empty for all; None for others.

    Its key is that of one of them, then "/all", with the country behind it: "th-home/all-th".
    """
    word = unit.partition("/")[2]
    if word == "all":
        return ""
    return word[4:].upper() if word.startswith("all-") else None


def read(key: str) -> Fingerprint:
    """Return a kept fingerprint's parts; a word that is none becomes a unit of that name."""
    unit, sign, what = key.rpartition("|")
    return Fingerprint(unit, what) if sign else Fingerprint(key, "")
