"""What is kept of very many series from day to day, so that a new day needs no look back."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diagnostics import fast, tail
from diagnostics.band import LEAST_DAYS, Band, as_day, weekdays
from diagnostics.scale import Scale
from diagnostics.smooth import State
from diagnostics.smooth import _begin as begin
from diagnostics.start import START
from diagnostics.tail import Tail

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diagnostics.band import Day, Days, Floats

    Singles = NDArray[np.float32]

LEAST_SERIES = 20_000
"""From so many series on a single day goes the compiled road."""
ALIGNED = 64
"""The fields begin at a multiple of so many bytes."""
COUNTED, SIGNED = 1.0, 2.0
"""What a series may be besides money: whole numbers, or what may be below zero."""


class Stale(Exception):
    """What was learnt does not fit what is asked; the text says why. It is to be learnt anew."""


@dataclass(frozen=True, eq=False)
class Memory:
    """What the days `first` to `last` taught of each series: `state` float32 (fields, series).

    It says what `levels.value_band` says without groups and calendar, and needs one day's values to
    go on, whatever the length of the past; the scale stays as it was learnt, until the memory is
    learnt anew. Low, mid and high are the same to a thousandth of the edges' distance (single
    precision: a day just at a clip may fall on its other side; below 1 series in 1,000), and what
    lies beyond 1e30 is only known to lie there. The fields are those of `fast.FIELDS`. A series starts
    best from its first four weeks: learn the `young` ones anew while they are.
    """

    first: date
    last: date
    state: Singles
    units: tuple[str, ...] = ()
    """The keys of the series, in their order; empty when the caller knows them."""
    compiled: bool = True

    @classmethod
    def after(
        cls,
        values: NDArray[np.floating],
        days: Days,
        *,
        units: tuple[str, ...] = (),
        compiled: bool | None = None,
    ) -> Memory:
        """Learn from values (series, days), NaN = missing, `days` without gaps.

        An array that lies in memory day by day (the transpose of float32 (days, series)) is read
        as it is. `compiled` chooses the road; None takes the compiled one for large panels.
        """
        first, last = days[0].item(), days[-1].item()
        week = weekdays(days, last + timedelta(1))
        if compiled is None:
            compiled = fast.worthwhile(values.size)
        state = np.empty((fast.ROWS, len(values)), dtype=np.float32)
        by_day = values.T if values.flags.forc else np.ascontiguousarray(values.T)
        if not (compiled and fast.run("remembered", len(values), by_day, week, state)):
            compiled = False
            live = _Live.begin(np.asarray(values, dtype=float), week)
            live.write(state)
        return cls(first, last, state, units, compiled)

    def next(self, day: Day, values: NDArray[np.floating], *, spend: bool = False) -> Memory:
        """Take one more day's values (series,) in; raises Stale unless it is the day after.

        `spend` uses the arrays of this memory for the new one: this one must not be asked again.
        """
        weekday = self._weekday(day)
        state = self.state if spend else self.state.copy()
        today = np.ascontiguousarray(values, dtype=float)
        road = self.compiled and fast.run("went_on", len(today), today, weekday, state)
        if not road:
            live = _Live.read(state)
            live.take(live.point(today), weekday)
            live.write(state)
        return replace(self, last=self.last + timedelta(1), state=state, compiled=road)

    def judge(
        self,
        day: Day,
        values: NDArray[np.floating],
        *,
        alerts_per_100: float = 1.0,
        spend: bool = False,
    ) -> tuple[Floats, Memory]:
        """Return the scores (series,) of the day after and the memory that has taken it in.

        The same as `band(day).score(values)` and then `next`, in one go through what is kept;
        the bands themselves are not told. Raises Stale for any other day; `spend` as in `next`.
        """
        weekday, today = self._weekday(day), np.ascontiguousarray(values, dtype=float)
        if self.compiled:
            need, scores = tail.needed(alerts_per_100), np.empty(len(today))
            state = self.state if spend else self.state.copy()
            if fast.run("judged", len(today), today, weekday, need, state, scores):
                return scores, replace(self, last=self.last + timedelta(1), state=state)
        scores = self.band(day, alerts_per_100=alerts_per_100).score(today)
        return scores, self.next(day, today, spend=spend)

    def band(self, day: Day, *, alerts_per_100: float = 1.0) -> Band:
        """Return what the day after is to bring; raises Stale for any other day."""
        weekday, count = self._weekday(day), self.state.shape[1]
        need = tail.needed(alerts_per_100)
        told = _Told.room(count)
        given = self.state, weekday, need, told.band, told.points, told.days
        if not (self.compiled and fast.run("told", count, *given)):
            _Live.read(self.state).tell(weekday, alerts_per_100, told)
        low, mid, high = told.band
        return Band(
            low=low,
            mid=mid,
            high=high,
            score=_Scores(self, told.points),
            days=told.days[0],
            same=told.days[1],
            past_mid=np.zeros((count, 0)),
            past_score=np.zeros((count, 0)),
            learnt=np.zeros(count, dtype=np.int64),
        )

    def young(self) -> NDArray[np.int64]:
        """Return the series that had not brought days enough for a start (`start.START`)."""
        return np.flatnonzero(_field(self.state, "days")[0] < START)

    def renewed(self, rows: NDArray[np.int64], values: NDArray[np.floating], days: Days) -> Memory:
        """Learn some series anew from all their values (rows, days), up to the last day."""
        self._weekday(days[-1] + 1)
        state = self.state.copy()
        state[:, rows] = Memory.after(values, days, compiled=False).state
        return replace(self, state=state)

    def _weekday(self, day: Day) -> int:
        """Return the weekday of the day after; raises Stale for any other day."""
        after = self.last + timedelta(1)
        if as_day(day) != as_day(after):
            raise Stale(f"learnt until {self.last}: {day} is not the day after, learn it anew")
        return after.weekday()

    def to_bytes(self) -> bytes:
        """Return it as bytes: a line that says what it is, then the fields of all series."""
        head = {"rules": fast.rules(), "first": str(self.first), "last": str(self.last)}
        line = json.dumps(head | {"series": self.state.shape[1], "units": self.units})
        padded = line.encode().ljust(-(-(len(line) + 1) // ALIGNED) * ALIGNED - 1)
        return b"".join((padded, b"\n", self.state.astype("<f4", copy=False).data))

    @classmethod
    def from_bytes(cls, content: bytes | bytearray) -> Memory:
        """Return it from its bytes; raises Stale when it was learnt by other rules or is damaged.

        A bytearray is used as it is and not copied.
        """
        end = content.find(b"\n")
        try:
            head = json.loads(content[: max(end, 0)])
            rules, series = head["rules"], int(head["series"])
            first, last = date.fromisoformat(head["first"]), date.fromisoformat(head["last"])
        except (ValueError, KeyError, TypeError):
            raise Stale("this is no memory: learn it anew") from None
        if rules != fast.rules():
            raise Stale("learnt by other rules: learn it anew")
        if len(content) - end - 1 != 4 * fast.ROWS * series:
            raise Stale("a part of the memory is missing: learn it anew")
        numbers = np.frombuffer(content, dtype="<f4", offset=end + 1)
        if not numbers.flags.writeable:
            numbers = numbers.copy()
        state = numbers.reshape(fast.ROWS, series)
        return cls(first, last, state, tuple(head["units"]), series >= LEAST_SERIES)


class _Told(NamedTuple):
    """What a day is to bring: `band` (3, series) is low, mid and high.

    `points` (3, series) is the middle and its distances below and above on the scale, `days`
    (2, series) the days learnt from and those of that weekday among them.
    """

    band: Floats
    points: Singles
    days: NDArray[np.int64]

    @classmethod
    def room(cls, count: int) -> _Told:
        """Return the arrays to fill."""
        points, days = np.empty((3, count), dtype=np.float32), np.empty((2, count), dtype=np.int64)
        return cls(np.empty((3, count)), points, days)


@dataclass(frozen=True, eq=False)
class _Scores:
    """Scores a day's values against what was told of it (`_Told.points`)."""

    memory: Memory
    points: Singles

    def __call__(self, observed: Floats) -> Floats:
        """Return scores (series,), NaN where nothing can be said."""
        state, count = self.memory.state, len(observed)
        scores, today = np.empty(count), np.ascontiguousarray(observed, dtype=float)
        road = self.memory.compiled
        if not (road and fast.run("scored", count, today, state, self.points, scores)):
            mid, down, up = self.points.astype(float)
            gap = _Live.read(state).point(today) - mid
            return np.asarray(np.where(gap < 0, -gap / down, gap / up), dtype=float)
        return scores


