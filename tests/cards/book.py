"""A small book by hand, so that a changed row elsewhere changes no golden file."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

from diagnostics.book.rows import (
    Book,
    CalendarRow,
    Cause,
    Condition,
    Direction,
    Funnel,
    Kind,
    Measure,
    Measured,
    Metric,
    Prescription,
    RangeRow,
    Role,
    Scene,
    Scope,
    Step,
    Term,
    Text,
)

_ROWS = Path(__file__).parents[2] / "diagnostics" / "book" / "measures.toml"
_MEASURES = tomllib.loads(_ROWS.read_text(encoding="utf-8"))
MEASURES = {
    key: Measure(key, Text(row["zh"], row["en"]), row["unit"], row.get("dedup", "events"))
    for key, row in _MEASURES.items()
}


def _metric(
    key: str,
    zh: str,
    en: str,
    of: str,
    over: str,
    unit: Measured = "ratio",
    direction: Direction = "up",
    owner: str = "operator",
) -> Metric:
    def terms(words: str) -> tuple[Term, ...]:
        return tuple(
            Term(word.lstrip("-"), -1 if word.startswith("-") else 1) for word in words.split()
        )

    return Metric(
        key,
        Text(zh, en),
        terms(of),
        terms(over),
        unit,
        direction,
        stage="pay",
        owner=owner,
        definition=Text(f"{zh}是什么", f"What {en} means."),
        rise=Text("卖得更顺", "the shop sells better"),
        fall=Text("先查价格、信任和页面", "check price, trust and the page first"),
    )


METRICS = {
    row.key: row
    for row in (
        _metric("gmv", "GMV", "GMV", "gmv", "", "money", owner="manager"),
        _metric("orders", "订单", "orders", "orders", "", "count"),
        replace(
            _metric(
                "profit",
                "贡献利润",
                "contribution profit",
                "gmv -refund_amount -cost_goods -cost_shipping -cost_platform -commission -ad_cost",
                "",
                "money",
                owner="manager",
            ),
            settles_after=30,
        ),
        _metric("margin", "利润率", "margin", "gmv -ad_cost", "gmv", owner="manager"),
        replace(
            _metric(
                "refund_rate",
                "退款率",
                "refund rate",
                "refund_requests",
                "orders",
                direction="down",
                owner="service",
            ),
            definition=Text(
                "当天申请退款的订单，占当天支付订单的比例",
                "Refunds asked for on a day, per order paid that day.",
            ),
            rise=Text(
                "货不对版、质量或时效出了问题", "goods, promise or delivery do not fit each other"
            ),
            fall=Text("预期说清楚了", "buyers get what they were promised"),
            clock="request",
            smallest_base=30,
            aliases=("refunds", "退货退款"),
        ),
        _metric("roas", "ROAS", "ROAS", "ad_revenue", "ad_cost", "times", owner="buyer"),
        _metric("break_even_roas", "保本 ROAS", "break-even ROAS", "gmv", "gmv", "times", "none"),
        _metric("view_rate", "观看率", "view rate", "views", "impressions", owner="content"),
        _metric(
            "engagement_rate",
            "互动率",
            "engagement rate",
            "likes comments shares saves",
            "views",
            owner="content",
        ),
        _metric("click_rate", "点击率", "click rate", "product_clicks", "views"),
        _metric("add_to_cart_rate", "加购率", "add-to-cart rate", "add_to_cart", "product_clicks"),
        _metric("cart_to_pay", "加购支付率", "cart-to-pay rate", "orders", "add_to_cart"),
        _metric("ctor", "点击成交率", "CTOR", "orders", "product_clicks"),
        _metric("aov", "客单价", "order value", "gmv", "orders", "money"),
        _metric(
            "delivery_rate", "签收率", "delivery rate", "delivered", "orders", owner="logistics"
        ),
        _metric(
            "bad_review_rate",
            "差评率",
            "bad-review rate",
            "bad_reviews",
            "reviews",
            "ratio",
            "down",
        ),
        _metric("watch_time", "平均观看时长", "watch time", "watch_seconds", "views", "seconds"),
    )
}


def _step(key: str, zh: str, en: str, rate: str, *, chain: bool = True) -> Step:
    count = "likes" if key == "engage" else key
    return Step(key, Text(zh, en), count, rate, in_chain=chain, controllable=key != "impressions")


STEPS = (
    _step("impressions", "曝光", "impressions", ""),
    _step("views", "观看", "views", "view_rate"),
    _step("engage", "互动", "engagement", "engagement_rate", chain=False),
    _step("product_clicks", "点击", "clicks", "click_rate"),
    _step("add_to_cart", "加购", "cart", "add_to_cart_rate"),
    _step("orders", "支付", "pay", "cart_to_pay"),
    _step("delivered", "签收", "delivered", "delivery_rate", chain=False),
)
_FUNNEL_KINDS: tuple[Kind, ...] = ("shop", "live", "video", "product")
FUNNELS: dict[str, Funnel] = {
    kind: Funnel(kind, Text("漏斗", "funnel"), STEPS) for kind in _FUNNEL_KINDS
}


def _range(
    metric: str,
    low: float | None,
    high: float | None,
    *,
    grade: str = "own",
    country: str = "",
    category: str = "",
) -> RangeRow:
    return RangeRow(
        f"{metric}-{country or 'all'}",
        metric,
        Scope(country=country, category=category),
        low,
        None,
        high,
        "Q1 review" if grade == "own" else "marginory 2025-06",
        "own" if grade == "own" else "C",
        date(2026, 1, 1),
        Text("第一季度定的", "set for the first quarter"),
    )


UK_BEAUTY = {"country": "UK", "category": "beauty"}
US_APPAREL = {"country": "US", "category": "apparel"}
RANGES = {
    "gmv": _range("gmv", 9500, 11000, **UK_BEAUTY),
    "margin": _range("margin", 0.18, None, **UK_BEAUTY),
    "refund_rate": _range("refund_rate", None, 0.05, **UK_BEAUTY),
    "refund_us": _range("refund_rate", None, 0.08, **US_APPAREL),
    "cart_to_pay": _range("cart_to_pay", 0.2, 0.3, **UK_BEAUTY),
    "click_rate": _range("click_rate", 0.03, None, grade="C"),
    "ctor": _range("ctor", 0.032, 0.045, **UK_BEAUTY),
}

SCENES = {
    "S3": Scene(
        "S3",
        Text("点击正常，成交掉了", "Clicks fine, conversion down"),
        (Condition("ctor", "low"),),
        ("shop", "live", "product"),
        (
            Cause(
                "freight",
                Text("运费或到货时间没说清", "freight or arrival time not clear"),
                controllable=True,
            ),
            Cause("reviews", Text("近期差评吓退了人", "recent bad reviews scare buyers"), True),
        ),
        (
            Prescription(
                "page",
                Text(
                    "补上「色号对照、到货时间、退换」三项页面信息",
                    "Add shade chart, arrival date and returns to the page",
                ),
                "freight",
                "operator",
                controllable=True,
                priority=1,
                variable=Text("页面信息", "page information"),
                judged_by="ctor",
                within_days=1,
                judged_after_days=3,
                pool="deal",
            ),
            Prescription(
                "answer",
                Text("直播里先答三个常见疑问", "Answer the three usual doubts on air first"),
                "reviews",
                "host",
                controllable=True,
                priority=2,
                variable=Text("口播顺序", "order of the talk"),
                judged_by="ctor",
                within_days=0,
                judged_after_days=1,
                pool="content",
            ),
        ),
    ),
    "S6": Scene(
        "S6",
        Text("退款突增", "Refund spike"),
        (Condition("refund_rate", "high"),),
        ("shop", "product"),
        (
            Cause(
                "overclaim",
                Text("内容说过头了", "the content promises too much"),
                controllable=True,
            ),
            Cause("batch", Text("这一批货有问题", "something is wrong with the batch"), True),
        ),
        (
            Prescription(
                "unfit",
                Text(
                    "在视频和页面里说清楚不适合谁",
                    "Say in the video and on the page for whom it is not",
                ),
                "overclaim",
                "content",
                controllable=True,
                priority=1,
                variable=Text("适用说明", "who it is for"),
                judged_by="refund_rate",
                within_days=0,
                judged_after_days=7,
                pool="content",
            ),
            Prescription(
                "stop",
                Text("发下一单前先抽检这一批", "Check the batch before the next parcel"),
                "batch",
                "logistics",
                controllable=True,
                priority=2,
                variable=Text("批次", "batch"),
                judged_by="refund_rate",
                within_days=1,
                judged_after_days=7,
                pool="service",
            ),
        ),
        alert=True,
    ),
}

CALENDAR = (
    CalendarRow(
        "33",
        Text("3·3 大促", "3.3 sale"),
        ("UK", "ID", "US"),
        date(2026, 3, 3),
        date(2026, 3, 4),
        "campaign",
        1.8,
        before=1,
        after=2,
    ),
)
_ROLES = {
    "operator": ("运营", "operator"),
    "content": ("内容", "content"),
    "host": ("主播", "host"),
    "buyer": ("投手", "media buyer"),
    "service": ("客服", "service"),
    "logistics": ("仓储", "warehouse"),
    "creator_manager": ("达人运营", "creator manager"),
    "manager": ("管理者", "manager"),
}
BOOK = Book(
    measures=MEASURES,
    metrics=METRICS,
    funnels=FUNNELS,
    ranges=tuple(RANGES.values()),
    scenes=SCENES,
    calendar=CALENDAR,
    roles={key: Role(key, Text(*names)) for key, names in _ROLES.items()},
)
