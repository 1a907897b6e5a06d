"""A table of figures to try rules on: two shapes, two languages, and every fault named."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from storage.sources import SourceError
from storage.sources.series import read_series

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 3, 1)


def write(folder: Path, text: str, name: str = "figures.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_values_of_units_by_day_with_gaps_left_empty(tmp_path: Path) -> None:
    path = write(tmp_path, "unit,day,value\na,2026-01-01,3\nb,2026-01-03,0\na,2026-01-03,-\n")
    series = read_series(path, TODAY)
    assert series.units == ("a", "b")
    assert series.over is None
    assert len(series.days) == 3
    np.testing.assert_equal(series.of, [[3, np.nan, np.nan], [np.nan, np.nan, 0]])


def test_a_rate_has_its_counts_and_may_be_chinese(tmp_path: Path) -> None:
    series = read_series(write(tmp_path, "单元,日期,分子,分母\n甲,2026/1/2,3,100\n"), TODAY)
    assert series.over is not None
    assert (series.of[0, 0], series.over[0, 0]) == (3, 100)


def test_without_units_the_file_is_the_unit(tmp_path: Path) -> None:
    series = read_series(write(tmp_path, "date,value\n2026-01-02,1.5\n", "shop-a.csv"), TODAY)
    assert series.units == ("shop-a",)
    assert series.of[0, 0] == 1.5


@pytest.mark.parametrize(
    ("text", "row", "column", "words"),
    [
        ("unit,when,value\na,1,2\n", None, "", "column day is missing"),
        ("unit,day,of\na,2026-01-01,2\n", None, "", "over is missing"),
        ("unit,day,value\na,2026-01-01,x\n", 2, "value", "no number"),
        ("unit,day,value\n\na,soon,2\n", 3, "day", "no date"),
        ("unit,day,value\na,2026-02-30,2\n", 2, "day", "no date that exists"),
        ("unit,day,value\n,2026-01-01,2\n", 2, "unit", "empty"),
        ("unit,day,of,over\na,2026-01-01,2,-5\n", 2, "over", "below zero"),
        ("unit,day,value\na,2026-01-01,2\na,2026-01-01,3\n", 3, "day", "a second time"),
        ("unit,day,value\n", None, "", "no figures"),
    ],
)
def test_a_fault_names_file_row_and_column(
    tmp_path: Path, text: str, row: int | None, column: str, words: str
) -> None:
    with pytest.raises(SourceError) as caught:
        read_series(write(tmp_path, text), TODAY)
    note = caught.value.notes[0]
    assert (note.row, note.column) == (row, column)
    assert words in note.text_en
    assert "figures.csv" in note.text_en
    assert "figures.csv" in note.text_zh


def test_the_same_row_twice_is_one(tmp_path: Path) -> None:
    text = "unit,day,value\na,2026-01-01,2\na,2026-01-01,2\n"
    assert read_series(write(tmp_path, text), TODAY).of.tolist() == [[2.0]]
