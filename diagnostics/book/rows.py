"""The rows a business person may change: metrics, funnels, ranges, scenes, calendar, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal
from unicodedata import normalize

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Lang = Literal["zh", "en"]
Kind = Literal[
    "company", "country", "category", "shop", "account", "live", "video", "product", "creator"
]
Measured = Literal["count", "money", "ratio", "seconds", "score", "times"]
Direction = Literal["up", "down", "none"]
Is = Literal["low", "high", "ok", "any"]


@dataclass(frozen=True, slots=True)
class Text:
    """The same thing said in both languages."""

    zh: str
    en: str

    def __call__(self, lang: Lang) -> str:
        """Return the words of one language."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Measure:
    """A summable count or amount: what the store keeps. `dedup` says people or events."""

    key: str
    name: Text
    unit: Measured
    dedup: Literal["events", "people"] = "events"
    clock: Literal["event", "order", "request", "session"] = "event"
    from_kinds: tuple[Kind, ...] = ()
    """The kinds whose values add up to a shop's where the shop has no figure of its own."""


@dataclass(frozen=True, slots=True)
class Term:
    """One measure of a sum, with its sign (+1 or -1)."""

    measure: str
    sign: int = 1


@dataclass(frozen=True, slots=True)
class Metric:
    """A dictionary entry: `scale * sum(of) / sum(over)`; without `over` it is a plain sum."""

    key: str
    name: Text
    of: tuple[Term, ...]
    over: tuple[Term, ...]
    unit: Measured
    direction: Direction
    stage: str
    owner: str
    definition: Text
    rise: Text
    fall: Text
    scale: float = 1.0
    window: Literal["day", "7d", "30d"] = "day"
    dedup: Text | None = None
    clock: Literal["event", "order", "request", "session"] = "event"
    settles_after: int = 0
    """Days after which the figure no longer changes; younger days are provisional."""
    smallest_base: float = 0.0
    """Below this denominator (or count) a value is "too few to say"."""
    aliases: tuple[str, ...] = ()
    source: str = ""
    misuse: Text | None = None
    """How not to use it, where that is a trap."""
    headline: int = 0
    """Its place among a shop's headline figures, 1 first; 0 = it is none."""

    @property
    def measures(self) -> tuple[str, ...]:
        """Return every measure that the metric reads, in order, once each."""
        return tuple(dict.fromkeys(term.measure for term in (*self.of, *self.over)))


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a funnel: the count that reaches it and the rate by which it is reached."""

    key: str
    name: Text
    count: str
    """The measure that is counted at this step."""
    rate: str
    """The metric key of the step's rate; empty at the first step."""
    in_chain: bool
    """Whether the step is a factor of GMV (a side step such as engagement is not)."""
    controllable: bool
    why_no_range: Text | None = None
    plus: tuple[str, ...] = ()
    """Further measures that are added to the count (likes plus comments, shares, saves)."""


@dataclass(frozen=True, slots=True)
class Funnel:
    """The ordered steps of one kind of unit; the chain ends with `value` (GMV)."""

    kind: Kind
    name: Text
    steps: tuple[Step, ...]
    value: str = "gmv"

    @property
    def chain(self) -> tuple[str, ...]:
        """Return the measures whose ratios multiply up to the value, first step to value."""
        return (*(step.count for step in self.steps if step.in_chain), self.value)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a range speaks of; an empty field means any. The most specific scope wins."""

    unit: str = ""
    kind: str = ""
    level: str = ""
    stage: str = ""
    category: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class RangeRow:
    """A KPI range: low and high bound what is fine, target is aimed at; dated, with a reason."""

    key: str
    metric: str
    scope: Scope
    low: float | None
    target: float | None
    high: float | None
    source: str
    grade: Literal["A", "B", "C", "own"]
    valid_from: date
    reason: Text
    valid_to: date | None = None
    low_from: str = ""
    """A metric whose value on that unit and day is the low bound (ROAS: the break-even ROAS)."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A symptom or a piece of evidence: a metric that is low, high or as expected."""

    metric: str
    state: Is
    sudden: bool = False
    """Whether it must be out of what such a day brings, not merely out of its range."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A hypothesis with what would speak for it and against it."""

    key: str
    text: Text
    controllable: bool
    evidence_for: tuple[Condition, ...] = ()
    evidence_against: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Prescription:
    """An action: who does exactly what (one variable), by when, judged by which metric."""

    key: str
    text: Text
    cause: str
    owner: str
    controllable: bool
    priority: int
    variable: Text
    judged_by: str
    within_days: int
    judged_after_days: int
    pool: Literal["content", "deal", "audience", "base", "service"]


