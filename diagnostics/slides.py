"""Which shops and bigger units slide away slowly, told by no single day: by the week, once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from diagnostics import fingerprint, kin, money
from diagnostics.alerts import ENTER, Left
from diagnostics.almanac import Almanac
from diagnostics.band import as_day
from diagnostics.decompose import factors
from diagnostics.drift import BASE, OFF, WEEK, drift
from diagnostics.funnel import BASKET, basket, funnel_of
from diagnostics.panel import State
from diagnostics.reading import Expected, Finding, Reading, Slide
from diagnostics.window import sum_of, summed, window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from diagnostics.book.rows import Book, Funnel, Kind, Metric
    from diagnostics.desk import Desk
    from diagnostics.drift import Drift
    from diagnostics.panel import Panel

    Floats = NDArray[np.float64]

KINDS: tuple[Kind, ...] = ("account", "product", "creator")
"""Units of a shop that are looked at beside it, where they are big enough."""
WEEKS = 4
"""The last seven days are told against so many weeks before them."""
SURE = 1.5
"""A slide that scores so many times its edge is sure."""
_PREFIX = "slide:"


def is_slide(what: str) -> bool:
    """Say whether the second half of a finding's key is a slide's."""
    return what.startswith(_PREFIX)


@dataclass(frozen=True, eq=False)
class _Looked:
    """One metric of some panel rows up to the day, as far as its days may teach, and its drift."""

    rows: NDArray[np.int64]
    days: NDArray[np.datetime64]
    values: Floats
    found: Drift

    def slid(self) -> NDArray[np.bool_]:
        """Say which rows slide now, the bad way."""
        fell: NDArray[np.bool_] = ~np.isnat(self.found.since) & (self.found.change < 0.0)
        return fell


def find(desk: Desk, head: int, told: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the slides of a judged shop (panel row `head`) and of its bigger units.

    Looked at is the funnel's value; of the shop also the head of its funnel where the value does
    not slide. A slide of the shop explains those of its units, one of an account those of its
    products. Left out is what one of the day's findings (`told`) says of the same unit, and what
    a single day has told when it began: that fall is known. With less than six weeks there are
    none. One finding a unit, as long as it slides; `alerts.verdict` tells it once.
    """
    book, panel = desk.book, desk.panel
    path = funnel_of(book, panel.units[head].kind)
    value = sum_of(book, path.value)
    looked = _look(desk, value, _rows(desk, head, path.value))
    found = list(_slides(desk, value, looked))
    if not any(one.unit == panel.units[head].key for one in found):
        first = next((key for key in path.chain if key in panel.measures), path.value)
        if first != path.value:
            top = sum_of(book, first)
            found += _slides(desk, top, _look(desk, top, np.array([head])))
    today = {one.unit for one in told if one.step or one.reading.metric == path.value}
    return tuple(one for one in _outermost(desk, found) if one.unit not in today)


def left(panel: Panel, book: Book, unit: str, metric: str, day: date, since: date) -> Left | None:
    """Return how the last week stands against the four before a slide; None where not known.

    For a slide that is over: so it is told whether the figure came back or this is the new level.
    """
    row = panel.index(unit)
    found = book.metrics.get(metric) or sum_of(book, metric)
    weeks = []
    for end, length in ((day, WEEK), (since - timedelta(WEEK), WEEK * WEEKS)):
        last = int((as_day(end) - panel.days[0]).astype(int)) + 1
        span = slice(max(0, last - length), max(0, last))
        values = summed(panel, panel.values, found.of, np.array([row]), span)[0]
        known = np.isfinite(values)
        if known.sum() * 2 < length:
            return None
        weeks.append(WEEK * float(values[known].mean()))
    at = panel.at(day) + 1
    series = summed(panel, panel.values, found.of, np.array([row]), slice(0, at))
    now = drift(series, panel.days[:at], day)
    still = float(np.nan_to_num(now.score[0])) if now.change[0] < 0.0 else 0.0
    reading = Reading(metric, unit, day, weeks[0], better=False, score=still)
    return Left(reading, before=weeks[1])


