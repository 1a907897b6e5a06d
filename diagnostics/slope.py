"""One figure that slides, as a finding: how far, since when, what it costs, which step slid with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from diagnostics import fingerprint, money
from diagnostics.book.rows import Term
from diagnostics.drift import OFF, drift
from diagnostics.funnel import BASKET, basket, funnel_of
from diagnostics.reading import Expected, Finding, Reading, Slide
from diagnostics.watched import worse
from diagnostics.weeks import WEEK, WEEKS, Stretch

if TYPE_CHECKING:
    from datetime import date

    from diagnostics.book.rows import Funnel, Metric
    from diagnostics.desk import Desk
    from diagnostics.watched import Looked, Watched

PREFIX = "slide:"
"""What the second half of a slide's key begins with; the figure's own key follows."""
SURE = 1.5
"""A slide that scores so many times its edge is sure."""
LEAST_SHARE = 0.01
"""A rate must cost so much of what its shop brings in a week; the value's own fall is enough."""


@dataclass(frozen=True, eq=False)
class Slope:
    """A watched figure that slides: its last week, and all days since the week it was first seen."""

    desk: Desk
    what: Watched
    path: Funnel
    since: date
    score: float
    week: Stretch
    whole: Stretch

    @classmethod
    def of(cls, desk: Desk, looked: Looked, at: int) -> Slope:
        """Lay the two stretches of a series that was looked at out on the panel's days."""
        what, since = looked.every[at], looked.found.since[at].item()
        end, mine = desk.panel.at(desk.day) + 1, looked.ordinary[at]
        ordinary = np.zeros(end, dtype=bool)
        ordinary[end - len(mine) :] = mine
        week = Stretch(desk.panel, desk.book, what.row, max(0, end - WEEK), end, ordinary)
        first = max(0, desk.panel.at(since) + 1 - WEEK)
        path = funnel_of(desk.book, desk.panel.units[what.row].kind)
        score = float(looked.found.score[at])
        return cls(desk, what, path, since, score, week, replace(week, first=first))

    def finding(self, head: int) -> Finding | None:
        """Return what is told of it: `lost` is a week's; `head` is the panel row of its shop.

        None where the week is not known, is not worse after all, or costs next to nothing.
        """
        metric, unit = self.what.metric, self.desk.panel.units[self.what.row]
        now, before = self.week.rate(metric)
        lost = self._lost(self.week)
        if not (min(now, before) > 0.0 and worse(metric, now - before) and lost > 0.0):
            return None
        if not self.week.complete(metric) or not self._matters(head, lost):
            return None
        total = float(np.nan_to_num(self._lost(self.whole)))
        slide = self._with_step(Slide(self.since, now, before, total=max(lost, total)))
        rows = {one.key: one for one in self.path.steps}
        step = slide.step or money.step_of(self.desk.book, unit.kind, metric)
        what = metric.key if self.what.place == "beside" else self.path.value
        return Finding(
            key=str(fingerprint.Fingerprint(unit.key, f"{PREFIX}{what}")),
            unit=unit.key,
            scene="",
            step=step if step in rows else "",
            reading=_reading(metric, slide, unit.key, self.desk.day),
            lost=lost,
            lost_profit=self._profit(lost),
            since=slide.since,
            sureness="sure" if self.score >= SURE else "likely",
            controllable=rows[step].controllable if step in rows else True,
            alert=True,
            slide=slide,
        )

    def _lost(self, days: Stretch) -> float:
        """Return the funnel's value that some days lost by it."""
        metric = self.what.metric
        match self.what.place:
            case "value":
                now, before = days.sums(metric.of)
                return before - now
            case "chain":
                return days.part(metric.of[0].measure, self.path)
            case "beside" | "asked":
                return days.cost(metric, self.path)

    def _matters(self, head: int, lost: float) -> bool:
        if self.what.place == "value":
            return True
        shop = replace(self.week, row=head)
        return lost >= LEAST_SHARE * shop.sums((Term(self.path.value),))[0]

    def _profit(self, lost: float) -> float | None:
        panel, unit = self.desk.panel, self.desk.panel.units[self.what.row]
        rows = {one.key: row for row, one in enumerate(panel.units)}
        shop = rows.get(unit.shop, self.what.row)
        at = panel.at(self.desk.day)
        margin = money.margin(panel, self.desk.book, shop, at, self.path.value)
        return None if margin is None else lost * max(0.0, margin)

    def _with_step(self, slide: Slide) -> Slide:
        """Name the step that lost most of the value, of those that slid themselves."""
        if self.what.place != "value":
            return slide
        names = {one.count: one.key for one in self.path.steps if one.in_chain}
        if basket(self.desk.book, self.path) is not None:
            names[self.path.value] = BASKET
        parts = self.week.parts(self.path)
        there = list(parts)
        for count, part in sorted(parts.items(), key=lambda one: (one[1], one[0])):
            above = there[there.index(count) - 1] if there.index(count) else ""
            change = self._moved(count, above) if part < 0.0 and count in names else None
            if change is not None and self._slid(count, above):
                return replace(slide, step=names[count], step_change=change, step_lost=-part)
        return slide

    def _moved(self, count: str, above: str) -> float | None:
        """Return the relative change of a link of the chain in the last week; None without one."""
        new, old = self.week.sums((Term(count),))
        below, under = self.week.sums((Term(above),)) if above else (1.0, 1.0)
        if min(old, below, under) <= 0.0:
            return None
        return (new / below) / (old / under) - 1.0

    def _slid(self, count: str, above: str) -> bool:
        """Say whether a link of the chain slid itself, by its own past."""
        panel, end = self.desk.panel, self.week.end
        values = panel.measure(count)[self.what.row, :end]
        if above:
            under = panel.measure(above)[self.what.row, :end]
            with np.errstate(divide="ignore", invalid="ignore"):
                values = np.where(under > 0, values / under, np.nan)
        found = drift(values[None, :], panel.days[:end], self.desk.day)
        return bool(found.change[0] < 0.0 and np.nan_to_num(found.score[0]) >= OFF)


def _reading(metric: Metric, slide: Slide, unit: str, day: date) -> Reading:
    wish = Expected(slide.before, slide.before, slide.before, WEEK * WEEKS, "recent")
    return Reading(
        metric.key,
        unit,
        day,
        slide.week,
        of=None if metric.over else slide.week,
        expected=wish,
        change=slide.change,
        unusual=True,
        better=False,
        light="red",
        sureness="likely",
    )
