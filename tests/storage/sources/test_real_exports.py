"""Every export with real headings imports to the facts that stand in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.storage.sources.desk import SHOPS, facts, refused, take

FILES = Path(__file__).parent / "files"
P1, P2 = "us-apparel/product-1730000000000000001", "us-apparel/product-1730000000000000002"
V1, V2 = "us-apparel/video-7000000000000000101", "us-apparel/video-7000000000000000102"
JANUARY = (date(2026, 1, 31), 31)

Expected = dict[tuple[str, date, int], dict[str, float]]
EXPECTED: dict[str, tuple[str, Expected]] = {
    "videodetails_zh_usd.xlsx": (
        "video_details",
        {
            (V1, *JANUARY): {
                "views": 123045, "likes": 449, "comments": 9, "shares": 135, "new_followers": 29,
                "video_to_live": 0, "product_impressions": 131635, "product_clicks": 4505,
                "customers": 147, "orders": 155, "items_sold": 164, "gmv": 2926.18,
            },
            (V2, *JANUARY): {
                "views": 20878, "likes": 131, "comments": 2, "shares": 15, "new_followers": 9,
                "video_to_live": 0, "product_impressions": 21471, "product_clicks": 972,
                "customers": 15, "orders": 16, "items_sold": 17, "gmv": 350.86,
            },
        },
    ),
    "live_analysis_en_idr.xlsx": (
        "live_analysis",
        {
            ("id-home/live-1111", date(2023, 11, 11), 1): {
                "gmv": 12_500_000, "orders_created": 210, "orders": 190, "items_sold": 205,
                "customers": 175, "viewers": 9300, "views": 15200, "peak_viewers": 410,
                "comments": 1800, "shares": 60, "likes": 45000, "new_followers": 320,
                "product_impressions": 61000, "product_clicks": 9260, "live_seconds": 11100,
                "watch_seconds": 15200 * 72, "viewer_seconds": 120 * 11100,
            }
        },
    ),
    "product_list_sections.xlsx": (
        "product_list",
        {
            (P1, date(2026, 9, 10), 1): {
                "gmv": 439.7, "gmv_live": 0, "gmv_video": 61.2, "gmv_affiliate": 330.1,
                "gmv_card": 48.4, "gmv_tab": 22.1, "orders": 21, "sku_orders": 23,
                "items_sold": 25, "customers": 20, "product_impressions": 18204,
                "product_clicks": 702, "add_to_cart": 66, "cart_users": 58,
                "unique_impressions": 15110, "visitors": 640, "refund_amount": 19.99,
                "items_refunded": 1,
            },
            (P2, date(2026, 9, 10), 1): {
                "gmv": 0, "gmv_live": 0, "gmv_video": 0, "gmv_affiliate": 0, "gmv_card": 0,
                "gmv_tab": 0, "orders": 0, "sku_orders": 0, "items_sold": 0, "customers": 0,
                "product_impressions": 412, "product_clicks": 3, "unique_impressions": 401,
                "visitors": 3,
            },
        },
    ),
    "gmvmax_hourly_zh_brl.xlsx": (
        "gmvmax_hourly",
        {
            ("br-home", date(2026, 7, 23), 1): {
                "ad_cost": 93.0, "ad_orders": 24, "ad_revenue": 288.32,
            }
        },
    ),
    "orders_id_idr.csv": (
        "orders",
        {
            ("id-home", date(2026, 10, 6), 1): {
                "orders_created": 4, "orders": 3, "items_sold": 4, "gmv": 192_500,
                "cancellations": 1, "refund_orders": 1, "refund_amount": 50_000, "delivered": 2,
            }
        },
    ),
    "affiliate_creators_old_2025.csv": (
        "affiliate_creators",
        {
            ("us-apparel/creator-creator_a", date(2026, 3, 12), 1): {
                "gmv": 643.9, "gmv_live": 0, "gmv_video": 640, "gmv_card": 3.9,
                "refund_amount": 12, "orders": 21, "items_sold": 22, "items_refunded": 1,
                "commission": 96.58, "samples": 1, "product_impressions": 18900, "views": 40120,
                "customers": 20, "product_clicks": 18900 * 0.0171,
            }
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_export_says_what_stands_in_it(name: str) -> None:
    feed, expected = EXPECTED[name]
    (batch,) = take(
        FILES / name, SHOPS[2] if name.startswith("aff") else None, day=date(2026, 3, 12)
    )
    assert batch.feed == feed
    found = facts(batch)
    assert found.keys() == expected.keys()
    for key, measures in expected.items():
        assert found[key] == pytest.approx(measures), key
    assert [note for note in batch.notes if note.level != "info"] == []


def test_every_file_here_is_in_the_table() -> None:
    assert {path.name for path in FILES.iterdir()} == set(EXPECTED)


def test_the_units_know_their_times_and_parents() -> None:
    (batch,) = take(FILES / "live_analysis_en_idr.xlsx")
    units = {unit.key: unit for unit in batch.units}
    live = units["id-home/live-1111"]
    assert live.parent == "id-home/account-toko_x"
    assert units[live.parent].kind == "account"
    assert live.started is not None
    assert live.ended is not None
    assert f"{live.started:%H:%M}-{live.ended:%H:%M}" == "19:00-22:05"
    (videos,) = take(FILES / "videodetails_zh_usd.xlsx")
    posted = next(unit.started for unit in videos.units if unit.key == V1)
    assert posted is not None
    assert posted.date() == date(2025, 10, 26)


def test_an_export_of_several_days_says_so() -> None:
    (batch,) = take(FILES / "videodetails_zh_usd.xlsx")
    assert any("2026-01-01 to 2026-01-31" in note.text_en for note in batch.notes)


def test_an_affiliate_export_without_any_date_asks_for_the_day() -> None:
    note = refused(FILES / "affiliate_creators_old_2025.csv", SHOPS[2])
    assert "--day" in note.text_en
    assert "--day" in note.text_zh


def test_the_total_row_is_a_checksum_not_a_figure() -> None:
    (batch,) = take(FILES / "gmvmax_hourly_zh_brl.xlsx")
    assert batch.facts["ad_cost"].tolist() == [93.0]
