"""What drove a figure away from such a day or another one: each factor with its own uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from diagnostics.decompose import CROSSES, factors, joined, move, split, sums
from diagnostics.expect import sum_of
from diagnostics.funnel import BASKET, funnel_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diagnostics.book.rows import Book, Funnel, Kind, Metric, Term
    from diagnostics.desk import Desk
    from diagnostics.reading import FunnelReading, Reading, Why


@dataclass(frozen=True, slots=True)
class Factor:
    """One part of a change. `low` and `high` bound its effect; None where nothing bounds it.

    They are the effects against the upper and the lower end of what such a day brings.
    """

    key: str
    """`impressions`, `orders/add_to_cart`, or a measure of a signed sum."""
    step: str
    """The funnel step; `aov` for the basket, empty for what is no step."""
    before: float | None
    after: float | None
    effect: float
    low: float | None
    high: float | None
    named: bool
    """Whether it is itself out of the ordinary; what is not is the usual to and fro."""


@dataclass(frozen=True, slots=True)
class Drivers:
    """A figure's change with the factors that sum exactly to it; `why` there are none, else empty."""

    metric: str
    unit: str
    value: float | None
    base: float | None
    change: float | None
    factors: tuple[Factor, ...] = ()
    why: Why = ""
    lacks: tuple[str, ...] = ()
    """Measures without which it cannot be told."""
    waiting: tuple[str, ...] = ()
    """Measures of which more comes in for days yet (refunds): they are no part of the comparison."""

    @property
    def named(self) -> tuple[Factor, ...]:
        """Return the factors that are out of the ordinary, the biggest first."""
        return tuple(sorted((one for one in self.factors if one.named), key=_size))

    @property
    def rest(self) -> float:
        """Return the sum of the factors that are as usual: the usual to and fro."""
        return math.fsum(one.effect for one in self.factors if not one.named)


def _size(one: Factor) -> float:
    return -abs(one.effect)


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far a figure ordinarily lies from its middle, as logarithms."""

    below: float
    above: float


def _reach(reading: Reading | None) -> _Reach | None:
    found = None if reading is None else reading.expected
    if found is None or not 0.0 < found.mid <= found.high or found.low > found.mid:
        return None
    below = math.log(found.mid / found.low) if found.low > 0.0 else math.inf
    return _Reach(below, math.log(found.high / found.mid))


def _both(one: Reading | None, other: Reading | None) -> _Reach | None:
    """Return how far two days of one figure ordinarily lie apart: the reaches in quadrature."""
    now, then = _reach(one), _reach(other)
    if now is None or then is None:
        return None
    return _Reach(math.hypot(now.below, then.above), math.hypot(now.above, then.below))


def drivers(
    book: Book, kind: Kind, path: FunnelReading, then: FunnelReading | None = None, until: str = ""
) -> Drivers:
    """Return what drove a unit's value (GMV): LMDI over its funnel, each link with its own band.

    Against what was expected of that day, or against `then`, another day's funnel of the same unit
    (its counts are the base). `until` ends the chain at an earlier measure, such as orders. Each
    link's effect is told with the effects that it would have against the ends of its band: both on
    one side of zero says that it is unusual. It is named only when its own reading is; against another
    day when it is on either of the two, or changed by more than two such days ordinarily differ.
    """
    rows = funnel_of(book, kind)
    chain = rows.chain[: rows.chain.index(until) + 1] if until else rows.chain
    sides = _sides(rows, path, then)
    value = sides.here[chain[-1]]
    now, base = sides.now, sides.base
    if (value.why and then is None) or not all(
        math.isfinite(side[chain[-1]]) for side in (now, base)
    ):
        return _untold(value, sides.there.get(chain[-1]))
    keys = joined(base, now, chain)
    moves = _moves(base, now, keys)
    told = []
    for place, (key, effect) in enumerate(factors(base, now, chain).items()):
        measure = keys[place]
        here, there = (_link(rows, one, measure, place) for one in (path, then))
        reach = _both(here, there) if then else _reach(here)
        ends = _ends(base[chain[-1]], now[chain[-1]], moves, place, reach)
        named = _named(ends, effect, here, there)
        above = keys[place - 1] if place else ""
        old, new = (_ratio(side[measure], side[above] if above else 1.0) for side in (base, now))
        step = sides.step[measure] if above or measure != chain[-1] else ""
        told.append(Factor(key, step, old, new, effect, *ends, named))
    before, after = base[chain[-1]], now[chain[-1]]
    return Drivers(value.metric, value.unit, after, before, after - before, tuple(told))


class _Sides(NamedTuple):
    """A chain's measures today and in the base, with their readings and their steps."""

    now: dict[str, float]
    base: dict[str, float]
    here: dict[str, Reading]
    there: dict[str, Reading]
    step: dict[str, str]


