"""What an expectation stands on is said in one clause, and nothing where it stands firm."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import pytest

from bot.say import basis
from bot.say.trend import trend
from bot.say.voice import Voice
from diagnostics.book import load
from diagnostics.panel import Unit
from diagnostics.reading import Expected, Learnt, Reading, Trend

if TYPE_CHECKING:
    from diagnostics.book.rows import Lang
    from diagnostics.reading import Basis

PRODUCT = Unit("us/product-1", "product", "Linen", "us", "us", currency="USD")
VIDEO = Unit("us/video-1", "video", "V", "us", "us/account-a", currency="USD")
LIVE = Unit(
    "us/live-1", "live", "L", "us", "us/account-a", currency="USD",
    started=datetime(2026, 3, 12, 20, 30),  # noqa: DTZ001  local time of the shop
)  # fmt: skip
THURSDAY, SALE = date(2026, 3, 12), date(2026, 11, 11)
ELEVEN = ("double-11-11-2026",)


def reading(unit: Unit, on: Basis, learnt: Learnt, day: date = THURSDAY) -> Reading:
    rows = ELEVEN if day.month == SALE.month else ()
    return Reading("gmv", unit.key, day, 1.0, expected=Expected(1.0, 2.0, 3.0, 9, on, rows, learnt))


def voice(lang: Lang) -> Voice:
    return Voice(
        lang=lang,
        book=load(),
        people=lambda _role, _unit: (),
        units={one.key: one for one in (PRODUCT, VIDEO, LIVE)},
        currency="USD",
    )


@pytest.mark.parametrize(
    ("told", "zh", "en"),
    [
        (reading(PRODUCT, "mixed", Learnt(6, 14, 0.9)), "参照它自己 6 天和 14 个同类商品", "learnt from 6 days of its own and 14 similar products"),
        (reading(PRODUCT, "mixed", Learnt(3, 14, 0.3)), "参照它自己 3 天和 14 个同类商品，以同类为主，只能作参考", "learnt from 3 days of its own and 14 similar products, mostly the others: rough"),
        (reading(PRODUCT, "recent", Learnt(8)), "参照它自己 8 天，天数还少", "learnt from only 8 days of its own"),
        (reading(PRODUCT, "weekday", Learnt(80)), "", ""),
        (reading(PRODUCT, "weekday", Learnt(80, age=1)), "按同龄比较（第 1 天）", "compared at the same age (day 1)"),
        (reading(VIDEO, "ages", Learnt(0, 24, 0.0, "account")), "和本账号之前 24 个同龄视频比", "against 24 earlier videos of this account at the same age"),
        (reading(LIVE, "sessions", Learnt(0, 8, 0.0, "account", "weekday")), "和本账号 8 场周四 20:00 前后的直播比", "against 8 sessions of this account, Thursdays around 20:00"),
        (reading(LIVE, "sessions", Learnt(0, 8, 0.0, "shop", "daytype")), "和本店 8 场工作日 20:00 前后的直播比", "against 8 sessions of this shop, weekdays around 20:00"),
        (reading(LIVE, "peers", Learnt(0, 8, 0.0, "peers")), "和同类店铺 8 场直播比", "against 8 sessions of similar shops"),
    ],
)  # fmt: skip
def test_what_it_stands_on(told: Reading, zh: str, en: str) -> None:
    assert basis.line(told, voice("zh")) == zh
    assert basis.line(told, voice("en")) == en


@pytest.mark.parametrize(
    ("learnt", "day", "zh", "en"),
    [
        (Learnt(80, effect=2.4, effect_days=2, taught=("double-10-10-2026", "double-09-09-2026")), SALE, "11.11 大促：预期 ×2.4（参照 10.10 大促和9.9 大促）", "11.11 sale: ×2.4 expected, learnt from 10.10 sale and 9.9 sale"),
        (Learnt(80, effect=2.0), SALE, "11.11 大促：预期 ×2（系统粗估，还没有自己的数据）", "11.11 sale: ×2 expected, from the book, rough"),
        (Learnt(80, effect=0.85), date(2026, 11, 9), "临近 11.11 大促：预期 ×0.85（系统粗估，还没有自己的数据）", "around 11.11 sale: ×0.85 expected, from the book, rough"),
        (Learnt(80, effect=0.9, effect_days=3), date(2026, 11, 9), "临近 11.11 大促：预期 ×0.9（参照之前类似的 3 天）", "around 11.11 sale: ×0.9 expected, learnt from 3 days like it"),
        (Learnt(80), date(2026, 11, 9), "临近 11.11 大促", "around 11.11 sale"),
        (Learnt(80), THURSDAY, "", ""),
    ],
)  # fmt: skip
def test_what_the_calendar_does(learnt: Learnt, day: date, zh: str, en: str) -> None:
    told = reading(PRODUCT, "weekday", learnt, day)
    assert basis.season(told, voice("zh")) == zh
    assert basis.season(told, voice("en")) == en


def test_a_trend_says_what_its_last_expectation_stands_on() -> None:
    few = reading(PRODUCT, "mixed", Learnt(6, 14, 0.9))
    series = Trend("gmv", PRODUCT.key, (THURSDAY,), (1.0,), (2.0,), 0.4, few)
    assert "Expectation: learnt from 6 days of its own and 14 similar products" in said(
        series, "en"
    )
    assert "预期依据：参照它自己 6 天和 14 个同类商品" in said(series, "zh")
    firm = replace(series, last=reading(PRODUCT, "weekday", Learnt(80)))
    assert "Expectation" not in said(firm, "en")
    sale = replace(series, last=reading(PRODUCT, "calendar", Learnt(80, effect=2.1), SALE))
    assert "×2.1 expected" in said(sale, "en")
    assert "Expectation" not in said(replace(series, last=None), "en")


def said(series: Trend, lang: Lang) -> str:
    return str(trend(series, voice(lang)).blocks[-1])
