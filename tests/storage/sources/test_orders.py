"""Order lines become days: paid, cancelled, refunded, delivered, per shop, product and creator."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from storage.sources.orders import reason_class
from tests.storage.sources.desk import ID, NOW, UK, US, facts, take, write_csv

if TYPE_CHECKING:
    from pathlib import Path

HEAD = [
    "Order ID",
    "Order Status",
    "Cancelation/Return Type",
    "Normal or Pre-order",
    "Product ID",
    "Quantity",
    "SKU Subtotal After Discount",
    "Order Refund Amount",
    "Created Time",
    "Paid Time",
    "Delivered Time",
    "Cancelled Time",
    "Payment Method",
    "Buyer Username",
    "Recipient",
    "Creator Handle",
]
MARCH = date(2026, 3, 12)


def order(number: str, **more: str) -> list[str]:
    """Return a line of a paid, delivered order of one 10-pound item, with changes."""
    row = {
        "Order ID": number + "\t",
        "Order Status": "Completed",
        "Product ID": "1",
        "Quantity": "1",
        "SKU Subtotal After Discount": "£10.00",
        "Created Time": "03/12/2026 7:00:05 PM\t",
        "Paid Time": "03/12/2026 7:01:05 PM\t",
        "Delivered Time": "03/15/2026 1:00:00 PM",
        "Buyer Username": "jane_doe_1",
        "Recipient": "Jane Doe",
    }
    renamed = {key.replace("_", " "): value for key, value in more.items()}
    row |= renamed
    return [row.get(head, "") for head in HEAD]


def test_a_day_of_orders(tmp_path: Path) -> None:
    rows = [
        HEAD,
        order("580000000000000001"),
        order("580000000000000001", Product_ID="2", Quantity="2", **{"SKU Subtotal After Discount": "£30"}),
        order("580000000000000002", Creator_Handle="@Mia", Order_Refund_Amount="£4"),
        order("580000000000000003", Order_Status="Cancelled", Paid_Time="", Delivered_Time="", Cancelled_Time="03/12/2026 9:00:00 PM"),
        order("580000000000000004", Order_Status="Canceled", Delivered_Time=""),
        order("580000000000000005", Order_Status="Unpaid", Paid_Time="\t", Delivered_Time=""),
        order("580000000000000006", Normal_or_Pre_order="x", **{"Normal or Pre-order": "Sample"}),
        order("580000000000000007", Order_Status="To ship", Delivered_Time="", Created_Time="03/13/2026 12:00:01 AM"),
    ]  # fmt: skip
    (batch,) = take(write_csv(tmp_path / "orders.csv", rows), UK)
    found = facts(batch)
    assert found["uk-beauty", MARCH, 1] == {
        "orders_created": 5, "orders": 3, "items_sold": 5, "gmv": 60, "cancellations": 2,
        "refund_orders": 1, "refund_amount": 14, "delivered": 2,
    }  # fmt: skip
    assert found["uk-beauty", date(2026, 3, 13), 1]["delivered"] == 0
    assert found["uk-beauty/product-2", MARCH, 1]["gmv"] == 30
    assert found["uk-beauty/product-1", MARCH, 1]["orders"] == 3
    assert found["uk-beauty/creator-mia", MARCH, 1] == pytest.approx(
        {
            "orders": 1,
            "items_sold": 1,
            "gmv": 10,
            "cancellations": 0,
            "refund_orders": 1,
            "refund_amount": 4,
            "delivered": 1,
        }
    )
    assert any("1 lines of sample" in note.text_en for note in batch.notes)


def test_a_refund_stated_on_every_line_counts_once_and_is_shared_by_value(tmp_path: Path) -> None:
    whole = {"Order Refund Amount": "£20"}
    rows = [
        HEAD,
        order("58", **whole),
        order("58", Product_ID="2", **{"SKU Subtotal After Discount": "£30"}, **whole),
    ]
    found = facts(take(write_csv(tmp_path / "orders.csv", rows), UK)[0])
    assert found["uk-beauty", MARCH, 1]["refund_amount"] == pytest.approx(20)
    assert found["uk-beauty/product-1", MARCH, 1]["refund_amount"] == pytest.approx(5)
    assert found["uk-beauty/product-2", MARCH, 1]["refund_amount"] == pytest.approx(15)


@pytest.mark.parametrize(
    ("head", "status", "cancelled"),
    [
        (["订单编号", "订单状态", "数量", "SKU 折后小计", "创建时间"], "已取消", 1),
        (["订单编号", "订单状态", "数量", "SKU 折后小计", "创建时间"], "已完成", 0),
        (["ID Pesanan", "Status Pesanan", "Kuantitas", "SKU Subtotal Setelah Diskon", "Waktu Dibuat"], "Dibatalkan", 1),
        (["Order ID", "Order Status", "Quantity", "SKU Subtotal After Discount", "Created Time"], "ยกเลิกแล้ว", 1),
        (["ID đơn hàng", "Trạng thái đơn hàng", "Số lượng", "Tổng phụ SKU sau chiết khấu", "Thời gian tạo"], "Đã hủy", 1),
    ],
)  # fmt: skip
def test_status_words_of_every_language(
    tmp_path: Path, head: list[str], status: str, cancelled: int
) -> None:
    rows = [head, ["581", status, "1", "50.000", "12/03/2026 10:00:00"]]
    day = facts(take(write_csv(tmp_path / "o.csv", rows), ID)[0])["id-home", MARCH, 1]
    assert (day["cancellations"], day["orders"], day["gmv"]) == (
        cancelled,
        1 - cancelled,
        50_000 * (1 - cancelled),
    )


def test_nothing_of_a_buyer_is_kept(tmp_path: Path) -> None:
    rows = [HEAD, order("58"), order("59", **{"SKU Subtotal After Discount": "??"})]
    (batch,) = take(write_csv(tmp_path / "orders.csv", rows), UK)
    everything = batch.facts.to_csv() + repr(batch.units) + repr(batch.notes)
    assert "jane" not in everything.casefold()
    assert "Recipient" not in everything


def test_requests_of_refunds_with_their_reasons(tmp_path: Path) -> None:
    head = [
        "Return Order ID",
        "Order ID",
        "Buyer Username",
        "Return Reason",
        "Return Status",
        "Refund Amount",
        "Time Requested",
    ]
    rows = [
        head,
        ["1", "58", "jane", "Defective item", "Completed", "$5", "03/12/2026 1:00:00 PM"],
        ["2", "59", "jane", "物流太慢,未收到", "In progress", "$6", "03/12/2026 1:00:00 PM"],
        ["3", "60", "jane", "Tidak sesuai deskripsi", "Completed", "$7", "03/12/2026 1:00:00 PM"],
        ["4", "61", "jane", "No longer needed", "Completed", "$8", "03/12/2026 1:00:00 PM"],
        ["5", "62", "jane", "Damaged", "Request cancelled", "$9", "03/12/2026 1:00:00 PM"],
    ]
    (batch,) = take(write_csv(tmp_path / "returns.csv", rows))
    assert batch.feed == "returns"
    assert facts(batch)["us-apparel", MARCH, 1] == {
        "refund_requests": 4, "refund_requested": 26, "refunds_quality": 1, "refunds_late": 1,
        "refunds_mismatch": 1, "refunds_other": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("Package arrived late", "late"),
        ("Wrong item was sent", "mismatch"),
        ("Item does not match description", "mismatch"),
        ("Barang rusak", "quality"),
        ("商品质量问题", "quality"),
        ("与描述不符", "mismatch"),
        ("ไม่ได้รับสินค้า", "late"),
        ("Sản phẩm bị lỗi", "quality"),
        ("Changed my mind", "other"),
        ("I have a template", "other"),
    ],
)
def test_reasons(reason: str, kind: str) -> None:
    assert reason_class(reason) == kind


def test_costs_of_a_settlement_without_the_adverts(tmp_path: Path) -> None:
    head = [
        "Order/adjustment ID",
        "Type",
        "Order created time",
        "Order settled time",
        "Currency",
        "Total settlement amount",
        "Transaction fee",
        "TikTok Shop commission fee",
        "Seller shipping fee",
        "Affiliate commission",
    ]
    rows = [
        head,
        [
            "58",
            "Order",
            "2026/03/12",
            "2026/03/20",
            "USD",
            "10",
            "-0.30",
            "-1.20",
            "-2.00",
            "-0.50",
        ],
        ["59", "Order", "2026/03/12", "2026/03/20", "USD", "10", "-0.10", "-0.80", "0.00", "0.00"],
        [
            "60",
            "GMV Payment for TikTok Ads",
            "2026/03/12",
            "2026/03/20",
            "USD",
            "-50",
            "-50",
            "0",
            "0",
            "0",
        ],
    ]
    (batch,) = take(write_csv(tmp_path / "income.csv", rows))
    assert batch.feed == "settlement"
    assert facts(batch)["us-apparel", MARCH, 1] == pytest.approx(
        {"cost_platform": 2.4, "commission": 0.5, "cost_shipping": 2}
    )


def test_affiliate_orders_per_creator_and_shop(tmp_path: Path) -> None:
    head = [
        "Order ID",
        "Payment Amount",
        "Creator Username",
        "Content ID",
        "Est. standard commission payment",
        "Est. Shop Ads commission payment",
        "Fully returned or refunded",
        "Time Created",
    ]
    rows = [
        head,
        ["58", "$10", "mia", "7", "$1", "--", "No", "2026-03-12 10:00"],
        ["59", "$20", "leo", "8", "$2", "$0.5", "Yes", "2026-03-12 10:00"],
    ]
    found = facts(take(write_csv(tmp_path / "aff.csv", rows), US)[0])
    assert found["us-apparel", MARCH, 1] == {"gmv_affiliate": 30, "commission": 3.5}
    assert found["us-apparel/creator-leo", MARCH, 1] == {
        "orders": 1,
        "gmv": 20,
        "refund_orders": 1,
        "commission": 2.5,
    }


def test_many_lines_stream_with_progress_and_keep_their_orders_apart(tmp_path: Path) -> None:
    from storage.sources import Upload
    from storage.sources.sheet import read_file

    head = ["Order ID", "Order Status", "Quantity", "SKU Subtotal After Discount", "Created Time"]
    lines = (
        [
            f"{5_800_000_000_000_000_000 + n // 2}",
            "Completed",
            "1",
            "2.50",
            f"2026-03-{n % 28 // 2 + 1:02d} 10:00:00",
        ]
        for n in range(20_000)
    )
    seen: list[int] = []
    path = write_csv(tmp_path / "orders.csv", [head, *lines])
    (batch,) = read_file(Upload(path, UK), (UK,), NOW, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 20_000
    assert batch.facts["orders"].sum() == 10_000
    assert batch.facts["gmv"].sum() == 50_000
