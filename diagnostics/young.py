"""What units without much of a past were to bring: what their like brought teaches with them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diagnostics import cohort, cold, coldrates
from diagnostics.anomaly import value_band
from diagnostics.band import weekdays
from diagnostics.own import usual_size
from diagnostics.siblings import KEPT, LEAST, births, elders
from diagnostics.window import signed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diagnostics.own import Judge
    from diagnostics.panel import Panel, Unit
    from diagnostics.siblings import Elders
    from diagnostics.window import Window

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

BY_AGE = frozenset({"live", "video"})
"""Kinds whose figures depend on how long ago they began, not on the day of the calendar."""
SESSIONS, UNITS = 0.15, 0.5
"""How unlike the rates of two sessions of an account, and of two peers, are taken to be at first."""
AGES = 14
"""So many days of its own are held against what its elders brought at the same ages."""
GROWN = 42
"""So many days of its own a peer must have to teach a younger one."""


class Borrowed(NamedTuple):
    """What was to be expected of some units (n,), and from whom it is learnt.

    `own` days of theirs and `peers` others, of which the own ones weigh `weight`; `whose` and
    `like` (str) as in siblings.Elders, "peers" for units of the same kind.
    """

    low: Floats
    mid: Floats
    high: Floats
    score: Floats
    own: Rows
    peers: Rows
    weight: Floats
    whose: NDArray[np.str_]
    like: NDArray[np.str_]

    @classmethod
    def none(cls, size: int) -> Borrowed:
        """Return that nothing is known of `size` units."""
        unknown = np.full((4, size), np.nan)
        low, mid, high, score = unknown
        days, peers = np.zeros((2, size), dtype=np.int64)
        whose, like = np.full((2, size), "", "<U7")
        return cls(low, mid, high, score, days, peers, np.ones(size), whose, like)


class Lore(NamedTuple):
    """A metric's past of all units of the panel, the calendar's lift of each day taken out."""

    every: Window
    lift: Floats
    """Logarithm (panel units, days) of what the calendar does to each day."""
    apart: NDArray[np.bool_]
    """Days (panel units, days) that the calendar sets apart: they teach nothing."""
    offset: int
    """The panel's day index of the window's first day."""
    special: Floats
    """Logarithm (panel units,) of what the day's own campaign or holiday does, 0 without one."""
    special_days: Rows
    """On how many days of grown units that stands (panel units,); 0: it is the book's."""


def borrowed(panel: Panel, lore: Lore, wanted: Rows, judge: Judge, end: int) -> Borrowed:
    """Return what the units `wanted` (panel rows) were to bring on a day index, out of their like.

    Sessions and videos by their elders at the same age, everything else by peers of the same kind
    and country on the same days.
    """
    answer = Borrowed.none(len(wanted))
    by_age = np.array([panel.units[row].kind in BY_AGE for row in wanted], dtype=bool)
    aged, dated = np.flatnonzero(by_age), np.flatnonzero(~by_age)
    if len(aged):
        _put(answer, aged, _by_age(panel, lore, wanted[aged], judge, end))
    if len(dated):
        _put(answer, dated, _by_day(panel, lore, wanted[dated], judge))
    return answer


def _put(answer: Borrowed, here: Rows, part: Borrowed) -> None:
    for whole, one in zip(answer, part, strict=True):
        whole[here] = one


