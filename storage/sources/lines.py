"""What the rows of a file say, column by column, with every doubt noted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import pandas as pd

from storage.sources import notes
from storage.sources.cells import (
    CurrencyError,
    LostDigitsError,
    UnreadableError,
    identifier,
    missing,
    number,
    ratio,
    seconds,
    words_of,
)
from storage.sources.dates import Stamps
from storage.sources.rows import NUMBERS, plain, words
from storage.sources.totals import off_totals, told_off

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage.sources import Note, SourceError
    from storage.sources.cells import Cell
    from storage.sources.layout import Layout, Place
    from storage.sources.rows import Money
    from storage.sources.totals import Off

T = TypeVar("T")
Progress = Callable[[int], None]
Reduce = Callable[[pd.DataFrame], pd.DataFrame]
TOLD: Final = 20
"""Unreadable cells told one by one; the rest are counted."""


@dataclass
class Table:
    """All rows of a file: float64 for numbers, text as objects, dates as codes of `stamps`.

    A time column `x` is two: `x` (code of its date, -1 missing) and `x.clock` (seconds).
    """

    frame: pd.DataFrame
    stamps: Stamps
    notes: list[Note]
    rows: int = 0
    off: tuple[Off, ...] = ()
    """Columns whose rows do not add up to the file's own total row."""
    agreed: bool = False
    """Whether there is a total row, and the rows add up to it."""
    doubled: int = 0
    """Rows that stood in the file twice, word for word, and count once."""
    currency: str = ""
    """The sign by which headings or a column name the currency; empty where none or several do."""


