"""Planted incidents in real series: how many messages a day, how many of them right, what is caught."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtr

from diagnostics.alerts import LEAVE, Left, verdict
from diagnostics.anomaly import Calendars, Special, value_band
from diagnostics.band import TAIL, limit
from diagnostics.reading import Expected, Finding, Reading
from diagnostics.stakes import SHARE
from tests.bench.hindsight import strange

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from numpy.typing import NDArray

    from diagnostics.alerts import Seen

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Policy = Callable[["Scored"], Flags]

SHIPPED = Path(__file__).with_name("series.csv.gz")
SERIES, PAST, WALKED = 60, 182, 80
"""Stretches of real series, days of history at most, and days that are walked through."""
LEAST_PAST = 90
EVERY = 70
"""One incident in so many days of a series."""
APART = 10
"""Days between an incident and the next, so that each is told from the other."""
SEEDS = (1, 2, 3, 4)
VISIBLE = np.log(2.0)
"""A series in which less than a doubling or a halving is out of band can show such incidents."""
QUIET = 3
MONDAY = np.datetime64("2024-01-01")
NINE = timedelta(hours=9)


class Incident(NamedTuple):
    """So many days of one series, from a day (index) on, at a factor of what they were."""

    unit: int
    first: int
    length: int
    factor: float

    @property
    def days(self) -> slice:
        """Return the days on which a message is right: its own, and the one after its first."""
        return slice(self.first, self.first + max(self.length, 2))


class Stretch(NamedTuple):
    """A real series' walked days with the history before them; `events` by day index."""

    family: str
    first: np.datetime64
    figures: Floats
    events: dict[int, str]


@dataclass(frozen=True, eq=False)
class Planted:
    """Series (units, days) on common weekdays, with what was planted into the walked ones."""

    figures: Floats
    days: NDArray[np.datetime64]
    walked: Flags
    calendar: Calendars
    groups: NDArray[np.int64]
    incidents: tuple[Incident, ...]
    strange: Floats
    """Where the series stand out by themselves, seen from both sides (`hindsight.strange`)."""


@dataclass(frozen=True, eq=False)
class Scored:
    """What the bands said of each walked day (units, days): signed score and the band itself."""

    planted: Planted
    score: Floats
    low: Floats
    mid: Floats
    high: Floats


def stretches(path: Path) -> list[Stretch]:
    """Cut the counts and money of a file into stretches, the latest of every series first."""
    table = pd.read_csv(  # noqa: TID251  the bench's own data
        path, keep_default_na=False, na_values=["", "nan"], parse_dates=["date"]
    )
    table = table[table.kind.isin(("count", "money")) & ~table.family.str.startswith("nab")]
    rounds: dict[int, list[Stretch]] = {}
    for (family, _name), rows in table.groupby(["family", "series"], sort=True):
        for number, end in enumerate(range(len(rows), LEAST_PAST + WALKED - 1, -WALKED)):
            cut = rows.iloc[max(0, end - WALKED - PAST) : end]
            if np.nanmedian(cut.value) > 0.0:
                rounds.setdefault(number, []).append(_stretch(str(family), cut))
    return [one for number in sorted(rounds) for one in rounds[number]][:SERIES]


def _stretch(family: str, cut: pd.DataFrame) -> Stretch:
    blank = PAST + WALKED - len(cut)
    first = cut.date.to_numpy().astype("datetime64[D]")[0] - np.timedelta64(blank, "D")
    events = cut.event.fillna("").to_numpy()
    named = {blank + at: str(one) for at, one in enumerate(events) if one and one != "ANOM"}
    values = np.concatenate([np.full(blank, np.nan), cut.value.to_numpy(float)])
    return Stretch(family, first, values, named)


