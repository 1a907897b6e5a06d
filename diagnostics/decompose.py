"""Where the money went: by factor, by part, by segment, and a rate's change against its mix."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from diagnostics.locate import Slice, locate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "RateMix",
    "Slice",
    "factors",
    "factors_of_sums",
    "joined",
    "locate",
    "log_mean",
    "rate_mix",
    "segments",
    "split",
    "sums",
]
CROSSES = math.inf
"""The move of a factor that has no logarithm: it comes from zero, goes there, or turns its sign."""


def log_mean(one: float, other: float) -> float:
    """Return the logarithmic mean (a - b) / ln(a / b) of two numbers of one sign (Ang 2005).

    Its limits are a for a = b, and 0 where either is 0. Symmetric to the last bit.
    """
    if one == 0.0 or other == 0.0:
        return 0.0
    low, high = sorted((one, other), key=abs)
    distance = _log_move(low, high)
    if distance > 1.0:
        return (high - low) / distance
    return low * math.expm1(distance) / distance if distance else low


def split(before: float, after: float, moves: Sequence[float]) -> list[float]:
    """Split `after - before` over factors given by their `move` each; the sum is exact.

    LMDI: L(after, before) * ln(x1 / x0). Zeros by their analytical limit: a factor that comes from
    zero, goes to zero or changes its sign takes the whole change (several share it equally), since
    the logarithmic mean of the others tends to zero.
    """
    change = after - before
    broken = sum(one == CROSSES for one in moves)
    if broken and (before == 0.0 or after == 0.0 or (before < 0.0) != (after < 0.0)):
        parts = [change / broken if one == CROSSES else 0.0 for one in moves]
    else:
        weight = log_mean(after, before)
        parts = [0.0 if one == CROSSES else weight * one for one in moves]
    return _settled(parts, change)


def _settled(parts: list[float], change: float) -> list[float]:
    """Give what rounding left over to the biggest part, and what that one cannot hold to the next."""
    order = sorted(range(len(parts)), key=lambda index: (-abs(parts[index]), -index))
    for place, index in enumerate(order):
        gap = change - math.fsum(parts)
        if gap == 0.0 or (place and parts[index] == 0.0):
            break
        parts[index] += gap
    return parts


def move(old: float, new: float, under_old: float = 1.0, under_new: float = 1.0) -> float:
    """Return ln of the ratio new/under_new to old/under_old, from logarithms so none overflows.

    CROSSES where the ratio has none; 0 for a factor that is 0/0 or 0 on both sides: it moves
    nothing.
    """
    if under_old == 0.0 or under_new == 0.0 or old == new == 0.0:
        return 0.0
    turned = ((old < 0.0) != (under_old < 0.0)) != ((new < 0.0) != (under_new < 0.0))
    if old == 0.0 or new == 0.0 or turned:
        return CROSSES
    return _log_move(old, new) - _log_move(under_old, under_new)


def _log_move(old: float, new: float) -> float:
    """Return ln|new / old|; by atanh where they are near, so that a small change keeps its digits."""
    old, new = abs(old), abs(new)
    if old < new < 2.0 * old or new < old < 2.0 * new:
        return 2.0 * math.atanh((new - old) / (new + old))
    return math.log(new) - math.log(old)


def joined(
    base: Mapping[str, float], current: Mapping[str, float], chain: Sequence[str]
) -> tuple[str, ...]:
    """Return the chain without the measures that cannot be a link.

    Those are missing on either side, or zero where the value at the end is not. The last measure
    is the value and always stays.
    """
    value = chain[-1]

    def links(key: str, side: Mapping[str, float]) -> bool:
        here = side.get(key, math.nan)
        return math.isfinite(here) and (here != 0.0 or side[value] == 0.0)

    return (*(key for key in chain[:-1] if links(key, base) and links(key, current)), value)


def factors(
    base: Mapping[str, float], current: Mapping[str, float], chain: Sequence[str]
) -> dict[str, float]:
    """Split the change of a chain's last measure over its factors; the parts sum exactly to it.

    `base` and `current` map measures to sums of two days (or an expected and an actual day);
    `chain` is such as impressions, product_clicks, orders, gmv. Keys of the answer: `impressions`,
    `product_clicks/impressions`, ... A missing (NaN, absent) measure is left out and its
    neighbours join. factors(a, b) is the negative of factors(b, a), and no part depends on the
    order of the links. Raises ValueError where the value itself is missing. LMDI (Ang 2005).
    """
    value = chain[-1]
    before, after = base.get(value, math.nan), current.get(value, math.nan)
    if not (math.isfinite(before) and math.isfinite(after)):
        raise ValueError(f"{value} is missing: its change cannot be split")
    keys = joined(base, current, chain)
    names = [keys[0], *(f"{key}/{above}" for above, key in pairwise(keys))]
    moves = [move(base[keys[0]], current[keys[0]])]
    for above, key in pairwise(keys):
        moves.append(move(base[key], current[key], base[above], current[above]))
    return dict(zip(names, split(before, after, moves), strict=True))


def sums(
    base: Mapping[str, float], current: Mapping[str, float], terms: Mapping[str, int]
) -> dict[str, float]:
    """Split the change of a signed sum over its measures: sign * (current - base), exactly.

    `terms` maps a measure to its sign: contribution profit is gmv +1, refund_amount -1, ...
    Raises ValueError that names every measure that is missing (NaN, absent) on either side: a cost
    that nobody knows is not zero, and the sum is then not told.
    """
    lacks = [
        key
        for key in terms
        if not all(math.isfinite(side.get(key, math.nan)) for side in (base, current))
    ]
    if lacks:
        raise ValueError(f"{', '.join(lacks)} missing: the change of the sum cannot be told")
    before = math.fsum(sign * base[key] for key, sign in terms.items())
    after = math.fsum(sign * current[key] for key, sign in terms.items())
    parts = [sign * (current[key] - base[key]) for key, sign in terms.items()]
    return dict(zip(terms, _settled(parts, after - before), strict=True))


def factors_of_sums(
    base: Mapping[str, float],
    current: Mapping[str, float],
    terms: Mapping[str, int],
    chains: Mapping[str, Sequence[str]],
) -> dict[str, dict[str, float]]:
    """Split a signed sum over its measures, and each that has a chain again over its factors.

    `chains` maps a measure to the chain that ends with it; the others have one part, themselves.
    All parts together sum exactly to the change. Raises ValueError as `sums` does.
    """
    answer = {}
    for key, part in sums(base, current, terms).items():
        inner = factors(base, current, chains.get(key, (key,)))
        parts = _settled([terms[key] * amount for amount in inner.values()], part)
        answer[key] = dict(zip(inner, parts, strict=True))
    return answer


def segments(
    base: Mapping[str, Mapping[str, float]],
    current: Mapping[str, Mapping[str, float]],
    volume: str,
    value: str,
) -> dict[str, dict[str, float]]:
    """Split the change of a total over segments, each into `volume`, `mix` and `yield`.

    `base` and `current` map a segment to its sums of the measures `volume` (such as orders) and
    `value` (such as gmv). value_i = all volume * share_i * value per volume_i; LMDI per segment,
    so all parts together sum exactly to the total's change. An absent segment counts as none.
    """
    all_before = math.fsum(part.get(volume, 0.0) for part in base.values())
    all_after = math.fsum(part.get(volume, 0.0) for part in current.values())
    answer = {}
    for name in dict.fromkeys((*base, *current)):
        old, new = base.get(name, {}), current.get(name, {})
        n0, n1 = old.get(volume, 0.0), new.get(volume, 0.0)
        v0, v1 = old.get(value, 0.0), new.get(value, 0.0)
        moves = [
            move(all_before, all_after),
            move(n0, n1, all_before, all_after),
            move(v0, v1, n0, n1),
        ]
        answer[name] = dict(zip(("volume", "mix", "yield"), split(v0, v1, moves), strict=True))
    return answer


@dataclass(frozen=True, slots=True)
class RateMix:
    """A pooled rate's change: what the segments' own rates did, and what the mix of them did."""

    change: float
    rate: float
    mix: float
    segments: Mapping[str, tuple[float, float]]
    """Per segment (rate effect, mix effect)."""
    simpson: bool
    """Whether the pooled rate moved against every segment: none went its way."""


def rate_mix(
    base: Mapping[str, Mapping[str, float]],
    current: Mapping[str, Mapping[str, float]],
    of: str,
    over: str,
) -> RateMix:
    """Split the change of a pooled rate of/over into rate effect and mix effect; they sum to it.

    Midpoint weights: rate_i = (r1 - r0)(w1 + w0)/2, mix_i = (w1 - w0)((r1 + r0)/2 - R), with R the
    mean of the two pooled rates. A segment that is absent in one period has no rate there: its
    part is all mix. Raises ValueError where a whole period has no base.
    """
    before, after = _pool(base, of, over), _pool(current, of, over)
    middle = (before[0] + after[0]) / 2.0
    parts: dict[str, tuple[float, float]] = {}
    moves = []
    for name in dict.fromkeys((*base, *current)):
        r0, w0 = _share(base.get(name, {}), of, over, before[1])
        r1, w1 = _share(current.get(name, {}), of, over, after[1])
        if not (math.isnan(r0) or math.isnan(r1)):
            moves.append(r1 - r0)
        r0, r1 = (r1 if math.isnan(r0) else r0), (r0 if math.isnan(r1) else r1)
        known = not math.isnan(r0)
        rate = (r1 - r0) * (w1 + w0) / 2.0 if known else 0.0
        parts[name] = (rate, (w1 - w0) * ((r1 + r0) / 2.0 - middle) if known else 0.0)
    change = after[0] - before[0]
    rate = math.fsum(part[0] for part in parts.values())
    against = [one * change <= 0.0 for one in moves]
    simpson = change != 0.0 and any(moves) and all(against)
    return RateMix(change, rate, change - rate, parts, simpson)


def _pool(side: Mapping[str, Mapping[str, float]], of: str, over: str) -> tuple[float, float]:
    bottom = math.fsum(part.get(over, 0.0) for part in side.values())
    if bottom <= 0.0:
        raise ValueError(f"{over} is zero: there is no rate to split")
    return math.fsum(part.get(of, 0.0) for part in side.values()) / bottom, bottom


def _share(part: Mapping[str, float], of: str, over: str, total: float) -> tuple[float, float]:
    bottom = part.get(over, 0.0)
    return (part.get(of, 0.0) / bottom if bottom else math.nan), bottom / total