def _rows(desk: Desk, head: int, value: str) -> NDArray[np.int64]:
    """Return the shop's row and those of its units that bring enough of its value to matter."""
    panel, at = desk.panel, desk.panel.at(desk.day)
    days = slice(max(0, at + 1 - WEEK - BASE), at + 1)
    size = np.nan_to_num(panel.measure(value)[:, days]).sum(axis=1)
    shop = panel.units[head].key
    mine = [
        row
        for row, unit in enumerate(panel.units)
        if unit.kind in KINDS and unit.shop == shop and size[row] >= kin.LEAST_SHARE * size[head]
    ]
    return np.array([head, *sorted(mine, key=lambda row: panel.units[row].key)], dtype=np.int64)


def _look(desk: Desk, metric: Metric, rows: NDArray[np.int64]) -> _Looked:
    panel, at = desk.panel, desk.panel.at(desk.day)
    past = window(panel, metric, rows, at)
    today = panel.state[rows, at] != State.MISSING
    usable = past.usable.copy()
    usable[:, -1] |= today
    values = np.where(usable, past.value, np.nan)
    countries = [panel.units[row].country for row in rows]
    calendars = Almanac.of(desk.book, metric, countries, past.days).calendars
    groups = desk.siblings[rows]
    found = drift(values, past.days, desk.day, groups=groups, calendar=calendars)
    lift = np.exp(calendars.lift(past.days))
    ordinary = np.where(calendars.special(past.days), np.nan, values / lift)
    return _Looked(rows, past.days, ordinary, found)


def _slides(desk: Desk, metric: Metric, looked: _Looked) -> Iterator[Finding]:
    for at in np.flatnonzero(looked.slid()):
        row = int(looked.rows[at])
        if not _known_already(desk, metric, row, looked.found.since[at].item()):
            one = _finding(desk, metric, row, looked, int(at))
            if one is not None:
                yield one


def _known_already(desk: Desk, metric: Metric, row: int, since: date) -> bool:
    """Say whether a day of the week in which it began was an alarm of its own.

    Of the figure itself, or of a rate of the funnel: then the fall has been told by that day.
    """
    book, alone = desk.book, desk.some(np.array([row]))
    path = funnel_of(book, desk.panel.units[row].kind)
    rates = [book.metrics[one.rate] for one in path.steps if one.in_chain and one.rate]
    return any(_alarmed(alone, one, since) for one in (metric, *rates))


def _alarmed(alone: Desk, metric: Metric, since: date) -> bool:
    """Say whether a metric of a desk's only row was far too low on a day of the week up to one."""
    scores = -np.nan_to_num(alone.judged(metric).outlook.past_score[0])
    last = len(scores) + (since - alone.day).days
    return bool((scores[max(0, last - WEEK) : max(0, last + 1)] >= ENTER).any())


def _finding(desk: Desk, metric: Metric, row: int, looked: _Looked, at: int) -> Finding | None:
    panel, book = desk.panel, desk.book
    unit = panel.units[row]
    path = funnel_of(book, unit.kind)
    measures = [metric.key, *(key for key in path.chain if key != metric.key)]
    weeks = {key: _weeks(desk, row, key, looked, at) for key in measures}
    week, before = weeks[metric.key]
    if not (np.isfinite(before) and before > week > 0.0):
        return None
    slide = Slide(looked.found.since[at].item(), week, before)
    parts = _parts(weeks, path)
    if metric.key == path.value:
        slide = _with_step(desk, row, slide, parts, weeks)
        lost = slide.lost
    else:
        lost = max(0.0, -parts.get(metric.key, 0.0))
    score = float(looked.found.score[at])
    rate = money.margin(panel, book, panel.index(unit.shop), panel.at(desk.day), path.value)
    step = slide.step or money.step_of(book, unit.kind, metric)
    rows = {one.key: one for one in path.steps}
    return Finding(
        key=str(fingerprint.Fingerprint(unit.key, f"{_PREFIX}{path.value}")),
        unit=unit.key,
        scene="",
        step=step if step in rows else "",
        reading=_reading(metric, slide, unit.key, desk.day),
        lost=lost,
        lost_profit=None if rate is None else lost * max(0.0, rate),
        since=slide.since,
        sureness="sure" if score >= SURE else "likely",
        controllable=rows[step].controllable if step in rows else True,
        alert=True,
        slide=slide,
    )


