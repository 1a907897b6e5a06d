"""May these data be judged at all? What has not arrived, is missing, zero or vanished."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from diagnostics import jumps, shifts
from diagnostics.book.rows import Term
from diagnostics.panel import State
from diagnostics.reading import Doubt, Trust

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from numpy.typing import NDArray

    from diagnostics.book.rows import Book, Funnel
    from diagnostics.panel import Panel

LOOKED_BACK = 14
USUAL = 5
"""A measure that was above zero on this many of the last 14 days is not zero by itself."""
OUT_AFTER = 3
"""Figures are out after so many days: zeros of so many last days may be none, a longer run is."""
GIFTS = 2.0
"""So many orders may bring no money."""
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
    `rates` what a currency is worth in the reporting one, `money` the measures that are amounts,
    `after` the count that follows orders (refunds), `settling` what comes in for days after.
    """

    arrivals: Sequence[Arrival] = ()
    kept: Sequence[Doubt] = ()
    chain: Sequence[str] = ()
    rates: Mapping[str, float] = field(default_factory=dict)
    money: Sequence[str] = ()
    after: str = ""
    settling: frozenset[str] = frozenset()

    def of(self, book: Book, path: Funnel) -> Known:
        """Return it with what the book says of a shop's funnel."""
        orders = (Term(path.chain[-2]),)
        after = (
            one.of[0].measure
            for one in book.metrics.values()
            if one.headline and one.direction == "down" and one.over == orders
        )
        money = tuple(key for key, row in book.measures.items() if row.unit == "money")
        late = (one.of for one in book.metrics.values() if one.settles_after)
        settling = frozenset(term.measure for terms in late for term in terms)
        return replace(
            self, chain=path.chain, money=money, after=next(after, ""), settling=settling
        )


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
    provisional or all zeros after a history that is not (days that are not out yet come back as
    zeros, not as an error: so do up to three last days; from the fourth on a zero is a zero), or
    the value is zero for orders that were paid; it is the day before once more; its money changed
    meaning; an import lacks 2 % and more of what its own total row says of a needed measure, or the
    end of the day. Not blocking: a due feed that is late, units that vanished, doubles, another
    measure's meaning, what may be a near currency or another count of orders.
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
            *_day(panel, row, day, needed, known),
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
    by_chance = known.money and set(same).isdisjoint(known.money)  # counts that hang together
    if same and not by_chance:
        first = next((one for one in needed if one in same), same[0])
        value = float(panel.measure(first)[row, at])
        yield Doubt(
            "copied", shop.key, day, measure=first, blocks=needed[0] in same, value=value,
            other=float(len(same)),
        )  # fmt: skip
    far = False
    for one in jumps.jumps(panel, row, at, known.chain):
        money = one.measure == needed[0]
        far |= money
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
    if not far:
        yield from _shifted(panel, row, day, needed[0], known)


def _shifted(panel: Panel, row: int, day: date, value: str, known: Known) -> Iterable[Doubt]:
    """Yield what may be a near currency, or another count of orders: said, and nothing is blocked."""
    at, shop = panel.at(day), panel.units[row].key
    near = shifts.in_other_currency(panel, row, at, known.money, known.chain, known.rates)
    again = shifts.recounted(panel, row, at, known.chain, known.after)
    if near is not None:
        since = day - timedelta(near.run - 1) if near.run > 1 else None
        yield Doubt(
            "currency", shop, day, measure=value, value=near.factor, since=since, column=near.other
        )
    if again is not None:
        since = day - timedelta(again.run - 1)
        yield Doubt(
            "recount", shop, day, measure=again.measures[0], value=again.factor, since=since
        )


def _day(panel: Panel, row: int, day: date, needed: Sequence[str], known: Known) -> Iterable[Doubt]:
    value, shop, at = needed[0], panel.units[row].key, panel.at(day)
    here = panel.values[:, row, at]
    if panel.state[row, at] == State.MISSING or not np.isfinite(here).any():
        yield Doubt("missing", shop, day, blocks=True)
        return
    half = any(one.kind == "partial" and one.unit == shop for one in known.kept)
    if panel.state[row, at] == State.PROVISIONAL and not half:
        yield Doubt("provisional", shop, day, blocks=True)
    usual = usually(panel, row, at)
    dead = (usual | _unpaid(panel, row, at, known.chain)) & (here == 0.0)
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
    told = np.isin(panel.measures, needed)
    late = np.isin(panel.measures, sorted(known.settling))
    for index in np.flatnonzero(dead & told & ~late):
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
    for index in np.flatnonzero(usual & told & ~np.isfinite(here)):
        measure = panel.measures[index]
        yield Doubt("missing", shop, day, measure=measure, blocks=measure == value)


def usually(panel: Panel, row: int, at: int) -> NDArray[np.bool_]:
    """Say which measures (measures,) a unit had above zero on at least 5 of the last 14 days.

    A zero among those days shows that it can be zero: then a zero today is no doubt. But zeros of
    the one or two days just before, with one today, may all be days that are not out yet. What was
    missing on the same weekday before (such as a session's figures) may be missing today.
    """
    past = panel.values[:, row, max(0, at - LOOKED_BACK) : at]
    weekday = np.isfinite(past[:, ::-1][:, 6::7]).all(axis=1)
    often = (past > 0.0).sum(axis=1) >= USUAL
    zero = past == 0.0
    last = np.where(panel.values[:, row, at] == 0.0, _run(zero), 0)
    last = np.where(last < OUT_AFTER, last, 0)
    usual: NDArray[np.bool_] = often & weekday & (zero.sum(axis=1) == last)
    return usual


def _run(flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many of the last days are flagged without a break (rows,)."""
    whole = np.logical_and.accumulate(flags[:, ::-1], axis=1)
    return np.asarray(whole.sum(axis=1), dtype=np.int64)


def _unpaid(panel: Panel, row: int, at: int, chain: Sequence[str]) -> NDArray[np.bool_]:
    """Say which measure (measures,) cannot be zero today: money where orders were paid."""
    found = np.zeros(len(panel.measures), dtype=bool)
    if len(chain) > 1 and set(chain[-2:]) <= set(panel.measures):
        orders, money = (panel.measures.index(one) for one in chain[-2:])
        found[money] = panel.values[orders, row, at] > GIFTS
    return found


def _middle(panel: Panel, row: int, at: int, measure: str) -> float | None:
    past = panel.measure(measure)[row, max(0, at - LOOKED_BACK) : at]
    known = past[np.isfinite(past) & (past != 0.0)]
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
