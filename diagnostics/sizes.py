"""A series' own scale, compiled: its median without sorting, and its points on the scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from diagnostics import scale
from diagnostics.lanes import (
    LANES,
    NAN,
    NONE,
    ONE,
    Single,
    compiled,
    f,
    grown,
    i,
    log,
    most,
)  # fmt: skip

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Singles = NDArray[np.float32]
    Ints = NDArray[np.int32]

USUAL = f(scale.USUAL)
PLAIN, COUNTED, SIGNED = f(0.0), f(1.0), f(2.0)
"""What a series is: money, whole numbers, or what may be below zero."""
WHOLE = f(2.0**23)
"""From here on single precision knows whole numbers only."""
FINE = 4
"""The last bits of a size, a millionth of it, are not looked at in the search for a rank."""
MISSING, INFINITE, LOST = i(0x7FFFFFFF), i(0x7F800000), f(np.inf)
"""A missing value and infinity as bits, and a missing distance."""
NAUGHT, TINY = i(0x40000000), f(1e-30)
"""Zero among the sizes of values of either sign, and a distance that is none."""


@compiled
def gather(values: Any, zero: Any, first: int, points: Singles) -> None:
    """Copy a block of values (days, units) to its lanes, counted from their zeros (units,).

    They are read in either order of memory.
    """
    days, units = values.shape
    end = min(LANES, units - first)
    if end < LANES:
        points[:] = NAN
    part = values[:, first : first + end]
    if values.strides[0] < values.strides[1]:
        for j in range(end):
            for day in range(days):
                points[day * LANES + j] = part[day, j] - zero[first + j]
        return
    for day in range(days):
        for j in range(end):
            points[day * LANES + j] = part[day, j] - zero[first + j]


@compiled
def rank(bits: Ints, wanted: Ints, fine: int, found: Ints) -> None:
    """Find in each lane the number of a rank (0 is the least) among sizes written as integers.

    Sizes of floats sort like their bits: the answer grows bit by bit between the lane's least and
    greatest size, down to the last `fine` bits: no size lies between it and the number but for them.
    """
    count, limit = np.empty(LANES, np.int32), np.zeros(LANES, np.int32)
    found[:] = MISSING
    for at in range(len(bits) // LANES):
        for j in range(LANES):
            size = bits[at * LANES + j]
            found[j] = min(found[j], size)
            limit[j] = size if size > limit[j] and size < MISSING else limit[j]
    widest, places = i(0), 0
    for j in range(LANES):
        span = i(limit[j] - found[j])
        widest = max(widest, span)
    while widest >> places:
        places += 1
    for place in range(places - 1, fine - 1, -1):
        step = i(i(1) << i(place))
        for j in range(LANES):
            count[j], limit[j] = i(0), i(found[j] + step)
        for four in range(len(bits) // (4 * LANES)):
            at = four * 4 * LANES
            for j in range(LANES):
                edge_, less = limit[j], count[j]
                less = i(less + i(i(bits[at + j] - edge_) >> i(31)))
                less = i(less + i(i(bits[at + LANES + j] - edge_) >> i(31)))
                less = i(less + i(i(bits[at + 2 * LANES + j] - edge_) >> i(31)))
                count[j] = i(less + i(i(bits[at + 3 * LANES + j] - edge_) >> i(31)))
        for j in range(LANES):
            found[j] = limit[j] if i(-count[j]) <= wanted[j] else found[j]


@compiled
def above(bits: Ints, days: int, low: Ints, wanted: Ints, found: Ints) -> None:
    """Find the number of the next rank, where the one of the rank before is `low`."""
    count, next_ = np.zeros(LANES, np.int32), np.full(LANES, MISSING, np.int32)
    for day in range(days):
        at = day * LANES
        for j in range(LANES):
            size = bits[at + j]
            count[j] += i(1) if size <= low[j] else i(0)
            larger = size if size > low[j] else MISSING
            next_[j] = min(next_[j], larger)
    for j in range(LANES):
        found[j] = low[j] if count[j] > wanted[j] else next_[j]


@compiled
def middles(
    bits: Ints, days: int, skipped: Ints, known: Ints, fine: int, lower: Ints, upper: Ints
) -> None:
    """Find each lane's two middle ones of the `known` sizes that come after the `skipped` least."""
    wanted = np.empty(LANES, np.int32)
    for j in range(LANES):
        wanted[j] = i(skipped[j] + i(i(known[j] - i(1)) >> i(1)))
    rank(bits, wanted, fine, upper)
    for j in range(LANES):
        upper[j] = i(upper[j] - i(1))
    above(bits, days, upper, wanted, lower)
    for j in range(LANES):
        wanted[j] = i(skipped[j] + i(known[j] >> i(1)))
    above(bits, days, lower, wanted, upper)


@compiled
def middle(bits: Ints, days: int, skipped: Ints, known: Ints, found: Singles) -> None:
    """Find each lane's median of the `known` sizes that come after the `skipped` least; NaN if none."""
    lower, upper = np.empty(LANES, np.int32), np.empty(LANES, np.int32)
    middles(bits, days, skipped, known, FINE, lower, upper)
    low, high = lower.view(np.float32), upper.view(np.float32)
    for j in range(LANES):
        found[j] = f(0.5) * (low[j] + high[j]) if known[j] > i(0) else NAN


@compiled
def turned(bits: Any) -> Any:
    """Return bits of floats of either sign as integers of the same order, or such as bits."""
    return i(bits ^ i(i(bits >> i(31)) & MISSING))


