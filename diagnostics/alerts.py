"""Which findings are worth a message now, and why: first, worse, still, better, over, back again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from math import log
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date, datetime

    from diagnostics.reading import Finding, Reading

Reason = Literal[
    "first", "worse", "graver", "still", "better", "corrected", "wider", "joined", "parted",
    "withdrawn", "recovered", "settled", "reopened", "quiet", "snoozed", "acked",
]  # fmt: skip
State = Literal["open", "acked", "snoozed", "recovered", "withdrawn", "joined", "closed"]

ENTER = 1.15
"""A figure so many bands out is worth a message on its own day."""
TWICE = 1.05
"""The same where the day before was out on the same side as well."""
LEAVE = 0.5
"""An alert goes on while the figure is this many bands out: it does not flap around the edge."""
MATERIAL = 0.15
"""However quiet a unit is, a smaller change (of 1) than this can wait for the digest, unless it
costs as much as what is dear (stakes)."""
STILL_AFTER = timedelta(days=3)
"""What goes on is told again only after this time."""
SLIDE_AFTER = timedelta(days=7)
"""A slide is told by the week: it is told as worse only so long after, and never as still there."""
WORSE = 1.3
"""Worse: the loss is this many times the worst one told; once a day at most."""
BETTER = 0.5
CORRECTED = 1.15
"""A day judged again changes the card when its loss is so many times more or less."""
QUIET_DAYS = 2
"""So many judged days without the finding are its end."""
REOPEN_DAYS = 4
"""What comes back within so many days of its end is the same incident."""
SILENT_DAYS = 7
"""So long a false alarm is silent unless it gets worse or graver; then it counts as new."""
BACK = 0.5
"""An end with less than this share of the way back to the old level is a new level."""
OVER: frozenset[State] = frozenset({"recovered", "withdrawn", "joined", "closed"})
"""The states of an alert that nobody waits for any more."""
_TAKEN_BACK = frozenset({"withdrawn", "joined"})


def worth(finding: Finding, factor: float = 1.0, dear: float | None = None) -> bool:
    """Say whether a finding is worth beginning an alert.

    A certain breach of the team's own range always is; else how far out the figure is, alone or on
    the second day on one side, and whether it matters: by its change or, from `dear` on (the
    unit's currency; None where nobody can say), by the money lost. `factor`: how much surer than
    usual it must be, from what the team answered (patience). A figure without a score is left to
    whoever found it.
    """
    reading = finding.reading
    if reading.score is None or _breach(reading):
        return True
    small = reading.change is not None and abs(reading.change) < MATERIAL
    if small and (dear is None or finding.lost < dear):
        return False
    need = TWICE if finding.since < reading.day else ENTER
    return reading.score >= need * factor


def _breach(reading: Reading) -> bool:
    """Say whether a figure is certainly out of the team's own range; a benchmark is none."""
    own = reading.range is not None and reading.range.grade != "C"
    return own and reading.position in {"below", "above"}


def severity(reading: Reading) -> int:
    """Return how grave a figure is: 2 certainly out of the team's own range, 1 red, 0 neither."""
    return 2 if _breach(reading) else int(reading.light == "red")


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of an alert on a judged day that does not have it among its findings."""

    reading: Reading
    before: float | None = None
    """What such a day brought before it began."""

    def score(self, gap: float | None) -> float:
        """Return how many bands the figure is out on the alert's side; 0 on the other."""
        now = _gap(self.reading)
        same = self.reading.better is False if not gap or now is None else now * gap > 0.0
        return (self.reading.score or 0.0) if same else 0.0

    def back(self, gap: float | None) -> float | None:
        """Return which share of its way the figure has come back; None where nobody can say."""
        value, before = self.reading.value, self.before
        if not gap or value is None or before is None or min(value, before) <= 0.0:
            return None
        return 1.0 - log(value / before) / gap


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
    opened: date | None = None
    """The day on which it was told first, or last came back."""
    shown: float | None = None
    """The loss that its card shows."""
    worse_day: date | None = None
    """The last day that was told as worse."""
    metric: str | None = None
    """The figure that told it."""
    gap: float | None = None
    """ln of that figure over what such a day brings, when it began."""
    severity: int | None = None
    """How grave the gravest figure told was; None in what an older version remembers."""
    size: int | None = None
    """Of a group: of how many units its card speaks."""


@dataclass(frozen=True, slots=True)
class Telling:
    """The decision: whether to tell, the reason by name, and what to remember from now on."""

    reason: Reason
    tell: bool
    seen: Seen | None
    aloud: bool = True
    """Whether the thread gets a line too; else only the card is put right."""


def verdict(
    told: Seen | None,
    finding: Finding | None,
    now: datetime,
    day: date,
    *,
    left: Left | None = None,
    factor: float = 1.0,
    dear: float | None = None,
) -> Telling:
    """Decide whether an alert is told now. `finding` None means that the judged `day` had none.

    `left` tells how the alert's figure stood on such a day, `factor` how much surer than usual it
    must be to begin (patience), `dear` the loss that matters however small the change. Days that
    are not judged are not asked about: they count neither as quiet nor as going on. A pure function
    of its arguments.
    """
    if finding is None:
        return _absent(told, left, now, day)
    if told is None or _forgotten(told, day):
        if not worth(finding, factor, dear):
            return Telling("quiet", tell=False, seen=told)
        return Telling("first", tell=True, seen=_begun(finding, finding.since, now, day))
    if told.state in OVER:
        return _again(told, finding, now, day, worthy=worth(finding, factor, dear))
    return _present(told, finding, now, day)


def joined(told: Seen, day: date, now: datetime) -> Telling:
    """Return that what an alert told of is told with a group now: its card says so, in silence."""
    last = max(day, told.last_day)
    seen = replace(told, state="joined", last_day=last, last_told=now, quiet_days=0)
    return Telling("joined", tell=True, seen=seen, aloud=False)


def _forgotten(told: Seen, day: date) -> bool:
    """Say whether an incident was over for so long that its return is another one."""
    away = (day - told.last_day).days
    return told.state in OVER and away > (SILENT_DAYS if told.state == "closed" else REOPEN_DAYS)


def _begun(finding: Finding, since: date, now: datetime, day: date) -> Seen:
    return Seen(
        finding.key,
        "open",
        since,
        day,
        now,
        finding.lost,
        opened=day,
        shown=finding.lost,
        metric=finding.reading.metric,
        gap=_gap(finding.reading),
        severity=severity(finding.reading),
        size=_size(finding),
    )


def _size(finding: Finding) -> int | None:
    return finding.asked if finding.scope else None


def _again(told: Seen, finding: Finding, now: datetime, day: date, *, worthy: bool) -> Telling:
    """What was over is back: the same incident. A false alarm comes back when worse or graver.

    What was told with a group is told by itself again: it was told before, and goes on.
    """
    false = told.state == "closed"
    worse = finding.lost > WORSE * told.worst and finding.lost > 0.0
    graver = _graver(told, finding)
    worthy = worthy or told.state == "joined"
    anew = told.state in _TAKEN_BACK or (false and graver)
    early = day < told.last_day or (day == told.last_day and not anew)
    if early or not worthy or (false and not (worse or graver)):
        return Telling("quiet", tell=False, seen=told)
    seen = _begun(finding, min(told.first_day, finding.since), now, day)
    reason: Reason = "parted" if told.state == "joined" else "reopened"
    return Telling("graver" if false and graver else reason, tell=True, seen=seen)


def _present(told: Seen, finding: Finding, now: datetime, day: date) -> Telling:
    if told.state == "snoozed" and told.snoozed_until is not None and now < told.snoozed_until:
        return Telling("snoozed", tell=False, seen=_kept(told, day))
    state: State = "open" if told.state == "snoozed" else told.state
    current = replace(_kept(told, day), state=state)
    shown = _shown(current, finding)
    if told.severity is None:
        told, current = (replace(one, severity=shown.severity) for one in (told, current))
    loud = replace(shown, last_told=now, worst=max(told.worst, finding.lost))
    more = finding.lost > WORSE * told.worst and finding.lost > 0.0
    if _is_news(told, finding, now, day):
        graver = _graver(told, finding) and not (day == told.last_day and _partial(told, finding))
        if graver or (more and _may_worsen(told, finding, day)):
            said: Reason = "graver" if graver else "worse"
            return Telling(said, tell=True, seen=replace(loud, worse_day=day))
    if day <= told.last_day:
        return _same_day(told, shown, finding, day)
    if state == "acked":
        return Telling("acked", tell=False, seen=current)
    if finding.slide is None and now - told.last_told >= STILL_AFTER:
        reason: Reason = "better" if finding.lost < BETTER * told.worst else "still"
        return Telling(reason, tell=True, seen=loud)
    return Telling("still", tell=False, seen=current)


def _graver(told: Seen, finding: Finding) -> bool:
    """Say whether a figure is graver than any that was told; of an older memory nobody can say."""
    return told.severity is not None and severity(finding.reading) > told.severity


def _shown(seen: Seen, finding: Finding) -> Seen:
    """Return what is remembered once the card shows a finding as it stands.

    Each step up is told once: a figure that was red, then yellow, is not news when it is red again.
    """
    grave = max(seen.severity or 0, severity(finding.reading))
    return replace(seen, shown=finding.lost, severity=grave, size=_size(finding))


def _is_news(told: Seen, finding: Finding, now: datetime, day: date) -> bool:
    """Say whether more than was told may be said: not of an earlier day, nor of a recent slide."""
    slow = finding.slide is not None and now - told.last_told < SLIDE_AFTER
    return day >= told.last_day and not slow


def _may_worsen(told: Seen, finding: Finding, day: date) -> bool:
    """Say whether a greater loss is news: once a day, and not where a group has only grown."""
    return told.worse_day != day and not (day == told.last_day and _wider(told, finding))


def _wider(told: Seen, finding: Finding) -> bool:
    """Say whether a group is of more units than its card says: their figures came later."""
    return told.size is not None and told.size < (_size(finding) or 0)


def _partial(told: Seen, finding: Finding) -> bool:
    """Say whether a group's day is seen without some units that its card speaks of."""
    return told.size is not None and told.size > (_size(finding) or 0)


def _same_day(told: Seen, seen: Seen, finding: Finding, day: date) -> Telling:
    """The day's figures came late or were revised: what was said is put right where it was said."""
    if day == told.last_day and _wider(told, finding):
        return Telling("wider", tell=True, seen=_whole(told, seen, finding, day), aloud=False)
    part = day < told.last_day or _partial(told, finding)
    if part or told.shown is None or not _differs(told.shown, finding.lost):
        same = replace(seen, shown=told.shown, severity=told.severity, size=told.size)
        return Telling("quiet", tell=False, seen=same)
    return Telling("corrected", tell=True, seen=_whole(told, seen, finding, day), aloud=False)


def _whole(told: Seen, seen: Seen, finding: Finding, day: date) -> Seen:
    """Return what is remembered when a day's card is put right: of its first day only what it is."""
    if told.opened != day or told.first_day != day:
        return replace(seen, worst=max(told.worst, finding.lost))
    return replace(seen, worst=finding.lost, severity=severity(finding.reading))


def _differs(shown: float, lost: float) -> bool:
    low, high = sorted((shown, lost))
    return high > CORRECTED * low and high > 0.0


def _absent(told: Seen | None, left: Left | None, now: datetime, day: date) -> Telling:
    if told is None or told.state in OVER or day < told.last_day:
        return Telling("quiet", tell=False, seen=told)
    out = left is not None and left.score(told.gap) >= LEAVE
    aloud = told.state != "snoozed" or told.snoozed_until is None or now >= told.snoozed_until
    if day == told.last_day:
        if told.opened != day or left is None or out:
            return Telling("quiet", tell=False, seen=told)
        gone = replace(told, state="withdrawn", last_told=now)
        return Telling("withdrawn", tell=True, seen=gone, aloud=aloud)
    if out:
        return Telling("still", tell=False, seen=_kept(told, day))
    quiet = told.quiet_days + 1
    current = replace(told, last_day=day, quiet_days=quiet)
    if quiet < QUIET_DAYS:
        return Telling("quiet", tell=False, seen=current)
    back = left.back(told.gap) if left is not None else None
    reason: Reason = "settled" if back is not None and back < BACK else "recovered"
    over = replace(current, state="recovered", last_told=now)
    return Telling(reason, tell=True, seen=over, aloud=aloud)


def _gap(reading: Reading) -> float | None:
    """Return ln of a figure over what such a day brings; None where there is no such ratio."""
    value, wish = reading.value, reading.expected
    if value is None or wish is None or min(value, wish.mid) <= 0.0:
        return None
    return log(value / wish.mid)


def _kept(told: Seen, day: date) -> Seen:
    return replace(told, last_day=max(day, told.last_day), quiet_days=0)