def _sides(rows: Funnel, path: FunnelReading, then: FunnelReading | None) -> _Sides:
    here, there, step = {rows.value: path.value}, {}, {rows.value: BASKET}
    if then is not None:
        there[rows.value] = then.value
    for place, row in enumerate(rows.steps):
        if row.in_chain:
            here[row.count], step[row.count] = path.steps[place].count, row.key
            if then is not None:
                there[row.count] = then.steps[place].count
    now = {key: _number(one.value) for key, one in here.items()}
    base = {key: _base(one, there.get(key), other=then is not None) for key, one in here.items()}
    return _Sides(now, base, here, there, step)


def _link(rows: Funnel, path: FunnelReading | None, measure: str, place: int) -> Reading | None:
    """Return the reading of a link: the first one's count, a step's rate, or the basket's."""
    if path is None:
        return None
    step = next((at for at, row in enumerate(rows.steps) if row.count == measure), None)
    if step is None:
        return path.aov if place else path.value
    return path.steps[step].rate if place else path.steps[step].count


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _base(reading: Reading, past: Reading | None, *, other: bool) -> float:
    if other:
        return _number(past.value if past else None)
    return math.nan if reading.expected is None else reading.expected.mid


def _ratio(top: float, bottom: float) -> float | None:
    return top / bottom if bottom else None


def _untold(value: Reading, past: Reading | None) -> Drivers:
    why: Why = value.why or (past.why if past else "") or "no_history"
    if value.value is None and not value.why:
        why = "missing"
    return Drivers(
        value.metric, value.unit, value.value, past.value if past else None, None, (), why
    )


def _moves(base: Mapping[str, float], now: Mapping[str, float], keys: Sequence[str]) -> list[float]:
    first = move(base[keys[0]], now[keys[0]])
    return [
        first,
        *(move(base[key], now[key], base[above], now[above]) for above, key in pairwise(keys)),
    ]


def _ends(
    before: float, after: float, moves: Sequence[float], place: int, reach: _Reach | None
) -> tuple[float | None, float | None]:
    """Return the effects of a link had its expectation been at either end of its band.

    The same split with that link's base, and with it the whole's, moved by the band's reach; at a
    base of nothing its limit, all that came.
    """
    if reach is None or before <= 0.0 or after < 0.0:
        return None, None
    if moves[place] == CROSSES:
        whole = split(before, after, moves)[place]
        return whole, whole
    ends = []
    for shift in (reach.above, -reach.below):
        if shift == -math.inf:
            ends.append(after)
            continue
        shifted = [one - shift if at == place else one for at, one in enumerate(moves)]
        ends.append(split(before * math.exp(shift), after, shifted)[place])
    return min(ends), max(ends)


def _apart(ends: tuple[float | None, float | None], effect: float) -> bool:
    low, high = ends
    if low is None or high is None or effect == 0.0:
        return False
    return low > 0.0 if effect > 0.0 else high < 0.0


def _named(
    ends: tuple[float | None, float | None],
    effect: float,
    here: Reading | None,
    there: Reading | None,
) -> bool:
    """Say whether a link is unusual by its own readings; with another day's also by its band."""
    if there is None:
        return _apart(ends, effect) and _strange(here, effect)
    return _apart(ends, effect) or _strange(here, effect) or _strange(there, -effect)


def _strange(reading: Reading | None, effect: float) -> bool:
    """Say whether a reading is itself unusual, on the side of its effect."""
    if reading is None or not reading.unusual or reading.change is None:
        return False
    return reading.change * effect > 0.0


def of_sum(desk: Desk, row: int, metric: Metric, then: Desk | None = None) -> Drivers:
    """Return what drove a signed sum (contribution profit), by its measures with their signs.

    Against the sum of what was expected of each part, or against another day's (`then`). A part
    that is missing makes the sum untold (`no_cost` for a cost), never zero. A part that is not all
    in yet (refunds of a young day) would look like a gain: unless it is compared at the same age it
    is taken for what it was to be, and named as waiting. Raises ValueError for a metric that is a
    rate.
    """
    if metric.over:
        raise ValueError(f"{metric.key} is a rate, no sum")
    signs = {term.measure: term.sign for term in metric.of}
    here = {key: desk.reading(sum_of(desk.book, key), row) for key in signs}
    past = None if then is None else {key: _there(then, desk, key, row) for key in signs}
    now = {key: _number(one.value) for key, one in here.items()}
    base = {
        key: _base(one, past[key] if past else None, other=past is not None)
        for key, one in here.items()
    }
    unit = desk.panel.units[row].key
    waiting = tuple(key for key in signs if _waits(desk, key, here[key], then))
    base |= {key: now[key] for key in waiting}
    lacks = tuple(key for key in signs if not math.isfinite(now[key]))
    older = tuple(key for key in signs if not math.isfinite(base[key]))
    if lacks or older:
        cost = all(signs[key] < 0 for key in lacks or older)
        why: Why = "no_history" if not lacks and past is None else "no_cost" if cost else "missing"
        return Drivers(metric.key, unit, None, None, None, (), why, lacks or older)
    told = []
    for key, effect in sums(base, now, signs).items():
        if key in waiting:
            continue
        band = _sum_ends(here[key], past[key] if past else None, signs[key], effect)
        named = _apart(band, effect) and (past is not None or here[key].unusual)
        told.append(Factor(key, "", base[key], now[key], effect, *band, named))
    value = math.fsum(signs[key] * now[key] for key in signs)
    before = math.fsum(signs[key] * base[key] for key in signs)
    return Drivers(metric.key, unit, value, before, value - before, tuple(told), waiting=waiting)


