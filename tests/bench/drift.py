"""How surely slow slides are told: ramps planted in real series and in ordinary drawn ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diagnostics.common import group_codes
from diagnostics.drift import drift
from tests.bench import levels

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Days = NDArray[np.datetime64]

PAST = 182
WALKED = 180
"""On the evenings of so many last days it is counted how often ordinary series have a message."""
BEFORE = 97
LENGTH = 14
RAMP = 1.0 - 0.4 * np.minimum(np.arange(1, LENGTH + 1) / 10.0, 1.0)
SEEN = 3.0
"""A ramp can be seen where it is so many standard errors of a mean of seven days."""
FIRST = np.datetime64("2024-01-01")
DRAWN: dict[str, tuple[int, float, float, float, float]] = {
    "drawn: 30 stores, a common movement": (30, 0.08, 0.08, 0.015, 1500.0),
    "drawn: 30 stores, none": (30, 0.10, 0.0, 0.02, 1500.0),
    "drawn: 12 advertisements": (12, 0.25, 0.10, 0.05, 3000.0),
    "drawn: 12 small units": (12, 0.15, 0.05, 0.03, 30.0),
}
"""Units, day noise, common noise, daily step of the level (all of ln), mean count."""


class Series(NamedTuple):
    """Some series on common days: values, special days (units, days), peer groups."""

    name: str
    values: Floats
    special: NDArray[np.bool_]
    days: Days
    groups: NDArray[np.int64]


class Found(NamedTuple):
    """Messages of falls, evenings looked at; ramps by whether they could be seen, and caught."""

    messages: int
    evenings: int
    seen: list[bool]
    caught: list[bool]


def drawn(name: str, seed: int = 3, length: int = 380) -> Series:
    """Draw counts with a week, a common movement, and a level that walks a little."""
    units, noise, common, step, mean = DRAWN[name]
    draw = np.random.default_rng(seed)
    week = draw.normal(0.0, 0.25, 7)[None] * draw.normal(1.0, 0.3, (units, 1))
    every = common * draw.standard_t(5, length) / np.sqrt(5.0 / 3.0)
    level = np.log(mean) + draw.normal(0.0, 0.7, (units, 1))
    level = level + np.cumsum(draw.normal(0.0, step, (units, length)), axis=1)
    own = noise * draw.standard_t(5, (units, length)) / np.sqrt(5.0 / 3.0)
    days = FIRST + np.arange(length)
    values = draw.poisson(np.exp(level + week[:, np.arange(length) % 7] + every + own))
    blank = np.zeros(values.shape, dtype=bool)
    return Series(name, values.astype(float), blank, days, np.zeros(units, dtype=np.int64))


def real(path: Path) -> list[Series]:
    """Return the shipped counts and money, by family."""
    found = levels.families(path, ())
    return [
        Series("real", one.value, one.event, one.days, group_codes(one.groups)) for one in found
    ]


def measure(series: Series, *, ramps: int, step: int) -> Found:
    """Walk the last days of some series, and plant `ramps` in each; every `step`-th evening.

    Evenings on which too little is known to say anything do not count.
    """
    values, last = series.values, _ends(series.values)
    found = Found(0, 0, [], [])
    messages = evenings = 0
    for day in range(max(0, int(last.max()) - WALKED), int(last.max()), step):
        near = (day < last) & (day >= last - WALKED)
        told, known = _told(series, values, day)
        new = told >= series.days[day] - (step - 1)
        messages += int((new & near).sum())
        evenings += step * int((near & known).sum())
    for row, end in enumerate(last):
        for number in range(ramps):
            part = (WALKED - LENGTH) // ramps
            first = max(0, end - WALKED) + number * part + (7 * row) % part
            before = values[row, max(0, first - BEFORE) : first]
            if np.isfinite(before).sum() < BEFORE // 2 or np.nanmedian(before) <= 0.0:
                continue
            planted = values.copy()
            planted[row, first : first + LENGTH] *= RAMP
            since = _told(series, planted, first + LENGTH - 1)[0][row]
            found.caught.append(bool(since >= series.days[first]))
            found.seen.append(_can_be_seen(before))
    return found._replace(messages=messages, evenings=evenings)


def _ends(values: Floats) -> NDArray[np.int64]:
    """Return where each series ends (units,)."""
    known = np.isfinite(values)
    return np.asarray(values.shape[1] - np.argmax(known[:, ::-1], axis=1), dtype=np.int64)


def _told(series: Series, values: Floats, day: int) -> tuple[Days, NDArray[np.bool_]]:
    """Return since when each unit slides down as seen on an evening, and whether that is known.

    NaT where it does not slide.
    """
    past = slice(max(0, day + 1 - PAST), day + 1)
    found = drift(
        values[:, past],
        series.days[past],
        series.days[day],
        groups=series.groups,
        calendar=series.special[:, past],
    )
    since = np.where(found.change < 0.0, found.since, np.datetime64("NaT"))
    return since, np.isfinite(found.score)


def _can_be_seen(past: Floats) -> bool:
    """Say whether 40 % less is far outside what weeks of a series differ by."""
    known = np.log(np.maximum(past, 0.02 * max(float(np.nanmedian(past)), 1e-9)))
    apart = np.abs(known[7:] - known[:-7])
    error = 1.4826 * float(np.nanmedian(apart)) / np.sqrt(2.0 * 7.0)
    return bool(-np.log(0.6) >= SEEN * error)


def _row(name: str, found: list[Found]) -> str:
    seen = np.array([one for part in found for one in part.seen], dtype=bool)
    caught = np.array([one for part in found for one in part.caught], dtype=bool)
    weeks = sum(part.evenings for part in found) / 7.0
    each = 100.0 * sum(part.messages for part in found) / weeks
    can = f"{100.0 * caught[seen].mean():.0f}" if seen.any() else "–"
    return (
        f"| {name} | {weeks:.0f} | {each:.2f} | {len(caught)} |"
        f" {100.0 * caught.mean():.0f} | {can} |"
    )


def table(quick: bool, path: Path = levels.SHIPPED) -> str:
    """Return how many messages there are and how many ramps are caught (Markdown)."""
    ramps, step = (1, 7) if quick else (4, 3)
    every = real(path)
    parts = {"real series": every[:1] if quick else every}
    parts |= {name: [drawn(name)] for name in list(DRAWN)[: 1 if quick else None]}
    lines = [
        "### Slow slides",
        "",
        (
            "A fall of 40 % in 10 days, looked for on its 14 evenings. Messages are those of falls on"
            " series as they are over half a year: the real ones do slide by themselves (the cycle"
            " hire in November, a hotel after its season), and that counts as false."
        ),
        "",
        (
            "| Series | series-weeks | messages per 100 | ramps | caught by day 14 % |"
            " of those that can be seen % |"
        ),
        "|---|---|---|---|---|---|",
    ]
    for name, some in parts.items():
        lines.append(_row(name, [measure(one, ramps=ramps, step=step) for one in some]))
    return "\n".join(lines)