def _by_age(panel: Panel, lore: Lore, wanted: Rows, judge: Judge, end: int) -> Borrowed:
    every, metric = lore.every, lore.every.metric
    born = births(panel, np.isfinite(every.of), lore.offset)
    found = elders(panel, wanted, born, end, abroad=bool(metric.over))
    found = replace(found, at=np.where(found.rows >= 0, found.at - lore.offset, -1))
    mine = every.some(wanted)
    if signed(metric):
        return _signed(every, mine, found, judge)
    if every.over is not None:
        return _elder_rates(every, mine, found, judge)
    values = np.where(every.usable, every.value, np.nan) / np.exp(lore.lift)
    past = np.minimum(end - born[wanted], AGES)
    theirs = np.stack([found.take(values, ago) for ago in range(AGES, -1, -1)], axis=2)
    theirs = theirs * found.scale[:, :, None]
    own = values[wanted, -AGES - 1 : -1]
    own = np.pad(own, ((0, 0), (AGES - own.shape[1], 0)), constant_values=np.nan)
    own[np.arange(AGES, 0, -1)[None, :] > past[:, None]] = np.nan
    shift = _shift(theirs.reshape(len(wanted), -1))
    told = cohort.guess(
        np.log(theirs + shift[:, None, None]),
        found.weight,
        np.log(own + shift[:, None]),
        judge.alerts_per_100,
    )
    enough = np.where(told.elders >= LEAST, told.mid, np.nan)
    low, mid, high, score = _unlogged(
        enough, told.down, told.up, shift, lore.lift[wanted, -1], mine.value[:, -1]
    )
    return Borrowed(
        low, mid, high, score, told.days, told.elders, told.own, found.whose, found.like
    )


