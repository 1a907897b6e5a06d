"""Which slice moved: planted into tables of leaves with the noise of real series, against peers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from diagnostics.locate import locate, search

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Labels = NDArray[np.str_]
    Where = Mapping[str, str]

SHIPPED = Path(__file__).with_name("series.csv.gz")
CASES, QUICK = 240, 60
PAST = 90
NAMES = ("country", "category", "source")
CALM = 0.5
"""Series noisier than this (bookings of a few a day) are no noise but counts of nothing."""
SIZES = (3, 8)
"""A dimension has so few to so many values."""
THERE = 0.85
"""So much of the full crossing exists."""


class Case(NamedTuple):
    """A table of leaves (n,) with their past (n, days), and the slices that were planted in it."""

    leaves: Floats
    dimensions: dict[str, Labels]
    history: Floats
    truth: tuple[Where, ...]
    kind: str
    """one, two, all (the whole moved) or none (nothing was planted)."""


@dataclass(frozen=True, eq=False)
class Pool:
    """Real level series: as they are (for the common course), and their noise around it."""

    level: tuple[Floats, ...]
    noise: tuple[Floats, ...]


def pool(path: Path = SHIPPED) -> Pool:
    """Read the level series that are long enough."""
    table = pd.read_csv(  # noqa: TID251  the bench's own data, no export
        path, keep_default_na=False, na_values=["", "nan"], parse_dates=["date"]
    )
    level, noise = [], []
    for _, rows in table[table.kind.isin(("count", "money"))].groupby(["family", "series"]):
        daily = rows.set_index("date").value.resample("D").sum(min_count=1)
        values = daily.interpolate().bfill().to_numpy(dtype=float)
        if len(values) < 2 * PAST or np.median(values) <= 0.0:
            continue
        around = _around(np.log(values + 0.05 * np.median(values)))
        if np.median(np.abs(around)) < CALM:
            level.append(values / values.mean())
            noise.append(np.clip(around, -2.0, 2.0))
    return Pool(tuple(level), tuple(noise))


def _around(logs: Floats) -> Floats:
    """Return a series' deviation from its level of four weeks and its weekday's habit."""
    plain = pd.Series(logs)
    rest = plain - plain.rolling(28, center=True, min_periods=14).median()
    week = np.arange(len(logs)) % 7
    return np.asarray(rest - rest.groupby(week).transform("median"), dtype=float)


def cases(number: int, path: Path = SHIPPED, seed: int = 7) -> list[Case]:
    """Return planted cases, the same ones for the same seed."""
    real, chance = pool(path), np.random.default_rng(seed)
    return [_case(real, chance) for _ in range(number)]


def _stretch(series: Sequence[Floats], chance: np.random.Generator) -> Floats:
    one = series[int(chance.integers(len(series)))]
    first = int(chance.integers(len(one) - PAST))
    stretch: Floats = one[first : first + PAST + 1]
    return stretch


def _case(real: Pool, chance: np.random.Generator) -> Case:
    dimensions = _dimensions(chance)
    leaves = len(dimensions[NAMES[0]])
    weight = np.ones(leaves)
    shared = np.zeros((leaves, PAST + 1))
    for labels in dimensions.values():
        for label in np.unique(labels):
            here = labels == label
            weight[here] *= chance.lognormal(0.0, 0.8)
            shared[here] += 0.3 * _stretch(real.noise, chance)
    weight *= chance.lognormal(0.0, 0.5, leaves)
    own = np.array([_stretch(real.noise, chance) for _ in range(leaves)])
    course = _stretch(real.level, chance)
    mean = np.exp(shared + chance.uniform(0.5, 1.0) * own) * np.maximum(course, 0.02)
    mean *= (weight / weight.sum())[:, None] * chance.choice([1_000, 5_000, 30_000])
    kind = str(chance.choice(["one", "two", "all", "none"], p=[0.7, 0.14, 0.08, 0.08]))
    truth, factors = _planted(kind, dimensions, weight, chance)
    today = mean[:, -1]
    for where, factor in zip(truth, factors, strict=True):
        today = np.where(_inside(where, dimensions), today * factor, today)
    if kind == "all":
        today = today * _factor(chance)
    drawn = chance.poisson(np.column_stack([mean[:, :-1], today])).astype(float)
    return Case(drawn[:, -1], dimensions, drawn[:, :-1], truth, kind)


def _dimensions(chance: np.random.Generator) -> dict[str, Labels]:
    names = NAMES[: chance.integers(2, 4)]
    counts = [chance.integers(SIZES[0], SIZES[1] - len(names) + 3) for _ in names]
    every = np.array(list(product(*(range(count) for count in counts))))
    kept = every[chance.random(len(every)) < THERE]
    return {
        name: np.array([f"{name[:2]}{code}" for code in kept[:, place]])
        for place, name in enumerate(names)
    }


def _planted(
    kind: str, dimensions: Mapping[str, Labels], weight: Floats, chance: np.random.Generator
) -> tuple[tuple[Where, ...], tuple[float, ...]]:
    number = {"one": 1, "two": 2}.get(kind, 0)
    found: list[Where] = []
    names = list(dimensions)
    while len(found) < number:
        depth = int(chance.integers(1, 3))
        chosen = chance.choice(names, depth, replace=False)
        leaf = chance.integers(len(weight))
        where = {str(name): str(dimensions[name][leaf]) for name in chosen}
        share = weight[_inside(where, dimensions)].sum() / weight.sum()
        apart = not any(
            (_inside(where, dimensions) & _inside(other, dimensions)).any() for other in found
        )
        if 0.03 <= share <= 0.6 and apart:
            found.append(where)
    return tuple(found), tuple(_factor(chance) for _ in found)


def _factor(chance: np.random.Generator) -> float:
    down = chance.random() < 0.6
    return float(1.0 - chance.uniform(0.2, 0.6) if down else 1.0 + chance.uniform(0.3, 1.0))


def _inside(where: Where, dimensions: Mapping[str, Labels]) -> NDArray[np.bool_]:
    size = len(next(iter(dimensions.values())))
    inside = np.ones(size, dtype=bool)
    for name, label in where.items():
        inside &= dimensions[name] == label
    return inside


def f1(case: Case, answer: Sequence[Where]) -> float:
    """Return the F1 of the leaves that are named; without a planted slice 1 for naming none."""
    named = _leaves(answer, case.dimensions)
    planted = _leaves(case.truth, case.dimensions)
    if not planted.any():
        return float(not named.any())
    return 2.0 * float((named & planted).sum()) / float(named.sum() + planted.sum())


def _leaves(answer: Sequence[Where], dimensions: Mapping[str, Labels]) -> NDArray[np.bool_]:
    some = np.zeros(len(next(iter(dimensions.values()))), dtype=bool)
    for where in answer:
        if where:
            some |= _inside(where, dimensions)
    return some


def forecast(history: Floats) -> Floats:
    """Return the peers' forecast (n,): the mean of the last four same weekdays."""
    return np.asarray(history[:, [-7, -14, -21, -28]].mean(axis=1), dtype=float)


