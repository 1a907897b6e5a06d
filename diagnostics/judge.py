"""A metric of many units judged at once: outside its range, unusual, how surely, which light."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np

from diagnostics import ranges
from diagnostics.expect import lately
from diagnostics.panel import State
from diagnostics.reading import Expected, Learnt, Reading

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diagnostics.book.rows import Book, Metric, RangeRow
    from diagnostics.expect import Outlook
    from diagnostics.panel import Panel, Unit
    from diagnostics.ranges import Scopes
    from diagnostics.reading import Basis, Light, Like, Position, Sureness, Whose, Why

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

SURE = 1.5
"""A score from which an unusual value is sure, not only likely."""
SURE_RANGE = 0.99
LEAST_PEERS = 3
POSITIONS: dict[int, Position] = {
    ranges.NONE: "unknown",
    ranges.BELOW: "below",
    ranges.INSIDE: "inside",
    ranges.ABOVE: "above",
}


@dataclass(frozen=True, eq=False)
class Judged:
    """An outlook with its verdicts, all arrays (n,) over the outlook's rows.

    `why` str: why there is no verdict, empty where there is one. `place` int8 as in ranges.
    `low` and `high`: whether the value is certainly too low or too high for such a day or for a
    range that is not a mere benchmark (grade C). `firm`: the same for the expectation alone.
    """

    outlook: Outlook
    why: NDArray[np.str_]
    place: NDArray[np.int8]
    certainty: Floats
    row: tuple[RangeRow | None, ...]
    code: NDArray[np.int64]
    floor: Floats
    """The range's low bound of each row."""
    unusual: Flags
    low: Flags
    high: Flags

    @property
    def metric(self) -> Metric:
        """Return the metric that is judged."""
        return self.outlook.metric

    @property
    def bad(self) -> Flags:
        """Return where the value is out on the side that is bad for the business (n,)."""
        match self.metric.direction:
            case "up":
                return self.low
            case "down":
                return self.high
            case _:
                return np.zeros(len(self.low), dtype=bool)

    @property
    def change(self) -> Floats:
        """Return the relative change against the expected middle (n,), NaN where unknown."""
        mid = self.outlook.mid
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(mid != 0.0, (self.outlook.value - mid) / np.abs(mid), np.nan)


def _whys(found: Outlook, panel: Panel, day: int) -> NDArray[np.str_]:
    metric = found.metric
    base = found.over if metric.over else np.fmax(np.abs(found.of), np.abs(found.mid))
    small = np.isfinite(base) & (base < metric.smallest_base)
    zero = np.isfinite(found.of) & np.isfinite(found.over) & (found.over <= 0.0)
    no_cost = _no_cost(panel, metric, found.rows, day)
    why = np.full(len(found.rows), "", dtype="<U11")
    why = np.where(np.isfinite(found.mid), why, "no_history")
    why = np.where(small | zero, "too_few", why)
    why = np.where((found.state == State.PROVISIONAL) & (found.age < 0), "provisional", why)
    missing = ~np.isfinite(found.value) & ~zero
    return np.where(missing, np.where(no_cost, "no_cost", "missing"), why)


def _no_cost(panel: Panel, metric: Metric, rows: NDArray[np.int64], day: int) -> Flags:
    """Say where a signed sum lacks only parts that are subtracted (costs)."""
    answer = np.zeros(len(rows), dtype=bool)
    for terms in (metric.of, metric.over):
        added, taken = np.ones(len(rows), dtype=bool), np.ones(len(rows), dtype=bool)
        for term in terms:
            there = term.measure in panel.measures
            index = panel.measures.index(term.measure) if there else -1
            known = np.isfinite(panel.values[index, rows, day]) if there else ~answer & False
            if term.sign > 0:
                added &= known
            else:
                taken &= known
        answer |= added & ~taken
    return answer


def verdict(panel: Panel, book: Book, found: Outlook, scopes: Scopes) -> Judged:
    """Put an outlook against its ranges and its expectation, all units at once."""
    metric = found.metric
    why = _whys(found, panel, panel.at(found.day))
    row, low, high = ranges.bounds(book, metric, scopes, found.day)
    code = scopes.code[found.rows]
    share = ranges.proportion(book, metric)
    value = np.where(np.isin(why, ("", "no_history")), found.value, np.nan)
    floor = _floor(panel, book, row, low, code, found)
    place, certainty = ranges.position(value, found.of, found.over, floor, high[code], share=share)
    ranged = np.array([one is not None for one in row], dtype=bool)[code]
    ranged &= found.state != State.PROVISIONAL  # a range speaks of figures that stand
    place = np.where(ranged, place, ranges.NONE).astype(np.int8)
    hard = np.array([one is not None and one.grade != "C" for one in row], dtype=bool)[code]
    score = np.nan_to_num(found.score)
    unusual = (why == "") & (score >= 1.0)
    return Judged(
        outlook=found,
        why=why,
        place=place,
        certainty=certainty,
        row=row,
        code=code,
        floor=floor,
        unusual=unusual,
        low=(unusual & (found.value < found.mid)) | (hard & (place == ranges.BELOW)),
        high=(unusual & (found.value > found.mid)) | (hard & (place == ranges.ABOVE)),
    )


