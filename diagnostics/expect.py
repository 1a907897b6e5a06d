"""What was to be expected of a day like this one, for every unit at once, and from what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diagnostics.almanac import Almanac, moves
from diagnostics.band import SHOWN
from diagnostics.cold import YOUNG, YOUNG_RATE, standing
from diagnostics.own import Judge, Question, own
from diagnostics.panel import State
from diagnostics.ranges import proportion
from diagnostics.spans import together
from diagnostics.window import lately, on_day, sum_of, window
from diagnostics.young import BY_AGE, Lore, borrowed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from diagnostics.band import Calendars
    from diagnostics.book.rows import Book, Metric
    from diagnostics.own import Own
    from diagnostics.panel import Panel
    from diagnostics.window import Window
    from diagnostics.young import Borrowed

    Floats = NDArray[np.float64]

__all__ = ["Asked", "Outlook", "lately", "on_day", "outlook", "outlooks", "sum_of", "together"]
SAME_WEEKDAYS = 3


@dataclass(frozen=True, eq=False)
class Outlook:
    """One metric of the units `rows` (n,) on one day: what was and what was to be.

    `value`, `of`, `over`, `low`, `mid`, `high`, `score` float (n,), NaN = missing; `over` of a plain
    sum is NaN; a score of 1 and more is out of band. `days` int (n,) of history, `basis` str (n,)
    what it was learnt from, `state` int8 (n,). `past_value`, `past_mid`, `past_score` (n, up to 28)
    tell of the latest past days. `calendar` maps a country to the rows whose effect is in it,
    `taught` to the rows of the days it was learnt from, `effect` (n,) is the multiplier (NaN on
    ordinary days) and `learnt` (n,) on how many of its own days it stands (0: the book's).
    `peers` (n,) others taught it, its own days weighing `weight`; `whose` and `like` as in
    siblings.Elders. `age` (n,) is the age in days at which it is compared, -1 where figures stand.
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
    taught: dict[str, tuple[str, ...]]
    effect: Floats
    learnt: NDArray[np.int64]
    peers: NDArray[np.int64]
    weight: Floats
    whose: NDArray[np.str_]
    like: NDArray[np.str_]
    age: NDArray[np.int64]

    def place(self, row: int) -> int:
        """Return where a panel row stands in this outlook; raises KeyError where it does not."""
        found = np.flatnonzero(self.rows == row)
        if not len(found):
            raise KeyError(row)
        return int(found[0])


class Asked(NamedTuple):
    """A metric asked of panel rows (n,); `groups` (panel units,) and `hush` as of `outlook`."""

    metric: Metric
    rows: NDArray[np.int64]
    groups: NDArray[np.int64] | None = None
    hush: NDArray[np.bool_] | None = None


def outlook(
    panel: Panel,
    book: Book,
    metric: Metric,
    day: date,
    rows: NDArray[np.int64] | None = None,
    *,
    alerts_per_100: float = 1.0,
    groups: NDArray[np.int64] | None = None,
    hush: NDArray[np.bool_] | None = None,
) -> Outlook:
    """Return what units brought on a day and what was to be expected; only the past is read.

    From the unit's own past where there is enough; with less than four weeks of it, from that and
    from its like (`young`): sessions and videos of the same account or shop at the same age, other
    units of its kind and country. Days that the calendar touches are set apart, missing,
    provisional and unsettled days teach nothing, unless it is known how they stood at the day's
    own age. A rate's expectation is of counts, each day
    weighing what it can tell of the rate, never a plain mean of rates. `rows` int (n,) are
    panel rows, all by default. `groups` int (panel units,) are peer groups: what the others of a
    group did that day is taken out of the score; low, mid and high stay the unit's own. `hush`
    bool (rows, latest past days) are days that shall teach nothing.
    """
    rows = np.arange(len(panel.units)) if rows is None else rows
    one = Asked(metric, rows, groups, hush)
    return outlooks(panel, book, day, [one], alerts_per_100=alerts_per_100)[0]


def outlooks(
    panel: Panel, book: Book, day: date, asked: Sequence[Asked], *, alerts_per_100: float = 1.0
) -> list[Outlook]:
    """Return several outlooks at once: each as `outlook` has it, in less time than one by one."""
    end = panel.at(day)
    almanacs: dict[tuple[bool, bytes], Almanac] = {}
    every = [_case(panel, book, day, one, alerts_per_100, almanacs) for one in asked]
    known = [one for one in every if np.isfinite(one.past.of).any()]
    plainly = [one.question(one.almanac.calendars) for one in known]
    for case, found in zip(known, own(plainly), strict=True):
        _fill(case.answer, found, case.almanac)
    lifted = [one for one in known if one.almanac.rows]
    ordinary = [one.question(one.almanac.ordinary(one.past.days[-1])) for one in lifted]
    for case, plain in zip(lifted, own(ordinary), strict=True):
        answer, today = case.answer, case.almanac.today
        with np.errstate(divide="ignore", invalid="ignore"):
            answer.effect[:] = np.where(today, answer.mid / plain.mid, np.nan)
    for case in known:
        answer = case.answer
        few = YOUNG_RATE if answer.metric.over else YOUNG
        young = np.flatnonzero(np.isfinite(answer.value) & (answer.days < few))
        if len(young):
            _borrow(panel, book, answer, young, case.judge, end)
    return [one.answer for one in every]


class _Case(NamedTuple):
    """What is needed to answer what was asked; the `answer` is still to be filled."""

    past: Window
    answer: Outlook
    judge: Judge
    almanac: Almanac

    def question(self, special: Calendars) -> Question:
        """Return what is to be asked of the units' own past."""
        return Question(self.judge, self.past, special)


def _case(
    panel: Panel,
    book: Book,
    day: date,
    asked: Asked,
    alerts_per_100: float,
    almanacs: dict[tuple[bool, bytes], Almanac],
) -> _Case:
    """Return what a question needs; `almanacs` are those made for others of these rows."""
    metric, rows, groups, hush = asked
    end = panel.at(day)
    past = window(panel, metric, rows, end)
    if hush is not None and hush.shape[1]:
        past.usable[:, -1 - hush.shape[1] : -1] &= ~hush
    answer = _blank(past, day, rows, _state(panel, past, rows, end))
    crowd = None if groups is None else groups[rows]
    judge = Judge(proportion(book, metric), alerts_per_100, crowd)
    which = moves(book, metric), rows.tobytes()
    if which not in almanacs:
        countries = [panel.units[row].country for row in rows]
        almanacs[which] = Almanac.of(book, metric, countries, past.days)
    almanac = almanacs[which]
    if np.isfinite(past.of).any():
        answer.calendar.update(almanac.rows)
        answer.taught.update(almanac.taught)
    return _Case(past, answer, judge, almanac)


def _state(panel: Panel, past: Window, rows: NDArray[np.int64], end: int) -> NDArray[np.int8]:
    state: NDArray[np.int8] = panel.state[rows, end].copy()
    young = int((panel.days[-1] - panel.days[end]).astype(int)) < past.metric.settles_after
    if young:
        state[state == State.FINAL] = State.PROVISIONAL
    return state


def _blank(past: Window, day: date, rows: NDArray[np.int64], state: NDArray[np.int8]) -> Outlook:
    """Return an outlook without an answer; what it keeps of the window is copied, the rest goes."""
    size, shown = len(rows), min(SHOWN, past.of.shape[1] - 1)
    value, nothing = past.latest(shown + 1), np.zeros(size, dtype=np.int64)
    return Outlook(
        metric=past.metric,
        day=day,
        rows=rows,
        value=value[:, -1].copy(),
        of=past.of[:, -1].copy(),
        over=np.full(size, np.nan) if past.over is None else past.over[:, -1].copy(),
        low=np.full(size, np.nan),
        mid=np.full(size, np.nan),
        high=np.full(size, np.nan),
        score=np.full(size, np.nan),
        days=nothing.copy(),
        basis=np.full(size, "none", dtype="<U8"),
        state=state,
        past_value=value[:, :-1],
        past_mid=np.full((size, shown), np.nan),
        past_score=np.full((size, shown), np.nan),
        calendar={},
        taught={},
        effect=np.full(size, np.nan),
        learnt=nothing.copy(),
        peers=nothing.copy(),
        weight=np.ones(size),
        whose=np.full(size, "", dtype="<U7"),
        like=np.full(size, "", dtype="<U7"),
        age=np.where(past.aged, past.age, -1),
    )


def _fill(answer: Outlook, band: Own, almanac: Almanac) -> None:
    """Take over what the units' own past says."""
    answer.low[:], answer.mid[:], answer.high[:] = band.low, band.mid, band.high
    answer.score[:], answer.days[:] = band.score, band.days
    answer.learnt[:] = np.where(almanac.today, band.learnt, 0)
    basis = np.where(band.same >= SAME_WEEKDAYS, "weekday", "recent")
    basis = np.where(answer.learnt > 0, "calendar", basis)
    answer.basis[:] = np.where(np.isfinite(band.mid), basis, "none")
    shown = answer.past_mid.shape[1]
    answer.past_mid[:] = band.past_mid[:, band.past_mid.shape[1] - shown :]
    answer.past_score[:] = band.past_score[:, band.past_score.shape[1] - shown :]


def _borrow(
    panel: Panel, book: Book, answer: Outlook, young: NDArray[np.int64], judge: Judge, end: int
) -> None:
    """Give units with a short past of their own what their like teaches, where there is any."""
    wanted = answer.rows[young]
    lore = _lore(panel, book, answer, end)
    found = borrowed(panel, lore, wanted, judge, end)
    there = np.isfinite(found.mid)
    here = young[there]
    kind = [panel.units[row].kind for row in wanted[there]]
    by_age = np.array([one in BY_AGE for one in kind], dtype=bool)
    alone = np.where(by_age | ~np.isfinite(answer.mid[here]), 0.0, standing(found.own[there]))
    _mix(answer, here, alone, found, there)
    answer.days[here] = found.own[there] + found.peers[there]
    answer.peers[here] = found.peers[there]
    answer.weight[here] = 1.0 - (1.0 - alone) * (1.0 - found.weight[there])
    answer.whose[here], answer.like[here] = found.whose[there], found.like[there]
    lives = np.array([one == "live" for one in kind], dtype=bool)
    near = np.where(lives, "sessions", "ages")
    far = found.whose[there] == "peers"
    answer.basis[here] = np.where(by_age, np.where(far, "peers", near), "mixed")
    lifted = np.exp(lore.special[wanted[there]])
    answer.effect[here] = np.where(lifted != 1.0, lifted, np.nan)
    answer.learnt[here] = lore.special_days[wanted[there]]


def _mix(
    answer: Outlook,
    here: NDArray[np.int64],
    alone: Floats,
    found: Borrowed,
    there: NDArray[np.bool_],
) -> None:
    """Put what is borrowed in the place of a unit's own band, of which a part `alone` stays."""
    value, own = answer.value[here], np.nan_to_num(answer.mid[here])
    score = np.nan_to_num(answer.score[here]) * np.sign(value - own) * alone
    score = score + found.score[there] * np.sign(value - found.mid[there]) * (1.0 - alone)
    answer.score[here] = np.abs(score)
    for mine, theirs in (
        (answer.low, found.low), (answer.mid, found.mid), (answer.high, found.high)
    ):  # fmt: skip
        mine[here] = alone * np.nan_to_num(mine[here]) + (1.0 - alone) * theirs[there]


def _lore(panel: Panel, book: Book, answer: Outlook, end: int) -> Lore:
    """Return the past of all units, the calendar's effects as the grown units learnt them."""
    every = window(panel, answer.metric, np.arange(len(panel.units)), end)
    countries = [unit.country for unit in panel.units]
    almanac = Almanac.of(book, answer.metric, countries, every.days)
    lift = almanac.effects(every.days)
    special = lift[:, -1] - almanac.calendars.lift(every.days[-1:])[:, 0]
    days = np.zeros(len(special), dtype=np.int64)
    grown = (answer.learnt > 0) & np.isfinite(answer.effect)
    for country in almanac.rows:
        alike = grown & np.array([countries[row] == country for row in answer.rows], dtype=bool)
        if alike.any():
            here = np.array([one == country for one in countries], dtype=bool)
            told = float(np.median(np.log(np.maximum(answer.effect[alike], 1e-6))))
            lift[here, -1] += told - special[here]
            special[here] = told
            days[here] = int(np.median(answer.learnt[alike]))
    apart = almanac.calendars.special(every.days)
    return Lore(every, lift, apart, end + 1 - every.of.shape[1], special, days)
