"""Young units: what borrowing from peers brings, on real series cut to their last days."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from diagnostics import cold, coldrates
from diagnostics.anomaly import rate_band, value_band
from diagnostics.band import weekdays

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

SHIPPED = Path(__file__).with_name("series.csv.gz")
LENGTHS = (5, 10, 20)
PAST, WALKED = 182, 240
"""Days of the peers' past at most, and days that are walked through."""
CHANGES = np.array([0.5, 0.7, 0.8, 1.2, 1.3, 1.5])
RATE_CHANGES = np.array([0.5, 0.7, 1.5, 2.0])
VOLUMES = (30, 300)
SEED = 11
HEADING = (
    "| what | days of its own | series-days | alone: false per 100 / recall | at 1 per 100 "
    "| borrowed: false per 100 / recall | at 1 per 100 |"
)


@dataclass(frozen=True, eq=False)
class Group:
    """Series of one family side by side (series, days): values, or a rate's counts."""

    name: str
    days: NDArray[np.datetime64]
    value: Floats
    of: Floats
    over: Floats
    near: Flags
    """Days on which or next to which a holiday or a labelled anomaly lies."""


class Scores(NamedTuple):
    """Scores (n, 1 + changes) of real days and of the same days changed, by way of expecting."""

    alone: Floats
    borrowed: Floats


def groups(kinds: tuple[str, ...], path: Path = SHIPPED) -> list[Group]:
    """Return the families with at least three series of some kinds."""
    rows = pd.read_csv(path, parse_dates=["date"])  # noqa: TID251  public series, no export
    rows = rows[rows["kind"].isin(kinds)]
    return [
        _group(str(name), part)
        for name, part in rows.groupby("family", sort=True)
        if part["series"].nunique() >= 3
    ]


def _group(name: str, rows: pd.DataFrame) -> Group:
    wide = {
        key: rows.pivot_table(index="series", columns="date", values=key, dropna=False)
        for key in ("value", "num", "den")
        if rows[key].notna().any()
    }
    first = next(iter(wide.values()))
    days = pd.date_range(first.columns.min(), first.columns.max())
    grid = {
        key: one.reindex(index=first.index, columns=days).to_numpy(float)
        for key, one in wide.items()
    }
    none = np.full(grid["value"].shape, np.nan)
    marked = rows.assign(event=rows["event"].notna()).pivot_table(
        index="series", columns="date", values="event", aggfunc="max"
    )
    near = marked.reindex(index=first.index, columns=days).fillna(False).to_numpy(bool)
    wider = near.copy()
    wider[:, 1:] |= near[:, :-1]
    wider[:, :-1] |= near[:, 1:]
    return Group(
        name,
        days.to_numpy("datetime64[D]"),
        grid["value"],
        grid.get("num", none),
        grid.get("den", none),
        wider,
    )


def levels(group: Group, length: int, step: int) -> Scores:
    """Judge counts and money of units that have only their last `length` days."""
    found = [
        _level_day(group, at, length)
        for at in range(max(42, len(group.days) - WALKED), len(group.days), step)
    ]
    return _joined(found, 1 + len(CHANGES))


def _joined(found: list[Scores], width: int) -> Scores:
    none = np.zeros((0, width))
    return Scores(
        np.vstack([none, *(one.alone for one in found)]),
        np.vstack([none, *(one.borrowed for one in found)]),
    )


def _candidates(group: Group, at: int, own: Floats) -> NDArray[np.int64]:
    """Return the series that are judged on a day: an ordinary one of a unit that sells."""
    known = np.isfinite(own)
    middle = np.nanmedian(np.where(known.any(axis=1, keepdims=True), own, 0.0), axis=1)
    today = group.value[:, at]
    use = (known.sum(axis=1) >= own.shape[1] - 1) & (middle > 0)
    return np.flatnonzero(use & (np.nan_to_num(today) > 0) & ~group.near[:, at])


