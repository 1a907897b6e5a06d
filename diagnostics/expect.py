"""What was to be expected of a day like this one, for every unit at once, and from what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diagnostics.anomaly import Calendars, Special, rate_band, value_band
from diagnostics.band import SHOWN
from diagnostics.book.rows import Metric, Term
from diagnostics.occasions import occasions, rows_of, seasons
from diagnostics.panel import State
from diagnostics.ranges import proportion
from diagnostics.siblings import KEPT, births, elders

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from diagnostics.band import Band
    from diagnostics.book.rows import Book
    from diagnostics.panel import Panel

    Floats = NDArray[np.float64]

HISTORY = 182
"""No more days of the past than this are read."""
SAME_WEEKDAYS = 3


@dataclass(frozen=True, eq=False)
class Outlook:
    """One metric of the units `rows` (n,) on one day: what was and what was to be.

    `value`, `of`, `over`, `low`, `mid`, `high`, `score` float (n,), NaN = missing; `over` of a plain
    sum is NaN; a score of 1 and more is out of band. `days` int (n,) of history, `basis` str (n,)
    what it was learnt from, `state` int8 (n,). `past_value`, `past_mid`, `past_score` (n, up to 28)
    tell of the latest past days. `calendar` maps a country to the rows whose effect is in it.
    """

    metric: Metric
    day: date
    rows: NDArray[np.int64]
    value: Floats
    of: Floats
    over: Floats
    low: Floats
    mid: Floats
    high: Floats
    score: Floats
    days: NDArray[np.int64]
    basis: NDArray[np.str_]
    state: NDArray[np.int8]
    past_value: Floats
    past_mid: Floats
    past_score: Floats
    calendar: dict[str, tuple[str, ...]]

    def place(self, row: int) -> int:
        """Return where a panel row stands in this outlook; raises KeyError where it does not."""
        found = np.flatnonzero(self.rows == row)
        if not len(found):
            raise KeyError(row)
        return int(found[0])


def sum_of(book: Book, measure: str, plus: Sequence[str] = ()) -> Metric:
    """Return the metric that is the plain sum of measures: the book's own, else one made of it."""
    terms = tuple(Term(key) for key in (measure, *plus))
    own = book.metrics.get(measure)
    if own is not None and not own.over and own.of == terms:
        return own
    row = book.measures[measure]
    return Metric(
        key=measure,
        name=row.name,
        of=terms,
        over=(),
        unit=row.unit,
        direction="up",
        stage="",
        owner="",
        definition=row.name,
        rise=row.name,
        fall=row.name,
        clock=row.clock,
    )


