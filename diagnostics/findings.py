"""What is worth telling: where, what, how surely, what it costs, why, what to do; ranked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from diagnostics import money, scenes
from diagnostics.band import TAIL, limit
from diagnostics.expect import on_day, sum_of
from diagnostics.funnel import funnel, funnel_of
from diagnostics.reading import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from diagnostics.book.rows import Metric, Scene
    from diagnostics.desk import Desk
    from diagnostics.panel import Unit
    from diagnostics.reading import Hypothesis, Reading
    from diagnostics.scenes import Weighed

FALSE_PER_100 = 0.2
"""So many false findings per metric are borne on 100 ordinary mornings of a shop."""
SMALL = 1_000
"""Up to so many units it costs nothing to keep them all at hand."""
CANDIDATES = 40
"""No more child units of a shop than this are looked at closely, those with most money first."""
LEAST_SHARE = 0.03
"""A child's loss below this share of its shop's expected GMV is not told."""
MOST_OF_IT = 0.6
"""A child with this share of the parent's loss is told instead of the parent."""
PLATFORM = 0.67
"""What the platform does counts this much of its money in the ranking: the team's own first."""


def firmness(desk: Desk) -> NDArray[np.float64]:
    """Return the score (n,) that a symptom needs: higher the more units of a kind a shop has."""
    units = [desk.panel.units[row] for row in desk.rows]
    families: dict[tuple[str, str], int] = {}
    codes = np.array(
        [families.setdefault((unit.shop, unit.kind), len(families)) for unit in units], dtype=int
    )
    size = np.bincount(codes, minlength=1)[codes] if len(codes) else np.zeros(0)
    share = FALSE_PER_100 / np.maximum(size, 1) / 200.0
    reach = stdtrit(TAIL, 1.0 - share) * np.sqrt((TAIL - 2.0) / TAIL)
    return np.asarray(reach / limit(1.0), dtype=float)


@dataclass(frozen=True, eq=False)
class Suspects:
    """The units in which a scene applies: `scenes` says where, (n,) over the desk's rows.

    `firm` (n,) is the score that a symptom needs; `close` bool (n,) are those looked at closely,
    of each shop the ones with the most money.
    """

    desk: Desk
    scenes: Mapping[str, NDArray[np.bool_]]
    firm: NDArray[np.float64]
    close: NDArray[np.bool_]


def suspects(desk: Desk, heads: Sequence[int]) -> Suspects:
    """Look for each scene in all units at once; `heads` are the panel rows of the shops."""
    firm = firmness(desk)
    applies = scenes.applying(desk, firm)
    some = np.any(list(applies.values()), axis=0) if applies else np.zeros(len(desk.rows), bool)
    rows = desk.rows[some]
    shops = np.array([desk.panel.units[row].shop for row in rows])
    parts = [_most_money(desk, rows[shops == shop]) for shop in sorted(set(shops.tolist()))]
    near = np.concatenate([np.empty(0, dtype=np.int64), *parts])
    found = Suspects(desk, applies, firm, np.isin(desk.rows, near))
    if len(desk.rows) <= SMALL:
        return found
    keep = np.isin(desk.rows, np.union1d(near, np.array(heads, dtype=np.int64)))
    return Suspects(
        desk.some(desk.rows[keep]),
        {key: flags[keep] for key, flags in applies.items()},
        firm[keep],
        found.close[keep],
    )


def find(suspects: Suspects, shop: Unit) -> tuple[Finding, ...]:
    """Return a shop's findings over itself and its units, not yet ranked."""
    desk, head = suspects.desk, suspects.desk.panel.index(shop.key)
    units = desk.panel.units
    mine = [
        (at, int(row))
        for at, row in enumerate(desk.rows)
        if suspects.close[at] and (row == head or units[row].shop == shop.key)
    ]
    found = [
        one
        for at, row in mine
        for key, flags in suspects.scenes.items()
        if flags[at]
        for one in _scene_finding(desk, desk.book.scenes[key], row, suspects.firm)
    ]
    told = list(_material(desk, head, found)) or _plain(desk, head)
    return tuple(_untangle(_unexplained(desk, told), shop))


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


