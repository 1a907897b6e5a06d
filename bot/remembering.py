"""What a channel remembers of an alert, and how its figure stands where the finding is gone."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

from diagnostics import fingerprint, slides
from diagnostics.alerts import OVER, Left, Seen
from diagnostics.diagnose import read, trend
from storage.ledger import Told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bot.desk import Desk
    from diagnostics.alerts import Telling
    from diagnostics.reading import Diagnosis, Finding, Trend

LOOKED_BACK = 28
"""Days in which what such a day brought before an alert is looked for."""


def seen_of(told: Told | None) -> Seen | None:
    """Return what is remembered of an alert, as the verdict knows it."""
    if told is None:
        return None
    return Seen(**{one.name: getattr(told, one.name) for one in fields(Seen)})


def remembered(telling: Telling, before: Told | None, channel: str) -> Told | None:
    """Return what a channel remembers after a decision; a new incident has a message of its own."""
    seen = telling.seen
    if seen is None:
        return before
    values = {one.name: getattr(seen, one.name) for one in fields(Seen)}
    if telling.reason == "first" or before is None:
        day = (seen.opened or seen.first_day).isoformat()
        return Told(
            channel=channel,
            post_key=f"alert:{channel}:{seen.key}:{day}",
            was=before.was if before else "",
            **values,
        )
    acked_by = "" if before.state in OVER and seen.state not in OVER else before.acked_by
    return Told(
        channel=channel, post_key=before.post_key, acked_by=acked_by, was=before.was, **values
    )


def left_of(desk: Desk, told: Told, day: date, now: datetime) -> Left | Literal["unknown"] | None:
    """Return how an alert's figure stands on a day whose findings do not have it.

    None where it is not known which figure that is; "unknown" where the day has no settled value
    of it: then nothing can be said of the alert.
    """
    unit = fingerprint.read(told.key).unit
    if told.metric is None:
        return None
    slid = slides.is_slide(fingerprint.read(told.key).what)
    for found in desk.store.units(keys=(unit,)):
        panel = desk.panel_of(found, day, now=now)
        if unit not in {one.key for one in panel.units}:
            return "unknown"
        if slid:
            week = slides.left(panel, desk.book, unit, told.metric, day, told.first_day)
            return week or "unknown"
        reading = read(panel, desk.book, told.metric, unit, day)
        if reading.value is None or reading.why not in {"", "no_history"}:
            return "unknown"
        past = trend(panel, desk.book, told.metric, unit, day, LOOKED_BACK)
        return Left(reading, _before(past, told.first_day))
    return None


def _before(past: Trend, first: date) -> float | None:
    """Return what was expected of the last such weekday before a day; else of the day before."""
    known = [
        (day, value)
        for day, value in zip(past.days, past.expected, strict=True)
        if day < first and value is not None
    ]
    alike = [value for day, value in known if day.weekday() == past.days[-1].weekday()]
    return alike[-1] if alike else known[-1][1] if known else None


def recall(
    desk: Desk, key: str, first: date, last: date, now: datetime, shops: Sequence[str] = ()
) -> tuple[Finding, Diagnosis] | None:
    """Return a finding's last day within some days, judged again; None when it is gone.

    `shops` are the channel's: what is told of several shops as one is judged among them.
    """
    rows = [row for row in desk.findings.list(first, last) if row.key == key]
    if not rows or (fingerprint.circle(rows[0].unit) is not None and not shops):
        return None
    row = max(rows, key=lambda one: one.day)
    told_at = datetime.combine(row.day + timedelta(1), time.min, UTC)
    alone = fingerprint.circle(row.unit) is None
    diagnosis = desk.look((row.shop,) if alone else shops, now, row.day, at=told_at)
    found = next((one for one in diagnosis.findings if one.key == key), None)
    return (found, diagnosis) if found is not None else None
