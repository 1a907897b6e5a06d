"""What the units' own past says of a day: the band of a sum, or of a rate's counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diagnostics.anomaly import rate_band, value_band
from diagnostics.band import Calendars
from diagnostics.window import signed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from diagnostics.band import Band
    from diagnostics.window import Window

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Judge:
    """Which band fits a metric: of a rate's counts, or of values; `groups` (rows,) are peers."""

    share: bool
    alerts_per_100: float
    groups: NDArray[np.int64] | None = None


class Own(NamedTuple):
    """What units' own past says of a day, and their `score` that day; as in `band.Band`."""

    low: Floats
    mid: Floats
    high: Floats
    score: Floats
    days: NDArray[np.int64]
    same: NDArray[np.int64]
    past_mid: Floats
    past_score: Floats
    learnt: NDArray[np.int64]


class Question(NamedTuple):
    """A metric's past and its day, the band that fits it, and the calendar it knows of."""

    judge: Judge
    window: Window
    special: Calendars

    @property
    def valued(self) -> bool:
        """Say whether the value itself is judged, not a rate's counts."""
        return self.window.over is None or signed(self.window.metric)

    def road(self) -> tuple[object, ...]:
        """Return what questions must have in common to be answered in one walk."""
        days = self.window.days
        way = self.judge.groups is None if self.valued else self.judge.share
        return self.valued, way, self.judge.alerts_per_100, days[0], days[-1]


def own(asked: Sequence[Question]) -> list[Own]:
    """Return what each question's units' own past says: as if each were asked alone.

    A walk goes day by day through all units at once, so it takes hardly longer for several
    small questions than for one: those alike are answered together.
    """
    roads: dict[tuple[object, ...], list[int]] = {}
    for at, one in enumerate(asked):
        roads.setdefault(one.road(), []).append(at)
    answers: dict[int, Own] = {}
    for places in roads.values():
        batch = [asked[at] for at in places]
        told = _values(batch) if batch[0].valued else _rates(batch)
        answers |= zip(places, told, strict=True)
    return [answers[at] for at in range(len(asked))]


def _values(batch: Sequence[Question]) -> Iterator[Own]:
    """Answer questions of values, each question's peer groups for themselves."""
    judge, windows = batch[0].judge, [one.window for one in batch]
    days = windows[0].days
    band = value_band(
        _joined([one.past(one.value) for one in windows]),
        days[:-1],
        days[-1],
        groups=_numbered([one.judge.groups for one in batch]),
        calendar=Calendars.joined([one.special for one in batch]),
        alerts_per_100=judge.alerts_per_100,
    )
    score = band.score(_joined([one.latest(1)[:, 0] for one in windows]))
    return _apart(band, score, batch)


def _rates(batch: Sequence[Question]) -> Iterator[Own]:
    """Answer questions of rates, each question's units their own crowd."""
    judge, windows = batch[0].judge, [one.window for one in batch]
    days, counts, units = windows[0].days, [], []
    for one in windows:
        assert one.over is not None
        of, over = one.past(one.of), one.past(one.over)
        size = usual_size(of, over, share=judge.share)
        hits = of if judge.share else of / size[:, None]
        counts.append((hits, over, one.over[:, -1]))
        units.append(size * one.metric.scale)
    of, over, base = (_joined(part) for part in zip(*counts, strict=True))
    unit = _joined(units)
    band = rate_band(
        of,
        over,
        days[:-1],
        days[-1],
        base,
        calendar=Calendars.joined([one.special for one in batch]),
        alerts_per_100=judge.alerts_per_100,
        share=judge.share,
        crowds=np.repeat(np.arange(len(batch)), [len(one) for one in units]),
    )
    score = band.score(_joined([one.latest(1)[:, 0] for one in windows]) / unit)
    scaled = replace(
        band,
        low=band.low * unit,
        mid=band.mid * unit,
        high=band.high * unit,
        past_mid=band.past_mid * unit[:, None],
    )
    return _apart(scaled, score, batch)


def _apart(band: Band, score: Floats, batch: Sequence[Question]) -> Iterator[Own]:
    """Give each question its part of the answer."""
    whole = Own(
        band.low, band.mid, band.high, score, band.days, band.same,
        band.past_mid, band.past_score, band.learnt,
    )  # fmt: skip
    end = 0
    for one in batch:
        first, end = end, end + len(one.window.of)
        yield Own._make(part[first:end] for part in whole)


def _joined(parts: Sequence[Floats]) -> Floats:
    """Return arrays one below the other; a single one as it is, since it may be large."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _numbered(groups: Sequence[NDArray[np.int64] | None]) -> NDArray[np.int64] | None:
    """Return peer groups of several questions, those of each with numbers of their own."""
    numbers, free = [], 0
    for one in groups:
        if one is None:
            return None
        numbers.append(one + free)
        free += 1 + int(one.max(initial=0))
    return np.concatenate(numbers)


def usual_size(of: Floats, over: Floats, *, share: bool) -> Floats:
    """Return what one count is worth (units,): 1 for a share, else the usual rate.

    What is not a share of events (money per order, seconds per view) is counted in units of its
    own usual rate, so that one event carries about the noise of one count. `of` and `over` are
    (units, ...), NaN = missing.
    """
    if share:
        return np.ones(len(of))
    rest = tuple(range(1, of.ndim))
    with np.errstate(divide="ignore", invalid="ignore"):
        base = np.where(np.isfinite(of), over, 0.0)
        usual: Floats = np.nansum(of, axis=rest) / np.nansum(base, axis=rest)
    return np.where(usual > 0, usual, 1.0)
