"""Which slice of the business moved, or that no single one did."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

Reason = Literal["found", "everywhere", "ordinary", "too_little"]
DEPTH = 3
"""Slices of at most so many dimensions are looked at."""
ROUNDS = 2
FOUND = 1.0
"""The evidence (log Bayes factor less the depth's penalty) from which a slice is sure."""
HINT = -1.0
"""So little names it where the whole stands still: who asks knows that something has moved."""
DEEPER = 0.7
"""What each dimension costs: of two slices that explain as much, the plainer one is named."""
EFFECT, WHOLE = 0.5, 0.2
"""How far a slice and the whole may well move, as spreads of ln(observed / expected)."""
MOST = 0.8
"""A slice with more of the total than this is the total."""
MOVED = 1.5
"""From so many spreads of its own past errors the whole may have moved: only what is sure is named."""
PAST, ERRORS, LEAST = 120, 42, 14
"""Days of history read, days of past forecast errors, and days without which nothing is said."""
START = 2.0
"""Added under the logarithm: so few events more or less say next to nothing."""
TAIL = 4.0
CLIP, FAR = 4.0, 8.0
OWN, JOINT = 0.5, 0.4
"""Weight of a leaf's own past spread against the power law's; of past joint errors against none."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the leaves, and how far it is from what was expected of it."""

    where: Mapping[str, str]
    """Dimension -> value, all of which hold."""
    expected: float
    observed: float
    change: float
    """Observed less expected."""
    score: float
    """Evidence that this slice moved apart from the rest, less the penalty of its depth."""
    share: float
    """Its change as a part of the whole's: above 1 where the rest made up for some of it."""


@dataclass(frozen=True, slots=True)
class Search:
    """The slices that moved, costliest evidence first; `nearest` also those not sure enough."""

    slices: tuple[Slice, ...]
    nearest: tuple[Slice, ...]
    reason: Reason


def locate(
    leaves: Sequence[float] | Floats,
    dimensions: Mapping[str, Sequence[str] | NDArray[np.str_]],
    history: Floats,
) -> list[Slice]:
    """Return which slices moved, at most two; empty where no single slice did (see `search`).

    `leaves` float (n,) are today's values, `dimensions` maps a name to the leaves' labels (n,),
    `history` float (n, days) are the days before, oldest first, NaN = missing. A slice with a
    score from FOUND on is sure; a lower one is the likeliest place where something is known to
    have moved and the whole has not.
    """
    return list(search(leaves, dimensions, history).slices)


def search(
    leaves: Sequence[float] | Floats,
    dimensions: Mapping[str, Sequence[str] | NDArray[np.str_]],
    history: Floats,
) -> Search:
    """Look for the slices that moved, and say why none is named.

    Each leaf is forecast from its own past (weekday and level, on a logarithm); its errors of the
    last weeks, with a power law of the size for thin leaves (spread = A * size^B), are its noise.
    The noise of a slice is that of its leaves together: their past errors side by side, and the
    past movements of each value of a dimension. A slice's evidence is the logarithm of the Bayes
    factor of "this slice has moved against all others" (generalised least squares, the whole's
    common movement taken out; effects normal with spread EFFECT), less a penalty for its depth.
    The best is taken out and the search repeated once. Heavy tails: a leaf counts so much less that
    its misfit costs what it costs under Student's t. Sources: Kass and Raftery 1995 (Bayes factors); Li et al. 2019 and Kalander 2022
    for the problem. Raises ValueError where the shapes do not fit.
    """
    today = np.asarray(leaves, dtype=float)
    past = np.asarray(history, dtype=float)
    labels = {name: np.asarray(column, dtype=str) for name, column in dimensions.items()}
    if past.ndim != 2 or any(len(one) != len(today) for one in (past, *labels.values())):
        raise ValueError("leaves, labels and history do not have the same length")
    there = np.isfinite(today) & (np.isfinite(past).sum(axis=1) > 0)
    if not labels or there.sum() < 2 or past.shape[1] < LEAST:
        return Search((), (), "too_little")
    today, past = np.maximum(today[there], 0.0), past[there, -PAST:]
    cuts = _cuts({name: column[there] for name, column in labels.items()})
    return _look(today, past, cuts)


class _Cuts(NamedTuple):
    """Every slice: its leaves as `inside` float (slices, leaves), the first row is the whole."""

    names: tuple[tuple[str, ...], ...]
    first: NDArray[np.int64]
    """A leaf of each slice, from which its labels are read."""
    depth: NDArray[np.int64]
    inside: Floats
    labels: Mapping[str, NDArray[np.str_]]

    def where(self, place: int) -> dict[str, str]:
        """Return what a slice is called."""
        return {name: str(self.labels[name][self.first[place]]) for name in self.names[place]}


def _cuts(labels: Mapping[str, NDArray[np.str_]]) -> _Cuts:
    size = len(next(iter(labels.values())))
    codes = {name: np.unique(column, return_inverse=True)[1] for name, column in labels.items()}
    names: list[tuple[str, ...]] = [()]
    first, inside = [np.zeros(1, dtype=np.int64)], [np.ones((1, size))]
    for depth in range(1, min(DEPTH, len(labels)) + 1):
        for chosen in combinations(labels, depth):
            key = np.zeros(size, dtype=np.int64)
            for name in chosen:
                key = key * (codes[name].max() + 1) + codes[name]
            _, one, code = np.unique(key, return_index=True, return_inverse=True)
            names += [chosen] * len(one)
            first.append(one)
            inside.append((code == np.arange(len(one))[:, None]).astype(float))
    every = np.concatenate(inside)
    depths = np.array([len(one) for one in names])
    return _Cuts(tuple(names), np.concatenate(first), depths, every, labels)


@cache
def _weights(days: int, errors: int) -> Floats:
    """Return the linear forecast as a matrix (days, errors + 1): weekday, and the level's drift.

    Forecast of the last `errors` days and of the next one: the weighted mean of the last eight
    same weekdays (0.9 a week), plus 0.4 of how far the last days (decay 3) lie from their own
    weekdays' means. Of values less their median, so that what lies before the start counts zero.
    """
    week = 0.9 ** np.arange(1, 9)
    near = np.exp(-np.arange(1, 15) / 3.0)
    kernel = np.zeros(8 * 7 + 15)
    kernel[7:57:7] += week / week.sum()
    for lag, share in enumerate(0.4 * near / near.sum(), start=1):
        kernel[lag] += share
        kernel[lag + 7 : lag + 57 : 7] -= share * week / week.sum()
    matrix = np.zeros((days, errors + 1))
    for column in range(errors + 1):
        day = days - errors + column
        lags = np.arange(1, min(len(kernel) - 1, day) + 1)
        matrix[day - lags, column] = kernel[lags]
    return matrix


def _forecast(past: Floats, errors: int) -> tuple[Floats, Floats]:
    """Return logs of the past days and their one-step forecasts, with today's (rows, errors + 1)."""
    logs = np.log(np.maximum(past, 0.0) + START)
    known = np.isfinite(logs)
    median = np.median if known.all() else np.nanmedian
    middle = median(logs, axis=1, keepdims=True)
    plain = np.where(known, logs - middle, 0.0)
    spread = 1.4826 * np.median(np.abs(plain), axis=1, keepdims=True) + 0.05
    calm = np.clip(plain, -3.5 * spread, 3.5 * spread)
    return logs[:, past.shape[1] - errors :], middle + calm @ _weights(past.shape[1], errors)


class _Noise(NamedTuple):
    """Today's errors of the leaves (n,) in spreads, with what moves together in the columns."""

    error: Floats
    effect: Floats
    """What a movement of 1 (of the logarithm) makes of the error (n,)."""
    joint: Floats
    """Columns (n, k): the covariance is diag(own) + joint joint'."""
    own: Floats


def _noise(today: Floats, past: Floats, cuts: _Cuts) -> _Noise:
    errors = min(ERRORS, past.shape[1] // 2)
    logs, foreseen = _forecast(past, errors)
    missed = np.nan_to_num(logs - foreseen[:, :-1])
    bias = 0.5 * np.median(missed, axis=1)
    missed -= bias[:, None]
    reach = 3.0 * (1.4826 * np.median(np.abs(missed), axis=1, keepdims=True) + 1e-3)
    spread = np.sqrt(np.square(np.clip(missed, -reach, reach)).mean(axis=1))
    level = np.exp(foreseen[:, -1])
    by_law = _power_law(level, spread)
    spread = np.sqrt(OWN * spread**2 + (1.0 - OWN) * by_law**2) + 0.05
    gap = np.log(today + START) - foreseen[:, -1] - bias
    effect = np.maximum(1.0 - START / level, 0.02) / spread
    side = np.clip(missed / spread[:, None], -CLIP, CLIP)
    some = cuts.depth <= 1
    size = cuts.inside[some] @ effect**2
    moved = (cuts.inside[some] * effect) @ side / size[:, None]
    moved[1:] -= moved[0]
    wild = np.square(np.clip(moved, -1.0, 1.0)).mean(axis=1) - (1.0 - JOINT) / size
    values = (cuts.inside[some] * effect).T * np.sqrt(np.maximum(wild, 0.0))
    joint = np.concatenate([side * np.sqrt(JOINT / errors), values], axis=1)
    own = np.full(len(today), 1.0 - JOINT)
    return _Noise(np.clip(gap / spread, -FAR, FAR), effect, joint, own)


def _power_law(level: Floats, spread: Floats) -> Floats:
    """Return each leaf's spread by A * level^B, fitted over all leaves on logarithms."""
    x, y = np.log(level), np.log(spread + 1e-3)
    apart = x - x.mean()
    slope = float(apart @ y) / max(float(apart @ apart), 1e-9)
    return np.asarray(np.exp(y.mean() + np.clip(slope, -1.0, 0.0) * apart), dtype=float)


class _Fit(NamedTuple):
    """Per slice its score and effect, and the whole's movement in spreads."""

    score: Floats
    effect: Floats
    whole: float


def _solver(noise: _Noise) -> tuple[Floats, Floats]:
    """Return the inverse of the small matrix of Woodbury's identity, and joint / own."""
    lean = noise.joint / noise.own[:, None]
    small = np.eye(noise.joint.shape[1]) + noise.joint.T @ lean
    return np.asarray(np.linalg.inv(small), dtype=float), lean


def _fit(noise: _Noise, cuts: _Cuts) -> _Fit:
    small, lean = _solver(noise)
    apart = noise.error / noise.own - lean @ (small @ (lean.T @ noise.error))
    strange = np.maximum((apart * noise.own) ** 2 / (1.0 - JOINT), 1e-9)
    weight = TAIL * np.log1p(strange / TAIL) / strange
    noise = noise._replace(own=noise.own / weight)
    small, lean = _solver(noise)
    effect = noise.effect
    pulled = effect / noise.own - lean @ (small @ (lean.T @ effect))
    apart = noise.error / noise.own - lean @ (small @ (lean.T @ noise.error))
    along = cuts.inside @ (effect[:, None] * lean)
    known = cuts.inside @ (effect**2 / noise.own) - ((along @ small) * along).sum(axis=1)
    all_known, cross = float(effect @ pulled), cuts.inside @ (effect * pulled)
    all_moved = float(effect @ apart)
    shrunk = all_known + 1.0 / WHOLE**2
    moved = cuts.inside @ (effect * apart) - cross * all_moved / shrunk
    known = np.maximum(known - cross**2 / shrunk, 1e-9)
    room = EFFECT**2 * known
    evidence = 0.5 * moved**2 / known * room / (1.0 + room) - 0.5 * np.log1p(room)
    return _Fit(
        evidence - DEEPER * cuts.depth,
        moved / known * room / (1.0 + room),
        all_moved / max(all_known, 1e-9) ** 0.5,
    )


def _look(today: Floats, past: Floats, cuts: _Cuts) -> Search:
    noise = _noise(today, past, cuts)
    size = np.nan_to_num(past[:, -28:]).sum(axis=1)
    part = cuts.inside @ size > MOST * size.sum()
    found: list[int] = []
    nearest: list[tuple[int, float]] = []
    reason: Reason = "ordinary"
    scores: dict[int, float] = {}
    for turn in range(ROUNDS):
        fit = _fit(noise, cuts)
        taken = cuts.inside[found].sum(axis=0) > 0 if found else np.zeros(len(today), dtype=bool)
        open_ = ~part & ~(cuts.inside @ taken > 0)
        score = np.where(open_, fit.score, -np.inf)
        best = int(np.argmax(score))
        if turn == 0:
            near = np.argsort(-score, kind="stable")[:3]
            nearest = [(int(one), float(score[one])) for one in near if np.isfinite(score[one])]
            reason = "everywhere" if abs(fit.whole) >= MOVED else "ordinary"
        if not score[best] >= (HINT if turn == 0 and reason == "ordinary" else FOUND):
            break
        found.append(best)
        scores[best] = float(score[best])
        shift = cuts.inside[best] * noise.effect * fit.effect[best]
        noise = noise._replace(error=noise.error - shift)
    every = dict(nearest) | scores
    told = dict(zip(every, _told(every, today, past, cuts), strict=True))
    return Search(
        tuple(told[one] for one in found),
        tuple(told[one] for one, _ in nearest),
        "found" if found else reason,
    )


def _told(scores: Mapping[int, float], today: Floats, past: Floats, cuts: _Cuts) -> list[Slice]:
    """Return slices with their own sums' forecasts: single leaves' would add up to too little."""
    places = [0, *scores]
    known = np.isfinite(past)
    filled = cuts.inside[places] @ np.where(known, past, 0.0)
    sums = np.where(cuts.inside[places] @ known > 0.0, filled, np.nan)
    _, foreseen = _forecast(sums, 0)
    wish = np.maximum(np.exp(foreseen[:, -1]) - START, 0.0)
    seen = cuts.inside[places] @ today
    gap = float(seen[0] - wish[0])
    answer = []
    for place, expected, observed in zip(places[1:], wish[1:], seen[1:], strict=True):
        change = float(observed - expected)
        share = change / gap if gap else 0.0
        row = (float(expected), float(observed), change, scores[place], share)
        answer.append(Slice(cuts.where(place), *row))
    return answer
