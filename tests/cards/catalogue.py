"""Every kind of card the bot posts, in both languages, and the worst that data can bring."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from math import nan
from typing import TYPE_CHECKING, Literal

from bot.say import errors, kpi, metric, notices, review, trend, weekly, why
from bot.say import help as helping
from bot.say.alert import Stand, alert, gone, grouped
from bot.say.digest import digest
from bot.say.funnel import funnel
from bot.say.updates import update
from diagnostics.alerts import Left
from diagnostics.book.rows import Text
from diagnostics.panel import Unit
from diagnostics.patience import Heard, Precision
from diagnostics.reading import Control, Doubt, Trust
from tests.cards import values
from tests.cards.book import BOOK, RANGES
from tests.cards.life import LIFE
from tests.cards.slides import SLIDES
from tests.cards.values import INDONESIA, LINEN, THURSDAY, UK, US

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.card import Card
    from bot.say.voice import Voice
    from diagnostics.book.rows import Lang

LANGS: tuple[Lang, ...] = ("zh", "en")
Kind = Literal["digest", "alert", "other"]

HOSTILE = ("<!channel> & <@U1>", "<at id=all></at>", "*bold* `code` _x_ {day} \\ |")
LONG = "超长商品名 extra long product name " * 9
SEVEN = datetime(2026, 3, 13, 9, 0, tzinfo=UTC)

MONDAY, SUNDAY = date(2026, 3, 9), date(2026, 3, 15)

_COMMANDS = (
    (
        "funnel",
        Text("/funnel <名称> [7d]", "/funnel <unit> [7d]"),
        Text("一个店、一场直播或一个商品的漏斗", "the funnel of a shop, a LIVE or a product"),
    ),
    ("kpi", Text("/kpi [店]", "/kpi [shop]"), Text("所有指标和目标", "all figures and ranges")),
    ("metric", Text("/metric <名称>", "/metric <name>"), Text("指标怎么算", "what a figure means")),
)


def product(number: int, name: str, currency: str = "USD") -> Unit:
    """Return a product of the US shop."""
    key = f"us-apparel/product-{number}"
    return Unit(
        key, "product", name, "us-apparel", "us-apparel", "US", "apparel", currency=currency
    )


def _knowing(voice: Voice, *units: Unit) -> Voice:
    return voice.knowing({unit.key: unit for unit in units})


def _bad_digest(voice: Voice) -> Card:
    return digest(
        values.diagnosis([values.bad_day()], [values.live_finding(), values.few_finding()]), voice
    )


def _many_digest(voice: Voice) -> Card:
    shops = [values.bad_day(), values.good_day(INDONESIA, 182e6, 171.6e6), values.us_day()]
    found = [values.live_finding(), values.refund_finding()]
    found += [values.live_finding(number) for number in range(1, 7)]
    return digest(values.diagnosis(shops, found), voice, late=SEVEN)


def _good_digest(voice: Voice) -> Card:
    return digest(values.diagnosis([values.good_day(INDONESIA, 182e6, 171.6e6)]), voice)


def _late_digest(voice: Voice) -> Card:
    late = Doubt("late", "uk-beauty", THURSDAY, feed="orders", blocks=True)
    gone = Doubt("missing", "uk-beauty", THURSDAY, feed="gmvmax_daily", blocks=True)
    trust = values.trust(3, 5, late, gone)
    shop = replace(values.bad_day(), trust=trust)
    return digest(values.diagnosis([shop], [values.live_finding()], at=trust), voice)


def _one_late_digest(voice: Voice) -> Card:
    late = Doubt("late", "us-apparel", THURSDAY, feed="orders", blocks=True)
    shops = [values.bad_day(), replace(values.us_day(), trust=values.trust(1, 3, late))]
    provisional = Doubt("provisional", "uk-beauty", THURSDAY, measure="refund_rate")
    off = Doubt("total_off", "uk-beauty", THURSDAY, measure="gmv", value=8412, other=8790)
    at = values.trust(6, 8, late, provisional, off)
    return digest(values.diagnosis(shops, [values.live_finding()], at=at), voice)


def _campaign_digest(voice: Voice) -> Card:
    day = date(2026, 3, 3)
    shop = values.good_day(UK, 19_240, 18_700, day)
    funnel_ = replace(
        shop.funnel,
        value=values.reading("gmv", 19_240, usual=18_700, day=day, calendar=("33",)),
    )
    shop = replace(shop, calendar=(values.CAMPAIGN,), funnel=funnel_)
    return digest(values.diagnosis([shop], day=day), voice)


def _rough_digest(voice: Voice) -> Card:
    shop = values.bad_day()
    rough = replace(RANGES["refund_rate"], grade="C")
    refunds = replace(shop.headline["refund_rate"], range=rough)
    shop = replace(shop, headline={**shop.headline, "refund_rate": refunds})
    return digest(values.diagnosis([shop]), voice)


def _empty_digest(voice: Voice) -> Card:
    """Tell a day on which nothing at all is known."""
    none = values.reading("gmv", None, light="grey", position="unknown", why="missing")
    shop = values.bad_day()
    steps = tuple(
        replace(step, count=replace(step.count, value=None, why="missing"), rate=None, lost=None)
        for step in shop.funnel.steps
    )
    bare = replace(
        shop,
        headline={"gmv": none},
        funnel=replace(shop.funnel, value=none, steps=steps, lost=None, aov_lost=None, leak=""),
        trend=replace(shop.trend, values=(None,) * 14, expected=(None,) * 14),
        light="grey",
    )
    return digest(values.diagnosis([bare], at=Trust(0, 0, None)), voice)


def _no_shops_digest(voice: Voice) -> Card:
    return digest(values.diagnosis([], at=Trust(0, 3, None)), voice)


def _two_hundred(voice: Voice) -> Card:
    """Tell a day with 200 sessions that all fell and twelve shops."""
    shops = [values.bad_day()]
    for number in range(11):
        unit = replace(US, key=f"shop-{number}", shop=f"shop-{number}", name=f"Shop {number}")
        shops.append(values.good_day(unit, 1000 + number, 990))
    found = [values.live_finding(number) for number in range(200)]
    return digest(values.diagnosis(shops, found), voice)


def _hostile_digest(voice: Voice) -> Card:
    found, units = [], []
    for number, name in enumerate((*HOSTILE, LONG)):
        units.append(product(number, name))
        found.append(values.refund_finding(units[-1]))
    shop = replace(values.us_day(), unit=replace(US, key="us-apparel", name=HOSTILE[0]))
    known = {**voice.units, "us-apparel": shop.unit}
    return digest(values.diagnosis([shop], found), _knowing(replace(voice, units=known), *units))


def _not_a_number(voice: Voice) -> Card:
    shop = values.bad_day()
    refunds = replace(shop.headline["refund_rate"], value=nan)
    series = replace(shop.trend, values=(nan, *shop.trend.values[1:]))
    shop = replace(shop, headline={**shop.headline, "refund_rate": refunds}, trend=series)
    found = replace(values.live_finding(), lost=nan, lost_profit=nan)
    return digest(values.diagnosis([shop], [found]), voice)


def _alert(
    stand: Stand | None = None, unit: Unit = LINEN, heard: Heard | None = None
) -> Callable[[Voice], Card]:
    def card(voice: Voice) -> Card:
        found = values.refund_finding(unit)
        return alert(found, values.diagnosis([], [found]), _knowing(voice, unit), stand, heard)

    return card


def _plain_alert(voice: Voice) -> Card:
    """Tell a finding that fits no scene, on twelve clicks."""
    found = replace(values.few_finding(), scene="", prescriptions=(), alert=True)
    return alert(found, values.diagnosis([], [found]), voice)


def _together_digest(voice: Voice) -> Card:
    shops = [values.bad_day(), values.good_day(INDONESIA, 182e6, 171.6e6), values.us_day()]
    told = Control(budget=0.1, expected_false=0.05, past_alarms=0.3, precision=0.83)
    found = [values.group_finding(), values.lone_finding()]
    found += [values.live_finding(number) for number in range(1, 6)]
    return digest(replace(values.diagnosis(shops, found), control=told), voice)


def _together_alert(voice: Voice) -> Card:
    found = values.group_finding()
    return alert(found, values.diagnosis([], [found]), voice)


def _more_of_the_day(voice: Voice) -> Card:
    found = [values.refund_finding(product(number, f"Linen {number}")) for number in range(3)]
    return grouped(found, values.diagnosis([], found), voice, more=True)


def _worse(voice: Voice) -> Card:
    found = values.refund_finding()
    return update("worse", found.key, found.since, THURSDAY, found, voice)


def _funnel(voice: Voice) -> Card:
    unit = "uk-beauty/live-0312"
    gmv = values.reading("gmv", 2310, unit=unit, usual=3430, light="red", position="below")
    return funnel(values.funnel(unit, gmv, lost=1120, scale=0.2), voice)


def _funnel_week(voice: Voice) -> Card:
    key = "id-home"
    gmv = values.reading("gmv", 1.24e9, unit=key, usual=1.19e9)
    flat = values.funnel(key, gmv, lost=-5e7, scale=31, leak="")
    return funnel(replace(flat, days=7, aov=values.reading("aov", 84_200, unit=key)), voice)


def _funnel_empty(voice: Voice) -> Card:
    gmv = values.reading("gmv", None, light="grey", position="unknown", why="missing")
    flat = values.funnel("uk-beauty", gmv, leak="")
    steps = tuple(
        replace(step, count=replace(step.count, value=None), rate=None, lost=None)
        for step in flat.steps
    )
    return funnel(replace(flat, steps=steps, lost=None, aov_lost=None), voice)


def _kpi(voice: Voice) -> Card:
    return kpi.kpi(values.diagnosis([values.bad_day(), values.us_day()]), voice)


def _kpi_one(voice: Voice) -> Card:
    return kpi.kpi(values.diagnosis([values.bad_day()]), voice)


def _trend(voice: Voice) -> Card:
    return trend.trend(values.trend("uk-beauty", 0.021, metric="ctor"), voice)


def _trend_dong(voice: Voice) -> Card:
    hanoi = Unit("vn-home", "shop", "Hà Nội", "vn-home", country="VN", currency="VND")
    return trend.trend(values.trend("vn-home", 1.09e9), _knowing(voice, hanoi))


def _trend_yen(voice: Voice) -> Card:
    tokyo = Unit("jp", "shop", "東京", "jp", country="JP", currency="JPY")
    empty = replace(values.trend("jp", 91_820), values=(None,) * 14)
    return trend.trend(empty, _knowing(voice, tokyo))


def _metric(voice: Voice) -> Card:
    ranges = [(UK, RANGES["refund_rate"]), (US, replace(RANGES["refund_us"], grade="C"))]
    return metric.metric(BOOK.metrics["refund_rate"], voice, ranges)


def _metric_bare(voice: Voice) -> Card:
    return metric.metric(BOOK.metrics["profit"], voice)


def _why(voice: Voice) -> Card:
    day = values.bad_day()
    return why.why(day.funnel, [values.live_finding(), values.refund_finding()], voice)


def _why_nothing(voice: Voice) -> Card:
    day = values.good_day(INDONESIA, 182e6, 171.6e6)
    return why.why(day.funnel, [], voice)


def _review_form(voice: Voice) -> Card:
    return review.form(7, values.refund_finding(), voice, owners=(values.LIN, values.MIA))


def _gathered(voice: Voice, *, closed: bool = False) -> review.Gathered:
    zh = voice.lang == "zh"
    said = {
        "hypotheses": [review.Said("林", "新视频说「厚亚麻」" if zh else "the video says thick")],
        "action": [review.Said("Mia", "改了口播" if zh else "changed the talk")],
        "": [review.Said("Ana", HOSTILE[0]), review.Said("Bo", LONG)],
    }
    if closed:
        said["result"] = [review.Said("Mia", "14.2% → 6.1%")]
    title = "退款突增 · 商品「Linen set」" if zh else "Refund spike · product “Linen set”"
    return review.Gathered(
        7,
        title,
        THURSDAY,
        said,
        () if closed else ("Warehouse",),
        date(2026, 3, 19) if closed else None,
        ("保留新口播" if zh else "keep the new talk") if closed else "",
    )


def _weekly(voice: Voice) -> Card:
    days = (values.bad_day(), values.good_day(INDONESIA, 1.82e8, 1.72e8))
    funnels = tuple(replace(one.funnel, day=SUNDAY, days=7) for one in days)
    troubles = (
        weekly.Trouble(values.LIVE.key, "S3", "cart_to_pay", 1, 1120.0, "GBP"),
        weekly.Trouble(LINEN.key, "S6", "refund_rate", 4, 640.0, "USD"),
        weekly.Trouble(UK.key, "", "response_time", 2, 0.0, "GBP"),
    )
    week = weekly.Week(
        MONDAY,
        SUNDAY,
        funnels,
        troubles,
        3,
        1,
        2,
        alerts=7,
        answered={"": Precision(5, 1), "S3": Precision(5, 1)},
        lately={"": Precision(12, 6), "S3": Precision(11, 2), "S6": Precision(1, 4)},
    )
    return weekly.weekly(week, voice)


def _weekly_calm(voice: Voice) -> Card:
    funnels = (replace(values.good_day(UK, 10_540, 10_500).funnel, day=SUNDAY, days=7),)
    return weekly.weekly(weekly.Week(MONDAY, SUNDAY, funnels, (), 0, 0, 0), voice)


def _weekly_empty(voice: Voice) -> Card:
    return weekly.weekly(weekly.Week(MONDAY, SUNDAY, (), (), 0, 0, 0), voice)


def _settled(voice: Voice) -> Card:
    left = Left(replace(values.refund_finding().reading, light="grey"), 0.048)
    return update("settled", f"{LINEN.key}|S6", MONDAY, THURSDAY, None, voice, left)


def _acked(voice: Voice) -> Card:
    return _alert(Stand("acked", "Mia", "09:12"))(voice)


CATALOGUE: Mapping[str, tuple[Kind, Callable[[Voice], Card]]] = {
    "digest_bad": ("digest", _bad_digest),
    "digest_many": ("digest", _many_digest),
    "digest_good": ("digest", _good_digest),
    "digest_late": ("digest", _late_digest),
    "digest_one_late": ("digest", _one_late_digest),
    "digest_campaign": ("digest", _campaign_digest),
    "digest_rough": ("digest", _rough_digest),
    "digest_together": ("digest", _together_digest),
    "digest_empty": ("digest", _empty_digest),
    "digest_no_shops": ("other", _no_shops_digest),
    "digest_two_hundred": ("digest", _two_hundred),
    "digest_hostile": ("digest", _hostile_digest),
    "digest_not_a_number": ("digest", _not_a_number),
    "alert_open": ("alert", _alert()),
    "alert_acked": ("alert", _acked),
    "alert_snoozed": ("alert", _alert(Stand("snoozed", "Mia", until=date(2026, 3, 15)))),
    "alert_recovered": ("alert", _alert(Stand("recovered", days=3))),
    "alert_settled": ("alert", _alert(Stand("settled", days=4))),
    "alert_withdrawn": (
        "alert",
        lambda voice: gone(
            f"{LINEN.key}|S6", None, THURSDAY, Stand("withdrawn"), _knowing(voice, LINEN)
        ),
    ),
    "alert_false": ("alert", _alert(Stand("false_alarm", "Mia"))),
    "alert_heard": ("alert", _alert(heard=Heard(3, 1, date(2026, 3, 2), 1.36))),
    "alert_plain": ("alert", _plain_alert),
    "alert_hostile": ("alert", _alert(unit=product(1, HOSTILE[1]))),
    "alert_long": ("alert", _alert(unit=product(2, LONG))),
    "alert_together": ("alert", _together_alert),
    "alert_more_of_the_day": ("alert", _more_of_the_day),
    **LIFE,
    **SLIDES,
    "update_worse": ("other", _worse),
    "update_settled": ("other", _settled),
    "update_withdrawn": (
        "other",
        lambda voice: update("withdrawn", f"{LINEN.key}|S6", THURSDAY, THURSDAY, None, voice),
    ),
    "update_recovered": (
        "other",
        lambda voice: update(
            "recovered",
            "us-apparel/product-881|S6",
            date(2026, 3, 9),
            THURSDAY,
            None,
            voice,
        ),
    ),
    "funnel_live": ("other", _funnel),
    "funnel_week": ("other", _funnel_week),
    "funnel_empty": ("other", _funnel_empty),
    "kpi_one": ("other", _kpi_one),
    "kpi_two": ("other", _kpi),
    "trend_rate": ("other", _trend),
    "trend_dong": ("other", _trend_dong),
    "trend_nothing": ("other", _trend_yen),
    "metric": ("other", _metric),
    "metric_bare": ("other", _metric_bare),
    "why": ("other", _why),
    "why_mix": ("other", lambda one: why.why(values.bad_day().funnel, [], one, values.mixed())),
    "why_nothing": ("other", _why_nothing),
    "review_form": ("other", _review_form),
    "review_summary": ("other", lambda voice: review.summary(_gathered(voice), voice)),
    "review_reminder": (
        "other",
        lambda voice: review.reminder(_gathered(voice), (values.LIN,), voice),
    ),
    "review_closed": (
        "other",
        lambda voice: review.closing(_gathered(voice, closed=True), voice),
    ),
    "review_list": (
        "other",
        lambda voice: review.listed([_gathered(voice), _gathered(voice, closed=True)], voice),
    ),
    "weekly": ("other", _weekly),
    "weekly_calm": ("other", _weekly_calm),
    "weekly_empty": ("other", _weekly_empty),
    "help": ("other", lambda voice: helping.help_(_COMMANDS, voice)),
    "unknown_unit": (
        "other",
        lambda voice: errors.unknown_unit("live-0321", (values.LIVE, LINEN, UK), voice),
    ),
    "failed": ("other", lambda voice: errors.failed("7f3a9c", voice)),
    "judged_false": (
        "other",
        lambda voice: notices.judged(
            "Mia", voice, good=False, heard=Heard(3, 0, date(2026, 3, 2), 1.37)
        ),
    ),
    "skipped": ("other", lambda voice: notices.skipped(SEVEN, THURSDAY, voice)),
}
"""Name → what kind of message it is, and the card in a voice."""


def card(name: str, lang: Lang) -> Card:
    """Return a card of the catalogue in a language."""
    _kind, made = CATALOGUE[name]
    return made(values.voice(lang))


def cards() -> list[tuple[str, Card]]:
    """Return every card with its golden file's name, such as "alert_open.zh"."""
    return [(f"{name}.{lang}", card(name, lang)) for name in CATALOGUE for lang in LANGS]
