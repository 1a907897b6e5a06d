"""Which shops and bigger units slide away slowly, told by no single day: by the week, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Protocol

import numpy as np

from diagnostics import fingerprint, kin, watched
from diagnostics.alerts import Left
from diagnostics.band import as_day
from diagnostics.desk import Desk
from diagnostics.funnel import funnel_of
from diagnostics.reading import Reading
from diagnostics.slope import PREFIX, Slope
from diagnostics.watched import Watched, look, worse
from diagnostics.weeks import WEEK, WEEKS
from diagnostics.window import sum_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from diagnostics.book.rows import Book, Metric
    from diagnostics.panel import Panel
    from diagnostics.reading import Finding


ALARMED = 1.25
"""A figure so many bands out was told on its own day, and is no slide."""


class Opened(Protocol):
    """What is remembered of an alert that was told: its finding's key, and the day it began."""

    @property
    def key(self) -> str:
        """Return the finding's fingerprint."""
        ...

    @property
    def opened(self) -> date | None:
        """Return the judged day on which it was told first, or came back."""
        ...


def is_slide(what: str) -> bool:
    """Say whether the second half of a finding's key is a slide's."""
    return what.startswith(PREFIX)


def subject(what: str) -> str:
    """Return the figure that the second half of a slide's key is about."""
    return what.removeprefix(PREFIX)


def room(told: Iterable[Opened], day: date, per_week: int) -> int:
    """Return how many more slides may be told in the seven days that end with a day."""
    first = day - timedelta(WEEK - 1)
    lately = [one for one in told if one.opened is not None and one.opened >= first]
    return max(0, per_week - sum(is_slide(fingerprint.read(one.key).what) for one in lately))


def known(finding: Finding, told: Iterable[Opened]) -> bool:
    """Say whether a unit's alert of one day was told when its slide began: that fall is known."""
    first = finding.since - timedelta(WEEK)
    return any(
        about.unit == finding.unit and not is_slide(about.what)
        for one in told
        if one.opened is not None and one.opened >= first
        for about in (fingerprint.read(one.key),)
    )


