"""Which findings are worth a message now, and why: first, worse, still, better, recovered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date, datetime

    from diagnostics.reading import Finding

Reason = Literal[
    "first", "worse", "still", "better", "recovered", "reopened", "quiet", "snoozed", "acked"
]
State = Literal["open", "acked", "snoozed", "recovered", "closed"]

STILL_AFTER = timedelta(days=3)
"""What goes on is told again only after this time."""
WORSE = 1.3
"""Worse: the loss is this many times the worst one told."""
BETTER = 0.5
QUIET_DAYS = 2
"""So many days without the finding are a recovery."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is remembered of an alert that was told: its state, worst loss told, quiet days."""

    key: str
    state: State
    first_day: date
    last_day: date
    """The last day that was judged for it."""
    last_told: datetime
    worst: float
    quiet_days: int = 0
    snoozed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """The decision: whether to tell, the reason by name, and what to remember from now on."""

    reason: Reason
    tell: bool
    seen: Seen | None


def verdict(told: Seen | None, finding: Finding | None, now: datetime, day: date) -> Telling:
    """Decide whether an alert is told now. `finding` None means that the day had none of it.

    The same day judged again says nothing new unless it got worse. Acknowledged alerts speak only
    when worse or recovered; snoozed ones not before their time. A pure function of its arguments.
    """
    if finding is None:
        return _absent(told, now, day)
    if told is None:
        return Telling("first", tell=True, seen=_fresh(finding, now, day))
    if told.state in {"recovered", "closed"}:
        return _again(told, finding, now, day)
    return _present(told, finding, now, day)


def _fresh(finding: Finding, now: datetime, day: date) -> Seen:
    return Seen(finding.key, "open", finding.since, day, now, finding.lost)


def _again(told: Seen, finding: Finding, now: datetime, day: date) -> Telling:
    if day <= told.last_day:
        return Telling("quiet", tell=False, seen=told)
    return Telling("reopened", tell=True, seen=Seen(told.key, "open", day, day, now, finding.lost))


def _present(told: Seen, finding: Finding, now: datetime, day: date) -> Telling:
    if told.state == "snoozed" and told.snoozed_until is not None and now < told.snoozed_until:
        return Telling("snoozed", tell=False, seen=_kept(told, day))
    state: State = "open" if told.state == "snoozed" else told.state
    current = replace(_kept(told, day), state=state)
    loud = _told(replace(current, worst=max(told.worst, finding.lost)), now)
    if finding.lost > WORSE * told.worst and finding.lost > 0.0:
        return Telling("worse", tell=True, seen=loud)
    if day <= told.last_day:
        return Telling("quiet", tell=False, seen=current)
    if told.state == "acked":
        return Telling("acked", tell=False, seen=current)
    if now - told.last_told >= STILL_AFTER:
        reason: Reason = "better" if finding.lost < BETTER * told.worst else "still"
        return Telling(reason, tell=True, seen=loud)
    return Telling("still", tell=False, seen=current)


def _absent(told: Seen | None, now: datetime, day: date) -> Telling:
    if told is None or told.state in {"recovered", "closed"} or day <= told.last_day:
        return Telling("quiet", tell=False, seen=told)
    quiet = told.quiet_days + 1
    state: State = told.state if quiet < QUIET_DAYS else "recovered"
    current = replace(told, state=state, last_day=day, quiet_days=quiet)
    if state == "recovered":
        return Telling("recovered", tell=True, seen=_told(current, now))
    return Telling("quiet", tell=False, seen=current)


def _kept(told: Seen, day: date) -> Seen:
    return replace(told, last_day=max(day, told.last_day), quiet_days=0)


def _told(seen: Seen, now: datetime) -> Seen:
    return replace(seen, last_told=now)
