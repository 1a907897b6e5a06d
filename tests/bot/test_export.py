"""Files for people and programs: safe for spreadsheets, numbers stay numbers."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import openpyxl
import pytest

from bot.export import Cell, Form, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ROWS: list[dict[str, Cell]] = [
    {"name": "=1+1", "value": -12.5, "text": "a|b\nc"},
    {"name": "plain", "value": None, "text": "＝SUM(A1)"},
]
COLUMNS = ("name", "value", "text")


@pytest.mark.parametrize("form", ["csv", "xlsx", "json", "md"])
def test_every_form_holds_every_row(form: Form, tmp_path: Path) -> None:
    path = tmp_path / f"out.{form}"
    assert write(ROWS, COLUMNS, path, form) == 2
    assert path.stat().st_size > 0
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_formula_is_written_as_text_and_a_number_as_a_number(tmp_path: Path) -> None:
    write(ROWS, COLUMNS, tmp_path / "out.xlsx", "xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert sheet is not None
    first, value = sheet.cell(2, 1), sheet.cell(2, 2)
    assert first.data_type == "s"
    assert str(first.value).startswith("'")
    assert value.value == -12.5
    write(ROWS, COLUMNS, tmp_path / "out.csv", "csv")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1][:2] == ["'=1+1", "-12.5"]
    assert rows[2] == ["plain", "", "'＝SUM(A1)"]


def test_json_is_whole_and_md_keeps_its_columns(tmp_path: Path) -> None:
    write(ROWS, COLUMNS, tmp_path / "out.json", "json")
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8")) == ROWS
    write(ROWS, COLUMNS, tmp_path / "out.md", "md")
    lines = (tmp_path / "out.md").read_text(encoding="utf-8").splitlines()
    assert lines[2] == "| =1+1 | -12.5 | a\\|b c |"


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")

    def rows() -> Iterator[Mapping[str, Cell]]:
        yield ROWS[0]
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        write(rows(), COLUMNS, path, "csv")
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["out.csv"]
