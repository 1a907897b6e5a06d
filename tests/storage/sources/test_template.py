"""The plain template goes out and comes back in."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING

import openpyxl
import pytest

from storage.sources.rows import measures
from storage.sources.template import headings, template
from tests.storage.sources.desk import UK, facts, refused, take, write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from diagnostics.book.rows import Lang

DAY = date(2026, 3, 12)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_filled_template_comes_back_whole(tmp_path: Path, lang: Lang, form: str) -> None:
    blank = template("all", lang, form=form)
    path = tmp_path / f"t.{form}"
    values = [float(at) for at in range(len(measures()))]
    if form == "csv":
        line = ",".join(["2026-03-12", "uk-beauty", "", *map(str, values)])
        path.write_bytes(blank + f"{line}\r\n".encode())
    else:
        book = openpyxl.load_workbook(io.BytesIO(blank))
        book.worksheets[0].append([DAY, "uk-beauty", None, *values])
        book.save(path)
        book.close()
    (batch,) = take(path)
    assert batch.feed == "template"
    assert facts(batch) == {("uk-beauty", DAY, 1): dict(zip(measures(), values, strict=True))}


def test_units_shops_and_blanks_of_a_hand_written_sheet(tmp_path: Path) -> None:
    rows = [
        ["日期", "店铺", "单元", "广告消耗", "cost_goods", "备注"],
        ["2026/3/12", "UK Beauty", "live-0312", "£5", "-", "x"],
        ["2026/3/12", "Rumah", "", "", "1.500", ""],
        ["2026/3/12", "uk-beauty", "uk-beauty/creator-Mia", "1", "", ""],
        ["2026/3/12", "uk-beauty", "the red one", "1", "", ""],
    ]
    uk, home = take(write_csv(tmp_path / "t.csv", rows))
    assert facts(uk) == {
        ("uk-beauty/live-0312", DAY, 1): {"ad_cost": 5},
        ("uk-beauty/creator-mia", DAY, 1): {"ad_cost": 1},
    }
    assert facts(home) == {("id-home", DAY, 1): {"cost_goods": 1500}}
    assert any("the red one" in note.text_en for note in uk.notes)


def test_a_shop_that_is_not_set_up(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", [["date", "shop", "gmv"], ["2026-03-12", "Mars", "1"]])
    assert "Mars" in refused(path, UK).text_en


def test_only_some_measures() -> None:
    assert headings("en", ("gmv", "orders")) == ("date", "shop", "unit", "GMV", "paid orders")
    assert (
        template("gmv,orders", "zh", form="csv")
        .decode("utf-8-sig")
        .startswith("日期,店铺,单元,GMV")
    )
    with pytest.raises(KeyError):
        template("nonsense", "en")


def test_no_two_measures_share_a_heading() -> None:
    for lang in ("zh", "en"):
        names = [row[lang] for row in measures().values()]
        assert len(set(names)) == len(names)
