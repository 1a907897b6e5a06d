"""Figures that no trade explains: a day copied from the one before, a measure that changed meaning."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from diagnostics.panel import Panel

    Floats = NDArray[np.float64]

BASE = 28
"""Days that show how measures relate to each other,"""
SETTLES = 7
"""before the last seven: after a week the new relation is the known one."""
LEAST_DAYS = 14
LEAST = 30.0
"""Below so many a day relations swing by themselves."""
APART = log(3.0)
"""A measure alone at a third or three times what its neighbours say is no trade."""
FIRST_APART = log(5.0)
"""The first of the chain has one neighbour only, and a wave of cold traffic can lift it."""
SPREADS = 3.0
LIKE_RATE = 0.1
"""Log distance up to which a jump is the rate of another currency."""
ALIKE = 3
"""So many figures that vary from day to day are not all the same two days running."""
INFORMATIVE = 100.0
"""A count of this size repeats itself by chance on 3 days of 100."""


class Jump(NamedTuple):
    """A measure that is alone at `factor` times its relation to its neighbours, for `run` days."""

    measure: str
    factor: float
    run: int


def jumps(panel: Panel, row: int, at: int, chain: Sequence[str]) -> Iterator[Jump]:
    """Yield the measures of a funnel's chain that left both of their neighbours at once.

    A fall in trade passes on down the chain: orders at a third bring GMV at a third. A measure that
    jumps while what comes before and after it stays is counted otherwise than before; the last of
    the chain (money) has only what comes before it. Relations are log ratios, compared with their
    middle over 28 days up to a week ago, and must be out by 3 times their usual reach as well.
    """
    window = panel.values[:, row, max(0, at - BASE - SETTLES) : at + 1]
    rows = [window[panel.measures.index(one)] for one in chain if one in panel.measures]
    names = [one for one in chain if one in panel.measures]
    known = [index for index, one in enumerate(rows) if _enough(one)]
    logs = [np.log(np.where(rows[index] > 0.0, rows[index], np.nan)) for index in known]
    for place, index in enumerate(known):
        sides = [
            logs[place] - logs[other] for other in (place - 1, place + 1) if 0 <= other < len(logs)
        ]
        first, last = place == 0, place == len(known) - 1
        if not sides or (last and not _ends(names, known, chain)):
            continue
        parts = [_off(side, FIRST_APART if first else APART) for side in sides]
        if first or last:
            parts.append(_off(logs[place], FIRST_APART if first else APART))
        run = _run(np.array(parts))
        if run:
            moved = float(np.median([side[-1] - _middle(side) for side in sides]))
            yield Jump(names[index], exp(moved), run)


def _ends(names: Sequence[str], known: Sequence[int], chain: Sequence[str]) -> bool:
    """Say whether the last two measures that are known are the chain's last two."""
    return [names[index] for index in known[-2:]] == list(chain[-2:])


def currency(own: str, factor: float, rates: Mapping[str, float]) -> str:
    """Return the currency in which amounts would jump by that factor; empty for none.

    `rates`: currency -> its worth in the reporting currency.
    """
    if own not in rates:
        return ""
    for other, worth in sorted(rates.items()):
        if other != own and abs(log(factor) - log(rates[own] / worth)) <= LIKE_RATE:
            return other
    return ""


def copied(panel: Panel, row: int, at: int) -> tuple[str, ...]:
    """Return the measures that say the same as the day before though they never do; few are chance.

    A measure counts where it is large (100 and more) and was never the same two days running within
    the last 14. Fewer than three of them may agree by chance.
    """
    if at < LEAST_DAYS:
        return ()
    past = panel.values[:, row, at - LEAST_DAYS : at]
    here = panel.values[:, row, at]
    moves = np.isfinite(past).sum(axis=1) >= SETTLES
    moves &= ~(np.diff(past, axis=1) == 0.0).any(axis=1)
    same = moves & (here == past[:, -1]) & (here >= INFORMATIVE)
    return (
        tuple(panel.measures[index] for index in np.flatnonzero(same))
        if same.sum() >= ALIKE
        else ()
    )


def _enough(values: Floats) -> bool:
    past = values[: -SETTLES - 1]
    usual = past[np.isfinite(past)]
    return len(usual) >= LEAST_DAYS and float(np.median(usual)) >= LEAST and values[-1] > 0.0


def _middle(logs: Floats) -> float:
    return float(np.nanmedian(logs[: -SETTLES - 1]))


def _off(logs: Floats, least: float) -> NDArray[np.int64]:
    """Return per day of the last week and today on which side a relation is out: -1, 0, 1."""
    middle = _middle(logs)
    reach = float(np.nanquantile(np.abs(logs[: -SETTLES - 1] - middle), 0.9))
    moved = np.nan_to_num(logs[-SETTLES - 1 :] - middle)
    out = np.abs(moved) >= max(least, SPREADS * reach)
    return np.where(out, np.sign(moved), 0.0).astype(np.int64)


def _run(parts: NDArray[np.int64]) -> int:
    """Return for how many days up to today all relations have been out on one side."""
    together = (parts == parts[0]).all(axis=0) & (parts[0] != 0) & (parts[0] == parts[0, -1])
    back = np.flatnonzero(~together[::-1])
    return int(back[0]) if len(back) else 0
