"""How much surer an alert must be than usual, after what the team said of earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING

from diagnostics import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

FALSE = log(1.15)
"""By so much (ln) a false alarm raises what the next one needs; a good catch lowers it by less."""
GOOD = log(0.93)
HALF_LIFE = 60.0
"""Days after which an answer counts half."""
REACH = 0.3
"""An answer about one unit counts this much for the same trouble at the shop's other units."""
LOWEST, HIGHEST = 0.7, 1.6
"""Whatever people answer, no alert is muted for good, and none goes off at its edge."""
FORGOTTEN = 360
"""Days after which an answer is not read any more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One person's verdict on an alert; `key` is the finding's fingerprint."""

    key: str
    good: bool
    day: date
    user: str
    root: str = ""
    """The message that told it: several people may answer the same one."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was answered of one finding, and the factor that comes of it."""

    false: int
    good: int
    since: date
    factor: float


class Patience(Mapping[str, float]):
    """Factor 0.7-1.6 by finding key, by which the score that a finding needs is multiplied.

    A key that nobody answered has the factor that its shop's other units gave the same trouble;
    iterating shows the answered keys, and those of the units (keys) that it was made `among`.
    """

    def __init__(self, answers: Iterable[Answer], day: date, among: Iterable[str] = ()) -> None:
        last: dict[tuple[str, str, date], Answer] = {}
        for one in answers:
            if one.day <= day:
                last[one.key, one.user, one.day] = one
        self._day = day
        self._own: dict[str, list[Answer]] = {}
        self._kin: dict[tuple[str, str], list[Answer]] = {}
        for one in last.values():
            about = fingerprint.read(one.key)
            self._own.setdefault(one.key, []).append(one)
            self._kin.setdefault((about.shop, about.what), []).append(one)
        self._unanswered = {near: self._factor((), said) for near, said in self._kin.items()}
        self._keys = tuple(dict.fromkeys([*self._own, *self._near(among)]))

    def _near(self, among: Iterable[str]) -> Iterator[str]:
        if not self._kin:
            return
        told: dict[str, list[str]] = {}
        for shop, what in self._kin:
            told.setdefault(shop, []).append(what)
        for unit in among:
            for what in told.get(fingerprint.Fingerprint(unit, "").shop, ()):
                yield str(fingerprint.Fingerprint(unit, what))

    def __getitem__(self, key: str) -> float:
        """Return a finding's factor; raises KeyError where nobody said anything that concerns it."""
        about = fingerprint.read(key)
        if key not in self._own:
            return self._unanswered[about.shop, about.what]
        others = [one for one in self._kin[about.shop, about.what] if one.key != key]
        return self._factor(self._own[key], others)

    def __iter__(self) -> Iterator[str]:
        """Return the keys that a factor is known of."""
        return iter(self._keys)

    def __len__(self) -> int:
        """Return how many keys that are."""
        return len(self._keys)

    def heard(self, key: str) -> Heard | None:
        """Return what was answered of a finding; None where nobody did."""
        mine = self._own.get(key)
        if not mine:
            return None
        good = sum(one.good for one in mine)
        return Heard(len(mine) - good, good, min(one.day for one in mine), self[key])

    def _factor(self, own: Sequence[Answer], others: Sequence[Answer]) -> float:
        leaning = self._leaning(own) + REACH * self._leaning(others)
        return min(HIGHEST, max(LOWEST, exp(leaning)))

    def _leaning(self, answers: Sequence[Answer]) -> float:
        """Return ln of the factor: each answer's step, fading, shrunk by one answer towards none."""
        fading = [(float(0.5 ** ((self._day - one.day).days / HALF_LIFE)), one) for one in answers]
        total = sum(weight for weight, _ in fading)
        pull = sum(weight * (GOOD if one.good else FALSE) for weight, one in fading)
        return pull * total / (total + 1.0)


def patience(answers: Iterable[Answer], day: date, among: Iterable[str] = ()) -> Patience:
    """Return by which factor the score that each finding needs is multiplied on a day.

    `among` are units (keys) to which an answer about their shop's other units is to reach.

    The factor is exp(sum of steps, fading by half in 60 days, shrunk by n / (n + 1)), within 0.7 and 1.6. One
    person counts once a day and finding: the last of the given answers of a day stands.
    """
    return Patience(answers, day, among)


@dataclass(frozen=True, slots=True)
class Precision:
    """How many of the alerts that were answered were good catches."""

    good: int
    false: int

    @property
    def share(self) -> float | None:
        """Return good / (good + false); None without any answer."""
        told = self.good + self.false
        return self.good / told if told else None


def precision(answers: Iterable[Answer]) -> Mapping[str, Precision]:
    """Return by scene (or metric) how many alerts were right, and under "" of all together.

    Each alert counts once: the more frequent of its answers, the latest where they are even.
    """
    alerts: dict[tuple[str, str], list[Answer]] = {}
    for one in sorted(answers, key=lambda one: one.day):
        alerts.setdefault((one.key, one.root), []).append(one)
    found: dict[str, list[bool]] = {}
    for (key, _root), said in alerts.items():
        good = sum(one.good for one in said)
        right = said[-1].good if 2 * good == len(said) else 2 * good > len(said)
        for what in (fingerprint.read(key).what, ""):
            found.setdefault(what, []).append(right)
    return {what: Precision(sum(told), len(told) - sum(told)) for what, told in found.items()}