def plant(cut: list[Stretch], seed: int) -> Planted:
    """Return the stretches with seeded incidents: 1-5 days long, 30-60 % up or down.

    Every stretch begins at its own weekday of one common first week, so that all are judged at
    once. A peer group is a family's stretches of the same days.
    """
    draw = np.random.default_rng(seed)
    days = MONDAY + np.arange(PAST + WALKED + 7)
    values = np.full((len(cut), len(days)), np.nan)
    walked = np.zeros(values.shape, dtype=bool)
    calendars, incidents, crowd = [], [], dict[tuple[str, str], int]()
    for unit, one in enumerate(cut):
        turn = int((one.first.astype(np.int64) + 3) % 7)
        values[unit, turn : turn + PAST + WALKED] = one.figures
        walked[unit, turn + PAST : turn + PAST + WALKED] = np.isfinite(one.figures[PAST:])
        calendars.append({days[turn + at]: Special(name) for at, name in one.events.items()})
        incidents += _draw(draw, unit, turn + PAST)
        crowd.setdefault((one.family, str(one.first)), len(crowd))
    calendar = Calendars(np.arange(len(cut)), tuple(calendars))
    by_itself = strange(values, days, calendar.special(days))
    for unit, first, length, factor in incidents:
        values[unit, first : first + length] *= factor
    groups = np.array([crowd[one.family, str(one.first)] for one in cut], dtype=np.int64)
    return Planted(values, days, walked, calendar, groups, tuple(incidents), by_itself)


def _draw(draw: np.random.Generator, unit: int, start: int) -> list[Incident]:
    found: list[Incident] = []
    for _ in range(draw.poisson(WALKED / EVERY)):
        length, size = int(draw.integers(1, 6)), float(draw.uniform(0.3, 0.6))
        factor = 1.0 + size if draw.random() < 0.5 else 1.0 - size
        first = start + int(draw.integers(0, WALKED - length))
        near = any(
            one.first - length - APART < first < one.first + one.length + APART for one in found
        )
        if not near:
            found.append(Incident(unit, first, length, factor))
    return found


def walk(planted: Planted) -> Scored:
    """Judge every walked day by the days before it, with all that was planted in them."""
    parts = [np.full(planted.figures.shape, np.nan) for _ in range(4)]
    for day in np.flatnonzero(planted.walked.any(axis=0)):
        past = slice(max(0, day - PAST), day)
        band = value_band(
            planted.figures[:, past],
            planted.days[past],
            planted.days[day],
            groups=planted.groups,
            calendar=planted.calendar,
        )
        today = planted.figures[:, day]
        side = np.where(today < band.mid, -1.0, 1.0)
        found = (side * band.score(today), band.low, band.mid, band.high)
        for part, column in zip(parts, found, strict=True):
            part[:, day] = np.where(planted.walked[:, day], column, np.nan)
    return Scored(planted, *parts)


def ours(scored: Scored) -> tuple[Flags, Flags]:
    """Return the product's messages and the lines that it adds to their threads (units, days)."""
    messages = np.zeros(scored.score.shape, dtype=bool)
    lines = np.zeros_like(messages)
    for unit, day, reason in _told(scored):
        (messages if reason == "first" else lines)[unit, day] = True
    return messages, lines


def _told(scored: Scored) -> list[tuple[int, int, str]]:
    """Return what `verdict` tells of each series, as (unit, day, reason).

    Each series is a shop, and all bring the same: a loss is told in shares of what one brings.
    """
    told: list[tuple[int, int, str]] = []
    for unit in range(len(scored.score)):
        seen: Seen | None = None
        run = 0
        for at in np.flatnonzero(np.isfinite(scored.score[unit])):
            reading = _reading(scored, unit, int(at))
            side = np.sign(scored.score[unit, at])
            before = np.nan_to_num(scored.score[unit, at - 1]) * side
            run = run + 1 if before >= 1.0 else 0
            found = _finding(reading, run) if (reading.score or 0.0) >= LEAVE else None
            moment = datetime.combine(reading.day, datetime.min.time(), UTC) + NINE
            left = Left(reading)
            answer = verdict(seen, found, moment, reading.day, left=left, dear=SHARE)
            seen = answer.seen
            if answer.tell and answer.aloud:
                told.append((unit, int(at), answer.reason))
    return told