def _every(case: Case, depth: int) -> list[tuple[Where, NDArray[np.bool_]]]:
    """Return all slices up to a depth that are there, with their leaves."""
    found: list[tuple[Where, NDArray[np.bool_]]] = []
    for number in range(1, depth + 1):
        for names in combinations(case.dimensions, number):
            seen = {
                tuple(row) for row in zip(*(case.dimensions[one] for one in names), strict=True)
            }
            for labels in sorted(seen):
                where = dict(zip(names, map(str, labels), strict=True))
                found.append((where, _inside(where, case.dimensions)))
    return found


def largest(case: Case) -> list[Where]:
    """Rank slices of one dimension by the size of their change against the forecast."""
    gap = case.leaves - forecast(case.history)
    return _ranked([(abs(gap[inside].sum()), where) for where, inside in _every(case, 1)])


def adtributor(case: Case) -> list[Where]:
    """Rank slices of one dimension by surprise where their share is large (Bhagwan et al. 2014)."""
    wish, seen = forecast(case.history), case.leaves
    whole = float(seen.sum() - wish.sum()) or 1.0
    scored = []
    for where, inside in _every(case, 1):
        p, q = wish[inside].sum() / wish.sum(), seen[inside].sum() / seen.sum()
        power = (seen[inside].sum() - wish[inside].sum()) / whole
        middle = (p + q) / 2.0
        terms = [one * np.log(one / middle) for one in (p, q) if one > 0.0]
        scored.append((0.5 * float(sum(terms)) * (power > 0.1), where))
    return _ranked(scored)


