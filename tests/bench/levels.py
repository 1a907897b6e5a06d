"""Counts and money: false alarms and what is found, on real series, against five common rules."""

from __future__ import annotations

import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from diagnostics.anomaly import value_band
from diagnostics.drift import Drift, drift
from tests.bench.hindsight import hindsight

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Rule = Callable[["Family", int], "Judge"]
    Judge = Callable[[Floats], Floats]

SHIPPED = Path(__file__).with_name("series.csv.gz")
PAST, LEAST_PAST, WALKED, QUICK_WALKED = 182, 42, 60, 30
CHANGES = np.array([0.5, 0.7, 0.8, 1.2, 1.3, 1.5])
QUICK = ("chicago", "grocery", "wiki")
PEERS = ("chicago", "wiki")
"""Families whose series are peers of one another."""
CASE_DAYS = 14
HEADING = (
    "| detector | false per 100 days / recall, own threshold | recall at 1 per 100 "
    "| false per 100 on and beside holidays | −30 % shift on day 1 | alarms per shift "
    "| ramp of −40 % by day 14 | µs per series-day |"
)


@dataclass(frozen=True, eq=False)
class Family:
    """Series side by side (series, days), NaN = missing; `event` says which days are holidays."""

    name: str
    days: NDArray[np.datetime64]
    value: Floats
    event: Flags
    groups: tuple[str, ...]

    @property
    def near(self) -> Flags:
        """Return the holidays and the days beside them (series, days)."""
        wide = self.event.copy()
        wide[:, 1:] |= self.event[:, :-1]
        wide[:, :-1] |= self.event[:, 1:]
        return wide

    def changed(self, row: int, first: int, factors: Floats) -> Family:
        """Return the family with one series multiplied from a day on."""
        value = self.value.copy()
        value[row, first : first + len(factors)] *= factors
        return Family(self.name, self.days, value, self.event, self.groups)

    def before(self, day: int) -> slice:
        """Return the days that may be read of the past of a day."""
        return slice(max(0, day - PAST), day)


def families(path: Path, names: tuple[str, ...] = ()) -> list[Family]:
    """Return the level series of a file by family, without the labelled ones."""
    rows = pd.read_csv(path, parse_dates=["date"])  # noqa: TID251  public series, no export
    rows = rows[(rows["kind"] != "rate") & ~rows["family"].str.startswith("nab")]
    return [
        _family(str(name), part)
        for name, part in rows.groupby("family", sort=True)
        if not names or name in names
    ]


def _family(name: str, rows: pd.DataFrame) -> Family:
    wide = rows.pivot_table(index="series", columns="date", values="value", dropna=False)
    days = pd.date_range(wide.columns.min(), wide.columns.max())
    wide = wide.reindex(columns=days)
    marked = rows[rows["event"].notna() & (rows["event"] != "ANOM")]
    event = np.zeros(wide.shape, dtype=bool)
    rows_at = wide.index.get_indexer(pd.Index(marked["series"]))
    event[rows_at, days.get_indexer(pd.Index(marked["date"]))] = True
    groups = tuple(name if name in PEERS else str(series) for series in wide.index)
    return Family(name, days.to_numpy("datetime64[D]"), wide.to_numpy(float), event, groups)


def _edges(low: Floats, mid: Floats, high: Floats) -> Judge:
    """Return the judge of a plain band: distance from the middle in edges; none is silent."""

    def judge(observed: Floats) -> Floats:
        edge = np.where(observed < mid, mid - low, high - mid)
        gap = np.abs(observed - mid)
        return _over(gap, edge)

    return judge


def _over(gap: Floats, edge: Floats) -> Floats:
    """Return gaps in edges; without an edge nothing is said."""
    score = np.zeros(len(gap))
    np.divide(gap, edge, out=score, where=np.nan_to_num(edge) > 0)
    return score


def _weekly(history: Floats, weeks: int) -> Floats:
    """Return the same weekday of the last weeks (series, weeks)."""
    return np.asarray(history[:, ::-1][:, 6 : 7 * weeks : 7], dtype=float)


def ours(family: Family, day: int) -> Judge:
    """Judge with the house's own band: groups and calendar, tomorrow's holiday too, are told."""
    past = family.before(day)
    known = slice(past.start, day + 2)
    band = value_band(
        family.value[:, past],
        family.days[known],
        family.days[day],
        groups=family.groups,
        calendar=family.event[:, known],
    )
    return band.score


def sigma(family: Family, day: int) -> Judge:
    """Judge by mean and three standard deviations of 28 days."""
    history = family.value[:, max(0, day - 28) : day]
    mean, spread = np.nanmean(history, axis=1), np.nanstd(history, axis=1, ddof=1)
    return _edges(mean - 3 * spread, mean, mean + 3 * spread)


