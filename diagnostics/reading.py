"""What a diagnosis consists of: readings, funnel steps, findings, trust; values without words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from diagnostics.book.rows import CalendarRow, RangeRow
    from diagnostics.panel import Unit

Light = Literal["green", "yellow", "red", "grey"]
Sureness = Literal["sure", "likely", "too_few", "unknown"]
Why = Literal[
    "", "missing", "provisional", "too_few", "no_history", "no_range", "no_cost", "not_trusted"
]
Position = Literal["below", "inside", "above", "unknown"]
Basis = Literal[
    "weekday", "recent", "peers", "calendar", "sessions", "ages", "mixed", "none"
]  # fmt: skip
Whose = Literal["", "account", "shop", "peers"]
Like = Literal["", "weekday", "daytype", "hour"]


@dataclass(frozen=True, slots=True)
class Learnt:
    """What an expectation was learnt from, and what the calendar does to it."""

    own: int = 0
    """Days of the unit's own."""
    peers: int = 0
    """Earlier sessions or videos, or other units of its kind."""
    weight: float = 1.0
    """How much its own days weigh, 0 to 1."""
    whose: Whose = ""
    """Whose sessions or videos they are; "peers" for units of its kind."""
    like: Like = ""
    """What earlier sessions share with this one: weekday, type of day, hour of the start."""
    age: int | None = None
    """The age in days at which all days are compared; None where figures no longer change."""
    effect: float | None = None
    """The calendar's multiplier on such a day; None on an ordinary one."""
    effect_days: int = 0
    """Own days the effect is learnt from; 0: it is the book's rough one, or of its peers."""
    taught: tuple[str, ...] = ()
    """Keys of the calendar rows of the days like it, latest first."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What such a day was to bring: a band and what it was learnt from (`days` of history)."""

    low: float
    mid: float
    high: float
    days: int
    basis: Basis
    calendar: tuple[str, ...] = ()
    """Keys of the calendar rows whose effect is in it."""
    learnt: Learnt | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure, never alone: value, base, range, expectation, peers, sureness, money."""

    metric: str
    unit: str
    day: date
    value: float | None
    why: Why = ""
    """Why there is no value or no verdict; empty when there is one."""
    of: float | None = None
    over: float | None = None
    """The base (denominator); for a plain sum None."""
    range: RangeRow | None = None
    position: Position = "unknown"
    """Where the value lies against the range, when that is certain enough."""
    expected: Expected | None = None
    change: float | None = None
    """Relative change against the expected middle: -0.2 is 20 % less."""
    unusual: bool = False
    """Whether the value lies outside what such a day brings."""
    better: bool | None = None
    """Whether the change is good for the business; None without a direction or a change."""
    light: Light = "grey"
    sureness: Sureness = "unknown"
    peers: float | None = None
    """The middle value of the peers (same kind, country, category) on that day."""
    peer_count: int = 0
    score: float | None = None
    """How many bands out of what such a day brings: 1 is the edge; None where nobody can say."""


@dataclass(frozen=True, slots=True)
class StepReading:
    """One row of a funnel: the count and the rate of a step, and the money lost there."""

    step: str
    count: Reading
    rate: Reading | None
    lost: float | None
    """GMV lost (positive) or won (negative) at this step, in the unit's currency."""
    is_leak: bool = False