def find(desk: Desk, head: int, told: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the slides of a judged shop (panel row `head`) and of its bigger units.

    Looked at is the funnel's value; where that holds, the links of its chain, of which the
    costliest is told; and beside it the headline rates that cost money by the event (refunds), those
    on a count of the chain only where the value holds. A
    slide of the shop explains those of its units, one of an account those of its products. Left
    out is what one of the day's findings (`told`) says of the same unit, and what a single day has
    told when it began: that change is known. With less than six weeks there are none. Two findings
    a unit at most, as long as they slide; `alerts.verdict` tells each once.
    """
    some = [int(row) for row in watched.rows(desk, head)]
    found = [one for one in _all(desk, head, some) if not _known_already(desk, one)]
    return tuple(one for one in _outermost(desk, found) if not _told_today(desk, one, told))


def explain(panel: Panel, book: Book, unit: str, day: date) -> tuple[Finding, ...]:
    """Return the slides of one unit, however small, and whatever else tells of them.

    Raises KeyError when the panel lacks the unit or the day.
    """
    row = panel.index(unit)
    own = panel.units[row]
    rows = {one.key: at for at, one in enumerate(panel.units)}
    head = rows.get(own.shop or own.key, row)
    desk = Desk.of(panel, book, day, np.array([row]))
    some = list(dict.fromkeys((*(int(one) for one in watched.rows(desk, head)), row)))
    return tuple(one for one in _all(desk, row, some, only=row) if one.unit == unit)


def _all(desk: Desk, head: int, some: Sequence[int], only: int | None = None) -> list[Finding]:
    """Return the slides of some rows: of each the value or the costliest link, and a rate beside.

    `only` asks for one of the rows; the others are its peers.
    """
    every = [*watched.values(desk.book, desk.panel, some), *watched.rates(desk, some)]
    looked = look(desk, every)
    found: dict[tuple[int, bool], list[tuple[bool, Finding]]] = {}
    fallen: set[int] = set()
    for at in looked.slid():
        what = looked.every[at]
        one = Slope.of(desk, looked, at).finding(head) if only in {None, what.row} else None
        if one is None or (what.row in fallen and _of_chain(desk, what)):
            continue
        fallen |= {what.row} if what.place == "value" else set()
        same = found.setdefault((what.row, what.place == "beside"), [])
        same.append((what.place != "value", one))
    return [min(same, key=_first)[1] for same in found.values()]


def _of_chain(desk: Desk, what: Watched) -> bool:
    """Say whether a rate beside the chain stands on a count of it.

    Where that slides, the rate moves by it: refunds of today are of orders of last week.
    """
    path = funnel_of(desk.book, desk.panel.units[what.row].kind)
    over = {term.measure for term in what.metric.over}
    return what.place == "beside" and not over.isdisjoint(path.chain)


def _first(found: tuple[bool, Finding]) -> tuple[bool, float, str]:
    """Order what is said of one unit: the value itself first, then what costs most."""
    rate, one = found
    return rate, -one.lost, one.reading.metric


def _in_chain(desk: Desk, finding: Finding) -> bool:
    about = fingerprint.read(finding.key)
    kind = desk.panel.units[desk.panel.index(about.unit)].kind
    return subject(about.what) == funnel_of(desk.book, kind).value


def _known_already(desk: Desk, one: Finding) -> bool:
    """Say whether a day of the week in which it began was an alarm of its own.

    Of the figure itself or, of what is lost along the chain, of a rate of the funnel: then the
    fall has been told by that day.
    """
    book, row = desk.book, desk.panel.index(one.unit)
    alone = desk.some(np.array([row]))
    metric = book.metrics.get(one.reading.metric) or sum_of(book, one.reading.metric)
    path = funnel_of(book, desk.panel.units[row].kind)
    steps = path.steps if not metric.over else ()
    rates = [book.metrics[step.rate] for step in steps if step.in_chain and step.rate]
    return any(_alarmed(alone, each, one.since) for each in (metric, *rates))


def _alarmed(alone: Desk, metric: Metric, since: date) -> bool:
    """Say whether a metric of a desk's only row was far out, the bad way, in the week up to a day."""
    scores = np.nan_to_num(alone.judged(metric).outlook.past_score[0])
    bad = scores if metric.direction == "down" else -scores
    last = len(bad) + (since - alone.day).days
    return bool((bad[max(0, last - WEEK) : max(0, last + 1)] >= ALARMED).any())


def _told_today(desk: Desk, one: Finding, told: Sequence[Finding]) -> bool:
    """Say whether a finding of the day speaks of the same: of the figure, or of its chain."""
    mine = [other for other in told if other.unit == one.unit]
    if not _in_chain(desk, one):
        return any(other.reading.metric == one.reading.metric for other in mine)
    value = subject(fingerprint.read(one.key).what)
    return any(other.step or other.reading.metric == value for other in mine)


def _outermost(desk: Desk, found: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the slides that no other of the same kind explains; each says which it hides."""
    units = {unit.key: unit for unit in desk.panel.units}
    there = {one.key for one in found}
    hidden: dict[str, list[str]] = {}
    inner: set[str] = set()
    for one in found:
        what = fingerprint.read(one.key).what
        above = [
            str(fingerprint.Fingerprint(key, what)) for key in kin.ancestors(units[one.unit], units)
        ]
        outer = [key for key in above if key in there]
        if outer:
            hidden.setdefault(outer[-1], []).append(one.unit)
            inner.add(one.key)
    for one in found:
        if one.key not in inner:
            yield replace(one, hides=tuple(hidden.get(one.key, ())))


def left(panel: Panel, book: Book, unit: str, metric: str, day: date, since: date) -> Left | None:
    """Return how the last week stands against the four before a slide; None where not known.

    For a slide that is over: so it is told whether the figure came back or this is the new level.
    Not known either where too many of these days are special to be compared: a campaign ends no
    slide.
    """
    row = panel.index(unit)
    found = book.metrics.get(metric) or sum_of(book, metric)
    now = look(Desk.of(panel, book, day, np.array([row])), [Watched(found, row, "value")]).found
    if not np.isfinite(now.score[0]):
        return None
    week = _mean(panel, found, row, day, WEEK)
    before = _mean(panel, found, row, since - timedelta(WEEK), WEEK * WEEKS)
    if week is None or before is None:
        return None
    still = float(now.score[0]) if worse(found, float(now.change[0])) else 0.0
    reading = Reading(metric, unit, day, week, better=False, score=still)
    return Left(reading, before=before)


def _mean(panel: Panel, metric: Metric, row: int, end: date, length: int) -> float | None:
    """Return a metric of seven days on the average of those that end with a day; a rate's ratio."""
    last = int((as_day(end) - panel.days[0]).astype(int)) + 1
    days = slice(max(0, last - length), max(0, last))
    of = panel.total(metric.of)[row, days]
    over = panel.total(metric.over)[row, days] if metric.over else np.full(len(of), 1.0 / WEEK)
    known = np.isfinite(of) & np.isfinite(over)
    if known.sum() * 2 < length or over[known].sum() <= 0.0:
        return None
    return float(metric.scale * of[known].sum() / over[known].sum())