def _reading(metric: Metric, slide: Slide, unit: str, day: date) -> Reading:
    wish = Expected(slide.before, slide.before, slide.before, WEEK * WEEKS, "recent")
    return Reading(
        metric.key,
        unit,
        day,
        slide.week,
        of=slide.week,
        expected=wish,
        change=slide.change,
        unusual=True,
        better=False,
        light="red",
        sureness="likely",
    )


def _weeks(desk: Desk, row: int, measure: str, looked: _Looked, at: int) -> tuple[float, float]:
    """Return a measure of the last seven days, and of such seven days in the four weeks before.

    Per weekday the mean of its ordinary days; a special day of the last week counts for itself.
    NaN where a day of the last week, or all days like it, are not known.
    """
    panel, end = desk.panel, desk.panel.at(desk.day) + 1
    span = slice(max(0, end - WEEK * (WEEKS + 1)), end)
    values = panel.measure(measure)[row, span]
    if len(values) < WEEK * (WEEKS + 1):
        return float("nan"), float("nan")
    ordinary = np.isfinite(looked.values[at][-len(values) :])
    table = values.reshape(WEEKS + 1, WEEK)
    known = np.isfinite(table) & ordinary.reshape(table.shape)
    teach = known[:-1]
    count = teach.sum(axis=0)
    mean = np.where(teach, table[:-1], 0.0).sum(axis=0) / np.where(count, count, np.nan)
    before = np.where(known[-1], mean, table[-1])
    return float(table[-1].sum()), float(before.sum())


def _parts(weeks: dict[str, tuple[float, float]], path: Funnel) -> dict[str, float]:
    """Return the change of the value over the chain's factors, by the measure at each link's end."""
    base = {key: old for key, (_, old) in weeks.items()}
    current = {key: new for key, (new, _) in weeks.items()}
    if not np.isfinite([base.get(path.value, np.nan), current.get(path.value, np.nan)]).all():
        return {}
    return factors(base, current, path.chain)


def _with_step(
    desk: Desk,
    row: int,
    slide: Slide,
    parts: dict[str, float],
    weeks: dict[str, tuple[float, float]],
) -> Slide:
    """Name the step that lost most of those that slid themselves."""
    path = funnel_of(desk.book, desk.panel.units[row].kind)
    names = {one.count: one.key for one in path.steps if one.in_chain}
    if basket(desk.book, path) is not None:
        names[path.value] = BASKET
    for link, part in sorted(parts.items(), key=lambda one: (one[1], one[0])):
        count, _, above = link.partition("/")
        if part < 0.0 and count in names and _slid(desk, row, count, above):
            new, old = weeks[count]
            under = weeks[above] if above else (1.0, 1.0)
            change = (new / under[0]) / (old / under[1]) - 1.0
            return replace(slide, step=names[count], step_change=change, step_lost=-part)
    return slide


def _slid(desk: Desk, row: int, count: str, above: str) -> bool:
    """Say whether a link of the chain slid itself, by its own past."""
    panel, end = desk.panel, desk.panel.at(desk.day) + 1
    values = panel.measure(count)[row, :end]
    if above:
        under = panel.measure(above)[row, :end]
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.where(under > 0, values / under, np.nan)
    found = drift(values[None, :], panel.days[:end], desk.day)
    return bool(found.change[0] < 0.0 and np.nan_to_num(found.score[0]) >= OFF)


def _outermost(desk: Desk, found: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the slides that no other explains; each says which it hides."""
    units = {unit.key: unit for unit in desk.panel.units}
    there = {one.unit for one in found}
    hidden: dict[str, list[str]] = {}
    for one in found:
        above = [key for key in kin.ancestors(units[one.unit], units) if key in there]
        if above:
            hidden.setdefault(above[-1], []).append(one.unit)
    inner = {key for keys in hidden.values() for key in keys}
    for one in found:
        if one.unit not in inner:
            yield replace(one, hides=tuple(hidden.get(one.unit, ())))
