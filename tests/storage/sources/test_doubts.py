"""What a file leaves doubtful: totals, doubles, a day broken off, days to come, two files of a day."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from storage.sources.sheet import SheetSource
from tests.storage.sources.desk import BR, NOW, SHOPS, UK, US, facts, take, write_csv, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from storage.sources import Batch

DAY = date(2026, 11, 20)
ADS: list[object] = ["Date", "Cost", "Gross revenue", "SKU orders"]
HOURS: list[object] = ["Hour", "Cost", "Gross revenue", "SKU orders"]
ORDERS: list[object] = [
    "Order ID",
    "Order Status",
    "Product ID",
    "Quantity",
    "SKU Subtotal After Discount",
    "Created Time",
]


def told(batch: Batch) -> list[tuple[str, str, bool]]:
    return [(one.kind, one.measure, one.blocks) for one in batch.doubts]


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        (300.0, []),
        (301.4, []),
        (304.0, [("total_off", "ad_cost", False)]),
        (320.0, [("total_off", "ad_cost", True)]),
        (0.0, [("total_off", "ad_cost", True)]),
    ],
)
def test_rows_are_held_against_the_total_row(
    tmp_path: Path, total: float, expected: list[tuple[str, str, bool]]
) -> None:
    days = [[f"2026-11-{at:02d}", 100.0, 300.0, 5] for at in (18, 19, 20)]
    (batch,) = take(write_csv(tmp_path / "ads.csv", [ADS, *days, ["Total", total, 900.0, 15]]), UK)
    assert told(batch) == expected
    for one in batch.doubts:
        assert (one.value, one.other, one.file, one.column) == (300.0, total, "ads.csv", "Cost")
        assert (one.since, one.day) == (date(2026, 11, 18), DAY)
    assert len(batch.facts) == 3


def test_people_and_hand_written_totals_are_not_added_up(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["date", "unit", "gmv"],
        ["2026-11-20", "", 90],
        ["2026-11-20", "product-1", 90],
        ["合计", "", 90],
    ]
    (batch,) = take(write_csv(tmp_path / "hand.csv", rows), UK)
    assert told(batch) == []


def test_rows_that_come_twice_count_once(tmp_path: Path) -> None:
    row = ["2026-11-20", 100.0, 300.0, 5]
    (batch,) = take(write_csv(tmp_path / "ads.csv", [ADS, row, row]), UK)
    assert facts(batch)["uk-beauty", DAY, 1]["ad_cost"] == 100.0
    assert told(batch) == [("doubled", "", False)]
    assert batch.doubts[0].value == 1.0
    assert "row 3" in batch.notes[0].text_en


def test_campaigns_of_a_day_still_add_up(tmp_path: Path) -> None:
    rows = [ADS, ["2026-11-20", 100.0, 300.0, 5], ["2026-11-20", 50.0, 100.0, 2]]
    (batch,) = take(write_csv(tmp_path / "ads.csv", rows), UK)
    assert facts(batch)["uk-beauty", DAY, 1]["ad_cost"] == 150.0
    assert told(batch) == []


def test_the_last_of_two_rows_of_one_unit_stands(tmp_path: Path) -> None:
    head: list[object] = ["date", "unit", "gmv", "orders"]
    rows: list[list[object]] = [
        head,
        ["2026-11-20", "", 90, 3],
        ["2026-11-20", "", 80, ""],
        ["2026-11-19", "", 70, 2],
    ]
    (batch,) = take(write_csv(tmp_path / "hand.csv", rows), UK)
    assert facts(batch)["uk-beauty", DAY, 1] == {"gmv": 80.0, "orders": 3.0}
    assert "the last one counts" in batch.notes[0].text_en


def order(
    number: int, status: str = "Completed", day: str = "20/11/2026", at: str = "10:00:00"
) -> list[object]:
    return [f"58{number:016d}\t", status, "17\t", 1, 10.0, f"{day} {at}\t"]


def test_two_exports_put_together_count_each_order_once_as_it_stands_last(tmp_path: Path) -> None:
    first = [order(1), order(2), order(2), order(3)]
    again = [order(2, "Canceled"), order(2, "Canceled"), order(4)]
    (batch,) = take(write_csv(tmp_path / "orders.csv", [ORDERS, *first, *again]), UK)
    found = facts(batch)["uk-beauty", DAY, 1]
    assert (found["orders"], found["gmv"], found["cancellations"]) == (3.0, 30.0, 1.0)
    assert told(batch) == [("doubled", "", False)]
    assert batch.doubts[0].value == 1.0


def test_lines_of_one_order_are_no_doubles(tmp_path: Path) -> None:
    (batch,) = take(write_csv(tmp_path / "orders.csv", [ORDERS, order(1), order(1), order(2)]), UK)
    assert facts(batch)["uk-beauty", DAY, 1]["gmv"] == 30.0
    assert told(batch) == []


def _days(last: str) -> list[list[object]]:
    """Return orders at every hour of nine days, the last one only up to an hour."""
    rows: list[list[object]] = [ORDERS]
    for day in range(12, 21):
        for hour in range(24 if day < 20 else int(last)):
            rows += [
                order(day * 1000 + hour * 10 + more, day=f"{day}/11/2026", at=f"{hour:02d}:30:00")
                for more in range(3)
            ]
    return rows


@pytest.mark.parametrize(("last", "expected"), [("24", []), ("20", []), ("14", [14.0])])
def test_a_day_that_breaks_off_is_told(tmp_path: Path, last: str, expected: list[float]) -> None:
    (batch,) = take(write_csv(tmp_path / "orders.csv", _days(last)), UK)
    assert [one.value for one in batch.doubts] == expected
    assert all((one.kind, one.day, one.blocks) == ("partial", DAY, True) for one in batch.doubts)


@pytest.mark.parametrize(
    ("hours", "total", "expected"),
    [(24, False, []), (9, False, [("partial", "", True)]), (9, True, [])],
)
def test_an_hourly_export_ends_with_the_day_or_with_its_total(
    tmp_path: Path, hours: int, total: bool, expected: list[tuple[str, str, bool]]
) -> None:
    rows = [HOURS, *([f"2026-11-20 {at:02d}:00", 2.0, 6.0, 1] for at in range(hours))]
    rows += [["-", 2.0 * hours, 6.0 * hours, hours]] if total else []
    (batch,) = take(write_xlsx(tmp_path / "hours.xlsx", rows), BR)
    assert told(batch) == expected


def test_days_to_come_are_left_out_and_told(tmp_path: Path) -> None:
    rows = [ADS, ["2026-11-20", 100.0, 300.0, 5], ["2026-12-01", 100.0, 300.0, 5]]
    (batch,) = take(write_csv(tmp_path / "ads.csv", rows), UK)
    assert [key[1] for key in facts(batch)] == [DAY]
    assert told(batch) == [("future", "", False)]
    assert "swapped" in batch.notes[0].text_en


def test_what_a_measure_was_read_from_is_known(tmp_path: Path) -> None:
    title = ["[Date Range]: 2026-11-20 ~ 2026-11-20"]
    head = ["Video ID", "VV", "Shoppable video attributed GMV ($)"]
    path = write_xlsx(tmp_path / "video.xlsx", [title, [], head, ["7000000000000000101", 9, 5.0]])
    (batch,) = take(path, US)
    assert batch.columns == {"views": "views", "gmv": "gmv_attributed", "currency": "$"}
    paid = [*ORDERS, "Paid Time"]
    (orders,) = take(
        write_csv(tmp_path / "o.csv", [paid, [*order(1), "20/11/2026 10:00:00\t"]]), UK
    )
    (bare,) = take(write_csv(tmp_path / "p.csv", [ORDERS, order(1)]), UK)
    assert (orders.columns["orders"], bare.columns["orders"]) == ("paid_at", "status")


def ads(folder: Path, name: str, saved: datetime, rows: Sequence[Sequence[object]]) -> None:
    path = write_csv(folder / name, [ADS, *rows])
    os.utime(path, (saved.timestamp(), saved.timestamp()))


NIGHT, MORNING = datetime(2026, 11, 20, 15, tzinfo=UTC), datetime(2026, 11, 21, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("saved", "cost", "expected"),
    [
        (datetime(2026, 11, 21, 5, tzinfo=UTC), 80.0, [(100.0, 80.0)]),
        (datetime(2026, 11, 21, 5, tzinfo=UTC), 99.0, []),
        (NIGHT, 80.0, []),
    ],
)
def test_of_two_files_of_a_day_the_one_saved_later_stands(
    tmp_path: Path, saved: datetime, cost: float, expected: list[tuple[float, float]]
) -> None:
    ads(
        tmp_path,
        "a.csv",
        MORNING,
        [["2026-11-20", 100.0, 300.0, 5], ["2026-11-19", 90.0, 200.0, 4]],
    )
    ads(tmp_path, "b.csv", saved, [["2026-11-20", cost, 300.0, 5], ["2026-11-18", 70.0, 100.0, 3]])
    batches = list(SheetSource("ads", tmp_path, SHOPS, UK).read(None, NOW))
    every = [(key[1].day, one["ad_cost"]) for batch in batches for key, one in facts(batch).items()]
    assert sorted(every) == [(18, 70.0), (19, 90.0), (20, 100.0)]
    found = [one for batch in batches for one in batch.doubts]
    assert [(one.value, one.other) for one in found] == expected
    assert all((one.kind, one.file, one.day) == ("doubled", "a.csv", DAY) for one in found)
    (day,) = [b for b in SheetSource("ads", tmp_path, SHOPS, UK).read(DAY, NOW) if len(b.facts)]
    assert len(day.doubts) == len(expected)


def test_what_only_the_older_file_tells_is_kept(tmp_path: Path) -> None:
    hand = write_csv(
        tmp_path / "a.csv", [["date", "unit", "gmv", "orders"], ["2026-11-20", "", 90, 3]]
    )
    os.utime(hand, (NIGHT.timestamp(), NIGHT.timestamp()))
    write_csv(tmp_path / "b.csv", [["date", "unit", "gmv"], ["2026-11-20", "", 95]])
    batches = [b for b in SheetSource("hand", tmp_path, SHOPS, UK).read(None, NOW) if len(b.facts)]
    assert sorted(map(str, (facts(one)["uk-beauty", DAY, 1] for one in batches))) == [
        "{'gmv': 95.0}",
        "{'orders': 3.0}",
    ]
