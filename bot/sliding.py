"""Which slow slides began or ended in a week, from the findings of its days."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import log
from typing import TYPE_CHECKING, Any

from bot.say.slide import Stretch
from diagnostics import fingerprint, slides
from diagnostics.alerts import BACK

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from bot.desk import Desk
    from diagnostics.reading import Finding
    from storage.findings import FindingRow

LOOKED_BACK = timedelta(days=56)
"""So long before the week it is looked when a slide began."""
QUIET = timedelta(days=2)
"""So many days without it end a slide."""


def turned(rows: Iterable[FindingRow], first: date, last: date) -> tuple[Stretch, ...]:
    """Return the slides that began, then those that ended, in the days `first` to `last`.

    `rows` are the findings since `LOOKED_BACK` before the week. What began and is over already is
    told as over. Each kind the costliest first.
    """
    found: dict[str, list[FindingRow]] = {}
    for row in sorted(rows, key=lambda one: (one.key, one.day)):
        if slides.is_slide(fingerprint.read(row.key).what):
            same = found.setdefault(row.key, [])
            if same and row.day - same[-1].day > QUIET:
                same.clear()
            same.append(row)
    every = [_stretch(same, last) for same in found.values()]
    told = [
        one
        for one in every
        if (one.began and one.first >= first) or (not one.began and one.last >= first - QUIET)
    ]
    return tuple(sorted(told, key=lambda one: (not one.began, -one.lost, one.unit, one.metric)))


def ended(desk: Desk, one: Stretch, rows: Iterable[FindingRow], last: date) -> Stretch:
    """Return a slide that ended with whether its figure came back, as its alert's thread says it.

    Half of the way back, on the day on which it counts as over, is a recovery; less is a new level.
    `rows` are the findings from which it was made, `last` the last day that may be looked at.
    """
    if one.began:
        return one
    mine = [
        row for row in rows if (row.unit, row.metric, row.day) == (one.unit, one.metric, one.first)
    ]
    units = desk.store.units(keys=(one.unit,))
    row = next((row for row in mine if slides.is_slide(fingerprint.read(row.key).what)), None)
    if row is None or not units or not row.value or not row.expected:
        return one
    day = min(last, one.last + QUIET)
    panel = desk.panel_of(units[0], day)
    if one.unit not in {unit.key for unit in panel.units}:
        return one
    left = slides.left(panel, desk.book, one.unit, one.metric, day, one.first)
    if left is None:
        return one
    back = replace(left, before=row.expected).back(log(row.value / row.expected))
    return one if back is None else replace(one, back=back >= BACK)


def _stretch(rows: list[FindingRow], last: date) -> Stretch:
    row = rows[-1]
    known = row.value is not None and bool(row.expected)
    change = (row.value or 0.0) / row.expected - 1.0 if known and row.expected else 0.0
    return Stretch(
        row.unit,
        row.metric,
        rows[0].day,
        row.day,
        change,
        row.lost,
        began=last - row.day < QUIET,
    )


def as_row(finding: Finding) -> dict[str, Any]:
    """Return a slide for programs: money in the unit's currency, None for what is not known."""
    slide = finding.slide
    return {
        "key": finding.key,
        "unit": finding.unit,
        "metric": finding.reading.metric,
        "since": slide.since.isoformat() if slide else None,
        "week": slide.week if slide else None,
        "before": slide.before if slide else None,
        "change": slide.change if slide else None,
        "lost_a_week": finding.lost,
        "lost_in_all": slide.total if slide else None,
        "step": slide.step if slide else "",
        "step_change": slide.step_change if slide else None,
        "step_lost_a_week": slide.step_lost if slide else None,
        "sureness": finding.sureness,
    }