@compiled
def refine(raw: Ints, before: Any, known: Ints, found: Ints) -> None:
    """Say of a middle size, known but for its last bit, which value it is, as bits."""
    count = np.zeros(LANES, np.int32)
    for j in range(LANES):
        found[j] = i(i(found[j] - NAUGHT) << i(1))
    for at in range(0, len(raw), LANES):
        for j in range(LANES):
            here = i(raw[at + j] & MISSING) <= INFINITE and turned(raw[at + j]) <= found[j]
            count[j] += i(1) if here else i(0)
    for j in range(LANES):
        wanted = i(i(known[j] + before) >> i(1))
        found[j] = turned(i(found[j] + (i(0) if count[j] > wanted else i(1))))


@compiled
def linear(
    points: Singles, days: int, bits: Ints, known: Ints, zero: Singles, noise: Singles
) -> None:
    """Find each lane's median, and the median distance from it, of values of either sign.

    Both are exact, however far from zero the values lie.
    """
    raw, off, nothing = points.view(np.int32), bits.view(np.float32), np.zeros(LANES, np.int32)
    lower, upper = np.empty(LANES, np.int32), np.empty(LANES, np.int32)
    for at in range(days * LANES):
        size = i(i(turned(raw[at]) >> i(1)) + NAUGHT)
        bits[at] = size if i(raw[at] & MISSING) <= INFINITE else MISSING
    middles(bits, days, nothing, known, 0, lower, upper)
    refine(raw, i(-1), known, lower)
    refine(raw, i(0), known, upper)
    low, high = lower.view(np.float32), upper.view(np.float32)
    for day in range(days):
        for j in range(LANES):
            value, half = points[day * LANES + j], f(0.5) * (high[j] - low[j])
            gap = abs(f(value - low[j]) - half)
            off[day * LANES + j] = gap if value == value else LOST  # noqa: PLR0124
    middle(bits, days, nothing, known, noise)
    for j in range(LANES):
        zero[j] = low[j] + f(0.5) * (high[j] - low[j])
        noise[j] = noise[j] if noise[j] > TINY else NONE


@compiled
def measure(
    points: Singles, days: int, bits: Ints, shift: Singles, zero: Singles, kind: Singles
) -> None:
    """Learn each lane's scale from its values; `scale.Scale.of`. `bits` is room for the sizes.

    What may be below zero is counted from its median, `zero`.
    """
    tally = np.zeros(4 * LANES, np.int32)
    known, zeros = tally[:LANES], tally[LANES : 2 * LANES]
    signed, broken = tally[2 * LANES : 3 * LANES], tally[3 * LANES :]
    for day in range(days):
        at = day * LANES
        for j in range(LANES):
            value = points[at + j]
            part = value != f(i(value)) and abs(value) < WHOLE
            tally[j] += i(1) if value == value else i(0)  # noqa: PLR0124  false for NaN
            tally[LANES + j] += i(1) if value == NONE else i(0)
            tally[2 * LANES + j] += i(1) if value < NONE else i(0)
            tally[3 * LANES + j] += i(1) if part else i(0)
    raw = points.view(np.int32)
    for at in range(days * LANES):
        size = i(raw[at] & MISSING)
        bits[at] = size if size <= INFINITE else MISSING
    bits[days * LANES :] = MISSING
    skipped, whole = np.zeros(LANES, np.int32), np.empty(LANES, np.int32)
    below = i(0)
    for j in range(LANES):
        rare = i(known[j] >> i(1)) < zeros[j] or signed[j]  # the others' median then
        skipped[j] = zeros[j] if rare else i(0)
        whole[j] = known[j]
        known[j] = i(known[j] - skipped[j])
        below += signed[j]
    middle(bits, days, skipped, known, shift)
    if below:
        linear(points, days, bits, whole, zero, kind)
    for j in range(LANES):
        usual = shift[j] if known[j] > i(0) else ONE
        plain = f(0.5) * usual if skipped[j] > i(0) or known[j] == i(0) else f(0.02) * usual
        noise = kind[j] if kind[j] > NONE else usual
        shift[j] = USUAL * noise if signed[j] else plain
        zero[j] = zero[j] if signed[j] else NONE
        kind[j] = SIGNED if signed[j] else PLAIN if broken[j] else COUNTED


@compiled
def forth(points: Singles, days: int, shift: Singles, zero: Singles, kind: Singles) -> None:
    """Bring values to the scale on which effects add up, from the shift on; `scale.Scale.forth`."""
    per = np.empty(LANES, np.float32)
    for j in range(LANES):
        per[j] = ONE / shift[j]
    for day in range(days):
        at = day * LANES
        for j in range(LANES):
            value = (points[at + j] - zero[j]) * per[j]
            told = log(most(value, NONE) + ONE)
            told = value if kind[j] == SIGNED else told
            points[at + j] = told if value == value else NAN  # noqa: PLR0124


@compiled
def back(point: Single, shift: Single, zero: Single, kind: Single) -> float:
    """Return the value of a point on the scale; `scale.Scale.back`.

    Beyond 1e30 it is only known to be beyond that.
    """
    plain = most(shift * (grown(point) - ONE), NONE) if point == point else NAN  # noqa: PLR0124
    linear_ = np.float64(point) * np.float64(shift) + np.float64(zero)
    return linear_ if kind == SIGNED else np.float64(plain)
