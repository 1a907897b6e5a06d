"""What is remembered, as a file for people and programs: csv, xlsx, json or md."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Literal, assert_never

from openpyxl import Workbook

from storage.sources.cells import safe_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

Form = Literal["csv", "xlsx", "json", "md"]
Cell = str | int | float | bool | None
Rows = "Iterable[Mapping[str, Cell]]"


def write(
    rows: Iterable[Mapping[str, Cell]], columns: Sequence[str], path: Path, form: Form
) -> int:
    """Write rows to a file, through a temporary one beside it; return how many there were.

    Text that a spreadsheet would run as a formula is written as text; numbers stay numbers.
    """
    part = path.with_name(f".{path.name}.part")
    counted = _Counted(rows)
    try:
        match form:
            case "csv":
                _csv(counted, columns, part)
            case "xlsx":
                _xlsx(counted, columns, part)
            case "json":
                _json(counted, columns, part)
            case "md":
                _md(counted, columns, part)
            case _:
                assert_never(form)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return counted.number


class _Counted:
    """Rows that are counted while they pass."""

    def __init__(self, rows: Iterable[Mapping[str, Cell]]) -> None:
        self._rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[Mapping[str, Cell]]:
        for row in self._rows:
            self.number += 1
            yield row


def _safe(cell: Cell) -> Cell:
    return safe_cell(cell) if isinstance(cell, str) else cell


def _csv(rows: Iterable[Mapping[str, Cell]], columns: Sequence[str], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_safe(row.get(column)) for column in columns])


def _xlsx(rows: Iterable[Mapping[str, Cell]], columns: Sequence[str], path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("loudou")
    sheet.append(list(columns))
    for row in rows:
        sheet.append([_safe(row.get(column)) for column in columns])
    book.save(path)


def _json(rows: Iterable[Mapping[str, Cell]], columns: Sequence[str], path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for number, row in enumerate(rows):
            one = {column: row.get(column) for column in columns}
            file.write(",\n" if number else "\n")
            file.write(json.dumps(one, ensure_ascii=False))
        file.write("\n]\n")


def _md(rows: Iterable[Mapping[str, Cell]], columns: Sequence[str], path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("| " + " | ".join(columns) + " |\n")
        file.write("|" + "---|" * len(columns) + "\n")
        for row in rows:
            cells = ["" if (cell := row.get(column)) is None else str(cell) for column in columns]
            safe = [cell.replace("|", "\\|").replace("\n", " ") for cell in cells]
            file.write("| " + " | ".join(safe) + " |\n")
