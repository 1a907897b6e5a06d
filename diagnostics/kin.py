"""What a finding explains: the shop its units, the count above those below, a gap all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from diagnostics.expect import sum_of
from diagnostics.funnel import funnel_of
from diagnostics.panel import State
from diagnostics.trust import LOOKED_BACK, USUAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from diagnostics.book.rows import Metric
    from diagnostics.desk import Desk
    from diagnostics.panel import Panel, Unit
    from diagnostics.reading import Finding, Reading

LEAST_SHARE = 0.03
"""A child's loss below this share of its shop's expected GMV is not told."""
MOST_OF_IT = 0.6
"""A child with this share of the parent's loss is told instead of the parent."""


def gaps(panel: Panel, at: int) -> frozenset[str]:
    """Return the units whose figures of a day index are not in, though they mostly are.

    A unit that has figures only now and then (an account that is but a name) has no gap.
    """
    past = panel.state[:, max(0, at - LOOKED_BACK) : at] == State.FINAL
    missing = (past.sum(axis=1) >= USUAL) & (panel.state[:, at] != State.FINAL)
    return frozenset(panel.units[row].key for row in np.flatnonzero(missing))


def ancestors(unit: Unit, units: Mapping[str, Unit]) -> Iterator[str]:
    """Yield the keys of what a unit belongs to: its account, its shop; each once."""
    seen = {unit.key}
    key = unit.parent or unit.shop
    while key and key not in seen:
        seen.add(key)
        yield key
        above = units.get(key)
        key = (above.parent or above.shop) if above else ""
    if unit.shop and unit.shop not in seen:
        yield unit.shop


