"""Figures in the reader's habit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.say import figures

if TYPE_CHECKING:
    from diagnostics.book.rows import Lang, Measured


@pytest.mark.parametrize(
    ("value", "currency", "zh", "en"),
    [
        (8412, "GBP", "£8,412", "£8,412"),
        (21.5, "GBP", "£21.50", "£21.50"),
        (99_999, "USD", "$99,999", "$99,999"),
        (412_300, "USD", "$41.2万", "$412k"),
        (1_240_000, "USD", "$124万", "$1.24M"),
        (182_000_000, "IDR", "Rp 1.82亿", "Rp 182M"),
        (84_200, "IDR", "Rp 84,200", "Rp 84,200"),
        (1.5, "IDR", "Rp 2", "Rp 2"),
        (1_090_000_000, "VND", "10.9亿₫", "1.09B₫"),
        (109_182, "VND", "10.9万₫", "109k₫"),
        (91_820, "JPY", "JP¥91,820", "¥91,820"),
        (91_820, "CNY", "¥91,820", "CN¥91,820"),
        (12, "XYZ", "XYZ 12", "XYZ 12"),
        (12, "", "12", "12"),
        (-2130, "GBP", "−£2,130", "−£2,130"),
        (-0.001, "GBP", "£0", "£0"),
        (0, "GBP", "£0", "£0"),
        (99_999_999, "USD", "$1亿", "$100M"),
    ],
)
def test_money(value: float, currency: str, zh: str, en: str) -> None:
    assert figures.money(value, currency, "zh") == zh
    assert figures.money(value, currency, "en") == en


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (391, "391", "391"),
        (9999, "9,999", "9,999"),
        (10_000, "1万", "10k"),
        (412_000, "41.2万", "412k"),
        (999_999, "100万", "1M"),
        (99_996_000, "1亿", "100M"),
        (4_120_000_000, "41.2亿", "4.12B"),
    ],
)
def test_counts(value: float, zh: str, en: str) -> None:
    assert figures.count(value, "zh") == zh
    assert figures.count(value, "en") == en


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.028, "2.8%"),
        (0.14, "14%"),
        (0.0046, "0.46%"),
        (0.00999, "1%"),
        (0, "0%"),
        (1, "100%"),
        (-0.05, "−5%"),
    ],
)
def test_rates(value: float, said: str) -> None:
    assert figures.rate(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.06, "+6%"), (-0.2, "−20%"), (0.001, "±0%"), (11.0, "×12"), (-1.0, "−100%")],
)
def test_changes(value: float, said: str) -> None:
    assert figures.percent(value) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.032, 0.045, "3.2–4.5%"), (0.18, None, "≥18%"), (None, 0.05, "≤5%"), (None, None, "")],
)
def test_ranges(low: float | None, high: float | None, said: str) -> None:
    assert figures.span(low, high, "ratio", "GBP", "en") == said


def test_a_range_of_money_names_its_currency_once() -> None:
    assert figures.span(9500, 11_000, "money", "GBP", "zh") == "£9,500–11,000"
    assert figures.span(1e8, 1.2e8, "money", "VND", "zh") == "1亿–1.2亿₫"
    assert figures.span(95, 95, "money", "GBP", "en") == "£95"


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [(8.4, "8.4秒", "8.4 s"), (125, "2分5秒", "2 min 5 s"), (4800, "1小时20分", "1 h 20 min")],
)
def test_durations(value: float, zh: str, en: str) -> None:
    assert figures.seconds(value, "zh") == zh
    assert figures.seconds(value, "en") == en


@given(
    st.floats(-1e14, 1e14),
    st.sampled_from(["count", "money", "ratio", "seconds", "score", "times"]),
    st.sampled_from(["zh", "en"]),
)
def test_any_number_can_be_said_shortly(
    value: float,
    unit: Measured,
    lang: Lang,
) -> None:
    said = figures.figure(value, unit, "GBP", lang)
    assert any(letter.isdigit() for letter in said)
    assert "nan" not in said
    assert "e+" not in said
    assert unit not in {"count", "money"} or len(said) < 16
