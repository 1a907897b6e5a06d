"""Files that must not be taken, and what is said of each."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from storage.sources import xlsx
from tests.storage.sources.desk import UK, facts, refused, take, write_csv, write_xlsx

if TYPE_CHECKING:
    from pathlib import Path

VIDEO = ["Video ID", "VV", "Likes", "Gross merchandise value (Video) (£)"]


def test_a_long_id_that_a_spreadsheet_rounded(tmp_path: Path) -> None:
    for cell in ("1.73E+18", 1.73e18):
        path = write_xlsx(tmp_path / "v_20260312.xlsx", [VIDEO, [cell, 1, 1, 1]])
        note = refused(path, UK)
        assert (note.row, note.column) == (2, "Video ID")
        assert "as text" in note.text_en


def test_another_currency_in_heading_column_or_cell(tmp_path: Path) -> None:
    dollars = [*VIDEO[:3], "Gross merchandise value (Video) ($)"]
    assert (
        "GBP"
        in refused(
            write_csv(tmp_path / "v_20260312.csv", [dollars, ["1", "1", "1", "1"]]), UK
        ).text_en
    )
    note = refused(write_csv(tmp_path / "v_20260312.csv", [VIDEO, ["1", "1", "1", "$1"]]), UK)
    assert (note.row, note.column) == (2, VIDEO[3])
    daily = [["按天", "成本", "总收入（当前店铺）", "币种"], ["2026-03-12", "1", "2", "USD"]]
    assert refused(write_csv(tmp_path / "d.csv", daily), UK).column == "币种"


def test_an_unknown_file_lists_what_is_known(tmp_path: Path) -> None:
    note = refused(write_csv(tmp_path / "x.csv", [["Name", "Salary"], ["a", "1"]]))
    assert "Video details" in note.text_en
    assert "视频明细" in note.text_zh


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "web page"),
        (b"", "empty"),
        (b"PK\x03\x04broken", "no sound .xlsx"),
    ],
)
def test_what_only_looks_like_a_table(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "export.xls"
    path.write_bytes(content)
    assert word in refused(path).text_en


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be opened" in refused(tmp_path / "none.csv").text_en


def _archive(path: Path, sheet: bytes, *, more: int = 0) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for number in range(more):
            archive.writestr(f"xl/media/{number}.xml", b"<x/>")
    return path


@pytest.mark.parametrize(
    ("sheet", "word"),
    [
        (b"<sheetData>" + b" " * 30_000_000, "bomb"),
        (b'<sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData>', "wider"),
        (b'<sheetData><row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>', "longer"),
        (b'<sheetData><row r="9999999999"/></sheetData>', "no sound"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><sheetData/>', "no sound"),
        ("<sheetData/>".encode("utf-16"), "no sound"),
    ],
)
def test_bombs_are_refused_before_they_open(tmp_path: Path, sheet: bytes, word: str) -> None:
    assert word in refused(_archive(tmp_path / "b.xlsx", sheet)).text_en


def test_bounds_of_a_workbook(tmp_path: Path) -> None:
    assert "parts" in refused(_archive(tmp_path / "b.xlsx", b"<x/>", more=xlsx.ENTRIES)).text_en
    big = tmp_path / "big.xlsx"
    big.write_bytes(b"PK\x03\x04" + b"\0" * (xlsx.FILE_BYTES + 1))
    assert "20 MB" in refused(big).text_en


def test_a_size_that_lies_about_itself(tmp_path: Path) -> None:
    path = _archive(tmp_path / "b.xlsx", b"<sheetData>" + b"0" * 3_000_000)
    data = path.read_bytes()
    path.write_bytes(data.replace((3_000_011).to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    refused(path)


def test_too_many_columns_of_text(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "w.csv", [["x"] * 500])
    assert "wider" in refused(path).text_en


def test_one_bad_row_does_not_cost_the_file(tmp_path: Path) -> None:
    rows = [VIDEO, ["77", "1", "1", "1"], ["", "5", "5", "5"], ["78"], []]
    (batch,) = take(write_csv(tmp_path / "v_20260312.csv", rows), UK)
    assert sorted(unit for unit, _, _ in facts(batch)) == [
        "uk-beauty/video-77",
        "uk-beauty/video-78",
    ]
    assert any("1 rows without “Video ID”" in note.text_en for note in batch.notes)
