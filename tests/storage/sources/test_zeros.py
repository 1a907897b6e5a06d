"""Zeros that platforms write before the figures are out: never taken for figures; true zeros stay."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.storage.sources.desk import UK, facts, take, write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from storage.sources import Batch

MORNING = datetime(2026, 3, 13, 9, tzinfo=UTC)
LAST = date(2026, 3, 12)


def ads(tmp_path: Path, costs: list[float], now: datetime = MORNING) -> Batch:
    """Take in the ads of the days up to 12 March."""
    first = LAST - timedelta(len(costs) - 1)
    rows: list[list[object]] = [["By Day", "Cost", "Gross revenue (Current shop)", "SKU orders"]]
    rows += [
        [f"{first + timedelta(at):%Y-%m-%d}", cost, 3 * cost, cost // 10]
        for at, cost in enumerate(costs)
    ]
    (batch,) = take(write_csv(tmp_path / "gmv_max.csv", rows), UK, now=now)
    return batch


def costs(batch: Batch) -> list[float]:
    return [float(one) for one in batch.facts["ad_cost"]]


def warned(batch: Batch) -> list[str]:
    return [note.text_en for note in batch.notes if note.level == "warning"]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_last_days_of_zeros_are_not_out_yet(tmp_path: Path, count: int) -> None:
    batch = ads(tmp_path, [50.0] * 6 + [0.0] * count)
    assert costs(batch) == [50.0] * 6
    (said,) = warned(batch)
    assert "2026-03-12" in said


def test_zeros_that_are_still_there_days_later_are_zeros(tmp_path: Path) -> None:
    assert costs(ads(tmp_path, [50.0] * 6 + [0.0] * 4)) == [50.0] * 6 + [0.0] * 4
    later = MORNING + timedelta(3)
    assert costs(ads(tmp_path, [50.0] * 6 + [0.0], later)) == [50.0] * 6 + [0.0]


def test_a_new_or_closed_unit_keeps_its_zeros(tmp_path: Path) -> None:
    assert costs(ads(tmp_path, [0.0] * 5)) == [0.0] * 5
    assert costs(ads(tmp_path, [50.0, 50.0, 0.0])) == [50.0, 50.0, 0.0]


def test_a_zero_in_between_is_a_zero(tmp_path: Path) -> None:
    assert costs(ads(tmp_path, [50.0, 50.0, 0.0, 50.0, 0.0, 50.0]))[-2:] == [0.0, 50.0]


def test_zeros_written_by_hand_are_meant(tmp_path: Path) -> None:
    rows: list[list[object]] = [["date", "cost_goods"]]
    rows += [[f"2026-03-{day:02d}", 0 if day == 12 else 70] for day in range(5, 13)]
    (batch,) = take(write_csv(tmp_path / "costs.csv", rows), UK, now=MORNING)
    assert batch.facts["cost_goods"].iloc[-1] == 0.0
    assert warned(batch) == []


def products(tmp_path: Path, *rows: tuple[str, object, object]) -> Batch:
    head = ["Product ID", "GMV", "Orders", "Product impressions"]
    lines = [[f"17294{name}", gmv, orders, 900] for name, gmv, orders in rows]
    path = write_csv(tmp_path / "product_list_20260312.csv", [head, *lines])
    (batch,) = take(path, UK, now=MORNING)
    return batch


def test_money_that_is_not_filled_in_is_missing(tmp_path: Path) -> None:
    batch = products(tmp_path, ("01", 0, 12), ("02", "£0.00", 4))
    assert all("gmv" not in one for one in facts(batch).values())
    (said,) = warned(batch)
    assert "GMV" in said
    assert "16" in said


def test_orders_that_are_not_filled_in_are_missing(tmp_path: Path) -> None:
    batch = products(tmp_path, ("01", 120, 0), ("02", 80, 0))
    assert {one.get("gmv") for one in facts(batch).values()} == {120.0, 80.0}
    assert all("orders" not in one for one in facts(batch).values())


def test_gifts_and_products_without_a_sale_keep_their_zeros(tmp_path: Path) -> None:
    batch = products(tmp_path, ("01", 0, 5), ("02", 80, 4), ("03", 0, 0))
    assert [one["gmv"] for one in facts(batch).values()] == [0.0, 80.0, 0.0]
    quiet = products(tmp_path, ("01", 0, 2), ("02", 0, 0))
    assert [one["gmv"] for one in facts(quiet).values()] == [0.0, 0.0]
    assert warned(quiet) == []


@pytest.mark.parametrize(
    ("heading", "extra", "named"),
    [
        ("Cost (£)", (), "£"),
        ("Cost", ("GBP",), "gbp"),
        ("Cost", (), None),
        ("Cost (£)", ("",), "£"),
    ],
)
def test_a_batch_knows_how_its_file_names_the_currency(
    tmp_path: Path, heading: str, extra: tuple[str, ...], named: str | None
) -> None:
    head: list[object] = [
        "By Day",
        heading,
        "Gross revenue (Current shop)",
        *["Currency"][: len(extra)],
    ]
    path = write_csv(tmp_path / "gmv_max.csv", [head, ["2026-03-12", 5, 9, *extra]])
    (batch,) = take(path, UK, now=MORNING)
    assert batch.columns.get("currency") == named
