"""What is worth telling: where, what, how surely, what it costs, why, what to do; ranked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from diagnostics import control, fingerprint, kin, money, scenes
from diagnostics.control import Firm
from diagnostics.expect import on_day, sum_of
from diagnostics.funnel import asked, funnel, funnel_of
from diagnostics.reading import Finding
from diagnostics.remedies import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from diagnostics.book.rows import Metric, Scene
    from diagnostics.control import Threshold
    from diagnostics.desk import Desk
    from diagnostics.judge import Judged
    from diagnostics.panel import Unit
    from diagnostics.reading import Control, Hypothesis, Reading
    from diagnostics.scenes import Weighed

SMALL = 1_000
"""Up to so many units it costs nothing to keep them all at hand."""
CANDIDATES = 40
"""No more child units of a shop than this are looked at closely, those with most money first."""
SAMPLE = 300
"""So many units of a kind tell what the past mornings of that kind were like."""
PATIENCE = (0.7, 1.6)
"""Within these bounds people's answers may move what a finding needs."""


def thresholds(desk: Desk) -> Mapping[tuple[str, str], Threshold]:
    """Return what the units of each kind of each shop need, learnt from their past mornings."""
    families: dict[tuple[str, str], list[int]] = {}
    for at, row in enumerate(desk.rows):
        unit = desk.panel.units[row]
        families.setdefault((unit.shop, unit.kind), []).append(at)
    return {family: _threshold(desk, family[1], rows) for family, rows in families.items()}


def _threshold(desk: Desk, kind: str, rows: Sequence[int]) -> Threshold:
    """Return what some units of one kind need; of many every so-and-so-many-th is looked at."""
    step = -(-len(rows) // SAMPLE)
    some = np.array(rows[::step], dtype=int)
    sides: dict[str, float] = {}
    for scene in desk.book.scenes.values():
        for one in scene.symptoms if kind in scene.kinds else ():
            if one.state in {"low", "high"}:
                sides[one.metric] = -1.0 if one.state == "low" else 1.0
    every = [desk.judged(desk.book.metrics[key]).outlook for key in sides]
    scores = [one.past_score[some] for one in every]
    bad = [side * score for side, score in zip(sides.values(), scores, strict=True)]
    looked_at = sum(int(np.isfinite(one.score[list(rows)]).sum()) for one in every)
    return control.threshold(scores, bad, len(rows), looked_at)


def firmness(
    desk: Desk,
    needed: Mapping[tuple[str, str], Threshold],
    patience: Mapping[str, float] | None = None,
) -> Mapping[str, Firm]:
    """Return by scene the score (n,) that a symptom needs: higher the more units are looked at.

    `patience`: finding key (unit|scene) -> a factor on it, kept within bounds; others are ignored.
    """
    units = [desk.panel.units[row] for row in desk.rows]
    every = [needed[unit.shop, unit.kind] for unit in units]
    plain = Firm(np.array([one.once for one in every]), np.array([one.twice for one in every]))
    place = {unit.key: at for at, unit in enumerate(units)}
    factors = {key: np.ones(len(units)) for key in desk.book.scenes}
    for key, factor in (patience or {}).items():
        about = fingerprint.read(key)
        if about.unit in place and about.what in factors:
            factors[about.what][place[about.unit]] = min(max(factor, PATIENCE[0]), PATIENCE[1])
    return {key: plain.times(factor) for key, factor in factors.items()}


@dataclass(frozen=True, eq=False)
class Suspects:
    """The units in which a scene applies: `scenes` says where, (n,) over the desk's rows.

    `firm` is by scene the score (n,) that a symptom needs; `close` bool (n,) are those looked at
    closely, of each shop the ones with the most money; `needed` is by shop and kind.
    """

    desk: Desk
    scenes: Mapping[str, NDArray[np.bool_]]
    firm: Mapping[str, Firm]
    close: NDArray[np.bool_]
    needed: Mapping[tuple[str, str], Threshold]
    patience: Mapping[str, float]

    def control(self, shop: str) -> Control | None:
        """Return how many of a shop's findings are chance."""
        return control.whole(one.control for key, one in self.needed.items() if key[0] == shop)


def suspects(
    desk: Desk, heads: Sequence[int], patience: Mapping[str, float] | None = None
) -> Suspects:
    """Look for each scene in all units at once; `heads` are the panel rows of the shops."""
    few = len(desk.rows) <= SMALL
    desk.ask((*_symptoms(desk), *(_of_shops(desk, heads) if few else ())))
    needed = thresholds(desk)
    firm = firmness(desk, needed, patience)
    applies = scenes.applying(desk, firm)
    some = np.any(list(applies.values()), axis=0) if applies else np.zeros(len(desk.rows), bool)
    some &= ~kin.muted(desk.panel, desk.panel.at(desk.day), desk.rows)
    rows = desk.rows[some]
    shops = np.array([desk.panel.units[row].shop for row in rows])
    parts = [_most_money(desk, rows[shops == shop]) for shop in sorted(set(shops.tolist()))]
    near = np.concatenate([np.empty(0, dtype=np.int64), *parts])
    close = np.isin(desk.rows, near)
    if few:
        return Suspects(desk, applies, firm, close, needed, patience or {})
    keep = np.isin(desk.rows, np.union1d(near, np.array(heads, dtype=np.int64)))
    at_hand = desk.some(desk.rows[keep])
    at_hand.ask((*_symptoms(desk), *_of_shops(desk, heads)))
    return Suspects(
        at_hand,
        {key: flags[keep] for key, flags in applies.items()},
        {key: Firm(one.once[keep], one.twice[keep]) for key, one in firm.items()},
        close[keep],
        needed,
        patience or {},
    )


def _symptoms(desk: Desk) -> Iterator[Metric]:
    """Yield the metrics that scenes are looked for in."""
    for scene in desk.book.scenes.values():
        for one in scene.symptoms:
            yield desk.book.metrics[one.metric]


def _of_shops(desk: Desk, heads: Sequence[int]) -> Iterator[Metric]:
    """Yield the metrics that are told of every shop: its funnel and the headline."""
    for kind in sorted({desk.panel.units[row].kind for row in heads}):
        yield from asked(desk.book, kind)
    for metric in desk.book.metrics.values():
        if metric.headline:
            yield metric


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
        for one in _scene_finding(suspects, desk.book.scenes[key], row)
    ]
    told = list(kin.material(desk, head, found)) or _plain(suspects, head)
    return kin.told(desk, head, told)