@dataclass(frozen=True, slots=True)
class Scene:
    """An abnormal scene (S1 to S9): symptoms, causes, prescriptions."""

    key: str
    name: Text
    symptoms: tuple[Condition, ...]
    kinds: tuple[Kind, ...]
    causes: tuple[Cause, ...]
    prescriptions: tuple[Prescription, ...]
    alert: bool = False
    """Whether it is told at once, outside the morning digest."""
    blocks_judgement: bool = False
    """Whether the funnel of such a day may not be judged (S5: base trouble)."""
    any_symptom: bool = False
    """Whether one symptom is enough; otherwise all of them must hold."""
    yields_to: tuple[str, ...] = ()
    """Scenes that take precedence: where one of them applies, this one is not told."""


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """A campaign, holiday or payday of some countries with its expected effect on GMV."""

    key: str
    name: Text
    countries: tuple[str, ...]
    first: date
    last: date
    kind: Literal["campaign", "holiday", "payday"]
    effect: float
    """Multiplier of GMV on such days (1.0 = none)."""
    before: int = 0
    after: int = 0
    office_closed: bool = False
    makeup: tuple[date, ...] = ()
    source: str = ""
    before_effect: float = 1.0
    """Multiplier of GMV in the ramp, the `before` days: people hold back, or stock up."""
    after_effect: float = 1.0
    """Multiplier of GMV in the dip, the `after` days."""

    def covers(self, day: date, country: str) -> bool:
        """Say whether the day lies in the row's own days (without ramp and dip)."""
        return country in self.countries and self.first <= day <= self.last

    def touches(self, day: date, country: str) -> bool:
        """Say whether the day lies in the row's days, its ramp before or its dip after."""
        first, last = self.first - timedelta(self.before), self.last + timedelta(self.after)
        return country in self.countries and first <= day <= last


@dataclass(frozen=True, slots=True)
class Role:
    """A role that owns metrics and prescriptions."""

    key: str
    name: Text


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the funnel or of the business under which metrics are listed."""

    key: str
    name: Text


@dataclass(frozen=True)
class Book:
    """All rows together, checked against each other; look-ups by key."""

    measures: Mapping[str, Measure]
    metrics: Mapping[str, Metric]
    funnels: Mapping[str, Funnel]
    ranges: tuple[RangeRow, ...]
    scenes: Mapping[str, Scene]
    calendar: tuple[CalendarRow, ...]
    roles: Mapping[str, Role]
    folders: tuple[str, ...] = field(default=())
    stages: Mapping[str, Stage] = field(default_factory=dict)

    def metric(self, word: str) -> Metric | None:
        """Return the metric of that key, name or alias, forgiving case and width; else None."""
        wanted = _plain(word)
        for metric in self.metrics.values():
            names = (metric.key, metric.name.zh, metric.name.en, *metric.aliases)
            if wanted in {_plain(name) for name in names}:
                return metric
        return None

    def prescriptions(self) -> Iterator[Prescription]:
        """Yield every prescription of every scene."""
        for scene in self.scenes.values():
            yield from scene.prescriptions

    def days(self, day: date, country: str) -> tuple[CalendarRow, ...]:
        """Return the calendar rows that touch a day in a country."""
        return tuple(row for row in self.calendar if row.touches(day, country))


def _plain(word: str) -> str:
    """Return a word as it is compared: no case, no outer spaces, full-width like half-width."""
    return normalize("NFKC", word).strip().casefold()


class BookError(ValueError):
    """Rows that contradict each other; `problems` are sentences naming file, row and field."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))