def _unlogged(
    mid: Floats,
    down: Floats,
    up: Floats,
    shift: Floats,
    lift: Floats,
    today: Floats,
    now: float = 0.0,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return low, mid, high and today's score of points on log(y + shift), lifted.

    `now` is what everybody did today: it is taken out of the score.
    """
    factor = np.exp(lift)
    low, middle, high = (
        np.maximum(np.exp(mid + side) - shift, 0.0) * factor for side in (-down, 0.0, up)
    )
    gap = np.log(np.maximum(today / factor, 0.0) + shift) - mid - now
    return low, middle, high, np.where(gap < 0.0, -gap / down, gap / up)


def _shift(values: Floats) -> Floats:
    """Return 2 % of each unit's median (units,), which keeps the logarithm of nothing finite."""
    some = np.isfinite(values).any(axis=1)
    shift = np.ones(len(values))
    shift[some] = 0.02 * np.nanmedian(values[some], axis=1)
    with np.errstate(invalid="ignore"):
        filled = np.where(values > 0, values, 0.0)
    mean = filled.sum(axis=1) / np.maximum((filled > 0).sum(axis=1), 1)
    return np.where(shift > 0, shift, np.where(mean > 0, 0.5 * mean, 1.0))


def _signed(every: Window, mine: Window, found: Elders, judge: Judge) -> Borrowed:
    """Expect of what can be negative what the elders brought, each as one day of a past."""
    usable = np.where(every.usable, every.value, np.nan)
    theirs = found.take(usable) * (found.scale if every.over is None else 1.0)
    fake = every.days[-1] - np.arange(KEPT, 0, -1)
    band = value_band(
        theirs, fake, every.days[-1], alerts_per_100=judge.alerts_per_100, weekly=False
    )
    size = len(theirs)
    return Borrowed(
        band.low, band.mid, band.high, band.score(mine.value[:, -1]),
        np.zeros(size, dtype=np.int64), band.days, np.zeros(size), found.whose, found.like,
    )  # fmt: skip


def _elder_rates(every: Window, mine: Window, found: Elders, judge: Judge) -> Borrowed:
    assert every.over is not None
    of = np.where(every.usable, every.of, np.nan)
    theirs, bases = found.take(of)[:, :, None], found.take(every.over)[:, :, None]
    no_own = np.full((len(mine.of), 1), np.nan)
    told = _rates(theirs, bases, found.weight, (no_own, no_own), mine, judge, SESSIONS)
    return told._replace(whose=found.whose, like=found.like)


def _rates(
    theirs: Floats,
    bases: Floats,
    weight: Floats,
    own: tuple[Floats, Floats],
    mine: Window,
    judge: Judge,
    unlike: float,
) -> Borrowed:
    """Return the band of rates out of others' (n, others, days) and own (n, days) counts."""
    assert mine.over is not None
    size = usual_size(theirs, bases, share=judge.share)
    told = coldrates.prior(
        theirs / size[:, None, None], bases, weight, share=judge.share, unlike=unlike
    )
    found = coldrates.believed(
        own[0] / size[:, None],
        own[1],
        mine.over[:, -1],
        told,
        share=judge.share,
        alerts_per_100=judge.alerts_per_100,
    )
    unit = size * mine.metric.scale
    score = coldrates.score(found, mine.value[:, -1] / unit)
    peers = (np.isfinite(theirs * bases).any(axis=2) & (weight > 0)).sum(axis=1)
    enough = peers >= cold.LEAST_PEERS
    low, mid, high = (np.where(enough, one * unit, np.nan) for one in found[:3])
    blank = Borrowed.none(len(mid))
    return blank._replace(
        low=low, mid=mid, high=high, score=np.where(enough, score, np.nan),
        own=found.days, peers=peers + 0 * found.days, weight=found.own,
    )  # fmt: skip


def _circles(unit: Unit) -> tuple[tuple[str, ...], ...]:
    """Return whom a unit is like, the closest first; never of another currency."""
    near = (unit.kind, unit.currency, unit.country)
    return ((*near, unit.category, unit.stage), (*near, unit.category), near)


def _by_day(panel: Panel, lore: Lore, wanted: Rows, judge: Judge) -> Borrowed:
    answer = Borrowed.none(len(wanted))
    if signed(lore.every.metric):
        return answer
    grown = np.isfinite(lore.every.past(lore.every.value)).sum(axis=1) >= GROWN
    kinds = {panel.units[row].kind for row in wanted}
    circles: dict[tuple[str, ...], list[int]] = {}
    for row in np.flatnonzero(grown):
        if panel.units[row].kind in kinds:
            for circle in _circles(panel.units[row]):
                circles.setdefault(circle, []).append(int(row))
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, row in enumerate(wanted):
        ways = _circles(panel.units[row])
        best = next((one for one in ways if len(circles.get(one, ())) >= cold.LEAST_PEERS), None)
        if best is not None:
            groups.setdefault(best, []).append(place)
    way = _peer_values if lore.every.over is None else _peer_rates
    for circle, places in groups.items():
        here = np.array(places)
        _put(answer, here, way(lore, wanted[here], np.array(circles[circle][-MOST:]), judge))
    return answer


MOST = 200
"""No more peers than this teach a unit."""
RECENT = 84
"""So many days of the peers' past teach."""


def _peer_values(lore: Lore, wanted: Rows, peers: Rows, judge: Judge) -> Borrowed:
    every = lore.every
    teach = every.usable & ~lore.apart
    teach[:, -1] = np.isfinite(every.value[:, -1])
    plain = np.where(teach, every.value, np.nan) / np.exp(lore.lift)
    theirs, own = plain[peers, -RECENT - 1 :], plain[wanted, -RECENT - 1 : -1]
    week = weekdays(every.days[-RECENT - 1 : -1], every.days[-1])
    theirs = theirs[np.isfinite(theirs[:, :-1]).sum(axis=1) >= cold.YOUNG]
    if len(theirs) < cold.LEAST_PEERS:
        return Borrowed.none(len(wanted))
    family = cold.Family.of(np.log(theirs + _shift(theirs[:, :-1])[:, None]), week)
    shift = _shift(own)
    told = cold.guess(np.log(own + shift[:, None]), week, family, judge.alerts_per_100)
    today, now = every.value[wanted, -1], 0.0 if judge.groups is None else family.now
    band = _unlogged(told.mid, told.down, told.up, shift, lore.lift[wanted, -1], today, now)
    blank = Borrowed.none(len(wanted))
    return blank._replace(
        low=band[0], mid=band[1], high=band[2], score=band[3],
        own=told.days, peers=np.full(len(wanted), family.peers), weight=told.own,
        whose=np.full(len(wanted), "peers"),
    )  # fmt: skip


def _peer_rates(lore: Lore, wanted: Rows, peers: Rows, judge: Judge) -> Borrowed:
    every = lore.every
    assert every.over is not None
    teach = every.usable & ~lore.apart
    of = np.where(teach, every.of, np.nan)[:, -RECENT - 1 : -1]
    over = np.where(teach, every.over, np.nan)[:, -RECENT - 1 : -1]
    told = _rates(
        of[None, peers], over[None, peers], np.ones((1, len(peers))),
        (of[wanted], over[wanted]), every.some(wanted), judge, UNITS,
    )  # fmt: skip
    return told._replace(whose=np.full(len(wanted), "peers"))
