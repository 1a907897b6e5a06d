"""What the rules as they stand would have said on past days: one figure, or whole mornings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

import numpy as np

from diagnostics import slides, stakes, watched
from diagnostics.alerts import verdict
from diagnostics.book.rows import Measure, Metric, RangeRow, Scope, Term, Text
from diagnostics.desk import Desk
from diagnostics.diagnose import diagnose
from diagnostics.judge import visible
from diagnostics.panel import Panel, State, Unit
from diagnostics.watched import Watched, look, worse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from diagnostics.alerts import Reason, Seen
    from diagnostics.book.rows import Book
    from diagnostics.reading import Diagnosis, Finding, Reading

Told = Literal["", "unusual", "below", "above"]
QUIET = 2
"""So many ordinary days end a stretch of days that are told."""
SLIDES_PER_WEEK = 2
"""So many slow slides a week are told by themselves, where no channel says otherwise."""
_BEGINS: frozenset[Reason] = frozenset({"first", "reopened", "graver"})


@dataclass(frozen=True, slots=True)
class Drifted:
    """How the seven days up to a day stand against those before, as the drift channel sees it."""

    change: float | None
    """Relative, what is common to its peers taken out; None where too little is known."""
    score: float | None
    """1 and more is a slide."""
    since: date | None
    """The day on which the slide to the worse that goes on was first seen; None for none."""
    told: bool
    """Whether the channel would speak on this day: once a slide."""


@dataclass(frozen=True, slots=True)
class Played:
    """One figure of one unit over past days: its readings, and what each day was told for."""

    unit: str
    readings: tuple[Reading, ...]
    told: tuple[Told, ...]
    visible: float | None
    """The smallest relative change to the worse that the last day's band can see: 0.3 is 30 %."""
    drifts: tuple[Drifted, ...] = ()
    """What the drift channel saw on each of the days."""

    @property
    def judged(self) -> int:
        """Return how many days had a verdict."""
        return sum(not one.why and one.value is not None for one in self.readings)

    @property
    def days_told(self) -> int:
        """Return how many days would have been told."""
        return sum(bool(word) for word in self.told)

    @property
    def stretches(self) -> int:
        """Return how many messages that makes: one until two ordinary days have passed."""
        count, quiet = 0, QUIET
        for word in self.told:
            if word:
                count, quiet = count + (quiet >= QUIET), 0
            else:
                quiet += 1
        return count


def figure(
    panel: Panel, book: Book, metric: Metric, units: Sequence[str], days: Sequence[date]
) -> tuple[Played, ...]:
    """Judge one metric of some units on past days, each from the days before it alone.

    A day is told when its value is unusual for such a day, or certainly outside a range that is
    more than a rough benchmark. Raises KeyError for a unit or day that the panel lacks.
    """
    rows = np.array([panel.index(key) for key in units], dtype=np.int64)
    found: dict[str, list[Reading]] = {key: [] for key in units}
    drifts: dict[str, list[Drifted]] = {key: [] for key in units}
    for day in days:
        desk = Desk.of(panel, book, day, rows)
        drifted = _drifted(desk, metric)
        for key, row in zip(units, rows, strict=True):
            found[key].append(desk.reading(metric, int(row)))
            drifts[key].append(drifted[int(row)])
    return tuple(
        Played(
            key,
            tuple(readings),
            tuple(map(_told, readings)),
            _visible(readings, metric),
            tuple(drifts[key]),
        )
        for key, readings in found.items()
    )


def _drifted(desk: Desk, metric: Metric) -> dict[int, Drifted]:
    """Return how a metric of the desk's rows has drifted up to its day, by row."""
    some = [int(row) for row in desk.rows]
    every = [*watched.values(desk.book, desk.panel, some), *watched.rates(desk, some)]
    there = {one.row for one in every if one.metric == metric}
    every += [Watched(metric, row, "asked") for row in some if row not in there]
    looked = look(desk, every)
    return {
        one.row: _seen(desk, looked, at)
        for at, one in enumerate(looked.every)
        if one.metric == metric
    }


def _seen(desk: Desk, looked: watched.Looked, at: int) -> Drifted:
    change, score = float(looked.found.change[at]), float(looked.found.score[at])
    since = looked.found.since[at]
    if not np.isfinite(score):
        return Drifted(None, None, None, told=False)
    bad = not np.isnat(since) and worse(looked.every[at].metric, change)
    first = since.item() if bad else None
    return Drifted(change, score, first, told=first == desk.day)


def _told(reading: Reading) -> Told:
    if reading.why or reading.value is None:
        return ""
    hard = reading.range is not None and reading.range.grade != "C"
    if hard and reading.position == "below":
        return "below"
    if hard and reading.position == "above":
        return "above"
    return "unusual" if reading.unusual else ""


def _visible(readings: Sequence[Reading], metric: Metric) -> float | None:
    for reading in reversed(readings):
        wish = reading.expected
        if wish is not None:
            return visible(metric, wish.low, wish.mid, wish.high)
    return None


@dataclass(frozen=True, slots=True)
class Message:
    """An alert as it would have been told: the day judged, the reason by name, the finding."""

    day: date
    reason: Reason
    key: str
    finding: Finding | None
    """None where the message says that something is over."""


