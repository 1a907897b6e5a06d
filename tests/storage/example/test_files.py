"""The example's files are what a seller's would be: same every time, in layout, adding up."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
import pytest

from storage.example import LAST_DAY, SHOPS, incidents, people, units, write
from storage.example.days import FIRST, STEPS, all_days, course
from storage.example.order_files import STATUS
from storage.example.sales import sales
from storage.example.sheets import headings, xlsx_file
from storage.example.shops import PLANS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from storage.example.sheets import Cell


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("example")
    write(path)
    return path


def table(path: Path, encoding: str = "utf-8-sig") -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file))


def orders(folder: Path, shop: str) -> list[Mapping[str, str]]:
    head, _description, *rows = table(next((folder / shop).glob("orders_*.csv")))
    return [dict(zip(head, (cell.strip() for cell in row), strict=True)) for row in rows]


def test_the_same_files_every_time(folder: Path, tmp_path: Path) -> None:
    again = write(tmp_path)
    first = sorted(path.relative_to(folder) for path in folder.rglob("*.*"))
    assert first == sorted(path.relative_to(tmp_path) for path in again)
    assert all((folder / name).read_bytes() == (tmp_path / name).read_bytes() for name in first)


@pytest.mark.parametrize("number", range(3))
def test_every_step_lies_within_the_one_before(number: int) -> None:
    drawn = course(PLANS[number], np.random.default_rng(number))
    for earlier, later in pairwise(STEPS):
        assert (drawn.total(earlier) >= drawn.total(later)).all()
    assert (drawn.total("orders") > 30).all()


@pytest.mark.parametrize("number", range(3))
def test_orders_are_the_counts_they_were_drawn_from(number: int) -> None:
    chance = np.random.default_rng(number)
    drawn = course(PLANS[number], chance)
    sold = sales(drawn, chance)
    assert (sold.per_day(len(drawn.days)) == drawn.total("orders")).all()
    assert (sold.paid > 0).all()
    asked = sold.refund_day >= 0
    age = (sold.refund_day - sold.day)[asked]
    assert age.min() >= 2
    assert age.max() <= 9
    assert asked.mean() == pytest.approx(PLANS[number].refunds, rel=0.35)


def test_paid_orders_stand_in_the_country_s_own_dates_and_words(folder: Path) -> None:
    uk, us, indonesia = (orders(folder, key) for key in ("uk-beauty", "us-apparel", "id-home"))
    assert uk[0]["Paid Time"].startswith("13/12/2025")
    assert us[0]["Paid Time"].startswith("12/13/2025")
    assert us[0]["Paid Time"][-2:] in {"AM", "PM"}
    assert {row["Order Status"] for row in indonesia} == set(STATUS["id"])
    assert {row["Order Status"] for row in uk} == set(STATUS["en"])
    assert len({row["Order ID"] for row in uk + us + indonesia}) == len(uk + us + indonesia)
    assert all(len(row["SKU ID"]) == 19 for row in uk)


def test_an_unpaid_order_has_no_time_of_payment(folder: Path) -> None:
    cancelled = [row for row in orders(folder, "uk-beauty") if row["Order Status"] == "Canceled"]
    assert cancelled
    assert {row["Paid Time"] for row in cancelled} == {""}
    assert all(row["Cancelled Time"] for row in cancelled)


def test_the_last_session_is_the_interesting_one(folder: Path) -> None:
    title, blank, head, *rows = table(
        next((folder / "uk-beauty").glob("creator_live_performance_*.csv"))
    )
    assert (title, blank, tuple(head)) == (["2025-12-13 ~ 2026-03-12"], [], headings("studio_live"))
    last = dict(zip(head, rows[-1], strict=True))
    assert (last["Start Time"], last["End Time"]) == ("2026-03-12 20:00", "2026-03-12 22:40")
    assert last["Duration"] == "2h40m"
    before = [dict(zip(head, row, strict=True)) for row in rows[:-1]]
    usual = np.median([int(row["Attributed orders"]) for row in before])
    assert int(last["Attributed orders"]) < 0.7 * usual
    assert int(last["Product clicks"].replace(",", "")) > 0.8 * np.median(
        [int(row["Product clicks"].replace(",", "")) for row in before]
    )


def test_products_add_up_to_the_orders(folder: Path) -> None:
    path = folder / "us-apparel" / "product_list_20260310.xlsx"
    sheet = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))  # type: ignore[union-attr]  # a workbook that is read has a sheet
    assert sheet[0][0] == "Date range: 10/03/2026 ~ 10/03/2026"
    assert sheet[3][:4] == ("Product Name", "Product ID", "GMV range", "GMV")
    listed = {str(row[0]): float(str(row[3])[1:].replace(",", "")) for row in sheet[4:]}
    sold: Counter[str] = Counter()
    for row in orders(folder, "us-apparel"):
        if row["Paid Time"].startswith("03/10/2026"):
            sold[row["Product Name"]] += round(100 * float(row["SKU Subtotal After Discount"]))
    assert {name: round(100 * money) for name, money in listed.items() if money} == dict(sold)


def test_a_chinese_desktop_saved_the_uk_advertising_report(folder: Path) -> None:
    path = next((folder / "uk-beauty").glob("gmv_max_daily_*.csv"))
    rows = table(path, "gbk")
    assert rows[0][0] == "按天"
    assert [row[0] for row in rows[1:]] == [f"{FIRST + timedelta(at):%Y-%m-%d}" for at in range(90)]
    with pytest.raises(UnicodeDecodeError):
        path.read_text(encoding="utf-8")


def test_an_earlier_last_day_knows_nothing_of_later_ones(tmp_path: Path) -> None:
    last = date(2026, 2, 20)
    write(tmp_path, last_day=last, days=14)
    rows = orders(tmp_path, "us-apparel")
    days = {
        date(int(cell[6:10]), int(cell[:2]), int(cell[3:5]))
        for row in rows
        for cell in (row["Created Time"], row["Delivered Time"], row["Shipped Time"])
        if cell
    }
    assert (min(days), max(days)) == (date(2026, 2, 7), last)
    asked = table(next((tmp_path / "us-apparel").glob("returns_*.csv")))[1:]
    assert asked
    assert max(row[8][6:10] + row[8][:5] for row in asked) <= "202602/20"
    names = sorted(path.name for path in (tmp_path / "us-apparel").glob("product_list_*"))
    assert names[0] == "product_list_20260207.xlsx"
    assert names[-1] == "product_list_20260220.xlsx"


def test_a_day_outside_the_story_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2025-12-13 to 2026-03-12, not 2026-03-13"):
        write(tmp_path, last_day=date(2026, 3, 13))
    assert date(2026, 3, 12) == LAST_DAY == all_days()[-1]


def test_each_scene_is_planted_once_and_apart() -> None:
    planted = [row for row in incidents() if row.kind == "incident"]
    assert sorted({row.scene for row in planted}) == [f"S{number}" for number in range(1, 10)]
    assert all(row.zh and row.en for row in incidents())
    for one in planted:
        assert FIRST + timedelta(35) < one.first <= one.last <= LAST_DAY
        for other in planted:
            if one.scene != other.scene and one.shop == other.shop:
                assert one.last < other.first or other.last < one.first


def test_every_shop_and_role_has_someone() -> None:
    assert [unit.key for unit in units()] == [shop.key for shop in SHOPS]
    assert {unit.level for unit in units()} == {"store"}
    named = {shop for person in people() for shop in person.shops}
    assert named == {shop.key for shop in SHOPS}
    assert len({person.key for person in people()}) == len(people())


def test_a_workbook_reads_back_as_it_was_written(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [["名称 & <b>", 3, 1.5], [None, "x", ""]]
    book = openpyxl.load_workbook(xlsx_file(tmp_path / "a.xlsx", rows))
    assert list(book["Sheet1"].iter_rows(values_only=True)) == [
        ("名称 & <b>", 3, 1.5),
        (None, "x", None),
    ]