def _floor(
    panel: Panel,
    book: Book,
    row: tuple[RangeRow | None, ...],
    low: Floats,
    code: NDArray[np.int64],
    found: Outlook,
) -> Floats:
    """Return each unit's low bound (n,); some ranges take it from another metric's last weeks."""
    floor = low[code]
    for scope, one in enumerate(row):
        other = book.metrics.get(one.low_from) if one is not None and one.low_from else None
        if other is not None:
            here = np.flatnonzero(code == scope)
            bound = lately(panel, other, found.rows[here], panel.at(found.day))
            floor[here] = np.where(np.isfinite(bound), bound, floor[here])
    return floor


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def expected(judged: Judged, index: int, unit: Unit) -> Expected | None:
    """Return what was expected of a unit; None where nothing could be learnt."""
    found = judged.outlook
    if not np.isfinite(found.mid[index]):
        return None
    return Expected(
        low=float(found.low[index]),
        mid=float(found.mid[index]),
        high=float(found.high[index]),
        days=int(found.days[index]),
        basis=cast("Basis", str(found.basis[index])),
        calendar=found.calendar.get(unit.country, ()),
        learnt=_learnt(found, index, unit),
    )


def _learnt(found: Outlook, index: int, unit: Unit) -> Learnt:
    """Return what a unit's expectation stands on."""
    effect, age = _number(found.effect[index]), int(found.age[index])
    return Learnt(
        own=int(found.days[index] - found.peers[index]),
        peers=int(found.peers[index]),
        weight=float(found.weight[index]),
        whose=cast("Whose", str(found.whose[index])),
        like=cast("Like", str(found.like[index])),
        age=age if age >= 0 else None,
        effect=effect,
        effect_days=int(found.learnt[index]) if effect is not None else 0,
        taught=found.taught.get(unit.country, ()) if effect is not None else (),
    )


def better(metric: Metric, change: float | None) -> bool | None:
    """Say whether a change is good for the business; None without a direction or a change."""
    if change is None or change == 0.0 or metric.direction == "none":
        return None
    return (change > 0.0) == (metric.direction == "up")


def light(reading: Reading, metric: Metric) -> Light:
    """Return a reading's light: red out on the bad side, yellow doubtful, grey without verdict."""
    bad = {"up": ("below",), "down": ("above",), "none": ()}[metric.direction]
    if reading.value is None or reading.why not in {"", "no_history"}:
        return "grey"
    if reading.position in bad:
        return "red"
    if reading.unusual and reading.better is False:
        return "yellow" if reading.position == "inside" else "red"
    if reading.position in {"below", "above"} and metric.direction == "none":
        return "yellow"
    return "grey" if reading.expected is None and reading.range is None else "green"


def _sureness(judged: Judged, index: int) -> Sureness:
    why = str(judged.why[index])
    if why == "too_few":
        return "too_few"
    if why not in {"", "no_history"}:
        return "unknown"
    outside = judged.place[index] in {ranges.BELOW, ranges.ABOVE}
    if outside and judged.certainty[index] > SURE_RANGE:
        return "sure"
    if judged.unusual[index]:
        return "sure" if judged.outlook.score[index] >= SURE else "likely"
    known = why == "" or judged.place[index] != ranges.NONE
    return "likely" if known else "unknown"


def reading(judged: Judged, index: int, unit: Unit) -> Reading:
    """Return the figure at a place of the outlook, without peers and light.

    A figure that settles only with the days has no value before: it would read as a fall.
    """
    found, metric = judged.outlook, judged.metric
    why = cast("Why", str(judged.why[index]))
    range_row = judged.row[judged.code[index]]
    if range_row is not None and range_row.low_from:
        bound = float(judged.floor[index])
        range_row = replace(range_row, low=bound if np.isfinite(bound) else range_row.low)
    if why == "no_history" and range_row is not None:
        why = ""
    unsettled = why == "provisional" and metric.settles_after > 0
    change = None if unsettled else _number(judged.change[index])
    return Reading(
        metric=metric.key,
        unit=unit.key,
        day=found.day,
        value=None if unsettled else _number(found.value[index]),
        why=why,
        of=_number(found.of[index]),
        over=_number(found.over[index]) if metric.over else None,
        range=range_row,
        position=POSITIONS[int(judged.place[index])],
        expected=expected(judged, index, unit),
        change=change,
        unusual=bool(judged.unusual[index]),
        better=better(metric, change),
        sureness=_sureness(judged, index),
        score=None if why else _number(found.score[index]),
    )


def visible(metric: Metric, low: float, mid: float, high: float) -> float | None:
    """Return the smallest relative change to the worse that a band lets through as unusual.

    1 - low / mid, of a figure that should be low high / mid - 1; 0.45 is 45 %. None without a
    middle above zero. Noise decides on it, not the method: what is smaller cannot be told from it.
    """
    if not (np.isfinite(low) and np.isfinite(mid) and np.isfinite(high)) or mid <= 0.0:
        return None
    if metric.direction == "down":
        return float(high / mid - 1.0)
    return float(min(1.0, 1.0 - low / mid))
