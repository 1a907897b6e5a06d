"""One morning's desk: every metric of the units at hand judged once, and told as readings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import numpy as np

from diagnostics import judge
from diagnostics.expect import on_day, together
from diagnostics.hold import held
from diagnostics.panel import State
from diagnostics.ranges import Scopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from diagnostics.book.rows import Book, Metric
    from diagnostics.expect import Outlook
    from diagnostics.judge import Judged
    from diagnostics.panel import Panel
    from diagnostics.reading import Reading, Why

LEAST_PEERS = 3
TOGETHER = 300_000
"""So many cells (rows times days) are asked at once: memory stays small, and small panels never
grow together into one that is large enough for the compiled road."""


@dataclass(eq=False)
class Desk:
    """The panel `rows` at hand on `day` (or the `days` days that end with it), judged on demand."""

    panel: Panel
    book: Book
    day: date
    rows: NDArray[np.int64]
    scopes: Scopes
    crowd: NDArray[np.int64]
    """Peer group of every panel unit: same kind, country, category and currency."""
    siblings: NDArray[np.int64]
    """The same within one shop: whose common movement is taken out; shops stand alone."""
    days: int = 1
    _judged: dict[Metric, Judged] = field(default_factory=dict)

    @classmethod
    def of(
        cls, panel: Panel, book: Book, day: date, rows: NDArray[np.int64], days: int = 1
    ) -> Desk:
        """Set a desk up: number the units' scopes and peer groups once."""
        named = frozenset(row.scope.unit for row in book.ranges if row.scope.unit)
        alike = [(one.kind, one.country, one.category, one.currency) for one in panel.units]
        near = [(*group, one.shop) for group, one in zip(alike, panel.units, strict=True)]
        return cls(
            panel,
            book,
            day,
            rows,
            Scopes.of(panel.units, named),
            _numbered(alike),
            _numbered(near),
            days,
        )

    def some(self, rows: NDArray[np.int64]) -> Desk:
        """Return a desk with fewer rows."""
        return replace(self, rows=rows, _judged={})

    def judged(self, metric: Metric) -> Judged:
        """Return a metric of all rows at hand, judged."""
        if metric not in self._judged:
            self.ask([metric])
        return self._judged[metric]

    def ask(self, metrics: Iterable[Metric]) -> None:
        """Judge metrics that will be asked for: together takes less time than one by one."""
        missing = [one for one in dict.fromkeys(metrics) if one not in self._judged]
        many = max(1, TOGETHER // max(1, len(self.rows) * len(self.panel.days)))
        for at in range(0, len(missing), many):
            self._ask(missing[at : at + many])

    def _ask(self, metrics: Sequence[Metric]) -> None:
        first = max(self.panel.days[0].item(), self.day - timedelta(self.days - 1))
        span = [first + timedelta(step) for step in range((self.day - first).days + 1)]
        found = [
            held(self.panel, self.book, metrics, day, self.rows, groups=self.siblings)
            for day in span
        ]
        for metric, *days in zip(metrics, *found, strict=True):
            whole = _alone_too(days[0]) if len(days) == 1 else together(days)
            self._judged[metric] = judge.verdict(self.panel, self.book, whole, self.scopes)

    def reading(self, metric: Metric, row: int, *, trusted: bool = True) -> Reading:
        """Return one figure of one unit (panel row) with all it may not be told without."""
        judged = self.judged(metric)
        index, unit = judged.outlook.place(row), self.panel.units[row]
        plain = judge.reading(judged, index, unit)
        middle, count = self._peers(metric, row) if self.days == 1 else (None, 0)
        plain = replace(plain, peers=middle, peer_count=count)
        if not trusted and not plain.why:
            doubted: Why = "not_trusted"
            plain = replace(
                plain, why=doubted, position="unknown", unusual=False, sureness="unknown"
            )
        return replace(plain, light=judge.light(plain, metric))

    def _peers(self, metric: Metric, row: int) -> tuple[float | None, int]:
        """Return the middle value of a unit's peers that day and their number."""
        at = self.panel.at(self.day)
        alike = (self.crowd == self.crowd[row]) & (self.panel.state[:, at] == State.FINAL)
        alike[row] = False
        values = on_day(self.panel, metric, np.flatnonzero(alike), at)
        known = values[np.isfinite(values)]
        middle = cast("float", np.median(known)) if len(known) >= LEAST_PEERS else None
        return (None if middle is None else float(middle)), len(known)


def _numbered(groups: Iterable[tuple[str, ...]]) -> NDArray[np.int64]:
    """Return a number for each of the groups' names, equal ones alike."""
    seen: dict[tuple[str, ...], int] = {}
    return np.array([seen.setdefault(group, len(seen)) for group in groups], dtype=np.int64)


def _alone_too(found: Outlook) -> Outlook:
    """Return the outlook with scores that are no higher than the unit's own band has it.

    What the others did can excuse a figure, never accuse it: a unit that stayed as it was while
    all others rose is well. Rates have no common movement; where the band reaches down to nothing
    there is no scale to compare on.
    """
    if found.metric.over:
        return found
    edge = np.where(found.value < found.mid, found.low, found.high)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.log(np.maximum(found.value, 0.02 * found.mid) / found.mid) / np.log(
            edge / found.mid
        )
    known = np.isfinite(own) & (found.low > 0.0) & (found.value > 0.0)
    return replace(found, score=np.where(known, np.fmin(found.score, own), found.score))