def _waits(desk: Desk, measure: str, told: Reading, then: Desk | None) -> bool:
    """Say whether a day's sum is still to grow, by the rates that are made of it; then it waits.

    Against what was expected it does not where that is of days of the same age.
    """
    settles = max(
        (
            one.settles_after
            for one in desk.book.metrics.values()
            if measure in {term.measure for term in one.of}
        ),
        default=0,
    )
    last = max(desk.day, then.day) if then else desk.day
    age = (desk.panel.days[-1].item() - last).days + desk.panel.age
    learnt = told.expected.learnt if told.expected else None
    return age < settles and (then is not None or learnt is None or learnt.age is None)


def _there(then: Desk, desk: Desk, key: str, row: int) -> Reading:
    return then.reading(sum_of(desk.book, key), then.panel.index(desk.panel.units[row].key))


def _sum_ends(
    reading: Reading, past: Reading | None, sign: int, effect: float
) -> tuple[float | None, float | None]:
    """Return the ends of a part's effect: as far as its expectation reaches (two days': both)."""
    found = reading.expected
    if found is None or (past is not None and past.expected is None):
        return None, None
    below, above = found.mid - found.low, found.high - found.mid
    if past is not None and past.expected is not None:
        other = past.expected
        below, above = (
            math.hypot(below, other.high - other.mid),
            math.hypot(above, other.mid - other.low),
        )
    return (effect - above, effect + below) if sign > 0 else (effect - below, effect + above)


def of_rate(desk: Desk, row: int, metric: Metric, then: Desk | None = None) -> Drivers:
    """Return what drove a rate, of/over: what its counts above and below the line did (LMDI).

    The effects are in the metric's own unit and sum exactly to its change. The count above the line
    is held against what it should be for the count below it: its band is the rate's. Which part is
    named is decided as for a funnel's links.
    """
    parts = [_plain(desk.book, metric, terms) for terms in (metric.of, metric.over)]
    here = [desk.reading(one, row) for one in (metric, *parts)]
    there: list[Reading | None] = [None, None, None]
    if then is not None:
        place = then.panel.index(desk.panel.units[row].key)
        there = [then.reading(one, place) for one in (metric, *parts)]
    pairs = list(zip(here, there, strict=True))
    now = [_number(one.value) for one in here]
    base = [_base(one, past, other=then is not None) for one, past in pairs]
    if not all(map(math.isfinite, (now[0], now[2], base[0], base[2]))):
        untold = _untold(here[0], there[0])
        lacks = _lacking(desk, row, metric) if untold.why == "no_cost" else ()
        return replace(untold, lacks=lacks)
    above = base[0] * base[2] / metric.scale, now[0] * now[2] / metric.scale
    moves = [move(*above), move(1.0 / base[2], 1.0 / now[2]) if base[2] and now[2] else 0.0]
    told = []
    for place, effect in enumerate(split(base[0], now[0], moves)):
        reading, past = pairs[2 if place else 0]
        reach = _both(reading, past) if then else _reach(reading)
        if reach is not None and place:
            reach = _Reach(reach.above, reach.below)
        ends = _ends(base[0], now[0], moves, place, reach)
        turned = -effect if place else effect
        strange = _strange(reading, turned) or _strange(past, -turned)
        apart = _apart(ends, effect)
        named = (strange or apart) if then is not None else (strange and apart)
        old, new = (above, (base[2], now[2]))[place]
        told.append(Factor(parts[place].key, "", old, new, effect, *ends, named))
    return Drivers(metric.key, here[0].unit, now[0], base[0], now[0] - base[0], tuple(told))


def _lacking(desk: Desk, row: int, metric: Metric) -> tuple[str, ...]:
    """Return the measures of a metric that a unit has no figure of on the desk's day."""
    sums = (sum_of(desk.book, key) for key in metric.measures)
    return tuple(one.key for one in sums if desk.reading(one, row).value is None)


def _plain(book: Book, metric: Metric, terms: tuple[Term, ...]) -> Metric:
    """Return the metric that is the sum of terms: the book's own, else one made of them."""
    if len(terms) == 1 and terms[0].sign > 0:
        return sum_of(book, terms[0].measure)
    for own in book.metrics.values():
        if own.of == terms and not own.over and own.scale == 1.0:
            return own
    key = "".join(f"{'-' if term.sign < 0 else '+'}{term.measure}" for term in terms)
    row = book.measures[terms[0].measure]
    return replace(
        metric, key=key.removeprefix("+"), name=row.name, of=terms, over=(), unit=row.unit,
        scale=1.0, smallest_base=0.0,
    )  # fmt: skip
