"""What moved many units at once, told as one finding; and how the others did beside a shop's."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from diagnostics import control, crowd, findings, fingerprint, judge, kin, money
from diagnostics.control import BASE_RATE, by_law
from diagnostics.crowd import LEAST, Move
from diagnostics.expect import sum_of
from diagnostics.funnel import funnel, funnel_of
from diagnostics.panel import Unit
from diagnostics.reading import Expected, Finding, Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Literal

    from diagnostics.book.rows import Metric
    from diagnostics.crowd import Group
    from diagnostics.desk import Desk
    from diagnostics.reading import Control

    Scope = Literal["country", "company", "kind"]

KIND_LEAST = 6
"""A shop's units of one kind are a group from so many on."""
MOST = 0.5
"""A step that makes up this share of what a group lost is what the group is told by."""


@dataclass(frozen=True, slots=True)
class Circle:
    """Units that are compared with each other (panel rows), and the unit that stands for them."""

    scope: Scope
    unit: Unit
    rows: tuple[int, ...]
    worth: Mapping[str, float]
    """What the currencies are worth in the unit's own."""
    firm: float = crowd.FIRM
    """How many reaches out the group must be."""


def told(
    desk: Desk,
    rows: Sequence[int],
    found: Sequence[Finding],
    rates: Mapping[str, float] | None,
) -> tuple[tuple[Finding, ...], tuple[Unit, ...], tuple[Control, ...]]:
    """Return the findings of some judged shops (panel rows) with what they share told once.

    Where all comparable shops moved together, one finding of the group takes the place of the
    shops' own; the others say how the comparable shops did. With them come the units that stand
    for the groups, and what of each group's findings is chance.
    """
    left = [_beside(desk, rows, one) for one in found]
    units: list[Unit] = []
    controls: list[Control] = []
    chain = funnel_of(desk.book, "shop").chain
    asked = [sum_of(desk.book, key) for key in dict.fromkeys((chain[-1], chain[0]))]
    for some in _circles(desk, rows, rates):
        firm, left_to_chance = _needed(desk, some, asked)
        circle = replace(some, firm=firm)
        controls.append(left_to_chance)
        news, left = _once(desk, circle, left)
        if news:
            units.append(circle.unit)
            left += news
    for row in rows:
        left += _kinds(desk, row, left)
    return tuple(left), tuple(units), tuple(controls)


def _needed(desk: Desk, circle: Circle, asked: Sequence[Metric]) -> tuple[float, Control]:
    """Return how far out a group must be, from its own past mornings, and what that leaves."""
    scores = {metric: crowd.past(_moves(desk, metric, circle.rows)) for metric in asked}
    sides = {metric: -1.0 if metric.direction == "up" else 1.0 for metric in asked}
    length = max(len(one) for one in scores.values())
    padded = [
        np.pad(one, (length - len(one), 0), constant_values=np.nan)[None, :]
        for one in scores.values()
    ]
    bad = [side * one for side, one in zip(sides.values(), padded, strict=True)]
    return control.alone(padded, bad, crowd.FIRM)


def _circles(
    desk: Desk, rows: Sequence[int], rates: Mapping[str, float] | None
) -> Iterator[Circle]:
    """Yield the groups of shops that may move as one: all of them, then each country's."""
    units = desk.panel.units
    countries = sorted({units[row].country for row in rows})
    groups: list[tuple[Literal["country", "company"], str, tuple[int, ...]]] = []
    if len(countries) > 1:
        groups.append(("company", "", tuple(rows)))
    for country in countries:
        mine = tuple(row for row in rows if units[row].country == country)
        groups.append(("country", country, mine))
    for scope, country, some in groups:
        purse = _worth([units[row].currency for row in some], rates)
        if len(some) >= LEAST and purse is not None:
            currency, worth = purse
            anchor = min(
                one.key for one in units if one.kind == "shop" and country in {"", one.country}
            )
            key = fingerprint.whole(anchor, country)
            unit = Unit(key, scope, country, anchor, country=country, currency=currency)
            yield Circle(scope, unit, some, worth)


def _worth(
    currencies: Sequence[str], rates: Mapping[str, float] | None
) -> tuple[str, dict[str, float]] | None:
    """Return a currency and what others are worth in it; None where that is not known.

    Several are told in the reporting currency, so that a group's money stays the same when more of
    its shops come in; in the commonest where no rate is 1.
    """
    counted = Counter(currencies)
    base = max(counted, key=lambda one: (counted[one], one))
    if len(counted) == 1:
        return base, {base: 1.0}
    if rates is None or any(one not in rates for one in counted):
        return None
    base = next((one for one, rate in rates.items() if rate == 1.0), base)
    return base, {one: rates[one] / rates[base] for one in counted}


def _metric(desk: Desk, key: str) -> Metric:
    return desk.book.metrics.get(key) or sum_of(desk.book, key)