def weekday_median(family: Family, day: int) -> Judge:
    """Judge by median and 3.5 median deviations of twelve same weekdays."""
    same = _weekly(family.value[:, family.before(day)], 12)
    mid = np.nanmedian(same, axis=1)
    spread = 1.4826 * np.nanmedian(np.abs(same - mid[:, None]), axis=1)
    return _edges(mid - 3.5 * spread, mid, mid + 3.5 * spread)


def last_week(family: Family, day: int) -> Judge:
    """Judge by 30 % more or less than the same weekday last week."""
    same = _weekly(family.value[:, family.before(day)], 1)[:, 0]
    return _edges(0.7 * same, same, 1.3 * same)


def weekday_mean(family: Family, day: int) -> Judge:
    """Judge by mean and three standard deviations of 14 same weekdays, the day among them."""
    same = _weekly(family.value[:, family.before(day)], 13)

    def judge(observed: Floats) -> Floats:
        every = np.concatenate([same, observed[:, None]], axis=1)
        gap = np.abs(observed - np.nanmean(every, axis=1))
        spread = 3.0 * np.nanstd(every, axis=1, ddof=1)
        return _over(gap, spread)

    return judge


def log_median(family: Family, day: int) -> Judge:
    """Judge by median and 3.5 median deviations on the logarithm, after the weekday's median."""
    history = np.log1p(np.maximum(family.value[:, max(0, day - 84) : day], 0.0))
    weekly = np.full(history.shape, np.nan)
    for back in range(1, 8):
        weekly[:, -back::-7] = np.nanmedian(history[:, -back::-7], axis=1)[:, None]
    rest = history - weekly
    level = np.nanmedian(rest[:, -28:], axis=1)
    spread = 1.4826 * np.nanmedian(np.abs(rest - np.nanmedian(rest, axis=1)[:, None]), axis=1)
    mid = weekly[:, -7] + level
    judge = _edges(mid - 3.5 * spread, mid, mid + 3.5 * spread)
    return lambda observed: judge(np.log1p(np.maximum(observed, 0.0)))


RULES: dict[str, Rule] = {
    "Loudou": ours,
    "3 sigma of 28 days": sigma,
    "weekday mean and sigma, as Elementary": weekday_mean,
    "weekday median and MAD, 12 weeks": weekday_median,
    "median and MAD on logarithms": log_median,
    "±30 % against last week": last_week,
    "*a smoother that sees the days after*": hindsight,
}


@dataclass(eq=False)
class Found:
    """What one detector scored: `plain` on ordinary days, `injected` (days, changes) on them."""

    plain: list[float] = field(default_factory=list)
    injected: list[Floats] = field(default_factory=list)
    holiday: list[float] = field(default_factory=list)
    shifts: list[Floats] = field(default_factory=list)
    ramps: list[Floats] = field(default_factory=list)
    seconds: float = 0.0
    judged: int = 0

    def false(self) -> float:
        """Return false alarms per 100 ordinary days at the detector's own threshold."""
        return 100.0 * float(np.mean(np.array(self.plain) > 1.0))

    def recall(self, false: float | None = None) -> float:
        """Return the mean recall, at its own threshold or at so many false alarms per 100."""
        edge = 1.0 if false is None else float(np.quantile(self.plain, 1.0 - false / 100.0))
        return 100.0 * float(np.mean(np.array(self.injected) > edge))


class Case(NamedTuple):
    """A change planted in one series from a day on."""

    family: Family
    row: int
    first: int


