"""Days by hand: units, readings, funnels and findings as a diagnosis would bring them."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.card import Mention
from bot.say.voice import Voice
from diagnostics.decompose import Slice, log_mean, rate_mix
from diagnostics.detail import Detail
from diagnostics.drivers import Drivers, Factor
from diagnostics.locate import Search
from diagnostics.mixes import Mix
from diagnostics.panel import Unit
from diagnostics.reading import (
    Compared,
    Diagnosis,
    Doubt,
    Evidence,
    Expected,
    Finding,
    FunnelReading,
    Hypothesis,
    Light,
    Moved,
    Position,
    Reading,
    ShopDay,
    StepReading,
    Trend,
    Trust,
    Why,
)
from storage.sources import feeds
from tests.cards.book import BOOK, CALENDAR, RANGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diagnostics.book.rows import Lang, RangeRow

THURSDAY = date(2026, 3, 12)
UK = Unit("uk-beauty", "shop", "英国美妆店", "uk-beauty", "", "UK", "beauty", currency="GBP")
INDONESIA = Unit("id-home", "shop", "印尼家居店", "id-home", "", "ID", "home", currency="IDR")
US = Unit("us-apparel", "shop", "美国服装店", "us-apparel", "", "US", "apparel", currency="USD")
ENGLISH = {"uk-beauty": "UK beauty", "id-home": "ID home", "us-apparel": "US apparel"}
LIVE = Unit(
    "uk-beauty/live-0312",
    "live",
    "Spring glow",
    "uk-beauty",
    "uk-beauty",
    "UK",
    "beauty",
    currency="GBP",
    started=datetime(2026, 3, 12, 20, 0),  # noqa: DTZ001  local time of the shop
    ended=datetime(2026, 3, 12, 22, 40),  # noqa: DTZ001
)
LINEN = Unit(
    "us-apparel/product-881",
    "product",
    "Linen set",
    "us-apparel",
    "us-apparel",
    "US",
    "apparel",
    currency="USD",
)
UNITS = {unit.key: unit for unit in (UK, INDONESIA, US, LIVE, LINEN)}
LIN = Mention("lin", "林")
MIA = Mention("mia", "Mia")
_OWNERS = {"operator": (LIN,), "content": (MIA,), "logistics": (Mention("warehouse", "Warehouse"),)}


def voice(lang: Lang, **units: Unit) -> Voice:
    """Return a voice of the catalogue's team."""
    names = (
        UNITS
        if lang == "zh"
        else {key: replace(unit, name=ENGLISH.get(key, unit.name)) for key, unit in UNITS.items()}
    )
    return Voice(
        lang=lang,
        book=BOOK,
        people=lambda role, _unit: _OWNERS.get(role, ()),
        units={**names, **{unit.key: unit for unit in units.values()}},
        rates={"GBP": 1.27, "IDR": 0.0000613, "VND": 0.0000393, "JPY": 0.0067},
        currency="USD",
        past={"page": (2, 3)},
        feeds=feeds.names(),
    )


def reading(
    metric: str,
    value: float | None,
    *,
    unit: str = "uk-beauty",
    usual: float | None = None,
    bounds: RangeRow | None = None,
    light: Light = "green",
    position: Position = "inside",
    peers: float | None = None,
    over: float | None = None,
    why: Why = "",
    day: date = THURSDAY,
    calendar: tuple[str, ...] = (),
) -> Reading:
    """Return a reading; what it is compared with makes its change."""
    expected = None
    if usual is not None:
        expected = Expected(usual * 0.9, usual, usual * 1.1, 8, "weekday", calendar)
    change = value / usual - 1 if value is not None and usual else None
    return Reading(
        metric,
        unit,
        day,
        value,
        why,
        over=over,
        range=bounds,
        position=position,
        expected=expected,
        change=change,
        unusual=change is not None and abs(change) > 0.1,
        light=light,
        sureness="sure",
        peers=peers,
        peer_count=4 if peers is not None else 0,
    )