def on_day(panel: Panel, metric: Metric, rows: NDArray[np.int64], day: int) -> Floats:
    """Return a metric of some panel rows (n,) on a day index, NaN where it is missing."""
    of = _sum(panel, metric.of, rows, slice(day, day + 1))[:, 0]
    if not metric.over:
        return metric.scale * of
    over = _sum(panel, metric.over, rows, slice(day, day + 1))[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(over > 0, metric.scale * of / over, np.nan)


def lately(panel: Panel, metric: Metric, rows: NDArray[np.int64], day: int) -> Floats:
    """Return a metric of some panel rows (n,) over the four weeks up to a day: a ratio of sums."""
    days = slice(max(0, day + 1 - SHOWN), day + 1)
    of = _sum(panel, metric.of, rows, days)
    over = _sum(panel, metric.over, rows, days) if metric.over else np.ones(of.shape)
    known = np.isfinite(of) & np.isfinite(over)
    top, bottom = np.where(known, of, 0.0).sum(axis=1), np.where(known, over, 0.0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(bottom > 0, metric.scale * top / bottom, np.nan)


def _signed(metric: Metric) -> bool:
    return any(term.sign < 0 for term in (*metric.of, *metric.over))


def _sum(panel: Panel, terms: Sequence[Term], rows: NDArray[np.int64], days: slice) -> Floats:
    """Return a signed sum of measures (rows, days)."""
    total = np.zeros((len(rows), len(panel.days[days])))
    for term in terms:
        if term.measure not in panel.measures:
            return np.full(total.shape, np.nan)
        total += term.sign * panel.values[panel.measures.index(term.measure)][rows, days]
    return total


@dataclass(frozen=True, eq=False)
class _Window:
    """A metric's sums over the last half year and the day (rows, days); `usable` may teach."""

    metric: Metric
    of: Floats
    over: Floats | None
    usable: NDArray[np.bool_]
    days: NDArray[np.datetime64]

    @property
    def value(self) -> Floats:
        """Return the metric (rows, days), NaN where a part is missing or the base is none."""
        if self.over is None:
            return self.metric.scale * self.of
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.over > 0, self.metric.scale * self.of / self.over, np.nan)

    def past(self, values: Floats) -> Floats:
        """Return values of the days before the day, NaN where they may not teach."""
        return np.where(self.usable[:, :-1], values[:, :-1], np.nan)

    def some(self, keep: NDArray[np.int64]) -> _Window:
        """Return the window of some of its rows."""
        over = None if self.over is None else self.over[keep]
        return replace(self, of=self.of[keep], over=over, usable=self.usable[keep])


def _window(panel: Panel, metric: Metric, rows: NDArray[np.int64], end: int) -> _Window:
    first = max(0, end - HISTORY)
    days = panel.days[first : end + 1]
    settled = (panel.days[-1] - days).astype(int) >= metric.settles_after
    usable = (panel.state[rows, first : end + 1] == State.FINAL) & settled
    span = slice(first, end + 1)
    over = _sum(panel, metric.over, rows, span) if metric.over else None
    return _Window(metric, _sum(panel, metric.of, rows, span), over, usable, days)


def outlook(
    panel: Panel,
    book: Book,
    metric: Metric,
    day: date,
    rows: NDArray[np.int64] | None = None,
    *,
    alerts_per_100: float = 1.0,
) -> Outlook:
    """Return what units brought on a day and what was to be expected; only the past is read.

    From the unit's own past where there is enough; else from earlier sessions or videos of the
    same account or shop at the same age (rates also: of peers). Days that the calendar touches
    are set apart, missing, provisional and unsettled days teach nothing. A rate's expectation is
    a ratio of sums, never a mean of rates. `rows` int (n,) are panel rows, all by default.
    """
    rows = np.arange(len(panel.units)) if rows is None else rows
    end = panel.at(day)
    window = _window(panel, metric, rows, end)
    answer = _blank(window, day, rows, _state(panel, window, rows, end))
    if not np.isfinite(window.of).any():
        return answer
    judge = _Judge(share=proportion(book, metric), alerts_per_100=alerts_per_100)
    seasons = _calendars(book, metric, [panel.units[row].country for row in rows], window, day)
    for country, special in zip(seasons.names, seasons.calendars.every, strict=True):
        if window.days[-1] in special and _moves(book, metric):
            answer.calendar[country] = tuple(row.key for row in rows_of(book, country, day))
    _fill(answer, judge.own(window, seasons.calendars), seasons.calendars, window.days[-1:])
    lonely = np.flatnonzero(np.isfinite(answer.value) & ~np.isfinite(answer.mid))
    if len(lonely):
        _fill_from_siblings(panel, answer, lonely, judge, end)
    return answer


def _moves(book: Book, metric: Metric) -> bool:
    """Say whether the calendar's effect is on it: a sum of which a part is in some funnel."""
    chains = {key for funnel in book.funnels.values() for key in funnel.chain}
    return not metric.over and any(term.measure in chains for term in metric.of)


class _Seasons(NamedTuple):
    """The countries of the units at hand, and their calendars."""

    names: tuple[str, ...]
    calendars: Calendars


def _calendars(
    book: Book, metric: Metric, countries: Sequence[str], window: _Window, day: date
) -> _Seasons:
    """Return the special days of each unit's country; what the calendar does not move has no effect."""
    names = tuple(sorted(set(countries)))
    moved, first = _moves(book, metric), window.days[0].item()
    every: list[dict[np.datetime64, Special]] = []
    lifts: list[dict[np.datetime64, float]] = []
    for country in names:
        found = occasions(book, country, first, day)
        lift = seasons(book, country, first, day) if moved else {}
        lifts.append({np.datetime64(one, "D"): effect for one, effect in lift.items()})
        every.append({
            np.datetime64(one, "D"): special if moved else Special(special.label)
            for one, special in found.items()
        })  # fmt: skip
    place = {country: code for code, country in enumerate(names)}
    code = np.array([place[country] for country in countries], dtype=np.int64)
    return _Seasons(names, Calendars(code, tuple(every), tuple(lifts)))


def _state(panel: Panel, window: _Window, rows: NDArray[np.int64], end: int) -> NDArray[np.int8]:
    state: NDArray[np.int8] = panel.state[rows, end].copy()
    young = int((panel.days[-1] - panel.days[end]).astype(int)) < window.metric.settles_after
    if young:
        state[state == State.FINAL] = State.PROVISIONAL
    return state


def _blank(window: _Window, day: date, rows: NDArray[np.int64], state: NDArray[np.int8]) -> Outlook:
    size, shown = len(rows), min(SHOWN, window.of.shape[1] - 1)
    value = window.value
    return Outlook(
        metric=window.metric,
        day=day,
        rows=rows,
        value=value[:, -1],
        of=window.of[:, -1],
        over=np.full(size, np.nan) if window.over is None else window.over[:, -1],
        low=np.full(size, np.nan),
        mid=np.full(size, np.nan),
        high=np.full(size, np.nan),
        score=np.full(size, np.nan),
        days=np.zeros(size, dtype=np.int64),
        basis=np.full(size, "none", dtype="<U8"),
        state=state,
        past_value=value[:, value.shape[1] - 1 - shown : -1],
        past_mid=np.full((size, shown), np.nan),
        past_score=np.full((size, shown), np.nan),
        calendar={},
    )


@dataclass(frozen=True, slots=True)
class _Judge:
    """Which band fits a metric: of a rate's counts, or of values."""

    share: bool
    alerts_per_100: float

    def own(self, window: _Window, special: Calendars) -> tuple[Band, Floats]:
        """Return the band of units' own past and their scores today."""
        past, today = window.days[:-1], window.value[:, -1]
        if window.over is None or _signed(window.metric):
            band = value_band(
                window.past(window.value),
                past,
                window.days[-1],
                calendar=special,
                alerts_per_100=self.alerts_per_100,
            )
            return band, band.score(today)
        of, over = window.past(window.of), window.past(window.over)
        return self.rate(of, over, past, window, special)

    def rate(
        self,
        of: Floats,
        over: Floats,
        days: NDArray[np.datetime64],
        window: _Window,
        special: Calendars | None,
    ) -> tuple[Band, Floats]:
        """Return the band of a rate in the metric's own unit, and the scores today.

        What is not a share of events (money per order, seconds per view) is counted in units of
        its own usual rate, so that one event carries about the noise of one count.
        """
        assert window.over is not None
        with np.errstate(divide="ignore", invalid="ignore"):
            usual = np.nansum(of, axis=1) / np.nansum(np.where(np.isfinite(of), over, 0.0), axis=1)
        size = np.ones(len(of)) if self.share else np.where(usual > 0, usual, 1.0)
        band = rate_band(
            of / size[:, None],
            over,
            days,
            window.days[-1],
            window.over[:, -1],
            calendar=special,
            alerts_per_100=self.alerts_per_100,
            weekly=special is not None,
            share=self.share,
        )
        unit = size * window.metric.scale
        score = band.score(window.value[:, -1] / unit)
        scaled = replace(
            band,
            low=band.low * unit,
            mid=band.mid * unit,
            high=band.high * unit,
            past_mid=band.past_mid * unit[:, None],
        )
        return scaled, score


def _fill(
    answer: Outlook, found: tuple[Band, Floats], calendars: Calendars, day: NDArray[np.datetime64]
) -> None:
    """Take over what the units' own past says."""
    band, score = found
    answer.low[:], answer.mid[:], answer.high[:] = band.low, band.mid, band.high
    answer.score[:], answer.days[:] = score, band.days
    basis = np.where(band.same >= SAME_WEEKDAYS, "weekday", "recent")
    basis = np.where((band.learnt > 0) & calendars.special(day)[:, 0], "calendar", basis)
    answer.basis[:] = np.where(np.isfinite(band.mid), basis, "none")
    shown = answer.past_mid.shape[1]
    answer.past_mid[:] = band.past_mid[:, band.past_mid.shape[1] - shown :]
    answer.past_score[:] = band.past_score[:, band.past_score.shape[1] - shown :]


def _fill_from_siblings(
    panel: Panel, answer: Outlook, lonely: NDArray[np.int64], judge: _Judge, end: int
) -> None:
    """Give units without a past of their own what their elder siblings brought at that age."""
    metric, wanted = answer.metric, answer.rows[lonely]
    every = _window(panel, metric, np.arange(len(panel.units)), end)
    offset = end + 1 - every.of.shape[1]
    born = births(panel, np.isfinite(every.of), offset)
    found = elders(panel, wanted, born, end, abroad=bool(metric.over))
    found = replace(found, at=np.maximum(found.at - offset, 0))
    usable = found.take(np.where(every.usable, 1.0, np.nan))
    fake = every.days[-1] - np.arange(KEPT, 0, -1)
    mine = every.some(wanted)
    if every.over is None or _signed(metric):
        band = value_band(
            usable * found.take(every.value),
            fake,
            every.days[-1],
            alerts_per_100=judge.alerts_per_100,
            weekly=False,
        )
        score = band.score(answer.value[lonely])
    else:
        of, over = usable * found.take(every.of), usable * found.take(every.over)
        band, score = judge.rate(of, over, fake, mine, None)
    answer.low[lonely], answer.mid[lonely], answer.high[lonely] = band.low, band.mid, band.high
    answer.score[lonely], answer.days[lonely] = score, band.days
    basis = np.where(found.far, "peers", "sessions")
    answer.basis[lonely] = np.where(np.isfinite(band.mid), basis, "none")


def together(days: Sequence[Outlook]) -> Outlook:
    """Return several days of the same units as one: sums against the sum of what was expected.

    A rate is the ratio of the sums, its expectation that of each day weighted by the day's base;
    the bands' reaches add up in quadrature. Missing days are left out on both sides; where one of
    the days cannot be expected, neither can the whole.
    """
    last = days[-1]
    known = np.array([np.isfinite(day.value) for day in days])
    weight = np.array([day.over if last.metric.over else np.ones(len(day.value)) for day in days])
    weight = np.where(known, weight, 0.0)
    total = weight.sum(axis=0) if last.metric.over else np.ones(len(last.value))

    def pooled(values: list[Floats], power: float = 1.0) -> Floats:
        parts = np.where(known, weight * np.array(values), 0.0) ** power
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(known.any(axis=0), parts.sum(axis=0) ** (1.0 / power) / total, np.nan)

    value, mid = pooled([day.value for day in days]), pooled([day.mid for day in days])
    below = pooled([day.mid - day.low for day in days], 2.0)
    above = pooled([day.high - day.mid for day in days], 2.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(value < mid, (mid - value) / below, (value - mid) / above)
    return replace(
        last,
        value=value,
        of=np.where(known, np.array([day.of for day in days]), 0.0).sum(axis=0),
        over=total if last.metric.over else last.over,
        low=mid - below,
        mid=mid,
        high=mid + above,
        score=score,
        days=np.min([day.days for day in days], axis=0),
        state=_worst(days, known),
    )


def _worst(days: Sequence[Outlook], known: NDArray[np.bool_]) -> NDArray[np.int8]:
    state = np.where(known, np.array([day.state for day in days]), int(State.FINAL)).min(axis=0)
    return np.where(known.any(axis=0), state, int(State.MISSING)).astype(np.int8)