@dataclass(frozen=True, slots=True)
class Slid:
    """A slow slide over past mornings: its first and its last one, and when it was told of."""

    first: date
    last: date
    told: date | None
    """The day of its own message; None where only the digest's line named it."""
    finding: Finding
    """As it stood on the last of them."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Past mornings: each day's diagnosis, and the alerts over all of them."""

    days: tuple[Diagnosis, ...]
    messages: tuple[Message, ...]

    @property
    def slides(self) -> tuple[Slid, ...]:
        """Return the slow slides in the order in which they were seen; a return is another one."""
        begun = {(one.key, one.day) for one in self.messages if one.reason in _BEGINS}
        found: dict[str, list[Slid]] = {}
        for day in self.days:
            for one in day.findings:
                if one.slide is None:
                    continue
                own = found.setdefault(one.key, [])
                told = day.day if (one.key, day.day) in begun else None
                if own and (day.day - own[-1].last).days <= QUIET:
                    own[-1] = Slid(own[-1].first, day.day, own[-1].told or told, one)
                else:
                    own.append(Slid(day.day, day.day, told, one))
        every = [slid for own in found.values() for slid in own]
        return tuple(sorted(every, key=lambda one: (one.first, one.finding.key)))


def mornings(
    panel: Panel,
    book: Book,
    days: Sequence[date],
    *,
    rates: Mapping[str, float] | None = None,
    slides_per_week: int = SLIDES_PER_WEEK,
) -> Iterator[tuple[Diagnosis, tuple[Message, ...]]]:
    """Yield each day's diagnosis as its morning would have seen it, with the alerts told.

    The figures are today's (late corrections are in them), the past of each morning ends with its
    day. `days` ascending; the alerts' memory goes from one to the next. So many slow slides a week
    are told of as a channel is.
    """
    open_: dict[str, Seen] = {}
    for day in days:
        found = diagnose(panel.until(day), book, day, rates=rates)
        dears = stakes.dear(found, rates)
        yield found, tuple(_messages(found, open_, slides_per_week, dears))


def _messages(
    found: Diagnosis, memory: dict[str, Seen], per_week: int, dears: Mapping[str, float]
) -> Iterator[Message]:
    now = datetime.combine(found.day + timedelta(1), time(9), UTC)
    alerts = {one.key: one for one in found.findings if one.alert}
    judged = {shop.unit.key for shop in found.shops if shop.trust.judged}
    for key in dict.fromkeys((*memory, *alerts)):
        if key not in alerts and key.split("|", 1)[0].split("/", 1)[0] not in judged:
            continue
        finding = alerts.get(key)
        dear = stakes.of(finding, found, dears) if finding is not None else None
        telling = verdict(memory.get(key), finding, now, found.day, dear=dear)
        if finding is not None and finding.slide is not None and telling.reason in _BEGINS:
            told = memory.values()
            if not slides.room(told, found.day, per_week) or slides.known(finding, told):
                continue
        if telling.seen is not None:
            memory[key] = telling.seen
        if telling.tell:
            yield Message(found.day, telling.reason, key, finding)


def trial(book: Book, metric: Metric, low: float | None, high: float | None, day: date) -> Book:
    """Return the book with one range of a metric for every unit, in place of those it has."""
    text = Text("试算", "trial")
    row = RangeRow(
        key="trial",
        metric=metric.key,
        scope=Scope(),
        low=low,
        target=None,
        high=high,
        source="trial",
        grade="own",
        valid_from=day,
        reason=text,
    )
    others = tuple(one for one in book.ranges if one.metric != metric.key)
    return replace(book, ranges=(*others, row))


def own_series(
    book: Book,
    units: Sequence[str],
    days: NDArray[np.datetime64],
    of: NDArray[np.float64],
    over: NDArray[np.float64] | None,
    metric: Metric | None = None,
) -> tuple[Panel, Book, Metric]:
    """Return series from outside as a panel, with the metric that reads them.

    `of` and `over` float (units, days), NaN = missing. A `metric` of the book lends its name,
    direction, range and scale; without one they are plain values or a rate. What is below zero in
    `of` over a base is laid out as a measure that is taken off (`less`): a margin, no share.
    """
    text = Text("数值", "value")
    below = over is not None and bool(np.any(of < 0.0))
    share = over is not None and not below and not np.any(of > over)
    counts = {"of": of} if over is None else {"of": of, "over": over}
    if below:
        counts |= {"of": np.maximum(of, 0.0), "less": np.maximum(-of, 0.0)}
    names = tuple(counts)
    measures = {key: Measure(key, text, "count" if share else "score") for key in names}
    bare = Metric(
        key="value",
        name=text,
        of=(),
        over=(),
        unit="ratio" if share else "score",
        direction="up",
        stage="",
        owner="",
        definition=text,
        rise=text,
        fall=text,
    )
    base = (Term("over"),) if over is not None else ()
    scale = metric.scale if metric is not None and over is not None else 1.0
    terms = (Term("of"), Term("less", -1)) if below else (Term("of"),)
    read = replace(metric or bare, of=terms, over=base, settles_after=0, scale=scale)
    values = np.stack(list(counts.values()))
    known = np.isfinite(values).all(axis=0)
    panel = Panel(
        units=tuple(Unit(key=key, kind="shop", name=key, shop=key) for key in units),
        days=days,
        measures=names,
        values=values,
        state=np.where(known, State.FINAL, State.MISSING).astype(np.int8),
    )
    metrics = {**book.metrics, read.key: read}
    return panel, replace(book, measures={**book.measures, **measures}, metrics=metrics), read