def muted(panel: Panel, at: int, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say which panel rows lie below a gap: nothing can be told of them."""
    missing = gaps(panel, at)
    if not missing:
        return np.zeros(len(rows), dtype=bool)
    units = {panel.units[row].key: panel.units[row] for row in range(len(panel.units))}
    return np.array(
        [any(key in missing for key in ancestors(panel.units[row], units)) for row in rows],
        dtype=bool,
    )


def told(desk: Desk, head: int, found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return what of a shop's findings is news: nothing that another of them explains.

    Left out are money per money that fell only because sales did, counts that fell with a count
    above them, units of the same scene, and units that went no further than their shop.
    """
    shop = desk.panel.units[head]
    news = _downstream(desk, _unexplained(desk, found))
    return tuple(_carried(desk, list(_untangle(news, shop))))


def material(desk: Desk, head: int, found: Sequence[Finding]) -> list[Finding]:
    """Leave out what children lose where it is next to nothing for the shop."""
    value = sum_of(desk.book, funnel_of(desk.book, desk.panel.units[head].kind).value)
    wish = desk.judged(value).outlook
    index = wish.place(head)
    whole = float(np.nan_to_num(np.fmax(wish.mid[index], wish.value[index])))
    shop = desk.panel.units[head].key
    return [one for one in found if one.unit == shop or one.lost > LEAST_SHARE * whole]


def _unexplained(desk: Desk, found: Sequence[Finding]) -> list[Finding]:
    """Leave out money per money that fell only because sales did, where that is told already.

    Such as the ROAS of a day on which half the views are missing: what was spent is as ever.
    """
    steps = {one.unit: one for one in found if one.step}

    def follows(one: Finding) -> bool:
        cause, metric = steps.get(one.unit), desk.book.metrics.get(one.reading.metric)
        if cause is None or one.step or metric is None or cause.lost < one.lost:
            return False
        sums = [term.measure for term in (*metric.of, *metric.over)]
        if not metric.over or any(desk.book.measures[key].unit != "money" for key in sums):
            return False
        row = desk.panel.index(one.unit)
        return not any(
            desk.reading(sum_of(desk.book, term.measure), row).unusual for term in metric.over
        )

    return [one for one in found if not follows(one)]


def _downstream(desk: Desk, found: Sequence[Finding]) -> list[Finding]:
    """Leave out counts of the chain that fell with a count above them at ordinary rates.

    What hides them is the finding at that count, or else at any count above it, of the same unit.
    """
    hidden: dict[str, list[str]] = {}
    kept = []
    for one in found:
        cause = _above(desk, one, found)
        if cause is None:
            kept.append(one)
        else:
            hidden.setdefault(cause.key, []).append(f"{one.unit}|{one.reading.metric}")
    return [replace(one, hides=(*one.hides, *hidden.get(one.key, ()))) for one in kept]


def _above(desk: Desk, one: Finding, found: Sequence[Finding]) -> Finding | None:
    """Return the finding further up the chain that explains a fallen count; None without."""
    metric, unit = desk.book.metrics.get(one.reading.metric), desk.panel.index(one.unit)
    path = funnel_of(desk.book, desk.panel.units[unit].kind)
    place = {key: at for at, key in enumerate(path.chain)}
    mine = _count(metric, one.reading.metric, place)
    causes = {
        at: other
        for other in found
        if other.unit == one.unit and other is not one and other.reading.better is False
        if (at := _count(desk.book.metrics.get(other.reading.metric), other.reading.metric, place))
        is not None
    }
    if mine is None or one.reading.better is not False:
        return None
    for at in sorted((at for at in causes if at < mine), reverse=True):
        between = {path.chain[step] for step in range(at + 1, mine + 1)}
        rates = [step.rate for step in path.steps if step.in_chain and step.count in between]
        if not any(_out(desk, rate, unit) for rate in rates):
            return causes[at]
    return None


def _count(metric: Metric | None, key: str, place: Mapping[str, int]) -> int | None:
    """Return where in the chain a plain sum of one of its measures stands; None for others."""
    if metric is None:
        return place.get(key)
    return place.get(metric.of[0].measure) if not metric.over and len(metric.of) == 1 else None


def _out(desk: Desk, rate: str, row: int) -> bool:
    metric = desk.book.metrics.get(rate)
    reading: Reading | None = desk.reading(metric, row) if metric else None
    return reading is not None and reading.unusual and reading.better is False


def _untangle(found: Sequence[Finding], shop: Unit) -> Iterable[Finding]:
    """Tell either the shop or its unit of the same scene: whoever explains the other.

    A unit that carries most of the loss is told and hides the shop; else the shop hides its units.
    """
    for key in dict.fromkeys(one.scene for one in found):
        same = sorted((one for one in found if one.scene == key), key=lambda one: -one.lost)
        parent = next((one for one in same if one.unit == shop.key), None)
        children = [one for one in same if one.unit != shop.key]
        if parent is None or not children:
            yield from same
        elif children[0].lost >= MOST_OF_IT * parent.lost and children[0].lost > 0.0:
            hidden = (parent.unit, *(one.unit for one in children[1:]))
            yield replace(children[0], hides=(*children[0].hides, *hidden))
        else:
            hidden = tuple(one.unit for one in children)
            yield replace(parent, hides=(*parent.hides, *hidden))


def _carried(desk: Desk, found: Sequence[Finding]) -> list[Finding]:
    """Leave out units that went no further than what they belong to, where that is told.

    Whatever the scene: the same figure is out above, and the unit's own change beside it is within
    the unit's own band.
    """
    units = {unit.key: unit for unit in desk.panel.units}
    parents = {one.unit: one for one in found}
    hidden: dict[str, list[str]] = {}
    kept = []
    for one in found:
        above = [parents[key] for key in ancestors(units[one.unit], units) if key in parents]
        cause = next((other for other in above if _with_it(desk, one, other)), None)
        if cause is None:
            kept.append(one)
        else:
            hidden.setdefault(cause.key, []).append(one.unit)
    return [
        replace(one, hides=tuple(dict.fromkeys((*one.hides, *hidden.get(one.key, ())))))
        for one in kept
    ]


def _with_it(desk: Desk, one: Finding, above: Finding) -> bool:
    """Say whether a unit's figure went no further than the same figure of the finding above it."""
    row = desk.panel.index(above.unit)
    metric = desk.book.metrics.get(one.reading.metric) or sum_of(desk.book, one.reading.metric)
    if not len(np.flatnonzero(desk.rows == row)):
        return False
    over = desk.reading(metric, row)
    if not over.unusual or over.better is not False:
        return False
    mine, theirs, wish = change(one.reading), change(over), one.reading.expected
    if mine is None or theirs is None or wish is None:
        return False
    sign = 1.0 if mine > 0.0 else -1.0
    return sign * (mine - theirs) <= reach(one.reading)


def change(told: Reading) -> float | None:
    """Return the log change of a figure against what was expected; None where there is none."""
    wish = told.expected
    if wish is None or told.value is None or told.why:
        return None
    if wish.mid <= 0.0 or told.value < 0.0:
        return None
    small = 0.02 * wish.mid
    return float(np.log((told.value + small) / (wish.mid + small)))


def reach(told: Reading) -> float:
    """Return how far (log) a figure goes on an ordinary day, to the side to which it went."""
    wish = told.expected
    if wish is None or told.value is None or wish.mid <= 0.0:
        return float("inf")
    small = 0.02 * wish.mid
    edge = wish.low if told.value < wish.mid else wish.high
    return abs(float(np.log((max(edge, 0.0) + small) / (wish.mid + small))))