def potential(case: Case) -> list[Where]:
    """Rank slices by the generalised potential score (Squeeze: Li et al. 2019)."""
    wish, seen = forecast(case.history), case.leaves
    scored = []
    for where, inside in _every(case, 2):
        factor = seen[inside].sum() / max(float(wish[inside].sum()), 1e-9)
        ripple = np.abs(seen[inside] - factor * wish[inside]).mean()
        before = np.abs(seen[inside] - wish[inside]).mean()
        others = np.abs(seen[~inside] - wish[~inside]).mean() if (~inside).any() else 0.0
        bottom = before + others
        score = 1.0 - (ripple + others) / bottom if bottom > 0.0 else 0.0
        scored.append((float(score), where))
    return _ranked(scored)


def _ranked(scored: list[tuple[float, Where]]) -> list[Where]:
    return [where for _, where in sorted(scored, key=lambda one: -one[0])[:3]]


def ours(case: Case) -> list[Where]:
    """Return our three nearest slices."""
    found = search(case.leaves, case.dimensions, case.history)
    return [one.where for one in found.nearest]


METHODS: Mapping[str, Callable[[Case], list[Where]]] = {
    "largest change": largest,
    "Adtributor": adtributor,
    "potential score (Squeeze)": potential,
    "locate": ours,
}


class Result(NamedTuple):
    """Quality on the cases in which something was planted, and milliseconds a case."""

    f1: float
    top: float
    spent: float


def result(planted: Sequence[Case], method: Callable[[Case], list[Where]]) -> Result:
    """Measure a method: F1 of the first slice's leaves, a true slice among its first three."""
    there = [case for case in planted if case.truth]
    start = perf_counter()
    answers = [method(case) for case in there]
    spent = 1000.0 * (perf_counter() - start) / len(there)
    score = [f1(case, answer[:1]) for case, answer in zip(there, answers, strict=True)]
    hits = [
        any(one in case.truth for one in told) for case, told in zip(there, answers, strict=True)
    ]
    return Result(float(np.mean(score)), float(np.mean(hits)), spent)


def named(planted: Sequence[Case]) -> dict[str, float]:
    """Return the F1 of what `locate` itself names, by kind of case (1 for rightly naming none)."""
    scores: dict[str, list[float]] = {}
    for case in planted:
        answer = [one.where for one in locate(case.leaves, case.dimensions, case.history)]
        scores.setdefault(case.kind, []).append(f1(case, answer))
    return {kind: float(np.mean(found)) for kind, found in sorted(scores.items())}


def table(quick: bool) -> str:
    """Return the table of which slice moved: ours against peers on the same cases."""
    planted = cases(QUICK if quick else CASES)
    number = sum(bool(case.truth) for case in planted)
    rows = [
        "### Which slice moved",
        "",
        f"{number} cases with one or two planted slices (−20…−60 %, +30…+100 %) in tables of leaves",
        "with the noise of real series.",
        "",
        "| method | F1 of the first | one of the first three is right |",
        "|---|---|---|",
    ]
    for name, method in METHODS.items():
        found = result(planted, method)
        rows.append(f"| {name} | {found.f1:.2f} | {found.top:.2f} |")
    words = {
        "one": "one slice planted",
        "two": "two slices planted",
        "all": "everything moved",
        "none": "nothing planted",
    }
    told = ", ".join(f"{words[kind]} {score:.2f}" for kind, score in named(planted).items())
    return "\n".join([*rows, "", f"F1 of what is named in the end: {told}."])
