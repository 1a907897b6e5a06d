"""How many alarms of a morning are chance: thresholds from the past mornings against BH."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diagnostics.control import Tail, by_law, threshold
from tests.bench.incidents import PAST, SEEDS, SHIPPED, WALKED, plant, stretches, walk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from tests.bench.incidents import Scored

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Rule = Callable[[Floats, Floats], "Morning"]

SHOWN = 28
"""Days of past scores that a morning knows."""
RATES = (0.05, 0.1, 0.2)
BUDGETS = (0.2, 0.5, 1.0)
"""False alarms that are borne per morning, over all series."""


class Morning(NamedTuple):
    """Which series are told on a morning (units,), and how many of them were promised to be false."""

    told: Flags
    promised: float


class Count(NamedTuple):
    """What a rule told over all mornings."""

    mornings: int
    alarms: int
    right: int
    promised: float
    caught: int
    incidents: int


def fixed(_past: Floats, today: Floats) -> Morning:
    """Tell what is out of its band: one in a hundred ordinary series-days."""
    return Morning(np.abs(today) >= 1.0, 0.01 * float(np.isfinite(today).sum()))


def discoveries(rate: float, *, pooled: bool) -> Rule:
    """Return Benjamini and Hochberg's rule (1995) at a false discovery rate.

    Chances by the bands' t law, or `pooled`: by the tail of all past scores.
    """

    def told(past: Floats, today: Floats) -> Morning:
        known = np.flatnonzero(np.isfinite(today))
        tail = Tail.of(past) if pooled else None
        chance = tail.chance if tail is not None else by_law
        p = np.array([chance(abs(float(today[unit]))) for unit in known])
        order = np.argsort(p, kind="stable")
        under = p[order] <= rate * np.arange(1, len(p) + 1) / max(1, len(p))
        size = int(np.flatnonzero(under)[-1]) + 1 if under.any() else 0
        flags = np.zeros(len(today), dtype=bool)
        flags[known[order[:size]]] = True
        return Morning(flags, rate * size)

    return told


def budgeted(budget: float) -> Rule:
    """Return our rule: thresholds that bear so many false ones per morning, both sides harmful."""

    def told(past: Floats, today: Floats) -> Morning:
        scores = np.abs(past)
        looked_at = int(np.isfinite(today).sum())
        found = threshold([past], [scores], len(past), 2 * looked_at, budget=budget)
        score, before = np.nan_to_num(np.abs(today)), np.nan_to_num(past[:, -1] * np.sign(today))
        flags = (score >= found.once) | (np.minimum(score, before) >= found.twice)
        return Morning(flags, found.control.expected_false)

    return told


RULES: dict[str, Rule] = {
    "out of the band (own threshold)": fixed,
    **{f"BH, q {rate:g}, t law": discoveries(rate, pooled=False) for rate in RATES},
    **{f"BH, q {rate:g}, pooled tail": discoveries(rate, pooled=True) for rate in RATES},
    **{f"**ours, budget {budget:g} a morning**": budgeted(budget) for budget in BUDGETS},
}


def count(scored: Scored, rule: Rule) -> Count:
    """Walk through the mornings of one world; an alarm is right on a day of its incident.

    What was told on the morning before is not told again. Only the mornings that have four weeks of
    scores behind them are counted.
    """
    planted = scored.planted
    mine = {one: False for one in planted.incidents if one.first >= PAST + SHOWN + 7}
    mornings = range(PAST + SHOWN + 7, PAST + WALKED)
    last = np.zeros(len(scored.score), dtype=bool)
    alarms, right, promised = 0, 0, 0.0
    for day in mornings:
        told, chance = rule(scored.score[:, day - SHOWN : day], scored.score[:, day])
        fresh, last = told & ~last, told
        promised += chance
        for unit in np.flatnonzero(fresh):
            hit = [
                one
                for one in planted.incidents
                if one.unit == unit and one.days.start <= day < one.days.stop
            ]
            alarms, right = alarms + 1, right + bool(hit)
            mine |= dict.fromkeys((one for one in hit if one in mine), True)
    return Count(len(mornings), alarms, right, promised, sum(mine.values()), len(mine))


def outcomes(path: Path, seeds: tuple[int, ...]) -> dict[str, Count]:
    """Return what each rule told over some seeds."""
    cut = stretches(path)
    worlds = [walk(plant(cut, seed)) for seed in seeds]
    found = {name: [count(world, rule) for world in worlds] for name, rule in RULES.items()}
    return {
        name: Count(*(sum(one[at] for one in every) for at in range(len(Count._fields))))  # type: ignore[arg-type]  # sums keep each field's type
        for name, every in found.items()
    }


def table(quick: bool, path: Path = SHIPPED) -> str:
    """Return the alarms of a morning as a Markdown table."""
    seeds = SEEDS[:1] if quick else SEEDS[:4]
    heads = (
        "rule | alarms a morning | said to be false | false a morning | right | incidents caught"
    )
    about = (
        f"{len(stretches(path))} stretches of real series, planted incidents of 30-60 % up or down, "
        f"{len(seeds)} seeds. False: on no planted day, though real events of the series count as "
        "false too."
    )
    title = "### How many alarms of a morning are chance"
    lines = [title, "", about, "", f"| {heads} |", "|---|---|---|---|---|---|"]
    for name, one in outcomes(path, seeds).items():
        a_morning = (one.alarms, one.promised, one.alarms - one.right)
        figures = [f"{value / one.mornings:.2f}" for value in a_morning]
        shares = [one.right / max(1, one.alarms), one.caught / max(1, one.incidents)]
        cells = [name, *figures, *(f"{100 * share:.0f} %" for share in shares)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
