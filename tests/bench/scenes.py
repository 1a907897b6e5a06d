"""Do the nine scenes find what is planted under other chances, and how often do they cry for nothing?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from diagnostics.book import load
from diagnostics.diagnose import diagnose
from storage.example import LAST_DAY, SHOPS, incidents, units, write
from storage.example.days import FIRST
from storage.sources import Upload
from storage.sources.sheet import read_file
from storage.store import Store

if TYPE_CHECKING:
    from diagnostics.book.rows import Book
    from diagnostics.panel import Panel
    from diagnostics.reading import Finding
    from storage.example import Incident

SEEDS = (1, 2, 3, 4, 5)
NOW = datetime(2026, 3, 13, 9, tzinfo=UTC)
WINDOW = 63
"""Mornings that are looked at: nine weeks; the weeks before are what they are judged by."""


@dataclass(frozen=True)
class Outcome:
    """What one telling of the story came to.

    `found` holds the scenes that were told at the right unit on one of their days, `first` those
    told on the first; `false` are the findings of `ordinary` shop-mornings without an incident.
    """

    seed: int
    found: tuple[str, ...]
    first: tuple[str, ...]
    false: tuple[str, ...]
    ordinary: int


def panel(seed: int, book: Book) -> Panel:
    """Return the example under other chances, brought in by the same road as a team's files."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        store = Store(f"sqlite:///{folder / 'facts.db'}")
        store.migrate()
        store.put_units(units())
        for path in write(folder, seed=seed):
            for batch in read_file(Upload(path), SHOPS, NOW):
                store.keep(batch, NOW)
        measures = [one for metric in book.metrics.values() for one in metric.measures]
        measures += [one for funnel in book.funnels.values() for one in funnel.chain]
        roll_up = {key: row.from_kinds for key, row in book.measures.items() if row.from_kinds}
        found = store.panel(FIRST, LAST_DAY, tuple(dict.fromkeys(measures)), roll_up=roll_up)
        store.close()
    return found


def outcome(seed: int, whole: Panel, book: Book, every: int) -> Outcome:
    """Look at each planted day and at every so many of the other mornings of each shop."""
    planted = [row for row in incidents() if row.kind == "incident"]
    found: set[str] = set()
    first: set[str] = set()
    false: list[str] = []
    ordinary = 0
    for shop in SHOPS:
        mine = whole.only(unit.key for unit in whole.units if unit.shop == shop.key)
        for ago in range(WINDOW):
            day = LAST_DAY - timedelta(ago)
            here = [row for row in planted if row.shop == shop.key and row.first <= day <= row.last]
            if not here and ago % every:
                continue
            told = diagnose(mine.until(day), book, day).findings
            if not here:
                ordinary += 1
                false += [f"{day} {one.key}" for one in told]
            for row in here:
                if _right(row, told):
                    found.add(row.scene)
                    first |= {row.scene} if day == row.first else set()
    return Outcome(seed, tuple(sorted(found)), tuple(sorted(first)), tuple(false), ordinary)


def _right(row: Incident, told: tuple[Finding, ...]) -> bool:
    return (row.scene, row.unit) in {(one.scene, one.unit) for one in told}


def table(quick: bool) -> str:
    """Return the outcomes as a Markdown table, one row per seed."""
    book = load()
    some = SEEDS[:1] if quick else SEEDS
    rows = [outcome(seed, panel(seed, book), book, 7 if quick else 1) for seed in some]
    lines = [
        "### Scenes under other chances",
        "",
        "The example's nine incidents (S1-S9) drawn anew: how many are told with scene and unit right,",
        "and the findings of shop-mornings on which nothing is planted.",
        "",
        "| seed | right scene and unit | on the first day | missed | false findings | shop-mornings | per 100 |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_line(row) for row in rows]
    false, ordinary = sum(len(row.false) for row in rows), sum(row.ordinary for row in rows)
    whole = sum(len(row.found) for row in rows)
    first = sum(len(row.first) for row in rows)
    lines.append(
        f"| all | {whole} of {9 * len(rows)} | {first} | | {false} | {ordinary} "
        f"| {100 * false / ordinary:.1f} |"
    )
    told = [f"{row.seed}: {', '.join(row.false)}" for row in rows if row.false]
    lines += ["", f"False, by seed: {'; '.join(told) or 'none'}."]
    return "\n".join(lines)


def _line(row: Outcome) -> str:
    every = {one.scene for one in incidents() if one.kind == "incident"}
    missed = ", ".join(sorted(every - set(row.found))) or "-"
    return (
        f"| {row.seed} | {len(row.found)} of {len(every)} | {len(row.first)} | {missed} "
        f"| {len(row.false)} | {row.ordinary} | {100 * len(row.false) / row.ordinary:.1f} |"
    )