def _moves(desk: Desk, metric: Metric, rows: Iterable[int]) -> list[Move]:
    """Return how some units (panel rows) moved in a figure, those without one left out."""
    found = desk.judged(metric).outlook
    moves = []
    for row in rows:
        reading = desk.reading(metric, row)
        change = kin.change(reading)
        if change is None:
            continue
        at = found.place(row)
        with np.errstate(divide="ignore", invalid="ignore"):
            past = np.log(found.past_value[at] / found.past_mid[at])
        known = tuple(np.where(np.isfinite(past), past, np.nan).tolist())
        moves.append(Move(reading.unit, change, kin.reach(reading), known))
    return moves


def _beside(desk: Desk, rows: Sequence[int], one: Finding) -> Finding:
    """Return a shop's finding with how the comparable shops did: its country's, else all."""
    units = desk.panel.units
    own = next((row for row in rows if units[row].key == one.unit), None)
    if own is None:
        return one
    near = [row for row in rows if units[row].country == units[own].country]
    some = near if len(near) >= LEAST else rows
    moves = _moves(desk, _metric(desk, one.reading.metric), some)
    return replace(one, compared=crowd.compare(moves).get(one.unit))


def _group(desk: Desk, circle: Circle, metric: Metric) -> Group | None:
    """Return a group's movement to the side that is bad for the business; None without."""
    group = crowd.group(_moves(desk, metric, circle.rows), circle.firm)
    if group is None or judge.better(metric, group.change) is not False:
        return None
    if circle.scope != "company":
        return group
    moved = {one.unit for one in group.moved}
    units = [desk.panel.units[row] for row in circle.rows]
    whole = {unit.country for unit in units if unit.key not in moved}
    here = {unit.country for unit in units if unit.key in moved}
    return group if whole <= here and len(here) > 1 else None


