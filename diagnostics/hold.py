"""What has gone wrong stays wrong: a bad run is measured by the days before it, not by its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diagnostics.expect import Asked, outlooks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from diagnostics.book.rows import Book, Metric
    from diagnostics.expect import Outlook
    from diagnostics.panel import Panel

    Floats = NDArray[np.float64]

HOLD_HIGH = 14
"""So many days a figure that should be low (refunds, bad reviews) is not taken for the new level."""
HOLD_LOW = 7
"""And one that should be high (GMV, a conversion): then the new level is the ordinary one."""
BACK = 0.5
"""A day within this part of the band's reach ends the run."""


def held(
    panel: Panel,
    book: Book,
    metrics: Sequence[Metric],
    day: date,
    rows: NDArray[np.int64],
    *,
    groups: NDArray[np.int64] | None = None,
) -> list[Outlook]:
    """Return metrics' outlooks in which the days of a running trouble teach nothing.

    Bands follow a new level within days, so that a change is told once and not for a month. Taken
    alone that would make peace with a problem while it lasts: the fourth day of a refund wave
    would read as usual. So a run of days that began out of band on the bad side, within `HOLD_HIGH`
    or `HOLD_LOW` days, is left out of the past, and the day is expected as before the run; its past
    scores say since when. A run that came back teaches nothing either: the first ordinary day
    after it is ordinary. Arguments as of `expect.outlook`.
    """
    found = outlooks(panel, book, day, [Asked(metric, rows, groups) for metric in metrics])
    runs = [_Run.of(at, one) for at, one in enumerate(found)]
    runs = [one for one in runs if len(one.some)]
    again = [Asked(metrics[one.at], rows[one.some], hush=one.days) for one in runs]
    for run, told in zip(runs, outlooks(panel, book, day, again), strict=True):
        off = _scores(told, run.side)
        run.bad[:] = run.days & ~np.logical_or.accumulate(run.days & (off < BACK), axis=1)
        run.told[:] = np.where(run.bad, run.side * np.fmax(off, 1.0), np.nan)
        lasts = ~run.ended
        found[run.at] = _put(found[run.at], told, run.some, lasts, run.told)
    over = [one for one in runs if one.ended.any()]
    rest = [
        Asked(metrics[one.at], rows[one.some[one.ended]], hush=one.bad[one.ended]) for one in over
    ]
    for run, told in zip(over, outlooks(panel, book, day, rest), strict=True):
        here, ended = run.some[run.ended], run.ended
        found[run.at] = _put(
            found[run.at], told, here, np.ones(len(here), dtype=bool), run.told[ended]
        )
    return found


class _Run(NamedTuple):
    """Rows with a run of days that may be one trouble, of the metric at place `at`.

    `some` int (n,) are the rows, `days` bool (n, past days) the days since the first one that was
    out of band; `bad` those of them that lasted, and `told` the scores that say so.
    """

    at: int
    side: float
    some: NDArray[np.int64]
    days: NDArray[np.bool_]
    bad: NDArray[np.bool_]
    told: Floats

    @classmethod
    def of(cls, at: int, found: Outlook) -> _Run:
        """Look for runs in an outlook."""
        side = {"up": -1.0, "down": 1.0, "none": 0.0}[found.metric.direction]
        since = _since(found, side)
        some = np.flatnonzero(since.any(axis=1))
        days = since[some]
        return cls(at, side, some, days, days.copy(), np.full(days.shape, np.nan))

    @property
    def ended(self) -> NDArray[np.bool_]:
        """Say for which rows (n,) the run was over before its last day."""
        lasted: NDArray[np.bool_] = (self.bad == self.days).all(axis=1)
        return ~lasted


def _since(found: Outlook, side: float) -> NDArray[np.bool_]:
    """Return the past days (rows, days) since the first that was out of band on the bad side."""
    days = found.past_score.shape[1]
    mask = np.zeros(found.past_score.shape, dtype=bool)
    if side == 0.0 or not days:
        return mask
    hold = HOLD_HIGH if side > 0.0 else HOLD_LOW
    out = side * np.nan_to_num(found.past_score) >= 1.0
    for first in range(max(0, days - hold), days):
        begins = out[:, first] & ~mask.any(axis=1)
        mask[begins, first:] = True
    return mask & np.isfinite(found.past_value)


def _scores(again: Outlook, side: float) -> Floats:
    """Return how far past days (rows, days) lie to the bad side, in reaches of the day's band."""
    edge = again.high if side > 0.0 else again.low
    reach = np.abs(edge - again.mid)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = again.past_mid / again.mid[:, None]
        scale = np.where(np.isfinite(scale) & (scale > 0.0), scale, 1.0)
        off: Floats = side * (again.past_value - again.past_mid) / (reach[:, None] * scale)
    return np.where(np.isfinite(off), off, np.inf)


def _put(
    found: Outlook,
    again: Outlook,
    some: NDArray[np.int64],
    kept: NDArray[np.bool_],
    scores: Floats,
) -> Outlook:
    """Take over what `some` rows are expected to bring, where `kept` and known."""
    kept = kept & np.isfinite(again.mid)
    here, there = some[kept], np.flatnonzero(kept)
    names = ("low", "mid", "high", "score", "days", "basis", "past_mid")
    mixed = {name: getattr(found, name).copy() for name in names}
    for name, values in mixed.items():
        values[here] = getattr(again, name)[there]
    past_score = found.past_score.copy()
    told = scores[there]
    past_score[here] = np.where(np.isfinite(told), told, past_score[here])
    return replace(found, past_score=past_score, **mixed)