def funnel(
    unit: str, gmv: Reading, *, lost: float = 2130, scale: float = 1, leak: str = "orders"
) -> FunnelReading:
    """Return a shop's or a session's funnel that leaks at one step.

    Its counts were to be such that the money lost per step is what stands here.
    """
    steps = (
        ("impressions", 412_000, "", 0.0, None, -120.0),
        ("views", 117_832, "view_rate", 0.286, 0.281, -60.0),
        ("engage", 4_831, "engagement_rate", 0.041, 0.04, None),
        ("product_clicks", 4_006, "click_rate", 0.034, 0.0335, 40.0),
        ("add_to_cart", 561, "add_to_cart_rate", 0.14, 0.152, 310.0),
        ("orders", 112, "cart_to_pay", 0.12, 0.24, 1960.0),
        ("delivered", None, "delivery_rate", None, None, None),
    )
    rows = []
    weight = 0.0
    if gmv.value is not None and gmv.expected is not None:
        weight = log_mean(gmv.value, gmv.expected.mid)
    missed = 0.0
    for key, count, rate, value, usual, money in steps:
        leaks = key == leak
        number = None if count is None else count * scale
        missed += (money or 0.0) * lost / 2130
        wish = number * math.exp(missed / weight) if weight and number is not None else None
        counted = reading(
            key,
            number,
            unit=unit,
            usual=wish,
            light="grey",
            why="" if number is not None else "missing",
        )
        rated = None
        if rate:
            rated = reading(
                rate,
                value,
                unit=unit,
                usual=usual,
                bounds=RANGES.get(rate),
                light="grey" if value is None else "red" if leaks else "green",
                position="below" if leaks else "inside",
                why="missing" if value is None else "",
                peers=0.25 if leaks else None,
            )
        share = None if money is None else money * lost / 2130
        rows.append(StepReading(key, counted, rated, share, is_leak=leaks))
    return FunnelReading(unit, THURSDAY, 1, tuple(rows), gmv, None, lost, 0.0, leak)


def mixed() -> Detail:
    """Return a day on which no product converts worse but more clicks go to the poor ones."""
    old = {"a": {"of": 240.0, "over": 1000.0}, "b": {"of": 100.0, "over": 1000.0}}
    now = {"a": {"of": 50.0, "over": 200.0}, "b": {"of": 176.0, "over": 1800.0 * 0.95}}
    split = rate_mix(old, now, "of", "over")
    before, after = 340.0 / 2000.0, 226.0 / (200.0 + 1800.0 * 0.95)
    product = Slice({"unit": LINEN.key}, 2400.0, 1100.0, -1300.0, 3.2, 0.61)
    parts = (
        ("gmv", 10542.0, 8412.0, 1),
        ("cost_goods", 3100.0, 2480.0, -1),
        ("ad_cost", 1500.0, 1490.0, -1),
    )
    factors = tuple(
        Factor(key, "", before, after, sign * (after - before), None, None, named=False)
        for key, before, after, sign in parts
    )
    change = sum(one.effect for one in factors)
    profit = Drivers("profit", UK.key, 4442.0, 4442.0 - change, change, factors)
    return Detail(
        profit,
        (Mix("cart_to_pay", "product", before, after, split, 0.97),),
        Search((product,), (product,), "found"),
    )


def trend(unit: str, value: float, day: date = THURSDAY, metric: str = "gmv") -> Trend:
    """Return fourteen days that end with the value, one of them missing."""
    dates = tuple(day - timedelta(days) for days in range(13, -1, -1))
    shape = (1.0, 1.04, 1.2, 1.25, 0.96, 0.98, 1.01, 1.02, 1.05, 1.22, 1.28, 0.97, 0.99)
    values = [value * 1.25 * part for part in shape]
    expected = tuple(round(part * 0.99, 4) for part in (*values, value * 1.25))
    shown: list[float | None] = [round(part, 4) for part in (*values, value)]
    shown[4] = None
    return Trend(metric, unit, dates, tuple(shown), expected)


def trust(arrived: int = 5, due: int = 5, *doubts: Doubt) -> Trust:
    """Return how much has arrived, by 08:05."""
    return Trust(arrived, due, datetime(2026, 3, 13, 8, 5, tzinfo=UTC), doubts)


def bad_day() -> ShopDay:
    """Return the UK shop's day: conversion fell, refunds are high."""
    gmv = reading("gmv", 8412, usual=10542, bounds=RANGES["gmv"], light="red", position="below")
    headline = {
        "gmv": gmv,
        "orders": reading("orders", 391, usual=470, light="yellow", position="unknown"),
        "profit": reading("profit", 1020, light="yellow", position="unknown"),
        "margin": reading("margin", 0.121, bounds=RANGES["margin"], light="red", position="below"),
        "refund_rate": reading(
            "refund_rate", 0.068, bounds=RANGES["refund_rate"], light="red", position="above"
        ),
        "roas": reading("roas", 2.1, usual=2.6, light="yellow", position="below"),
        "break_even_roas": reading("break_even_roas", 2.4, light="grey"),
    }
    return ShopDay(
        UK, headline, funnel("uk-beauty", gmv), trend("uk-beauty", 8412), trust(), (), "red"
    )


