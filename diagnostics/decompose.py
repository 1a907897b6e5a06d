"""Where the money went: by factor, by segment, and a rate's own change against a change of mix."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def log_mean(one: float, other: float) -> float:
    """Return the logarithmic mean (a - b) / ln(a / b) of two numbers of one sign (Ang 2005).

    Its limits are a for a = b, and 0 where either is 0.
    """
    if one == 0.0 or other == 0.0:
        return 0.0
    distance = _log_ratio(other, one)
    if abs(distance) > 1.0:
        return (one - other) / distance
    return other * math.expm1(distance) / distance if distance else other


def split(before: float, after: float, ratios: Sequence[tuple[float, float]]) -> list[float]:
    """Split `after - before` over factors given as (before, after) pairs; the sum is exact.

    LMDI: L(after, before) * ln(x1 / x0). Zeros by their analytical limit: a factor that comes from
    zero, goes to zero or changes its sign takes the whole change (several share it equally), since
    the logarithmic mean of the others tends to zero. A factor that is 0/0 (NaN) moves nothing.
    """
    change = after - before
    broken = [index for index, pair in enumerate(ratios) if _crosses(*pair)]
    if broken and (before == 0.0 or after == 0.0 or before * after < 0.0):
        parts = [change / len(broken) if index in broken else 0.0 for index in range(len(ratios))]
    else:
        weight = log_mean(after, before)
        parts = [weight * _log_ratio(*pair) for pair in ratios]
    if parts:
        biggest = max(range(len(parts)), key=lambda index: (abs(parts[index]), index))
        parts[biggest] += change - math.fsum(parts)
    return parts


def _crosses(old: float, new: float) -> bool:
    """Say whether a factor's ratio has no logarithm: one of the two is zero, or the signs differ."""
    if math.isnan(old) or math.isnan(new):
        return False
    return (old == 0.0) != (new == 0.0) or old * new < 0.0


def _log_ratio(old: float, new: float) -> float:
    if not math.isfinite(old) or not math.isfinite(new) or old == 0.0 or new == 0.0:
        return 0.0
    return math.log(abs(new)) - math.log(abs(old))


def _over(top: float, bottom: float) -> float:
    return top / bottom if bottom else math.nan


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
    neighbours join. Raises ValueError where the value itself is missing. LMDI (Ang 2005).
    """
    value = chain[-1]
    before, after = base.get(value, math.nan), current.get(value, math.nan)
    if not (math.isfinite(before) and math.isfinite(after)):
        raise ValueError(f"{value} is missing: its change cannot be split")
    keys = joined(base, current, chain)
    names = [keys[0], *(f"{key}/{above}" for above, key in pairwise(keys))]
    ratios = [(base[keys[0]], current[keys[0]])]
    for above, key in pairwise(keys):
        ratios.append((_over(base[key], base[above]), _over(current[key], current[above])))
    return dict(zip(names, split(before, after, ratios), strict=True))


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
    names = list(dict.fromkeys((*base, *current)))
    all_before = math.fsum(part.get(volume, 0.0) for part in base.values())
    all_after = math.fsum(part.get(volume, 0.0) for part in current.values())
    answer = {}
    for name in names:
        old, new = base.get(name, {}), current.get(name, {})
        n0, n1 = old.get(volume, 0.0), new.get(volume, 0.0)
        v0, v1 = old.get(value, 0.0), new.get(value, 0.0)
        ratios = [
            (all_before, all_after),
            (_over(n0, all_before), _over(n1, all_after)),
            (_over(v0, n0), _over(v1, n1)),
        ]
        answer[name] = dict(zip(("volume", "mix", "yield"), split(v0, v1, ratios), strict=True))
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
    """Whether every segment's rate moved one way and the pooled rate the other."""


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
        r0, r1 = (r1 if math.isnan(r0) else r0), (r0 if math.isnan(r1) else r1)
        if math.isnan(r0):
            parts[name] = (0.0, 0.0)
            continue
        parts[name] = ((r1 - r0) * (w1 + w0) / 2.0, (w1 - w0) * ((r1 + r0) / 2.0 - middle))
        moves.append(r1 - r0)
    change = after[0] - before[0]
    rate = math.fsum(part[0] for part in parts.values())
    one_way = bool(moves) and (all(move > 0 for move in moves) or all(move < 0 for move in moves))
    return RateMix(change, rate, change - rate, parts, one_way and moves[0] * change < 0)


def _pool(side: Mapping[str, Mapping[str, float]], of: str, over: str) -> tuple[float, float]:
    bottom = math.fsum(part.get(over, 0.0) for part in side.values())
    if bottom <= 0.0:
        raise ValueError(f"{over} is zero: there is no rate to split")
    return math.fsum(part.get(of, 0.0) for part in side.values()) / bottom, bottom


def _share(part: Mapping[str, float], of: str, over: str, total: float) -> tuple[float, float]:
    bottom = part.get(over, 0.0)
    return _over(part.get(of, 0.0), bottom), bottom / total
