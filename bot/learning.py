"""Looks back at what was prescribed: did the figure by which it is judged come right?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from diagnostics import fingerprint
from diagnostics.diagnose import read

if TYPE_CHECKING:
    from datetime import date, datetime

    from bot.desk import Desk
    from diagnostics.book.rows import Prescription

PATIENCE = timedelta(days=7)
"""How long after its day a figure is waited for; then nobody can say whether it worked."""


def look_back(desk: Desk, now: datetime) -> int:
    """Judge the prescriptions whose time has come; return how many were judged.

    Worked: on the day that the prescription names, or the first with a figure after it, the figure
    is neither out of its range nor unusual on the bad side. It is an observation, not an experiment.
    """
    rows = {row.key: row for row in desk.book.prescriptions()}
    judged = 0
    for outcome in desk.findings.waiting():
        row, about = rows.get(outcome.prescription), fingerprint.read(outcome.finding)
        unit, shop = about.unit, about.shop
        if row is None or shop not in {one.key for one in desk.team.shop}:
            desk.findings.judge(outcome, worked=None, at=now)
            continue
        last = max(desk.closed_days((shop,), now))
        due = outcome.day + timedelta(row.judged_after_days)
        if due > last:
            continue
        worked = _worked(desk, row, unit, shop, due, last)
        if worked is not None or last - due >= PATIENCE:
            desk.findings.judge(outcome, worked=worked, at=now)
            judged += 1
    return judged


def _worked(
    desk: Desk, row: Prescription, unit: str, shop: str, due: date, last: date
) -> bool | None:
    """Return whether the figure came right on the first day from `due` on that has one.

    The unit's own figure is asked for first, then its shop's.
    """
    units = desk.store.units(keys=(unit, shop))
    for found in sorted(units, key=lambda one: one.key != unit):
        key, day = found.key, due
        panel = desk.panel_of(found, last)
        while day <= last:
            reading = read(panel, desk.book, row.judged_by, key, day)
            if reading.value is not None and not reading.why and reading.light != "grey":
                return reading.light == "green"
            day += timedelta(1)
    return None