def _once(desk: Desk, circle: Circle, found: list[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Return what a group is told of as one, and the findings that this leaves."""
    units = {desk.panel.units[row].key for row in circle.rows}
    news: list[Finding] = []
    left = list(found)
    for same in _alike(one for one in found if one.unit in units and not one.scope):
        counted = Counter(one.reading.metric for one in same)
        key = max(counted, key=lambda one: (counted[one], one))
        metric = _metric(desk, key)
        group = _group(desk, circle, metric)
        moved = {one.unit for one in group.moved} if group else set()
        mine = [one for one in same if one.unit in moved]
        if group is None or not mine:
            continue
        news.append(_finding(desk, circle, group, metric, mine))
        left = [one for one in left if one not in mine]
    if not any(one.step or one.reading.metric == _value(desk) for one in news):
        news += _silent(desk, circle)
    return [_hiding(one, left) for one in news], [one for one in left if not _shared(one, news)]


def _alike(found: Iterable[Finding]) -> list[list[Finding]]:
    """Return findings by scene; those without a scene by their figure."""

    def about(one: Finding) -> tuple[str, str]:
        return (one.scene, "" if one.scene else one.reading.metric)

    return [list(same) for _, same in groupby(sorted(found, key=about), key=about)]


def _value(desk: Desk) -> str:
    return funnel_of(desk.book, "shop").value


def _shared(one: Finding, news: Sequence[Finding]) -> bool:
    """Say whether a shop's finding is what all of them have: told with the group's."""
    return any(
        one.unit in {other.unit for other in group.others}
        and one.compared is not None
        and one.compared.verdict == "together"
        and (one.reading.metric == group.reading.metric or bool(one.step) or not one.scene)
        for group in news
    )


def _hiding(one: Finding, left: Sequence[Finding]) -> Finding:
    shared = [other.unit for other in left if _shared(other, [one])]
    return replace(one, hides=tuple(dict.fromkeys((*one.hides, *shared))))


def _silent(desk: Desk, circle: Circle) -> list[Finding]:
    """Return the finding of a group whose value or traffic fell as one, though no shop tells it.

    It is told by the step that lost the most, where that one fell as one too.
    """
    chain = funnel_of(desk.book, "shop").chain
    value, traffic = sum_of(desk.book, chain[-1]), sum_of(desk.book, chain[0])
    group = _group(desk, circle, value)
    if group is None:
        value, group = traffic, _group(desk, circle, traffic)
    if group is None:
        return []
    lost: defaultdict[str, float] = defaultdict(float)
    for row in _rows(desk, circle, group):
        path = funnel(desk, row)
        for step in path.steps:
            told = step.rate or step.count
            lost[told.metric] += (step.lost or 0.0) * circle.worth[desk.panel.units[row].currency]
    whole = sum(max(0.0, amount) for amount in lost.values())
    for key, amount in sorted(lost.items(), key=lambda one: -one[1])[:1]:
        leak = _group(desk, circle, _metric(desk, key))
        if leak is not None and amount >= MOST * whole > 0.0:
            return [_finding(desk, circle, leak, _metric(desk, key), ())]
    return [_finding(desk, circle, group, value, ())]


def _rows(desk: Desk, circle: Circle, group: Group) -> list[int]:
    moved = {one.unit for one in group.moved}
    return [row for row in circle.rows if desk.panel.units[row].key in moved]


def _finding(
    desk: Desk, circle: Circle, group: Group, metric: Metric, same: Sequence[Finding]
) -> Finding:
    """Return a group's finding: the sum of its figures and losses, without any shop's blame."""
    rows = _rows(desk, circle, group)
    reading = _sum(desk, circle, group, metric, rows)
    scene = same[0].scene if same else ""
    lost, profit = _cost(desk, circle, metric, rows)
    false = len(desk.book.metrics) * by_law(group.score) / 2.0
    return Finding(
        key=f"{circle.unit.key}|{scene or metric.key}",
        unit=circle.unit.key,
        scene=scene,
        step=money.step_of(desk.book, "shop", metric),
        reading=reading,
        lost=lost,
        lost_profit=profit,
        since=sorted(findings.since(desk, row, metric) for row in rows)[len(rows) // 2],
        sureness=reading.sureness,
        controllable=False,
        alert=any(one.alert for one in same),
        hides=tuple(dict.fromkeys(key for one in same for key in (one.unit, *one.hides))),
        scope=circle.scope,
        others=group.moved,
        asked=group.count,
        chance=false / (false + BASE_RATE),
    )


def _sum(desk: Desk, circle: Circle, group: Group, metric: Metric, rows: Sequence[int]) -> Reading:
    """Return a figure of several units as one: a sum, or a ratio of sums, beside what was expected."""
    found = desk.judged(metric).outlook
    at = [found.place(row) for row in rows]
    money_first = desk.book.measures[metric.of[0].measure].unit == "money"
    worth = np.array([circle.worth[desk.panel.units[row].currency] for row in rows])
    of = found.of[at] * (worth if money_first else 1.0)
    base = np.ones(len(at))
    if metric.over:
        dear = desk.book.measures[metric.over[0].measure].unit == "money"
        base = found.over[at] * (worth if dear else 1.0)
    wish = found.mid[at] * (worth if money_first else 1.0)
    if metric.over and money_first and dear:
        wish = found.mid[at]
    total = float(base.sum()) if metric.over else 1.0
    value, mid = metric.scale * float(of.sum()) / total, float((wish * base).sum()) / total
    edges = mid * np.exp((-group.reach, group.reach))
    change = value / mid - 1.0 if mid else None
    plain = Reading(
        metric=metric.key,
        unit=circle.unit.key,
        day=desk.day,
        value=value,
        of=float(of.sum()),
        over=total if metric.over else None,
        expected=Expected(
            float(edges[0]), mid, float(edges[1]), int(found.days[at].min()), "weekday"
        ),
        change=change,
        unusual=True,
        better=judge.better(metric, change),
        sureness="sure" if group.score >= judge.SURE else "likely",
        score=group.score,
    )
    return replace(plain, light=judge.light(plain, metric))


def _cost(
    desk: Desk, circle: Circle, metric: Metric, rows: Sequence[int]
) -> tuple[float, float | None]:
    """Return GMV and contribution profit that some units lost by a figure, in the group's currency."""
    lost, profit = 0.0, 0.0
    known = True
    for row in rows:
        unit = desk.panel.units[row]
        path = funnel(desk, row)
        told = desk.reading(metric, row)
        cost = money.lost(desk.book, unit.kind, metric, told, path) * circle.worth[unit.currency]
        at = desk.panel.at(desk.day)
        margin = money.margin(desk.panel, desk.book, desk.panel.index(unit.shop), at, _value(desk))
        known = known and margin is not None
        lost, profit = lost + cost, profit + cost * max(0.0, margin or 0.0)
    return lost, profit if known else None


def _kinds(desk: Desk, head: int, found: Sequence[Finding]) -> list[Finding]:
    """Return how a shop's units of one kind fell together, where the shop does not tell it itself."""
    units, shop = desk.panel.units, desk.panel.units[head]
    mine = {shop.key} | {unit.key for unit in units if unit.shop == shop.key}
    moved = {other.unit for one in found for other in one.others}
    if shop.key in moved or any(one.unit in mine and (one.step or not one.scene) for one in found):
        return []
    best: list[Finding] = []
    kinds = sorted({units[row].kind for row in desk.rows if units[row].shop == shop.key})
    for kind in kinds:
        rows = tuple(
            int(row) for row in desk.rows if units[row].shop == shop.key and units[row].kind == kind
        )
        if kind == "shop" or len(rows) < KIND_LEAST:
            continue
        value = sum_of(desk.book, funnel_of(desk.book, kind).value)
        circle = Circle("kind", shop, rows, {units[row].currency: 1.0 for row in rows})
        group = _group(desk, circle, value)
        if group is not None:
            one = _finding(desk, circle, group, value, ())
            best.append(replace(one, key=f"{shop.key}|{kind}-{value.key}"))
    told = kin.material(desk, head, [replace(one, unit="") for one in best])
    told.sort(key=lambda one: -one.lost)
    return [replace(one, unit=shop.key) for one in told[:1]]