def days_of(family: Family, quick: bool) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield the days walked through, with the rows whose turn it is (the last 60 of each)."""
    known = np.isfinite(family.value)
    walked = QUICK_WALKED if quick else WALKED
    first = known.argmax(axis=1)
    last = known.shape[1] - known[:, ::-1].argmax(axis=1)
    for day in range(int((first + LEAST_PAST).min()), known.shape[1]):
        turn = (day >= np.maximum(first + LEAST_PAST, last - walked)) & known[:, day]
        if turn.any():
            yield day, np.flatnonzero(turn)


def measure(rule: Rule, some: list[Family], *, quick: bool) -> Found:
    """Return what a rule says on the last days of all series, plain and with changes planted."""
    with warnings.catch_warnings():
        if rule is not ours:
            warnings.simplefilter("ignore", RuntimeWarning)  # rows of which nothing is known
        return _measure(rule, some, quick=quick)


def _measure(rule: Rule, some: list[Family], *, quick: bool) -> Found:
    found = Found()
    for family in some:
        near = family.near
        for day, rows in days_of(family, quick):
            today, begin = family.value[:, day], perf_counter()
            judge = rule(family, day)
            plain = np.nan_to_num(judge(today))
            found.seconds += perf_counter() - begin
            found.judged += len(rows)
            for row in rows:
                if near[row, day]:
                    found.holiday.append(plain[row])
                    continue
                found.plain.append(plain[row])
                if today[row] > 0:
                    found.injected.append(_planted(judge, today, int(row)))
    for case in cases(some[:1] if quick else some):
        found.shifts.append(_run(rule, case, np.full(CASE_DAYS, 0.7)))
        found.ramps.append(_run(rule, case, RAMP))
    return found


RAMP = 1.0 - 0.4 * np.minimum(np.arange(1, CASE_DAYS + 1) / 10.0, 1.0)


def _planted(judge: Judge, today: Floats, row: int) -> Floats:
    scores = np.zeros(len(CHANGES))
    for at, change in enumerate(CHANGES):
        observed = today.copy()
        observed[row] *= change
        scores[at] = np.nan_to_num(judge(observed)[row])
    return scores


def cases(some: list[Family]) -> Iterator[Case]:
    """Yield one case per series: its first day lies 20 to 59 days before the end."""
    for family in some:
        for row, value in enumerate(family.value):
            last = int(np.flatnonzero(np.isfinite(value))[-1]) + 1
            if np.nanmedian(value[max(0, last - 60) : last]) > 0:
                yield Case(family, row, last - 20 - (7 * row + 5 * len(family.name)) % 40)


def _run(rule: Rule, case: Case, factors: Floats) -> Floats:
    """Return a rule's scores of the days of a case; earlier days of it are part of the past."""
    family = case.family.changed(case.row, case.first, factors)
    days = range(case.first, case.first + len(factors))
    return np.array([
        np.nan_to_num(rule(family, day)(family.value[:, day])[case.row]) for day in days
    ])  # fmt: skip


class Slides(NamedTuple):
    """The drift channel: messages per 100 series-weeks, and ramps found by day 14 (per cent)."""

    messages: float
    ramps: float


def slides(some: list[Family], *, quick: bool) -> Slides:
    """Measure the drift channel as the alarms are."""
    told = judged = 0
    for family in some:
        for day, rows in days_of(family, quick):
            told += int(np.sum(_drift(family, day).since[rows] == family.days[day]))
            judged += len(rows)
    caught = [
        any(
            _drift(case.family.changed(case.row, case.first, RAMP), day).score[case.row] >= 1.0
            for day in range(case.first, case.first + CASE_DAYS)
        )
        for case in cases(some)
    ]
    return Slides(700.0 * told / judged, 100.0 * float(np.mean(caught)))


def _drift(family: Family, day: int) -> Drift:
    past = slice(max(0, day + 1 - PAST), day + 1)
    return drift(
        family.value[:, past],
        family.days[past],
        family.days[day],
        groups=family.groups,
        calendar=family.event[:, past],
    )


def table(quick: bool, path: Path = SHIPPED) -> str:
    """Return the measured table (Markdown); times are told only where they were not cut short."""
    some = families(path, QUICK if quick else ())
    lines = ["### Counts and money", "", HEADING, "|---|---|---|---|---|---|---|---|"]
    for name, rule in RULES.items():
        found = measure(rule, some, quick=quick)
        shifts, ramps = np.array(found.shifts) > 1.0, np.array(found.ramps) > 1.0
        cells = (
            name,
            f"{found.false():.1f} / {found.recall():.0f}",
            f"{found.recall(1.0):.1f}",
            f"{100.0 * np.mean(np.array(found.holiday) > 1.0):.1f}" if found.holiday else "–",
            f"{100.0 * shifts[:, 0].mean():.0f} %",
            f"{shifts.sum(axis=1).mean():.1f}",
            f"{100.0 * ramps.any(axis=1).mean():.0f} %",
            "–" if quick else f"{1e6 * found.seconds / found.judged:.0f}",
        )
        lines.append("| " + " | ".join(cells) + " |")
    slow = slides(some[:1] if quick else some, quick=quick)
    days = sum(len(rows) for family in some for _, rows in days_of(family, quick))
    told = (
        f"{days} series-days of {sum(len(one.value) for one in some)} series, one day at a time; "
        "recall is the mean over −50, −30, −20, +20, +30 and +50 % planted on each. "
        "What the last row does not find, noise hides: no morning can know the days after. "
        f"The drift channel beside it: {slow.ramps:.0f} % of the ramps by day 14, "
        f"{slow.messages:.2f} messages per 100 series-weeks."
    )
    return "\n".join([*lines, "", told])


if __name__ == "__main__":
    sys.stdout.write(table(False, Path(sys.argv[1]) if len(sys.argv) > 1 else SHIPPED) + "\n")