@dataclass(frozen=True, slots=True)
class FunnelReading:
    """The funnel of one unit on one day (or `days` days ending with it)."""

    unit: str
    day: date
    days: int
    steps: tuple[StepReading, ...]
    value: Reading
    """GMV."""
    aov: Reading | None
    lost: float | None
    """GMV less than expected (positive), in the unit's currency; the steps' sum, and AOV's."""
    aov_lost: float | None
    leak: str
    """The key of the step that loses the most; "aov" for the basket; empty for none."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A reading that speaks for a cause or against it."""

    reading: Reading
    supports: bool


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A cause (key in the scene's rows) with its evidence."""

    scene: str
    cause: str
    evidence: tuple[Evidence, ...] = ()
    weight: float = 1.0
    """Signs for it less signs against it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How a shop moved beside the others: relative changes against what such a day brings."""

    own: float
    others: float
    """The middle change of the others: -0.2 is 20 % less."""
    left: float
    """What is left of the own change when the others' is taken out."""
    low: float
    high: float
    """Between these `left` lies on an ordinary day."""
    count: int
    """The number of others."""
    verdict: Literal["alone", "together", "unclear"]
    """Only this one moved; all did; or too few or too unlike to say."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One unit of a group that moved together, and its own relative change."""

    unit: str
    change: float


@dataclass(frozen=True, slots=True)
class Slide:
    """A slow change to the worse that no single day told: seven days against the four weeks before."""

    since: date
    """The day on which it was first seen."""
    week: float
    """What the last seven days brought; of a rate the ratio of their sums."""
    before: float
    """The same of such seven days in the four weeks before, the calendar taken out."""
    step: str = ""
    """The funnel step whose rate (of the first step: its count) fell most itself; "aov" for the
    basket, empty where none did."""
    step_change: float | None = None
    """How far that fell: -0.2 is 20 % less."""
    step_lost: float = 0.0
    """Its part of what a week lacks (LMDI)."""
    total: float = 0.0
    """The funnel's value that is lost since the week in which it was first seen."""

    @property
    def change(self) -> float:
        """Return the relative change: -0.3 is 30 % less."""
        return self.week / self.before - 1.0

    @property
    def lost(self) -> float:
        """Return what a week of a sum lacks; what a rate costs is told by the finding."""
        return self.before - self.week


@dataclass(frozen=True, slots=True)
class Control:
    """How many findings of a morning are chance, as far as the past mornings can tell.

    All numbers are per morning and before what is too small to matter is left out.
    """

    budget: float
    """So many false ones are borne."""
    expected_false: float
    """So many are to be expected at the thresholds in force."""
    past_alarms: float
    """So many the same thresholds would have told of on the past mornings, real ones included."""
    precision: float | None = None
    """The share of those that is more than chance; None where they were too few to say."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth telling: where, what, how surely, how much it costs, why, what to do."""

    key: str
    """Fingerprint, stable over days: unit|scene, or unit|metric where no scene fits."""
    unit: str
    scene: str
    """Scene key such as S3; empty when no scene fits."""
    step: str
    """The funnel step it sits at; empty when it is not a step."""
    reading: Reading
    lost: float
    """GMV lost that day, in the unit's currency, positive."""
    lost_profit: float | None
    """Contribution profit lost that day; None without cost data."""
    since: date
    sureness: Sureness
    controllable: bool
    alert: bool
    hypotheses: tuple[Hypothesis, ...] = ()
    prescriptions: tuple[str, ...] = ()
    """Prescription keys, first to be done first."""
    reasons: Mapping[str, float] | None = None
    """For refunds: shares of the given reasons by measure key (refunds_quality, ...)."""
    hides: tuple[str, ...] = ()
    """Keys of units whose own findings this one explains; unit|metric for figures of the same unit."""
    compared: Compared | None = None
    """How the comparable shops did; None for fewer than two of them."""
    scope: Literal["", "country", "company", "kind"] = ""
    """Told of a group as one: all shops of a country, all shops, or a shop's units of one kind."""
    others: tuple[Moved, ...] = ()
    """For a group: who moved with it, the biggest change first."""
    asked: int = 0
    """For a group: how many units were compared."""
    chance: float | None = None
    """How likely such a figure is mere chance; None where that is not known."""
    slide: Slide | None = None
    """Set where it is no single day's matter: the reading, and what is lost, are a week's then."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing that keeps data from being judged. `kind` names the check that found it."""

    kind: Literal[
        "missing",
        "late",
        "provisional",
        "partial",
        "future",
        "total_off",
        "doubled",
        "copied",
        "vanished",
        "jump",
        "definition",
        "currency",
        "recount",
        "base_trouble",
        "empty",
    ]
    unit: str
    day: date
    measure: str = ""
    feed: str = ""
    blocks: bool = False
    """Whether the unit's day must not be judged at all."""
    value: float | None = None
    other: float | None = None
    since: date | None = None
    """The first of the days that it holds for; None where `day` is the only one."""
    file: str = ""
    column: str = ""
    """The heading in that file, as it is written there; of a currency its code."""


@dataclass(frozen=True, slots=True)
class Check:
    """One of the four questions to ask before a team is blamed, in their order, and its answer."""

    order: int
    name: Literal["data", "target", "action", "feedback"]
    verdict: Literal["ok", "doubt", "block", "unknown"]
    reason: Literal["", "doubts", "never_met", "no_demand", "open_action", "no_action", "no_result"]
    """Why it is not ok; empty where it is, or where nothing can be said."""
    unit: str = ""
    metric: str = ""
    range: RangeRow | None = None
    count: int = 0
    """How many doubts, days on which the range was met, open actions, reviews without result."""
    of: int = 0
    """Of how many days."""
    since: date | None = None
    """The day of the oldest of them."""


@dataclass(frozen=True, slots=True)
class Trust:
    """May these data be judged? How many feeds have arrived, until when, and what is doubtful."""

    feeds_in: int
    feeds_due: int
    as_of: datetime | None
    doubts: tuple[Doubt, ...] = ()
    checks: tuple[Check, ...] = ()
    """Data, target, action, feedback; empty where they were not asked for."""

    @property
    def judged(self) -> bool:
        """Say whether at least the headline may be judged."""
        return not any(doubt.blocks for doubt in self.doubts)


@dataclass(frozen=True, slots=True)
class Trend:
    """The last days of one metric with what was expected; None = missing."""

    metric: str
    unit: str
    days: tuple[date, ...]
    values: tuple[float | None, ...]
    expected: tuple[float | None, ...]
    visible: float | None = None
    """The smallest change to the worse (0.45: 45 %) that stands out from its usual to and fro."""
    last: Reading | None = None
    """The last day's figure with what its expectation was learnt from."""


@dataclass(frozen=True, slots=True)
class ShopDay:
    """One shop's day: the headline figures, the funnel, the trend, the calendar."""

    unit: Unit
    headline: Mapping[str, Reading]
    """By metric key: gmv, orders, profit, margin, refund_rate, roas ..."""
    funnel: FunnelReading
    trend: Trend
    trust: Trust
    calendar: tuple[CalendarRow, ...]
    light: Light


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The day's meaning for some shops: `findings` ranked, what costs most and can be done first."""

    day: date
    shops: tuple[ShopDay, ...]
    findings: tuple[Finding, ...]
    units: Mapping[str, Unit]
    trust: Trust
    control: Control | None = None

    def shop(self, key: str) -> ShopDay | None:
        """Return a shop's day by the shop's unit key."""
        return next((shop for shop in self.shops if shop.unit.key == key), None)