def good_day(unit: Unit, gmv: float, usual: float, day: date = THURSDAY) -> ShopDay:
    """Return a day better than usual, carried by more views."""
    value = reading("gmv", gmv, unit=unit.key, usual=usual, day=day)
    orders = reading("orders", 812, unit=unit.key, usual=770, day=day)
    refunds = reading("refund_rate", 0.021, unit=unit.key, bounds=RANGES["refund_us"], day=day)
    flat = funnel(unit.key, value, lost=usual - gmv, leak="")
    won = {"impressions": 0.0, "views": usual - gmv}
    steps = tuple(
        replace(
            step,
            lost=won.get(step.step),
            rate=reading("cart_to_pay", 0.243, unit=unit.key, usual=0.24)
            if step.step == "orders"
            else step.rate,
        )
        for step in flat.steps
    )
    return ShopDay(
        unit,
        {"gmv": value, "orders": orders, "refund_rate": refunds},
        replace(flat, steps=steps, day=day),
        trend(unit.key, gmv, day),
        trust(),
        (),
        "green",
    )


def us_day() -> ShopDay:
    """Return the US shop's day: GMV fine, refunds above the range."""
    day = good_day(US, 21_480, 21_300)
    refunds = reading(
        "refund_rate",
        0.086,
        unit="us-apparel",
        bounds=RANGES["refund_us"],
        light="yellow",
        position="above",
    )
    return replace(day, headline={**day.headline, "refund_rate": refunds}, light="yellow")


def live_finding(number: int = 0) -> Finding:
    """Return the live session that converts badly; a number makes it another session."""
    unit = "uk-beauty/live-0312" if not number else f"uk-beauty/live-{400 + number:04d}"
    figure = reading(
        "ctor",
        0.021,
        unit=unit,
        usual=0.035,
        bounds=RANGES["ctor"],
        light="red" if number < 3 else "yellow",
        position="below",
        peers=0.036,
    )
    cart = reading("add_to_cart_rate", 0.137, unit=unit, light="green")
    pay = reading("cart_to_pay", 0.15, unit=unit, usual=0.25, light="red", position="below")
    return Finding(
        f"{unit}|S3",
        unit,
        "S3",
        "orders",
        figure,
        lost=1120 / (number + 1),
        lost_profit=None,
        since=THURSDAY,
        sureness="sure",
        controllable=True,
        alert=False,
        hypotheses=(
            Hypothesis("S3", "freight", (Evidence(pay, True), Evidence(cart, False))),
            Hypothesis("S3", "reviews"),
        ),
        prescriptions=("page", "answer"),
    )


def refund_finding(unit: Unit = LINEN) -> Finding:
    """Return the product whose refunds spiked since Tuesday."""
    figure = reading(
        "refund_rate",
        0.142,
        unit=unit.key,
        usual=0.048,
        bounds=RANGES["refund_us"],
        light="red",
        position="above",
    )
    bad = reading("bad_review_rate", 0.64, unit=unit.key, usual=0.12, light="red", position="above")
    return Finding(
        f"{unit.key}|S6",
        unit.key,
        "S6",
        "",
        figure,
        lost=2210,
        lost_profit=640,
        since=date(2026, 3, 10),
        sureness="sure",
        controllable=True,
        alert=True,
        hypotheses=(
            Hypothesis("S6", "overclaim", (Evidence(bad, True),)),
            Hypothesis("S6", "batch"),
        ),
        prescriptions=("unfit", "stop"),
        reasons={
            "refunds_mismatch": 0.61,
            "refunds_quality": 0.22,
            "refunds_late": 0.09,
            "refunds_other": 0.08,
        },
    )


def group_finding() -> Finding:
    """Return refunds that rose at all shops at once."""
    one = refund_finding(UK)
    unit = "uk-beauty/all"
    figure = replace(one.reading, unit=unit, range=None, change=1.96, unusual=True)
    moved = (Moved("us-apparel", 2.4), Moved("uk-beauty", 1.9), Moved("id-home", 1.5))
    return replace(
        one,
        key=f"{unit}|S6",
        unit=unit,
        reading=figure,
        controllable=False,
        hypotheses=(),
        prescriptions=(),
        reasons=None,
        scope="company",
        others=moved,
        asked=3,
    )


def lone_finding() -> Finding:
    """Return what only one of six shops has."""
    beside = Compared(-0.42, -0.01, -0.41, -0.15, 0.18, 5, "alone")
    return replace(live_finding(), compared=beside)


def few_finding() -> Finding:
    """Return something that stands on twelve orders."""
    one = live_finding()
    few = replace(one.reading, over=12.0, light="yellow")
    return replace(one, reading=few, sureness="too_few", hypotheses=())


def diagnosis(
    shops: Sequence[ShopDay],
    findings: Sequence[Finding] = (),
    *,
    at: Trust | None = None,
    units: Mapping[str, Unit] | None = None,
    day: date = THURSDAY,
) -> Diagnosis:
    """Return the day of some shops; names stay those that the voice knows."""
    return Diagnosis(day, tuple(shops), tuple(findings), units or {}, at or trust())


CAMPAIGN = CALENDAR[0]