def _most_money(desk: Desk, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    value = sum_of(desk.book, funnel_of(desk.book, "shop").value)
    at = desk.panel.at(desk.day)
    size = np.nan_to_num(on_day(desk.panel, value, rows, at))
    wish = desk.judged(value).outlook
    mid = np.nan_to_num(wish.mid[np.isin(wish.rows, rows)])
    return rows[np.argsort(-np.maximum(size, mid), kind="stable")[:CANDIDATES]]


def _scene_finding(
    desk: Desk, scene: Scene, row: int, firm: NDArray[np.float64]
) -> Iterable[Finding]:
    """Yield the finding of a scene at a unit, told by a step of the funnel, else by what costs most."""
    unit, book = desk.panel.units[row], desk.book
    path = funnel(desk, row)
    told: list[tuple[bool, float, float, Metric, Reading]] = []
    for one in scenes.symptoms(desk, scene, row, firm):
        metric = book.metrics[one.metric]
        reading = desk.reading(metric, row)
        judged = desk.judged(metric)
        score = float(np.nan_to_num(judged.outlook.score[judged.outlook.place(row)]))
        cost = money.lost(book, unit.kind, metric, reading, path)
        in_funnel = money.in_funnel(book, unit.kind, metric, path)
        told.append((in_funnel, cost, score, metric, reading))
    if told:
        _, cost, _, metric, reading = max(told, key=lambda one: (*one[:3], one[3].key))
        causes = scenes.weighed(desk, scene, row, metric.key)
        yield _finding(desk, row, metric, reading, cost, scene, causes)


def _plain(desk: Desk, row: int) -> list[Finding]:
    """Return the finding of a bad day that no scene explains: told by the funnel's leak."""
    path = funnel(desk, row)
    if not path.value.unusual or path.value.better is not False or not path.lost:
        return []
    unit, book = desk.panel.units[row], desk.book
    for step in path.steps:
        reading = step.rate or step.count
        if step.is_leak and reading.unusual:
            metric = book.metrics.get(reading.metric) or sum_of(book, reading.metric)
            return [_finding(desk, row, metric, reading, max(0.0, step.lost or 0.0), None, ())]
    value = sum_of(book, funnel_of(book, unit.kind).value)
    return [_finding(desk, row, value, path.value, path.lost, None, ())]


def _finding(
    desk: Desk,
    row: int,
    metric: Metric,
    reading: Reading,
    cost: float,
    scene: Scene | None,
    causes: Sequence[Weighed],
) -> Finding:
    unit, book, panel = desk.panel.units[row], desk.book, desk.panel
    at = panel.at(desk.day)
    value = funnel_of(book, unit.kind).value
    purse = next((one for one, other in enumerate(panel.units) if other.key == unit.shop), row)
    rate = money.margin(panel, book, purse, at, value)
    step = money.step_of(book, unit.kind, metric)
    likely = scenes.hypotheses(scene, causes) if scene else ()
    return Finding(
        key=f"{unit.key}|{scene.key if scene else metric.key}",
        unit=unit.key,
        scene=scene.key if scene else "",
        step=step,
        reading=reading,
        lost=cost,
        lost_profit=None if rate is None else cost * max(0.0, rate),
        since=_since(desk, row, metric),
        sureness=reading.sureness,
        controllable=_controllable(desk, unit, step, scene, likely),
        alert=scene is not None and scene.alert,
        hypotheses=likely,
        prescriptions=scenes.prescriptions(scene, causes) if scene else (),
        reasons=_reasons(desk, row, metric),
    )


def _controllable(
    desk: Desk, unit: Unit, step: str, scene: Scene | None, causes: tuple[Hypothesis, ...]
) -> bool:
    if scene is not None and causes:
        return next(one.controllable for one in scene.causes if one.key == causes[0].cause)
    rows = funnel_of(desk.book, unit.kind).steps
    return next((one.controllable for one in rows if one.key == step), True)


def _since(desk: Desk, row: int, metric: Metric) -> date:
    """Return the first day of the run of days that are out on the same side, up to today."""
    judged = desk.judged(metric)
    found = judged.outlook
    index = found.place(row)
    side = np.sign(found.value[index] - found.mid[index])
    run = 0
    for score in found.past_score[index][::-1]:
        if not np.isfinite(score) or score * side < 1.0:
            break
        run += 1
    return desk.day - timedelta(run)


def _reasons(desk: Desk, row: int, metric: Metric) -> Mapping[str, float] | None:
    """Return the shares of the given reasons: shares of just those events that are too many."""
    if metric.direction != "down" or len(metric.of) != 1:
        return None
    parts = {
        share.of[0].measure: on_day(desk.panel, share, np.array([row]), desk.panel.at(desk.day))[0]
        for share in desk.book.metrics.values()
        if share.over == metric.of and len(share.of) == 1
    }
    known = {key: float(value) for key, value in parts.items() if np.isfinite(value)}
    return known or None


def _material(desk: Desk, head: int, found: Sequence[Finding]) -> list[Finding]:
    """Leave out what children lose where it is next to nothing for the shop."""
    value = sum_of(desk.book, funnel_of(desk.book, desk.panel.units[head].kind).value)
    wish = desk.judged(value).outlook
    index = wish.place(head)
    whole = float(np.nan_to_num(np.fmax(wish.mid[index], wish.value[index])))
    shop = desk.panel.units[head].key
    return [one for one in found if one.unit == shop or one.lost > LEAST_SHARE * whole]


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
            yield replace(children[0], hides=hidden)
        else:
            yield replace(parent, hides=tuple(one.unit for one in children))


def ranked(
    found: Iterable[Finding], units: Mapping[str, Unit], rates: Mapping[str, float] | None
) -> tuple[Finding, ...]:
    """Return findings by money lost in the reporting currency, what the team controls first.

    By contribution profit where all have it, else by GMV. `rates`: currency -> its worth; without
    it amounts are compared as they are. What the platform does counts two thirds of its money.
    """
    every = list(found)
    profit = all(one.lost_profit is not None for one in every)

    def weight(one: Finding) -> float:
        amount = (one.lost_profit or 0.0) if profit else one.lost
        worth = (rates or {}).get(units[one.unit].currency, 1.0)
        return amount * worth * (1.0 if one.controllable else PLATFORM)

    return tuple(sorted(every, key=lambda one: (-weight(one), not one.alert, one.key)))
