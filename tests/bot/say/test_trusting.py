"""Trust in words: each doubt names its place and both figures; the four checks are one line."""

from __future__ import annotations

from datetime import date

import pytest

from bot.card import plain
from bot.say import trusting
from bot.say.voice import Voice
from diagnostics.book.rows import Text
from diagnostics.panel import Unit
from diagnostics.reading import Check, Doubt, Trust
from tests.diagnostics.rows import shipped, span

DAY = date(2026, 3, 12)
SHOP = Unit("uk-beauty", "shop", "UK beauty", "uk-beauty", country="GB", currency="GBP")


def voice(lang: str) -> Voice:
    return Voice(
        "zh" if lang == "zh" else "en",
        shipped(),
        units={SHOP.key: SHOP},
        feeds={"gmvmax_daily": Text("广告日报", "daily ads")},
    )


def doubt(kind: str, **fields: object) -> Trust:
    plain_ = {"kind": kind, "unit": "uk-beauty", "day": DAY, **fields}
    return Trust(5, 5, None, (Doubt(**plain_),))  # type: ignore[arg-type]  # a doubt's own fields


@pytest.mark.parametrize(
    ("trust", "zh", "en"),
    [
        (
            doubt("total_off", measure="ad_cost", value=300, other=320, file="ads.csv", column="Cost",
                  feed="gmvmax_daily"),
            "和平台合计对不上：UK beauty 广告消耗（ads.csv「Cost」，£300，平台 £320）",
            "Off from the platform's own total: UK beauty Ad cost (ads.csv “Cost”, £300, platform £320)",
        ),
        (
            doubt("doubled", measure="gmv", value=100, other=80, file="a.csv", column="b.csv"),
            "有重复：UK beauty GMV（£100 与 £80，以 a.csv 为准）",
            "Doubled: UK beauty GMV (£100 against £80, a.csv stands)",
        ),
        (
            doubt("doubled", value=3, feed="gmvmax_daily"),
            "有重复：UK beauty 广告日报（3 行或订单只计一次）",
            "Doubled: UK beauty daily ads (3 rows or orders count once)",
        ),
        (
            doubt("partial", value=14, other=24, feed="gmvmax_daily"),
            "这一天没导全：UK beauty 广告日报（只到 14:00）",
            "The day breaks off: UK beauty daily ads (up to 14:00 only)",
        ),
        (
            doubt("definition", measure="views", value=10.44, since=date(2026, 3, 10)),
            "口径变了，不和以前比：UK beauty 观看（是以前的 10 倍，3月10日起）",
            (
                "Definition changed, not compared with before: UK beauty Views "
                "(10 times what it was, since 10 Mar)"
            ),
        ),
        (
            doubt("definition", measure="gmv", feed="gmvmax_daily", file="v.xlsx", column="GMV2"),
            "口径变了，不和以前比：UK beauty GMV（v.xlsx「GMV2」列）",
            "Definition changed, not compared with before: UK beauty GMV (from “GMV2” in v.xlsx)",
        ),
        (
            doubt("currency", measure="gmv", value=20500.0, column="IDR"),
            "币种可能变了：UK beauty GMV（是以前的 20,500 倍，像 IDR）",
            "Currency may have changed: UK beauty GMV (20,500 times what it was, as in IDR)",
        ),
        (
            doubt("currency", measure="gmv", value=1 / 20500, column="GBP", since=DAY),
            "币种可能变了：UK beauty GMV（是以前的 1/20,500 倍，像 GBP，3月12日起）",
            "Currency may have changed: UK beauty GMV (1/20,500 times what it was, as in GBP, since 12 Mar)",
        ),
        (
            doubt("currency", measure="gmv", value=1.268, column="USD", since=date(2026, 3, 10)),
            "币种可能变了：UK beauty GMV（是以前的 1.27 倍，像 USD，3月10日起）",
            "Currency may have changed: UK beauty GMV (1.27 times what it was, as in USD, since 10 Mar)",
        ),
        (
            doubt("currency", measure="gmv", file="list.xlsx", column="$", feed="gmvmax_daily"),
            "币种可能变了：UK beauty GMV（list.xlsx 写的是「$」，以前写得更明确）",
            "Currency may have changed: UK beauty GMV (list.xlsx says “$”, it was plainer before)",
        ),
        (
            doubt("recount", measure="orders", value=1.148, since=date(2026, 3, 10)),
            (
                "订单可能换了口径（含不含取消单），也可能是真的变化："
                "UK beauty 订单（和 GMV 一样是以前的 1.15 倍，前面几步没变，3月10日起）"
            ),
            (
                "Orders may be counted otherwise (with or without cancelled ones), or it is a real "
                "change: UK beauty Orders (like GMV 1.15 times what they were, the steps before are not, "
                "since 10 Mar)"
            ),
        ),
        (
            doubt("jump", measure="gmv", value=0.0, other=8412.0),
            "是 0 而往常不是，可能还没出数，不当作 0：UK beauty GMV（往常约 £8,412）",
            "0 where it never is, perhaps not out yet, so not taken for 0: UK beauty GMV (usually about £8,412)",
        ),
        (
            doubt("jump", measure="gmv", value=0.0),
            "是 0 而往常不是，可能还没出数，不当作 0：UK beauty GMV",
            "0 where it never is, perhaps not out yet, so not taken for 0: UK beauty GMV",
        ),
        (
            doubt("partial", feed="gmvmax_daily", other=24),
            "这一天没导全：UK beauty 广告日报",
            "The day breaks off: UK beauty daily ads",
        ),
        (
            doubt("copied", measure="gmv", value=8412.0, other=7.0),
            "和前一天一模一样，像是重复的导出：UK beauty GMV",
            "The day before once more: UK beauty GMV",
        ),
        (
            doubt("future", value=2, feed="gmvmax_daily"),
            "日期在未来，未导入：UK beauty 广告日报",
            "Days to come, left out: UK beauty daily ads",
        ),
        (
            doubt("total_off", measure="gmv", value=8412, other=8790),
            "和平台合计对不上：UK beauty GMV（£8,412，平台 £8,790）",
            "Off from the platform's own total: UK beauty GMV (£8,412, platform £8,790)",
        ),
    ],
)  # fmt: skip
def test_a_doubt_names_its_place_and_both_figures(trust: Trust, zh: str, en: str) -> None:
    assert [plain(one) for one in trusting.doubts(trust, voice("zh"))] == [zh]
    assert [plain(one) for one in trusting.doubts(trust, voice("en"))] == [en]


