"""How a number is read aloud: money, counts, rates and changes in the reader's own habit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, assert_never

if TYPE_CHECKING:
    from diagnostics.book.rows import Lang, Measured

MINUS = "−"
DASH = "–"


@dataclass(frozen=True, slots=True)
class Currency:
    """How amounts of a currency are written; `decimals` for small amounts."""

    before: str = ""
    after: str = ""
    decimals: int = 2


_CURRENCIES = {
    "GBP": Currency("£"),
    "USD": Currency("$"),
    "EUR": Currency("€"),
    "IDR": Currency("Rp ", decimals=0),
    "VND": Currency(after="₫", decimals=0),
    "JPY": Currency("¥", decimals=0),
    "CNY": Currency("¥"),
    "THB": Currency("฿"),
    "MYR": Currency("RM "),
    "PHP": Currency("₱"),
    "SGD": Currency("S$"),
    "MXN": Currency("MX$"),
    "BRL": Currency("R$"),
    "SAR": Currency("SAR "),
    "AED": Currency("AED "),
}
_YEN = {("JPY", "zh"): Currency("JP¥", decimals=0), ("CNY", "en"): Currency("CN¥")}
_STEPS: dict[Lang, tuple[tuple[float, str], ...]] = {
    "zh": ((1e8, "亿"), (1e4, "万")),
    "en": ((1e9, "B"), (1e6, "M"), (1e3, "k")),
}
_SHORT_FROM = 1e5
"""From which size on an amount is shortened; below it every digit is read."""


def known(value: float | None) -> bool:
    """Say whether there is a number at all: neither missing nor NaN nor infinite."""
    return value is not None and math.isfinite(value)


def _short(value: float, lang: Lang) -> str:
    """Return a size of three digits with 万/亿 or k/M/B; `value` is not negative."""
    rounded = float(f"{value:.3g}")
    for size, letter in _STEPS[lang]:
        if rounded < size:
            continue
        part = rounded / size
        decimals = 2 if part < 10 else 1 if part < 100 else 0
        digits = f"{part:,.{decimals}f}"
        return (digits.rstrip("0").rstrip(".") if decimals else digits) + letter
    return f"{value:,.0f}"


def count(value: float, lang: Lang) -> str:
    """Return a count: 391, 41.2万, 412k."""
    size = abs(value)
    text = _short(size, lang) if size >= 1e4 else f"{size:,.0f}"
    return _signed(text, value)


def money(value: float, currency: str, lang: Lang) -> str:
    """Return an amount: £8,412; Rp 1.82亿 or Rp 182M; 109,000₫; £21.50 for small ones."""
    way = _way(currency, lang)
    size = abs(value)
    if size >= _SHORT_FROM:
        digits = _short(size, lang)
    else:
        small = size < 100 and way.decimals and abs(size - round(size)) > 0.004
        digits = f"{size:,.{way.decimals if small else 0}f}"
    return _signed(f"{way.before}{digits}{way.after}", value)


def rate(value: float) -> str:
    """Return a ratio in percent: 2.8%, 0.46%, 14%; one decimal, two under 1 %."""
    size = abs(value) * 100
    if size == 0:
        return "0%"
    decimals = 2 if size < 0.995 else 1
    text = f"{size:.{decimals}f}"
    return _signed(f"{text.removesuffix('.0')}%", value)


def percent(value: float) -> str:
    """Return a relative change with its sign: +6%, −20%; beyond tenfold as a multiple."""
    if value >= 9.95:
        return f"×{value + 1:.0f}"
    whole = round(value * 100)
    return "±0%" if whole == 0 else f"{'+' if whole > 0 else MINUS}{abs(whole)}%"


def seconds(value: float, lang: Lang) -> str:
    """Return a duration given in seconds: 8.4秒, 2分05秒, 1小时20分; 8.4 s, 2 min 5 s, 1 h 20 min."""
    names = ("小时", "分", "秒", "") if lang == "zh" else (" h", " min", " s", " ")
    if value < 60:
        digits = f"{value:.1f}".removesuffix(".0")
        return f"{digits}{names[2]}"
    whole = round(value)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours}{names[0]}" + (f"{names[3]}{minutes}{names[1]}" if minutes else "")
    return f"{minutes}{names[1]}" + (f"{names[3]}{left}{names[2]}" if left else "")


def figure(value: float, unit: Measured, currency: str, lang: Lang) -> str:
    """Return a value as its metric is measured."""
    match unit:
        case "count":
            return (
                count(value, lang) if abs(value) >= 10 or value == round(value) else f"{value:.1f}"
            )
        case "money":
            return money(value, currency, lang)
        case "ratio":
            return rate(value)
        case "seconds":
            return seconds(value, lang)
        case "score" | "times":
            return _signed(f"{abs(value):.2f}" if abs(value) < 1 else f"{abs(value):,.1f}", value)
        case _:
            assert_never(unit)


def span(low: float | None, high: float | None, unit: Measured, currency: str, lang: Lang) -> str:
    """Return a range: 3.2–4.5%, ≥18%, ≤5%; empty without bounds."""
    if low is not None and high is not None:
        first, last = (figure(bound, unit, currency, lang) for bound in (low, high))
        if unit == "money":
            way = _way(currency, lang)
            first, last = first.removesuffix(way.after), last.removeprefix(way.before)
        if unit == "ratio":
            first = first.removesuffix("%")
        return figure(low, unit, currency, lang) if low == high else f"{first}{DASH}{last}"
    if low is not None:
        return f"≥{figure(low, unit, currency, lang)}"
    return "" if high is None else f"≤{figure(high, unit, currency, lang)}"


def arrow(change: float) -> Literal["▲", "▼", ""]:
    """Return the direction of a change."""
    return "▲" if change > 0 else "▼" if change < 0 else ""


def _way(currency: str, lang: Lang) -> Currency:
    """Return how a currency is written; an unknown one by its code."""
    unknown = Currency(f"{currency} " if currency else "")
    return _YEN.get((currency, lang)) or _CURRENCIES.get(currency, unknown)


def _signed(text: str, value: float) -> str:
    """Put a minus before a text unless all its digits are zero."""
    return MINUS + text if value < 0 and any(digit in text for digit in "123456789") else text
