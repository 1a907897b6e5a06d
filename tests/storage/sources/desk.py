"""A desk to try files on: three shops, a morning, and short ways to write and read a file."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from math import isnan
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from storage.sources import Shop, SourceError, Upload
from storage.sources.sheet import read_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from storage.sources import Batch, Note

UK = Shop("uk-beauty", "UK Beauty", "GB", "Europe/London", "GBP", names=("glow.uk",))
ID = Shop("id-home", "Rumah", "ID", "Asia/Jakarta", "IDR")
US = Shop("us-apparel", "US Apparel", "US", "America/Los_Angeles", "USD")
BR = Shop("br-home", "Casa", "BR", "America/Sao_Paulo", "BRL")
SHOPS = (UK, ID, US, BR)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def write_csv(
    path: Path, rows: Sequence[Sequence[object]], encoding: str = "utf-8", delimiter: str = ","
) -> Path:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write(at, column, cell)
    return path


def take(
    path: Path,
    shop: Shop | None = None,
    *,
    day: date | None = None,
    choices: Mapping[str, str] | None = None,
    now: datetime = NOW,
) -> list[Batch]:
    return list(read_file(Upload(path, shop), SHOPS, now, day=day, choices=choices))


def facts(batch: Batch) -> dict[tuple[str, date, int], dict[str, float]]:
    """Return (unit, day, span) -> the measures that are there."""
    keys = ("unit", "day", "span", "state")
    return {
        (row["unit"], row["day"].date(), row["span"]): {
            str(key): value for key, value in row.items() if key not in keys and not isnan(value)
        }
        for row in batch.facts.to_dict("records")
    }


def refused(path: Path, shop: Shop | None = None, *, day: date | None = None) -> Note:
    with pytest.raises(SourceError) as caught:
        take(path, shop, day=day)
    note = caught.value.notes[0]
    assert note.text_en
    assert any(sign > "\u3000" for sign in note.text_zh)
    return note