OK = (
    Check(1, "data", "ok", "", "uk-beauty"),
    Check(2, "target", "ok", "", "uk-beauty"),
    Check(3, "action", "ok", "", "uk-beauty"),
    Check(4, "feedback", "ok", "", "uk-beauty"),
)
NEVER = Check(
    2, "target", "doubt", "never_met", "uk-beauty", "gmv", span("gmv", 9500, 11000), count=1, of=29
)
OPEN = Check(3, "action", "doubt", "open_action", "uk-beauty", count=2, since=date(2026, 3, 3))
SILENT = Check(3, "action", "doubt", "no_action", "uk-beauty", count=1, since=date(2026, 3, 5))
NO_RESULT = Check(4, "feedback", "doubt", "no_result", "uk-beauty", count=1, since=date(2026, 3, 5))


def said(lang: str, *checks: Check, named: bool = False) -> str:
    trust = Trust(5, 5, None, (), checks)
    return plain(trusting.checks(trust, voice(lang), named=named))


def test_where_all_is_well_nothing_is_said() -> None:
    assert said("en", *OK) == ""
    assert said("en") == ""
    data = Check(1, "data", "doubt", "doubts", "uk-beauty", count=2)
    assert said("en", data, *OK[1:]) == ""
    blocked = [
        Check(order, one.name, "unknown", "", "uk-beauty") for order, one in enumerate(OK, 1)
    ]
    assert said("en", Check(1, "data", "block", "doubts"), *blocked[1:]) == ""


def test_the_four_checks_are_one_short_line() -> None:
    assert said("en", OK[0], NEVER, OPEN, OK[3]) == (
        "Four checks: data ✓ · target? GMV £9,500–11,000 met on 1 of 29 days, check it before the "
        "team · action? 2 open since 3 Mar · feedback ✓"
    )
    assert said("zh", OK[0], NEVER, OPEN, OK[3]) == (
        "四步核对：数据 ✓ · 目标？GMV £9,500–11,000 近 29 天只达到 1 天，先看目标再看人 · "
        "动作？2 项自3月3日起没结果 · 反馈 ✓"
    )


def test_reviews_that_name_no_action_or_no_result() -> None:
    assert said("en", OK[0], OK[1], SILENT, NO_RESULT) == (
        "Four checks: data ✓ · target ✓ · action? review of 5 Mar names no action · "
        "feedback? review of 5 Mar has no result"
    )
    assert said("zh", OK[0], OK[1], SILENT, NO_RESULT) == (
        "四步核对：数据 ✓ · 目标 ✓ · 动作？3月5日的复盘还没写动作 · 反馈？3月5日的复盘还没有结果"
    )


def test_unknown_is_left_out_doubtful_data_are_marked_and_shops_named() -> None:
    data = Check(1, "data", "doubt", "doubts", "uk-beauty", count=2)
    unknown = Check(4, "feedback", "unknown", "", "uk-beauty")
    assert said("en", data, OK[1], OPEN, unknown, named=True) == (
        "Four checks: data ? · target ✓ · action? UK beauty 2 open since 3 Mar"
    )
    assert said("zh", data, OK[1], OPEN, unknown, named=True).startswith(
        "四步核对：数据？ · 目标 ✓"
    )
