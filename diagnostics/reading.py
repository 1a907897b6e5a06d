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
Basis = Literal["weekday", "recent", "peers", "calendar", "sessions", "none"]


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
    """Keys of units whose own findings this one explains."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing that keeps data from being judged. `kind` names the check that found it."""

    kind: Literal[
        "missing", "late", "provisional", "total_off", "vanished", "jump", "base_trouble", "empty"
    ]
    unit: str
    day: date
    measure: str = ""
    feed: str = ""
    blocks: bool = False
    """Whether the unit's day must not be judged at all."""
    value: float | None = None
    other: float | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """May these data be judged? How many feeds have arrived, until when, and what is doubtful."""

    feeds_in: int
    feeds_due: int
    as_of: datetime | None
    doubts: tuple[Doubt, ...] = ()

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

    def shop(self, key: str) -> ShopDay | None:
        """Return a shop's day by the shop's unit key."""
        return next((shop for shop in self.shops if shop.unit.key == key), None)
