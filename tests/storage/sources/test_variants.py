"""Files of the same families that look different: order, language, generation, encoding."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import product
from random import Random
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from diagnostics.panel import State
from storage.sources.rows import exports
from tests.storage.sources.desk import ID, UK, US, facts, refused, take, write_csv, write_xlsx

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 3, 12)
VIDEO = {
    "zh": ["视频ID", "VV", "点赞数", "商品点击次数", "视频成交订单数", "GMV（视频） (£)"],
    "en": [
        "Video ID",
        "VV",
        "Likes",
        "Product Clicks",
        "Orders",
        "Gross merchandise value (Video) (£)",
    ],
    "old": ["Video ID", "VV", "Likes", "Product Clicks", "Orders", "Video Revenue (£)"],
    "new": ["Video ID", "VV", "Likes", "Product Clicks", "Orders", "Video-attributed GMV (£)"],
}
TITLES = [
    "[日期范围]: 2026-03-12 ~ 2026-03-12",
    "[Date Range]: 2026-03-12 ~ 2026-03-12\n",
    "Date range: 12/03/2026 ~ 12/03/2026",
]
ROW = ["7000000000000000101", "12,345", "1.2K", "99", "--", "£1,234.50"]
WANTED = {"views": 12345, "likes": 1200, "product_clicks": 99, "gmv": 1234.5}
KEY = ("uk-beauty/video-7000000000000000101", DAY, 1)


@pytest.mark.parametrize(("generation", "title", "seed"), list(product(VIDEO, TITLES, (1, 2))))
def test_headings_in_any_order_language_and_generation(
    tmp_path: Path, generation: str, title: str, seed: int
) -> None:
    order = list(range(len(ROW)))
    Random(seed).shuffle(order)
    heads = [VIDEO[generation][at] for at in order] + ["Brand-new column"]
    rows = [[title], [], heads, [*(ROW[at] for at in order), "x"]]
    for path in (write_csv(tmp_path / "v.csv", rows), write_xlsx(tmp_path / "v.xlsx", rows)):
        (batch,) = take(path)
        assert facts(batch) == {KEY: pytest.approx(WANTED)}
        assert any("Brand-new column" in note.text_en for note in batch.notes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [[TITLES[0]], [], [h.replace(" (£)", "") for h in VIDEO["zh"]], [*ROW[:5], "1234.5"]]
    (batch,) = take(write_csv(tmp_path / "v.csv", rows, encoding, delimiter), UK)
    assert facts(batch) == {KEY: pytest.approx(WANTED)}


def test_width_case_and_brackets_of_headings_do_not_matter(tmp_path: Path) -> None:
    heads = [
        "VIDEO  id",
        "ｖｖ",
        "likes ",
        "product clicks",
        "ORDERS",
        "Gross Merchandise Value（Video）（£）",
    ]
    (batch,) = take(write_csv(tmp_path / "v_20260312.csv", [heads, ROW]))
    assert facts(batch) == {KEY: pytest.approx(WANTED)}


def test_a_choice_of_the_user_names_a_renamed_heading(tmp_path: Path) -> None:
    heads = [*VIDEO["en"][:5], "Shiny GMV (£)"]
    path = write_csv(tmp_path / "v_20260312.csv", [heads, ROW])
    note = refused(path)
    assert note.column == "Gross merchandise value (Video)"
    assert "Shiny GMV" in note.text_en
    (batch,) = take(path, choices={"Shiny GMV (£)": "gmv"})
    assert facts(batch) == {KEY: pytest.approx(WANTED)}


LIVE_ID = [
    "Kreator",
    "Waktu Live",
    "Durasi",
    "Penghasilan (Rp)",
    "Pesanan Dibayar",
    "Live Stream Dilihat",
    "Durasi Rata-rata",
    "Rata-rata Penonton",
]


def test_sessions_of_a_day_are_numbered_by_their_start(tmp_path: Path) -> None:
    rows = [
        ["Rentang Tanggal: 2026-03-12 ~ 2026-03-13"],
        [],
        LIVE_ID,
        ["toko", "2026/03/12/ 21:00", "1 jam", "Rp2.000", "2", "1.500", "10 detik", "5"],
        ["toko", "2026/03/12/ 08:00", "30 menit", "Rp1,2jt", "1", "1,5 rb", "1 menit", "--"],
        ["toko", "2026/03/13/ 08:00", "2 jam", "Rp0", "0", "0", "--", "0"],
    ]
    (batch,) = take(write_xlsx(tmp_path / "live.xlsx", rows))
    found = facts(batch)
    early, late = found["id-home/live-0312", DAY, 1], found["id-home/live-0312-2", DAY, 1]
    assert early == {
        "gmv": 1_200_000,
        "orders": 1,
        "views": 1500,
        "live_seconds": 1800,
        "watch_seconds": 90_000,
    }
    assert (late["gmv"], late["viewer_seconds"]) == (2000, 18_000)
    assert found["id-home/live-0313", date(2026, 3, 13), 1]["gmv"] == 0
    assert {unit.parent for unit in batch.units if unit.kind == "live"} == {"id-home/account-toko"}


def test_a_creators_live_sheet_with_ads(tmp_path: Path) -> None:
    rows: list[list[str]] = [
        ["2026-03-12"],
        [],
        ["Room ID", "Room Title", "Start Time", "End Time", "Duration", "Attributed GMV", "Attributed orders", "Views", "LIVE impressions", "Tap-through rate", "Avg. viewing duration per view", "Ads Cost", "Ads GMV"],
        ["7000000000000000555", "Evening", "2026-03-12 20:00:00", "2026-03-12 22:40:00", "2h37m", "£ 413.57", "9", "2,976", "59,000", "5.04%", "32s", "£20.00", "£88.10"],
    ]  # fmt: skip
    (batch,) = take(write_csv(tmp_path / "studio.csv", rows))
    assert batch.feed == "live_studio"
    assert facts(batch)["uk-beauty/live-0312", DAY, 1] == pytest.approx(
        {
            "live_seconds": 9420,
            "gmv": 413.57,
            "orders": 9,
            "views": 2976,
            "impressions": 59000,
            "watch_seconds": 2976 * 32,
            "ad_cost": 20,
            "ad_revenue": 88.1,
        }
    )


def test_an_older_product_list_and_one_in_chinese(tmp_path: Path) -> None:
    old = [
        [
            "ID",
            "Product",
            "GMV",
            "Units sold",
            "Orders",
            "Shop tab GMV",
            "LIVE GMV",
            "Video GMV",
            "Product card GMV",
        ],
        ["1730000000000000001", "A", "$9.50", "3", "2", "$1", "$2", "$3", "$4.50"],
    ]
    (batch,) = take(write_xlsx(tmp_path / "us-apparel_20260312.xlsx", old))
    assert facts(batch)["us-apparel/product-1730000000000000001", DAY, 1] == {
        "gmv": 9.5, "items_sold": 3, "orders": 2, "gmv_tab": 1, "gmv_live": 2, "gmv_video": 3, "gmv_card": 4.5
    }  # fmt: skip
    zh: list[list[object]] = [
        ["日期范围: 12/03/2026 ~ 12/03/2026"],
        [],
        [None, None, "全部", None, None, "达人", None],
        ["商品 ID", "商品名", "GMV", "订单数", "商品曝光次数", "商品曝光次数", "商品点击量"],
        ["1730000000000000001", "甲", "£5", 2, "1.2万", 7, 8],
        ["-", "-", "£5", 3, "1.2万", 7, 8],
    ]
    (batch,) = take(write_xlsx(tmp_path / "list.xlsx", zh))
    assert facts(batch)["uk-beauty/product-1730000000000000001", DAY, 1] == {
        "gmv": 5,
        "orders": 2,
        "product_impressions": 12_000,
    }
    (off,) = [note for note in batch.notes if note.level == "warning"]
    assert (off.row, off.column) == (6, "订单数")


def test_gmv_max_by_day_in_gbk_and_creatives_summed_per_video(tmp_path: Path) -> None:
    days = [
        ["报告"],
        [
            "按天",
            "成本",
            "净成本",
            "SKU 订单数（当前店铺）",
            "总收入（当前店铺）",
            "投资回报率 (ROI)（当前店铺）",
            "币种",
        ],
        ["2026-03-12", "10.00", "8.00", "2", "31.00", "3.1", "GBP"],
        ["2026-03-13", "0.00", "0", "0", "0.00", "--", "GBP"],
    ]
    (batch,) = take(write_csv(tmp_path / "daily.csv", days, "gbk"), UK)
    assert facts(batch) == {
        ("uk-beauty", DAY, 1): {"ad_cost": 10, "ad_orders": 2, "ad_revenue": 31},
        ("uk-beauty", date(2026, 3, 13), 1): {"ad_cost": 0, "ad_orders": 0, "ad_revenue": 0},
    }
    head = [
        "Campaign name",
        "Product ID",
        "Video ID",
        "Cost",
        "SKU orders",
        "Gross revenue",
        "Product ad impressions",
        "2-second ad video view rate",
        "Currency",
    ]
    creative = [
        head,
        ["c", "1", "77", "1.5", "1", "9", "1,000", "30%", "USD"],
        ["d", "2", "77", "2.5", "0", "0", "500", "20%", "USD"],
        ["e", "1", "N/A", "4", "1", "6", "10", "--", "USD"],
    ]
    (batch,) = take(write_csv(tmp_path / "creative_20260312.csv", creative))
    found = facts(batch)
    assert found["us-apparel/video-77", DAY, 1] == {
        "ad_cost": 4,
        "ad_orders": 1,
        "ad_revenue": 9,
        "ad_impressions": 1500,
        "views_2s": 400,
    }
    assert found["us-apparel/product-1", DAY, 1]["ad_cost"] == 5.5


def test_affiliate_files_with_a_row_of_descriptions(tmp_path: Path) -> None:
    head = [
        "Video name",
        "Video ID",
        "Creator name",
        "Post date",
        "Creator video-attributed GMV",
        "Video-attributed orders",
        "Video views",
        "Completion rate",
    ]
    told = [
        "The name",
        "The ID",
        "The creator",
        "When",
        "The GMV that …",
        "Orders that …",
        "Views of …",
        "Share of …",
    ]
    rows = [
        head,
        told,
        ["Hi", "7000000000000000777", "@Mia.K", "2026-03-01", "$12.00", "3", "1,000", "40%"],
    ]
    (batch,) = take(write_xlsx(tmp_path / "videos.xlsx", rows), US, day=DAY)
    assert batch.feed == "affiliate_videos"
    assert facts(batch) == {
        ("us-apparel/video-7000000000000000777", DAY, 1): {
            "gmv": 12,
            "orders": 3,
            "views": 1000,
            "completions": 400,
        }
    }
    video = next(unit for unit in batch.units if unit.kind == "video")
    assert video.parent == "us-apparel/creator-mia.k"
    old = [
        [
            "Video ID",
            "Affiliate Shoppable Video GMV",
            "Affiliate Orders",
            "Shoppable Video Impressions",
            "Shoppable Video Likes",
        ],
        ["1", "$5", "2", "30", "4"],
    ]
    (batch,) = take(write_xlsx(tmp_path / "old_20260312.xlsx", old), US)
    assert facts(batch)["us-apparel/video-1", DAY, 1] == {
        "gmv": 5,
        "orders": 2,
        "impressions": 30,
        "likes": 4,
    }
    products = [
        [
            "Product name",
            "Product ID",
            "Creator-attributed GMV",
            "Videos with sales",
            "Creators with sales",
            "Est. commission",
        ],
        ["P", "5", "$5", "2", "3", "$0.50"],
    ]
    (batch,) = take(write_xlsx(tmp_path / "products_20260312.xlsx", products))
    assert (batch.feed, facts(batch)["us-apparel/product-5", DAY, 1]) == (
        "affiliate_products",
        {"gmv_affiliate": 5, "commission": 0.5},
    )


def test_an_unreadable_cell_is_told_and_missing(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "v_20260312.csv", [VIDEO["en"], [*ROW[:2], "many", *ROW[3:]]])
    (batch,) = take(path)
    assert "likes" not in facts(batch)[KEY]
    (note,) = [note for note in batch.notes if note.level == "warning"]
    assert (note.row, note.column) == (2, "Likes")


def test_the_running_day_is_provisional_in_the_shops_own_zone(tmp_path: Path) -> None:
    rows = [
        ["按天", "成本", "总收入（当前店铺）", "币种"],
        ["2026-03-12", "1", "2", "IDR"],
        ["2026-03-13", "1", "2", "IDR"],
    ]
    path = write_csv(tmp_path / "d.csv", rows)
    (batch,) = take(path, now=datetime(2026, 3, 12, 17, 30, tzinfo=UTC))
    assert batch.facts["state"].tolist() == [State.FINAL, State.PROVISIONAL]
    (batch,) = take(path, now=datetime(2026, 3, 12, 16, 30, tzinfo=UTC))
    assert batch.facts["state"].tolist() == [State.PROVISIONAL, State.PROVISIONAL]


@pytest.mark.parametrize(
    "rows",
    [
        [["[日期范围]: 2026-03-12 ~ 2026-03-12"]],
        [["Date Range: 2026-03-12 ~ 2026-03-12"], [], VIDEO["en"]],
    ],
)
def test_an_export_without_rows_is_no_data(tmp_path: Path, rows: list[list[str]]) -> None:
    (batch,) = take(write_xlsx(tmp_path / "v.xlsx", rows), UK)
    assert batch.facts.empty
    assert batch.facts["day"].dtype == "datetime64[ns]"
    assert "no data" in batch.notes[-1].text_en


def test_the_shape_of_facts(tmp_path: Path) -> None:
    (batch,) = take(write_csv(tmp_path / "v_20260312.csv", [VIDEO["en"], ROW]))
    types = batch.facts.dtypes
    assert list(batch.facts.columns[:4]) == ["unit", "day", "span", "state"]
    assert (str(types["day"]), str(types["span"]), str(types["state"])) == (
        "datetime64[ns]",
        "int64",
        "int8",
    )
    assert {str(types[key]) for key in batch.facts.columns[4:]} == {"float64"}
    assert set(batch.facts["unit"]) <= {unit.key for unit in batch.units}
    assert isinstance(batch.facts, pd.DataFrame)


def test_which_shop(tmp_path: Path) -> None:
    rows = [["date", "gmv"], ["2026-03-12", "5"]]
    for name in ("uk-beauty_x.csv", "店铺名：UK Beauty-x.csv", "glow.uk 12.csv", "x-GBP.csv"):
        assert take(write_csv(tmp_path / name, rows))[0].shop == "uk-beauty"
    (tmp_path / "id-home").mkdir()
    assert take(write_csv(tmp_path / "id-home" / "x.csv", rows))[0].shop == "id-home"
    assert "--shop" in refused(write_csv(tmp_path / "x.csv", rows)).text_en
    assert take(write_csv(tmp_path / "x.csv", rows), ID)[0].shop == "id-home"


def test_every_heading_of_every_kind_is_known_to_its_kind_alone_by_its_rows() -> None:
    for export in exports().values():
        for column in export.columns.values():
            for heading in column.headings:
                assert heading == heading.strip() or export.key == "settlement"
        for either in export.required:
            assert set(either) <= set(export.columns), export.key