def _level_day(group: Group, at: int, length: int) -> Scores:
    first = max(0, at - PAST)
    past, days = group.value[:, first:at], group.days[first:at]
    own = np.full(past.shape, np.nan)
    own[:, -length:] = past[:, -length:]
    rows = _candidates(group, at, own[:, -length:])
    factors = np.append(1.0, CHANGES)
    today = group.value[:, at]
    band = value_band(own, days, group.days[at])
    alone = np.stack([band.score(today * factor)[rows] for factor in factors], axis=1)
    week = weekdays(days, group.days[at])
    borrowed = np.zeros(alone.shape)
    for place, row in enumerate(rows):
        peers = np.delete(past, row, axis=0)
        peers = peers[np.isfinite(peers).sum(axis=1) >= cold.YOUNG]
        if len(peers) < cold.LEAST_PEERS:
            continue
        shift = 0.02 * np.nanmedian(peers, axis=1, keepdims=True)
        unknown = np.full((len(peers), 1), np.nan)
        points = np.hstack([np.log(np.maximum(peers, 0.0) + np.maximum(shift, 1e-9)), unknown])
        family = cold.Family.of(points, week)
        small = 0.02 * float(np.nanmedian(own[row]))
        told = cold.guess(np.log(own[[row]] + small), week, family)
        gap = np.log(today[row] * factors + small) - told.mid
        borrowed[place] = np.abs(gap) / np.where(gap < 0.0, told.down, told.up)
    part = float(cold.standing(np.array([length]))[0])
    return Scores(np.nan_to_num(alone), part * np.nan_to_num(alone) + (1.0 - part) * borrowed)


def rates(group: Group, length: int, volume: int, step: int) -> Scores:
    """Judge rates of units that have only their last `length` days, thinned to a volume."""
    draw = np.random.default_rng(SEED)
    over = np.nan_to_num(group.over).astype(int)
    of = np.minimum(np.nan_to_num(group.of).astype(int), over)
    many = np.minimum(over, volume)
    hits = draw.hypergeometric(of, over - of, many).astype(float)
    found = [
        one
        for at in range(max(42, len(group.days) - WALKED), len(group.days), step)
        for one in _rate_day(group, hits, many.astype(float), at, length)
    ]
    return _joined(found, 1 + len(RATE_CHANGES))


def _rate_day(group: Group, of: Floats, over: Floats, at: int, length: int) -> Iterator[Scores]:
    days = group.days[at - length : at]
    first = max(0, at - PAST)
    for row in np.flatnonzero((over[:, at] > 0) & ~group.near[:, at]):
        own = of[[row], at - length : at], over[[row], at - length : at]
        if (own[1] > 0).sum() < min(5, length) or own[0].sum() == 0:
            continue
        today = over[[row], at]
        real = of[row, at]
        counts = np.minimum(np.append(real, np.round(real * RATE_CHANGES)), today[0]) / today[0]
        band = rate_band(*own, days, group.days[at], today)
        alone = np.array([float(band.score(np.array([one]))[0]) for one in counts])
        others = np.delete(of, row, axis=0)[:, first:at], np.delete(over, row, axis=0)[:, first:at]
        prior = coldrates.prior(
            others[0][None], others[1][None], np.ones((1, len(others[0]))), share=True, unlike=0.5
        )
        told = coldrates.believed(*own, today, prior, share=True)
        borrowed = np.array([float(coldrates.score(told, np.array([one]))[0]) for one in counts])
        part = float(cold.standing(told.days)[0])
        borrowed = part * np.nan_to_num(alone) + (1.0 - part) * np.nan_to_num(borrowed)
        yield Scores(np.nan_to_num(alone)[None], borrowed[None])


def summary(scores: Floats) -> tuple[float, float, float]:
    """Return false per 100 and recall (%) at the own threshold, and recall at 1 false per 100."""
    real, changed = scores[:, 0], scores[:, 1:]
    at_one = float(np.quantile(real, 0.99))
    return (
        100.0 * float((real >= 1.0).mean()),
        100.0 * float((changed >= 1.0).mean()),
        100.0 * float((changed > at_one).mean()),
    )


@cache
def measured(*, quick: bool) -> dict[tuple[str, int], Scores]:
    """Return the scores of all families together by what is judged and days of history."""
    step = 12 if quick else 3
    lengths = LENGTHS[:1] if quick else LENGTHS
    found = {}
    for length in lengths:
        every = [levels(one, length, step) for one in groups(("count", "money"))]
        found["counts and money", length] = _joined(every, 1 + len(CHANGES))
        for volume in VOLUMES:
            parts = [rates(one, length, volume, step // 2 or 1) for one in groups(("rate",))]
            found[f"rates, {volume} a day", length] = _joined(parts, 1 + len(RATE_CHANGES))
    return found


def table(quick: bool) -> str:
    """Return the table of young units judged alone and with what their peers teach."""
    lines = [
        "### Young units: judged alone, and with what is borrowed from peers",
        "",
        HEADING,
        "|---|---|---|---|---|---|---|",
    ]
    for (what, length), scores in measured(quick=quick).items():
        alone, borrowed = summary(scores.alone), summary(scores.borrowed)
        cells = [f"{one[0]:.1f} / {one[1]:.0f} % | {one[2]:.0f} %" for one in (alone, borrowed)]
        lines.append(f"| {what} | {length} | {len(scores.alone):,} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
