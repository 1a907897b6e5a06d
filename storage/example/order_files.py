"""The orders and returns of a shop as the two files its order page would export."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from storage.example.sales import REASONS
from storage.example.sheets import csv_file, headings
from storage.example.shops import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.example.days import Course
    from storage.example.sales import Sales
    from storage.example.sheets import Cell

STATUS = {
    "en": ("To ship", "Shipped", "Completed", "Canceled"),
    "id": ("Perlu dikirim", "Dikirim", "Selesai", "Dibatalkan"),
}
REASON_WORDS = {
    "quality": "Item is defective or damaged",
    "late": "Package was delivered late",
    "mismatch": "Item does not match the description",
    "other": "No longer needed",
}
DESCRIPTION = "Platform unique order ID."
_SHIPPED, _LATE, _TRAVEL, _DONE = 1, 4, 3, 9


def moment(at: datetime, country: str) -> str:
    """Say a time as the country's order export does, with its trailing tab."""
    if country == "US":
        return at.strftime("%m/%d/%Y %I:%M:%S %p\t")
    return at.strftime("%d/%m/%Y %H:%M:%S\t")


def money(amount: float, currency: str) -> str:
    """Say a bare amount in the currency's decimals."""
    return f"{amount:.0f}" if currency == "IDR" else f"{amount:.2f}"


def orders_file(path: Path, course: Course, sold: Sales, first: date, last: date) -> Path:
    """Write the orders placed from first to last, as they stand in the evening of the last day."""
    names = headings("orders")
    head: list[list[Cell]] = [list(names), [DESCRIPTION, *[""] * (len(names) - 1)]]
    place = {name: at for at, name in enumerate(names)}

    def rows() -> Iterator[list[Cell]]:
        yield from head
        for known in _orders(course, sold, first, last):
            line: list[Cell] = [None] * len(names)
            for name, value in known.items():
                line[place[name]] = value
            yield line

    return csv_file(path, rows())


def returns_file(path: Path, course: Course, sold: Sales, first: date, last: date) -> Path:
    """Write the refunds asked for from first to last with the reasons given."""
    plan = course.plan
    rows: list[list[Cell]] = [list(headings("returns"))]
    for at in sorted(range(len(sold.day)), key=lambda at: int(sold.refund_day[at])):
        if sold.refund_day[at] < 0 or not first <= course.days[sold.refund_day[at]] <= last:
            continue
        asked = _clock(course.days[sold.refund_day[at]], int(sold.second[at] * 7 % 50_000) + 30_000)
        paid_back = asked + timedelta(2)
        item = plan.products[sold.product[at]]
        settled = paid_back.date() <= last
        rows.append([
            f"40{order_id(course, at)}\t", f"{order_id(course, at)}\t", "Card",
            f"{item.id}\t", f"{item.id}\t", item.name, f"buyer_{sold.buyer[at]}",
            "Refund only" if sold.reason[at] % 2 else "Return and refund",
            moment(asked, plan.shop.country), REASON_WORDS[REASONS[sold.reason[at]]],
            money(float(sold.paid[at] / sold.quantity[at]), plan.shop.currency),
            int(sold.quantity[at]), "Refunded" if settled else "Pending",
            moment(paid_back, plan.shop.country) if settled else "\t",
        ])  # fmt: skip
    return csv_file(path, rows)


def order_id(course: Course, at: int) -> str:
    """Return the 18-digit id of an order by its place."""
    return str(576_000_000_000_000_000 + int(course.plan.products[0].id) % 10**6 * 10**9 + at)


def _orders(course: Course, sold: Sales, first: date, last: date) -> Iterator[dict[str, Cell]]:
    """Yield each order's known cells by heading; unpaid, cancelled ones stand between."""
    plan = course.plan
    shop, words = plan.shop, STATUS["id" if plan.shop.country == "ID" else "en"]
    creator = CHANNELS.index("creator")
    for at in range(len(sold.day)):
        day = course.days[sold.day[at]]
        if not first <= day <= last:
            continue
        item, quantity = plan.products[sold.product[at]], int(sold.quantity[at])
        placed = moment(_clock(day, int(sold.second[at])), shop.country)
        age = (last - day).days
        wait = _LATE if sold.late[at] else _SHIPPED
        stage = 0 if age < wait else 1 if age < _DONE else 2
        back = sold.refund_day[at] >= 0 and course.days[sold.refund_day[at]] <= last
        paid = money(float(sold.paid[at]), shop.currency)
        cells: dict[str, Cell] = {
            "Order ID": f"{order_id(course, at)}\t", "Order Status": words[stage],
            "Order Substatus": words[stage], "Normal or Pre-order": "Normal",
            "SKU ID": f"{item.id}\t", "Seller SKU": f"SKU-{sold.product[at] + 1}",
            "Product Name": item.name, "Variation": "Default", "Quantity": quantity,
            "Sku Quantity of return": quantity if back else 0,
            "Cancelation/Return Type": "Return/Refund" if back else None,
            "SKU Unit Original Price": money(item.price, shop.currency),
            "SKU Subtotal Before Discount": money(item.price * quantity, shop.currency),
            "SKU Platform Discount": "0",
            "SKU Seller Discount": money(float(sold.off[at]), shop.currency),
            "SKU Subtotal After Discount": paid, "Shipping Fee After Discount": "0",
            "Order Refund Amount": paid if back else "0", "Order Amount": paid,
            "Created Time": placed, "Paid Time": placed,
            "Shipped Time": _later(day, wait, last, shop.country),
            "Delivered Time": _later(day, wait + _TRAVEL, last, shop.country),
            "Buyer Username": f"buyer_{sold.buyer[at]}", "Recipient": "B***r",
            "Country": shop.country, "Payment Method": "Card", "Purchase Channel": "TikTok",
            "Order Channel": "TikTok Shop",
            "Creator Handle": plan.creators[sold.creator[at]] if sold.channel[at] == creator else None,
        }  # fmt: skip
        yield cells
        if at % 31 == 0:
            yield cells | {
                "Order ID": f"{int(order_id(course, at)) + 500_000_000}\t", "Paid Time": "\t",
                "Order Status": words[3], "Order Substatus": words[3], "Cancelled Time": placed,
                "Cancelation/Return Type": "Cancel", "Cancel By": "User",
                "Cancel Reason": "Changed mind", "Shipped Time": "\t", "Delivered Time": "\t",
                "Sku Quantity of return": 0, "Order Refund Amount": "0",
            }  # fmt: skip


def _clock(day: date, second: int) -> datetime:
    """Return a local moment of a day, within the day."""
    return datetime.combine(day, time()) + timedelta(seconds=min(second, 86_399))


def _later(day: date, wait: int, last: date, country: str) -> str:
    """Say a later stage's time at noon; only the tab when it has not come by the last day."""
    then = day + timedelta(wait)
    return moment(_clock(then, 43_200), country) if then <= last else "\t"