def _reading(scored: Scored, unit: int, at: int) -> Reading:
    day: date = scored.planted.days[at].item()
    low, mid, high = (float(part[unit, at]) for part in (scored.low, scored.mid, scored.high))
    value = float(scored.planted.figures[unit, at])
    return Reading(
        metric="gmv",
        unit=str(unit),
        day=day,
        value=value,
        expected=Expected(low, mid, high, PAST, "weekday"),
        change=value / mid - 1.0 if mid else None,
        score=abs(float(scored.score[unit, at])),
    )


def _finding(reading: Reading, run: int) -> Finding:
    return Finding(
        key=reading.unit,
        unit=reading.unit,
        scene="",
        step="",
        reading=reading,
        lost=abs(reading.change or 0.0),
        lost_profit=None,
        since=reading.day - timedelta(run),
        sureness="likely",
        controllable=True,
        alert=True,
    )


def merged(scored: Scored, messages: Flags) -> Flags:
    """Tell what several of a peer group begin on one day, on one side, as one message."""
    answer = messages.copy()
    side = np.sign(scored.score)
    for group in np.unique(scored.planted.groups):
        rows = np.flatnonzero(scored.planted.groups == group)
        for sign in (-1.0, 1.0):
            same = messages[rows] & (side[rows] == sign)
            for day in np.flatnonzero(same.sum(axis=0) > 1):
                units = rows[same[:, day]]
                answer[units, day] = units == units[np.argmax(np.abs(scored.score[units, day]))]
    return answer


def last_week(scored: Scored) -> Flags:
    """Tell every day that is 30 % off the same weekday of the week before."""
    values = scored.planted.figures
    week = np.full_like(values, np.nan)
    week[:, 7:] = values[:, :-7]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(np.abs(values / week - 1.0)) > 0.3


def daily(scored: Scored) -> Flags:
    """Tell every day that is out of band."""
    return np.nan_to_num(np.abs(scored.score)) >= 1.0


def until_quiet(out: Flags) -> Flags:
    """Tell only the first of such days until there were three without (units, days)."""
    answer = np.zeros_like(out)
    for unit, row in enumerate(out):
        last = -QUIET - 1
        for day in np.flatnonzero(row):
            answer[unit, day] = day - last > QUIET
            last = int(day)
    return answer


def twice(scored: Scored) -> Flags:
    """Tell the second of two such days, once for each incident."""
    out = daily(scored)
    out[:, 1:] &= daily(scored)[:, :-1]
    return until_quiet(out)


def discoveries(scored: Scored) -> Flags:
    """Tell what Benjamini and Hochberg (1995) find over all series of a day at q = 0.05."""
    z = np.abs(scored.score) * limit(1.0) / np.sqrt((TAIL - 2.0) / TAIL)
    chance = np.where(np.isfinite(z), 2.0 * stdtr(TAIL, -z), 1.0)
    count = np.maximum(np.isfinite(z).sum(axis=0), 1)
    rank = np.arange(1, len(z) + 1)[:, None]
    ordered = np.sort(chance, axis=0)
    edge = np.where(ordered <= 0.05 * rank / count, ordered, -1.0).max(axis=0)
    return np.asarray(chance <= edge)


class Count(NamedTuple):
    """What a policy came to over some walks; a caught incident has a message on a right day."""

    days: float
    """Days, each of SERIES series."""
    messages: int
    right: int
    real: int
    """Others, of days on which the series stands out on that side by itself."""
    incidents: int
    caught: int
    during: int
    """Messages on the right days of caught incidents."""
    first_day: int
    lines: int


def count(scored: Scored, messages: Flags, lines: Flags, units: Flags) -> Count:
    """Count a policy's messages (units, days) over some of the `units` (units,)."""
    planted = scored.planted
    messages = messages & planted.walked & units[:, None]
    right = np.zeros_like(messages)
    mine = [one for one in planted.incidents if units[one.unit]]
    for one in mine:
        right[one.unit, one.days] = True
    itself = (planted.strange != 0.0) & (np.sign(scored.score) == planted.strange)
    hits = [messages[one.unit, one.days] for one in mine]
    return Count(
        days=float(planted.walked[units].sum()) / SERIES,
        messages=int(messages.sum()),
        right=int((messages & right).sum()),
        real=int((messages & ~right & itself).sum()),
        incidents=len(mine),
        caught=sum(bool(one.any()) for one in hits),
        during=sum(int(one.sum()) for one in hits),
        first_day=sum(bool(one[0]) for one in hits),
        lines=int((lines & planted.walked & units[:, None]).sum()),
    )