def _field(state: Singles, key: str) -> Singles:
    """Return the rows of a field."""
    first = fast.FIRST[list(fast.FIELDS).index(key)]
    return state[first : first + fast.FIELDS[key]]


@dataclass(eq=False)
class _Live:
    """What is kept of the series, ready to learn, where nothing is compiled.

    Points are counted from the scale's shift, of what may be below zero from its median, `zero`:
    single precision is then enough to keep them.
    """

    scale: Scale
    walk: State
    days: Floats
    out: Floats
    """Number and sum of squares (4, series) of the outliers below and above."""
    same: Floats
    zero: Floats

    @classmethod
    def begin(cls, values: Floats, week: NDArray[np.int64]) -> _Live:
        """Learn from values (series, days); `week` (days + 1,) as in `smooth.walk`."""
        count = len(values)
        blank = np.zeros((4, count)), np.zeros((fast.WEEKDAYS, count))
        scale, zero = Scale.of(values), np.zeros(count)
        below = np.flatnonzero(scale.signed)
        zero[below] = np.nanmedian(values[below], axis=1).astype(np.float32)
        live = cls(scale, State(count, fast.WEEKDAYS), np.zeros(count), *blank, zero)
        by_day = np.ascontiguousarray(live.point(values).T)
        live.walk = begin(by_day, np.isfinite(by_day), week)
        for points, weekday in zip(by_day, week.tolist(), strict=False):
            live.take(points, weekday)
        return live

    @classmethod
    def read(cls, state: Singles) -> _Live:
        """Return what a memory's fields hold."""
        kept = {key: _field(state, key).astype(float) for key in fast.FIELDS}
        walk = State(state.shape[1], fast.WEEKDAYS)
        for key in fast.WALK:
            setattr(walk, key, kept[key] if getattr(walk, key).ndim > 1 else kept[key][0])
        kind = kept["kind"][0]
        scale = Scale(kept["shift"][0], kind == SIGNED, kind == COUNTED)
        others = kept["days"][0], kept["out"], kept["same"], kept["zero"][0]
        return cls(scale, walk, *others)

    def write(self, state: Singles) -> None:
        """Put it into a memory's fields."""
        for key in fast.WALK:
            _field(state, key)[:] = getattr(self.walk, key)
        kind = np.where(self.scale.signed, SIGNED, np.where(self.scale.counted, COUNTED, 0.0))
        others = {"shift": self.scale.shift, "zero": self.zero, "kind": kind}
        others |= {"days": self.days, "out": self.out, "same": self.same}
        for key, rows in others.items():
            _field(state, key)[:] = rows

    def _from(self) -> Floats:
        """Return from where on the scale points are counted."""
        shift, signed = self.scale.shift, self.scale.signed
        return np.where(signed, self.zero / shift, np.log(np.where(signed, 1.0, shift)))

    def point(self, values: Floats) -> Floats:
        """Return the points of values (series, ...)."""
        return self.scale.forth(values) - self._from().reshape((-1,) + (1,) * (values.ndim - 1))

    def take(self, points: Floats, weekday: int) -> None:
        """Take a day's points (series,) in."""
        mid, spread = self.walk.predict(weekday)
        known = np.isfinite(points)
        error = np.where(known & (self.days > 0), points - mid, 0.0)
        for row, sign in ((0, -1.0), (2, 1.0)):
            far = sign * error > tail.FAR * spread
            self.out[row] += far
            self.out[row + 1] += np.where(far, error, 0.0) ** 2
        self.walk.learn(points, mid, spread, weekday)
        self.days = self.days + known
        self.same[weekday] += known

    def tell(self, weekday: int, alerts_per_100: float, told: _Told) -> None:
        """Tell what a day is to bring; see `levels.value_band`."""
        mid, spread = self.walk.predict(weekday)
        mid = np.where(self.days >= LEAST_DAYS, mid, np.nan)
        seen = self.days.astype(np.int64)
        at = mid + self._from()
        fresh = np.sqrt(1.0 + 2.0 / np.maximum(seen, 1))
        spread = np.maximum(spread * fresh, self.scale.chance(at, seen))
        count, squares = self.out[0::2], self.out[1::2]
        share = (count + tail.OUTLIERS) / (np.maximum(seen - 1, 0) + tail.OF_DAYS)
        total = squares + tail.OF_OUTLIERS * tail.OUTLIER_SIZE**2
        edges = Tail(share, np.sqrt(total / (count + tail.OF_OUTLIERS)))
        down, up = edges.edges(spread, alerts_per_100)
        values = (self.scale.back(point) for point in (at - down, at, at + up))
        told.points[:] = mid, down, up
        told.band[:] = tuple(values)
        told.days[:] = seen, self.same[weekday]
