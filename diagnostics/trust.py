"""May these data be judged at all? What has not arrived, is missing, zero or vanished."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from diagnostics import jumps
from diagnostics.panel import State
from diagnostics.reading import Doubt, Trust

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from numpy.typing import NDArray

    from diagnostics.panel import Panel

LOOKED_BACK = 14
USUAL = 5
"""A measure that was above zero on this many of the last 14 days is not zero by itself."""
VANISHED = 0.5
"""Fewer than this share of the usual number of a shop's units with data is a doubt."""
LEAST_UNITS = 6


@dataclass(frozen=True, slots=True)
class Arrival:
    """Whether a feed that is due for a shop's day has arrived, and when (UTC)."""

    feed: str
    shop: str
    day: date
    at: datetime | None
    due: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a day beside its figures.

    `kept` are the doubts that the imports left, `chain` the measures of the shop's funnel in order,
    `rates` what a currency is worth in the reporting one.
    """

    arrivals: Sequence[Arrival] = ()
    kept: Sequence[Doubt] = ()
    chain: Sequence[str] = ()
    rates: Mapping[str, float] = field(default_factory=dict)


def trust(
    panel: Panel,
    row: int,
    day: date,
    needed: Sequence[str],
    known: Known,
) -> Trust:
    """Say what is doubtful about a shop's day (`row` is the shop's panel row).

    `needed` are the measures that the day is told by, first the one without which nothing is
    judged (GMV); others that are missing or zero are not worth a word. Blocking: the day is missing,
    provisional or all zeros after a history that is not (a day that is not out yet comes back as
    zeros, not as an error); it is the day before once more; its money changed meaning; an import
    lacks 2 % and more of what its own total row says of a needed measure, or the end of the day.
    Not blocking: a due feed that is late, units that vanished, doubles, another measure's meaning.
    """
    shop = panel.units[row].key
    mine = [one for one in known.arrivals if one.shop == shop and one.day == day and one.due]
    late = [Doubt("late", shop, day, feed=one.feed) for one in mine if one.at is None]
    moments = [one.at for one in known.arrivals if one.shop == shop and one.at is not None]
    return Trust(
        feeds_in=sum(one.at is not None for one in mine),
        feeds_due=len(mine),
        as_of=max(moments, default=None),
        doubts=(
            *_day(panel, row, day, needed),
            *_kept(known.kept, shop, needed),
            *_strange(panel, row, day, needed, known),
            *late,
            *_vanished(panel, row, day),
        ),
    )


def _kept(kept: Sequence[Doubt], shop: str, needed: Sequence[str]) -> Iterable[Doubt]:
    """Yield a shop's doubts of the imports; one about a measure that is not needed never blocks."""
    for one in kept:
        if one.unit == shop:
            yield replace(one, blocks=one.blocks and (not one.measure or one.measure in needed))


def _strange(
    panel: Panel, row: int, day: date, needed: Sequence[str], known: Known
) -> Iterable[Doubt]:
    """Yield what no trade explains: the day before once more, a measure that changed meaning."""
    shop, at = panel.units[row], panel.at(day)
    if panel.state[row, at] != State.FINAL:
        return
    same = jumps.copied(panel, row, at)
    if same:
        first = next((one for one in needed if one in same), same[0])
        value = float(panel.measure(first)[row, at])
        yield Doubt(
            "copied", shop.key, day, measure=first, blocks=needed[0] in same, value=value,
            other=float(len(same)),
        )  # fmt: skip
    for one in jumps.jumps(panel, row, at, known.chain):
        money = one.measure == needed[0]
        other = jumps.currency(shop.currency, one.factor, known.rates) if money else ""
        yield Doubt(
            "currency" if other else "definition",
            shop.key,
            day,
            measure=one.measure,
            blocks=money,
            value=one.factor,
            since=day - timedelta(one.run - 1) if one.run > 1 else None,
            column=other,
        )


def _day(panel: Panel, row: int, day: date, needed: Sequence[str]) -> Iterable[Doubt]:
    value, shop, at = needed[0], panel.units[row].key, panel.at(day)
    here = panel.values[:, row, at]
    if panel.state[row, at] == State.MISSING or not np.isfinite(here).any():
        yield Doubt("missing", shop, day, blocks=True)
        return
    if panel.state[row, at] == State.PROVISIONAL:
        yield Doubt("provisional", shop, day, blocks=True)
    usual = usually(panel, row, at)
    dead = usual & (here == 0.0)
    if dead.any() and (dead == (usual & np.isfinite(here))).all():
        yield Doubt(
            "jump",
            shop,
            day,
            measure=value,
            blocks=True,
            value=0.0,
            other=_middle(panel, row, at, value),
        )
        return
    told = usual & np.isin(panel.measures, needed)
    for index in np.flatnonzero(dead & told):
        measure = panel.measures[index]
        yield Doubt(
            "jump",
            shop,
            day,
            measure=measure,
            blocks=measure == value,
            value=0.0,
            other=_middle(panel, row, at, measure),
        )
    for index in np.flatnonzero(told & ~np.isfinite(here)):
        measure = panel.measures[index]
        yield Doubt("missing", shop, day, measure=measure, blocks=measure == value)


def usually(panel: Panel, row: int, at: int) -> NDArray[np.bool_]:
    """Say which measures (measures,) a unit had above zero on at least 5 of the last 14 days.

    A zero among those days shows that it can be zero: then a zero today is no doubt. What was
    missing on the same weekday before (such as a session's figures) may be missing today.
    """
    past = panel.values[:, row, max(0, at - LOOKED_BACK) : at]
    weekday = np.isfinite(past[:, ::-1][:, 6::7]).all(axis=1)
    often = (past > 0.0).sum(axis=1) >= USUAL
    usual: NDArray[np.bool_] = often & weekday & ~(past == 0.0).any(axis=1)
    return usual


def _middle(panel: Panel, row: int, at: int, measure: str) -> float | None:
    past = panel.measure(measure)[row, max(0, at - LOOKED_BACK) : at]
    known = past[np.isfinite(past)]
    return float(np.median(known)) if len(known) else None


def _vanished(panel: Panel, row: int, day: date) -> Iterable[Doubt]:
    """Tell of a kind of units of which far fewer than usual have data, compared by weekday."""
    shop, at = panel.units[row].key, panel.at(day)
    kinds = {unit.kind for unit in panel.units if unit.shop == shop and unit.key != shop}
    for kind in sorted(kinds):
        rows = [i for i, unit in enumerate(panel.units) if unit.shop == shop and unit.kind == kind]
        counts = (panel.state[rows] != State.MISSING).sum(axis=0)
        past = counts[max(0, at - 4 * 7) : at][::-1][6::7]
        usual = float(np.median(past)) if len(past) else 0.0
        if usual >= LEAST_UNITS and counts[at] < VANISHED * usual:
            yield Doubt("vanished", shop, day, measure=kind, value=float(counts[at]), other=usual)