@dataclass
class Reader:
    """Reads a file's rows in the currency of its shop; `own`: what its shop column says of it."""

    layout: Layout
    money: Money
    own: frozenset[str] | None = None
    stamps: Stamps = field(default_factory=Stamps)
    notes: list[Note] = field(default_factory=list)
    unreadable: int = 0
    totals: dict[str, tuple[int, float]] = field(default_factory=dict)
    sums: dict[str, float] = field(default_factory=dict)
    nameless: int = 0
    doubled: list[int] = field(default_factory=list)
    seen: set[tuple[Cell, ...]] = field(default_factory=set)
    named: set[str] = field(default_factory=set)

    def read(self, progress: Progress | None = None, reduce: Reduce | None = None) -> Table:
        """Return the rows; `reduce` makes each chunk's frame small before it is kept."""
        frames = []
        rows = 0
        for numbers, lines in self._data():
            frame = self._frame(numbers, lines)
            rows += len(frame)
            frames.append(reduce(frame) if reduce else frame)
            if progress:
                progress(rows)
        frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
        off = tuple(off_totals(self.layout, self.totals, self.sums, rows))
        self.notes.extend(told_off(self.layout.file, off))
        self._tell_rest()
        agreed = bool(self.totals) and not off
        self.named |= {one.sign for one in self.layout.places.values() if one.sign}
        currency = self.named.pop() if len(self.named) == 1 else ""
        return Table(frame, self.stamps, self.notes, rows, off, agreed, len(self.doubled), currency)

    def _key(self) -> Place:
        """Return the column without which a row says nothing."""
        export = self.layout.export
        some = (
            ("order",)
            if export.lines
            else (
                export.clock,
                export.units[-1].id,
                export.units[0].id,
            )
        )
        return next(self.layout.places[key] for key in some if key in self.layout.places)

    def _data(self) -> Iterator[tuple[list[int], list[Sequence[Cell]]]]:
        """Yield row numbers (from 1) and rows below the headings: no totals, no descriptions."""
        at, first = 0, True
        key = self._key().at
        for chunk in self.layout.sheet.chunks():
            numbers: list[int] = []
            lines: list[Sequence[Cell]] = []
            for row in chunk:
                at += 1
                if at <= self.layout.header + 1 or not any(row) or not self._mine(row):
                    continue
                if first:
                    first = False
                    if self._describes(row):
                        continue
                if missing(cell := row[key] if key < len(row) else None) or _total(cell):
                    self._set_aside(at, row)
                    continue
                if self._again(at, row):
                    continue
                numbers.append(at)
                lines.append(row)
            if lines:
                yield numbers, lines

    def _again(self, at: int, row: Sequence[Cell]) -> bool:
        """Say whether a row stands in the file already, word for word.

        Lines of orders are many, and may be alike within their order: see storage.sources.doubles.
        """
        if self.layout.export.lines:
            return False
        cells = tuple(row)
        if cells in self.seen:
            self.doubled.append(at)
            return True
        self.seen.add(cells)
        return False

    def _mine(self, row: Sequence[Cell]) -> bool:
        if self.own is None:
            return True
        at = self.layout.places["shop"].at
        return (words_of(row[at]) if at < len(row) else "") in self.own

    def _describes(self, row: Sequence[Cell]) -> bool:
        """Say whether a row explains the headings: figures expected, none of them readable."""
        told = [
            (place, row[place.at])
            for place in self.layout.places.values()
            if place.at < len(row) and not missing(row[place.at])
        ]
        figures = [(p, c) for p, c in told if p.column.read in NUMBERS or p.column.read == "time"]
        return bool(figures) and not any(self._readable(place, cell) for place, cell in figures)

    def _readable(self, place: Place, cell: Cell) -> bool:
        try:
            if place.column.read == "time":
                Stamps().code(cell)
            else:
                self._reading(place)(cell)
        except CurrencyError:
            return True
        except UnreadableError:
            return False
        return True

    def _set_aside(self, at: int, row: Sequence[Cell]) -> None:
        """Keep a total row as a checksum; count a row without id."""
        if not any(_total(cell) for cell in row[:2]):
            if not all(missing(cell) for cell in row):
                self.nameless += 1
            return
        for key, place in self.layout.places.items():
            if place.column.read in {"count", "money"} and place.at < len(row):
                try:
                    self.totals[key] = at, self._reading(place)(row[place.at])
                except ValueError:
                    continue

    def _frame(self, numbers: Sequence[int], lines: Sequence[Sequence[Cell]]) -> pd.DataFrame:
        columns: dict[str, Any] = {}
        for key, place in self.layout.places.items():
            at = place.at
            cells = [row[at] if at < len(row) else None for row in lines]
            if place.column.read == "time":
                pairs = self._each(place, cells, numbers, self._stamp, (-1, 0))
                columns[key] = np.array([pair[0] for pair in pairs], dtype=np.int32)
                columns[f"{key}.clock"] = np.array([pair[1] for pair in pairs], dtype=np.int32)
            elif place.column.read == "flag":
                columns[key] = np.array([not missing(cell) for cell in cells])
            elif place.column.read in NUMBERS:
                read = self._reading(place)
                columns[key] = np.array(self._each(place, cells, numbers, read, np.nan))
                self.sums[key] = self.sums.get(key, 0.0) + float(np.nansum(columns[key]))
            elif place.column.read == "currency":
                self._same_currency(place, cells, numbers)
            else:
                read_text = identifier if place.column.read == "id" else words_of
                texts = self._each(place, cells, numbers, read_text, "")
                columns[key] = pd.Series(texts, dtype=object)
        return pd.DataFrame(columns, index=range(len(lines)))

    def _reading(self, place: Place) -> Callable[[Cell], float]:
        match place.column.read:
            case "money" | "cost":
                return lambda cell: number(cell, self.money)
            case "ratio":
                return ratio
            case "seconds":
                return seconds
            case _:
                return number

    def _stamp(self, cell: Cell) -> tuple[int, int]:
        return (-1, 0) if missing(cell) else self.stamps.code(cell)

    def _each(
        self,
        place: Place,
        cells: Sequence[Cell],
        numbers: Sequence[int],
        read: Callable[[Cell], T],
        absent: T,
    ) -> list[T]:
        """Read every cell; one that cannot be read becomes missing and is told."""
        values: list[T] = []
        known: dict[str, T] = {}
        for row, cell in zip(numbers, cells, strict=True):
            if isinstance(cell, str) and cell in known:
                values.append(known[cell])
                continue
            try:
                values.append(read(cell))
                if isinstance(cell, str):
                    known[cell] = values[-1]
            except CurrencyError as error:
                raise self._other_currency(row, place, str(error)) from None
            except LostDigitsError as error:
                raise self._rounded(row, place, str(error)) from None
            except UnreadableError:
                values.append(absent)
                self._tell(row, place, cell)
        return values

    def _tell(self, row: int, place: Place, cell: Cell) -> None:
        self.unreadable += 1
        if self.unreadable > TOLD:
            return
        said = str(cell)[:40]
        self.notes.append(
            notes.warning(
                self.layout.file,
                f"Row {row}, column “{place.heading}”: “{said}” cannot be read; left as missing.",
                f"第 {row} 行「{place.heading}」列：「{said}」无法识别，按缺失处理。",
                row=row,
                column=place.heading,
            )
        )

    def _same_currency(self, place: Place, cells: Sequence[Cell], rows: Sequence[int]) -> None:
        for row, cell in zip(rows, cells, strict=True):
            if missing(cell):
                continue
            if plain(str(cell)) not in self.money.signs:
                raise self._other_currency(row, place, str(cell))
            self.named.add(plain(str(cell)))

    def _other_currency(self, row: int, place: Place, sign: str) -> SourceError:
        return notes.refusal(
            self.layout.file,
            f"Row {row}, column “{place.heading}” is in {sign}, but the shop sells in "
            f"{self.money.code}. Nothing was taken: export it in the shop's own currency, or name "
            "the shop that the file belongs to (--shop).",
            f"第 {row} 行「{place.heading}」列的币种是 {sign}，而店铺币种是 {self.money.code}。整份文件"
            "未导入：请按店铺币种重新导出，或用 --shop 指定文件属于哪家店。",
            row=row,
            column=place.heading,
        )

    def _rounded(self, row: int, place: Place, cell: str) -> SourceError:
        return notes.refusal(
            self.layout.file,
            f"Row {row}, column “{place.heading}”: {cell} is a long id that a spreadsheet has "
            "rounded. Nothing was taken: take the original export, or open it with this column as "
            "text before saving.",
            f"第 {row} 行「{place.heading}」列：{cell} 是被表格软件四舍五入的长编号。整份文件未导入："
            "请用原始导出文件，或在打开时把这一列设为文本再保存。",
            row=row,
            column=place.heading,
        )

    def _tell_rest(self) -> None:
        file = self.layout.file
        if self.doubled:
            count, first = len(self.doubled), self.doubled[0]
            self.notes.append(
                notes.warning(
                    file,
                    f"{count} rows stand in the file twice, word for word (row {first} is the first "
                    "such); each counts once.",
                    f"有 {count} 行与前面的行完全相同（最早是第 {first} 行），只计一次。",
                    row=first,
                )
            )
        if self.unreadable > TOLD:
            more = self.unreadable - TOLD
            self.notes.append(
                notes.warning(
                    file,
                    f"{more} more cells cannot be read; left as missing.",
                    f"另有 {more} 个单元格无法识别，按缺失处理。",
                )
            )
        if self.nameless:
            heading = self._key().heading
            self.notes.append(
                notes.info(
                    file,
                    f"{self.nameless} rows without “{heading}” were left out.",
                    f"{self.nameless} 行没有「{heading}」，已略过。",
                    column=heading,
                )
            )


def _total(cell: Cell) -> bool:
    return isinstance(cell, str) and bool(cell) and plain(cell) in words().totals