def _most_money(desk: Desk, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    value = sum_of(desk.book, funnel_of(desk.book, "shop").value)
    at = desk.panel.at(desk.day)
    size = np.nan_to_num(on_day(desk.panel, value, rows, at))
    wish = desk.judged(value).outlook
    mid = np.nan_to_num(wish.mid[np.isin(wish.rows, rows)])
    return rows[np.argsort(-np.maximum(size, mid), kind="stable")[:CANDIDATES]]


def _scene_finding(suspects: Suspects, scene: Scene, row: int) -> Iterable[Finding]:
    """Yield the finding of a scene at a unit, told by a step of the funnel, else by what costs most."""
    desk = suspects.desk
    unit, book = desk.panel.units[row], desk.book
    desk.ask(asked(book, unit.kind))
    path = funnel(desk, row)
    told: list[tuple[bool, float, float, Metric, Reading]] = []
    for one in scenes.symptoms(desk, scene, row, suspects.firm[scene.key]):
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
        yield _finding(suspects, row, metric, reading, cost, scene, causes)


def _plain(suspects: Suspects, row: int) -> list[Finding]:
    """Return the finding of a bad day that no scene explains: told by the funnel's leak."""
    desk = suspects.desk
    path = funnel(desk, row)
    if not path.value.unusual or path.value.better is not False or not path.lost:
        return []
    unit, book = desk.panel.units[row], desk.book
    value = sum_of(book, funnel_of(book, unit.kind).value)
    metric, reading, cost = value, path.value, path.lost
    for step in path.steps:
        told = step.rate or step.count
        if step.is_leak and told.unusual:
            metric = book.metrics.get(told.metric) or sum_of(book, told.metric)
            reading, cost = told, max(0.0, step.lost or 0.0)
            break
    one = _finding(suspects, row, metric, reading, cost, None, ())
    factor = suspects.patience.get(one.key, 1.0)
    return [one] if _score(desk.judged(value), row) >= min(factor, PATIENCE[1]) else []


def _finding(
    suspects: Suspects,
    row: int,
    metric: Metric,
    reading: Reading,
    cost: float,
    scene: Scene | None,
    causes: Sequence[Weighed],
) -> Finding:
    desk = suspects.desk
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
        since=since(desk, row, metric),
        sureness=reading.sureness,
        controllable=_controllable(desk, unit, step, scene, likely),
        alert=scene is not None and scene.alert,
        hypotheses=likely,
        prescriptions=scenes.prescriptions(scene, causes) if scene else (),
        reasons=_reasons(desk, row, metric),
        chance=_chance(suspects, row, metric),
    )


def _score(judged: Judged, row: int) -> float:
    return float(np.nan_to_num(judged.outlook.score[judged.outlook.place(row)]))


def _chance(suspects: Suspects, row: int, metric: Metric) -> float:
    """Return how likely a figure is mere chance; one out of its range by how sure that is."""
    judged, unit = suspects.desk.judged(metric), suspects.desk.panel.units[row]
    at = judged.outlook.place(row)
    if not judged.unusual[at]:
        return float(1.0 - np.nan_to_num(judged.certainty[at]))
    past = judged.outlook.past_score[at]
    side = np.sign(judged.outlook.value[at] - judged.outlook.mid[at])
    before = float(np.nan_to_num(past[-1] * side)) if len(past) else 0.0
    return suspects.needed[unit.shop, unit.kind].chance(_score(judged, row), max(0.0, before))


def _controllable(
    desk: Desk, unit: Unit, step: str, scene: Scene | None, causes: tuple[Hypothesis, ...]
) -> bool:
    if scene is not None and causes:
        return next(one.controllable for one in scene.causes if one.key == causes[0].cause)
    rows = funnel_of(desk.book, unit.kind).steps
    return next((one.controllable for one in rows if one.key == step), True)


def since(desk: Desk, row: int, metric: Metric) -> date:
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


def ranked(
    found: Iterable[Finding], units: Mapping[str, Unit], rates: Mapping[str, float] | None
) -> tuple[Finding, ...]:
    """Return findings by expected loss in the reporting currency, what the team controls first.

    The money lost times how likely it is that it is no mere chance: contribution profit where all
    have it, else GMV. `rates`: currency -> its worth; without it amounts are compared as they are.
    What the platform does counts two thirds of its money. Slides, told by the week, come last.
    """
    every = list(found)
    profit = all(one.lost_profit is not None for one in every)

    def weight(one: Finding) -> float:
        amount = (one.lost_profit or 0.0) if profit else one.lost
        worth = (rates or {}).get(units[one.unit].currency, 1.0)
        sure = 1.0 - (one.chance or 0.0)
        return amount * sure * worth * (1.0 if one.controllable else PLATFORM)

    def place(one: Finding) -> tuple[bool, float, bool, str]:
        return (one.slide is not None, -weight(one), not one.alert, one.key)

    return tuple(sorted(every, key=place))
