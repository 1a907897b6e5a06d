"""Daily figures from a plain table (unit, day, value, or of and over), to try rules on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final, NoReturn

import numpy as np

from diagnostics.panel import days_between
from storage.sources.cells import UnreadableError, missing, number
from storage.sources.dates import Stamps
from storage.sources.grid import open_grid
from storage.sources.notes import refusal
from storage.sources.rows import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from numpy.typing import NDArray

    from storage.sources.cells import Cell

NAMES: Final = {
    "unit": ("unit", "series", "单元", "店铺", "shop"),
    "day": ("day", "date", "日期"),
    "value": ("value", "数值", "值"),
    "of": ("of", "num", "分子"),
    "over": ("over", "den", "分母"),
}
SHOWN: Final = 8
LONGEST: Final = 24
"""So many headings of a file are told, and so many letters of each."""
MOST_CELLS: Final = 20_000_000
"""Units times days; beyond it a backtest would not fit into memory."""


@dataclass(frozen=True, eq=False)
class Series:
    """Figures of `units` on `days` (gapless): `of` float (units, days), `over` the base of a rate.

    NaN = missing; `over` None for plain values.
    """

    units: tuple[str, ...]
    days: NDArray[np.datetime64]
    of: NDArray[np.float64]
    over: NDArray[np.float64] | None


def read_series(path: Path, today: date) -> Series:
    """Read a CSV, TSV or XLSX with the columns unit, day and value, or unit, day, of and over.

    Without a unit column the file is of one unit, named after the file. Raises SourceError naming
    file, row, column and the remedy; a day told twice with different figures is refused.
    """
    table = _Table(path, today)
    facts = dict(table.read())
    if not facts:
        _refuse(path, "there are no figures in it.", "里面没有数字。")
    keys = tuple(dict.fromkeys(unit for unit, _ in facts))
    span = days_between(min(day for _, day in facts), max(day for _, day in facts))
    if len(keys) * len(span) > MOST_CELLS:
        _refuse(
            path,
            f"{len(keys)} units over {len(span)} days are too many at once. Split the file.",
            f"{len(keys)} 个单元 × {len(span)} 天太多，请拆成几个文件。",
        )
    of = np.full((len(keys), len(span)), np.nan)
    over = np.full(of.shape, np.nan) if table.rate else None
    place = {key: row for row, key in enumerate(keys)}
    for (unit, day), (top, bottom) in facts.items():
        at = place[unit], int((np.datetime64(day, "D") - span[0]).astype(int))
        of[at] = top
        if over is not None:
            over[at] = bottom
    return Series(keys, span, of, over)


class _Table:
    """One sheet: where its columns are, and what its rows say."""

    def __init__(self, path: Path, today: date) -> None:
        self.path = path
        self.today = today
        self.sheet = open_grid(path)[0]
        head = next((row for row in self.sheet.head if any(not missing(one) for one in row)), ())
        self.at = self._places(head)
        self.rate = "over" in self.at

    def _places(self, head: Sequence[Cell]) -> Mapping[str, int]:
        said = [plain(str(cell)) if cell is not None else "" for cell in head]
        found = {
            key: said.index(word)
            for key, words in NAMES.items()
            for word in words[::-1]
            if word in said
        }
        lacking = [key for key in ("day",) if key not in found]
        if "value" not in found:
            lacking += [key for key in ("of", "over") if key not in found]
        if lacking:
            names = _listed([cell for cell in said if cell])
            _refuse(
                self.path,
                f"the column {' and '.join(lacking)} is missing; it has: {names}. "
                "Needed: unit, day, value; or for a rate unit, day, of, over.",
                f"缺少列 {'、'.join(lacking)}；现有：{names}。需要：unit, day, value；"
                "比率则为 unit, day, of, over。",
            )
        return found

    def read(self) -> Iterator[tuple[tuple[str, date], tuple[float, float]]]:
        """Yield (unit, day) with the figures, in the file's order; refuses contradictions."""
        stamps = Stamps()
        rows = list(self._rows(stamps))
        days = stamps.days("", self.today)
        seen: dict[tuple[str, date], tuple[float, float]] = {}
        for number_, unit, code, figures in rows:
            day = days[code]
            if day is None:
                self._bad(number_, "day", "is no date that exists", "不是存在的日期")
            before = seen.setdefault((unit, day), figures)
            if not all(
                a == b or (math.isnan(a) and math.isnan(b))
                for a, b in zip(before, figures, strict=True)
            ):
                self._bad(
                    number_,
                    "day",
                    f"tells {unit} on {day} a second time, with other figures; keep one row",
                    f"又写了一次 {unit} {day}，数字不同；请只留一行",
                )
            yield (unit, day), figures

    def _rows(self, stamps: Stamps) -> Iterable[tuple[int, str, int, tuple[float, float]]]:
        past_head = False
        for at, row in enumerate(chain.from_iterable(self.sheet.chunks()), start=1):
            if all(missing(cell) for cell in row):
                continue
            if not past_head:
                past_head = True
                continue
            cells = {
                key: row[place] if place < len(row) else None for key, place in self.at.items()
            }
            unit = str(cells.get("unit", self.path.stem) or "").strip()
            if not unit:
                self._bad(at, "unit", "is empty", "是空的")
            try:
                code, _ = stamps.code(cells["day"])
            except UnreadableError:
                self._bad(
                    at, "day", f"holds no date: {cells['day']!r}", f"不是日期：{cells['day']!r}"
                )
            yield at, unit, code, self._figures(at, cells)

    def _figures(self, at: int, cells: Mapping[str, Cell]) -> tuple[float, float]:
        values = []
        for key in ("of", "over") if self.rate else ("value",):
            try:
                values.append(number(cells[key]))
            except UnreadableError:
                self._bad(at, key, f"holds no number: {cells[key]!r}", f"不是数字：{cells[key]!r}")
        if self.rate and values[1] < 0.0:
            self._bad(at, "over", "is below zero", "小于零")
        return values[0], values[-1]

    def _bad(self, row: int, column: str, en: str, zh: str) -> NoReturn:
        raise refusal(
            self.path.name,
            f"{self.path.name}, row {row}, column “{column}” {en}.",
            f"{self.path.name} 第 {row} 行「{column}」列{zh}。",
            row=row,
            column=column,
        )


def _listed(names: Sequence[str]) -> str:
    """Return headings short enough for a line: the first ones, each cut."""
    told = [one if len(one) <= LONGEST else f"{one[: LONGEST - 1]}…" for one in names[:SHOWN]]
    return ", ".join([*told, "…"] if len(names) > SHOWN else told) or "-"


def _refuse(path: Path, en: str, zh: str) -> NoReturn:
    raise refusal(path.name, f"{path.name}: {en}", f"{path.name}：{zh}")