def _plain(policy: Policy) -> Callable[[Scored], tuple[Flags, Flags]]:
    return lambda scored: (policy(scored), np.zeros(scored.score.shape, dtype=bool))


def _ours_merged(scored: Scored) -> tuple[Flags, Flags]:
    messages, lines = ours(scored)
    return merged(scored, messages), lines


POLICIES: dict[str, Callable[[Scored], tuple[Flags, Flags]]] = {
    "±30 % against last week, daily": _plain(last_week),
    "out of the same bands, daily": _plain(daily),
    "out of them, one incident until three quiet days": _plain(lambda one: until_quiet(daily(one))),
    "out of them on two days running": _plain(twice),
    "Benjamini-Hochberg q 0.05, daily": _plain(discoveries),
    "Benjamini-Hochberg, until three quiet days": _plain(lambda one: until_quiet(discoveries(one))),
    "Loudou, each series alone": ours,
    "Loudou, a group's common move told once": _ours_merged,
}


def visible(scored: Scored) -> Flags:
    """Say of which series (units,) a doubling or a halving is out of band on most days."""
    with np.errstate(divide="ignore", invalid="ignore"):
        up, down = np.log(scored.high / scored.mid), np.log(scored.mid / scored.low)
    reach = np.where(np.isfinite(scored.score), np.fmax(up, down), np.nan)
    return np.asarray(np.nanmedian(reach, axis=1) < VISIBLE)


def outcomes(path: Path, seeds: tuple[int, ...]) -> dict[tuple[bool, str], Count]:
    """Return what each policy came to, over all series and over the visible ones (True)."""
    cut = stretches(path)
    counts: dict[tuple[bool, str], list[Count]] = {}
    for seed in seeds:
        scored = walk(plant(cut, seed))
        seen = visible(scored)
        for name, policy in POLICIES.items():
            told = policy(scored)
            for some, units in ((False, np.ones_like(seen)), (True, seen)):
                counts.setdefault((some, name), []).append(count(scored, *told, units))
    return {key: Count(*np.sum(rows, axis=0)) for key, rows in counts.items()}


def table(quick: bool, path: Path = SHIPPED) -> str:
    """Return the policies as a Markdown table."""
    found = outcomes(path, SEEDS[:1] if quick else SEEDS)
    whole = next(iter(found.values()))
    lines = [
        "### Planted incidents",
        "",
        (
            f"{SERIES} real series, {whole.incidents:.0f} incidents of 1-5 days at ±30-60 %, one in "
            f"{EVERY} days of a series. A message is right on an incident's days and on the day after "
            "its first; real events that nobody labelled count as false. Beside it, right or real: "
            "with the days on which the series by itself stands out of what lies before and after. "
            f"Messages a day are per {SERIES} series; a thread line pings nobody."
        ),
    ]
    for some in (False, True):
        title = "Series in which a doubling or halving can be seen" if some else "All series"
        lines += [
            "",
            (
                f"| {title} | messages a day | right % | right or real % | caught % | messages per incident |"
                " caught on day 0 % | thread lines a day |"
            ),
            "|---|---|---|---|---|---|---|---|",
            *(_row(name, one) for (part, name), one in found.items() if part is some),
        ]
    return "\n".join(lines)


def _row(name: str, one: Count) -> str:
    caught, told = max(one.caught, 1), max(one.messages, 1)
    return (
        f"| {name} | {one.messages / one.days:.2f} | {100 * one.right / told:.0f} |"
        f" {100 * (one.right + one.real) / told:.0f} |"
        f" {100 * one.caught / max(one.incidents, 1):.0f} | {one.during / caught:.2f} |"
        f" {100 * one.first_day / caught:.0f} | {one.lines / one.days:.2f} |"
    )
