"""The sessions, videos, products and creators as the analysis pages would export them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from storage.example.contents import VIDEO_LIFE, session
from storage.example.sheets import csv_file, headings, xlsx_file
from storage.example.shops import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from numpy.typing import NDArray

    from storage.example.contents import Table
    from storage.example.days import Course
    from storage.example.sales import Sales
    from storage.example.sheets import Cell

    Figures = dict[str, NDArray[np.float64]]

SIGNS = {"GBP": "£", "IDR": "Rp", "USD": "$"}
COMMISSION = 0.15
"""A creator's share of the sales they bring."""


def price(amount: float, currency: str) -> str:
    """Say an amount with its sign as the export pages do."""
    if currency == "IDR":
        return "Rp" + f"{amount:,.0f}".replace(",", ".")
    return f"{SIGNS[currency]}{amount:,.2f}"


def studio_file(path: Path, course: Course, live: Figures, first: date, last: date) -> Path:
    """Write every session from first to last as LIVE studio's performance list."""
    currency = course.plan.shop.currency
    rows: list[Sequence[Cell]] = [
        [f"{first:%Y-%m-%d} ~ {last:%Y-%m-%d}"],
        [],
        headings("studio_live"),
    ]
    for at, day in enumerate(course.days):
        times = session(course, day)
        if times is None or not first <= day <= last:
            continue
        one = {name: float(values[at]) for name, values in live.items()}
        hours = (times[1] - times[0]).seconds / 3600
        rows.append([
            _room(course, at), f"{course.plan.nickname} {day:%m-%d}", f"{times[0]:%Y-%m-%d %H:%M}",
            f"{times[1]:%Y-%m-%d %H:%M}", f"{int(hours)}h{round(hours % 1 * 60)}m",
            price(one["gmv"], currency), _whole(one["items_sold"]), _whole(one["orders"]),
            _whole(one["orders"]), _whole(one["orders"] * 0.96),
            price(one["gmv"] / max(one["orders"], 1), currency), _whole(one["views"]),
            _whole(one["impressions"]), price(one["gmv"] / hours, currency), f"{one['watch']:.1f}s",
            _whole(one["product_impressions"]), _whole(one["product_clicks"]), _whole(one["add_to_cart"]), _whole(one["new_followers"]), _whole(one["comments"]),
            f"{one['comments'] / one['views']:.6%}", _whole(one["shares"]), _whole(one["likes"]),
            f"{one['likes'] / one['viewers']:.6%}",
        ])  # fmt: skip
    return csv_file(path, rows)


def analysis_file(path: Path, course: Course, live: Figures, first: date, last: date) -> Path:
    """Write every session from first to last as the Indonesian LIVE analysis page."""
    plan = course.plan
    rows: list[Sequence[Cell]] = [
        [f"Date Range: {first:%Y-%m-%d} ~ {last:%Y-%m-%d}"], [], headings("live_analysis"),
    ]  # fmt: skip
    for at, day in enumerate(course.days):
        times = session(course, day)
        if times is None or not first <= day <= last:
            continue
        one = {name: float(values[at]) for name, values in live.items()}
        minutes = (times[1] - times[0]).seconds // 60
        online = one["views"] * one["watch"] / 60 / minutes
        rows.append([
            str(7_000_000_000_000_000_000 + int(plan.products[0].id) % 10**6), plan.account,
            plan.nickname, f"{times[0]:%Y/%m/%d/ %H:%M}", f"{minutes // 60}h {minutes % 60}min",
            int(one["gmv"]), len(plan.products), len(plan.products), int(one["checkouts"]),
            int(one["orders"]), int(one["items_sold"]), int(one["orders"] * 0.96),
            round(one["gmv"] / max(one["orders"], 1), 2),
            f"{one['orders'] / one['product_clicks']:.2%}", int(one["viewers"]), int(one["views"]),
            round(online), round(online * 2.6), f"{int(one['watch'])}s", int(one["comments"]),
            int(one["shares"]), int(one["likes"]), int(one["new_followers"]),
            int(one["product_impressions"]), int(one["product_clicks"]),
            f"{one['product_clicks'] / one['product_impressions']:.2%}",
        ])  # fmt: skip
    return xlsx_file(path, rows)


def videos_file(path: Path, course: Course, video: Table, day: date, language: str) -> Path:
    """Write one day of the shop's videos that are still watched."""
    at, sign = course.days.index(day), SIGNS[course.plan.shop.currency]
    title = "[日期范围]" if language == "zh" else "[Date Range]"
    names = [name.replace("{cur}", sign) for name in headings(f"video_details_{language}")]
    rows: list[Sequence[Cell]] = [[f"{title}: {day:%Y-%m-%d} ~ {day:%Y-%m-%d}"], [], names]
    for number, posted in enumerate(video.posted):
        if not 0 <= (day - posted.date()).days < VIDEO_LIFE:
            continue
        one = {name: float(values[number, at]) for name, values in video.figures.items()}
        rows.append([
            course.plan.account, str(7_000_000_000_000_000_000 + int(course.plan.products[0].id) % 10**6),
            f"{video.names[number]} #{number}", video.ids[number], f"{posted:%Y/%m/%d}",
            video.names[number], int(one["views"]), int(one["likes"]), int(one["comments"]),
            int(one["shares"]), int(one["new_followers"]), int(one["views"] * 0.004),
            int(one["product_impressions"]), int(one["product_clicks"]), int(one["orders"] * 0.97),
            int(one["orders"]), int(one["items_sold"]), round(one["gmv"], 2),
            round(one["gmv"] / one["views"] * 1000, 2) if one["views"] else "--", round(one["gmv"], 2),
        ])  # fmt: skip
    return xlsx_file(path, rows)


def products_file(path: Path, course: Course, table: Table, day: date) -> Path:
    """Write one day of the product list with its sections."""
    at, currency = course.days.index(day), course.plan.shop.currency
    rows: list[Sequence[Cell]] = [
        [f"Date range: {day:%d/%m/%Y} ~ {day:%d/%m/%Y}"], [],
        headings("product_sections"), headings("product_list"),
    ]  # fmt: skip
    for number, name in enumerate(table.names):
        one = {key: float(values[number, at]) for key, values in table.figures.items()}
        shown, clicked = one["product_impressions"], one["product_clicks"]
        split = [
            _whole(part * share) for share in (0.3, 0.25, 0.25, 0.2) for part in (shown, clicked)
        ]
        orders, gmv = int(one["orders"]), [one[key] for key in ("gmv", *_BLOCKS)]
        rows.append([
            name, table.ids[number], "-", *(price(part, currency) for part in gmv), orders, orders,
            int(one["items_sold"]), int(orders * 0.97), _whole(shown), _whole(clicked),
            _whole(one["add_to_cart"]), _whole(one["add_to_cart"] * 0.9), _whole(shown * 0.8),
            _whole(clicked * 0.9), "--", "--", "--", price(0, currency),
            price(one["gmv_card"] * 0.4, currency), *split[:2], 0, 0, *split[2:],
        ])  # fmt: skip
    return xlsx_file(path, rows)


_BLOCKS = ("gmv_live", "gmv_video", "gmv_creator", "gmv_card")


def creators_file(path: Path, course: Course, sold: Sales, first: date, last: date) -> Path:
    """Write what each creator brought from first to last, the best first."""
    plan, currency = course.plan, course.plan.shop.currency
    inside = np.array([first <= day <= last for day in course.days])[sold.day]
    inside &= sold.channel == CHANNELS.index("creator")
    views = course.counts["creator"][1][[first <= day <= last for day in course.days]].sum()
    rows: list[Sequence[Cell]] = [headings("affiliate_creators"), ["Name of the creator"]]
    for number, handle in enumerate(plan.creators):
        own = inside & (sold.creator == number)
        orders, gmv = int(own.sum()), float(sold.paid[own].sum())
        back = own & (sold.refund_day >= 0) & (sold.refund_day < len(course.days))
        watched = views * orders / max(int(inside.sum()), 1)
        items = int(sold.quantity[own].sum())
        rows.append([
            handle, price(gmv, currency), price(0, currency), price(gmv, currency), price(0, currency),
            price(float(sold.paid[back].sum()), currency), orders, items,
            int(sold.quantity[back].sum()), price(gmv / max(orders, 1), currency), "4.60%",
            f"{orders / max(watched * 0.05, 1):.2%}", 3, 0, price(gmv * COMMISSION, currency), 1,
            price(0, currency), _whole(watched * 1.1), _whole(watched), int(orders * 0.95),
            len(plan.products),
        ])  # fmt: skip
    return csv_file(path, rows)


def _room(course: Course, at: int) -> str:
    """Return the 19-digit id of a day's session."""
    return str(7_480_000_000_000_000_000 + int(course.plan.products[0].id) % 10**6 * 1000 + at)


def _whole(number: float) -> str:
    """Say a count with thousands commas, as these pages do."""
    return f"{int(number):,}"
